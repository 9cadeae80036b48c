"""Every error becomes a clear code and sentence: JSON for programs, a page for people; nothing about insides."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect

from queue_server.desk import HallElsewhere
from queue_server.http.door import Busy, said
from queue_server.http.guard import ConsoleLocked, ForeignRequest, NotSignedIn, NotYours, door_of
from queue_server.wire.sentences import DoorCode

log = logging.getLogger(__name__)
AnyRequest = Request[Any, Any, Any]

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (NotSignedIn, DoorCode.NOT_SIGNED_IN),
    (NotYours, DoorCode.NOT_YOUR_ROLE),
    (ForeignRequest, "foreign-request"),
    (ConsoleLocked, "console-locked"),
    (Busy, DoorCode.BUSY),
    (ValidationException, DoorCode.MALFORMED),
)
_STATUS = {404: DoorCode.NOT_FOUND, 405: DoorCode.NOT_FOUND, 413: DoorCode.TOO_LARGE, 429: DoorCode.BUSY}
_OWN = {
    "foreign-request": (
        "页面已过期或请求来自别的网站，请刷新后再试。",
        "The page is out of date or the request came from another site. Load the page again.",
    ),
    "console-locked": ("控制台已锁定，请输入密码解锁。", "The console is locked; enter your password."),
}


def code_of(error: Exception) -> str:
    for kind, code in _CODES:
        if isinstance(error, kind):
            return str(code)
    status = getattr(error, "status_code", 500)
    return str(_STATUS.get(status, DoorCode.INTERNAL if status >= 500 else DoorCode.MALFORMED))


def wants_page(request: AnyRequest) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _sorry(request: AnyRequest, status: int, zh: str, en: str) -> Response[str]:
    """A page for people; what may pass by itself (503) is tried again by itself, so a board comes back alone."""
    return door_of(request).page("sorry.html", status=status, zh=zh, en=en, refresh=status == 503)


def http_trouble(request: AnyRequest, error: HTTPException) -> Response[Any]:
    code, status = code_of(error), error.status_code
    if wants_page(request) and request.method == "GET":
        target = quote(request.url.path, safe="/")
        if isinstance(error, NotSignedIn):
            return Redirect(f"/staff/sign-in?next={target}", status_code=303)
        if isinstance(error, ConsoleLocked):
            return Redirect(f"/staff/unlock?next={target}", status_code=303)
    zh, en = _OWN[code] if code in _OWN else (said(code).zh, said(code).en)
    if wants_page(request):
        return _sorry(request, status, zh, en)
    body = {"kind": "refused", "code": code, "zh": zh, "en": en, "refused": {"code": code, "zh": zh, "en": en}}
    return Response(body, status_code=status, headers={"cache-control": "no-store"})


def hall_elsewhere(request: AnyRequest, error: HallElsewhere) -> Response[Any]:
    """Another server has the hall: send the browser there, keeping method and body; or say so."""
    if error.owner_url:
        query = f"?{request.url.query}" if request.url.query else ""
        return Redirect(f"{error.owner_url.rstrip('/')}{request.url.path}{query}", status_code=307)
    no = said(DoorCode.HALL_ELSEWHERE)
    if wants_page(request):
        return _sorry(request, 503, no.zh, no.en)
    body = {"kind": "refused", **msgspec.to_builtins(no), "refused": msgspec.to_builtins(no)}
    return Response(body, status_code=503)


def fault(request: AnyRequest, error: Exception) -> Response[Any]:
    """A fault of ours: the log gets the place, never the request's values."""
    log.error("fault at %s %s", request.method, request.route_handler.handler_name, exc_info=error)
    no = said(DoorCode.INTERNAL)
    if wants_page(request):
        return _sorry(request, 500, no.zh, no.en)
    return Response({"kind": "refused", **msgspec.to_builtins(no)}, status_code=500)
