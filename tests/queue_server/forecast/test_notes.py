"""A promise in danger becomes a note to the hall, with what would keep it; the hall damps what flaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from queue_server.domain.escalation_rules import AlarmKind
from queue_server.domain.messages import NoteRisk
from queue_server.domain.watch_events import PromiseAtRisk
from queue_server.forecast.child import report
from queue_server.forecast.foretold import Foretold, Level, Table
from queue_server.forecast.notes import notes
from queue_server.forecast.span import Span

MakeMorning = Callable[..., Any]


def noted(here: Any, others: tuple[Any, ...] = (), foretold: Foretold | None = None) -> list[NoteRisk]:
    numbers = count(1)
    seen = report(here.scene())
    return list(notes(here.hall, seen, here.now, lambda: f"n{next(numbers)}", others, foretold or Foretold()))


def tell(here: Any, note: NoteRisk) -> list[Any]:
    return here.do(  # type: ignore[no-any-return]  # events
        NoteRisk, by=note.by, ticket_id=note.ticket_id, level=note.level, p_late=note.p_late, cure=note.cure
    )


def test_the_hall_hears_of_each_danger_once_with_its_cure(morning: MakeMorning) -> None:
    here = morning({"1": ("*",), "2": ("*",)})
    here.open("1")
    last = [here.take() for _ in range(7)][-1]
    first = noted(here)
    own = next(note for note in first if note.ticket_id == last)
    assert own.level is AlarmKind.LIKELY
    assert own.cure is not None
    assert own.cure.p_after < own.cure.p_before
    events = [event for note in first for event in tell(here, note)]
    raised = [event for event in events if isinstance(event, PromiseAtRisk)]
    assert {event.ticket_id for event in raised} == {note.ticket_id for note in first}
    likely = {note.ticket_id for note in first if note.level is AlarmKind.LIKELY}
    assert not likely & {note.ticket_id for note in noted(here)}, "said once"


def test_where_nobody_serves_the_hall_knows_already(morning: MakeMorning) -> None:
    here = morning({"1": ("*",)})
    here.take()
    assert noted(here) == []


def test_a_slot_is_named_only_if_it_can_be_booked(morning: MakeMorning) -> None:
    def slots(capacity: int) -> set[str]:
        here = morning({"1": ("*",)}, slot_capacity=capacity)
        here.open("1")
        for _ in range(8):
            here.take()
        return {note.cure.kind for note in noted(here) if note.cure is not None}

    assert slots(5) == {"offer-slot"}
    assert slots(0) == set()


def test_another_hall_is_named_with_its_own_wait(morning: MakeMorning) -> None:
    here, there = morning({"1": ("*",)}, slot_capacity=0), morning({"1": ("*",)})
    there.hall = replace(there.hall, plan=replace(there.plan, id="there", name_zh="他厅", name_en="Other hall"))
    there.open("1")
    here.open("1")
    for _ in range(8):
        here.take()
    seen = report(there.scene())
    foretold = Foretold()
    foretold.publish("there", table(seen))
    cures = [note.cure for note in noted(here, (there.hall,), foretold) if note.cure is not None]
    assert {cure.kind for cure in cures} == {"offer-hall"}
    assert cures[0].argument == "他厅 Other hall, 0–0 min"


def table(seen: Any) -> Table:
    return Table(
        seen.at,
        {},
        {key: tuple(Level(s, Span(p50, p90), late) for s, p50, p90, late in own) for key, own in seen.probes.items()},
    )
