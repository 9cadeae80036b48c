"""What the terminal does by itself while the hall cannot be heard: gives numbers of its own blocks, signed.

Between flow and disk: the flow says ``IssueOffline``, here the number is taken, its ticket put into the outbox and
the code signed with the terminal's key, and what comes back is an event. While the hall can be heard the blocks are
kept filled: a lease is an ordinary request of the outbox, asked for under a session of its own, so that its answer
is known even after a restart. No number leaves a block while the hall answers.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol

import uuid6

from firmware_cfg.profile import Profile
from firmware_cfg.sign import public_of, seed_at, sign
from kiosk.blocks import Blocks, Lent, NoNumbers, Taken, wanted, weights
from kiosk.effects import IssueOffline
from kiosk.events import BlocksChanged, CatalogueChanged, Event, OfflineGiven, OfflineNotGiven, OutlookChanged
from kiosk.hall_clock import HallClock, Reading
from kiosk.outbox import Outbox
from queue_server.wire import messages as wire
from queue_server.wire import offline_code
from queue_server.wire.offline_code import OfflineCode
from queue_server.wire.paths import offline_path

log = logging.getLogger(__name__)

LEASE = "lease:"
"""The session of a request for a block; its letter follows."""
LOOK_S = 2.0
REFUSED_REST_S = 600.0
"""A letter that the hall lends no (more) numbers of is not asked for again so soon."""
BEFORE_OPENING = timedelta(hours=4)
"""A closed hall is asked for blocks only so shortly before it opens: those of a day that is over are worth nothing."""
_MAX_UNSURE_S = offline_code.LONGEST_UNCERTAINTY_S


class Line(Protocol):
    """The part of the link that is needed here."""

    @property
    def up(self) -> bool: ...
    def send(self, hall: str, request: wire.AnyRequest, session: str) -> None: ...
    def held(self, request_id: str) -> None: ...


class OwnNumbers:
    """``issue`` on the flow's thread, ``look`` on one of its own, what the link calls on the link's."""

    def __init__(
        self, profile: Profile, outbox: Outbox, clock: HallClock, tell: Callable[[BlocksChanged], None]
    ) -> None:
        """Raises firmware_cfg.sign.BadKey, OSError, sqlite3.Error."""
        self._hall = profile.kiosk.hall
        self._kiosk = profile.kiosk.id
        self._outbox = outbox
        self._blocks = Blocks(outbox)
        self.clock = clock
        self._tell = tell
        self._seed = seed_at(profile.var.path / "device.key")
        self._lock = threading.Lock()  # guards the next four, which link and flow both touch
        self._catalogue: wire.Catalogue | None = None
        self._outlook: wire.Outlook | None = None
        self._rest_until: dict[str, float] = {}
        self._told: dict[str, int] | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._line: Line | None = None

    def start(self, line: Line) -> None:
        """Begin to look after clock and blocks."""
        self._line = line
        self._thread = threading.Thread(target=self._run, args=(line,), name="own-numbers", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, line: Line) -> None:
        while not self._stop.is_set():
            self.look(time.monotonic(), line)
            self._stop.wait(LOOK_S)

    @property
    def key(self) -> str:
        """The public key, as the birth carries it."""
        return public_of(self._seed).hex()

    # --- giving -------------------------------------------------------------------------------------------------

    def issue(self, wish: IssueOffline, session: str) -> OfflineGiven | OfflineNotGiven:
        """One number, on the disk when this returns; or why there is none."""
        since_boot_s = self.clock.monotonic()
        reading = self.clock.read(since_boot_s)
        codes: list[OfflineCode] = []

        def ticket(lent: Lent) -> wire.OfflineTicket:
            code = OfflineCode(
                kiosk=self._kiosk,
                block=lent.block,
                group=lent.letter,
                number=lent.number,
                matters=wish.matters,
                token=wish.token,
                checked_in_at=reading.at.replace(microsecond=0),
                clock_uncertainty_s=unsure_s(reading, lent.until),
                lang=wish.lang,
            )
            codes.append(code)
            return wire.OfflineTicket(
                id=wish.request,
                block=code.block,
                group=code.group,
                number=code.number,
                matters=list(code.matters),
                token=code.token,
                checked_in_at=reading.at,
                clock_uncertainty_s=code.clock_uncertainty_s,
                lang=code.lang,
                place="remote" if wish.remote else "here",
                claim=wish.claim,
                for_other=wish.for_other,
            )

        try:
            lent = self._blocks.give(
                wish.letter,
                reading.at,
                ticket,
                hall=self._hall,
                session=session,
                replaces=wish.replaces,
                unsure=(self.clock.boot, since_boot_s) if reading.open_ended else None,
            )
        except Taken:
            return OfflineNotGiven(wish.request, "answered", wish.replaces)
        except NoNumbers:
            self._report(reading.at)
            return OfflineNotGiven(wish.request, "no-numbers", wish.replaces)
        except sqlite3.Error as error:
            log.error("no own number can be given: %s", error)  # noqa: TRY400  (one line says it)
            return OfflineNotGiven(wish.request, "internal", wish.replaces)
        (code,) = codes
        if self._line is not None:
            self._line.held(wish.request)
        text = offline_code.sealed(code, sign(self._seed, offline_code.PURPOSE, code.body(self._hall)))
        self._report(reading.at)
        return OfflineGiven(
            request=wish.request,
            group=code.group,
            number=f"{code.group}{code.number:03d}",
            day=date.fromisoformat(lent.day),
            checked_in_at=reading.at,
            path=offline_path(self._hall, text),
        )

    # --- keeping blocks -----------------------------------------------------------------------------------------

    def know(self, news: Event) -> None:
        """What the kiosk hears of the hall; only its matters and its hours are of use here."""
        with self._lock:
            if isinstance(news, OutlookChanged):
                self._outlook = news.outlook
            elif isinstance(news, CatalogueChanged):
                self._catalogue = news.catalogue

    def look(self, monotonic_s: float, line: Line) -> None:
        """Now and then: keep the clock's tick, tell how many numbers there are, ask for blocks where they run low.

        Only while there is a line; a letter that is being asked for is not asked for again.
        """
        self.clock.tick()
        now = self.clock.read().at
        try:
            left = self._report(now)
            if not (line.up and self._worth_asking(now)):
                return
            self._blocks.forget(now)
            asked = {held.session for held in self._outbox.pending() if held.session.startswith(LEASE)}
        except sqlite3.Error as error:
            log.error("the blocks cannot be read: %s", error)  # noqa: TRY400  (one line says it)
            return
        with self._lock:
            catalogue, rest = self._catalogue, dict(self._rest_until)
        for letter, size in wanted(weights(catalogue) if catalogue else {}).items():
            low = left.get(letter, 0) < (size + 1) // 2
            if low and LEASE + letter not in asked and rest.get(letter, 0.0) <= monotonic_s:
                line.send(self._hall, wire.LeaseBlock(id=str(uuid6.uuid7()), group=letter, size=size), LEASE + letter)

    def _worth_asking(self, now: datetime) -> bool:
        with self._lock:
            outlook = self._outlook
        if outlook is None:
            return False
        opens = outlook.next_opening
        return outlook.open or (opens is not None and opens - now <= BEFORE_OPENING)

    def _report(self, now: datetime) -> dict[str, int]:
        left = self._blocks.left(now)
        with self._lock:
            changed, self._told = left != self._told, left
        if changed:
            self._tell(BlocksChanged(left))
        return left

    # --- on the link's thread -----------------------------------------------------------------------------------

    def lent(self, reply: wire.BlockReply) -> None:
        """A block has come. Raises sqlite3.Error: then it was not kept, and its request is answered again."""
        if self._blocks.lend(reply) is not None:
            self._report(self.clock.read().at)

    def refused(self, session: str, monotonic_s: float) -> bool:
        """Whether what was answered in ``session`` was a lease: then the hall lends nothing of its letter now."""
        if not session.startswith(LEASE):
            return False
        with self._lock:
            self._rest_until[session.removeprefix(LEASE)] = monotonic_s + REFUSED_REST_S
        return True

    def any_unsure(self) -> bool:
        """Whether a ticket waits for the hall's time before it can be handed in with its true check-in."""
        return self._blocks.any_unsure(self.clock.boot)

    def time_heard(self, at: datetime, took_s: float) -> bool:
        """The hall's time; what was given without it is put right. False if it took too long to be worth anything."""
        if not self.clock.heard(at, took_s):
            return False
        count = self._blocks.put_right(self.clock)
        if count:
            log.info("the check-in of %d tickets is put right by the hall's time", count)
        return True


def unsure_s(reading: Reading, until: datetime) -> int:
    """What is said of a check-in: by how much it may be off. Open-ended means: at the latest when the doors close."""
    if not reading.open_ended:
        return min(reading.uncertainty_s, _MAX_UNSURE_S)
    return min(max(reading.uncertainty_s, int((until - reading.at).total_seconds())), _MAX_UNSURE_S)
