"""Who may enter a route: nobody, unless the route says so.

Every handler carries ``opt={"who": PUBLIC | TERMINAL | {roles}}``; one without it is refused when the app
is built. Staff routes need the session cookie (HttpOnly, SameSite=Strict), an unlocked console and, to
change anything, the session's CSRF token in the ``X-CSRF`` header or the form field ``csrf``. Requests that
a browser says come from another site are turned away whatever they carry.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

import anyio
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Message, Scope

from queue_server.auth import Role, Session
from queue_server.http.door import Door

PUBLIC = "public"
TERMINAL = "terminal"
COOKIE = "jiaohao"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

CLERK = frozenset({Role.CLERK, Role.MANAGER})
MANAGER = frozenset({Role.MANAGER})
DEVICES = frozenset({Role.TECHNICIAN, Role.MANAGER})
ANY_STAFF = frozenset(Role)

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    b"content-security-policy": _CSP.encode(),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}


class NotSignedIn(HTTPException):
    status_code = 401


class ConsoleLocked(HTTPException):
    """Signed in, but nobody has touched the console for the idle time."""

    status_code = 423


class NotYours(HTTPException):
    """Signed in, without a role that this route needs, or bound to other halls."""

    status_code = 403


class ForeignRequest(HTTPException):
    """The request was made by another site's page, or without the session's CSRF token."""

    status_code = 403


def door_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Door:
    return cast("Door", connection.app.state.door)


def remote(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return connection.client.host if connection.client else "?"


def session_of(request: Request[Any, Any, Any]) -> Session:
    """The staff session the guard has let in; only on staff routes."""
    return cast("Session", request.state.session)


async def may_enter(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The app-wide guard. Raises one of this file's conditions."""
    who: str | frozenset[Role] = handler.opt.get("who", frozenset())
    method = connection.scope.get("method", "GET")
    changes = method not in SAFE
    if changes and who != TERMINAL:
        _same_site(connection)
    if who == PUBLIC:
        return
    door = door_of(connection)
    if who == TERMINAL:
        await _terminal(connection, door)
        return
    token = connection.cookies.get(COOKIE, "")
    quiet = bool(handler.opt.get("quiet"))
    session = await anyio.to_thread.run_sync(lambda: door.auth.session(token, touch=not quiet)) if token else None
    if session is None:
        raise NotSignedIn("sign in first")
    if session.locked and not handler.opt.get("while_locked"):
        raise ConsoleLocked("the console is locked")
    if not isinstance(who, frozenset) or not session.account.roles & who:
        raise NotYours("this needs another role")
    hall = connection.path_params.get("hall_id")
    if hall is not None and not session.account.works_in(hall):
        raise NotYours("your account is for another hall")
    if changes and await _csrf(cast("Request[Any, Any, Any]", connection)) != session.csrf:
        raise ForeignRequest("the form is out of date; load the page again")
    connection.state.session = session
    connection.state.token = token


def _same_site(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Fetch metadata where the browser sends it, else the Origin header where there is one."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignRequest("made by another site")
        return
    origin = connection.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != connection.headers.get("host", ""):
        raise ForeignRequest("made by another site")


async def _csrf(request: Request[Any, Any, Any]) -> str:
    sent = request.headers.get("x-csrf")
    if sent is not None:
        return sent
    if request.content_type[0] != "application/x-www-form-urlencoded":
        return ""
    return str((await request.form()).get("csrf", ""))


async def _terminal(connection: ASGIConnection[Any, Any, Any, Any], door: Door) -> None:
    """A third-party terminal: ``Authorization: Bearer TOKEN``, issued by a technician on /devices."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    where = remote(connection)
    if not door.limits.terminals.open(where):
        raise HTTPException("too many wrong tokens; wait a minute", status_code=429)
    device = await anyio.to_thread.run_sync(door.auth.terminal, token) if kind.lower() == "bearer" and token else None
    if device is None or device not in door.plans.devices:
        door.limits.terminals.miss(where)
        raise NotSignedIn("a terminal's bearer token is needed")
    connection.state.device = device


async def security_headers(message: Message, _scope: Scope) -> None:
    """Before every response, errors too."""
    if message["type"] != "http.response.start":
        return
    headers = list(message.get("headers", []))
    present = {name.lower() for name, _ in headers}
    message["headers"] = headers + [(k, v) for k, v in _HEADERS.items() if k not in present]
