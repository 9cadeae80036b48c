"""Today's calls for help, gathered from the hall's log: how many were answered within the promised minute.

The hall itself keeps only calls that have not ended; the day's share needs the others too. They are read once,
then only what is new in the log. Any thread.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from queue_server.domain.messages import DayOpened, Event, HelpAnswered, HelpCalled, HelpEnded
from queue_server.http.manager_view import Share
from queue_server.store.reports import Reports

OF_HELP: tuple[type[Event], ...] = (HelpCalled, HelpAnswered, HelpEnded)


@dataclass(frozen=True, slots=True)
class Help:
    """One call. ``response_s``: to the answer, or to "help came" said at the terminal; None where nobody came."""

    kiosk: str
    called_at: datetime
    response_s: int | None = None
    ended: str = ""
    """As ``HelpEnded.because``; empty while it runs."""
    solved: bool | None = None


@dataclass(slots=True)
class _Day:
    business_date: date | None = None
    seq: int = 0
    calls: dict[str, Help] = field(default_factory=dict)


class HelpBook:
    def __init__(self) -> None:
        self._days: dict[str, _Day] = {}
        self._lock = threading.Lock()

    def today(self, reports: Reports, hall: str, business_date: date) -> list[Help]:
        """The calls of the running day, the latest first. Blocks; raises StoreDown."""
        with self._lock:
            day = self._days.get(hall)
            if day is None or day.business_date != business_date:
                day = self._days[hall] = _Day(business_date, reports.latest(hall, DayOpened))
            for happened in reports.of_kinds(hall, OF_HELP, after=day.seq):
                day.seq = happened.seq
                _note(day.calls, happened.event)
            return sorted(day.calls.values(), key=lambda call: call.called_at, reverse=True)


def _note(calls: dict[str, Help], event: Event) -> None:
    match event:
        case HelpCalled(call=call):
            calls[call.id] = Help(call.kiosk, call.called_at)
        case HelpAnswered(help_id=name) if name in calls:
            calls[name] = replace(calls[name], response_s=event.response_s)
        case HelpEnded(help_id=name) if name in calls:
            known = calls[name]
            response_s = known.response_s
            if response_s is None and event.because in {"came", "helped"}:
                response_s = int((event.at - known.called_at).total_seconds())
            calls[name] = replace(known, ended=event.because, solved=event.solved, response_s=response_s)


def answered_share(calls: list[Help], limit_s: int, now: datetime) -> Share:
    """Answered within ``limit_s``, of all calls that were answered or have waited longer."""
    kept = sum(1 for call in calls if call.response_s is not None and call.response_s <= limit_s)
    waits = [call for call in calls if call.response_s is None and (now - call.called_at).total_seconds() > limit_s]
    return Share(kept, sum(1 for call in calls if call.response_s is not None) + len(waits))


def solved_share(calls: list[Help]) -> Share:
    """Solved, of those of whom the helper has said either."""
    said = [call.solved for call in calls if call.solved is not None]
    return Share(sum(said), len(said))
