"""Who is told what and when: each alarm once, with its true time, taken on or passed on, gone with its cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise
from typing import Any

import pytest

from queue_server.domain.alarms import all_wakes
from queue_server.domain.errors import Code
from queue_server.domain.escalation_rules import STEPS, AlarmKind, EscalationRules, Step, To
from queue_server.domain.hall import decide, empty, replay
from queue_server.domain.messages import (
    AcceptMaterials,
    AcknowledgeAlarm,
    AlarmCleared,
    AlarmEscalated,
    AlarmRaised,
    AnswerHelp,
    BeginIdentityCheck,
    CallHelp,
    CallNext,
    CancelTicket,
    CloseCounter,
    CloseDay,
    EndHelp,
    Finish,
    HelpEnded,
    PauseCounter,
    ResumeCounter,
    TakeTicket,
    Tick,
    Transfer,
)
from queue_server.domain.model import Hours, Outcome
from queue_server.domain.snapshot import freeze, thaw

AMBER, BROKEN = AlarmKind.AMBER, AlarmKind.BROKEN


def open_kinds(scene: Any) -> list[str]:
    return [a.kind.value for a in sorted(scene.hall.watch.alarms.values(), key=lambda a: a.n)]


def told(scene: Any, start: datetime) -> list[tuple[str, str, float]]:
    """What the log says of alarms: raised, escalated, cleared, each with its minutes from ``start``."""
    kinds = {e.alarm.id: e.alarm.kind.value for e in scene.log if isinstance(e, AlarmRaised)}
    said = []
    for e in scene.log:
        minutes = (e.at - start).total_seconds() / 60
        match e:
            case AlarmRaised(alarm=alarm):
                said.append(("raised", alarm.kind.value, minutes))
            case AlarmEscalated(alarm_id=name):
                said.append(("further", kinds[name], minutes))
            case AlarmCleared(alarm_id=name, because=because):
                said.append((because, kinds[name], minutes))
    return said


def only(scene: Any) -> Any:
    (alarm,) = scene.hall.watch.alarms.values()
    return alarm


def test_a_wait_is_told_at_amber_and_when_broken_and_ends_with_the_call(scene: Any) -> None:
    scene.open("1")
    start = scene.now
    scene.take()
    scene.wait(minutes=40)
    scene.tick()
    scene.call("1")
    assert told(scene, start) == [
        ("raised", "amber", 21),
        ("raised", "broken", 30),
        ("worse", "amber", 30),
        ("further", "broken", 35),
        ("called", "broken", 40),
    ]
    assert open_kinds(scene) == []


def test_an_alarm_names_ticket_people_told_and_the_time_it_was_so(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    start = scene.now
    scene.wait(minutes=32)
    scene.tick()
    alarm = only(scene)
    assert (alarm.kind, alarm.number, alarm.subject) == (BROKEN, ticket.number, ticket.id)
    assert alarm.to == (To.LAMP, To.COUNTER, To.MANAGER)
    assert (alarm.raised_at - start).total_seconds() == 1800


def test_whoever_acknowledges_keeps_it_from_going_further(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.wait(minutes=31)
    scene.tick()
    name = only(scene).id
    scene.do(AcknowledgeAlarm, by="manager:m", alarm_id=name)
    scene.wait(hours=1)
    scene.tick()
    alarm = only(scene)
    assert (alarm.level, alarm.acknowledged_by) == (1, "manager:m")
    scene.do(AcknowledgeAlarm, by="staff:clerk-1", alarm_id=name)
    assert only(scene).acknowledged_by == "manager:m"  # the first stands


def test_on_the_last_second_is_in_time(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.wait(minutes=35)
    scene.do(AcknowledgeAlarm, by="manager:m", alarm_id="a2")
    assert only(scene).level == 1


def test_unacknowledged_it_goes_one_level_further_and_no_more(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.wait(hours=3)
    scene.tick()
    alarm = only(scene)
    assert (alarm.level, alarm.to[-1]) == (2, To.DISTRICT)
    assert sum(isinstance(e, AlarmEscalated) for e in scene.log) == 1


def test_an_alarm_that_nobody_knows_is_refused_and_one_that_is_over_is_not(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.refuses(Code.UNKNOWN_ALARM, AcknowledgeAlarm, alarm_id="a1")
    scene.wait(minutes=25)
    scene.call("1")
    assert scene.do(AcknowledgeAlarm, alarm_id="a1") == scene.watched == []


def test_service_is_told_at_15_and_after_20_minutes_and_ends_with_the_materials(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    start = scene.now
    scene.do(BeginIdentityCheck, counter="1")
    scene.wait(minutes=15)
    scene.tick()
    assert (only(scene).kind, only(scene).counter) == (AlarmKind.SERVICE_AMBER, "1")
    scene.wait(minutes=6)
    scene.do(AcceptMaterials, counter="1")
    assert told(scene, start) == [
        ("raised", "service-amber", 15),
        ("raised", "service-over", 20),
        ("worse", "service-amber", 20),
        ("accepted", "service-over", 21),
    ]


@pytest.mark.parametrize("end", ["finish", "transfer"])
def test_a_service_that_ends_otherwise_clears_its_alarm_too(scene: Any, end: str) -> None:
    scene.open("1", "2")
    scene.take()
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    scene.wait(minutes=16)
    scene.tick()
    assert open_kinds(scene) == ["service-amber"]
    if end == "finish":
        scene.do(Finish, counter="1", outcome=Outcome.CONSULTED)
    else:
        scene.do(Transfer, counter="1", to_counter="2", reason="specialist")
    assert open_kinds(scene) == []


def test_who_leaves_takes_the_alarm_along(scene: Any) -> None:
    scene.open("1")
    first, _ = scene.take(), scene.take()
    scene.wait(minutes=25)
    scene.do(CancelTicket, ticket_id=first.id)
    assert open_kinds(scene) == ["amber"]
    scene.do(CloseDay, by="manager:m", business_date=scene.hall.business_date)
    assert open_kinds(scene) == []


def test_whom_a_kind_is_told_is_the_halls_own_rule(make_scene: Any) -> None:
    steps = {**STEPS, AMBER: Step(()), BROKEN: Step((To.DISTRICT,), 60, (To.MANAGER,))}
    scene = make_scene(escalation=EscalationRules(steps=steps))
    scene.open("1")
    scene.take()
    scene.wait(minutes=31)
    scene.tick()
    assert open_kinds(scene) == ["broken"]
    assert only(scene).to == (To.DISTRICT,)
    scene.wait(seconds=1)
    scene.tick()
    assert only(scene).to == (To.DISTRICT, To.MANAGER)


# --- 帮办: answered within a minute


def test_a_call_for_help_is_told_at_45_seconds_and_after_60(scene: Any) -> None:
    scene.open("1")
    start = scene.now
    scene.do(CallHelp, kiosk="k1", screen="Confirm")
    scene.wait(minutes=2)
    scene.tick()
    assert [(what, kind, round(m * 60)) for what, kind, m in told(scene, start)] == [
        ("raised", "help-amber", 45),
        ("raised", "help-over", 60),
        ("worse", "help-amber", 60),
    ]
    assert only(scene).kiosk == "k1"


def test_an_answer_on_the_last_second_of_the_minute_keeps_the_promise(scene: Any) -> None:
    call = scene.ask(CallHelp, kiosk="k1")
    scene.wait(seconds=60)
    scene.do(AnswerHelp, by="staff:li", help_id=call.help_id)
    assert open_kinds(scene) == []
    scene.wait(minutes=5)
    scene.tick()
    assert "help-over" not in [kind for _, kind, _ in told(scene, scene.now)]
    assert scene.hall.watch.help[call.help_id].answered_by == "staff:li"


def test_who_presses_twice_has_called_once(scene: Any) -> None:
    first = scene.ask(CallHelp, kiosk="k1")
    scene.wait(seconds=10)
    again = scene.ask(CallHelp, kiosk="k1")
    other = scene.ask(CallHelp, kiosk="k2")
    assert first.help_id == again.help_id != other.help_id
    assert len(scene.hall.watch.help) == 2


def test_who_was_forgotten_calls_anew(scene: Any) -> None:
    first = scene.ask(CallHelp, kiosk="k1")
    scene.do(AnswerHelp, by="staff:li", help_id=first.help_id)
    scene.wait(minutes=4)
    anew = scene.ask(CallHelp, kiosk="k1")
    assert anew.help_id != first.help_id
    assert not anew.answered
    assert list(scene.hall.watch.help) == [anew.help_id]


def test_two_helpers_one_goes(scene: Any) -> None:
    call = scene.ask(CallHelp, kiosk="k1")
    scene.do(AnswerHelp, by="staff:li", help_id=call.help_id)
    assert scene.do(AnswerHelp, by="staff:li", help_id=call.help_id) == []
    scene.refuses(Code.HELP_TAKEN, AnswerHelp, by="staff:wang", help_id=call.help_id)
    scene.do(EndHelp, by="staff:li", help_id=call.help_id, solved=True)
    assert not scene.hall.watch.help
    scene.refuses(Code.UNKNOWN_HELP, AnswerHelp, by="staff:wang", help_id=call.help_id)
    assert scene.do(EndHelp, by="kiosk:k1", help_id=call.help_id) == []


def test_a_call_that_nobody_answers_ends_by_itself_and_the_log_says_so(scene: Any) -> None:
    scene.ask(CallHelp, kiosk="k1")
    scene.wait(hours=2)
    scene.tick()
    (ended,) = (e for e in scene.log if isinstance(e, HelpEnded))
    assert (ended.because, ended.solved) == ("nobody-came", None)
    assert open_kinds(scene) == []


# --- states of the hall


def test_people_wait_and_no_window_is_open(scene: Any) -> None:
    start = scene.now
    scene.take()
    scene.wait(seconds=59)
    scene.tick()
    assert open_kinds(scene) == []
    scene.wait(seconds=1)
    scene.tick()
    assert (only(scene).kind, only(scene).raised_at) == (AlarmKind.NO_WINDOW, scene.now)
    scene.wait(minutes=1)
    scene.open("1")
    assert told(scene, start) == [("raised", "no-window", 1), ("eased", "no-window", 2)]


def test_all_windows_on_break(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.do(PauseCounter, counter="1")
    scene.wait(minutes=2)
    scene.tick()
    assert open_kinds(scene) == ["all-paused"]
    scene.do(ResumeCounter, counter="1")
    assert open_kinds(scene) == []


def test_a_skill_that_nobody_at_work_has(scene: Any) -> None:
    scene.open("3")
    scene.take("medical")
    scene.take("housing")
    scene.wait(minutes=3)
    scene.tick()
    assert (only(scene).kind, only(scene).skills) == (AlarmKind.NO_SKILL, ("housing",))
    scene.open("1")
    assert open_kinds(scene) == []


def test_a_state_that_goes_over_into_another_is_told_as_that(scene: Any) -> None:
    scene.take("housing")
    scene.wait(minutes=1)
    scene.tick()
    assert open_kinds(scene) == ["no-window"]
    scene.open("3")
    assert list(scene.hall.watch.strains) == ["no-skill:housing"]
    scene.wait(minutes=3)
    scene.tick()
    assert open_kinds(scene) == ["no-skill"]


def test_a_pause_of_a_moment_is_no_alarm_and_a_state_that_flaps_is_told_seldom(scene: Any) -> None:
    scene.open("1")
    scene.take()
    for _ in range(20):  # three minutes on break, one at work
        scene.do(PauseCounter, counter="1")
        scene.wait(minutes=3)
        scene.tick()
        scene.do(ResumeCounter, counter="1")
        scene.wait(minutes=1)
    raised = [e.at for e in scene.log if isinstance(e, AlarmRaised) and e.alarm.kind == "all-paused"]
    assert len(raised) == 7  # of 20, and never sooner than ten minutes after the last was over
    assert min(b - a for a, b in pairwise(raised)).total_seconds() >= 600


def test_a_state_that_stays_is_told_once_the_quiet_time_is_over(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.do(PauseCounter, counter="1")
    scene.wait(minutes=2)
    scene.tick()
    scene.do(ResumeCounter, counter="1")
    start = scene.now
    scene.do(PauseCounter, counter="1")
    scene.wait(hours=1)
    scene.tick()
    assert ("raised", "all-paused", 10) in told(scene, start)


def test_over_noon_nobody_is_expected_at_a_window(scene: Any) -> None:
    noon = (Hours(time(8, 30), time(11, 30)), Hours(time(13), time(16, 30)))
    scene.plan = replace(scene.plan, calendar=replace(scene.plan.calendar, week=(noon,) * 7))
    scene.hall = empty(scene.plan)
    scene.at("11:20")
    scene.open("1")
    scene.take("housing")
    scene.at("11:40")
    scene.do(CloseCounter, counter="1")
    scene.at("13:00")
    scene.tick()
    assert "no-window" not in open_kinds(scene)
    scene.at("13:01")
    scene.tick()
    assert "no-window" in open_kinds(scene)


def test_after_hours_people_who_still_wait_are_not_left_alone(scene: Any) -> None:
    scene.open("1")
    scene.at("16:20")
    scene.take()
    scene.at("16:40")
    scene.do(CloseCounter, counter="1")
    scene.wait(minutes=1)
    scene.tick()
    assert "no-window" in open_kinds(scene)


def test_nobody_waits_nobody_is_missed(scene: Any) -> None:
    scene.tick()
    scene.wait(hours=2)
    scene.tick()
    assert not scene.hall.watch.strains
    assert not scene.hall.watch.alarms


def test_another_plan_of_the_hall_is_seen_at_the_next_tick(scene: Any) -> None:
    """Overnight window 1 lost its skill: people who wait for it are a strain though nothing happened."""
    scene.open("1", "3")
    scene.take("housing")
    counters = {**scene.plan.counters, "1": replace(scene.plan.counters["1"], skills=frozenset({"medical"}))}
    counters["2"] = replace(counters["2"], skills=frozenset({"housing"}))
    hall = thaw(freeze(scene.hall), replace(scene.plan, counters=counters))
    (strained,) = decide(hall, Tick(id="t", by="system"), scene.now)
    assert getattr(strained, "key", "") == "no-skill:housing"


# --- over restarts


def test_what_ran_out_while_nobody_looked_is_told_once_with_its_true_time(scene: Any) -> None:
    scene.open("1")
    scene.take()
    start = scene.now
    scene.do(CallHelp, kiosk="k1")
    picture = freeze(scene.hall)
    for hall in (thaw(picture, scene.plan), replay(empty(scene.plan), scene.log)):
        scene.hall = hall
        scene.log = [e for e in scene.log if e.at <= start]
        scene.now = start
        assert min(all_wakes(hall)) == start.replace(second=45)
        scene.wait(minutes=33)
        scene.tick()
        seconds = [(what, kind, round(m * 60)) for what, kind, m in told(scene, start)]
        assert seconds == [
            ("raised", "help-amber", 45),
            ("raised", "help-over", 60),
            ("worse", "help-amber", 60),
            ("further", "help-over", 180),
            ("raised", "amber", 1260),
            ("raised", "broken", 1800),
            ("worse", "amber", 1800),
            ("ended", "help-over", 1800),
        ]
        scene.tick()
        assert len(told(scene, start)) == 8


def test_a_clock_set_back_tells_nothing_twice_and_one_set_forward_nothing_wrong(scene: Any) -> None:
    scene.open("1")
    start = scene.now
    scene.take()
    scene.wait(minutes=22)
    scene.tick()
    scene.wait(minutes=-20)
    scene.tick()
    scene.do(TakeTicket, matters=("elder-card",), token="t" * 22)
    scene.wait(minutes=60)
    scene.tick()
    said = [(kind, minutes) for what, kind, minutes in told(scene, start) if what == "raised"]
    assert said == [("amber", 21), ("broken", 30), ("amber", 42), ("broken", 51)]


def test_a_call_clears_what_ran_out_before_it_in_one_decision(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.wait(minutes=31)
    scene.do(CallNext, counter="1")
    assert [type(e).__name__ for e in scene.watched] == ["AlarmRaised", "AlarmRaised", "AlarmCleared", "AlarmCleared"]
