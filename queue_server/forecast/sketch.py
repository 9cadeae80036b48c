"""A hall drawn up for the forecast: from the immutable hall and what its past has taught to one ``Scene``.

Pure. It goes person by person with a breath in between, because the thread that does it shares the interpreter with
the desk, and no ticket is to wait for a forecast.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from queue_server.domain import calendar, pace
from queue_server.domain.booking import slots_of
from queue_server.domain.errors import Refused
from queue_server.domain.model import ALL_SKILLS, Booking, Counter, Kind, MatterClass
from queue_server.domain.promises import limit_of, want
from queue_server.domain.state import Hall
from queue_server.forecast import arrivals
from queue_server.forecast.keys import SLOT_AHEAD_MIN, probe_key
from queue_server.forecast.memory import Memory, Walk
from queue_server.forecast.scene import Absent, Probe, Row, Scene, TooFull, Walker, Window
from queue_server.twin import arrays
from queue_server.twin.arrays import KINDS, LONG_AGO, MOST_WINDOWS, NEVER, minutes
from queue_server.twin.parameters import Parameters

MOST_WAITING = 1000
"""A hall with more is not played: the sum of ``estimate`` must do."""
HORIZON_MIN = (90.0, 300.0)
"""So far ahead others are expected to come, at least and at most."""
SLOT_FROM_MIN, SLOTS_TRIED = 20.0, 8
"""Slots that may be offered instead of waiting."""
BREAK_LATE = timedelta(minutes=10)
"""A planned break that has not begun after so long is not expected any more."""
ALIKE = 1.3
"""Matters that differ by no more are one, to whoever asks what a new ticket would wait."""
PAUSE_MIN = 15.0
"""How long a pause goes on whose like nobody has seen."""
BREATH_EVERY = 32


def scene_of(
    hall: Hall,
    now: datetime,
    memory: Memory,
    breaks: Mapping[str, tuple[datetime, datetime]] | None = None,
    *,
    breathe: Callable[[], None] = lambda: None,
    probe: bool = True,
) -> Scene:
    """The hall at ``now``. ``breaks``: planned pauses of windows by id. Raises TooFull."""
    waiting = sorted((entry[1], entry[2]) for line in hall.lines.values() for entry in line)
    if len(waiting) > MOST_WAITING:
        raise TooFull(len(waiting))
    names = _windows(hall)
    bits = {counter: 1 << k for k, counter in enumerate(names)}
    rows: list[Row] = []
    flags: list[bool] = []
    for place, (_, ticket_id) in enumerate(waiting):
        if place % BREATH_EVERY == BREATH_EVERY - 1:
            breathe()
        ticket = hall.tickets[ticket_id]
        rows.append(tuple(int(x) if isinstance(x, bool) else x for x in arrays.row_of(hall, ticket, now, bits)))
        flags.append(ticket.matter_class is MatterClass.COMPLEX)
    horizon = _horizon(hall, rows)
    able = _Able(hall, bits)
    windows = tuple(_window(hall, hall.counters[name], now, memory, breaks or {}) for name in names)
    return Scene(
        hall=hall.plan.id,
        seq=hall.seq,
        at=now,
        ids=tuple(ticket_id for _, ticket_id in waiting),
        rows=tuple(rows),
        complex=tuple(flags),
        skills=tuple(hall.tickets[ticket_id].skills for _, ticket_id in waiting),
        windows=windows,
        order=tuple(int(k) for k in arrays.choosing_order(names, [w.skills for w in windows], len(_needed(hall)))),
        probes=tuple(_probes(hall, now, able)) if probe else (),
        absent=tuple(_absent(hall, now, able, horizon)),
        walks=tuple(_walks(hall, memory, able)),
        rate=arrivals.rate(hall, now, memory),
        expected=arrivals.expected_until(hall, now, memory, horizon),
        comes=memory.comes,
        early=memory.punctuality(),
        spread=(memory.spread(MatterClass.GENERAL), memory.spread(MatterClass.COMPLEX)),
        slots=tuple(_slots(hall, now)) if probe else (),
        booked=(
            _row(hall, Kind.APPOINTMENT, MatterClass.GENERAL, 0, 0.0, scarce=False),
            _row(hall, Kind.APPOINTMENT, MatterClass.COMPLEX, 0, 0.0, scarce=False),
        ),
        late_after=hall.plan.rules.late_after_s / 60,
        at_risk=hall.plan.rules.escalation.risk.at_risk,
        policy=Parameters.of(hall.plan.rules.dispatch),
        horizon=horizon,
        seed=hall.seq,
    )


class _Able:
    """Which windows of the scene serve a lane; asked for every example, so remembered."""

    def __init__(self, hall: Hall, bits: Mapping[str, int]) -> None:
        self.hall = hall
        pairs = [(hall.floor.bits.get(counter, 0), bit) for counter, bit in bits.items()]
        self._mine = cache(lambda theirs: sum(bit for one, bit in pairs if theirs & one))

    def floor(self, skills: tuple[str, ...], *, remote: bool) -> int:
        """As the hall's floor numbers them."""
        return self.hall.floor.able(skills, remote=remote)

    def __call__(self, skills: tuple[str, ...], *, remote: bool = False) -> int:
        return self._mine(self.floor(skills, remote=remote))


