"""Windows: who sits where, who is called, three calls and a no-show, service with outcome, transfer."""

from __future__ import annotations

from typing import Any

import pytest

from queue_server.domain.answers import CalledAnswer
from queue_server.domain.errors import Code
from queue_server.domain.messages import (
    AcceptMaterials,
    BeginIdentityCheck,
    CallAgain,
    CallNext,
    CallTicket,
    CloseCounter,
    Finish,
    MarkNoShow,
    OpenCounter,
    PauseCounter,
    ResumeCounter,
    ServiceAmber,
    ServiceOver,
    Transfer,
)
from queue_server.domain.model import Outcome, Place, State


def serve(scene: Any, counter: str, outcome: Outcome = Outcome.ACCEPTED, reason: str | None = None) -> None:
    scene.do(BeginIdentityCheck, counter=counter)
    scene.do(AcceptMaterials, counter=counter)
    scene.do(Finish, counter=counter, outcome=outcome, reason=reason)


def test_one_person_through_the_window(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.wait(minutes=5)
    called = scene.ask(CallNext, counter="1")
    assert isinstance(called, CalledAnswer)
    assert (called.number, called.counter, called.calls) == ("A001", "1", 1)
    scene.wait(minutes=1)
    serve(scene, "1")
    done = scene.ticket(ticket)
    assert (done.state, done.outcome, done.wait_net_s, done.wait_gross_s) == (State.DONE, Outcome.ACCEPTED, 300, 300)
    assert scene.hall.counters["1"].ticket_id is None


def test_sitting_down(scene: Any) -> None:
    scene.refuses(Code.UNKNOWN_COUNTER, OpenCounter, counter="9", staff="x")
    scene.open("1")
    assert scene.do(OpenCounter, counter="1", staff="clerk-1") == []
    scene.refuses(Code.COUNTER_TAKEN, OpenCounter, by="staff:other", counter="1", staff="other")
    scene.refuses(Code.COUNTER_CLOSED, CallNext, counter="2")
    scene.refuses(Code.UNKNOWN_COUNTER, CallNext, counter="9")
    scene.refuses(Code.NOBODY_WAITING, CallNext, counter="1")


def test_a_window_is_moved_only_by_who_sits_there(scene: Any) -> None:
    scene.open("1")
    scene.take()
    for command in (CallNext, CloseCounter, PauseCounter):
        scene.refuses(Code.NOT_YOUR_COUNTER, command, by="staff:clerk-2", counter="1")
    scene.do(CallNext, by="system", counter="1")


def test_a_manager_closes_what_an_absent_colleague_left_open(scene: Any) -> None:
    scene.open("1")
    (closed,) = scene.do(CloseCounter, by="manager:wu", counter="1")
    assert closed.by == "manager:wu", "the log says who closed it"
    scene.do(OpenCounter, by="staff:wu", counter="1", staff="wu")
    assert scene.hall.counters["1"].staff == "wu"


def test_a_manager_standing_in_ends_the_visit_there_but_calls_nobody_new(scene: Any) -> None:
    scene.open("1")
    ticket, later = scene.take(), scene.take()
    scene.call("1")
    scene.refuses(Code.COUNTER_BUSY, CloseCounter, by="manager:wu", counter="1")
    for step, more in ((BeginIdentityCheck, {}), (AcceptMaterials, {}), (Finish, {"outcome": Outcome.ACCEPTED})):
        (event,) = scene.do(step, by="manager:wu", counter="1", **more)
        assert event.by == "manager:wu"
    assert scene.ticket(ticket).state is State.DONE
    for command, more in ((CallNext, {}), (CallTicket, {"ticket_id": later.id, "reason": "x"}), (PauseCounter, {})):
        scene.refuses(Code.NOT_YOUR_COUNTER, command, by="manager:wu", counter="1", **more)
    scene.do(CloseCounter, by="manager:wu", counter="1")


def test_a_manager_transfers_the_citizen_of_an_abandoned_window(scene: Any) -> None:
    scene.open("1", "2")
    ticket = scene.take()
    scene.call("1")
    scene.do(Transfer, by="manager:wu", counter="1", to_counter="2", reason="other")
    scene.do(CloseCounter, by="manager:wu", counter="1")
    assert scene.call("2").id == ticket.id


def test_two_clerks_call_two_people(scene: Any) -> None:
    scene.open("1", "2")
    scene.take()
    scene.take()
    assert {scene.call("1").number, scene.call("2").number} == {"A001", "A002"}
    scene.refuses(Code.COUNTER_BUSY, CallNext, counter="1")


def test_a_window_with_a_citizen_does_not_close(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    assert scene.refuses(Code.COUNTER_BUSY, CloseCounter, counter="1").facts["number"] == "A001"
    serve(scene, "1")
    scene.do(CloseCounter, counter="1")
    assert not scene.hall.counters["1"].is_open


def test_a_paused_window_calls_nobody_but_finishes(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.take()
    scene.call("1")
    scene.do(PauseCounter, counter="1")
    scene.refuses(Code.COUNTER_PAUSED, PauseCounter, counter="1")
    serve(scene, "1")
    scene.refuses(Code.COUNTER_PAUSED, CallNext, counter="1")
    scene.do(ResumeCounter, counter="1")
    scene.refuses(Code.WRONG_STATE, ResumeCounter, counter="1")
    assert scene.call("1").number == "A002"


def test_calls_are_twenty_seconds_apart(scene: Any) -> None:
    scene.open("1")
    scene.refuses(Code.COUNTER_IDLE, CallAgain, counter="1")
    scene.take()
    scene.call("1")
    scene.wait(seconds=12.5)
    assert scene.refuses(Code.TOO_SOON, CallAgain, counter="1").facts == {"seconds": 8}
    scene.wait(seconds=7.5)
    scene.do(CallAgain, counter="1")
    assert scene.at_window("1").calls == 2


def test_no_show_only_after_three_calls(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    assert scene.refuses(Code.TOO_FEW_CALLS, MarkNoShow, counter="1").facts == {"calls": 1, "needed": 3}
    missed = scene.miss("1")
    assert (missed.state, missed.misses, missed.counter) == (State.MISSED, 1, None)
    assert scene.hall.counters["1"].ticket_id is None


def test_who_is_being_served_is_not_called_again(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    scene.refuses(Code.WRONG_STATE, CallAgain, counter="1")
    scene.refuses(Code.WRONG_STATE, MarkNoShow, counter="1")
    scene.refuses(Code.WRONG_STATE, BeginIdentityCheck, counter="1")


def test_the_board_shows_the_last_six_calls(scene: Any) -> None:
    scene.open("1")
    for _ in range(8):
        scene.take(lang="en")
        scene.call("1")
        serve(scene, "1")
    scene.take()
    scene.call("1")
    assert [c.number for c in scene.hall.recent_calls] == ["A009", "A008", "A007", "A006", "A005", "A004"]
    scene.wait(seconds=20)
    scene.do(CallAgain, counter="1")
    first = scene.hall.recent_calls[0]
    assert (first.number, first.times, first.at, first.lang) == ("A009", 2, scene.now, "zh-Hans")
    assert scene.hall.recent_calls[1].lang == "en"
    assert len(scene.hall.recent_calls) == 6


# --- service


def test_the_steps_of_service(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    scene.refuses(Code.OUTCOME_MISSING, Finish, counter="1", outcome=None)
    scene.refuses(Code.IDENTITY_FIRST, AcceptMaterials, counter="1")
    scene.refuses(Code.IDENTITY_FIRST, Finish, counter="1", outcome=Outcome.CONSULTED)
    scene.do(BeginIdentityCheck, counter="1")
    for outcome in (Outcome.ACCEPTED, Outcome.RECEIVED, Outcome.DEFERRED):
        scene.refuses(Code.MATERIALS_FIRST, Finish, counter="1", outcome=outcome)
    scene.wait(minutes=4)
    scene.do(AcceptMaterials, counter="1")
    assert scene.last.service_s == 240
    scene.refuses(Code.WRONG_STATE, AcceptMaterials, counter="1")
    scene.do(Finish, counter="1", outcome=Outcome.DEFERRED)


@pytest.mark.parametrize("outcome", [Outcome.CONSULTED, Outcome.DECLINED, Outcome.SUPPLEMENT])
def test_some_outcomes_need_no_materials(scene: Any, outcome: Outcome) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    scene.do(Finish, counter="1", outcome=outcome)
    assert scene.ticket(ticket).outcome is outcome


def test_service_over_twenty_minutes_needs_a_reason(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    begun = scene.now
    scene.wait(minutes=15)
    (amber,) = scene.tick()
    assert isinstance(amber, ServiceAmber)
    scene.wait(minutes=5)
    assert scene.tick() == []  # exactly 20 minutes is kept
    scene.wait(minutes=10)
    events = scene.do(AcceptMaterials, counter="1")
    assert isinstance(events[0], ServiceOver)
    assert (events[0].at - begun).total_seconds() == 1200
    scene.refuses(Code.REASON_MISSING, Finish, counter="1", outcome=Outcome.ACCEPTED)
    scene.refuses(Code.REASON_MISSING, Finish, counter="1", outcome=Outcome.ACCEPTED, reason="  ")
    scene.do(Finish, counter="1", outcome=Outcome.ACCEPTED, reason="系统缓慢")
    assert not [e for e in scene.tick() if isinstance(e, ServiceOver | ServiceAmber)]


def test_materials_accepted_stops_the_service_clock(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    scene.wait(minutes=10)
    scene.do(AcceptMaterials, counter="1")
    scene.wait(minutes=60)
    assert scene.tick() == []
    scene.do(Finish, counter="1", outcome=Outcome.ACCEPTED)


# --- transfer and named calls


def test_a_transfer_keeps_number_promise_and_clock(scene: Any) -> None:
    scene.open("1", "3")
    scene.take("elder-card")
    scene.wait(minutes=3)
    scene.call("1")
    first = scene.take("medical")
    scene.take("medical")
    scene.do(Transfer, counter="1", to_matters=("medical",), reason="选错事项")
    moved = scene.at_window("1") if scene.hall.counters["1"].ticket_id else scene.ticket("2026-03-02-A001")
    assert (moved.state, moved.matters, moved.number, moved.wait_net_s) == (State.WAITING, ("medical",), "A001", 180)
    assert moved.transfers == 1
    assert scene.call("3").number == "A001"  # it has waited longest still
    assert scene.ticket(moved).wait_net_s == 180
    assert scene.ticket(first).state is State.WAITING


def test_a_transfer_to_a_window_binds_to_it_while_it_is_open(scene: Any) -> None:
    scene.open("1", "2")
    ticket = scene.take()
    scene.call("1")
    scene.do(Transfer, counter="1", to_counter="2")
    scene.refuses(Code.NOBODY_WAITING, CallNext, counter="1")
    scene.do(CloseCounter, counter="2")
    assert scene.call("1").id == ticket.id


def test_transfers_that_cannot_be(scene: Any) -> None:
    scene.open("1", "3")
    scene.take("housing")
    scene.call("1")
    scene.refuses(Code.NO_SKILL, Transfer, counter="1", to_counter="3")
    scene.refuses(Code.UNKNOWN_COUNTER, Transfer, counter="1", to_counter="9")
    scene.refuses(Code.UNKNOWN_COUNTER, Transfer, counter="1", to_counter="1")
    scene.refuses(Code.COUNTER_CLOSED, Transfer, counter="1", to_counter="2")
    scene.refuses(Code.UNKNOWN_MATTER, Transfer, counter="1", to_matters=("moon",))
    scene.refuses(Code.BAD_VALUE, Transfer, counter="1")
    scene.do(Transfer, counter="1", to_counter="3", to_matters=("medical",))


def test_skills_and_distance_decide_who_may_call(scene: Any) -> None:
    scene.open("2", "3")
    scene.take("elder-card", place=Place.REMOTE)
    scene.wait(minutes=5)
    scene.take("medical")
    scene.refuses(Code.NO_SKILL, CallTicket, counter="3", ticket_id=scene.take("housing").id, reason="x")
    assert scene.call("3").place is Place.REMOTE  # a matter without a skill is every window's
    assert scene.call("2").number == "B001"  # window 2 has no camera


def test_a_window_without_a_camera_serves_nobody_at_an_outlet(scene: Any) -> None:
    scene.open("2")
    far = scene.take("elder-card", place=Place.REMOTE)
    scene.refuses(Code.NOBODY_WAITING, CallNext, counter="2")
    scene.refuses(Code.NO_SKILL, CallTicket, counter="2", ticket_id=far.id, reason="x")
    near = scene.take("elder-card")
    assert scene.call("2").id == near.id


def test_calling_one_named_ticket(scene: Any) -> None:
    scene.open("1")
    scene.take()
    late = scene.take()
    scene.refuses(Code.UNKNOWN_TICKET, CallTicket, counter="1", ticket_id="2026-03-02-A999", reason="x")
    scene.do(CallTicket, counter="1", ticket_id=late.id, reason="supervisor")
    assert scene.at_window("1").id == late.id
    assert scene.last.why["policy"] == "named"
    assert scene.last.why["reason"] == "supervisor"
    serve(scene, "1")
    scene.refuses(Code.WRONG_STATE, CallTicket, counter="1", ticket_id=late.id, reason="x")
