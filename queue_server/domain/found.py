"""Left behind: a card that still lies on a terminal's reader, a print-out that nobody took.

The terminal tells it once its owner has had every chance to come back; the hall's people are told, and the log
keeps where and when. Of whom is nowhere: nobody but its owner needs to know. It is over when the terminal says
that the thing is gone, or with the hall's day.
"""

from __future__ import annotations

from datetime import datetime

from queue_server.domain.events import Event
from queue_server.domain.state import Hall
from queue_server.domain.watch import LeftThing
from queue_server.domain.watch_commands import ReportLeft
from queue_server.domain.watch_events import ThingLeft, ThingTaken


def lying(hall: Hall, kiosk: str, what: str) -> LeftThing | None:
    """What is known to lie there."""
    return next((one for one in hall.watch.left.values() if (one.kiosk, one.what) == (kiosk, what)), None)


def report_left(hall: Hall, command: ReportLeft, now: datetime) -> list[Event]:
    """Never refused. What lies there already is not told twice; what was never told cannot be over."""
    known = lying(hall, command.kiosk, command.what)
    if command.gone:
        return [] if known is None else [ThingTaken(at=now, by=command.by, left_id=known.id, because="taken")]
    if known is not None:
        return []
    thing = LeftThing(id=command.id, kiosk=command.kiosk, what=command.what, since=now)
    return [ThingLeft(at=now, by=command.by, left=thing)]
