"""Recorded days: ``hall.json`` beside ``day-NNN.jsonl``, one person a line (sla.md §6). Read strictly.

Whatever is wrong is said with a code, the file and the line. A line that could be understood in two ways is wrong:
unknown or missing fields, a walk-in with a slot, a skill that no window has. Minutes count from ``open_min`` 0 of the
hall's own day and may be fractions; who did not come has ``arrive_min`` null and no service time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from queue_server.domain.model import Kind, MatterClass
from queue_server.simulate.moments import micros_of

MOST_MIN = 1440.0
"""A day has no more minutes; a time beyond is a mistake of units."""
EARLIEST_MIN, LATEST_MIN = -240.0, 720.0
AROUND_MIN = 120.0
"""How long before the opening or after the close somebody may still come."""

Minutes = Annotated[float, msgspec.Meta(ge=-MOST_MIN, le=MOST_MIN)]
Length = Annotated[float, msgspec.Meta(ge=0, le=MOST_MIN)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,16}$(?!\n)")]
Skill = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]$(?!\n)")]

_CLASSES = tuple(f"{kind}-{matter}" for kind in ("appointment", "priority", "walkin") for matter in MatterClass)


class BadTrace(ValueError):  # noqa: N818  (named for the condition)
    """A trace that must not be played. ``code`` is stable; ``line`` is 0 for a whole file."""

    def __init__(self, code: str, path: Path | str, line: int, text: str) -> None:
        super().__init__(f"{path}:{line}: {code}: {text}" if line else f"{path}: {code}: {text}")
        self.code = code
        self.path = str(path)
        self.line = line


class Window(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``skills`` beside the general matters, which every window serves; ``break_min`` [from, to) calls nobody."""

    id: Name
    skills: list[Skill]
    break_min: tuple[Minutes, Minutes] | None = None


class Limits(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The promise and the penalty weight of ``kind-class``."""

    name: str
    limit_min: Annotated[float, msgspec.Meta(gt=0, le=MOST_MIN)]
    never_min: Annotated[float, msgspec.Meta(gt=0, le=MOST_MIN)]
    weight: Annotated[float, msgspec.Meta(ge=0, le=1000)]


class HallTrace(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``hall.json``. ``load`` is expected work of those who come / (windows' minutes less breaks)."""

    format: Literal[1]
    open_min: Minutes
    close_min: Minutes
    load: Annotated[float, msgspec.Meta(ge=0, le=10)]
    windows: list[Window]
    late_after_min: Length
    classes: list[Limits]

    def limits(self, kind: Kind, matter_class: MatterClass) -> Limits:
        """The row of ``classes``; all six are there."""
        name = f"{'walkin' if kind is Kind.WALK_IN else kind}-{matter_class}"
        return next(row for row in self.classes if row.name == name)


class Person(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"matter_class": "class"}):
    """One line of a day. A priority citizen is a walk-in with ``priority``."""

    id: Annotated[int, msgspec.Meta(ge=0, le=10**9)]
    kind: Literal["appointment", "walkin"]
    priority: bool
    matter_class: MatterClass
    matter_mean_min: Annotated[float, msgspec.Meta(gt=0, le=MOST_MIN)]
    skill: Skill | None
    slot_min: Minutes | None
    arrive_min: Minutes | None
    service_min: Length | None

    @property
    def came(self) -> bool:
        return self.arrive_min is not None


@dataclass(frozen=True, slots=True)
class DayTrace:
    """One file: ``name`` is its stem, ``day-100``; ``persons`` in the file's order."""

    name: str
    persons: tuple[Person, ...]

    @property
    def number(self) -> str:
        return self.name.removeprefix("day-")


@dataclass(frozen=True, slots=True)
class Trace:
    """A directory: a hall and its days in order."""

    name: str
    hall: HallTrace
    days: tuple[DayTrace, ...]


_hall = msgspec.json.Decoder(HallTrace)
_person = msgspec.json.Decoder(Person)
_DAY = re.compile(r"day-\d{1,9}")


def read(directory: Path) -> Trace:
    """The hall and every day of ``directory``. Raises BadTrace."""
    hall = read_hall(directory / "hall.json")
    files = sorted(path for path in directory.glob("day-*.jsonl") if _DAY.fullmatch(path.stem))
    if not files:
        raise BadTrace("no-days", directory, 0, "there is no day-NNN.jsonl")
    return Trace(directory.resolve().name, hall, tuple(read_day(path, hall) for path in files))


