"""Signing in and out, unlocking, setting up the first account, inviting and retiring colleagues."""

from __future__ import annotations

from typing import Any

import anyio
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie, FormMultiDict
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from queue_server.auth import AuthRefused, Role
from queue_server.http import words
from queue_server.http.door import Door, Refusal, TheDoor
from queue_server.http.guard import ANY_STAFF, CLERK, COOKIE, DEVICES, MANAGER, PUBLIC, remote, session_of

Form = URLEncodedBody[dict[str, str]]
AnyRequest = Request[Any, Any, Any]


def own_path(target: str) -> str:
    """``target`` if it is a path of this server, else the staff page: no open redirect."""
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target and "\n" not in target
    return target if plain else "/staff"


def auth_refusal(code: str) -> Refusal:
    zh, en = words.SIGN_IN[code]
    return Refusal(code, zh, en)


def session_cookie(door: Door, token: str) -> Cookie:
    """HttpOnly and SameSite=Strict; Secure wherever the public address is https."""
    return Cookie(
        key=COOKIE,
        value=token,
        httponly=True,
        samesite="strict",
        path="/",
        secure=door.settings.public_url.startswith("https:"),
        max_age=round(door.auth.life_s) if token else 0,
    )


@get("/staff/sign-in", opt={"who": PUBLIC}, include_in_schema=False)
async def sign_in_page(request: AnyRequest, door: TheDoor) -> Response[str]:
    target = own_path(request.query_params.get("next", "/staff"))
    return door.page("sign_in.html", next=target, name="", refused_by=None)


@post("/staff/sign-in", opt={"who": PUBLIC}, include_in_schema=False, status_code=200)
async def sign_in(request: AnyRequest, door: TheDoor, data: Form) -> Response[Any]:
    name, password = data.get("name", "").strip()[:32], data.get("password", "")
    target, where = own_path(data.get("next", "")), remote(request)
    code, token = "too-many", ""
    if door.limits.sign_in.open(where):
        try:
            token, _ = await anyio.to_thread.run_sync(door.auth.sign_in, name, password)
        except AuthRefused as refused:
            door.limits.sign_in.miss(where)
            code = refused.code
    if not token:
        status = 429 if code == "too-many" else 401
        return door.page("sign_in.html", status=status, next=target, name=name, refused_by=auth_refusal(code))
    return Redirect(target, status_code=303, cookies=[session_cookie(door, token)])


@get("/staff/setup", opt={"who": PUBLIC}, include_in_schema=False)
async def setup_page(door: TheDoor) -> Response[str]:
    return door.page("setup.html", secret="", name="", display="", refused_by=None)


@post("/staff/setup", opt={"who": PUBLIC}, include_in_schema=False, status_code=200)
async def setup(request: AnyRequest, door: TheDoor, data: Form) -> Response[Any]:
    where = remote(request)
    secret, name = data.get("secret", "").strip()[:100], data.get("name", "").strip()
    display, password = data.get("display", ""), data.get("password", "")
    code = "too-many"
    if door.limits.sign_in.open(where):
        try:
            await anyio.to_thread.run_sync(door.auth.accept, secret, name, display, password)
            token, _ = await anyio.to_thread.run_sync(door.auth.sign_in, name, password)
            return Redirect("/staff", status_code=303, cookies=[session_cookie(door, token)])
        except AuthRefused as refused:
            code = refused.code
            if code == "bad-secret":
                door.limits.sign_in.miss(where)
    status = 429 if code == "too-many" else 400
    refused_by = auth_refusal(code)
    return door.page("setup.html", status=status, secret=secret, name=name, display=display, refused_by=refused_by)


@get("/staff/unlock", opt={"who": ANY_STAFF, "while_locked": True, "quiet": True}, include_in_schema=False)
async def unlock_page(request: AnyRequest, door: TheDoor) -> Response[Any]:
    session, target = session_of(request), own_path(request.query_params.get("next", "/staff"))
    if not session.locked:
        return Redirect(target, status_code=303)
    return door.page("unlock.html", session=session, next=target, refused_by=None)


