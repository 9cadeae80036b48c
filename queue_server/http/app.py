"""The web application: every route, its guard, the headers, the stream hub; nothing is decided here.

``build`` makes a Litestar application around what the server already runs. Its start only remembers the
loop, so that the desk's thread can ring; its end closes every open stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

from queue_server.auth import Auth
from queue_server.cases import Ratings
from queue_server.config import Settings
from queue_server.desk import Desk, HallElsewhere, HallMoved
from queue_server.fleet import Fleet
from queue_server.forecast.foretold import PLAIN, Foretold
from queue_server.http import (
    alarms,
    board,
    booking,
    checklist,
    counter,
    devices,
    kiosk_api,
    manager,
    metrics,
    offline_paper,
    orders,
    pages,
    phone,
    staff,
    staff_booking,
    troubles,
    waiting,
)
from queue_server.http.door import HERE, Door
from queue_server.http.guard import PUBLIC, may_enter, security_headers
from queue_server.http.live import FLEET
from queue_server.inquiries import Inquiries
from queue_server.orders import Commander, TechnicianCodes
from queue_server.people.vault import Vault
from queue_server.plans import Plans
from queue_server.rollouts.beside import Beside
from queue_server.sheets.advisor import Advisor
from queue_server.store.reports import Reports
from queue_server.texter import Texter

MAX_BODY = 65_536
ROUTES = [
    *pages.ROUTES,
    *staff.ROUTES,
    *counter.ROUTES,
    *alarms.ROUTES,
    *manager.ROUTES,
    *board.ROUTES,
    *phone.ROUTES,
    *offline_paper.ROUTES,
    *booking.ROUTES,
    *checklist.ROUTES,
    *staff_booking.ROUTES,
    *waiting.ROUTES,
    *devices.ROUTES,
    *orders.ROUTES,
    *kiosk_api.ROUTES,
    *metrics.ROUTES,
]


def build(
    desk: Desk,
    vault: Vault,
    auth: Auth,
    fleet: Fleet,
    plans: Plans,
    settings: Settings,
    clock: Callable[[], datetime],
    foretold: Foretold = PLAIN,
    *,
    advisor: Advisor | None = None,
    rollouts: Beside | None = None,
    inquiries: Inquiries | None = None,
    texter: Texter | None = None,
    commander: Commander | None = None,
    codes: TechnicianCodes | None = None,
    ratings: Ratings | None = None,
) -> Litestar:
    """The application around running parts. ``app.state.door.hub.close()`` ends all streams at once.

    Without an ``advisor`` no staffing advice is shown; without ``rollouts`` the index alone decides who is called;
    without ``ratings`` none are taken.

    Raises ValueError if a route does not say who may enter.
    """
    door = Door(desk, vault, auth, fleet, plans, settings, clock, Reports(desk.log.engine), foretold, advisor, rollouts)
    door.inquiries = inquiries
    door.texter = texter
    door.commander, door.codes = commander, codes
    door.ratings = ratings

    def moved(moved: HallMoved) -> None:  # on the desk's thread: ring, nothing more
        door.whys.note(moved.hall_id, moved.events)
        door.hub.ring(moved.hall_id)

    desk.listen(moved)
    if advisor is not None:
        advisor.listen(door.hub.ring)
    fleet.listen(lambda _view: door.hub.ring(FLEET))
    if commander is not None:
        commander.listen(lambda: door.hub.ring(FLEET))

    def started() -> None:
        door.hub.open(asyncio.get_running_loop())

    unsaid = [str(handler.handler_name) for handler in ROUTES if "who" not in handler.opt]
    if unsaid:
        raise ValueError(f"routes that do not say who may enter: {unsaid}")
    static = create_static_files_router(
        path="/static", directories=[HERE / "static"], opt={"who": PUBLIC}, include_in_schema=False
    )
    return Litestar(
        route_handlers=[Router("/", route_handlers=ROUTES), static],
        guards=[may_enter],
        dependencies={"door": Provide(lambda: door, sync_to_thread=False, use_cache=True)},
        state=State({"door": door}),
        on_startup=[_async(started)],
        on_shutdown=[_async(door.hub.close)],
        before_send=[security_headers],
        exception_handlers={
            HallElsewhere: troubles.hall_elsewhere,
            HTTPException: troubles.http_trouble,
            Exception: troubles.fault,
        },
        openapi_config=OpenAPIConfig(
            title="叫号 Jiaohao: terminals",
            version="1",
            description="Take a number, check in, book: for registered terminals that cannot speak MQTT.",
            openapi_router=Router("/schema", route_handlers=[], opt={"who": PUBLIC}, include_in_schema=False),
            render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"]), YamlRenderPlugin()],
            components=Components(security_schemes={"terminal": SecurityScheme(type="http", scheme="bearer")}),
        ),
        request_max_body_size=MAX_BODY,
        logging_config=None,
    )


def _async(step: Callable[[], None]) -> Callable[[], object]:
    """A start or stop step that must run on the loop itself."""

    async def run() -> None:
        step()

    return run