def read_hall(path: Path) -> HallTrace:
    """``hall.json``. Raises BadTrace."""
    try:
        hall = _hall.decode(_bytes(path))
    except msgspec.ValidationError as error:
        raise BadTrace("bad-field", path, 0, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadTrace("not-json", path, 0, str(error)) from None
    for code, text in _mistakes_of_hall(hall):
        raise BadTrace(code, path, 0, text)
    return hall


def read_day(path: Path, hall: HallTrace) -> DayTrace:
    """``day-NNN.jsonl`` of ``hall``. Raises BadTrace with the line."""
    return DayTrace(path.stem, parse_day(_bytes(path), hall, path))


def parse_day(data: bytes, hall: HallTrace, path: Path | str = "day") -> tuple[Person, ...]:
    """The persons of a day's lines. Raises BadTrace with the line, from 1."""
    persons: list[Person] = []
    seen: set[int] = set()
    skills = {skill for window in hall.windows for skill in window.skills}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            person = _person.decode(line)
        except msgspec.ValidationError as error:
            raise BadTrace("bad-field", path, number, str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadTrace("not-json", path, number, str(error)) from None
        if person.id in seen:
            raise BadTrace("id-twice", path, number, f"id {person.id} has been before")
        seen.add(person.id)
        for code, text in _mistakes_of_person(person, hall, skills):
            raise BadTrace(code, path, number, text)
        persons.append(person)
    return tuple(persons)


def _mistakes_of_hall(hall: HallTrace) -> Iterable[tuple[str, str]]:
    if not hall.windows:
        yield "no-windows", "a hall needs at least one window"
    if len({window.id for window in hall.windows}) != len(hall.windows):
        yield "window-twice", "a window's id is given twice"
    if not hall.open_min < hall.close_min:
        yield "bad-hours", "close_min must lie after open_min"
    if hall.open_min < EARLIEST_MIN or hall.close_min > LATEST_MIN:
        yield "bad-hours", f"a day lies between minute {EARLIEST_MIN:g} and minute {LATEST_MIN:g}"
    for window in hall.windows:
        if window.break_min is not None and window.break_min[0] > window.break_min[1]:
            yield "bad-break", f"window {window.id}: the break ends before it begins"
    names = [row.name for row in hall.classes]
    if sorted(names) != sorted(_CLASSES):
        yield "bad-classes", f"classes must be exactly {', '.join(_CLASSES)}"
    for row in hall.classes:
        if row.never_min < row.limit_min:
            yield "bad-classes", f"{row.name}: the never-line lies before the limit"


def _mistakes_of_person(person: Person, hall: HallTrace, skills: set[str]) -> Iterable[tuple[str, str]]:
    booked = person.kind == "appointment"
    if booked and person.slot_min is None:
        yield "no-slot", "an appointment needs slot_min"
    if booked and person.priority:
        yield "priority-booked", "priority is declared by walk-ins only"
    if not booked and person.slot_min is not None:
        yield "slot-of-walk-in", "a walk-in has no slot_min"
    if not booked and not person.came:
        yield "walk-in-who-did-not-come", "a walk-in needs arrive_min"
    if person.came and person.service_min is None:
        yield "no-service", "who comes needs service_min"
    if person.skill is not None and person.skill not in skills:
        yield "no-window-with-skill", f"no window has skill {person.skill}"
    for name, at in (("slot_min", person.slot_min), ("arrive_min", person.arrive_min)):
        if at is not None and not hall.open_min - AROUND_MIN <= at < hall.close_min + AROUND_MIN:
            yield "outside-hours", f"{name} {at:g} lies hours before the opening or after the close"
    if person.slot_min is not None and not (person.slot_min * 60).is_integer():
        yield "bad-slot", "slot_min must be a whole number of seconds"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadTrace("unreadable", path, 0, error.strerror or type(error).__name__) from None


def write(directory: Path, hall: HallTrace, days: Sequence[DayTrace]) -> None:
    """The same files that ``read`` takes, byte for byte the same for the same trace."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "hall.json").write_bytes(msgspec.json.format(msgspec.json.encode(hall), indent=1) + b"\n")
    for day in days:
        lines = b"".join(msgspec.json.encode(person) + b"\n" for person in day.persons)
        (directory / f"{day.name}.jsonl").write_bytes(lines)


def kind_of(person: Person, hall: HallTrace) -> Kind:
    """What a person who came counts as: an appointment more than ``late_after_min`` late is a walk-in."""
    if person.kind == "walkin":
        return Kind.PRIORITY if person.priority else Kind.WALK_IN
    late_us = micros_of(person.arrive_min or 0.0) - micros_of(person.slot_min or 0.0)
    late = late_us > micros_of(hall.late_after_min)
    return Kind.WALK_IN if late else Kind.APPOINTMENT


def start_of(person: Person) -> float:
    """The minute from which the wait counts: max(check-in, slot); for a late one the check-in."""
    arrived = person.arrive_min if person.arrive_min is not None else math.inf
    return arrived if person.slot_min is None else max(arrived, person.slot_min)