@post(
    "/staff/unlock",
    opt={"who": ANY_STAFF, "while_locked": True, "quiet": True},
    include_in_schema=False,
    status_code=200,
)
async def unlock(request: AnyRequest, door: TheDoor, data: Form) -> Response[Any]:
    target, where = own_path(data.get("next", "")), remote(request)
    code = "too-many"
    if door.limits.sign_in.open(where):
        try:
            await anyio.to_thread.run_sync(door.auth.unlock, request.state.token, data.get("password", ""))
            return Redirect(target, status_code=303)
        except AuthRefused as refused:
            door.limits.sign_in.miss(where)
            code = refused.code
    status = 429 if code == "too-many" else 401
    session = session_of(request)
    return door.page("unlock.html", status=status, session=session, next=target, refused_by=auth_refusal(code))


@post(
    "/staff/lock",
    opt={"who": ANY_STAFF, "while_locked": True, "quiet": True},
    include_in_schema=False,
    status_code=204,
)
async def lock(request: AnyRequest, door: TheDoor) -> None:
    await anyio.to_thread.run_sync(door.auth.lock, request.state.token)


@post("/staff/here", opt={"who": ANY_STAFF}, include_in_schema=False, status_code=204)
async def here(request: AnyRequest) -> None:
    """Somebody has touched the console; the guard has noted it."""


@post(
    "/staff/sign-out",
    opt={"who": ANY_STAFF, "while_locked": True, "quiet": True},
    include_in_schema=False,
    status_code=200,
)
async def sign_out(request: AnyRequest, door: TheDoor) -> Response[Any]:
    await anyio.to_thread.run_sync(door.auth.sign_out, request.state.token)
    return Redirect("/staff/sign-in", status_code=303, cookies=[session_cookie(door, "")])


async def _staff_page(
    request: AnyRequest, door: Door, *, secret: str = "", refused_by: Refusal | None = None
) -> Response[str]:
    session = session_of(request)
    roles = session.account.roles
    invites = bool(roles & MANAGER)
    everyone = await anyio.to_thread.run_sync(door.auth.everyone) if invites else []
    return door.page(
        "staff.html",
        status=400 if refused_by else 200,
        session=session,
        secret=secret,
        refused_by=refused_by,
        may_call=bool(roles & CLERK),
        may_devices=bool(roles & DEVICES),
        may_invite=invites,
        everyone=[one for one in everyone if session.account.keeps(one.halls)],
        roles=[str(role) for role in Role],
        halls=door.plans.halls,
        mine=[plan for hall_id, plan in door.plans.halls.items() if session.account.works_in(hall_id)],
    )


@get("/staff", opt={"who": ANY_STAFF}, include_in_schema=False)
async def staff(request: AnyRequest, door: TheDoor) -> Response[str]:
    return await _staff_page(request, door)


@post("/staff/invite", opt={"who": MANAGER}, include_in_schema=False, status_code=200)
async def invite(request: AnyRequest, door: TheDoor) -> Response[str]:
    form: FormMultiDict = await request.form()
    known = {str(role) for role in Role}
    roles = frozenset(Role(role) for role in form.getall("role", []) if role in known)
    halls = frozenset(form.getall("hall", [])) & door.plans.halls.keys()
    try:
        secret = await anyio.to_thread.run_sync(door.auth.invite, session_of(request).account, roles, halls)
    except AuthRefused as refused:
        return await _staff_page(request, door, refused_by=auth_refusal(refused.code))
    return await _staff_page(request, door, secret=secret)


@post("/staff/retire", opt={"who": MANAGER}, include_in_schema=False, status_code=200)
async def retire(request: AnyRequest, door: TheDoor, data: Form) -> Response[Any]:
    try:
        await anyio.to_thread.run_sync(door.auth.retire, session_of(request).account, data.get("account", ""))
    except AuthRefused as refused:
        return await _staff_page(request, door, refused_by=auth_refusal(refused.code))
    return Redirect("/staff", status_code=303)


ROUTES = [
    sign_in_page,
    sign_in,
    setup_page,
    setup,
    unlock_page,
    unlock,
    lock,
    here,
    sign_out,
    staff,
    invite,
    retire,
]
