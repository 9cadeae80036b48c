"""Fills a database with old tickets through the real desk, on a clock that runs through past days.

Nothing is written around the rules: every ticket is taken, numbered and promised, every day is closed, and the
desk's own snapshots are made, so that what a restart then finds is what a year of service would have left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from queue_server.bench.load import RequestIds
from queue_server.clock import SetClock
from queue_server.desk import Asked, Desk
from queue_server.domain.answers import Answer, TicketAnswer
from queue_server.domain.messages import CloseDay, TakeTicket
from queue_server.plans import Plans
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog

A_DAY = 800
"""Tickets of one hall and day: a large centre's."""
UNDER_WAY = 2000


class Stumbled(RuntimeError):  # noqa: N818  (named for the condition)
    """A ticket of the past was refused; the text is the code."""


def fill(
    database_url: str, plans: Plans, tickets: int, today: datetime, matter: str, tell: Callable[[str], None]
) -> int:
    """At least ``tickets`` old tickets, evenly over the halls, days before ``today`` closed; returns how many.

    ``database_url`` must be empty of halls. Raises Stumbled.
    """
    halls = list(plans.halls)
    days = max(1, -(-tickets // (len(halls) * A_DAY)))
    zone = ZoneInfo(next(iter(plans.halls.values())).tz)
    first = today.astimezone(zone).date() - timedelta(days=days)
    clock = SetClock(datetime.combine(first, time(9), zone))
    engine = open_engine(database_url)
    desk = Desk(EventLog(engine), plans.halls, clock, server_id="server-1")
    desk.start()
    ids = RequestIds(7)
    given = 0
    trouble: list[str] = []
    room = threading.Semaphore(UNDER_WAY)

    def answered(answer: Answer, _repeated: bool) -> None:  # noqa: FBT001  (the desk's signature)
        if not isinstance(answer, TicketAnswer):
            trouble.append(str(answer))
        room.release()

    def closed(_answer: Answer, _repeated: bool) -> None:  # noqa: FBT001
        room.release()

    def settle() -> None:
        for _ in range(UNDER_WAY):
            room.acquire()
        for _ in range(UNDER_WAY):
            room.release()

    try:
        for day in range(days):
            date = first + timedelta(days=day)
            clock.set(datetime.combine(date, time(9), zone))
            for turn in range(A_DAY):
                for hall in halls:
                    room.acquire()
                    token = f"old{turn:019d}"
                    command = TakeTicket(id=ids(), by="kiosk:old", matters=(matter,), token=token)
                    desk.submit(Asked(hall, command, answered))
                    given += 1
            settle()
            clock.set(datetime.combine(date, time(18), zone))
            for hall in halls:
                room.acquire()
                desk.submit(Asked(hall, CloseDay(id=ids(), by="system", business_date=date), closed))
            settle()
            if trouble:
                raise Stumbled(trouble[0])
            tell(f"{given} old tickets")
    finally:
        desk.stop()
        engine.dispose()
    return given


def size_mb(directory: Path) -> float:
    """What the files of a data directory weigh."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file()) / 1e6
