"""Every event and every answer survives the log, whatever its fields hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.domain.answers import ANSWERS
from queue_server.domain.messages import EVENTS, DayOpened
from queue_server.store.codec import (
    UnknownKind,
    micros,
    moment,
    read_answer,
    read_event,
    write_answer,
    write_event,
)

moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (hypothesis wants naive bounds)
st.register_type_strategy(datetime, moments)
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(-(2**53), 2**53))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_each_event_is_read_as_it_was_written(kind: Any, data: st.DataObject) -> None:
    event = data.draw(st.from_type(kind))
    name, body = write_event(event)
    assert name == kind.__name__
    assert read_event(name, body) == event


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_each_answer_is_read_as_it_was_written(kind: Any, data: st.DataObject) -> None:
    answer = data.draw(st.from_type(kind))
    assert read_answer(*write_answer(answer)) == answer


@given(at=moments)
def test_times_are_kept_to_the_microsecond(at: datetime) -> None:
    assert moment(micros(at)) == at


def test_only_what_differs_from_the_default_is_written() -> None:
    opened = DayOpened(
        at=datetime(2026, 3, 2, tzinfo=UTC), by="system", business_date=datetime(2026, 3, 2, tzinfo=UTC).date()
    )
    assert write_event(opened) == (
        "DayOpened",
        '{"at":"2026-03-02T00:00:00Z","by":"system","business_date":"2026-03-02"}',
    )


def test_an_unknown_kind_and_a_broken_body_are_told_apart() -> None:
    with pytest.raises(UnknownKind):
        read_event("FutureEvent", "{}")
    with pytest.raises(msgspec.ValidationError):
        read_event("DayOpened", "{}")
