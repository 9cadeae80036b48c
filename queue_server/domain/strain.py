"""States in which people wait and nobody can serve them, and the honest word for each.

No window open while people wait, all windows on break, a skill that nobody at work has. Each begins and ends
with an event of its own, so that the log says how long it was so; the alarm about it comes later, once it has
lasted (``escalation``). ``nobody_for`` says the same of one citizen's windows, also before a number is taken: the
doors put it into words.
"""

from __future__ import annotations

from datetime import datetime

from queue_server.domain import calendar
from queue_server.domain.escalation_rules import AlarmKind
from queue_server.domain.events import Event
from queue_server.domain.floor import Lane, Windows
from queue_server.domain.model import Place, Ticket
from queue_server.domain.state import Hall, lane_of, reach
from queue_server.domain.watch import SYSTEM
from queue_server.domain.watch_events import HallEased, HallStrained

NO_WINDOW_OPEN = "no-window-open"
NO_SKILL = "no-window-with-skill"
PAUSED = "paused-windows"
NOBODY = frozenset({NO_WINDOW_OPEN, NO_SKILL, PAUSED})
"""Codes that cross the wire: nobody can serve this citizen now."""

_State = tuple[AlarmKind, tuple[str, ...]]


def at_work(hall: Hall) -> tuple[bool, Windows]:
    """Whether any window is open, and which of them are not on break."""
    bits = hall.floor.bits
    seated, working = False, 0
    for counter in hall.counters.values():
        if counter.staff is not None:
            seated = True
            if not counter.paused:
                working |= bits.get(counter.id, 0)
    return seated, working


def nobody_for(hall: Hall, able: Windows) -> str:
    """Why no window of ``able`` serves anybody now, a code of ``NOBODY``; empty if one does."""
    bits = hall.floor.bits
    seated = [c for c in hall.counters.values() if c.is_open]
    if not seated:
        return NO_WINDOW_OPEN
    could = [c for c in seated if bits.get(c.id, 0) & able]
    if not could:
        return NO_SKILL
    return PAUSED if all(c.paused for c in could) else ""


def nobody_for_ticket(hall: Hall, ticket: Ticket) -> str:
    return nobody_for(hall, reach(hall, lane_of(ticket)))


def nobody_for_skill(hall: Hall, skill: str | None) -> str:
    """The same for a walk-in who has not taken a number yet."""
    return nobody_for(hall, hall.floor.able(() if skill is None else (skill,), remote=False))


def nobody_for_groups(hall: Hall) -> dict[str, str]:
    """The same per group of matters, as far as none of it is served; under the empty name for the whole hall."""
    unserved: dict[str, str] = {}
    for matter in hall.plan.matters.values():
        code = nobody_for_skill(hall, matter.skill)
        if unserved.get(matter.group) != "":
            unserved[matter.group] = code
    found = {group: code for group, code in unserved.items() if code}
    if found and len(found) == len(unserved):
        found[""] = NO_WINDOW_OPEN if not at_work(hall)[0] else PAUSED if not at_work(hall)[1] else NO_SKILL
    return found


# --- as states of the hall ---------------------------------------------------------------------------


def states(hall: Hall) -> dict[str, _State]:
    """What is so now, by key; nothing while nobody waits."""
    if not hall.lines:
        return {}
    seated, working = at_work(hall)
    if not seated:
        return {AlarmKind.NO_WINDOW.value: (AlarmKind.NO_WINDOW, ())}
    if not working:
        return {AlarmKind.ALL_PAUSED.value: (AlarmKind.ALL_PAUSED, ())}
    return {
        _lane_key(lane): (AlarmKind.NO_SKILL, lane.skills)
        for lane in hall.lines
        if not _furnished(hall, lane) & working
    }


def strained_by(hall: Hall, ticket: Ticket) -> bool:
    """Whether the arrival of ``ticket`` changes a state; asked for every number given, so it is quick."""
    strains = hall.watch.strains
    if AlarmKind.NO_WINDOW in strains or AlarmKind.ALL_PAUSED in strains:
        return False
    lane = lane_of(ticket)
    served = _furnished(hall, lane) & at_work(hall)[1]
    return not served and _lane_key(lane) not in strains


def changes(hall: Hall, at: datetime) -> list[Event]:
    """The events by which the strains that ``hall`` knows of become those that are so."""
    were, are = hall.watch.strains, states(hall)
    if were.keys() == are.keys():
        return []
    events: list[Event] = [HallEased(at=at, by=SYSTEM, key=key) for key in were if key not in are]
    counts_from = _expected_from(hall, at)
    events += [
        HallStrained(at=at, by=SYSTEM, key=key, kind=kind, skills=skills, counts_from=counts_from)
        for key, (kind, skills) in sorted(are.items())
        if key not in were
    ]
    return events


def _furnished(hall: Hall, lane: Lane) -> Windows:
    """A wish for one window is no skill: others could serve it too."""
    return hall.floor.able(lane.skills, remote=lane.remote)


def _lane_key(lane: Lane) -> str:
    return f"{AlarmKind.NO_SKILL}:{'+'.join(lane.skills)}{'@' + Place.REMOTE if lane.remote else ''}"


def _expected_from(hall: Hall, at: datetime) -> datetime:
    """``at``; or the day's next opening, if the doors are closed and open again: nobody is expected before."""
    later = [at]
    for opens, closes in calendar.openings(hall.plan, calendar.business_date(hall.plan, at)):
        if opens <= at < closes:
            return at
        if opens > at:
            later.append(opens)
    return later[1] if len(later) > 1 else at
