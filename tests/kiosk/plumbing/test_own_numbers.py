"""Eight hours without the hall: the real store, clock and keys, and the hall's real rules when it is back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import uuid6

from firmware_cfg.profile import Profile
from firmware_cfg.sign import is_signed
from kiosk.effects import IssueOffline
from kiosk.events import BlocksChanged, CatalogueChanged, OfflineGiven, OfflineNotGiven, OutlookChanged
from kiosk.hall_clock import HallClock
from kiosk.outbox import Outbox
from kiosk.own_numbers import LEASE, OwnNumbers
from kiosk.scenes import shipped_catalogue
from kiosk.scenes.walk import outlook
from queue_server import translate
from queue_server.config import load_plans
from queue_server.domain.errors import Refused
from queue_server.domain.hall import answer, decide, empty, evolve
from queue_server.domain.state import Hall
from queue_server.wire import messages as wire
from queue_server.wire import offline_code

MORNING = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
HOUR = 3600.0


def new_id() -> str:
    return str(uuid6.uuid7())


class FarHall:
    """The hall behind the wire: what a terminal sends becomes a command, what comes of it a reply."""

    def __init__(self, name: str) -> None:
        self.hall: Hall = empty(load_plans().halls[name])

    def ask(self, body: bytes, now: datetime) -> wire.AnyReply:
        request: wire.AnyRequest = msgspec.json.decode(body, type=wire.AnyRequest)
        command = translate.to_command(request, self.hall, "kiosk-01", None, new_id)  # type: ignore[arg-type]
        try:
            events = decide(self.hall, command, now)
        except Refused as no:
            return translate.refused(request.id, no.code, no.facts)
        for event in events:
            self.hall = evolve(self.hall, event)
        return translate.to_reply(request.id, answer(self.hall, command, events), self.hall)


class Day:
    """A terminal, its hall and the line between them, by a clock that the test moves."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.far = FarHall(profile.kiosk.hall)
        self.true_s = MORNING.timestamp()
        self.booted_s = self.true_s - 100
        self.wrong_s = HOUR
        self.boots = 0
        self.up = True
        self.told: list[BlocksChanged] = []
        self.switch_on()

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.true_s, UTC)

    def switch_on(self) -> None:
        self.outbox = Outbox(self.profile.var.path / "outbox.db")
        clock = HallClock(
            self.profile.var.path / "clock.json",
            wall=lambda: self.true_s + self.wrong_s,
            monotonic=lambda: self.true_s - self.booted_s,
            boot=f"boot-{self.boots}",
            goes_on=lambda: False,
        )
        self.own = OwnNumbers(self.profile, self.outbox, clock, self.told.append)
        self.own.know(CatalogueChanged(shipped_catalogue()))
        self.own.know(OutlookChanged(outlook()))

    def reboot(self, off_s: float) -> None:
        """The power fails; the clock begins in 1970 again."""
        self.outbox.close()
        self.true_s += off_s
        self.booted_s = self.true_s
        self.boots += 1
        self.wrong_s = -self.true_s
        self.true_s += 40
        self.switch_on()

    def send(self, hall: str, request: wire.AnyRequest, session: str) -> None:
        """The link's part: into the outbox."""
        body = msgspec.json.encode(request)
        self.outbox.put(hall, request.id, body, self.now, session=session, keep=timedelta(minutes=10))

    def look(self) -> None:
        self.own.look(self.true_s, self)

    def reconnect(self) -> list[wire.AnyReply]:
        """The link is back: the time first, then all that waits, in its order."""
        self.up = True
        self.own.time_heard(self.now, 0.05)
        replies = []
        for held in self.outbox.pending():
            reply = self.far.ask(held.body, self.now)
            if isinstance(reply, wire.BlockReply):
                self.own.lent(reply)
            elif (self.outbox.done(held.request_id) or "").startswith(LEASE):
                self.own.refused(held.session, self.true_s)
            replies.append(reply)
        return replies

    def wish(self, matter: str = "M034", replaces: str = "", token: str = "") -> IssueOffline:
        letter = next(m.group for m in shipped_catalogue().matters if m.id == matter)
        return IssueOffline(new_id(), token or new_id().replace("-", ""), (matter,), letter, "zh-Hans", replaces)

    def take(self, wish: IssueOffline | None = None) -> OfflineGiven | OfflineNotGiven:
        return self.own.issue(wish or self.wish(), "session")


@pytest.fixture
def day(profile: Profile) -> Iterator[Day]:
    begun = Day(profile)
    begun.reconnect()
    begun.look()
    begun.reconnect()
    yield begun
    begun.outbox.close()


def test_blocks_are_lent_once_and_no_number_of_them_is_used_while_the_hall_answers(day: Day) -> None:
    left = day.told[-1].left
    assert sum(left.values()) >= 500
    for _ in range(20):
        day.look()
        assert day.outbox.pending() == []
    assert day.told[-1].left == left
    assert all(block.kiosk == "kiosk-01" for block in day.far.hall.blocks.values())


def test_used_up_letters_are_lent_again_when_the_line_is_back(day: Day) -> None:
    day.up = False
    before = dict(day.told[-1].left)
    for _ in range(before["A"] - 3):
        assert isinstance(day.take(), OfflineGiven)
    day.look()
    assert not [held for held in day.outbox.pending() if held.session.startswith(LEASE)]
    day.reconnect()
    day.look()
    day.reconnect()
    assert day.told[-1].left["A"] == 3 + before["A"]


