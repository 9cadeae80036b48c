"""Who is next under the hall's policy: the index against its definition, the guard, advice, what must never happen."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.domain import deadline_index, dispatch
from queue_server.domain.deadline_index import Candidate
from queue_server.domain.dispatch_rules import DispatchRules, from_table
from queue_server.domain.errors import Code, Refused
from queue_server.domain.hall import empty, evolve, replay
from queue_server.domain.lapses import waiting_reason
from queue_server.domain.messages import (
    Advice,
    CallNext,
    CancelTicket,
    CheckIn,
    CloseCounter,
    PauseCounter,
    PauseTicket,
    ResumeTicket,
    ReturnAfterNoShow,
    TicketCalled,
    Transfer,
)
from queue_server.domain.model import Kind, State, Ticket
from queue_server.domain.snapshot import freeze, thaw
from queue_server.domain.state import Hall, lane_of, reach, work_of

Scenes = Callable[..., Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")
QUARTER = timedelta(minutes=15)
MATTERS = ("elder-card", "residence", "medical", "housing")


# --- the index by its definition ---------------------------------------------------------------------


def defined(rules: DispatchRules, ticket: Ticket, hall: Hall, now: Any) -> float:
    """The index as sla.md §2 writes it, straight from the ticket."""
    limit, never = ticket.promise.limit_s / 60, ticket.promise.never_s / 60
    wait = limit - (ticket.due - now) / timedelta(minutes=1)
    waiting = [t for t in hall.tickets.values() if t.state is State.WAITING]
    mean = sum(work_of(t) for t in waiting) / 60 / len(waiting)
    weight = rules.weights[ticket.kind.value]
    k1 = rules.k1_walk_in if ticket.kind is Kind.WALK_IN else rules.k1
    value = weight * rules.eps * wait / limit
    if ticket.due >= now:
        value += weight * math.exp(-(limit - wait) / (k1 * mean))
    if ticket.due + timedelta(seconds=ticket.promise.never_s - ticket.promise.limit_s) >= now:
        value += rules.w2 * math.exp(-(never - wait) / (rules.k2 * mean))
    else:
        value += rules.w2 * rules.eta
    if ticket.skills:
        value *= 1 + rules.scarce_bonus
    return value / ticket.service_min**rules.gamma


def expected(hall: Hall, counter: str, now: Any) -> str | None:
    """The plain scan over every ticket of the hall: readiness, guard, index, promise, arrival."""
    window = hall.floor.bits[counter]
    able = [t for t in hall.tickets.values() if t.state is State.WAITING and reach(hall, lane_of(t)) & window]
    if not able:
        return None
    rules = hall.plan.rules.dispatch

    def never_line(t: Ticket) -> Any:
        return t.due + timedelta(seconds=t.promise.never_s - t.promise.limit_s + rules.guard_margin_s)

    ready = {t.id: dispatch.readiness(t, hall.calls, now) for t in able}
    past = [
        t
        for t in able
        if t.kind is Kind.WALK_IN
        and never_line(t) < now
        and (ready[t.id] is dispatch.Readiness.READY or (ready[t.id] is dispatch.Readiness.HELD_BACK and not t.soft))
    ]
    if past:
        return min(past, key=lambda t: (t.due + timedelta(seconds=t.promise.never_s - t.promise.limit_s), t.seq)).id
    best = min(ready.values())
    pool = [t for t in able if ready[t.id] is best]
    if best is dispatch.Readiness.EARLY:
        return min(pool, key=lambda t: (t.slot_start, t.due, t.seq)).id
    return min(pool, key=lambda t: (-round(defined(rules, t, hall, now) * 1e9), t.due, t.seq)).id


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "priority", "book", "wait", "wait", "long", "call", "away", "back"]),
        st.integers(0, 400),
    ),
    min_size=4,
    max_size=40,
)


def played(scene: Any, moves: list[tuple[str, int]]) -> Any:
    """A day of such moves: people come, wait, step out, come back; windows call and miss."""
    scene.check = lambda: None
    scene.open("1", "2", "3")
    for move, pick in moves:
        with suppress(Refused):  # a full slot, a second pause, back too late
            _move(scene, move, pick)
    return scene


def _move(scene: Any, move: str, pick: int) -> None:
    waiting = sorted(t.id for t in scene.hall.tickets.values() if t.state is State.WAITING)
    gone = sorted(t.id for t in scene.hall.tickets.values() if t.state in {State.PAUSED, State.MISSED})
    match move:
        case "take" | "priority":
            scene.take(MATTERS[pick % 4], priority_reason="age-80" if move == "priority" else None)
        case "book":
            slot = scene.now + timedelta(minutes=15 * (1 + pick % 4)) - (scene.now - scene.local("09:00")) % QUARTER
            booked = scene.book(slot.astimezone(SHANGHAI).strftime("%H:%M"))
            scene.do(CheckIn, token="t" * 22, appointment_id=booked.id)
        case "wait":
            scene.wait(seconds=pick)
        case "long":
            scene.wait(minutes=pick / 8)
        case "call":
            free = dispatch.window_order(scene.hall)[0]
            scene.call(free)
            scene.miss(free)
        case "away" if waiting:
            scene.do(PauseTicket, ticket_id=waiting[pick % len(waiting)])
        case "back" if gone:
            one = scene.ticket(gone[pick % len(gone)])
            scene.do(ResumeTicket if one.state is State.PAUSED else ReturnAfterNoShow, ticket_id=one.id)


STEADY = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@STEADY
@given(moves=MOVES, margin=st.sampled_from([0, 600]))
def test_the_choice_is_that_of_the_plain_definition(
    make_scene: Scenes, moves: list[tuple[str, int]], margin: int
) -> None:
    scene = played(make_scene(dispatch=DispatchRules(guard_margin_s=margin)), moves)
    for later in (0, 7, 31, 95, 200):
        now = scene.now + timedelta(minutes=later)
        for counter in ("1", "2", "3"):
            choice = dispatch.choose(scene.hall, counter, now)
            assert (None if choice is None else choice.ticket.id) == expected(scene.hall, counter, now)


@STEADY
@given(moves=MOVES)
def test_no_walk_in_past_the_never_line_waits_while_a_window_calls_somebody_else(
    make_scene: Scenes, moves: list[tuple[str, int]]
) -> None:
    scene = played(make_scene(), moves)
    for later in (0, 60, 91, 125, 400):
        now = scene.now + timedelta(minutes=later)
        for counter in ("1", "2", "3"):
            choice = dispatch.choose(scene.hall, counter, now)
            left = [
                t
                for t in scene.hall.tickets.values()
                if t.state is State.WAITING
                and t.kind is Kind.WALK_IN
                and not t.misses  # after a no-show the first call has been made
                and t.due + timedelta(seconds=t.promise.never_s - t.promise.limit_s) < now
                and reach(scene.hall, lane_of(t)) & scene.hall.floor.bits[counter]
            ]
            if left:
                assert choice is not None
                assert choice.ticket.id in {t.id for t in left} or choice.ticket.misses
                assert "past_never_s" in choice.why


@STEADY
@given(moves=MOVES)
def test_the_same_log_gives_the_same_order(make_scene: Scenes, moves: list[tuple[str, int]]) -> None:
    scene = played(make_scene(), moves)
    again = replay(empty(scene.plan), scene.log)
    thawed = thaw(freeze(scene.hall), scene.plan)
    for counter in ("1", "2", "3"):
        said = dispatch.preview(scene.hall, counter, scene.now, 40)
        assert (
            said == dispatch.preview(again, counter, scene.now, 40) == dispatch.preview(thawed, counter, scene.now, 40)
        )


@STEADY
@given(moves=MOVES, later=st.sampled_from([0, 25, 100]))
def test_the_preview_is_what_the_window_then_calls(
    make_scene: Scenes, moves: list[tuple[str, int]], later: int
) -> None:
    scene = played(make_scene(), moves)
    scene.wait(minutes=later)
    said = [choice.ticket.id for choice in dispatch.preview(scene.hall, "1", scene.now, 40)]
    hall, called = scene.hall, []
    while (choice := dispatch.choose(hall, "1", scene.now)) is not None:
        event = TicketCalled(at=scene.now, by="x", ticket_id=choice.ticket.id, counter="1", why=choice.why)
        hall = evolve(hall, event)
        called.append(choice.ticket.id)
    assert called == said


ODD = st.sampled_from([0.0, -5.0, 1e-300, 1e-9, 0.5, 7.0, 1e9, 1e300, math.inf, -math.inf, math.nan])
MOMENTS = st.floats(-1e12, 1e12)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    due=MOMENTS,
    now=MOMENTS,
    limit=st.floats(deadline_index.LEAST_LIMIT_MIN, 1e7),
    never=st.floats(0, 1e7),
    minutes=ODD,
    mean=ODD,
    kind=st.sampled_from(Kind),
    scarce=st.booleans(),
)
def test_the_index_is_a_number_whatever_is_expected(
    due: float, now: float, limit: float, never: float, minutes: float, mean: float, kind: Kind, *, scarce: bool
) -> None:
    one = Candidate(
        due,
        limit,
        never,
        deadline_index.service(minutes),
        kind.value,
        scarce,
        -math.inf,
        due,
        0,
        soft=False,
        seq=1,
        ticket_id="x",
    )
    found = deadline_index.parts(DispatchRules(), one, now, deadline_index.service(mean))
    assert all(math.isfinite(part) for part in found)
    assert isinstance(found.units, int)


def test_the_index_rises_until_a_line_is_passed_and_drops_there() -> None:
    one = Candidate(
        30,
        30,
        90,
        8,
        "walk-in",
        scarce=False,
        slot_min=-math.inf,
        checked_in_min=0,
        not_before_call=0,
        soft=False,
        seq=1,
        ticket_id="x",
    )
    at = [deadline_index.indices(DispatchRules(), [one], minute, 8.0)[0] for minute in range(100)]
    for first, last in ((0, 30), (31, 90), (91, 99)):
        assert at[first : last + 1] == sorted(at[first : last + 1])
    assert at[31] < at[30]
    assert at[91] < at[90]


# --- the rules of the hall ---------------------------------------------------------------------------


def test_a_longer_wait_breaks_no_tie_of_urgency_but_a_short_visit_does(scene: Any) -> None:
    long_one = scene.take("residence")
    short_one = scene.take("elder-card")
    assert dispatch.choose(scene.hall, "1", scene.now).ticket.id == short_one.id
    scene.wait(minutes=20)
    scene.take("elder-card")
    assert dispatch.choose(scene.hall, "1", scene.now).ticket.id == short_one.id
    scene.do(CancelTicket, ticket_id=short_one.id)
    assert dispatch.choose(scene.hall, "1", scene.now).ticket.id == long_one.id


def test_who_can_still_be_kept_goes_before_who_is_lost(make_scene: Scenes) -> None:
    scene = make_scene(dispatch=DispatchRules(k1=0.51, k2=0.8, eta=0.34, eps=0.1))
    lost = scene.take("elder-card", priority_reason="age-80")
    scene.wait(minutes=17)
    kept = scene.take("elder-card", priority_reason="age-80")
    scene.wait(minutes=14)  # one is two lines behind, the other a minute before its limit
    assert [c.ticket.id for c in dispatch.preview(scene.hall, "1", scene.now, 2)] == [kept.id, lost.id]


def test_a_walk_in_past_the_never_line_goes_before_everybody(make_scene: Scenes) -> None:
    scene = make_scene(dispatch=DispatchRules(guard_margin_s=0))
    scene.open("1")
    first = scene.take("elder-card")
    scene.wait(minutes=1)
    second = scene.take("elder-card")
    scene.wait(minutes=79)
    scene.take("elder-card", priority_reason="age-80")
    scene.wait(minutes=10)
    assert "past_never_s" not in dispatch.choose(scene.hall, "1", scene.now).why, "on the line is not past it"
    scene.wait(minutes=1, seconds=1)
    assert scene.call("1").id == first.id
    why = scene.last.why
    assert (why["policy"], why["past_never_s"], why["readiness"]) == ("sla", 61, "ready")
    assert why["next"] == second.number


def test_the_guard_waits_for_its_margin(make_scene: Scenes) -> None:
    scene = make_scene(dispatch=DispatchRules(guard_margin_s=900))
    first = scene.take("elder-card")
    scene.wait(minutes=100)
    pressing = scene.take("elder-card", priority_reason="age-80")
    scene.wait(minutes=5)
    assert "past_never_s" not in dispatch.choose(scene.hall, "1", scene.now).why
    scene.wait(minutes=1)
    guarded = dispatch.choose(scene.hall, "1", scene.now)
    assert (guarded.ticket.id, guarded.why["past_never_s"]) == (first.id, 16 * 60)
    assert pressing.id != first.id


def test_the_guard_may_begin_before_the_line_is_reached(make_scene: Scenes) -> None:
    scene = make_scene(dispatch=DispatchRules(guard_margin_s=-240))
    first = scene.take("elder-card")
    scene.wait(minutes=80)
    scene.take("elder-card", priority_reason="age-80")
    scene.wait(minutes=6)
    assert "past_never_s" not in dispatch.choose(scene.hall, "1", scene.now).why
    scene.wait(minutes=1)
    guarded = dispatch.choose(scene.hall, "1", scene.now)
    assert (guarded.ticket.id, guarded.why["past_never_s"]) == (first.id, -3 * 60)


def test_a_pause_moves_the_never_line_and_the_guard_lifts_its_hold(make_scene: Scenes) -> None:
    scene = make_scene(dispatch=DispatchRules(guard_margin_s=0))
    scene.open("1")
    away = scene.take("elder-card")
    scene.wait(minutes=89)
    scene.do(PauseTicket, ticket_id=away.id)
    scene.wait(minutes=10)
    other = scene.take("elder-card")
    scene.do(ResumeTicket, ticket_id=away.id)
    assert dispatch.choose(scene.hall, "1", scene.now).ticket.id == other.id, "two others go first"
    scene.wait(minutes=2)
    assert dispatch.choose(scene.hall, "1", scene.now).ticket.id == away.id, "but not past the never-line"


def test_after_a_no_show_two_others_go_first_even_past_the_never_line(scene: Any) -> None:
    scene.open("1")
    missed = scene.take("elder-card")
    scene.wait(minutes=89)
    others = [scene.take("elder-card") for _ in range(3)]
    scene.call("1")
    scene.miss("1")
    scene.wait(minutes=5)
    scene.do(ReturnAfterNoShow, ticket_id=missed.id)
    order = [c.ticket.id for c in dispatch.preview(scene.hall, "1", scene.now, 4)]
    assert order == [others[0].id, others[1].id, missed.id, others[2].id]


def test_a_transfer_keeps_its_clock(scene: Any) -> None:
    scene.open("1", "2")
    moved = scene.take("elder-card")
    scene.wait(minutes=20)
    scene.call("1")
    scene.take("elder-card")
    scene.wait(minutes=8)
    scene.do(Transfer, counter="1", to_counter="2")
    scene.wait(minutes=63)
    choice = dispatch.choose(scene.hall, "2", scene.now)
    assert (choice.ticket.id, choice.why["past_never_s"]) == (moved.id, 60)


def test_priority_is_recorded_with_what_decided_it(scene: Any) -> None:
    scene.open("1")
    scene.take("elder-card")
    given = scene.take("elder-card", priority_reason="disabled")
    scene.wait(minutes=12)
    scene.call("1")
    event = scene.last
    assert (event.ticket_id, event.why["kind"], event.why["priority"]) == (given.id, "priority", "disabled")
    assert event.why["for_limit"] > event.why["for_wait"] > 0
    assert event.why["index"] > event.why["next_index"]


def test_the_least_flexible_window_chooses_first(scene: Any) -> None:
    assert dispatch.choosing_order(scene.plan) == ("3", "1", "2")
    scene.open("1", "2", "3")
    scene.do(PauseCounter, counter="1")
    assert dispatch.window_order(scene.hall) == ("3", "2")
    scene.take("medical")
    scene.call("3")
    assert dispatch.window_order(scene.hall) == ("2",)


@pytest.mark.parametrize(
    ("policy", "order"),
    [("fifo", "ABCD"), ("appointments-first", "DBAC"), ("edf", "BDAC")],
)
def test_what_other_systems_do_for_comparison(make_scene: Scenes, policy: str, order: str) -> None:
    scene = make_scene(dispatch=DispatchRules(policy=policy))
    appointment = scene.book("10:00")
    people = {"A": scene.take("elder-card")}
    scene.wait(minutes=10)
    people["B"] = scene.take("elder-card", priority_reason="age-80")
    scene.wait(minutes=20)
    people["C"] = scene.take("elder-card")
    scene.wait(minutes=10)
    people["D"] = scene.ticket(scene.do(CheckIn, token="t" * 22, appointment_id=appointment.id)[-1].ticket_id)
    scene.at("09:46")
    # edf: B is due at 9:25, A at 9:30, C at 10:00, D at 10:10
    said = [c.ticket.id for c in dispatch.preview(scene.hall, "1", scene.now, 9)]
    named = {ticket.id: name for name, ticket in people.items()}
    expected_order = "BACD" if policy == "edf" else order
    assert "".join(named[ticket_id] for ticket_id in said) == expected_order
    assert "index" not in dispatch.choose(scene.hall, "1", scene.now).why


# --- nobody to call ----------------------------------------------------------------------------------


def test_nobody_is_told_apart_from_nobody_for_this_window(scene: Any) -> None:
    scene.open("3")
    assert scene.refuses(Code.NOBODY_WAITING, CallNext, counter="3").facts == {"counter": "3"}
    scene.take("housing")
    scene.take("housing")
    assert scene.refuses(Code.NOBODY_WAITING, CallNext, counter="3").facts == {"counter": "3", "elsewhere": 2}


def test_why_a_citizen_is_not_called_has_a_word(scene: Any) -> None:
    ticket = scene.take("housing")
    assert waiting_reason(scene.hall, ticket) == "no-window-open"
    assert dispatch.window_order(scene.hall) == ()
    scene.open("3")
    assert waiting_reason(scene.hall, ticket) == "no-window-with-skill"
    assert dispatch.choose(scene.hall, "3", scene.now) is None
    scene.open("1")
    scene.do(PauseCounter, counter="1")
    assert waiting_reason(scene.hall, ticket) == "paused-windows"
    scene.do(CloseCounter, counter="1")
    scene.do(CloseCounter, counter="3")
    assert waiting_reason(scene.hall, ticket) == "no-window-open"


# --- the look ahead's advice -------------------------------------------------------------------------


def advise(scene: Any, counter: str, ticket: Any) -> dict[str, Any]:
    scene.do(CallNext, counter=counter, advice=Advice(ticket.id, {"futures": 32, "better": 0.4}))
    why = scene.last.why
    return {**why, "called": scene.last.ticket_id}


def test_advice_is_followed_and_recorded(scene: Any) -> None:
    scene.open("1")
    by_index = scene.take("elder-card")
    other = scene.take("residence")
    why = advise(scene, "1", other)
    assert (why["called"], why["policy"], why["instead_of"]) == (other.id, "rollout", by_index.number)
    assert (why["futures"], why["readiness"], why["waiting"]) == (32, "ready", 2)


def test_advice_that_agrees_with_the_index_is_recorded_as_advice(scene: Any) -> None:
    scene.open("1")
    first = scene.take("elder-card")
    why = advise(scene, "1", first)
    assert (why["called"], why["policy"]) == (first.id, "rollout")
    assert "instead_of" not in why


@pytest.mark.parametrize("because", ["called", "gone", "away", "other-window", "unknown", "held-back", "fifo"])
def test_advice_that_no_longer_fits_is_passed_over(make_scene: Scenes, because: str) -> None:
    scene = make_scene(**({"dispatch": DispatchRules(policy="fifo")} if because == "fifo" else {}))
    scene.open("1", "2", "3")
    by_rule = scene.take("elder-card")
    advised = scene.take("housing" if because == "other-window" else "residence")
    scene.wait(minutes=5)
    match because:
        case "called":
            scene.do(CallNext, counter="2", advice=Advice(advised.id))
        case "gone":
            scene.do(CancelTicket, ticket_id=advised.id)
        case "away":
            scene.do(PauseTicket, ticket_id=advised.id)
        case "held-back":
            scene.do(PauseTicket, ticket_id=advised.id)
            scene.do(ResumeTicket, ticket_id=advised.id)
        case "unknown":
            advised = replace(advised, id="2026-03-02-A999")
    why = advise(scene, "3" if because == "other-window" else "1", advised)
    assert (why["called"], why["policy"]) == (by_rule.id, "fifo" if because == "fifo" else "sla")


def test_advice_never_goes_before_a_walk_in_past_the_never_line(scene: Any) -> None:
    scene.open("1")
    left = scene.take("elder-card")
    scene.wait(minutes=91)
    other = scene.take("elder-card", priority_reason="age-80")
    why = advise(scene, "1", other)
    assert (why["called"], why["policy"]) == (left.id, "sla")


# --- the hall's own numbers --------------------------------------------------------------------------


def test_a_hall_sets_its_own_numbers() -> None:
    rules = from_table({"policy": "edf", "k1": 1, "weights": {"walk-in": 1.5}})
    assert (rules.policy, rules.k1, rules.k2) == ("edf", 1, DispatchRules().k2)
    assert rules.weights == {"appointment": 3.0, "priority": 2.0, "walk-in": 1.5}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"k1": 0}, "k1 must be a number from 0.001 to 100, not 0"),
        ({"k2": -1.0}, "k2"),
        ({"eta": math.nan}, "eta"),
        ({"gamma": math.inf}, "gamma"),
        ({"eps": "a lot"}, "eps"),
        ({"w2": True}, "w2"),
        ({"guard_margin_s": -3601}, "guard_margin_s"),
        ({"policy": "luck"}, "policy must be one of sla, fifo, appointments-first, edf, not 'luck'"),
        ({"gama": 1}, "unknown key gama (did you mean 'gamma'?)"),
        ({"weights": {"walkin": 1}}, "unknown key weights.walkin (did you mean 'walk-in'?)"),
        ({"weights": {"priority": 0}}, "weights.priority"),
        ({"weights": 3}, "weights must be a table"),
        ({"k1": 0, "k2": 0}, "k1 must be a number from 0.001 to 100, not 0; k2"),
    ],
)
def test_nonsense_is_refused_before_a_hall_opens(table: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match="dispatch: ") as no:
        from_table(table)
    assert said in str(no.value)
