"""The terminal's own numbers: blocks that the hall has lent it, and the one step in which a number leaves them.

They lie in the outbox's file, because a number, the ticket that tells the hall of it and the unheard request that it
stands in for change in ONE transaction (SQLite, FULL). Whenever the power goes, either all of that has happened or
nothing: no number can leave twice, and none is shown whose ticket is not on its way.

The rule between the hall's answer and an own number is the same row: the answer takes the request out of the
outbox, and so does the own number. Whoever comes first has it. A request that is not held any more has its answer
in the inbox already, and no own number is given for it.

A block is good until the hall's doors close on its day (``until``) and never after; a block that was not asked for
by a request still held here (an old answer, found after the file was lost) is not believed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from kiosk.hall_clock import HallClock
from kiosk.outbox import Outbox, microseconds
from queue_server.wire import messages as wire

log = logging.getLogger(__name__)

_TABLES = """
CREATE TABLE IF NOT EXISTS block (
  id TEXT PRIMARY KEY,
  letter TEXT NOT NULL,
  day TEXT NOT NULL,
  last INTEGER NOT NULL,
  next INTEGER NOT NULL,
  until_us INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS unsure (
  request_id TEXT PRIMARY KEY,
  boot TEXT NOT NULL,
  since_boot_s REAL NOT NULL
);
"""
KEPT_FOR = timedelta(days=7)
"""As long as its ticket may lie in the outbox."""
_ticket = msgspec.json.Decoder(wire.OfflineTicket)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Lent:
    """One number of a block, and when that block ends."""

    block: str
    letter: str
    number: int
    day: str
    until: datetime


class Taken(Exception):  # noqa: N818  (named for the condition)
    """The request has been answered meanwhile: there is no need of a number."""


class NoNumbers(Exception):  # noqa: N818  (named for the condition)
    """No block has a number left that is good now."""


class Blocks:
    """Any thread. Everything raises sqlite3.Error when the disk takes nothing."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        with outbox.transaction() as db:
            for statement in _TABLES.split(";"):
                db.execute(statement)

    def lend(self, reply: wire.BlockReply) -> str | None:
        """The hall has lent a block: keep it and let its request go. The request's session; None: not asked for."""
        with self._outbox.transaction() as db:
            row = db.execute("DELETE FROM held WHERE request_id = ? RETURNING session", (reply.id,)).fetchone()
            if row is None:
                return None
            if reply.until is not None:
                db.execute(
                    "INSERT OR IGNORE INTO block (id, letter, day, last, next, until_us) VALUES (?,?,?,?,?,?)",
                    (
                        *(reply.block, reply.group, reply.business_date.isoformat(), reply.last, reply.first),
                        microseconds(reply.until),
                    ),
                )
            return str(row[0])

    def left(self, now: datetime) -> dict[str, int]:
        """How many numbers each letter has that are good at ``now``."""
        with self._outbox.transaction() as db:
            rows = db.execute(
                "SELECT letter, SUM(last - next + 1) FROM block WHERE until_us > ? AND next <= last GROUP BY letter",
                (microseconds(now),),
            )
            return {str(letter): int(count) for letter, count in rows}

    def give(
        self,
        letter: str,
        now: datetime,
        ticket: Callable[[Lent], wire.OfflineTicket],
        *,
        hall: str,
        session: str,
        replaces: str = "",
        unsure: tuple[str, float] | None = None,
    ) -> Lent:
        """The next number of ``letter``, or of whichever letter has most left; its ticket lies in the outbox.

        ``replaces`` is the request for which it stands in; ``unsure`` (boot, seconds since) marks a check-in that
        is to be put right when the hall is heard again. Raises Taken, NoNumbers: then nothing has changed.
        """
        at_us = microseconds(now)
        with self._outbox.transaction() as db:
            if replaces and db.execute("DELETE FROM held WHERE request_id = ?", (replaces,)).rowcount != 1:
                raise Taken
            row = db.execute(
                "SELECT id, letter, next, day, until_us FROM block WHERE until_us > ? AND next <= last"
                " ORDER BY letter != ?, CASE WHEN letter = ? THEN next ELSE next - last END, id LIMIT 1",
                (at_us, letter, letter),
            ).fetchone()
            if row is None:
                raise NoNumbers
            lent = Lent(row[0], row[1], row[2], row[3], datetime.fromtimestamp(row[4] / 1e6, UTC))
            request = ticket(lent)
            db.execute("UPDATE block SET next = next + 1 WHERE id = ?", (lent.block,))
            db.execute(
                "INSERT INTO held (request_id, hall, session, body, at_us, until_us) VALUES (?,?,?,?,?,?)",
                (request.id, hall, session, _encode(request), at_us, at_us + KEPT_FOR // timedelta(microseconds=1)),
            )
            if unsure is not None:
                db.execute("INSERT INTO unsure VALUES (?,?,?)", (request.id, *unsure))
        return lent

    def any_unsure(self, boot: str) -> bool:
        with self._outbox.transaction() as db:
            return db.execute("SELECT 1 FROM unsure WHERE boot = ? LIMIT 1", (boot,)).fetchone() is not None

    def put_right(self, clock: HallClock) -> int:
        """The hall's time is known again: what this boot gave without it gets its true check-in. How many."""
        with self._outbox.transaction() as db:
            rows = db.execute(
                "SELECT held.request_id, body, since_boot_s FROM held JOIN unsure USING (request_id)"
                " WHERE boot = ? AND sent = 0",
                (clock.boot,),
            ).fetchall()
            for request_id, body, since_boot_s in rows:
                then = clock.read(since_boot_s)
                right = msgspec.structs.replace(
                    _ticket.decode(body), checked_in_at=then.at, clock_uncertainty_s=then.uncertainty_s
                )
                db.execute("UPDATE held SET body = ? WHERE request_id = ?", (_encode(right), request_id))
            db.execute("DELETE FROM unsure WHERE boot = ?", (clock.boot,))
        return len(rows)

    def forget(self, now: datetime) -> None:
        """Blocks whose day is over, and marks whose tickets have gone."""
        with self._outbox.transaction() as db:
            db.execute("DELETE FROM block WHERE until_us <= ?", (microseconds(now - timedelta(days=1)),))
            db.execute("DELETE FROM unsure WHERE request_id NOT IN (SELECT request_id FROM held)")


# --- how many to have -----------------------------------------------------------------------------------------

A_DAY = 600
"""Numbers in hand, all letters together: 8 hours off line with 500 tickets, and a fifth more."""
LEAST, MOST = 15, 300
HOT = 4.0
"""A matter of the site's hot list weighs as much as so many others."""


def wanted(letters: Mapping[str, float]) -> dict[str, int]:
    """How many numbers of each letter should be at hand when nothing is amiss; ``letters`` weighs them.

    Rare letters get at least 15, and together they come to ``A_DAY`` or more: who runs out of one letter is given
    a number of another, which is as good at the window.
    """
    total = sum(letters.values())
    if not total:
        return {}
    return {letter: min(MOST, max(LEAST, round(A_DAY * weight / total))) for letter, weight in letters.items()}


def weights(catalogue: wire.Catalogue) -> dict[str, float]:
    """What a site's catalogue says about how many come for each letter."""
    hot = set(catalogue.hot)
    found: dict[str, float] = {}
    for matter in catalogue.matters:
        found[matter.group] = found.get(matter.group, 0.0) + (HOT if matter.id in hot else 1.0)
    return dict(sorted(found.items()))
