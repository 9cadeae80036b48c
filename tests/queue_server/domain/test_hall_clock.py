"""The wait clock: the promise, amber and broken once with their true times, pauses, no-shows, early and late."""

from __future__ import annotations

from typing import Any

from queue_server.domain.alarms import all_wakes, wakes
from queue_server.domain.errors import Code
from queue_server.domain.messages import (
    AlarmRaised,
    AppointmentMet,
    CallNext,
    CallTicket,
    CancelTicket,
    CheckIn,
    OpenCounter,
    PauseCounter,
    PauseTicket,
    PromiseAmber,
    PromiseBroken,
    ResumeTicket,
    ReturnAfterNoShow,
    TakeTicket,
    TicketAbandoned,
    TicketIssued,
    TicketResumed,
)
from queue_server.domain.model import Kind, State


def minutes_of(events: Any, start: Any) -> list[tuple[str, float]]:
    return [(type(e).__name__, (e.at - start).total_seconds() / 60) for e in events]


def test_amber_at_70_percent_and_broken_once(scene: Any) -> None:
    ticket = scene.take()
    start = scene.now
    scene.wait(minutes=20, seconds=59)
    assert scene.tick() == []
    scene.wait(seconds=1)
    assert minutes_of(scene.tick(), start) == [("PromiseAmber", 21)]
    scene.wait(minutes=9)
    assert scene.tick() == []  # called now it would be kept
    scene.wait(seconds=1)
    assert minutes_of(scene.tick(), start) == [("PromiseBroken", 30)]
    scene.wait(hours=1)
    assert scene.tick() == []
    assert (scene.ticket(ticket).amber, scene.ticket(ticket).broken) == (True, True)


def test_what_ran_out_unnoticed_is_told_with_its_true_time(scene: Any) -> None:
    scene.take()
    start = scene.now
    scene.wait(minutes=5)
    scene.take("housing")
    scene.wait(hours=3)
    assert minutes_of(scene.tick(), start) == [
        ("PromiseAmber", 21),
        ("PromiseBroken", 30),
        ("PromiseAmber", 47),
        ("PromiseBroken", 65),
    ]