def _windows(hall: Hall) -> list[str]:
    """Every furnished window by number; beyond what one whole number holds, the open ones come first."""
    names = sorted(hall.plan.counters, key=lambda c: (not hall.counters[c].is_open, arrays.number_of(c)))
    return sorted(names[:MOST_WINDOWS], key=arrays.number_of)


def _window(
    hall: Hall, counter: Counter, now: datetime, memory: Memory, breaks: Mapping[str, tuple[datetime, datetime]]
) -> Window:
    served = None if counter.ticket_id is None else hall.tickets.get(counter.ticket_id)
    busy = None
    if served is not None and served.called_at is not None:
        elapsed = max(0.0, minutes(now, served.called_at))
        expected = served.service_min * pace.of_window(hall.tempos, counter.id)
        busy = (elapsed, expected, served.matter_class is MatterClass.COMPLEX)
    begins, ends = NEVER, NEVER
    planned = breaks.get(counter.id) or _planned(hall, counter, now)
    if planned is not None:
        begins, ends = (minutes(moment, now) for moment in planned)
    back: tuple[float, ...] = ()
    if counter.paused and not begins <= 0 < ends:
        since = memory.paused_at.get(counter.id, now)
        gone = max(0.0, minutes(now, since))
        back = tuple(length - gone for length in memory.pauses if length > gone) or (PAUSE_MIN,)
    own = hall.plan.counters[counter.id].skills
    skills = (ALL_SKILLS,) if ALL_SKILLS in own else tuple(sorted(own & _needed(hall)))
    return Window(counter.id, counter.is_open, skills, busy, back, begins, ends)


def _planned(hall: Hall, counter: Counter, now: datetime) -> tuple[datetime, datetime] | None:
    """The window's break of today that is under way or comes next. One whose hour has come may begin a little late."""
    day = calendar.business_date(hall.plan, now)
    zone = ZoneInfo(hall.plan.tz)
    for part in sorted(hall.plan.counters[counter.id].breaks, key=lambda one: one.opens):
        begins, ends = (datetime.combine(day, at, zone) for at in (part.opens, part.closes))
        under_way = begins <= now < ends
        if begins > now or (under_way and (counter.paused or now - begins <= BREAK_LATE)):
            return begins, ends
    return None


def _row(hall: Hall, kind: Kind, matter_class: MatterClass, windows: int, service_min: float, *, scarce: bool) -> Row:
    """Somebody who is not here: ready, came and clock are 0, to be set by who draws them."""
    limit = limit_of(hall.plan.rules, kind, matter_class)
    return (
        0.0,
        0.0,
        0.0,
        LONG_AGO,
        KINDS.index(kind),
        limit.limit_s / 60,
        limit.never_s / 60,
        hall.plan.rules.dispatch.weights[kind],
        service_min,
        windows,
        int(scarce),
        0,
        0,
    )


