"""Events and answers to JSON text and back, by class name.

An event's row holds its kind (the class's name) and its body: the fields that differ from their defaults,
for most fields of a fresh ticket are empty and a body half as long is a database half as big. Decoding
fills the defaults in again. Fields may be added to a record if they have a default; a kind is never renamed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, get_type_hints

import msgspec

from queue_server.domain.answers import ANSWERS, Answer
from queue_server.domain.messages import EVENTS, Event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")


class UnknownKind(ValueError):  # noqa: N818  (named for the condition)
    """A row of the log bears a kind this server does not know: the log is newer than the server."""


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC, exact."""
    return (moment - EPOCH) // _MICROSECOND


def micros_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """The aware UTC time of ``micros``."""
    return EPOCH + timedelta(microseconds=at)


@cache
def _terse(record: type) -> Callable[[Any], msgspec.Struct]:
    """A function from a dataclass's instance to a struct of the same fields that leaves defaults unwritten."""
    hints = get_type_hints(record)
    fields = sorted(dataclasses.fields(record), key=_has_default)
    columns: list[Any] = []
    inner: list[tuple[int, Callable[[Any], msgspec.Struct]]] = []
    for place, field in enumerate(fields):
        if dataclasses.is_dataclass(hints[field.name]):
            inner.append((place, _terse(hints[field.name])))
        if field.default is not dataclasses.MISSING:
            columns.append((field.name, Any, field.default))
        elif field.default_factory is not dataclasses.MISSING:
            columns.append((field.name, Any, msgspec.field(default_factory=field.default_factory)))
        else:
            columns.append((field.name, Any))
    struct = msgspec.defstruct(record.__name__, columns, omit_defaults=True, gc=False)
    names = [field.name for field in fields]
    if len(names) == 1:
        only = names[0]
        return lambda value: struct(getattr(value, only))
    values_of = attrgetter(*names)
    if not inner:
        return lambda value: struct(*values_of(value))

    def with_inner(value: Any) -> msgspec.Struct:
        values = list(values_of(value))
        for place, convert in inner:
            values[place] = convert(values[place])
        return struct(*values)

    return with_inner


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


class Shorthand:
    """Writes and reads one closed family of records."""

    def __init__(self, kinds: tuple[type, ...]) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._terse = {kind: (kind.__name__, _terse(kind)) for kind in kinds}
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {
            kind.__name__: msgspec.json.Decoder(kind) for kind in kinds
        }

    def write(self, record: object) -> tuple[str, str]:
        """``(kind, body)``. Raises UnicodeEncodeError, TypeError or OverflowError for what JSON cannot hold."""
        kind, terse = self._terse[type(record)]
        return kind, self._encode(terse(record)).decode()

    def read(self, kind: str, body: str) -> Any:
        """The record. Raises UnknownKind, or msgspec.ValidationError for a body that does not fit."""
        decoder = self._decoders.get(kind)
        if decoder is None:
            raise UnknownKind(kind)
        return decoder.decode(body)


_events = Shorthand(EVENTS)
_answers = Shorthand(ANSWERS)

write_event: Callable[[Event], tuple[str, str]] = _events.write
read_event: Callable[[str, str], Event] = _events.read
write_answer: Callable[[Answer], tuple[str, str]] = _answers.write
read_answer: Callable[[str, str], Answer] = _answers.read
