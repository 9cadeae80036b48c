"""The console's orders to terminals: an emergency in two steps, modes, a technician's code; each in the audit."""

from __future__ import annotations

import base64
import re
from typing import Any, get_args, get_type_hints

import pytest
from nacl.public import PublicKey, SealedBox

from queue_server.auth import Role
from queue_server.http.orders_view import DANGERS, MODES, NOTES
from queue_server.wire import messages as wire
from queue_server.wire import orders

SITE, KIOSK = "xinghe", "kiosk-01"
FIRE = {"site": SITE, "danger": "fire"}


def audited(house: Any) -> list[tuple[str, str]]:
    return [(what, detail) for _, _, what, detail in house.auth.recent()]


def test_an_emergency_asks_once_more_then_stands_and_is_lifted(house: Any, sign_in: Any) -> None:
    tan = sign_in("tan", Role.TECHNICIAN)
    asks = tan.post("/devices/emergency", data=FIRE)
    assert asks.status_code == 200
    assert KIOSK in asks.text
    assert house.commander.standing(SITE) is None, "the first step orders nothing"
    assert tan.post("/devices/emergency", data=FIRE | {"sure": "yes"}).status_code == 303
    stands = house.commander.standing(SITE)
    assert stands is not None
    page = tan.get("/devices").text
    assert "火警疏散" in page
    assert "已显示 0/1" in page
    house.commander.acked(KIOSK, wire.Ack(id=stands.order.id, state="done", at=house.clock()))
    assert "已显示 1/1" in tan.get("/devices").text
    assert tan.post("/devices/emergency", data={"site": SITE, "danger": "over"}).status_code == 303
    assert house.commander.standing(SITE) is None
    assert ("emergency", f"{SITE} 火警疏散") in audited(house)
    assert ("emergency", f"{SITE} 解除") in audited(house)


def test_an_own_sentence_is_asked_for_and_must_fit(house: Any, sign_in: Any) -> None:
    boss = sign_in("boss", Role.MANAGER)
    own = {"site": SITE, "danger": "other", "sure": "yes"}
    assert boss.post("/devices/emergency", data=own | {"zh": "请到一楼", "en": ""}).status_code == 400
    assert boss.post("/devices/emergency", data=own | {"zh": "请" * 49, "en": "Go"}).status_code == 400
    assert house.commander.standing(SITE) is None
    assert boss.post("/devices/emergency", data=own | {"zh": "请到一楼", "en": "Go down"}).status_code == 303
    assert "请到一楼" in boss.get("/devices").text


def test_clerks_give_no_orders_and_strange_ones_are_not_found(house: Any, sign_in: Any) -> None:
    mei, tan = sign_in("mei", Role.CLERK), sign_in("tan", Role.TECHNICIAN)
    assert mei.post("/devices/emergency", data=FIRE | {"sure": "yes"}).status_code == 403
    assert mei.post(f"/devices/{KIOSK}/order", data={"what": "restart"}).status_code == 403
    assert tan.post("/devices/emergency", data={"site": SITE, "danger": "flood", "sure": "yes"}).status_code == 404
    assert tan.post("/devices/emergency", data={"site": "nowhere", "danger": "fire"}).status_code == 404
    assert tan.post(f"/devices/{KIOSK}/order", data={"what": "explode"}).status_code == 404
    assert tan.get("/devices/nobody").status_code == 404
    assert house.commander.recent(KIOSK) == []


@pytest.mark.parametrize("what", [*MODES, "restart"])
def test_an_order_is_shown_with_what_became_of_it(house: Any, sign_in: Any, what: str) -> None:
    tan = sign_in("tan", Role.TECHNICIAN)
    assert tan.post(f"/devices/{KIOSK}/order", data={"what": what}).status_code == 303
    assert "等待确认" in tan.get(f"/devices/{KIOSK}").text
    house.clock.forward(seconds=31)
    assert "30 秒内未确认" in tan.get(f"/devices/{KIOSK}").text
    order = house.commander.recent(KIOSK)[0].order
    house.commander.acked(KIOSK, wire.Ack(id=order.id, state="done", at=house.clock()))
    assert "已执行" in tan.get(f"/devices/{KIOSK}").text
    assert ("terminal-order", f"{KIOSK} {what}") in audited(house)


def test_the_code_is_for_technicians_and_every_look_is_recorded(house: Any, sign_in: Any) -> None:
    tan, boss = sign_in("tan", Role.TECHNICIAN), sign_in("boss", Role.MANAGER)
    assert boss.post(f"/devices/{KIOSK}/code").status_code == 403
    assert "维护码" not in boss.get(f"/devices/{KIOSK}").text
    assert "还没有送来密钥" in tan.post(f"/devices/{KIOSK}/code").text
    secret = bytes(range(32))
    box = SealedBox(PublicKey(house.vault.public_key()))
    house.codes.take(KIOSK, base64.b64encode(box.encrypt(secret)).decode())
    page = tan.post(f"/devices/{KIOSK}/code").text
    assert re.search(r'id="code">\d{4} \d{4}<', page)
    assert audited(house).count(("technician-code", KIOSK)) == 2
    assert not re.search(r'id="code">\d', tan.get(f"/devices/{KIOSK}").text), "not without asking for it"


def test_every_word_of_the_wire_has_words_for_people() -> None:
    assert set(DANGERS) == set(get_args(orders.Danger))
    assert set(MODES) == set(get_args(orders.Mode))
    assert set(NOTES) == set(get_args(get_type_hints(wire.TerminalNote)["code"]))
