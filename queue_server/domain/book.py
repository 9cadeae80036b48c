"""The hall's book: the sheets it sells by, and who waits for a place (候补).

A *wish* is one place on the waiting list: matters, a day, perhaps one slot of it. When a place is given back it
is offered to the first whose wish it fits and held for that wish until ``until``; taken, it becomes an ordinary
booking; left, it goes to the next. A wish holds no personal data: its ``id`` and ``code`` are the secret of
whoever made it. ``written`` is the one function that moves a wish through the orders kept beside the wishes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from queue_server.domain.line import Line
from queue_server.domain.sheet import BookingSheet
from queue_server.domain.shelf import Shelf


class WishState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    LAPSED = "lapsed"
    """The offer was not taken in time."""
    LEFT = "left"
    EXPIRED = "expired"
    """The slot began, or the day's last one did."""


@dataclass(frozen=True, slots=True)
class Wish:
    """``slot_start`` None: any slot of ``day``. ``moves``: an appointment that an earlier place would replace."""

    id: str
    code: str
    seq: int
    """Order of joining: the list is served in it."""
    matters: tuple[str, ...]
    day: date
    slot_start: datetime | None
    joined_at: datetime
    expires_at: datetime
    state: WishState = WishState.WAITING
    origin: str = "online"
    person_ref: str | None = None
    moves: str | None = None
    offered: datetime | None = None
    """The slot that is (or last was) held for this wish."""
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in {WishState.WAITING, WishState.OFFERED}


@dataclass(frozen=True, slots=True)
class Book:
    """Sheets by weekday (0 Monday) and the waiting list."""

    sheets: dict[int, BookingSheet] = field(default_factory=dict)
    wishes: Shelf[str, Wish] = field(default_factory=Shelf)

    # Orders kept from the above.
    holds: Shelf[datetime, tuple[str, ...]] = field(default_factory=Shelf)
    """Wish ids a place is held for, per slot start, sorted."""
    days: Shelf[date, tuple[int, ...]] = field(default_factory=Shelf)
    """Open wishes of each day, by ``seq``."""
    ids: Shelf[int, str] = field(default_factory=Shelf)
    """Wish id per ``seq``."""
    clock: Line = field(default_factory=Line)
    """When each open wish is next looked at: its offer's end, or its own."""

    def open_on(self, day: date) -> list[Wish]:
        """Who is on the list of ``day``, first come first."""
        return [self.wishes[self.ids[seq]] for seq in self.days.get(day, ())]

    def ahead_of(self, wish: Wish) -> int:
        """How many on the list would be asked before ``wish`` for a place it could have."""
        return sum(
            other.seq < wish.seq
            and (None in {other.slot_start, wish.slot_start} or other.slot_start == wish.slot_start)
            for other in self.open_on(wish.day)
        )


def _moment(wish: Wish) -> datetime:
    return wish.until if wish.state is WishState.OFFERED and wish.until is not None else wish.expires_at


def written(book: Book, new: Wish) -> Book:
    """The book with ``new`` in it, or as what the wish of that id has become."""
    old = book.wishes.get(new.id)
    holds, clock, days, ids = book.holds, book.clock, book.days, book.ids
    if old is not None and old.is_open:
        clock = clock.leave((_moment(old), old.seq, old.id))
        if old.state is WishState.OFFERED and old.offered is not None:
            rest = tuple(i for i in holds.get(old.offered, ()) if i != old.id)
            holds = holds.put(old.offered, rest) if rest else holds.drop(old.offered)
        seqs = tuple(s for s in days.get(old.day, ()) if s != old.seq)
        days = days.put(old.day, seqs) if seqs else days.drop(old.day)
        ids = ids.drop(old.seq)
    if new.is_open:
        clock = clock.join((_moment(new), new.seq, new.id))
        if new.state is WishState.OFFERED and new.offered is not None:
            holds = holds.put(new.offered, tuple(sorted({*holds.get(new.offered, ()), new.id})))
        days = days.put(new.day, tuple(sorted({*days.get(new.day, ()), new.seq})))
        ids = ids.put(new.seq, new.id)
    return replace(book, wishes=book.wishes.put(new.id, new), holds=holds, clock=clock, days=days, ids=ids)


def next_day(book: Book) -> Book:
    """A new day: only who still waits is remembered."""
    if all(wish.is_open for wish in book.wishes.values()):
        return book
    return replace(book, wishes=Shelf({w.id: w for w in book.wishes.values() if w.is_open}))


def opened(sheets: tuple[BookingSheet, ...], wishes: tuple[Wish, ...]) -> Book:
    """A book from its records alone, for thaw."""
    book = Book(sheets={sheet.weekday: sheet for sheet in sheets})
    for wish in wishes:
        book = written(book, wish)
    return book
