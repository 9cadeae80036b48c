"""What boards, kiosks and terminals find on the broker, also after the broker has lost it all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import uuid6

from queue_server.domain import calendar, messages
from queue_server.domain.answers import CalledAnswer
from queue_server.wanted import TILES, Habits
from queue_server.wire import messages as wire
from queue_server.wire import topics

pytestmark = pytest.mark.wire

if TYPE_CHECKING:
    from conftest import Rig, Terminal

HALL, KIOSK = "hall-002", "kiosk-002"
TOKEN = "T" * 22


def latest(terminal: Terminal, topic: str) -> bytes | None:
    return next((payload for name, payload, _ in reversed(terminal.inbox) if name == topic), None)


def take(kiosk: Terminal) -> wire.TicketReply:
    reply = kiosk.ask(HALL, wire.TakeTicket(id=str(uuid6.uuid7()), matters=["M001"], token=TOKEN, lang="en"))
    assert isinstance(reply, wire.TicketReply)
    return reply


def at_window(rig: Rig, command: Any) -> Any:
    return rig.server.desk.ask(HALL, command).result(10)[0]


def test_a_call_is_on_the_board_and_the_outlook_follows(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    calls, outlook = topics.public(HALL, "calls"), topics.public(HALL, "outlook")
    kiosk.subscribe(calls, outlook)
    given = take(kiosk)
    who = {"by": "staff:t", "counter": "2"}
    at_window(rig, messages.OpenCounter(id=str(uuid6.uuid7()), staff="t", **who))
    called = at_window(rig, messages.CallNext(id=str(uuid6.uuid7()), **who))
    assert isinstance(called, CalledAnswer)

    def on_board() -> bool:
        raw = latest(kiosk, calls)
        board = msgspec.json.decode(raw, type=wire.Calls) if raw else None
        return bool(board and board.calls and (board.calls[0].number, board.calls[0].counter) == (given.number, "2"))

    kiosk.until("the call on the board", on_board)

    def told() -> wire.Outlook | None:
        raw = latest(kiosk, outlook)
        return msgspec.json.decode(raw, type=wire.Outlook) if raw else None

    now = kiosk.until(
        "an outlook with the window that was opened", lambda: (o := told()) and o.waiting == 0 and o.windows_open and o
    )
    assert now.open
    assert now.windows_open == 1
    assert {g.group for g in now.groups} == {m.group for m in rig.city.plans.halls[HALL].matters.values()}
    take(kiosk)
    kiosk.until("the outlook to count one more", lambda: (o := told()) and o.waiting == 1)


def test_who_calls_for_help_is_answered_and_sees_that_somebody_comes(rig: Rig) -> None:
    kiosk, topic = rig.terminal(KIOSK, HALL), topics.public(HALL, "lamps")
    kiosk.subscribe(topic)

    def helped() -> list[wire.HelpLamp]:
        raw = latest(kiosk, topic)
        return msgspec.json.decode(raw, type=wire.Lamps).help if raw else []

    call = wire.CallHelp(id=str(uuid6.uuid7()), screen="Confirm", lang="en")
    answers = [kiosk.ask(HALL, call) for _ in range(2)]  # the first answer was lost, say
    assert answers[0] == answers[1]
    assert isinstance(answers[0], wire.HelpReply)
    assert (answers[0].call, answers[0].state) == (call.id, "called")
    mine = wire.HelpLamp(kiosk=KIOSK, call=call.id, coming=False)
    kiosk.until("the call on the lamps", lambda: helped() == [mine])
    assert at_window(rig, messages.AnswerHelp(id=str(uuid6.uuid7()), by="staff:li", help_id=call.id))
    kiosk.until("somebody to come", lambda: [lamp.coming for lamp in helped()] == [True])
    ended = kiosk.ask(HALL, wire.EndHelp(id=str(uuid6.uuid7()), call=call.id))
    assert (ended.call, ended.state) == (call.id, "ended")
    kiosk.until("no call any more", lambda: helped() == [])


def test_a_terminal_finds_its_catalogue(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    topic = topics.site_down(rig.city.plans.devices[KIOSK].site, KIOSK, "cat")
    kiosk.subscribe(topic)
    raw = kiosk.until("the catalogue", lambda: latest(kiosk, topic))
    catalogue = msgspec.json.decode(raw, type=wire.Catalogue)
    assert {m.id for m in catalogue.matters} == set(rig.city.plans.halls[HALL].matters)
    assert kiosk.inbox[-1][2], "retained"


def test_a_terminal_finds_where_else_to_go(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    topic = topics.site_down(rig.city.plans.devices[KIOSK].site, KIOSK, "near")
    kiosk.subscribe(topic)
    raw = kiosk.until("what lies around", lambda: latest(kiosk, topic))
    near = msgspec.json.decode(raw, type=wire.Near)
    assert kiosk.inbox[-1][2], "retained"
    others = set(rig.city.plans.devices) - {KIOSK}
    assert near.kiosks
    assert {one.kiosk for one in near.kiosks} <= others
    assert HALL not in {one.hall for one in near.halls}


def test_the_hours_matters_are_told_with_the_outlook(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = rig.city.plans.halls[HALL]
    known = Habits(
        calendar.business_date(plan, rig.server.clock()), tuple({"M021": 90.0, "M001": 50.0} for _ in range(24))
    )
    monkeypatch.setitem(rig.server.wanted._habits, HALL, known)
    kiosk, topic = rig.terminal(KIOSK, HALL), topics.public(HALL, "outlook")
    kiosk.subscribe(topic)
    take(kiosk)

    def hot() -> list[str]:
        raw = latest(kiosk, topic)
        return msgspec.json.decode(raw, type=wire.Outlook).hot if raw else []

    kiosk.until("the matters of this hour", lambda: hot()[:2] == ["M021", "M001"])
    assert len(hot()) == TILES


def test_a_broker_that_lost_everything_is_told_everything_again(rig: Rig) -> None:
    topic = topics.site_down(rig.city.plans.devices[KIOSK].site, KIOSK, "cat")
    rig.hang_up()
    rig.city.broker.kill()
    for lost in (rig.city.directory / "broker").glob("*.db*"):
        lost.unlink()
    shutil.rmtree(rig.city.directory / "broker")
    rig.city.broker.start()
    kiosk = rig.terminal(KIOSK, HALL)
    kiosk.subscribe(topics.public(HALL, "calls"), topics.public(HALL, "outlook"), topic)
    for what in (topics.public(HALL, "calls"), topics.public(HALL, "outlook"), topic):
        kiosk.until(what, lambda what=what: latest(kiosk, what))
    assert take(kiosk).number
