"""Keeps the booking sheets of a server's halls fresh: every night, and when the windows' plan has changed.

The computing is done by a process of its own with the lowest priority (``python -m queue_server sheets``), so that
it never stands in a ticket's way; what comes back is put to the hall as a command and becomes an event like any
other. A hall that has never had a sheet gets its first in its first night: until then the plain rule sells. A
sheet made for another plan (other windows, hours, rules) is made anew soon. If the process fails, the old sheet
stays, one line is logged, and the next night tries again.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

from queue_server.desk import Desk, HallElsewhere, UnknownHall
from queue_server.domain.messages import SetBookingSheet
from queue_server.domain.model import HallPlan
from queue_server.domain.sheet import BookingSheet
from queue_server.sheets.bench import print_of, usual_day
from queue_server.sheets.niced import Niced

log = logging.getLogger(__name__)

AT_HOUR = 3
"""Local hour of the night in which sheets are made."""
LOOK_EVERY_S = 60.0
WITHIN_S = 3600.0
ANSWER_WITHIN_S = 30.0
_sheet = msgspec.json.Decoder(BookingSheet)


class ComputingFailed(RuntimeError):  # noqa: N818  (named for the condition)
    """The computing process gave nothing that could be adopted."""


class Compute(Protocol):
    """How sheets are made."""

    def sheets(self, plan: HallPlan, today: date) -> list[BookingSheet]:
        """The sheets of a hall as of a date. Raises ComputingFailed."""

    def give_up(self) -> None:
        """End what is under way; it raises ComputingFailed."""


class InAProcess:
    """By the command line, niced, with the server's own plans and database."""

    def __init__(self, var: Path, plans: Path, database_url: str) -> None:
        self._niced = Niced(var, plans, database_url, within_s=WITHIN_S)

    def give_up(self) -> None:
        self._niced.give_up()

    def sheets(self, plan: HallPlan, today: date) -> list[BookingSheet]:
        try:
            out = self._niced.output("sheets", "--hall", plan.id, "--today", today.isoformat())
            return [_sheet.decode(line) for line in out.splitlines()]
        except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
            plain = type(error) is subprocess.SubprocessError  # others may quote the command with its paths
            raise ComputingFailed(str(error) if plain else type(error).__name__) from error


class SheetKeeper:
    """One thread, from ``start`` to ``stop``. ``new_id`` makes the ids of its commands."""

    def __init__(self, desk: Desk, compute: Compute, clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._desk = desk
        self._compute = compute
        self._clock = clock
        self._new_id = new_id
        self._tried: dict[str, date] = {}
        """The night, by its date, in which each hall was last looked after; and the plan it was made for."""
        self._plans_tried: dict[str, str] = {}
        self._asked: set[str] = set()
        self._bell = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sheets", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a computation under way is given up."""
        self._ended.set()
        self._bell.set()
        self._compute.give_up()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def refresh(self, hall: str) -> None:
        """Make the hall's sheets anew, soon: a manager asks for it."""
        self._asked.add(hall)
        self._bell.set()

    # --- its own thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ended.is_set():
            for name in self._desk.halls():
                if self._ended.is_set():
                    return
                self.look(name)
            self._bell.wait(LOOK_EVERY_S)
            self._bell.clear()

    def look(self, name: str) -> bool:
        """See to one hall, if it is time; says whether its sheets were made anew."""
        try:
            hall = self._desk.hall(name)
        except (HallElsewhere, UnknownHall):
            return False
        now = self._clock().astimezone(ZoneInfo(hall.plan.tz))
        today = now.date()
        night = self._tried.setdefault(name, today) < today and now.hour >= AT_HOUR
        changed = self._changed(hall.plan, hall.book.sheets, today)
        if not (night or changed or name in self._asked):
            return False
        self._asked.discard(name)
        self._tried[name] = today
        try:
            made = self._compute.sheets(hall.plan, today)
        except ComputingFailed as failed:
            log.warning("no new booking sheets for %s (%s); the old ones stand", name, failed)
            return False
        for sheet in made:
            if sheet != hall.book.sheets.get(sheet.weekday):
                command = SetBookingSheet(id=self._new_id(), by="system", sheet=sheet)
                try:
                    self._desk.ask(name, command).result(ANSWER_WITHIN_S)
                except TimeoutError:
                    log.warning("the desk does not take the new booking sheets of %s", name)
                    return False
        return True

    def _changed(self, plan: HallPlan, sheets: dict[int, BookingSheet], today: date) -> bool:
        """Whether a sheet in force was made for another plan, and that plan was not tried yet."""
        prints = {weekday: print_of(plan, usual_day(plan, weekday, today)) for weekday in sheets}
        changed = any(sheet.plan != prints[weekday] for weekday, sheet in sheets.items())
        whole = "".join(prints[weekday] for weekday in sorted(prints))
        if not changed or self._plans_tried.get(plan.id) == whole:
            return False
        self._plans_tried[plan.id] = whole
        return True
