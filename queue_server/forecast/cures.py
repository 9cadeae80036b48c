"""What would save a promise in danger, tried before it is proposed: in the same futures, with one thing changed.

A closed window opened, a skill lent to a window that lacks it, a break moved to later: each is played, and what counts
is the ticket's share of futures that end too late, without and with it. A cure is proposed only if it takes a good
part of the danger away and does not put as much on others. To a walk-in a slot of today may be offered too: somebody
who would come for it as a booked citizen is played beside the others, as a shadow. Another hall is offered by the
server, which alone knows the other halls' forecasts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import numpy as np

from queue_server.domain.model import ALL_SKILLS
from queue_server.forecast import look
from queue_server.forecast.futures import draw
from queue_server.forecast.scene import Cure, Probe, Row, Scene, Window
from queue_server.twin.arrays import KINDS, NEVER
from queue_server.twin.kernel import TICK

T = TypeVar("T")

SET_UP_MIN = 3.0
"""Until a clerk who was asked sits at the window."""
BREAK_LATER_MIN = 45.0
BREAK_SOON_MIN = 45.0
"""A break that begins within so many minutes may be moved."""
WORTH = 0.1
"""By so much a cure must lower the share."""
TRIALS = 6
MOST_IN_DANGER = 12
"""So many tickets are looked at, those in the greatest danger first."""
FUTURES = 50
_WALK_IN = len(KINDS) - 1


@dataclass(frozen=True, slots=True)
class Trial:
    kind: str
    argument: str
    scene: Scene


def cures(scene: Scene, late: list[float]) -> dict[str, list[Cure]]:
    """For each ticket in danger what would save it, the best first."""
    danger = sorted((i for i, share in enumerate(late) if share >= scene.at_risk), key=lambda i: -late[i])
    danger = danger[:MOST_IN_DANGER]
    if not danger:
        return {}
    found: dict[str, list[Cure]] = {scene.ids[i]: [] for i in danger}
    before = _late(scene)
    for trial in trials(scene, danger):
        after = _late(trial.scene)
        spoils = sum(max(0.0, b - a) for a, b in zip(before, after, strict=True))
        saves = sum(max(0.0, a - b) for a, b in zip(before, after, strict=True))
        if spoils > saves:
            continue
        for i in danger:
            if after[i] <= before[i] - WORTH:
                found[scene.ids[i]].append(Cure(trial.kind, trial.argument, before[i], after[i]))
    for i in danger:
        if scene.rows[i][4] == _WALK_IN:
            found[scene.ids[i]] += _slots(scene, i, before[i])
    for own in found.values():
        own.sort(key=lambda cure: (cure.after, cure.kind, cure.argument))
    return found


def trials(scene: Scene, danger: list[int]) -> Iterator[Trial]:
    """What may be tried for these, the most likely help first, ``TRIALS`` at most."""
    made = [*_windows(scene, danger), *_breaks(scene, danger), *_skills(scene, danger)]
    yield from made[:TRIALS]


def _windows(scene: Scene, danger: list[int]) -> Iterator[Trial]:
    """One closed window of each set of skills, if it serves any of those in danger."""
    tried: set[tuple[str, ...]] = set()
    for k, window in enumerate(scene.windows):
        helps = any(int(scene.rows[i][9]) >> k & 1 for i in danger)
        if window.open or not helps or window.skills in tried:
            continue
        tried.add(window.skills)
        opened = Window(window.id, open=True, skills=window.skills, back=(SET_UP_MIN,))
        yield Trial("open-window", window.id, _with_window(scene, k, opened))


def _breaks(scene: Scene, danger: list[int]) -> Iterator[Trial]:
    """A break under way ended, one that is near put off; the nearest first, one of each set of skills."""
    tried: set[tuple[str, ...]] = set()
    for k, window in sorted(enumerate(scene.windows), key=lambda one: one[1].break_from):
        helps = window.open and any(int(scene.rows[i][9]) >> k & 1 for i in danger)
        paused = bool(window.back) or window.break_from <= 0 < window.break_to
        near = 0 < window.break_from <= BREAK_SOON_MIN
        if not helps or not (paused or near) or window.skills in tried:
            continue
        tried.add(window.skills)
        if paused:
            ended = msgspec.structs.replace(window, back=(SET_UP_MIN,), break_from=NEVER, break_to=NEVER)
            yield Trial("move-break", window.id, _with_window(scene, k, ended))
        else:
            begins, ends = window.break_from + BREAK_LATER_MIN, window.break_to + BREAK_LATER_MIN
            later = msgspec.structs.replace(window, break_from=begins, break_to=ends)
            yield Trial("move-break", window.id, _with_window(scene, k, later))


def _skills(scene: Scene, danger: list[int]) -> Iterator[Trial]:
    """A skill that somebody in danger needs, lent to a window at work that lacks it; the least skilled windows."""
    wanted = {skill for i in danger for skill in scene.skills[i]}
    for skill in sorted(wanted):
        lacking = [
            k
            for k in scene.order
            if (window := scene.windows[k]).open
            and not window.back
            and skill not in window.skills
            and ALL_SKILLS not in window.skills
        ]
        for k in lacking[:2]:
            yield Trial("lend-skill", f"{scene.windows[k].id}:{skill}", lent(scene, k, skill))


def _with_window(scene: Scene, place: int, window: Window) -> Scene:
    windows = (*scene.windows[:place], window, *scene.windows[place + 1 :])
    return msgspec.structs.replace(scene, windows=windows)


def lent(scene: Scene, place: int, skill: str) -> Scene:
    """The scene with window ``place`` able to serve whoever needs ``skill`` and nothing that it lacks."""
    window = scene.windows[place]
    own = {*window.skills, skill}

    def able(row: Row, needs: tuple[str, ...]) -> Row:
        if skill not in needs or not own.issuperset(needs):
            return row
        return (*row[:9], int(row[9]) | 1 << place, *row[10:])

    return msgspec.structs.replace(
        scene,
        rows=tuple(able(row, needs) for row, needs in zip(scene.rows, scene.skills, strict=True)),
        absent=tuple(
            msgspec.structs.replace(one, row=able(one.row, one.skills), late=able(one.late, one.skills))
            for one in scene.absent
        ),
        walks=tuple(msgspec.structs.replace(one, row=able(one.row, one.skills)) for one in scene.walks),
    )


def _late(scene: Scene) -> list[float]:
    """Each waiting ticket's share of futures that end too late."""
    alone = msgspec.structs.replace(scene, probes=())
    return look.late_shares(scene, look.play(alone, draw(alone, FUTURES)))


def _slots(scene: Scene, place: int, before: float) -> list[Cure]:
    """Each of the next slots as if this walk-in took it instead of waiting here."""
    if not scene.slots:
        return []
    booked, own = scene.booked[int(scene.complex[place])], scene.rows[place]
    limit = booked[5]
    rest = msgspec.structs.replace(
        scene,
        ids=_without(scene.ids, place),
        rows=_without(scene.rows, place),
        complex=_without(scene.complex, place),
        skills=_without(scene.skills, place),
        probes=tuple(Probe(f"{at:g}", (at, at, at, at, *booked[4:8], *own[8:])) for at in scene.slots),
        horizon=max(scene.horizon, scene.slots[-1] + limit),
    )
    drawn = draw(rest, FUTURES)
    called = look.play(rest, drawn, (drawn.waiting, drawn.waiting + drawn.probes))[:, drawn.waiting :]
    shares = (called > np.array(scene.slots) + limit + TICK).mean(axis=0)
    return [
        Cure("offer-slot", f"{slot:g}", before, float(after))
        for slot, after in zip(scene.slots, shares, strict=True)
        if after <= before - WORTH
    ]


def _without(things: tuple[T, ...], place: int) -> tuple[T, ...]:
    return things[:place] + things[place + 1 :]
