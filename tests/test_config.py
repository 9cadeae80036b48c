"""Configuration of a city: read once, whole, strictly; what is wrong is said with its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from queue_server.config import DEMO, BadConfig, load_plans, settings
from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.escalation_rules import STEPS, AlarmKind, EscalationRules, Step, To


def city(tmp_path: Path, change: tuple[str, str]) -> Path:
    """The demonstration city with one thing changed."""
    text = DEMO.read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "city.toml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    return path


def test_the_demonstration_city_is_complete() -> None:
    plans = load_plans()
    hall = plans.halls["xinghe-hall"]
    assert list(hall.counters) == ["1", "2", "3", "4"]
    assert hall.rules.limits["appointment-general"].limit_s == 600
    assert hall.rules.limits["appointment-complex"].limit_s == 1800
    assert len(hall.matters) == 77
    assert plans.devices["kiosk-01"].halls == ("xinghe-hall",)


def test_a_terminal_without_an_owner_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"kiosk-01.*owner"):
        load_plans(city(tmp_path, ('owner = "林工(示例)"', 'owner = " "')))


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="adress_zh"):
        load_plans(city(tmp_path, ("address_zh", "adress_zh")))


def test_a_terminal_cannot_speak_for_a_hall_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no hall 'elsewhere'"):
        load_plans(city(tmp_path, ('halls = ["xinghe-hall"]', 'halls = ["elsewhere"]')))


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    path = city(tmp_path, ('tz = "Asia/Shanghai"', 'tz = "Asia/Atlantis"'))
    path.write_text(path.read_text(encoding="utf-8").replace('owner_phone = "021-0000-0002"', 'owner_phone = ""'))
    with pytest.raises(BadConfig) as caught:
        load_plans(path)
    assert "Atlantis" in str(caught.value)
    assert "outlet-01" in str(caught.value)


def test_a_rule_can_be_changed_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    week = 'area_en = "Waiting area"\n'
    changed = load_plans(city(tmp_path, (week, week + "rules = { call_gap_s = 5 }\n")))
    assert changed.halls["xinghe-hall"].rules.call_gap_s == 5
    assert changed.halls["xinghe-hall"].rules.calls_before_no_show == 3
    with pytest.raises(BadConfig, match="call_gap_secs"):
        load_plans(city(tmp_path, (week, week + "rules = { call_gap_secs = 5 }\n")))


def test_the_state_councils_calendar_closes_the_hall_and_opens_it(tmp_path: Path) -> None:
    hours = 'week = ["08:30-11:30, 13:00-16:30", "08:30-16:30", "", "08:30-16:30", "08:30-16:30", "", "08:30-11:30"]'
    path = city(tmp_path, ("open_on_holidays = true", "open_on_holidays = false"))
    lines = [hours if line.startswith("week =") else line for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    calendar = load_plans(path).halls["xinghe-hall"].calendar
    assert date(2026, 10, 1) in calendar.holidays
    assert date(2026, 2, 23) in calendar.holidays
    assert date(2026, 10, 10) in calendar.workdays
    assert [stretch.opens for stretch in calendar.week[0]] == [time(8, 30), time(13)]
    assert calendar.week[2] == ()


def test_the_brokers_password_never_shows(tmp_path: Path) -> None:
    made = settings(tmp_path, environment={"JIAOHAO_MQTT_PASSWORD": "a-word-nobody-sees"})
    assert made.mqtt_password == "a-word-nobody-sees"
    assert "a-word-nobody-sees" not in repr(made)


@pytest.mark.parametrize("environment", [{"JIAOHAO_FORECASTS": "off"}, {}])
def test_rollouts_without_forecasts_are_refused_and_not_left_out_in_silence(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with pytest.raises(BadConfig, match="rollouts need forecasts"):
        settings(tmp_path, rollouts=True, forecasts=bool(environment), environment=environment)


def test_a_hall_sets_its_own_dispatch_and_nonsense_in_it_is_named(tmp_path: Path) -> None:
    end = "open_on_holidays = true\n"
    changed = load_plans(city(tmp_path, (end, end + '[site.hall.rules.dispatch]\nk1 = 0.7\npolicy = "edf"\n')))
    rules = changed.halls["xinghe-hall"].rules.dispatch
    assert rules == replace(DispatchRules(), k1=0.7, policy="edf")
    with pytest.raises(BadConfig, match=r"xinghe-hall: dispatch: k1 must be a number .* not 0; k2 .* not -1"):
        load_plans(city(tmp_path, (end, end + "[site.hall.rules.dispatch]\nk1 = 0\nk2 = -1\n")))
    with pytest.raises(BadConfig, match=r"unknown key gama \(did you mean 'gamma'\?\)"):
        load_plans(city(tmp_path, (end, end + "[site.hall.rules.dispatch]\ngama = 1\n")))
    window = 'name_en = "Window 1"\n'
    lunch = load_plans(city(tmp_path, (window, window + 'breaks = "12:00-12:45"\n'))).halls["xinghe-hall"].counters
    assert [(b.opens, b.closes) for b in lunch["1"].breaks] == [(time(12, 0), time(12, 45))]
    with pytest.raises(BadConfig, match=r"break_overrun_s"):
        load_plans(city(tmp_path, (end, end + "[site.hall.rules.dispatch]\nbreak_overrun_s = -1\n")))
    with pytest.raises(BadConfig, match=r"rules.dispatch must be a table"):
        load_plans(city(tmp_path, (end, end + "rules = { dispatch = 3 }\n")))


# --- escalation


ESCALATION = """
[site.hall.rules.escalation.broken]
to = ["district"]
acknowledge_within_s = 60
then = ["manager"]

