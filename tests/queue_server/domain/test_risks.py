"""The forecast's word on a promise: each level once, over only when it stays low, back only after a while."""

from __future__ import annotations

from typing import Any

import pytest

from queue_server.domain.alarms import wakes
from queue_server.domain.errors import Code
from queue_server.domain.escalation_rules import AlarmKind, EscalationRules, RiskRules
from queue_server.domain.messages import AlarmRaised, CancelTicket, NoteRisk, PauseTicket, PromiseAtRisk, RiskEased
from queue_server.domain.risks import level_of, would_matter
from queue_server.domain.watch import Cure

CURE = Cure(kind="open-window", argument="2", p_before=0.42, p_after=0.07)


def note(scene: Any, ticket: Any, p_late: float, cure: Cure | None = None) -> str:
    rules = scene.hall.plan.rules.escalation.risk
    level = level_of(rules, p_late)
    scene.tick()
    matters = would_matter(scene.hall, ticket.id, level, p_late, scene.now)
    word = scene.ask(NoteRisk, by="system", ticket_id=ticket.id, level=level, p_late=p_late, cure=cure)
    assert word.ticket_id == ticket.id
    assert matters == (word.noted in {"raised", "eased", "back"})
    return str(word.noted)


def kinds(scene: Any) -> list[str]:
    return sorted(a.kind.value for a in scene.hall.watch.alarms.values())


@pytest.fixture
def ticket(scene: Any) -> Any:
    scene.open("1")
    return scene.take("housing")


def test_each_level_is_told_once_with_its_cure(scene: Any, ticket: Any) -> None:
    assert note(scene, ticket, 0.42, CURE) == "raised"
    (alarm,) = scene.hall.watch.alarms.values()
    assert (alarm.kind, alarm.p_late, alarm.cure) == (AlarmKind.AT_RISK, 0.42, CURE)
    scene.wait(seconds=5)
    assert note(scene, ticket, 0.44, CURE) == "unchanged"
    assert note(scene, ticket, 0.61) == "raised"
    assert kinds(scene) == ["likely"]
    assert note(scene, ticket, 0.40) == "unchanged"  # lower, not low
    told = [(e.level.value, e.p_late) for e in scene.log if isinstance(e, PromiseAtRisk)]
    assert told == [("at-risk", 0.42), ("likely", 0.61)]


def test_it_is_over_when_it_has_stayed_low_for_two_minutes(scene: Any, ticket: Any) -> None:
    note(scene, ticket, 0.4)
    assert note(scene, ticket, 0.1) == "eased"
    eased = scene.log[-1]
    assert isinstance(eased, RiskEased)
    (moment,) = wakes(eased, scene.hall)
    scene.wait(seconds=119)
    scene.tick()
    assert kinds(scene) == ["at-risk"]
    scene.now = moment
    scene.tick()
    assert kinds(scene) == []


def test_it_is_not_over_when_it_comes_back_in_between(scene: Any, ticket: Any) -> None:
    note(scene, ticket, 0.4)
    note(scene, ticket, 0.1)
    scene.wait(seconds=100)
    assert note(scene, ticket, 0.35) == "back"
    scene.wait(seconds=100)
    scene.tick()
    assert kinds(scene) == ["at-risk"]


def test_a_forecast_that_flaps_is_heard_twice(scene: Any, ticket: Any) -> None:
    for _ in range(10):
        note(scene, ticket, 0.4)
        scene.wait(seconds=30)
        note(scene, ticket, 0.1)
        scene.wait(seconds=120)
    raised = [e.at for e in scene.log if isinstance(e, AlarmRaised) and e.alarm.kind is AlarmKind.AT_RISK]
    assert len(raised) == 2
    assert (raised[1] - raised[0]).total_seconds() >= 600
    assert note(scene, ticket, 0.4) == "damped"  # said, not silently dropped
    assert note(scene, ticket, 0.7) == "raised"  # a worse one is never damped by a lesser


def test_how_much_is_damped_is_the_halls_own_rule(make_scene: Any) -> None:
    scene = make_scene(
        escalation=EscalationRules(risk=RiskRules(at_risk=0.6, likely=0.9, again_after_s=0, most_times=9))
    )
    scene.open("1")
    ticket = scene.take("housing")
    assert note(scene, ticket, 0.5) == "unchanged"
    assert note(scene, ticket, 0.7) == "raised"


def test_a_broken_promise_is_no_risk(scene: Any, ticket: Any) -> None:
    note(scene, ticket, 0.4)
    scene.wait(minutes=61)
    assert note(scene, ticket, 1.0) == "broken"
    assert kinds(scene) == ["broken"]


def test_a_call_ends_the_risk(scene: Any, ticket: Any) -> None:
    note(scene, ticket, 0.4)
    note(scene, ticket, 0.1)
    scene.call("1")
    assert not scene.hall.watch.risks
    assert not scene.hall.watch.easing
    assert kinds(scene) == []


def test_what_cannot_be_noted_is_refused_with_its_reason(scene: Any, ticket: Any) -> None:
    level = AlarmKind.AT_RISK
    scene.refuses(Code.UNKNOWN_TICKET, NoteRisk, ticket_id="nobody", level=level, p_late=0.4)
    scene.refuses(Code.BAD_VALUE, NoteRisk, ticket_id=ticket.id, level=level, p_late=1.4)
    scene.refuses(Code.BAD_VALUE, NoteRisk, ticket_id=ticket.id, level=level, p_late=float("nan"))
    scene.refuses(Code.BAD_VALUE, NoteRisk, ticket_id=ticket.id, level=AlarmKind.BROKEN, p_late=0.4)
    scene.do(PauseTicket, ticket_id=ticket.id)
    scene.refuses(Code.WRONG_STATE, NoteRisk, ticket_id=ticket.id, level=level, p_late=0.4)
    assert not would_matter(scene.hall, ticket.id, level, 0.4, scene.now)
    gone = scene.take("housing")
    scene.do(CancelTicket, ticket_id=gone.id)
    scene.refuses(Code.WRONG_STATE, NoteRisk, ticket_id=gone.id, level=level, p_late=0.4)