def test_a_call_after_the_due_time_tells_first_that_the_promise_was_broken(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.wait(minutes=31)
    events = scene.do(CallNext, counter="1")
    assert [type(e).__name__ for e in events] == ["PromiseAmber", "PromiseBroken", "TicketCalled"]
    assert scene.ticket(ticket).wait_net_s == 31 * 60


def test_a_call_on_the_very_due_time_keeps_the_promise(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.wait(minutes=30)
    scene.tick()
    scene.call("1")
    scene.wait(hours=1)
    scene.tick()
    assert not scene.ticket(ticket).broken
    assert not [e for e in scene.log if isinstance(e, PromiseBroken)]


def test_the_reasons(scene: Any) -> None:
    reasons = {}

    def amber_reason(name: str) -> None:
        scene.wait(minutes=21)
        reasons[name] = next(e.reason for e in scene.tick() if isinstance(e, PromiseAmber))
        for ticket in scene.hall.tickets.values():
            if ticket.state is State.WAITING:
                scene.do(CancelTicket, ticket_id=ticket.id)

    scene.take("residence")
    amber_reason("nobody came to work")
    scene.open("3")
    scene.take("residence", "housing")
    scene.wait(minutes=21)
    amber_reason("only the medical window")
    scene.open("1")
    scene.do(PauseCounter, counter="1")
    scene.take("residence", "medical", "housing")
    scene.wait(minutes=21)
    amber_reason("the only one is paused")
    scene.open("2")
    scene.take("residence")
    scene.call("2")
    scene.take("medical")
    scene.call("3")
    scene.take("residence")
    amber_reason("all busy")
    assert reasons == {
        "nobody came to work": "no-window-open",
        "only the medical window": "no-window-with-skill",
        "the only one is paused": "paused-windows",
        "all busy": "windows-busy",
    }


def test_alarms_are_set_for_what_comes_next(scene: Any) -> None:
    scene.open("1")
    scene.take()
    issued = scene.last
    assert isinstance(issued, TicketIssued)
    (amber,) = wakes(issued, scene.hall)
    assert (amber - scene.now).total_seconds() == 1260
    assert amber in all_wakes(scene.hall)
    scene.now = amber
    (told,) = scene.tick()
    (broken,) = wakes(told, scene.hall)
    scene.now = broken
    assert isinstance(scene.tick()[0], PromiseBroken)
    (raised,) = (e for e in scene.watched if isinstance(e, AlarmRaised))
    (further,) = wakes(raised, scene.hall)
    midnight = scene.local("00:00", scene.hall.business_date.replace(day=3))
    assert all_wakes(scene.hall) == (further, midnight)


# --- 暂离


def test_a_pause_moves_amber_and_due_and_is_no_waiting(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    start = scene.now
    scene.wait(minutes=10)
    scene.do(PauseTicket, ticket_id=ticket.id)
    scene.wait(minutes=30)
    assert scene.tick() == []
    scene.do(ResumeTicket, ticket_id=ticket.id)
    assert (scene.ticket(ticket).due - start).total_seconds() == 3600
    scene.wait(minutes=11)
    assert minutes_of(scene.tick(), start) == [("PromiseAmber", 51)]
    scene.wait(minutes=5)
    scene.call("1")
    assert (scene.ticket(ticket).wait_net_s, scene.ticket(ticket).wait_gross_s) == (26 * 60, 56 * 60)
    assert scene.ticket(ticket).promise.due == ticket.promise.due  # the word given stands in the record


def test_a_pause_is_for_once(scene: Any) -> None:
    ticket = scene.take()
    scene.refuses(Code.WRONG_STATE, ResumeTicket, ticket_id=ticket.id)
    scene.do(PauseTicket, ticket_id=ticket.id)
    scene.refuses(Code.WRONG_STATE, PauseTicket, ticket_id=ticket.id)
    scene.do(ResumeTicket, ticket_id=ticket.id)
    scene.refuses(Code.PAUSE_USED, PauseTicket, ticket_id=ticket.id)
    scene.refuses(Code.UNKNOWN_TICKET, PauseTicket, ticket_id="2026-03-02-Z001")


def test_back_from_a_pause_the_next_two_go_first(scene: Any) -> None:
    scene.open("1", "2")
    away = scene.take()
    others = [scene.take() for _ in range(3)]
    scene.do(PauseTicket, ticket_id=away.id)
    scene.do(ResumeTicket, ticket_id=away.id)
    called = []
    for _ in range(4):
        called.append(scene.call("1").number)
        scene.miss("1")
    assert called == [others[0].number, others[1].number, away.number, others[2].number]


def test_back_from_a_pause_nobody_else_ready_is_called_at_once(scene: Any) -> None:
    scene.open("1")
    away = scene.take()
    scene.do(PauseTicket, ticket_id=away.id)
    scene.refuses(Code.NOBODY_WAITING, CallNext, counter="1")
    scene.do(ResumeTicket, ticket_id=away.id)
    assert scene.call("1").id == away.id
    assert scene.last.why["readiness"] == "held-back"


def test_after_an_hour_the_pause_is_over_by_itself(scene: Any) -> None:
    ticket = scene.take()
    scene.do(PauseTicket, ticket_id=ticket.id)
    start = scene.now
    scene.wait(hours=3)
    events = scene.tick()
    assert isinstance(events[0], TicketResumed)
    assert events[0].lapsed
    assert minutes_of(events, start) == [("TicketResumed", 60), ("PromiseAmber", 81), ("PromiseBroken", 90)]


def test_who_is_called_by_name_during_a_pause_is_back(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.do(PauseTicket, ticket_id=ticket.id)
    scene.wait(minutes=10)
    scene.do(CallTicket, counter="1", ticket_id=ticket.id, reason="at the window")
    assert (scene.ticket(ticket).state, scene.ticket(ticket).wait_net_s) == (State.CALLED, 0)


# --- 过号


def test_back_after_a_no_show_behind_the_next_two(scene: Any) -> None:
    scene.open("1")
    missed = scene.take()
    others = [scene.take() for _ in range(3)]
    scene.call("1")
    scene.miss("1")
    scene.wait(minutes=29)
    scene.do(ReturnAfterNoShow, ticket_id=missed.id)
    called = []
    for _ in range(4):
        called.append(scene.call("1").number)
        scene.miss("1")
    assert called == [others[0].number, others[1].number, missed.number, others[2].number]


def test_the_second_no_show_is_the_end_of_the_queue(scene: Any) -> None:
    scene.open("1")
    missed = scene.take()
    others = [scene.take() for _ in range(4)]
    scene.call("1")
    scene.miss("1")
    scene.do(CallTicket, counter="1", ticket_id=missed.id, reason="here now")
    assert scene.miss("1").misses == 2
    scene.do(ReturnAfterNoShow, ticket_id=missed.id)
    called = []
    for _ in range(5):
        called.append(scene.call("1").number)
        scene.miss("1")
    assert called == [*(o.number for o in others), missed.number]


def test_the_promise_is_decided_at_the_first_call_and_never_again(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.wait(minutes=10)
    scene.call("1")
    scene.miss("1")
    scene.do(ReturnAfterNoShow, ticket_id=ticket.id)
    back = scene.ticket(ticket)
    assert (back.soft, back.promise, back.wait_net_s) == (True, ticket.promise, 600)
    scene.wait(hours=2)
    assert scene.tick() == []
    scene.call("1")
    assert scene.ticket(ticket).wait_net_s == 600


def test_after_thirty_minutes_the_number_is_gone(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.call("1")
    scene.miss("1")
    missed_at = scene.now
    scene.wait(minutes=30, seconds=1)
    no = scene.refuses(Code.RETURN_TOO_LATE, ReturnAfterNoShow, ticket_id=ticket.id)
    assert no.facts["minutes"] == 30
    (gone,) = scene.tick()
    assert isinstance(gone, TicketAbandoned)
    assert (gone.at - missed_at).total_seconds() == 1800
    assert scene.ticket(ticket).state is State.ABANDONED


def test_to_the_very_end_of_the_thirty_minutes_one_may_return(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.call("1")
    scene.miss("1")
    scene.wait(minutes=30)
    scene.do(ReturnAfterNoShow, ticket_id=ticket.id)
    scene.refuses(Code.WRONG_STATE, ReturnAfterNoShow, ticket_id=ticket.id)


def test_giving_the_number_back(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    scene.call("1")
    scene.refuses(Code.WRONG_STATE, CancelTicket, ticket_id=ticket.id)
    scene.miss("1")
    scene.do(CancelTicket, ticket_id=ticket.id)
    assert scene.ticket(ticket).state is State.CANCELLED
    scene.wait(hours=1)
    assert scene.tick() == []


# --- appointments: early, on time, late


def check_in(scene: Any, appointment: Any, **fields: Any) -> Any:
    given = scene.ask(CheckIn, token="t" * 22, appointment_id=appointment.id, **fields)
    return scene.ticket(given.ticket_id)


def test_the_clock_of_an_early_citizen_starts_with_the_slot(scene: Any) -> None:
    scene.open("1")
    appointment = scene.book("10:00")
    scene.at("09:30")
    ticket = check_in(scene, appointment)
    assert ticket.kind is Kind.APPOINTMENT
    assert ticket.promise.due == scene.local("10:10")
    scene.at("10:04")
    scene.call("1")
    assert (scene.ticket(ticket).wait_net_s, scene.ticket(ticket).wait_gross_s) == (240, 34 * 60)


def test_an_early_citizen_is_called_early_only_if_nobody_else_is_ready(scene: Any) -> None:
    appointment = scene.book("10:00")
    scene.at("09:15")
    early = check_in(scene, appointment)
    scene.open("1", "2")
    walk_in = scene.take()
    assert scene.call("1").id == walk_in.id
    assert scene.call("2").id == early.id
    assert scene.last.why["readiness"] == "early"
    assert scene.ticket(early).wait_net_s == 0


def test_up_to_fifteen_minutes_late_is_still_the_appointment(scene: Any) -> None:
    appointment = scene.book("10:00")
    scene.at("10:15")
    ticket = check_in(scene, appointment)
    assert (ticket.kind, ticket.promise.due) == (Kind.APPOINTMENT, scene.local("10:25"))


def test_later_than_that_is_a_walk_in_with_the_clock_from_check_in(scene: Any) -> None:
    appointment = scene.book("10:00")
    scene.at("10:16")
    given = scene.ask(CheckIn, token="t" * 22, code=appointment.code)
    assert (given.kind, given.late, given.due) == (Kind.WALK_IN, True, scene.local("10:46"))
    assert [e.late for e in scene.log if isinstance(e, AppointmentMet)] == [True]


def test_more_than_an_hour_early_comes_again(scene: Any) -> None:
    appointment = scene.book("10:15")
    scene.at("09:10")
    no = scene.refuses(Code.TOO_EARLY, CheckIn, token="t" * 22, appointment_id=appointment.id)
    assert no.facts == {"earliest": "09:15", "slot": "10:15"}
    scene.at("09:15")
    check_in(scene, appointment)


def test_commands_never_run_backwards_in_time(scene: Any) -> None:
    first = scene.take()
    scene.wait(minutes=-10)
    second = scene.take()
    assert second.checked_in_at == first.checked_in_at
    scene.do(OpenCounter, counter="1", staff="clerk-1")
    assert [e.at for e in scene.log] == sorted(e.at for e in scene.log)
    assert scene.refuses(Code.NO_MATTER, TakeTicket, matters=(), token="t" * 22)
