"""A trace is read strictly: what it says is taken as it stands, what it cannot mean is told with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.simulate import generate, traces
from queue_server.simulate.traces import BadTrace, Trace

LINE: dict[str, Any] = {
    "id": 1,
    "kind": "appointment",
    "priority": False,
    "class": "complex",
    "matter_mean_min": 18.0,
    "skill": "A",
    "slot_min": 30.0,
    "arrive_min": 25.5,
    "service_min": 17.25,
}
HALL = generate.hall_of(generate.Recipe(windows=4))


def parse(*lines: bytes | dict[str, Any]) -> tuple[traces.Person, ...]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return traces.parse_day(b"\n".join(raw) + b"\n", HALL)


def refused(*lines: bytes | dict[str, Any]) -> tuple[str, int]:
    with pytest.raises(BadTrace) as bad:
        parse(*lines)
    assert f"day:{bad.value.line}: {bad.value.code}: " in str(bad.value)
    return bad.value.code, bad.value.line


def test_what_is_written_is_read_again_and_written_alike(recorded: Trace, tmp_path: Path) -> None:
    for trace, where in ((recorded, "a"), (generate.trace(generate.Recipe(windows=2), 2), "b")):
        traces.write(tmp_path / where, trace.hall, trace.days)
        again = traces.read(tmp_path / where)
        assert (again.hall, again.days) == (trace.hall, trace.days)
        before = {path.name: path.read_bytes() for path in (tmp_path / where).iterdir()}
        traces.write(tmp_path / where, again.hall, again.days)
        assert {path.name: path.read_bytes() for path in (tmp_path / where).iterdir()} == before


def test_a_recorded_day_has_its_people(recorded: Trace) -> None:
    (day,) = recorded.days
    assert (day.name, day.number, len(day.persons)) == ("day-100", "100", 160)
    assert recorded.hall.windows[1].skills == ["A", "B"]
    assert sum(not person.came for person in day.persons) == 9


def test_whoever_comes_more_than_a_quarter_late_is_a_walk_in_to_the_microsecond() -> None:
    on_time, late = parse({**LINE, "arrive_min": 45.0}, {**LINE, "id": 2, "arrive_min": 45.01})
    assert traces.kind_of(on_time, HALL) == "appointment"
    assert traces.kind_of(late, HALL) == "walk-in"
    (decimals,) = parse({**LINE, "slot_min": 15.1, "arrive_min": 30.1})
    assert traces.kind_of(decimals, HALL) == "appointment", "30.1 - 15.1 is 15, whatever binary floats say"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "walkin"}, "slot-of-walk-in"),
        ({"kind": "walkin", "slot_min": None, "arrive_min": None}, "walk-in-who-did-not-come"),
        ({"slot_min": None}, "no-slot"),
        ({"priority": True}, "priority-booked"),
        ({"service_min": None}, "no-service"),
        ({"skill": "Z"}, "no-window-with-skill"),
        ({"arrive_min": 4800}, "bad-field"),
        ({"arrive_min": 700}, "outside-hours"),
        ({"slot_min": 30.0001}, "bad-slot"),
        ({"matter_mean_min": 0}, "bad-field"),
        ({"service_min": -1}, "bad-field"),
        ({"class": "simple"}, "bad-field"),
        ({"kind": "priority"}, "bad-field"),
        ({"id": "1"}, "bad-field"),
        ({"skill": "a"}, "bad-field"),
        ({"late": True}, "bad-field"),
    ],
)
def test_a_line_that_cannot_be_meant_is_told_with_its_code_and_number(change: dict[str, Any], code: str) -> None:
    assert refused({**LINE, "id": 7}, b"", {**LINE, **change}) == (code, 3)


@pytest.mark.parametrize("field", sorted(LINE))
def test_no_field_may_be_missing(field: str) -> None:
    assert refused({name: value for name, value in LINE.items() if name != field}) == ("bad-field", 1)


def test_an_id_is_given_once() -> None:
    assert refused(LINE, LINE) == ("id-twice", 2)


JUNK = st.one_of(
    st.binary(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(LINE)), inner, max_size=9),
        max_leaves=5,
    ).map(lambda value: json.dumps(value).encode()),
    st.tuples(st.sampled_from(sorted(LINE)), st.floats() | st.text(max_size=4) | st.none() | st.integers()).map(
        lambda one: json.dumps({**LINE, one[0]: one[1]}).encode()
    ),
)


@settings(max_examples=100, deadline=None)
@given(junk=JUNK)
def test_whatever_a_line_holds_it_is_a_person_or_an_error_of_that_line(junk: bytes) -> None:
    lines = junk.split(b"\n")
    told: BadTrace | None = None
    persons: tuple[traces.Person, ...] = ()
    try:
        persons = traces.parse_day(b"\n" + junk, HALL)
    except BadTrace as bad:
        told = bad
    if told is None:
        assert len(persons) == sum(bool(line.strip()) for line in lines)
    else:
        assert told.code
        assert 2 <= told.line <= 1 + len(lines)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": 2}, "bad-field"),
        ({"windows": []}, "no-windows"),
        ({"windows": [{"id": "1", "skills": []}] * 2}, "window-twice"),
        ({"windows": [{"id": "1", "skills": [], "break_min": [60, 30]}]}, "bad-break"),
        ({"close_min": 0}, "bad-hours"),
        ({"close_min": 900}, "bad-hours"),
        ({"classes": []}, "bad-classes"),
        ({"colour": "red"}, "bad-field"),
    ],
)
def test_a_hall_that_cannot_be_meant_is_told_with_its_code(
    recorded: Trace, tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    traces.write(tmp_path, recorded.hall, recorded.days)
    file = tmp_path / "hall.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(BadTrace) as bad:
        traces.read(tmp_path)
    assert (bad.value.code, bad.value.line) == (code, 0)
    assert "hall.json" in str(bad.value)


def test_a_directory_without_hall_or_days_is_told(recorded: Trace, tmp_path: Path) -> None:
    with pytest.raises(BadTrace, match="unreadable"):
        traces.read(tmp_path)
    traces.write(tmp_path, recorded.hall, [])
    with pytest.raises(BadTrace, match="no-days"):
        traces.read(tmp_path)
