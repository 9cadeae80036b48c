"""The floor: what follows from a hall's plan alone, worked out once and kept beside the hall.

Which windows can serve what, when a day ends, when the doors are open: each is asked with every ticket and
never changes while a plan stands. The answers are remembered here; a floor holds no state of the hall.

Sets of windows are whole numbers with one bit a window, because they are joined and met on every issue.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from queue_server.domain import calendar
from queue_server.domain.model import ALL_SKILLS, HallPlan

Windows = int
"""A set of windows: bit *i* stands for the *i*-th counter of the plan."""


class Lane(NamedTuple):
    """All who wait for exactly the same windows: one sorted line each."""

    skills: tuple[str, ...]
    remote: bool
    only_counter: str | None


class Floor:
    """Remembered answers about one plan."""

    def __init__(self, plan: HallPlan) -> None:
        self.plan = plan
        self.bits: dict[str, Windows] = {counter: 1 << i for i, counter in enumerate(plan.counters)}
        self.groups = frozenset(matter.group for matter in plan.matters.values())
        self._able: dict[tuple[tuple[str, ...], bool], Windows] = {}
        self._visits: dict[tuple[str, ...], tuple[float, Windows]] = {}
        self._ends: dict[date, datetime] = {}
        self._openings: dict[date, tuple[tuple[datetime, datetime], ...]] = {}

    def able(self, skills: tuple[str, ...], *, remote: bool) -> Windows:
        """The windows furnished to serve all of ``skills`` (for a citizen at an outlet if ``remote``)."""
        found = self._able.get((skills, remote))
        if found is None:
            found = 0
            for counter in self.plan.counters.values():
                skilled = ALL_SKILLS in counter.skills or counter.skills.issuperset(skills)
                if skilled and (counter.remote_ok or not remote):
                    found |= self.bits[counter.id]
            self._able[skills, remote] = found
        return found

    def visit(self, matters: tuple[str, ...]) -> tuple[float, Windows]:
        """Minutes of a booked visit and the windows that can serve it; nothing where its matters are forgotten."""
        found = self._visits.get(matters)
        if found is None:
            known = [self.plan.matters[m] for m in dict.fromkeys(matters) if m in self.plan.matters]
            skills = tuple(sorted({m.skill for m in known if m.skill is not None}))
            found = (sum(m.service_min for m in known), self.able(skills, remote=False)) if known else (0.0, 0)
            self._visits[matters] = found
        return found

    def day_end(self, day: date) -> datetime:
        found = self._ends.get(day)
        if found is None:
            found = self._ends[day] = calendar.day_end(self.plan, day)
        return found

    def is_open(self, day: date, now: datetime) -> bool:
        """Whether the doors are open at ``now``, which lies on ``day``."""
        found = self._openings.get(day)
        if found is None:
            found = self._openings[day] = calendar.openings(self.plan, day)
        return any(opens <= now < closes for opens, closes in found)