[site.hall.rules.escalation.amber]
to = []

[site.hall.rules.escalation.no-window]
after_s = 30

[site.hall.rules.escalation.risk]
at_risk = 0.4
"""
LAST_COUNTER = 'id = "4"\nname_zh = "4号窗口"\nname_en = "Window 4"\n'


def escalated(tmp_path: Path, text: str) -> EscalationRules:
    plans = load_plans(city(tmp_path, (LAST_COUNTER, LAST_COUNTER + text)))
    return plans.halls["xinghe-hall"].rules.escalation


def test_whom_an_alarm_is_told_is_said_per_kind_and_the_rest_stays(tmp_path: Path) -> None:
    rules = escalated(tmp_path, ESCALATION)
    assert rules.steps[AlarmKind.BROKEN] == Step((To.DISTRICT,), 60, (To.MANAGER,))
    assert rules.steps[AlarmKind.AMBER].to == ()
    assert rules.steps[AlarmKind.NO_WINDOW] == Step((To.MANAGER,), 300, (To.DISTRICT,), after_s=30, again_after_s=600)
    assert rules.steps[AlarmKind.SERVICE_OVER] == STEPS[AlarmKind.SERVICE_OVER]
    assert (rules.risk.at_risk, rules.risk.likely) == (0.4, 0.5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("escalation.broken]", "escalation.brokn]"), r"escalation.brokn: unknown, did you mean 'broken'"),
        (('"district"', '"distric"'), r"broken.to: nobody is 'distric', did you mean 'district'"),
        (("acknowledge_within_s", "acknowledge_in_s"), r"acknowledge_in_s: unknown, did you mean"),
        (("= 60", '= "soon"'), r"escalation.broken: .*int"),
        (("= 60", "= 0"), r"only make sense together"),
        (("= 60", "= -1"), r"less than nothing"),
        (("to = []", "to = []\nafter_s = 5"), r"after_s and again_after_s are for all-paused"),
        (("at_risk = 0.4", "at_risk = 0.6"), r"clear_below <= at_risk"),
        (('["district"]', '["manager", "manager"]'), r"named twice"),
    ],
)
def test_a_wrong_escalation_is_said_with_its_place(tmp_path: Path, wrong: tuple[str, str], said: str) -> None:
    assert wrong[0] in ESCALATION
    with pytest.raises(BadConfig, match=said):
        escalated(tmp_path, ESCALATION.replace(*wrong, 1))


def test_every_mistake_of_an_escalation_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"brokn.*lmap.*nobody is 'boss'"):
        escalated(
            tmp_path,
            '\n[site.hall.rules.escalation.brokn]\n\n[site.hall.rules.escalation.amber]\nto = ["lmap", "boss"]\n',
        )
