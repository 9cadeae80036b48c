"""How many calls before mine, and how long: a plain queueing sum, in microseconds, from the hall alone.

*Ahead* is the predicted number of calls, by windows that can serve this ticket, before its own. They are taken
to be those whose promise runs out earlier, which is nearly so under any policy that keeps promises; a group
that only some windows serve fills those windows, and everybody else flows to where the load is least (narrow
groups first).

*Wait*: with k windows at work and m mean minutes at the window (what is expected of those who wait),
a window comes free every m/k; the n-th is the sum of n such gaps. Its mean is n*m/k and, with a spread of
service times of about 0.8 of the mean, P50 and P90 follow from a gamma law (P50 = mean - variance/(3 mean)).
A window that stands idle calls at once. Where no window is open half of those furnished are assumed to
come, a few minutes from now. The forecast by simulation (sla.md §3) will replace this sum, not its shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from queue_server.domain import calendar, pace
from queue_server.domain.floor import Lane, Windows
from queue_server.domain.line import Entry
from queue_server.domain.model import Kind, Matter, State
from queue_server.domain.promises import promise
from queue_server.domain.state import Hall, entry_of, lane_of, reach, staffed

SPREAD = 0.8
"""Coefficient of variation of the time at a window."""
P90 = 1.2816
"""Standard deviations from mean to the ninth decile."""
UNSTAFFED_P50_S = 300
UNSTAFFED_P90_S = 900
"""Added while no window that could serve is open."""
_LAST = (1 << 62, "")


@dataclass(frozen=True, slots=True)
class GroupOutlook:
    """``waiting`` of one group, and the wait of a walk-in who came now, P50 and P90 in seconds."""

    group: str
    waiting: int
    wait_p50_s: int
    wait_p90_s: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """How full the hall is. The total's range is from the best group's P50 to the worst one's P90."""

    at: datetime
    is_open: bool
    waiting: int
    wait_p50_s: int
    wait_p90_s: int
    groups: tuple[GroupOutlook, ...]
    next_opening: datetime | None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is expected for one place in the hall: calls before it, and the wait from now in seconds."""

    ahead: int
    wait_p50_s: int
    wait_p90_s: int


def ahead(hall: Hall, ticket_id: str) -> int:
    """Predicted calls before this ticket's; 0 when it is not waiting or not known."""
    return of_ticket(hall, ticket_id).ahead


def wait_range(hall: Hall, ticket_id: str, now: datetime) -> tuple[int, int]:
    """P50 and P90 seconds from ``now`` to the first call; (0, 0) when it is not waiting or not known.

    A slot that has not begun holds the call back, so neither is less than the time until then.
    """
    ticket = hall.tickets.get(ticket_id)
    found = of_ticket(hall, ticket_id)
    if ticket is None or ticket.state is not State.WAITING or ticket.slot_start is None:
        return found.wait_p50_s, found.wait_p90_s
    until_slot = max(0, int((ticket.slot_start - now).total_seconds()))
    return max(found.wait_p50_s, until_slot), max(found.wait_p90_s, until_slot)


def of_ticket(hall: Hall, ticket_id: str) -> Prospect:
    """Both at once: the answer to every ticket needs them."""
    ticket = hall.tickets.get(ticket_id)
    if ticket is None or ticket.state is not State.WAITING:
        return Prospect(0, 0, 0)
    return _prospect(hall, lane_of(ticket), entry_of(ticket), ticket.service_min * 60)


def outlook(hall: Hall, now: datetime) -> Outlook:
    """What a kiosk, board or page shows of the hall before anybody takes a number."""
    groups = []
    shown: dict[str, Matter] = {}
    for matter in hall.plan.matters.values():
        shown.setdefault(matter.group, matter)
    for group, matter in sorted(shown.items()):
        given = promise(hall.plan.rules, Kind.WALK_IN, matter.matter_class, now)
        lane = Lane(() if matter.skill is None else (matter.skill,), remote=False, only_counter=None)
        lasts_min = pace.of_visit(hall.plan, hall.tempos, (matter.id,), matter.service_min, now)
        found = _prospect(hall, lane, (given.due, *_LAST), lasts_min * 60)
        groups.append(GroupOutlook(group, hall.waiting.get(group, 0), found.wait_p50_s, found.wait_p90_s))
    doors = not hall.day_closed and calendar.is_open(hall.plan, now)
    return Outlook(
        at=now,
        is_open=doors,
        waiting=sum(hall.waiting.values()),
        wait_p50_s=min((g.wait_p50_s for g in groups), default=0),
        wait_p90_s=max((g.wait_p90_s for g in groups), default=0),
        groups=tuple(groups),
        next_opening=None if doors else calendar.next_opening(hall.plan, now),
    )


def _prospect(hall: Hall, lane: Lane, entry: Entry, service_s: float) -> Prospect:
    able = reach(hall, lane)
    at_work = staffed(hall)
    windows = able & at_work
    manned = windows != 0
    if not manned:
        windows = able or 1
        at_work |= windows
    groups: dict[Windows, int] = {}
    count, work = 0, 0
    for other, line in hall.lines.items():
        theirs = reach(hall, other) & at_work
        if theirs:
            groups[theirs] = groups.get(theirs, 0) + line.before(entry)
            if theirs & windows:
                count += len(line)
                work += hall.work[other]
    k = windows.bit_count()
    before = _calls_before(groups, windows)
    mean_s = work / count if count else service_s
    if not manned:
        k = max(1, k // 2)
    idle = _idle(hall, windows) if manned else 0
    gaps = before + 1 - idle if manned else before
    extra50, extra90 = (0, 0) if manned else (UNSTAFFED_P50_S, UNSTAFFED_P90_S)
    if gaps <= 0:
        return Prospect(round(before), extra50, extra90)
    mean = gaps * mean_s / k
    deviation = math.sqrt(gaps) * SPREAD * mean_s / k
    middle = max(0.0, mean - deviation * deviation / (3 * mean))
    return Prospect(round(before), round(middle) + extra50, round(mean + P90 * deviation) + extra90)


def _calls_before(groups: dict[Windows, int], windows: Windows) -> float:
    """Calls that ``windows`` make before mine, when each group flows to its least loaded windows."""
    if len(groups) == 1:
        ((theirs, before),) = groups.items()
        if theirs == windows:
            return before
    level: dict[Windows, float] = {}
    for theirs, before in sorted(groups.items(), key=lambda one: (one[0].bit_count(), one[0])):
        _pour(level, _split(theirs), before)
    mine = _split(windows)
    return min(level.get(window, 0.0) for window in mine) * len(mine)


def _pour(level: dict[Windows, float], windows: list[Windows], amount: float) -> None:
    """Add ``amount`` calls to ``windows``, levelling up the lowest first."""
    windows.sort(key=lambda window: level.get(window, 0.0))
    height = level.get(windows[0], 0.0)
    for filled in range(1, len(windows) + 1):
        above = level.get(windows[filled], 0.0) if filled < len(windows) else math.inf
        needed = (above - height) * filled
        if needed >= amount:
            height += amount / filled
            for window in windows[:filled]:
                level[window] = height
            return
        amount -= needed
        height = above


def _split(windows: Windows) -> list[Windows]:
    single = []
    while windows:
        lowest = windows & -windows
        single.append(lowest)
        windows ^= lowest
    return single


def _idle(hall: Hall, windows: Windows) -> int:
    bits = hall.floor.bits
    return sum(
        1
        for c in hall.counters.values()
        if c.staff is not None and not c.paused and c.ticket_id is None and bits.get(c.id, 0) & windows
    )
