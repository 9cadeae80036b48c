"""A ticket that its kiosk gave without the server: the phone, the window's scanner, and then the kiosk itself."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import uuid6
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_cfg.sign import public_of, sign
from queue_server.auth import Role
from queue_server.domain import messages
from queue_server.domain.answers import BlockAnswer, RecordedAnswer
from queue_server.wire import messages as wire
from queue_server.wire import offline_code
from queue_server.wire.offline_code import BadCode, OfflineCode
from queue_server.wire.topics import SiteNote

HALL, KIOSK, COUNTER = "xinghe-hall", "kiosk-01", "1"
SEED, OTHER = b"k" * 32, b"o" * 32


def new_id() -> str:
    return str(uuid6.uuid7())


def born(house: Any, until: Callable[..., Any], seed: bytes = SEED) -> None:
    """The kiosk has connected once: the server knows its key."""
    key = public_of(seed).hex()
    birth = wire.Birth(
        session=secrets.token_hex(4), at=house.clock(), model="m", version="1", profile="demo", owner="o",
        owner_phone="1", key=key,
    )  # fmt: skip
    site = house.plans.devices[KIOSK].site
    house.fleet.heard(SiteNote(site, KIOSK, "birth"), msgspec.json.encode(birth))
    until(lambda: key in (house.fleet.device(KIOSK).key, house.fleet.device(KIOSK).offered_key))


@pytest.fixture
def paper(house: Any, until: Callable[..., Any]) -> OfflineCode:
    """The kiosk has a block and gave its third number 5 minutes ago, off line."""
    born(house, until)
    matter = house.plans.halls[HALL].matters[house.matter()]
    block_id = new_id()
    leased = house.ask(
        messages.LeaseBlock(
            id=new_id(), by=f"kiosk:{KIOSK}", block_id=block_id, kiosk=KIOSK, group=matter.group, size=9
        )
    )
    assert isinstance(leased, BlockAnswer)
    house.clock.forward(minutes=10)
    at = house.clock().replace(microsecond=0) - timedelta(minutes=5)
    return OfflineCode(
        KIOSK, block_id, matter.group, leased.block.first + 2, (matter.id,), secrets.token_urlsafe(16), at
    )


def address(code: OfflineCode, seed: bytes = SEED, hall: str = HALL) -> str:
    signature = sign(seed, offline_code.PURPOSE, code.body(hall))
    return f"http://127.0.0.1:8080/o/{hall}/{offline_code.sealed(code, signature)}"


def path(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8080")


def handed_in(house: Any, code: OfflineCode) -> RecordedAnswer:
    """The kiosk is back and hands the ticket in."""
    answer = house.ask(
        messages.RecordOfflineTicket(
            id=new_id(), by=f"kiosk:{KIOSK}", block_id=code.block, kiosk=KIOSK, group=code.group, number=code.number,
            matters=code.matters, token=code.token, checked_in_at=code.checked_in_at,
        )
    )  # fmt: skip
    assert isinstance(answer, RecordedAnswer)
    return answer


def at_window(sign_in: Callable[..., Any]) -> Any:
    clerk = sign_in("li", Role.CLERK)
    assert clerk.press(COUNTER, "open").status_code == 200
    return clerk


def test_scanned_it_is_called_at_once_and_the_kiosk_doubles_nothing(
    house: Any, paper: OfflineCode, sign_in: Callable[..., Any]
) -> None:
    clerk = at_window(sign_in)
    called = clerk.press(COUNTER, "call-paper", paper=address(paper))
    assert called.status_code == 200, called.text
    number = f"{paper.group}{paper.number:03d}"
    assert called.json()["number"] == number
    ticket = next(iter(house.hall.tickets.values()))
    assert (ticket.offline, ticket.checked_in_at, ticket.token) == (True, paper.checked_in_at, paper.token)
    assert ticket.wait_net_s == 300
    back = handed_in(house, paper)
    assert (back.number, back.printed_number) == (number, number)
    assert len(house.hall.tickets) == 1


def test_a_synchronised_paper_and_an_ordinary_one_are_called_by_their_codes_too(
    house: Any, paper: OfflineCode, sign_in: Callable[..., Any]
) -> None:
    handed_in(house, paper)
    clerk = at_window(sign_in)
    assert (
        clerk.press(COUNTER, "call-paper", paper=address(paper)).json()["number"] == f"{paper.group}{paper.number:03d}"
    )
    assert len(house.hall.tickets) == 1
    again = clerk.press(COUNTER, "call-paper", paper=address(paper))
    assert again.json()["refused"]["code"] in ("counter-busy", "wrong-state")
    other = house.take()
    clerk = sign_in("wu", Role.CLERK)
    clerk.press("2", "open")
    assert (
        clerk.press("2", "call-paper", paper="http://hall.example" + house.path(other)).json()["number"] == other.number
    )


def test_what_is_not_believed_says_why_and_changes_nothing(
    house: Any, paper: OfflineCode, sign_in: Callable[..., Any]
) -> None:
    clerk = at_window(sign_in)
    url = address(paper)
    refused = {
        "nonsense": "paper-unreadable",
        url[:-1]: "paper-unreadable",
        address(paper, OTHER): "bad-signature",
        url.replace(HALL, "other-hall"): "paper-other-hall",
        address(paper, hall="other-hall").replace("/o/other-hall", f"/o/{HALL}"): "bad-signature",
        url.replace(f".{paper.group}{paper.number}.", f".{paper.group}{paper.number + 1}."): "bad-signature",
        address(replace(paper, kiosk="kiosk-99")): "paper-unknown-terminal",
        address(replace(paper, block=new_id())): "paper-unknown-block",
        address(replace(paper, number=paper.number + 50)): "paper-unknown-block",
    }
    for text, code in refused.items():
        answer = clerk.press(COUNTER, "call-paper", paper=text).json()["refused"]
        assert answer["code"] == code, text
        assert answer["zh"]
        assert answer["en"]
    assert not list(house.hall.tickets.values())


def test_yesterdays_paper_is_refused(house: Any, paper: OfflineCode, sign_in: Callable[..., Any]) -> None:
    house.clock.forward(days=1)
    house.ask(messages.Tick(id=new_id(), by="system"))
    answer = at_window(sign_in).press(COUNTER, "call-paper", paper=address(paper)).json()
    assert answer["refused"]["code"] == "paper-other-day"


def test_a_changed_key_is_an_alarm_until_a_technician_confirms_it(
    house: Any, paper: OfflineCode, sign_in: Callable[..., Any], until: Callable[..., Any]
) -> None:
    born(house, until, OTHER)
    clerk = at_window(sign_in)
    refused = clerk.press(COUNTER, "call-paper", paper=address(paper, OTHER)).json()["refused"]
    assert refused["code"] == "paper-key-changed"
    technician = sign_in("tang", Role.TECHNICIAN)
    assert "密钥已更换" in technician.get("/devices").text
    wrong = {"csrf": technician.csrf, "device": KIOSK, "key": "0" * 64}
    assert technician.post("/devices/key", data=wrong).status_code == 303
    assert house.fleet.device(KIOSK).key == public_of(SEED).hex()
    assert technician.post("/devices/key", data=wrong | {"key": public_of(OTHER).hex()}).status_code == 303
    assert (house.fleet.device(KIOSK).key, house.fleet.device(KIOSK).offered_key) == (public_of(OTHER).hex(), "")
    assert "密钥已更换" not in technician.get("/devices").text
    assert clerk.press(COUNTER, "call-paper", paper=address(paper, OTHER)).status_code == 200


def test_the_phone_hears_that_it_is_not_yet_synchronised_and_then_follows(
    house: Any, paper: OfflineCode, client: Any
) -> None:
    url = path(address(paper))
    page = client.get(url)
    assert page.status_code == 200
    assert "尚未同步" in page.text
    assert f"{paper.group}{paper.number:03d}" in page.text
    handed_in(house, paper)
    sent_on = client.get(url, follow_redirects=False)
    assert sent_on.status_code == 303
    assert paper.token in sent_on.headers["location"]
    assert client.get(path(address(paper, OTHER))).status_code == 404


# --- the code itself ----------------------------------------------------------------------------------------

_signs = string.ascii_letters + string.digits + "_-"
_ids = st.text(_signs, min_size=1, max_size=64)
_codes = st.builds(
    OfflineCode,
    kiosk=_ids,
    block=_ids,
    group=st.sampled_from("ABZ"),
    number=st.integers(1, 99_999),
    matters=st.lists(st.text(_signs, min_size=1, max_size=32), min_size=1, max_size=10).map(tuple),
    token=st.text(_signs, min_size=22, max_size=64),
    checked_in_at=st.integers(0, 4_102_444_800).map(lambda s: datetime.fromtimestamp(s, UTC)),
    clock_uncertainty_s=st.integers(0, offline_code.LONGEST_UNCERTAINTY_S),
    lang=st.sampled_from(["zh-Hans", "zh-Hant", "en", "ja", "ko"]),
)


@given(_codes, st.binary(min_size=64, max_size=64))
def test_what_is_written_is_read(code: OfflineCode, signature: bytes) -> None:
    text = offline_code.sealed(code, signature)
    assert len(text) <= offline_code.MAX_LENGTH
    assert text.isascii()
    assert offline_code.read(text) == (code, signature)
    assert offline_code.address(f"https://hall.example.gov.cn/kiosk/o/demo/{text}") == ("demo", text)


@given(st.text(max_size=300) | st.from_regex(r"1(\.[A-Za-z0-9_~-]{1,90}){9}", fullmatch=True))
@example("1.k.b.A1.m." + "t" * 22 + ".zzzzzzzz.0.en." + "A" * 86)
def test_nothing_else_is_read(text: str) -> None:
    try:
        code, signature = offline_code.read(text)
    except BadCode:
        return
    assert offline_code.sealed(code, signature) == text