def _probes(hall: Hall, now: datetime, able: _Able) -> list[Probe]:
    """Of each kind and class, with a short and a long matter, for each set of windows that the hall's matters need."""
    wants: dict[tuple[int, int, MatterClass, bool], list[float]] = {}
    for matter in hall.plan.matters.values():
        skills = () if matter.skill is None else (matter.skill,)
        for remote in (False, True) if matter.remote_ok else (False,):
            place = (able.floor(skills, remote=remote), able(skills, remote=remote), matter.matter_class, bool(skills))
            expected = pace.of_visit(hall.plan, hall.tempos, (matter.id,), matter.service_min, now)
            wants.setdefault(place, []).append(expected)
    probes: dict[tuple[str, float], Probe] = {}
    for (floor, windows, matter_class, scarce), times in wants.items():
        for kind, service_min in itertools.product(Kind, _levels(times)):
            for ahead in SLOT_AHEAD_MIN if kind is Kind.APPOINTMENT else (0.0,):
                row = list(_row(hall, kind, matter_class, windows, service_min, scarce=scarce))
                if kind is Kind.APPOINTMENT and ahead:
                    row[2] = row[3] = ahead
                key = probe_key(floor, kind, matter_class, ahead)
                probes.setdefault((key, service_min), Probe(key, tuple(row)))
    return list(probes.values())


def _levels(times: list[float]) -> tuple[float, ...]:
    """A short and a long matter of its like; one in the middle where they hardly differ."""
    ordered = sorted(times)
    short, long = ordered[len(ordered) // 5], ordered[-1 - len(ordered) // 5]
    return (short, long) if long > ALIKE * short else (sum(times) / len(times),)


def _absent(hall: Hall, now: datetime, able: _Able, horizon: float) -> list[Absent]:
    begins = now - timedelta(seconds=hall.plan.rules.late_after_s)
    ends = now + timedelta(minutes=horizon) + timedelta(seconds=hall.plan.rules.early_check_in_s)
    found = []
    for slot, ids in hall.slots.items():
        if not begins <= slot <= ends:
            continue
        for appointment_id in ids:
            appointment = hall.appointments[appointment_id]
            if appointment.state is not Booking.BOOKED:
                continue
            try:
                wanted = want(hall.plan, appointment.matters)
            except Refused:
                continue  # the catalogue no longer knows it
            windows, scarce = able(wanted.skills), bool(wanted.skills)
            expected = pace.of_visit(hall.plan, hall.tempos, wanted.matters, wanted.service_min, now)
            both = [
                _row(hall, kind, wanted.matter_class, windows, expected, scarce=scarce)
                for kind in (Kind.APPOINTMENT, Kind.WALK_IN)
            ]
            is_complex = wanted.matter_class is MatterClass.COMPLEX
            found.append(Absent(minutes(slot, now), both[0], both[1], is_complex, wanted.skills))
    found.sort(key=lambda one: (one.slot, one.row))
    return found


def _walks(hall: Hall, memory: Memory, able: _Able) -> list[Walker]:
    examples = memory.walks or [
        Walk(() if m.skill is None else (m.skill,), False, Kind.WALK_IN, m.matter_class, m.service_min)
        for m in hall.plan.matters.values()
    ]
    found = []
    for one in examples:
        windows, scarce = able(one.skills, remote=one.remote), bool(one.skills)
        row = _row(hall, one.kind, one.matter_class, windows, one.service_min, scarce=scarce)
        found.append(Walker(row, one.matter_class is MatterClass.COMPLEX, one.skills))
    return found


def _slots(hall: Hall, now: datetime) -> list[float]:
    day = calendar.business_date(hall.plan, now)
    ahead = (minutes(start, now) for start in slots_of(hall, day))
    return [start for start in ahead if start >= SLOT_FROM_MIN][:SLOTS_TRIED]


def _needed(hall: Hall) -> frozenset[str]:
    return frozenset(matter.skill for matter in hall.plan.matters.values() if matter.skill is not None)


def _horizon(hall: Hall, rows: list[Row]) -> float:
    """Long enough that nearly all who wait are called: their work, and twice as much that comes before them."""
    work = sum(row[8] for row in rows) / max(1, arrivals.open_windows(hall))
    return min(HORIZON_MIN[1], max(HORIZON_MIN[0], 3 * work + 60))
