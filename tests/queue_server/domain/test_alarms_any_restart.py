"""Whenever the server slept, whoever looked and however often: the same alarms, at the same true times, in order.

A random day is played twice. Once somebody looks at the clocks every few seconds; once nobody looks but when a
command comes, and the hall is taken from its snapshot or its log anew in between. Both logs must be the same,
word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_server.domain.errors import Refused
from queue_server.domain.escalation_rules import AlarmKind
from queue_server.domain.hall import decide, empty, evolve, replay
from queue_server.domain.messages import (
    AcceptMaterials,
    AcknowledgeAlarm,
    AlarmCleared,
    AlarmRaised,
    AnswerHelp,
    BeginIdentityCheck,
    CallHelp,
    CallNext,
    CloseCounter,
    Command,
    Event,
    NoteRisk,
    OpenCounter,
    PauseCounter,
    ResumeCounter,
    TakeTicket,
    Tick,
)
from queue_server.domain.snapshot import freeze, thaw
from queue_server.domain.state import Hall

LOOK_EVERY = timedelta(seconds=7)
GAPS_S = [0, 1, 15, 44, 46, 61, 130, 301, 620, 901, 1300, 2000]
DEEDS: list[tuple[type[Command], dict[str, Any]]] = [
    (TakeTicket, {"matters": ("elder-card",), "token": "t" * 22}),
    (TakeTicket, {"matters": ("housing",), "token": "t" * 22}),
    (OpenCounter, {"counter": "1", "staff": "li"}),
    (OpenCounter, {"counter": "3", "staff": "wang"}),
    (PauseCounter, {"counter": "1"}),
    (ResumeCounter, {"counter": "1"}),
    (CloseCounter, {"counter": "1"}),
    (CallNext, {"counter": "1"}),
    (BeginIdentityCheck, {"counter": "1"}),
    (AcceptMaterials, {"counter": "1"}),
    (CallHelp, {"kiosk": "k1"}),
    (AnswerHelp, {}),
    (AcknowledgeAlarm, {}),
    (NoteRisk, {"level": AlarmKind.LIKELY, "p_late": 0.7}),
    (NoteRisk, {"level": None, "p_late": 0.1}),
]
STEPS = st.tuples(st.sampled_from(GAPS_S), st.sampled_from(DEEDS), st.integers(0, 5))


def meant(hall: Hall, kind: type[Command], fields: dict[str, Any], pick: int, name: str) -> Command:
    """The same in both halls, because they are the same."""

    def one_of(several: Sequence[str]) -> str:
        return sorted(several)[pick % len(several)] if several else "none"

    if kind is AnswerHelp:
        fields = {"help_id": one_of(list(hall.watch.help))}
    elif kind is AcknowledgeAlarm:
        fields = {"alarm_id": one_of(list(hall.watch.alarms))}
    elif kind is NoteRisk:
        fields = {**fields, "ticket_id": one_of(list(hall.tickets))}
    return kind(id=name, by="system", **fields)


def play(scene: Any, steps: list[tuple[int, tuple[type[Command], dict[str, Any]], int]], *, awake: bool) -> list[Event]:
    hall, now = empty(scene.plan), scene.now
    log: list[Event] = []

    def ask(command: Command) -> None:
        nonlocal hall
        try:
            events = decide(hall, command, now)
        except Refused:
            return
        for event in events:
            hall = evolve(hall, event)
        log.extend(events)

    ask(Tick(id="first", by="system"))
    for n, (gap, (kind, fields), pick) in enumerate(steps):
        until = now + timedelta(seconds=gap)
        while awake and now + LOOK_EVERY < until:
            now += LOOK_EVERY
            ask(Tick(id="look", by="system"))
        now = until
        if not awake and pick == 1:
            hall = thaw(freeze(hall), scene.plan)
        elif not awake and pick == 2:
            hall = replay(empty(scene.plan), log)
        # What ran out is settled first, refused or not, or the two would choose among different alarms.
        ask(Tick(id="now", by="system"))
        ask(meant(hall, kind, dict(fields), pick, f"id-{n}"))
    now += timedelta(hours=2)
    ask(Tick(id="last", by="system"))
    return log


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_any_day_tells_the_same_however_the_server_slept(make_scene: Callable[..., Any], steps: Any) -> None:
    awake = play(make_scene(), steps, awake=True)
    asleep = play(make_scene(), steps, awake=False)
    assert asleep == awake
    raised = [e.alarm.id for e in awake if isinstance(e, AlarmRaised)]
    cleared = [e.alarm_id for e in awake if isinstance(e, AlarmCleared)]
    assert len(set(raised)) == len(raised)
    assert len(set(cleared)) == len(cleared)
    times = [e.at for e in asleep]
    assert times == sorted(times), "what ran out is told before what came later"
