"""Simulated days of a hall: the same people come to every question, only the bookings sold differ.

Each day draws its walk-ins and, for every slot, a row of citizens who would book there, with their matters, who of
them comes and how punctually, and how long each takes. Selling more lets more of the row come; all
others do exactly what they did before, so two ways of selling are compared on the same days (common random
numbers). The days are played by the compiled twin of dispatch under the hall's own policy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from queue_server.domain.model import Kind, MatterClass
from queue_server.domain.rules import Rules
from queue_server.sheets.bench import Bench
from queue_server.sheets.demand import HALF_HOUR, Demand, Limits, limits_of
from queue_server.twin.arrays import KINDS, LONG_AGO, NEVER, Flags, Floats, People, Whole, Windows, choosing_order
from queue_server.twin.kernel import Futures, Parameters, futures

ROW_SHARE, ROW_MORE = 2.0, 8
"""Citizens drawn for a slot: so many times what its windows could serve, and some more."""
REFUSALS = 3
"""A slot is taken to be full when so many in a row, whatever they come for, found no place in it."""
_INSTANT = 1e-6
_APPOINTMENT, _PRIORITY, _WALK_IN = (KINDS.index(kind) for kind in (Kind.APPOINTMENT, Kind.PRIORITY, Kind.WALK_IN))


@dataclass(frozen=True, slots=True)
class Lateness:
    """What became of the promises, in shares of one; ``slots`` and ``hours`` are of appointments."""

    slots: Floats
    """Per slot: the share called late (0 where nobody came)."""
    hours: Floats
    """Per slot: the same of all slots of its hour."""
    appointments: float
    walk_ins: float
    priority: float
    came: int
    """Appointments that came, on all days together."""

    @property
    def worst_slot(self) -> float:
        return float(self.slots.max(initial=0.0))

    @property
    def worst_hour(self) -> float:
        return float(self.hours.max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Called:
    """Of one way of playing: who came (``[days, n]``), their kind, when their clock began, and who was late."""

    came: Flags
    kind: Whole
    clock: Floats
    late: Flags


def windows_of(bench: Bench) -> Windows:
    """The planned windows as the twin plays them; those that close last see to whoever still waits."""
    count = len(bench.desks)
    free, away, back, closes = (np.full(count, NEVER) for _ in range(4))
    end = max((b for desk in bench.desks for _, b in desk.stretches), default=0.0)
    for k, desk in enumerate(bench.desks):
        if not desk.stretches:
            continue
        free[k] = desk.stretches[0][0]
        gaps = [(b, a) for (_, b), (a, _) in zip(desk.stretches, desk.stretches[1:], strict=False)]
        if gaps:
            away[k], back[k] = max(gaps, key=lambda gap: gap[1] - gap[0])
        if desk.stretches[-1][1] < end:
            closes[k] = desk.stretches[-1][1]
    skills = {skill for desk in bench.desks for skill in desk.skills}
    order = choosing_order([d.id for d in bench.desks], [d.skills for d in bench.desks], 1 + len(skills))
    return Windows(free, away, back, closes, order)


class Days:
    """``days`` drawn days of ``demand`` at ``bench`` under ``rules``; the seed alone decides who comes."""

    def __init__(self, demand: Demand, bench: Bench, rules: Rules, days: int, seed: int = 1) -> None:
        self.bench = bench
        self.count = days
        self._rules = rules
        self._limits = limits_of(rules)
        self._parameters = Parameters.of(rules.dispatch)
        self._draw = np.random.default_rng(seed)
        usual = max(demand.booked_min * demand.slower, 1.0)
        self.row = math.ceil(len(bench.desks) * bench.slot_min / usual * ROW_SHARE) + ROW_MORE
        """How many would book each slot."""
        self._skills = tuple(sorted({skill for visit in demand.visits for skill in visit.skills}))
        booked = self._booked(demand)
        walk_ins = self._walk_ins(demand)
        norms, needs = booked.pop("norm"), booked.pop("needs")
        for name in ("norm", "needs"):
            del walk_ins[name]
        self._norms = norms.reshape(days, len(bench.starts), self.row)
        self._needs = needs.reshape(days, len(bench.starts), self.row)
        joined = {name: np.concatenate([booked[name], walk_ins[name]], axis=1) for name in booked}
        self._service = joined.pop("service")
        self._people = People(**joined)
        self._columns = booked["ready"].shape[1]
        laid_out = futures(self._people, windows_of(bench), self._service)
        self._people, self._windows, self._service = laid_out.people, laid_out.windows, laid_out.service

    # --- who comes ------------------------------------------------------------------------------------

    def _booked(self, demand: Demand) -> dict[str, Any]:
        bench, draw = self.bench, self._draw
        shape = (self.count, len(bench.starts) * self.row)
        slot = np.repeat(np.array(bench.starts, float), self.row)[None, :] + np.zeros(shape)
        opens = np.array([max((a for a, _ in bench.stretches if a <= s), default=0.0) for s in bench.starts])
        off = np.round(draw.normal(-demand.early_min, demand.early_spread_min, shape))
        earliest = np.repeat(opens, self.row)[None, :]
        earliest = np.maximum(earliest, slot - self._rules.early_check_in_s / 60)
        arrive = np.maximum(earliest, slot + off)
        late = arrive > slot + self._rules.late_after_s / 60
        came = draw.random(shape) >= demand.no_show
        kind = np.where(late, _WALK_IN, _APPOINTMENT)
        rest = self._visits(demand, [v.booked for v in demand.visits], shape, kind)
        return rest | {
            "ready": np.where(came, arrive, NEVER),
            "came": arrive,
            "clock": np.where(late, arrive, np.maximum(arrive, slot)),
            "slot": np.where(late, LONG_AGO, slot),
        }

    def _walk_ins(self, demand: Demand) -> dict[str, Any]:
        draw = self._draw
        sigma = demand.day_spread
        busy = draw.lognormal(-sigma * sigma / 2, sigma, (self.count, 1))
        counts = draw.poisson(np.array(demand.walk_ins)[None, :] * busy)
        most = int(counts.sum(axis=1).max(initial=0))
        shape = (self.count, most)
        arrive = np.full(shape, NEVER)
        for day, row in enumerate(counts):
            half_hours = np.repeat(np.arange(48), row)
            arrive[day, : len(half_hours)] = np.sort(half_hours * HALF_HOUR + draw.random(len(half_hours)) * HALF_HOUR)
        kind = np.where(draw.random(shape) < demand.priority, _PRIORITY, _WALK_IN)
        rest = self._visits(demand, [v.walk_ins for v in demand.visits], shape, kind)
        return rest | {"ready": arrive, "came": arrive, "clock": arrive, "slot": np.full(shape, LONG_AGO)}

    def _visits(self, demand: Demand, shares: Sequence[float], shape: tuple[int, int], kind: Whole) -> dict[str, Any]:
        """With which matters: minutes, limits, windows and how long it will really take."""
        draw = self._draw
        weights = np.array(shares, float)
        which = draw.choice(len(weights), size=shape, p=weights / weights.sum())
        expected = np.array([v.takes_min for v in demand.visits])[which]
        complex_ = np.array([v.matter_class is MatterClass.COMPLEX for v in demand.visits])[which]
        limit, never = _by_kind(self._limits, kind, complex_)
        sigma = math.sqrt(math.log(1 + demand.spread**2))
        took = draw.lognormal(np.log(expected) - sigma * sigma / 2, sigma)
        return {
            "kind": kind,
            "limit": limit,
            "never": never,
            "weight": np.array([self._limits.weights[k] for k in KINDS])[kind],
            "expected": expected,
            "windows": np.array([self.bench.able(v.skills) for v in demand.visits])[which],
            "scarce": np.array([bool(v.skills) for v in demand.visits])[which],
            "behind": np.zeros(shape, np.int64),
            "soft": np.zeros(shape, np.bool_),
            "service": np.maximum(1.0, np.round(took)),
            "norm": np.array([v.minutes for v in demand.visits])[which],
            "needs": np.array([sum(1 << self._skills.index(s) for s in v.skills) for v in demand.visits])[which],
        }

    # --- what becomes of them -------------------------------------------------------------------------

    def by_count(self, places: Sequence[int] | Whole) -> Flags:
        """Sold so many visits per slot, whatever they are: ``[days, slots, row]``."""
        shape = (self.count, len(self.bench.starts), self.row)
        return np.broadcast_to(np.arange(self.row) < np.asarray(places)[:, None], shape)

    def by_minutes(self, bears: Floats, lanes: Mapping[str, Floats]) -> Flags:
        """Sold as a sheet with these minutes sells: one after the other as they fit, until a slot is full."""
        slots = len(self.bench.starts)
        sold = np.zeros((self.count, slots, self.row), np.bool_)
        load = np.zeros((self.count, slots + 1))
        room = np.append(bears, 0.0) + _INSTANT
        mine = [(1 << i, np.append(lanes[s], 0.0) + _INSTANT) for i, s in enumerate(self._skills) if s in lanes]
        lane_load = [np.zeros((self.count, slots + 1)) for _ in mine]
        follows = np.diff(self.bench.starts, append=np.inf) <= self.bench.slot_min + _INSTANT
        refused = np.zeros((self.count, slots), np.int64)
        for j in range(self.row):
            here = np.minimum(self._norms[:, :, j], self.bench.slot_min)
            rest = np.where(follows, np.minimum(self._norms[:, :, j] - here, self.bench.slot_min), 0.0)
            fits = _fits(load, room, here, rest)
            for (bit, bound), lane in zip(mine, lane_load, strict=True):
                fits &= ((self._needs[:, :, j] & bit) == 0) | _fits(lane, bound, here, rest)
            taken = fits & (refused < REFUSALS)
            refused = np.where(taken, 0, refused + 1)
            sold[:, :, j] = taken
            _load(load, here * taken, rest * taken)
            for (bit, _), lane in zip(mine, lane_load, strict=True):
                needed = taken & ((self._needs[:, :, j] & bit) != 0)
                _load(lane, here * needed, rest * needed)
        return sold

    def play(self, sold: Flags, *, windows: Windows | None = None, parameters: Parameters | None = None) -> Called:
        """Every day with these visits sold, by these windows (the planned ones) and this policy."""
        ready = self._people.ready.copy()
        ready[:, : self._columns][~sold.reshape(self.count, -1)] = NEVER
        people = self._people._replace(ready=ready)
        order = np.argsort(ready, axis=1, kind="stable")
        laid_out = Futures(people, self._windows, self._service, order)
        if windows is not None:
            laid_out = futures(people, windows, self._service)
        calls = laid_out.play(parameters or self._parameters)
        came = ready < NEVER
        wait = calls.called - people.clock
        late = came & ~(wait <= people.limit + _INSTANT)
        return Called(came, people.kind, people.clock, late)

    def lateness(self, called: Called) -> Lateness:
        """Per slot and hour of the appointments, and of everybody else."""
        count = len(self.bench.starts)
        booked = called.came[:, : self._columns] & (called.kind[:, : self._columns] == _APPOINTMENT)
        late = booked & called.late[:, : self._columns]
        slots = booked.reshape(self.count, count, self.row).sum(axis=(0, 2))
        slots_late = late.reshape(self.count, count, self.row).sum(axis=(0, 2))
        hour = np.array(self.bench.starts) // 60
        hours, hours_late = np.zeros(24), np.zeros(24)
        np.add.at(hours, hour, slots)
        np.add.at(hours_late, hour, slots_late)
        return Lateness(
            slots=slots_late / np.maximum(1, slots),
            hours=(hours_late / np.maximum(1, hours))[hour],
            appointments=float(slots_late.sum() / max(1, slots.sum())),
            walk_ins=_share(called, _WALK_IN),
            priority=_share(called, _PRIORITY),
            came=int(slots.sum()),
        )


def _fits(load: Floats, bears: Floats, here: Floats, rest: Floats) -> Flags:
    """Which visits find room: in their own slot, and for what reaches beyond it in the next."""
    following = (rest <= 0) | (load[:, 1:] + rest <= bears[1:])
    return np.asarray((load[:, :-1] + here <= bears[:-1]) & following, np.bool_)


def _load(load: Floats, here: Floats, rest: Floats) -> None:
    load[:, :-1] += here
    load[:, 1:] += rest


def _by_kind(limits: Limits, kind: Whole, complex_: Flags) -> tuple[Floats, Floats]:
    table = np.array(
        [[limits.of[k, c] for c in (MatterClass.GENERAL, MatterClass.COMPLEX)] for k in KINDS]
    )  # kind, class, (limit, never)
    found = table[kind, complex_.astype(np.int64)]
    return found[..., 0], found[..., 1]


def _share(called: Called, kind: int) -> float:
    mine = called.came & (called.kind == kind)
    return float((mine & called.late).sum() / max(1, mine.sum()))
