"""The first page: a plain way to every other one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import anyio
from litestar import Request, Response, get

from queue_server.desk import HallElsewhere
from queue_server.domain import calendar
from queue_server.http.door import TheDoor
from queue_server.http.guard import COOKIE, PUBLIC

LINKS = {
    "bench": ("模拟设备台", "Bench of simulated devices"),
    "texts": ("模拟短信", "Simulated text messages"),
    "kiosk": ("自助终端画面", "The kiosk's screen"),
}


@get("/", opt={"who": PUBLIC}, include_in_schema=False)
async def home(request: Request[Any, Any, Any], door: TheDoor) -> Response[str]:
    token = request.cookies.get(COOKIE, "")
    session = await anyio.to_thread.run_sync(door.auth.session, token) if token else None
    halls = []
    for hall_id, plan in door.plans.halls.items():
        try:
            hall = door.hall(hall_id)
        except HallElsewhere:
            continue  # its owner's first page shows it
        halls.append(
            {
                "id": hall_id,
                "name_zh": plan.name_zh,
                "name_en": plan.name_en,
                "open": calendar.is_open(plan, door.clock()),
                "waiting": sum(hall.waiting.values()),
                "windows_open": sum(1 for c in hall.counters.values() if c.is_open),
            }
        )
    named = ((LINKS.get(name, (name, name)), url) for name, url in door.settings.links.items())
    sites = list(door.plans.sites.values())
    return door.page(
        "home.html",
        session=session,
        halls=halls,
        links=[{"zh": zh, "en": en, "url": url, "at": urlsplit(url).netloc} for (zh, en), url in named],
        site_zh=sites[0].name_zh if len(sites) == 1 else "叫号",
        site_sub_zh="" if len(sites) == 1 else "办事大厅的排队与预约",
        site_en=sites[0].name_en if len(sites) == 1 else "Queue and appointments of public service halls",
    )


ROUTES = [home]
