"""Who gets in: the one-time secret, passwords, locks, and which role may open which page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from queue_server.auth import AuthRefused, Role
from queue_server.http.app import ROUTES
from queue_server.http.guard import PUBLIC, TERMINAL

PASSWORD = "a long enough phrase"
HALL = "xinghe-hall"


def test_the_first_secret_makes_the_first_account_once(house: Any, client: TestClient[Litestar]) -> None:
    secret = house.auth.first_secret()
    form = {"secret": secret, "name": "wang", "display": "王", "password": PASSWORD}
    made = client.post("/staff/setup", data=form, follow_redirects=False)
    assert made.status_code == 303
    assert house.auth.first_secret() is None
    assert house.auth.everyone()[0].roles == frozenset(Role)
    again = client.post("/staff/setup", data=form | {"name": "li"}, follow_redirects=False)
    assert again.status_code == 400
    assert "一次性密钥不对" in again.text


def test_a_restart_before_setup_prints_the_only_valid_secret(house: Any) -> None:
    old, new = house.auth.first_secret(), house.auth.first_secret()
    with pytest.raises(AuthRefused, match="bad-secret"):
        house.auth.accept(old, "wang", "", PASSWORD)
    assert house.auth.accept(new, "wang", "", PASSWORD).name == "wang"


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [("w", PASSWORD, "bad-name"), ("wang li", PASSWORD, "bad-name"), ("wang", "short", "weak-password")],
)
def test_a_poor_name_or_password_does_not_spend_the_secret(house: Any, name: str, password: str, code: str) -> None:
    secret = house.auth.first_secret()
    with pytest.raises(AuthRefused, match=code):
        house.auth.accept(secret, name, "", password)
    assert house.auth.accept(secret, "wang", "", PASSWORD).active


def test_neither_password_nor_secret_nor_session_is_kept_in_the_clear(house: Any, sign_in: Any) -> None:
    secret = house.auth.first_secret()
    browser = sign_in("mei", Role.CLERK)
    raw = house.auth.engine.raw_connection()
    dump = "\n".join(raw.driver_connection.iterdump())
    raw.close()
    assert "$argon2id$" in dump
    for clear in (PASSWORD, secret, browser.cookie):
        assert clear not in dump


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: Any, client: TestClient[Litestar]) -> None:
    house.account("mei", Role.CLERK)
    reply = client.post("/staff/sign-in", data={"name": "mei", "password": PASSWORD}, follow_redirects=False)
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_an_unknown_name_and_a_wrong_password_look_alike(house: Any, client: TestClient[Litestar]) -> None:
    house.account("mei", Role.CLERK)
    wrong = client.post("/staff/sign-in", data={"name": "mei", "password": "not the phrase"})
    unknown = client.post("/staff/sign-in", data={"name": "nobody", "password": "not the phrase"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("mei", "") == unknown.text.replace("nobody", "")


def test_five_wrong_passwords_bar_the_account_and_even_the_right_one_waits(house: Any) -> None:
    house.account("mei", Role.CLERK)
    for _ in range(5):
        with pytest.raises(AuthRefused, match="bad-sign-in"):
            house.auth.sign_in("mei", "wrong wrong wrong")
    with pytest.raises(AuthRefused, match="account-locked"):
        house.auth.sign_in("mei", PASSWORD)
    house.clock.forward(minutes=6)
    assert house.auth.sign_in("mei", PASSWORD)[1].account.name == "mei"
    assert "account-locked" in [what for _, _, what, _ in house.auth.recent()]


def test_one_address_that_guesses_is_slowed_down(house: Any, client: TestClient[Litestar]) -> None:
    house.account("mei", Role.CLERK)
    seen = [
        client.post("/staff/sign-in", data={"name": f"n{i}", "password": "guess guess"}).status_code for i in range(11)
    ]
    assert seen[:10] == [401] * 10
    assert seen[10] == 429
    assert client.post("/staff/sign-in", data={"name": "mei", "password": PASSWORD}).status_code == 429


def test_a_console_nobody_touches_locks_itself_and_opens_by_password(house: Any, sign_in: Any) -> None:
    browser = sign_in("mei", Role.CLERK)
    house.clock.forward(minutes=2)
    assert browser.get("/counter").status_code == 200
    house.clock.forward(minutes=2)
    assert browser.get("/counter").status_code == 200, "touching it two minutes ago kept it open"
    house.clock.forward(minutes=3, seconds=1)
    locked = browser.get("/counter")
    assert (locked.status_code, locked.headers["location"]) == (303, "/staff/unlock?next=/counter")
    assert browser.press("1", "open").status_code == 423
    assert browser.post("/staff/unlock", data={"password": "wrong wrong wrong"}).status_code == 401
    opened = browser.post("/staff/unlock", data={"password": PASSWORD, "next": "/counter"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/counter")
    assert browser.press("1", "open").status_code == 200


def test_what_the_page_fetches_by_itself_does_not_keep_a_console_awake(house: Any, sign_in: Any) -> None:
    browser = sign_in("mei", Role.CLERK)
    house.clock.forward(minutes=2)
    person = f"/api/staff/halls/{HALL}/counters/1/person"
    assert browser.get(person, headers={"accept": "application/json"}).status_code == 404
    house.clock.forward(minutes=2)
    assert browser.get(person, headers={"accept": "application/json"}).status_code == 423


def test_signing_out_ends_the_session_and_retiring_ends_all(house: Any, sign_in: Any) -> None:
    mei, boss = sign_in("mei", Role.CLERK), sign_in("boss", Role.MANAGER)
    assert boss.post("/staff/sign-out").status_code == 303
    assert boss.get("/staff").headers["location"].startswith("/staff/sign-in")
    first = next(a for a in house.auth.everyone() if a.name == "first")
    house.auth.retire(first, next(a for a in house.auth.everyone() if a.name == "mei").id)
    assert mei.get("/staff").headers["location"].startswith("/staff/sign-in")
    with pytest.raises(AuthRefused, match="bad-sign-in"):
        house.auth.sign_in("mei", PASSWORD)


def test_a_manager_invites_and_the_colleague_chooses_the_password(sign_in: Any, client: TestClient[Litestar]) -> None:
    boss = sign_in("boss", Role.MANAGER)
    page = boss.post("/staff/invite", data={"role": ["clerk"]})
    assert page.status_code == 200
    secret = page.text.split('<code class="secret">')[1].split("<")[0]
    form = {"secret": secret, "name": "lan", "display": "兰", "password": PASSWORD}
    assert client.post("/staff/setup", data=form, follow_redirects=False).status_code == 303
    assert boss.post("/staff/invite", data={}).status_code == 400


# --- what each role may open -------------------------------------------------------------------------

PAGES = {
    "/counter": {Role.CLERK, Role.MANAGER},
    f"/counter/{HALL}/1": {Role.CLERK, Role.MANAGER},
    f"/api/staff/halls/{HALL}/counters/1/person": {Role.CLERK, Role.MANAGER},
    "/devices": {Role.TECHNICIAN, Role.MANAGER},
    "/staff": set(Role),
}


@pytest.mark.parametrize("role", Role)
def test_a_page_opens_for_its_roles_only(sign_in: Callable[..., Any], role: Role) -> None:
    browser = sign_in("someone", role)
    opens = {path for path in PAGES if browser.get(path).status_code != 403}
    assert opens == {path for path, roles in PAGES.items() if role in roles}


def test_only_a_manager_invites_and_retires(sign_in: Any) -> None:
    clerk, technician = sign_in("mei", Role.CLERK), sign_in("tan", Role.TECHNICIAN)
    for browser in (clerk, technician):
        assert browser.post("/staff/invite", data={"role": ["manager"]}).status_code == 403
        assert browser.post("/staff/retire", data={"account": "x"}).status_code == 403
    assert clerk.post("/devices/token", data={"device": "kiosk-01"}).status_code == 403


def test_every_route_says_who_may_enter_and_staff_routes_turn_strangers_away(client: TestClient[Litestar]) -> None:
    tried = 0
    for handler in ROUTES:
        who = handler.opt["who"]
        if who == PUBLIC:
            continue
        path = next(iter(handler.paths))
        for part in ("hall_id", "counter_id", "action"):
            path = path.replace(f"{{{part}:str}}", HALL if part == "hall_id" else "1")
        method = "POST" if "POST" in handler.http_methods else "GET"
        reply = client.request(method, path, headers={"accept": "application/json"})
        assert reply.status_code == 401, (path, who == TERMINAL)
        tried += 1
    assert tried > 10


# --- other sites' pages ------------------------------------------------------------------------------


def test_a_change_needs_the_sessions_own_token(house: Any, sign_in: Any) -> None:
    mei = sign_in("mei", Role.CLERK)
    path = f"/api/staff/halls/{HALL}/counters/1/open"
    body = {"id": "01932b7e-0000-7000-8000-000000000001"}
    assert mei.post(path, json=body, headers={"x-csrf": "guessed"}).status_code == 403
    other = sign_in("lan", Role.CLERK)
    assert mei.post(path, json=body, headers={"x-csrf": other.csrf}).status_code == 403
    assert house.hall.counters["1"].is_open is False
    assert mei.post(path, json=body).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}]
)
def test_a_form_on_another_site_is_turned_away(house: Any, sign_in: Any, headers: dict[str, str]) -> None:
    mei = sign_in("mei", Role.CLERK)
    assert mei.press("1", "open").status_code == 200
    path = f"/api/staff/halls/{HALL}/counters/1/pause"
    body = {"id": "01932b7e-0000-7000-8000-000000000002"}
    assert mei.post(path, json=body, headers=headers).status_code == 403
    assert house.hall.counters["1"].paused is False


def test_signing_in_never_leads_to_another_site(house: Any, client: TestClient[Litestar]) -> None:
    house.account("mei", Role.CLERK)
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        form = {"name": "mei", "password": PASSWORD, "next": target}
        assert client.post("/staff/sign-in", data=form, follow_redirects=False).headers["location"] == "/staff"


def test_every_answer_carries_the_security_headers(house: Any, client: TestClient[Litestar]) -> None:
    for path in ("/", "/no-such-page", "/static/hall.css", f"/board/{HALL}", "/schema", "/counter"):
        headers = client.get(path, follow_redirects=False).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


def test_no_page_has_an_inline_script_or_style_or_a_foreign_address(house: Any, sign_in: Any) -> None:
    browser = sign_in("boss", *Role)
    ticket = house.take()
    paths = ["/", "/staff", "/devices", "/counter", f"/counter/{HALL}/1", f"/board/{HALL}", "/book", "/t"]
    for path in (*paths, f"/book?m={house.matter()}", house.path(ticket)):
        text = browser.get(path).text
        assert "<script>" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert 'src="http' not in text
        assert 'rel="stylesheet" href="http' not in text
