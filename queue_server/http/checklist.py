"""What to bring for a matter, on a phone: opened by the code on a kiosk's checklist, nothing is asked or kept.

It shows the same catalogue as the terminals, in Chinese and English, and leads on to a booking where the matter has
one. Whoever opens it is nobody: no token, no cookie, no script.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

from firmware_cfg.catalogue import load_catalogue
from queue_server.http.door import Part, TheDoor
from queue_server.http.guard import PUBLIC
from queue_server.http.phone import language

AnyRequest = Request[Any, Any, Any]


@get("/m/{matter_id:str}", opt={"who": PUBLIC}, include_in_schema=False)
async def checklist(request: AnyRequest, door: TheDoor, matter_id: Part) -> Response[str]:
    matter = next((one for one in load_catalogue().matters if one.id == matter_id), None)
    if matter is None:
        raise NotFoundException("no such matter")
    wanted = request.query_params.get("hall", "")
    hall = door.plans.halls.get(wanted) or (
        next(iter(door.plans.halls.values())) if len(door.plans.halls) == 1 else None
    )
    own = None if hall is None else hall.matters.get(matter_id)
    return door.page(
        "matter.html",
        matter=matter,
        hall=hall,
        bookable=own is not None and own.bookable,
        lang=language(request.query_params.get("lang")),
        big="big" in request.query_params,
    )


ROUTES = [checklist]
