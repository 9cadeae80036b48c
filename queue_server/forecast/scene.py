"""The hall as a forecast sees it: who waits, what each window does, who is booked and not here, who may come.

Plain numbers throughout, so that it can be handed to another process: minutes with ``now`` as 0, one bit a window.
It is a frozen copy: the hall goes on meanwhile. ``sketch`` draws it up from a hall.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from queue_server.twin.arrays import NEVER, People
from queue_server.twin.parameters import Parameters

Row = tuple[float | int, ...]
"""One person, in the order of the fields of ``arrays.People``; flags are 0 and 1."""
EXPECTED = People._fields.index("expected")


class TooFull(ValueError):  # noqa: N818  (named for the condition)
    """More people wait than can be played in time."""


class Window(msgspec.Struct, frozen=True, array_like=True):
    """``busy``: (minutes since the call, expected minutes, complex); ``back``: minutes until a pause may end.

    ``skills`` are those that some matter needs, or ``*``.
    """

    id: str
    open: bool
    skills: tuple[str, ...]
    busy: tuple[float, float, bool] | None = None
    back: tuple[float, ...] = ()
    break_from: float = NEVER
    break_to: float = NEVER
    closes: float = NEVER


class Probe(msgspec.Struct, frozen=True, array_like=True):
    """Somebody who might come now: what the answer to the next ticket looks up."""

    key: str
    row: Row


class Absent(msgspec.Struct, frozen=True, array_like=True):
    """Booked and not here. ``row`` as if on time (clock at the slot), ``late`` as if too late (clock to be set)."""

    slot: float
    row: Row
    late: Row
    complex: bool
    skills: tuple[str, ...]


class Walker(msgspec.Struct, frozen=True, array_like=True):
    """An example of who comes without a booking."""

    row: Row
    complex: bool
    skills: tuple[str, ...]


class Scene(msgspec.Struct, frozen=True, array_like=True):
    """All of it. ``ids``, ``rows``, ``complex`` and ``skills`` belong together: who waits, in the log's order."""

    hall: str
    seq: int
    at: datetime
    ids: tuple[str, ...]
    rows: tuple[Row, ...]
    complex: tuple[bool, ...]
    skills: tuple[tuple[str, ...], ...]
    windows: tuple[Window, ...]
    order: tuple[int, ...]
    """Which window chooses first when several are free."""
    probes: tuple[Probe, ...]
    absent: tuple[Absent, ...]
    walks: tuple[Walker, ...]
    rate: tuple[float, float]
    """Shape and scale of what is believed of the day's walk-ins against the profile."""
    expected: tuple[tuple[float, float], ...]
    """(minute, walk-ins expected from now until then by the profile), rising."""
    comes: float
    early: tuple[float, float]
    spread: tuple[tuple[float, float], tuple[float, float]]
    """Of general and complex matters: mean and deviation of log(time at the window / expected)."""
    slots: tuple[float, ...]
    """The next slots of today."""
    booked: tuple[Row, Row]
    """Who would come for one, with a general and with a complex matter."""
    late_after: float
    at_risk: float
    """A promise broken in this share of the futures or more is in danger."""
    policy: Parameters
    horizon: float
    seed: int


class Cure(msgspec.Struct, frozen=True, array_like=True):
    """``kind`` and ``argument`` as in ``domain.watch.Cure``; a slot's argument is its minutes from now."""

    kind: str
    argument: str
    before: float
    after: float


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What a look ahead saw: minutes from the scene's moment, ``waits`` and ``late`` in the order of ``ids``."""

    hall: str
    seq: int
    at: datetime
    ids: tuple[str, ...]
    waits: tuple[tuple[float, float], ...]
    """P50 and P90; infinite where no window will end it."""
    late: tuple[float, ...]
    """The share of futures in which the promise is broken."""
    probes: dict[str, list[tuple[float, float, float, float]]]
    """Of somebody who came now: expected minutes at the window, P50, P90 and that share; by those minutes, rising."""
    cures: dict[str, list[Cure]]
    took_ms: float
