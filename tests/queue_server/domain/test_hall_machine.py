"""Anything anybody may ask, in any order, at any time: what must hold in every hall holds.

No number twice; gaps only from blocks, each logged; nobody at two windows; a promise broken at most once;
no slot oversold; a refusal changes nothing; and the log, replayed, and the snapshot, thawed, are the hall.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from queue_server.domain import booking, dispatch, estimate
from queue_server.domain.alarms import all_wakes, wakes
from queue_server.domain.errors import Refused
from queue_server.domain.evolving_days import number_of
from queue_server.domain.hall import answer, decide, empty, evolve, replay
from queue_server.domain.messages import (
    WATCH_EVENTS,
    AcceptMaterials,
    BeginIdentityCheck,
    BlockLapsed,
    BlockLeased,
    BookSlot,
    CallAgain,
    CallNext,
    CallTicket,
    CancelAppointment,
    CancelTicket,
    CheckIn,
    Claim,
    CloseCounter,
    CloseDay,
    Command,
    DayClosed,
    DayOpened,
    Event,
    Finish,
    JoinWaitingList,
    LeaseBlock,
    LeaveWaitingList,
    MarkNoShow,
    OfferLapsed,
    OpenCounter,
    PauseCounter,
    PauseTicket,
    PlaceOffered,
    PromiseAmber,
    PromiseBroken,
    RecordOfflineTicket,
    ResumeCounter,
    ResumeTicket,
    ReturnAfterNoShow,
    ServiceAmber,
    ServiceOver,
    TakeTicket,
    Tick,
    TicketAbandoned,
    TicketCalled,
    TicketIssued,
    TicketResumed,
    Transfer,
    WaitingListLeft,
)
from queue_server.domain.model import Booking, Outcome, Place, State
from queue_server.domain.rules import Rules
from queue_server.domain.snapshot import freeze, thaw
from tests.queue_server.domain.watching import WatchRules

MATTERS = st.lists(
    st.sampled_from(["elder-card", "residence", "medical", "housing", "elder-card", "archive", "moon"]), max_size=2
)
WINDOWS = st.sampled_from(["1", "2", "3", "1", "2", "1", "2", "9"])
PLACES = st.sampled_from([Place.HERE, Place.HERE, Place.REMOTE])
PERSONS = st.sampled_from([None, "p1", "p2"])
TRUE_TIMES = (
    PromiseAmber,
    PromiseBroken,
    ServiceAmber,
    ServiceOver,
    TicketResumed,
    TicketAbandoned,
    OfferLapsed,
    PlaceOffered,
    WaitingListLeft,
    *WATCH_EVENTS,
)
OF_THE_DAY = (DayClosed, DayOpened, BlockLapsed)


class HallMachine(WatchRules):
    """One hall, random hands."""

    make_scene: Callable[..., Any]

    @initialize(round_the_clock=st.booleans(), capacity=st.sampled_from([None, 1]))
    def begin(self, round_the_clock: bool, capacity: int | None) -> None:  # noqa: FBT001  (hypothesis passes by name)
        scene = type(self).make_scene(round_the_clock=round_the_clock, slot_capacity=capacity, block_size=3)
        self.plan = scene.plan
        self.hall = empty(self.plan)
        self.now = scene.now
        self.log: list[Event] = []
        self.ids = 0
        self.blocks: list[str] = []
        self.clerks_come()
        self.several_take(4)

    def name(self) -> str:
        self.ids += 1
        return f"id-{self.ids}"

    def ask(self, kind: Callable[..., Command], by: str = "system", **fields: object) -> None:
        command = kind(id=self.name(), by=by, **fields)
        before = self.hall
        frozen = freeze(before)
        try:
            events = decide(self.hall, command, self.now)
        except Refused:
            refused = True
            events = []
        else:
            refused = False
        if refused:
            assert not isinstance(command, RecordOfflineTicket | Tick)
            assert freeze(self.hall) == frozen
            return
        for event in events:
            lately = before.now is None or event.at >= before.now
            assert lately or isinstance(event, TRUE_TIMES), "only what ran out unnoticed bears an earlier time"
            assert event.at <= max(self.now, before.now or self.now)
            self.hall = evolve(self.hall, event)
            self.log.append(event)
            assert set(wakes(event, self.hall)) <= set(all_wakes(self.hall))
        answer(self.hall, command, events)
        assert freeze(before) == frozen

    def some_ticket(self, pick: int, *states: State) -> str:
        known = sorted(t.id for t in self.hall.tickets.values() if not states or t.state in states)
        return known[pick % len(known)] if known else "2026-03-02-A001"

    # --- time

    @rule(seconds=st.sampled_from([1, 5, 20, 60, 300, 600, 900, 1200]))
    def a_while_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(minutes=st.sampled_from([15, 31, 31, 31, 61, 480, 4320]), tick=st.booleans())
    def much_time_passes(self, minutes: int, tick: bool) -> None:  # noqa: FBT001  (hypothesis passes by name)
        """Over night the next morning comes, and with it the clerks."""
        self.now += timedelta(minutes=minutes)
        if tick:
            self.ask(Tick)
        if minutes > 60:
            self.now = (self.now + timedelta(hours=2)).replace(hour=1, minute=0, second=0, microsecond=0)
            self.clerks_come()
            self.several_take(3)

    def clerks_come(self) -> None:
        for window in ("1", "2", "3"):
            self.sit_down(window)

    @rule()
    def the_clock_is_set_back(self) -> None:
        self.now -= timedelta(seconds=30)

    @rule()
    def timekeeper(self) -> None:
        due = [w for w in all_wakes(self.hall) if w > self.now]
        if due:
            self.now = due[0]
            self.ask(Tick)

    # --- citizens

    @rule(matters=MATTERS, place=PLACES, priority=st.sampled_from([None, None, "age-80"]))
    def take(self, matters: list[str], place: Place, priority: str | None) -> None:
        token = self.name()
        self.ask(TakeTicket, matters=tuple(matters), token=token, place=place, priority_reason=priority)

    @rule(count=st.integers(1, 4))
    def several_take(self, count: int) -> None:
        for i in range(count):
            self.ask(TakeTicket, matters=(("elder-card", "medical", "housing")[i % 3],), token=self.name())

    @rule(
        matters=MATTERS,
        day=st.sampled_from([0, 0, 0, 1, 12]),
        pick=st.integers(0, 6),
        person=PERSONS,
        move=st.booleans(),
    )
    def book(self, matters: list[str], day: int, pick: int, person: str | None, move: bool) -> None:  # noqa: FBT001
        when = (self.hall.now or self.now).date() + timedelta(days=day)
        slots = [slot for slot in booking.slots_of(self.hall, when) if slot > self.now]
        start = slots[pick % len(slots)] if slots else self.now
        mine = sorted(a for a in self.hall.bookings.get(person or "", ()))
        self.ask(
            BookSlot,
            appointment_id=self.name(),
            code=self.name(),
            matters=tuple(matters),
            slot_start=start,
            person_ref=person,
            replaces=mine[pick % len(mine)] if move and mine else None,
        )

    @rule(pick=st.integers(0, 20), how=st.sampled_from(["id", "code", "p1", "p2"]))
    def check_in(self, pick: int, how: str) -> None:
        known = sorted(a.id for a in self.hall.appointments.values() if a.state is Booking.BOOKED)
        known = known or sorted(self.hall.appointments)
        appointment = self.hall.appointments[known[pick % len(known)]] if known else None
        if how in {"p1", "p2"}:
            self.ask(CheckIn, token=self.name(), person_ref=how)
        elif appointment is not None and how == "id":
            self.now = max(self.now, min(self.now + timedelta(hours=3), appointment.slot_start))
            self.ask(CheckIn, token=self.name(), appointment_id=appointment.id)
        elif appointment is not None:
            self.ask(CheckIn, token=self.name(), code=appointment.code)

    @rule(pick=st.integers(0, 20))
    def cancel_booking(self, pick: int) -> None:
        known = sorted(self.hall.appointments)
        if known:
            self.ask(CancelAppointment, appointment_id=known[pick % len(known)])

    @rule(pick=st.integers(0, 20), day=st.sampled_from([0, 1]), person=PERSONS, slot=st.booleans())
    def wait_for_a_place(self, pick: int, day: int, person: str | None, slot: bool) -> None:  # noqa: FBT001
        booked = sorted(self.hall.slots)
        start = booked[pick % len(booked)] if booked and slot else None
        when = (self.hall.now or self.now).date() + timedelta(days=day)
        wish = {"wish_id": self.name(), "code": self.name(), "matters": ("elder-card",)}
        self.ask(JoinWaitingList, day=when, slot_start=start, person_ref=person, **wish)

    @rule(pick=st.integers(0, 20), take=st.booleans())
    def take_what_is_offered_or_leave(self, pick: int, take: bool) -> None:  # noqa: FBT001
        wishes = sorted(self.hall.book.wishes)
        wish = self.hall.book.wishes[wishes[pick % len(wishes)]] if wishes else None
        if wish is None or not take:
            self.ask(LeaveWaitingList, wish_id="nobody" if wish is None else wish.id)
            return
        self.ask(
            BookSlot,
            appointment_id=self.name(),
            code=self.name(),
            matters=wish.matters,
            slot_start=wish.offered or self.now,
            person_ref=wish.person_ref,
            wish=wish.id,
        )

    @rule(pick=st.integers(0, 30), what=st.sampled_from([CancelTicket, PauseTicket, ResumeTicket, ReturnAfterNoShow]))
    def on_the_phone(self, pick: int, what: Callable[..., Command]) -> None:
        self.ask(what, by="phone", ticket_id=self.some_ticket(pick))

    @rule(pick=st.integers(0, 30), minutes=st.sampled_from([1, 25, 70]))
    def steps_out(self, pick: int, minutes: int) -> None:
        ticket = self.some_ticket(pick, State.WAITING)
        self.ask(PauseTicket, ticket_id=ticket)
        self.now += timedelta(minutes=minutes)
        self.ask(ResumeTicket, ticket_id=ticket)

    @rule(pick=st.integers(0, 30))
    def comes_back(self, pick: int) -> None:
        self.ask(ReturnAfterNoShow, ticket_id=self.some_ticket(pick, State.MISSED))

    # --- windows

    @rule(window=WINDOWS)
    def sit_down(self, window: str) -> None:
        self.ask(OpenCounter, by=f"staff:s{window}", counter=window, staff=f"s{window}")

    @rule(window=WINDOWS, what=st.sampled_from([CloseCounter, PauseCounter, ResumeCounter, CallNext, CallAgain]))
    def at_the_window(self, window: str, what: Callable[..., Command]) -> None:
        self.ask(what, by=f"staff:s{window}", counter=window)

    @rule(window=WINDOWS, what=st.sampled_from([CloseCounter, CallNext]))
    def somebody_else_at_the_window(self, window: str, what: Callable[..., Command]) -> None:
        self.ask(what, by="staff:other", counter=window)
        self.ask(OpenCounter, by="staff:other", counter=window, staff="other")

    @rule(window=WINDOWS, times=st.integers(1, 3))
    def nobody_comes(self, window: str, times: int) -> None:
        self.ask(CallNext, counter=window)
        for _ in range(times):
            self.now += timedelta(seconds=20)
            self.ask(CallAgain, counter=window)
        self.ask(MarkNoShow, counter=window)

    @rule(
        window=WINDOWS,
        minutes=st.sampled_from([3, 16, 25]),
        materials=st.booleans(),
        outcome=st.sampled_from([None, *Outcome]),
        reason=st.sampled_from([None, "slow"]),
    )
    def serve(self, window: str, minutes: int, materials: bool, outcome: Outcome | None, reason: str | None) -> None:  # noqa: FBT001
        self.ask(CallNext, counter=window)
        self.ask(BeginIdentityCheck, counter=window)
        self.now += timedelta(minutes=minutes)
        if materials:
            self.ask(AcceptMaterials, counter=window)
        self.ask(Finish, counter=window, outcome=outcome, reason=reason)

    @rule(window=WINDOWS, what=st.sampled_from([BeginIdentityCheck, AcceptMaterials]))
    def one_step(self, window: str, what: Callable[..., Command]) -> None:
        self.ask(what, counter=window)

    @rule(window=WINDOWS, to=st.one_of(st.none(), WINDOWS), matters=st.one_of(st.none(), MATTERS))
    def send_on(self, window: str, to: str | None, matters: list[str] | None) -> None:
        what = None if matters is None else tuple(matters)
        self.ask(Transfer, counter=window, to_counter=to, to_matters=what)

    @rule(window=WINDOWS, pick=st.integers(0, 30))
    def call_by_name(self, window: str, pick: int) -> None:
        self.ask(CallTicket, counter=window, ticket_id=self.some_ticket(pick), reason="shown")

    # --- kiosks off line

    @rule(kiosk=st.sampled_from(["k1", "k2"]), group=st.sampled_from(["A", "B"]), size=st.integers(0, 4))
    def lease(self, kiosk: str, group: str, size: int) -> None:
        block = self.name()
        self.blocks.append(block)
        self.ask(LeaseBlock, block_id=block, kiosk=kiosk, group=group, size=size)

    @rule(
        pick=st.integers(0, 9),
        kiosk=st.sampled_from(["k1", "k2"]),
        group=st.sampled_from(["A", "B", "Q"]),
        number=st.integers(1, 12),
        ago=st.sampled_from([0, 60, 3600, 86_400, -86_400, 86_400 * 60]),
        claim=st.sampled_from([None, None, "code", "p1", "p2", "nobody"]),
        again=st.booleans(),
    )
    def record(
        self,
        pick: int,
        kiosk: str,
        group: str,
        number: int,
        ago: int,
        claim: str | None,
        again: bool,  # noqa: FBT001
    ) -> None:
        """``again``: a paper that was taken in at a window is handed in by its kiosk, or handed in twice."""
        block = self.blocks[pick % len(self.blocks)] if self.blocks else "none"
        held = self.hall.blocks.get(block)
        if held is not None and pick < 7:  # mostly an honest kiosk
            kiosk, group, number = held.kiosk, held.group, held.first + number % (held.last - held.first + 1)
        self.ask(
            RecordOfflineTicket,
            block_id=block,
            kiosk=kiosk,
            group=group,
            number=number,
            matters=("elder-card",),
            token=next(iter(self.hall.papers), "") if again and self.hall.papers else self.name(),
            checked_in_at=self.now - timedelta(seconds=ago),
            claim=self.claim_of(claim, pick),
        )

    def claim_of(self, how: str | None, pick: int) -> Claim | None:
        if how != "code":
            return None if how is None else Claim(person_ref=how)
        known = sorted(self.hall.codes)
        return Claim(code=known[pick % len(known)] if known else "0")

    @rule()
    def close_by_hand(self) -> None:
        if self.hall.business_date is not None:
            self.ask(CloseDay, business_date=self.hall.business_date)

    # --- what must hold

    @invariant()
    def no_number_twice(self) -> None:
        given = [e.ticket.id for e in self.log if isinstance(e, TicketIssued)]
        assert len(given) == len(set(given))

    @invariant()
    def a_booking_has_one_ticket(self) -> None:
        """However it was checked in, on line, off line, or both."""
        standing = [t for t in self.hall.tickets.values() if t.appointment_id and t.state is not State.CANCELLED]
        met = Count(ticket.appointment_id for ticket in standing)
        assert all(times == 1 for times in met.values())
        for ticket in standing:
            appointment = self.hall.appointments.get(ticket.appointment_id or "")
            assert appointment is None or appointment.ticket_id == ticket.id

    @invariant()
    def gaps_only_from_blocks(self) -> None:
        """Of each day and group: numbers given and numbers in blocks leave no hole; each lapsed one is logged."""
        taken: dict[tuple[date, str], set[int]] = {}
        for event in self.log:
            if isinstance(event, TicketIssued):
                ticket = event.ticket
                taken.setdefault((ticket.business_date, ticket.group), set()).add(number_of(ticket))
            elif isinstance(event, BlockLeased):
                block = event.block
                key = (block.business_date, block.group)
                assert not taken.get(key, set()) & set(range(block.first, block.last + 1))
                taken.setdefault(key, set()).update(range(block.first, block.last + 1))
        for numbers in taken.values():
            assert numbers == set(range(1, len(numbers) + 1))

    @invariant()
    def blocks_of_closed_days_have_lapsed(self) -> None:
        if not self.hall.day_closed:
            return
        lapsed = {e.block_id for e in self.log if isinstance(e, BlockLapsed)}
        for block in self.hall.blocks.values():
            assert block.id in lapsed or len(block.used) == block.last - block.first + 1

    @invariant()
    def nobody_at_two_windows(self) -> None:
        served = [c.ticket_id for c in self.hall.counters.values() if c.ticket_id is not None]
        assert len(served) == len(set(served))
        at_window = {t.id: t for t in self.hall.tickets.values() if t.state in {State.CALLED, State.SERVING}}
        assert set(served) == set(at_window)
        assert all(self.hall.counters[t.counter or ""].ticket_id == t.id for t in at_window.values())
        assert not [c for c in self.hall.counters.values() if c.ticket_id is not None and not c.is_open]

    @invariant()
    def told_once(self) -> None:
        for kind in (PromiseAmber, PromiseBroken):
            told = Count(e.ticket_id for e in self.log if isinstance(e, kind))
            assert not told or max(told.values()) == 1
        broken = {e.ticket_id: e.at for e in self.log if isinstance(e, PromiseBroken)}
        first: dict[str, Any] = {}
        for event in self.log:
            if isinstance(event, TicketCalled):
                first.setdefault(event.ticket_id, event.at)
        assert all(first[t] >= at for t, at in broken.items() if t in first)

    @invariant()
    def waits_are_never_negative_nor_longer_than_gross(self) -> None:
        for ticket in self.hall.tickets.values():
            if ticket.wait_net_s is not None and ticket.wait_gross_s is not None:
                assert 0 <= ticket.wait_net_s <= ticket.wait_gross_s

    @invariant()
    def no_slot_is_oversold(self) -> None:
        fixed = self.plan.rules.slot_capacity
        for start in {*self.hall.slots, *self.hall.book.holds}:
            taken = len(self.hall.slots.get(start, ())) + len(self.hall.book.holds.get(start, ()))
            assert taken <= (2 if fixed is None else fixed)

    @invariant()
    def orders_and_predictions_stand(self) -> None:
        waiting = {t.id for t in self.hall.tickets.values() if t.state is State.WAITING}
        assert {entry[2] for line in self.hall.lines.values() for entry in line} == waiting
        for ticket_id in waiting:
            low, high = estimate.wait_range(self.hall, ticket_id, self.now)
            assert 0 <= low <= high
            assert 0 <= estimate.ahead(self.hall, ticket_id) < len(waiting)
        for counter in self.plan.counters:
            choice = dispatch.choose(self.hall, counter, self.now)
            assert choice is None or choice.ticket.id in waiting
        estimate.outlook(self.hall, self.now)

    @invariant()
    def thawed_it_is_the_same_hall(self) -> None:
        assert thaw(freeze(self.hall), self.plan) == self.hall

    def teardown(self) -> None:
        if hasattr(self, "plan"):
            rebuilt = replay(empty(self.plan), self.log)
            assert freeze(rebuilt) == freeze(self.hall)
            assert rebuilt == self.hall
            assert rebuilt.seq == len(self.log)
            self.each_alarm_follows_its_event_once()
            self.each_is_cleared_and_escalated_at_most_once()
            # Whatever is configured today, what has happened stays.
            other = replace(self.plan, rules=Rules(limits={}, pause_limit_s=1, return_window_s=1, return_behind=9))
            assert freeze(replay(empty(other), self.log)) == freeze(self.hall)


def run(make_scene: Callable[..., Any], examples: int, steps: int, *, random: bool) -> None:
    machine = type("Machine", (HallMachine,), {"make_scene": staticmethod(make_scene)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=not random,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_the_hall_holds(make_scene: Callable[..., Any]) -> None:
    run(make_scene, 150, 40, random=False)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_whatever_happens_for_long_the_hall_holds(make_scene: Callable[..., Any]) -> None:
    run(make_scene, 3000, 60, random=True)
