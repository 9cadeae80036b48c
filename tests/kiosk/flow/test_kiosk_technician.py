"""A technician's walk: a hand held on the clock, a code, tests, paper, and out; nothing of a citizen anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk import events
from kiosk.effects import AskFacts, EndSession, Inspect, Leave, LogLevel, NewPaper, Print, Report, TryCode
from kiosk.events import CodeTried, FactsFound, Inspected, KeyPressed, PanelChanged, PrintEnded, Touched
from kiosk.flow import Site
from kiosk.flow.pages import Asking, Emergency, Shut, Start, TechCode, TechMenu, TechNetwork, TechTests
from kiosk.flow.technician import UNTOUCHED_S, can_be_tested
from kiosk.scenes import CARD, TAKE, Walk
from kiosk.scenes.orders import order
from kiosk.scenes.technician import DIGITS, HOLD, inside
from kiosk.views import view
from queue_server.wire import messages as wire

SITE = Site(
    "hall", "大厅 1号机", "http://127.0.0.1:8080", "林工", "021-0000-0001", "每天", speech=True, device="kiosk-01"
)


def ready(*happened: Any) -> Walk:
    return Walk(SITE).ready()(*happened)


def page(walk: Walk) -> Any:
    return walk.state.session.page


def test_holding_the_clock_asks_for_the_code_and_shows_whose_page_to_open() -> None:
    walk = ready(HOLD)
    assert isinstance(page(walk), TechCode)
    assert EndSession() in walk.effects, "the session was ended before"
    assert view(walk.state).qr == "http://127.0.0.1:8080/devices/kiosk-01"  # type: ignore[union-attr]


def test_nobody_is_thrown_out_by_a_hand_on_the_clock() -> None:
    walk = ready(*TAKE, HOLD)
    assert isinstance(page(walk), Asking)
    assert isinstance(page(ready(Touched("take-ticket"), HOLD)), type(page(ready(Touched("take-ticket")))))


def test_a_card_of_before_is_gone_when_the_technician_comes() -> None:
    walk = ready(CARD, Touched("home"), events.CardGone(), HOLD, *DIGITS, CodeTried("open"))
    assert walk.state.session.card is None
    assert walk.state.session.wish is None
    assert "1234" not in repr(view(walk.state))


def test_the_eighth_digit_tries_the_code_and_the_right_one_opens() -> None:
    walk = ready(HOLD, *DIGITS)
    assert walk.effects[-1] == TryCode("48210937")
    assert "48210937" not in repr(walk.effects[-1])
    walk(Touched("key", "1"))
    assert walk.state.session.page == TechCode(trouble="checking"), "nothing is typed while it is tried"
    walk(CodeTried("open"))
    assert isinstance(page(walk), TechMenu)
    assert walk.effects[-1] == Report("technician-in")


def test_the_keypad_types_the_code_too() -> None:
    walk = ready(HOLD, *(KeyPressed(key) for key in "4821*0937"))
    assert page(walk).typed == "4820937"
    walk(KeyPressed("1"))
    assert walk.effects[-1] == TryCode("48209371")


@pytest.mark.parametrize("trouble", ["wrong", "used", "locked"])
def test_a_code_that_does_not_open_says_why_and_a_lock_is_reported(trouble: Any) -> None:
    walk = ready(HOLD, *DIGITS, CodeTried(trouble, left=3))
    assert page(walk).trouble == trouble
    assert view(walk.state).trouble  # type: ignore[union-attr]
    assert (Report("technician-locked") in walk.effects) == (trouble == "locked")
    walk(Touched("key", "1"))
    assert page(walk) == TechCode("1"), "the next try begins anew"


def test_every_device_is_really_asked_and_its_answer_is_said_in_words() -> None:
    walk = inside(SITE)(Touched("tests"))
    for device in can_be_tested(walk.state):
        walk(Touched("test", device))
    assert [effect.device for effect in walk.effects if isinstance(effect, Inspect)] == [
        "idcard",
        "scanner",
        "camera",
        "panel",
    ]
    assert any(isinstance(effect, Print) for effect in walk.effects)
    walk(PrintEnded(page(walk).job, "failed", "paper-out"), Inspected("idcard", "no-answer"), Inspected("scanner"))
    said = {tile.value: tile.sub for tile in view(walk.state).tiles}  # type: ignore[union-attr]
    assert said["printer"] == "不正常：缺纸"
    assert said["idcard"] == "不正常：没有应答"
    assert said["scanner"] == "有应答，可出示一个码"


def test_what_a_device_reads_is_seen_but_not_what_it_read() -> None:
    walk = inside(SITE)(Touched("tests"), Touched("test", "idcard"), Inspected("idcard"), CARD)
    assert "正常，读到一张卡" in repr(view(walk.state))
    assert "张" not in repr(view(walk.state)).replace("一张卡", "")
    assert walk.state.session.card is None
    assert isinstance(page(walk), TechTests)
    walk(Touched("test", "scanner"), Inspected("scanner"), events.CodeRead("https://example.org/b/x/y/secret"))
    assert "secret" not in repr(walk.state.session)
    assert walk.state.session.wish is None


def test_door_and_keys_are_the_technicians_own_once_inside() -> None:
    walk = inside(SITE)(PanelChanged("door", active=True))
    assert isinstance(page(walk), TechMenu)
    walk(Touched("leave"))
    assert isinstance(page(walk), Shut), "the door still stands open"
    assert isinstance(page(ready(HOLD, PanelChanged("door", active=True))), Shut), "before the code it is an alarm"


def test_a_new_roll_the_network_the_log() -> None:
    walk = inside(SITE)(Touched("paper"))
    assert walk.effects[-2:] == [NewPaper(), Report("paper-changed")]
    walk(Touched("network"))
    assert walk.effects[-1] == AskFacts()
    walk(FactsFound((("address", "10.0.0.7"), ("broker", "10.0.0.2:1883"), ("link_s", ""), ("outbox", "3"))))
    assert isinstance(page(walk), TechNetwork)
    assert "10.0.0.7" in view(walk.state).detail  # type: ignore[union-attr]
    assert view(walk.state).sentence == "没有连接"  # type: ignore[union-attr]
    walk(Touched("network"))
    assert AskFacts() in walk.effects[-2:], "once more"
    walk(Touched("back"), Touched("log-level"))
    assert walk.effects[-1] == LogLevel("DEBUG")


@pytest.mark.parametrize("what", ["restart", "service"])
def test_the_program_ends_after_a_second_yes(what: Any) -> None:
    walk = inside(SITE)(Touched(what))
    assert not any(isinstance(effect, Leave) for effect in walk.effects)
    walk(Touched("sure"))
    assert walk.effects[-1] == Leave(what)


def test_it_is_left_by_itself_after_three_minutes() -> None:
    walk = inside(SITE).wait(UNTOUCHED_S - 1)
    assert isinstance(page(walk), TechMenu)
    walk.wait(2)
    assert isinstance(page(walk), Start)
    assert walk.effects[-1] == Report("technician-out")


def test_a_closed_terminal_can_be_mended_and_an_emergency_comes_first() -> None:
    walk = ready(order(wire.SetMode, mode="maintenance"), HOLD)
    assert isinstance(page(walk), TechCode)
    walk(order(wire.Emergency, danger="fire"))
    assert isinstance(page(walk), Emergency)
    walk(HOLD)
    assert isinstance(page(walk), Emergency)


def test_an_answer_that_comes_too_late_disturbs_nobody() -> None:
    walk = ready(*TAKE, CodeTried("open"), Inspected("printer"), FactsFound(()))
    assert isinstance(page(walk), Asking)


def test_at_most_four_choices_on_the_small_panel() -> None:
    small = Site("hall", "大厅", "http://x", "林", "021-0000-0001", "每天", compact=True, speech=True)
    for walk in (inside(small), inside(small)(Touched("tests"))):
        assert len(view(walk.state).tiles) <= 4  # type: ignore[union-attr]