def test_eight_hours_and_five_hundred_tickets(day: Day) -> None:
    """The clock is an hour wrong and begins anew at each of two power cuts: the hall has it all right in the end.

    What was given after the last one gets its true check-in, what was given between them says how unsure it is.
    """
    chance = random.Random(5)
    matters = [m.id for m in shipped_catalogue().matters]
    day.up = False
    taken: list[tuple[datetime, OfflineGiven]] = []
    for count in range(500):
        day.true_s += chance.uniform(0.2, 2 * 8 * HOUR / 500 - 0.2)
        if count % 10 == 0:
            day.look()
        if count == 250:
            day.look()
            day.reboot(off_s=200)
        if count == 400:
            day.look()
            day.reboot(off_s=90)
        given = day.take(day.wish(chance.choice(matters)))
        assert isinstance(given, OfflineGiven)
        taken.append((day.now, given))
    numbers = [given.number for _, given in taken]
    assert len(set(numbers)) == 500

    replies = [reply for reply in day.reconnect() if isinstance(reply, wire.RecordedReply)]
    assert [reply.number for reply in replies] == numbers == [reply.printed for reply in replies]
    assert day.outbox.pending() == []
    tickets = [day.far.hall.tickets[reply.ticket] for reply in replies]
    assert len(day.far.hall.tickets) == 500
    check_ins = [ticket.checked_in_at for ticket in tickets]
    assert check_ins == sorted(check_ins)  # the order in which people came
    for place, ((at, _), ticket) in enumerate(zip(taken, tickets, strict=True)):
        late_s = (at - ticket.checked_in_at).total_seconds()
        unsure = 250 <= place < 400
        assert -1 <= late_s <= (241 if unsure else 1)
        assert ticket.clock_uncertainty_s >= late_s - 1
        assert (ticket.clock_uncertainty_s > 60) == unsure
        assert ticket.promise.start == ticket.checked_in_at
        assert ticket.due == ticket.checked_in_at + timedelta(seconds=ticket.promise.limit_s)


def test_the_code_is_signed_with_the_terminal_s_key(day: Day) -> None:
    wish = day.wish()
    given = day.take(wish)
    assert isinstance(given, OfflineGiven)
    found = offline_code.address("http://127.0.0.1:8080" + given.path)
    assert found is not None
    code, signature = offline_code.read(found[1])
    hall = day.profile.kiosk.hall
    assert is_signed(bytes.fromhex(day.own.key), offline_code.PURPOSE, code.body(hall), signature)
    assert (code.kiosk, code.token, code.matters) == ("kiosk-01", wish.token, wish.matters)
    assert f"{code.group}{code.number:03d}" == given.number
    assert code.clock_uncertainty_s == 0


def test_a_question_that_reached_the_hall_and_the_number_given_instead_are_one_visit(day: Day) -> None:
    """The hall gave A-something, the answer was lost; the number on paper is the one that is called."""
    request = wire.TakeTicket(id=new_id(), matters=["M034"], token="t" * 22)
    day.send(day.profile.kiosk.hall, request, "session")
    lost = day.far.ask(day.outbox.pending()[0].body, day.now)
    assert isinstance(lost, wire.TicketReply)
    day.true_s += 11
    given = day.take(day.wish(replaces=request.id, token=request.token))
    assert isinstance(given, OfflineGiven)
    day.reconnect()
    waiting = [ticket.number for ticket in day.far.hall.tickets.values() if ticket.state.value == "waiting"]
    assert waiting == [given.number]
    assert given.number != lost.number


def test_somebody_booked_is_checked_in_by_the_number_on_paper_whatever_happens_in_between(day: Day) -> None:
    """Taken in time without a line, a power cut, two hours; the line is back: it is the appointment's check-in."""
    slot = MORNING + timedelta(minutes=30)
    wish = wire.Book(id=new_id(), matters=["M034"], slot_start=slot)
    booked = day.far.ask(msgspec.json.encode(wish), day.now)
    assert isinstance(booked, wire.BookedReply), booked
    day.up = False
    day.true_s += 25 * 60
    claim = wire.Claim(code=booked.code)
    given = day.take(replace(day.wish("M071"), claim=claim, for_other=wire.ForOther(relation="child")))
    assert isinstance(given, OfflineGiven)
    assert booked.code not in given.path
    day.look()
    day.reboot(off_s=60)
    day.true_s += 2 * HOUR
    (recorded,) = (reply for reply in day.reconnect() if isinstance(reply, wire.RecordedReply))
    assert (recorded.number, recorded.booked, recorded.slot_start) == (given.number, "met", slot)
    ticket = day.far.hall.tickets[recorded.ticket]
    assert (ticket.kind.value, ticket.matters, ticket.proxy) == ("appointment", ("M034",), "child")
    assert ticket.due == slot + timedelta(seconds=ticket.promise.limit_s)
    assert len(day.far.hall.tickets) == 1


def test_without_a_block_there_is_no_number_and_the_question_goes_on(profile: Profile) -> None:
    bare = Day(profile)
    request = wire.TakeTicket(id=new_id(), matters=["M034"], token="t" * 22)
    bare.send(profile.kiosk.hall, request, "session")
    none = bare.take(bare.wish(replaces=request.id))
    assert none == OfflineNotGiven(none.request, "no-numbers", request.id)
    assert [held.request_id for held in bare.outbox.pending()] == [request.id]
    bare.outbox.close()


def test_an_evening_is_not_lent_numbers_and_blocks_end_with_the_doors(day: Day) -> None:
    day.own.know(OutlookChanged(outlook(is_open=False)))  # opens tomorrow morning
    day.true_s += 16 * HOUR
    day.look()
    assert day.told[-1].left == {}
    assert day.outbox.pending() == []
    assert isinstance(day.take(), OfflineNotGiven)
