"""The terminal's own numbers on the disk: whenever the power goes, none leaves twice, none that was shown is lost."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.blocks import A_DAY, Blocks, Lent, NoNumbers, Taken, wanted, weights
from kiosk.hall_clock import HallClock
from kiosk.outbox import Outbox
from kiosk.scenes import shipped_catalogue
from queue_server.wire import messages as wire

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CLOSES = NOW + timedelta(hours=6)
KEEP = timedelta(minutes=10)


def new_id() -> str:
    return str(uuid6.uuid7())


def lease(outbox: Outbox, letter: str = "A") -> str:
    request = wire.LeaseBlock(id=new_id(), group=letter)
    outbox.put("hall", request.id, msgspec.json.encode(request), NOW, session=f"lease:{letter}", keep=KEEP)
    return request.id


def reply(request: str, first: int = 1, last: int = 3, letter: str = "A", until: datetime = CLOSES) -> wire.BlockReply:
    return wire.BlockReply(
        id=request, block=f"b-{letter}{first}", group=letter, business_date=date(2026, 11, 20), first=first, last=last,
        until=until,
    )  # fmt: skip


def ticket_of(lent: Lent) -> wire.OfflineTicket:
    return wire.OfflineTicket(
        id=new_id(), block=lent.block, group=lent.letter, number=lent.number, matters=["M1"], token="t" * 22,
        checked_in_at=NOW,
    )  # fmt: skip


def give(blocks: Blocks, letter: str = "A", now: datetime = NOW, **more: Any) -> str:
    lent = blocks.give(letter, now, ticket_of, hall="hall", session="s", **more)
    return f"{lent.letter}{lent.number}"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.db")
    yield opened
    opened.close()


@pytest.fixture
def blocks(outbox: Outbox) -> Blocks:
    return Blocks(outbox)


def held(outbox: Outbox) -> list[str]:
    tickets = (msgspec.json.decode(one.body, type=wire.AnyRequest) for one in outbox.pending())
    return [f"{one.group}{one.number}" for one in tickets if isinstance(one, wire.OfflineTicket)]


def test_numbers_leave_in_order_each_with_its_ticket(outbox: Outbox, blocks: Blocks) -> None:
    blocks.lend(reply(lease(outbox)))
    assert blocks.left(NOW) == {"A": 3}
    assert [give(blocks) for _ in range(3)] == ["A1", "A2", "A3"] == held(outbox)
    assert blocks.left(NOW) == {}
    with pytest.raises(NoNumbers):
        give(blocks)


def test_who_runs_out_of_one_letter_gets_another(outbox: Outbox, blocks: Blocks) -> None:
    blocks.lend(reply(lease(outbox), last=1))
    blocks.lend(reply(lease(outbox, "B"), first=7, last=9, letter="B"))
    blocks.lend(reply(lease(outbox, "C"), first=4, last=5, letter="C"))
    assert [give(blocks) for _ in range(3)] == ["A1", "B7", "B8"]


def test_a_block_is_worth_nothing_once_the_doors_have_closed(outbox: Outbox, blocks: Blocks) -> None:
    blocks.lend(reply(lease(outbox)))
    assert give(blocks, now=CLOSES - timedelta(seconds=1)) == "A1"
    with pytest.raises(NoNumbers):
        give(blocks, now=CLOSES)
    assert blocks.left(CLOSES) == {}
    blocks.forget(CLOSES + timedelta(days=2))
    assert blocks.left(NOW) == {}


def test_a_block_that_was_not_asked_for_is_not_believed(outbox: Outbox, blocks: Blocks) -> None:
    """An answer to a request of a file that was lost: its numbers may have been given."""
    assert blocks.lend(reply(new_id())) is None
    request = lease(outbox)
    assert blocks.lend(reply(request)) == "lease:A"
    give(blocks)
    assert blocks.lend(reply(request)) is None  # told twice
    assert give(blocks) == "A2"


def test_the_hall_s_answer_or_an_own_number_never_both(outbox: Outbox, blocks: Blocks) -> None:
    blocks.lend(reply(lease(outbox)))
    outbox.put("hall", "w1", b"{}", NOW, keep=KEEP)
    outbox.put("hall", "w2", b"{}", NOW, keep=KEEP)
    assert outbox.done("w1") is not None  # the answer came first
    with pytest.raises(Taken):
        give(blocks, replaces="w1")
    assert give(blocks, replaces="w2") == "A1"
    assert outbox.done("w2") is None  # and this one's comes too late
    assert held(outbox) == ["A1"]


def test_a_ticket_that_cannot_be_written_takes_no_number(outbox: Outbox, blocks: Blocks) -> None:
    blocks.lend(reply(lease(outbox)))
    outbox.put("hall", "w1", b"{}", NOW, keep=KEEP)

    def breaks(lent: Lent) -> wire.OfflineTicket:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError):
        blocks.give("A", NOW, breaks, hall="hall", session="s", replaces="w1")
    assert [one.request_id for one in outbox.pending()] == ["w1"]
    assert give(blocks) == "A1"


def test_a_check_in_of_an_unsure_clock_is_put_right_unless_it_has_been_sent(
    tmp_path: Path, outbox: Outbox, blocks: Blocks
) -> None:
    since = [100.0]
    clock = HallClock(
        tmp_path / "c.json", wall=lambda: 0.0, monotonic=lambda: since[0], boot="b2", goes_on=lambda: False
    )
    blocks.lend(reply(lease(outbox), last=9))
    for at in (100.0, 160.0, 200.0):
        give(blocks, unsure=("b2", at))
    give(blocks, unsure=("b1", 50.0))  # of an earlier start: nobody can know any more
    give(blocks)
    outbox.mark_sent(outbox.pending()[2].request_id)
    assert blocks.any_unsure("b2")
    since[0] = 400.0
    assert clock.heard(NOW + timedelta(hours=3), 0.1)
    assert blocks.put_right(clock) == 2
    assert not blocks.any_unsure("b2")
    at = [msgspec.json.decode(one.body, type=wire.OfflineTicket).checked_in_at for one in outbox.pending()]
    true = NOW + timedelta(hours=3)
    assert [round((true - one).total_seconds()) for one in at[:2]] == [300, 240]
    assert at[2:] == [NOW] * 3


def test_a_site_s_letters_share_what_a_day_without_the_hall_needs() -> None:
    catalogue = shipped_catalogue()
    sizes = wanted(weights(catalogue))
    assert set(sizes) == {matter.group for matter in catalogue.matters}
    assert all(15 <= size <= 300 for size in sizes.values())
    assert sum(sizes.values()) >= 500
    assert sum(sizes.values()) <= 2 * A_DAY
    assert wanted({}) == {}
    assert wanted({"A": 1.0}) == {"A": 300}


# --- any order of events, and the power going at any of them ------------------------------------------------


class Terminal(RuleBasedStateMachine):
    """Blocks are lent, numbers given, answers come, files are copied as a power cut leaves them and opened anew.

    ``shown`` is what citizens hold; the file is read back after each cut as it lay on the disk.
    """

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.starts = 0
        self.shown: list[str] = []
        self.handed_in: list[str] = []
        self.asked: list[str] = []
        self.next = {"A": 1, "B": 1}
        self.outbox = Outbox(self.home / "0.db")
        self.blocks = Blocks(self.outbox)

    def teardown(self) -> None:
        self.outbox.close()
        shutil.rmtree(self.home)

    @rule(letter=st.sampled_from("AB"), size=st.integers(1, 4))
    def lent(self, letter: str, size: int) -> None:
        first = self.next[letter]
        self.next[letter] += size
        request = lease(self.outbox, letter)
        self.blocks.lend(reply(request, first, first + size - 1, letter))

    @rule(letter=st.sampled_from("ABC"))
    def given(self, letter: str) -> None:
        try:
            self.shown.append(give(self.blocks, letter))
        except NoNumbers:
            assert self.blocks.left(NOW) == {}

    @rule()
    def asks(self) -> None:
        self.asked.append(new_id())
        self.outbox.put("hall", self.asked[-1], b'{"kind":"none"}', NOW, keep=KEEP)

    @precondition(lambda self: self.asked)
    @rule(answered=st.booleans())
    def answer_or_own(self, *, answered: bool) -> None:
        request = self.asked.pop()
        came = self.outbox.done(request) is not None if answered else False
        try:
            self.shown.append(give(self.blocks, replaces=request))
            assert not came
        except Taken:
            assert came
        except NoNumbers:
            self.outbox.done(request)

    @rule(letter=st.sampled_from("AB"), step=st.sampled_from(["ticket", "commit"]))
    def power_goes(self, letter: str, step: str) -> None:
        """Between the steps of a number's leaving, or just after it was on the disk and before it was shown."""

        def cut(lent: Lent) -> wire.OfflineTicket:
            self.copy()
            raise InterruptedError

        try:
            if step == "ticket":
                self.blocks.give(letter, NOW, cut, hall="hall", session="s")
            else:
                give(self.blocks, letter)
                self.copy()
        except NoNumbers:
            self.copy()
        except InterruptedError:
            pass
        self.open_copy()

    def copy(self) -> None:
        for suffix in ("", "-wal"):
            source = self.home / f"{self.starts}.db{suffix}"
            if source.exists():
                shutil.copy(source, self.home / f"{self.starts + 1}.db{suffix}")

    def open_copy(self) -> None:
        self.outbox.close()
        self.starts += 1
        self.outbox = Outbox(self.home / f"{self.starts}.db")
        self.blocks = Blocks(self.outbox)

    @rule()
    def hall_is_back(self) -> None:
        for one in self.outbox.pending():
            ticket = msgspec.json.decode(one.body)
            if ticket["kind"] == "offline-ticket":
                self.handed_in.append(f"{ticket['group']}{ticket['number']}")
                self.outbox.done(one.request_id)

    @invariant()
    def no_number_twice_and_none_lost(self) -> None:
        on_the_way = [*self.handed_in, *(n for n in _tickets(self.outbox))]
        assert len(on_the_way) == len(set(on_the_way))
        assert len(self.shown) == len(set(self.shown))
        assert set(self.shown) <= set(on_the_way)


def _tickets(outbox: Outbox) -> list[str]:
    bodies = [msgspec.json.decode(one.body) for one in outbox.pending()]
    return [f"{body['group']}{body['number']}" for body in bodies if body["kind"] == "offline-ticket"]


TestTerminal: Callable[[], None] = Terminal.TestCase
TestTerminal.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)  # type: ignore[attr-defined]
