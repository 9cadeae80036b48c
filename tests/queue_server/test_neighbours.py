"""Where else: the nearest other halls with their hours, the nearest other terminals, told when something changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest

from queue_server.config import DEMO, BadConfig, load_plans
from queue_server.domain.model import Calendar, HallPlan, Hours
from queue_server.neighbours import DAYS, HALLS_MOST, Neighbours, metres, openings_of
from queue_server.plans import DevicePlan, Plans, SitePlan
from queue_server.wire import messages as wire
from queue_server.wire import topics

NOW = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)  # a Friday, 10:15 in Shanghai
DAY, EVENING, ALWAYS = (time(8, 30), time(16, 30)), (time(12), time(20)), (time(0), time(0))
PLACES = {"here": (31.2300, 121.4700), "near": (31.2345, 121.4700), "far": (31.3000, 121.4700), "nowhere": None}


def hall(name: str, site: str, *hours: tuple[time, time], week: int = 7) -> HallPlan:
    stretches = tuple(Hours(*one) for one in hours)
    plan = load_plans().halls["xinghe-hall"]
    calendar = Calendar(week=(stretches,) * week + ((),) * (7 - week))
    return replace(plan, id=name, site=site, name_zh=name, calendar=calendar)


def city(*halls: HallPlan, devices: tuple[tuple[str, str], ...] = (("k1", "here"),)) -> Plans:
    plans = tuple(DevicePlan(name, site, ("own",), "林工", "021-0000", f"{name} 旁") for name, site in devices)
    sites = {name: SitePlan(name, name, name, place=place) for name, place in PLACES.items()}
    return Plans(sites, {one.id: one for one in (hall("own", "here", DAY), *halls)}, {one.id: one for one in plans})


def told(plans: Plans, device: str = "k1") -> wire.Near:
    topic = topics.site_down(plans.devices[device].site, device, "near")
    return msgspec.json.decode(dict(Neighbours(plans).news(NOW))[topic], type=wire.Near)


def names(said: wire.Near) -> list[str]:
    return [one.hall for one in said.halls]


def test_the_nearest_come_first_and_one_whose_place_is_unknown_last() -> None:
    plans = city(
        hall("x", "nowhere", ALWAYS),
        hall("f", "far", EVENING),
        hall("n", "near", DAY),
        hall("h", "here", (time(6), time(7))),
    )
    said = told(plans)
    assert names(said) == ["h", "n", "f", "x"]
    assert [one.metres for one in said.halls] == [0, 500, 7784, None]


def test_without_places_the_plans_own_order_counts() -> None:
    plans = city(hall("b", "nowhere", EVENING), hall("a", "nowhere", DAY))
    assert names(told(plans)) == ["b", "a"]


def test_a_terminals_own_hall_is_not_elsewhere() -> None:
    assert names(told(city())) == []


def test_an_outlets_own_hall_stands_elsewhere_and_is_always_told() -> None:
    plans = city(hall("n", "near", ALWAYS), devices=(("k1", "near"),))
    assert names(told(plans)) == ["n", "own"]


def test_a_farther_hall_that_is_open_only_while_nearer_ones_are_is_not_told() -> None:
    plans = city(hall("n", "near", DAY), hall("same", "far", DAY), hall("longer", "nowhere", ALWAYS))
    assert names(told(plans)) == ["n", "longer"]


@pytest.mark.parametrize("count", [HALLS_MOST, 60])
def test_a_large_city_stays_a_small_message(count: int) -> None:
    many = [hall(f"h{n}", "near", (time(n % 24), time(n % 24, 1 + n // 24))) for n in range(count)]
    said = told(city(*many, devices=tuple((f"k{n}", "here") for n in range(1, 200))))
    assert len(said.halls) <= HALLS_MOST
    assert len(msgspec.json.encode(said)) < wire.MAX_BYTES


def test_openings_are_times_and_a_night_between_two_days_closes_no_24_hour_hall() -> None:
    assert openings_of(hall("n", "near", DAY), NOW)[0] == wire.Opening(
        datetime(2026, 11, 20, 0, 30, tzinfo=UTC), datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    )
    (always,) = openings_of(hall("n", "near", ALWAYS), NOW)
    assert always.closes - always.opens == timedelta(days=DAYS)


def test_a_hall_whose_day_was_ended_by_hand_opens_tomorrow() -> None:
    plans = city(hall("n", "near", DAY))
    neighbours = Neighbours(plans)
    neighbours.news(NOW)
    ((_, body),) = neighbours.news(NOW, {"n"})
    (said,) = msgspec.json.decode(body, type=wire.Near).halls
    assert said.openings[0].opens == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


def test_over_a_long_holiday_the_first_opening_after_it_is_told() -> None:
    closed = hall("n", "near", DAY)
    holidays = frozenset(date(2026, 11, 20) + timedelta(days=n) for n in range(9))
    closed = replace(closed, calendar=replace(closed.calendar, holidays=holidays))
    assert [one.opens.day for one in openings_of(closed, NOW)] == [29]


def test_terminals_are_told_of_the_nearest_others_with_their_place_and_code() -> None:
    said = told(city(devices=(("k1", "here"), ("k4", "far"), ("k3", "near"), ("k2", "here"))))
    assert [(one.kiosk, one.place_zh, one.metres) for one in said.kiosks] == [
        ("k2", "k2 旁", 0), ("k3", "k3 旁", 500), ("k4", "k4 旁", 7784),
    ]  # fmt: skip


def test_only_news_is_told_and_everything_to_a_broker_that_is_new() -> None:
    neighbours = Neighbours(city(hall("n", "near", DAY), devices=(("k1", "here"), ("k2", "near"))))
    first = neighbours.news(NOW)
    assert [topic for topic, _ in first] == [
        topics.site_down("here", "k1", "near"),
        topics.site_down("near", "k2", "near"),
    ]
    assert neighbours.news(NOW + timedelta(hours=9)) == []
    assert neighbours.news(NOW + timedelta(hours=9), anew=True) == first
    assert len(neighbours.news(NOW + timedelta(hours=14))) == 2, "a day has begun"


def test_distances_are_those_of_the_sphere() -> None:
    sites = {
        "pole": SitePlan("pole", "", "", place=(90.0, 0.0)),
        "equator": SitePlan("equator", "", "", place=(0.0, 121.0)),
        "beyond": SitePlan("beyond", "", "", place=(0.0, -59.0)),
    }
    plans = Plans(sites, {}, {})
    assert metres(plans, "pole", "equator") == pytest.approx(10_007_543, abs=1)
    assert metres(plans, "equator", "beyond") == pytest.approx(20_015_087, abs=1)


def test_a_place_that_is_not_on_the_globe_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "city.toml"
    text = DEMO.read_text(encoding="utf-8")
    path.write_text(text.replace("place = [31.2304", "place = [91.2304"), encoding="utf-8")
    with pytest.raises(BadConfig, match="place"):
        load_plans(path)
    path.write_text(text, encoding="utf-8")
    assert load_plans(path).sites["xinghe"].place == (31.2304, 121.4737)
