"""Configuration, read once, whole and strictly: what this server is (Settings) and what city it serves (Plans).

Settings come from the command line and the environment; plans from TOML files under ``halls/``, with the
calendar's public holidays and the shipped catalogue beside them. An unknown key or a wrong value is an
error that names the file and the key; secrets print as ``***``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from firmware_cfg.catalogue import load_catalogue
from queue_server.domain.dispatch_rules import from_table as dispatch_rules
from queue_server.domain.model import Calendar, CounterPlan, HallPlan, Hours, Matter, MatterClass
from queue_server.domain.rules import Limit, Rules
from queue_server.escalation_config import escalation_rules
from queue_server.plans import DevicePlan, Plans, SitePlan

HERE = Path(__file__).parent
DEMO = HERE / "halls" / "demo.toml"


class BadConfig(ValueError):  # noqa: N818  (named for the condition)
    """A configuration that must not be started with; the text names the file and every mistake found."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one server process is. Times in seconds; ``links`` are shown on the first page."""

    var: Path
    database_url: str
    side_database_url: str
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = 1883
    mqtt_user: str = "server"
    mqtt_password: str = field(default="", repr=False)
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    server_id: str = "server-1"
    plans_path: Path = DEMO
    city_url: str = ""
    """The city's booking platform; empty: there is none."""
    city_token: str = field(default="", repr=False)
    records_url: str = ""
    """The offices' records and cases; empty: there are none, and only tickets are looked up."""
    records_token: str = field(default="", repr=False)
    texts_url: str = ""
    """The gateway for text messages; empty: none are sent, and no terminal offers them."""
    texts_token: str = field(default="", repr=False)
    forecasts: bool = True
    """Whether waits are foretold by simulation, in a process of its own; else by the plain sum."""
    rollouts: bool = False
    """Whether the coming hour is tried out before each call; it needs what the forecasts learn."""
    links: Mapping[str, str] = field(default_factory=dict)


def settings(
    var: Path,
    *,
    database_url: str | None = None,
    mqtt_host: str = "127.0.0.1",
    mqtt_port: int = 1883,
    http_host: str = "127.0.0.1",
    http_port: int = 8080,
    public_url: str | None = None,
    server_id: str = "server-1",
    plans_path: Path = DEMO,
    city_url: str = "",
    records_url: str = "",
    texts_url: str = "",
    forecasts: bool = True,
    rollouts: bool = False,
    links: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Settings for the data directory ``var`` (created if missing).

    ``database_url`` None: ``JIAOHAO_DATABASE`` of the environment, else SQLite under ``var``.
    The broker password is read from ``var/secrets/mqtt-server``, which ``broker`` writes at first start, or from
    ``JIAOHAO_MQTT_PASSWORD``. ``JIAOHAO_FORECASTS=off`` leaves the forecasting process out,
    ``JIAOHAO_ROLLOUTS=on`` lets the coming hour be tried out before each call.
    """
    var = var.resolve()
    var.mkdir(parents=True, exist_ok=True)
    secret = var / "secrets" / "mqtt-server"
    database_url = database_url or environment.get("JIAOHAO_DATABASE")
    password = environment.get("JIAOHAO_MQTT_PASSWORD") or (secret.read_text().strip() if secret.exists() else "")
    forecasts = forecasts and environment.get("JIAOHAO_FORECASTS") != "off"
    rollouts = rollouts or environment.get("JIAOHAO_ROLLOUTS") == "on"
    if rollouts and not forecasts:
        raise BadConfig("rollouts need forecasts: leave out --rollouts, or let forecasts run (JIAOHAO_FORECASTS)")
    return Settings(
        var=var,
        database_url=database_url or f"sqlite:///{var / 'halls.db'}",
        side_database_url=database_url or f"sqlite:///{var / 'side.db'}",
        mqtt_host=mqtt_host,
        mqtt_port=mqtt_port,
        mqtt_password=password,
        http_host=http_host,
        http_port=http_port,
        public_url=public_url or f"http://{http_host}:{http_port}",
        server_id=server_id,
        plans_path=plans_path,
        city_url=city_url,
        city_token=_secret(var / "secrets" / "city-token", environment.get("JIAOHAO_CITY_TOKEN")),
        records_url=records_url,
        records_token=_secret(var / "secrets" / "records-token", environment.get("JIAOHAO_RECORDS_TOKEN")),
        texts_url=texts_url,
        texts_token=_secret(var / "secrets" / "texts-token", environment.get("JIAOHAO_TEXTS_TOKEN")),
        forecasts=forecasts,
        rollouts=rollouts,
        links=dict(links or {}),
    )


def _secret(path: Path, given: str | None) -> str:
    return given or (path.read_text().strip() if path.exists() else "")


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A TOML table whose unknown keys are mistakes."""


class _Counter(_Strict):
    id: str
    name_zh: str
    name_en: str
    skills: list[str] = msgspec.field(default_factory=lambda: ["*"])
    remote_ok: bool = True
    breaks: str = ""
    shifts: str = ""


class _Limit(_Strict):
    limit_min: float
    never_min: float


class _Hall(_Strict):
    id: str
    name_zh: str
    name_en: str
    address_zh: str
    tz: str
    week: list[str]
    counter: list[_Counter]
    calendar: str = ""
    workday_hours: str = ""
    open_on_holidays: bool = False
    area_zh: str = "等候区"
    area_en: str = "Waiting area"
    rules: dict[str, Any] = {}
    limits: dict[str, _Limit] = {}


class _Device(_Strict):
    id: str
    halls: list[str]
    owner: str
    owner_phone: str
    place_zh: str = ""


class _Site(_Strict):
    id: str
    name_zh: str
    name_en: str
    place: (
        tuple[Annotated[float, msgspec.Meta(ge=-90, le=90)], Annotated[float, msgspec.Meta(ge=-180, le=180)]] | None
    ) = None
    hall: list[_Hall] = []
    device: list[_Device] = []


class _File(_Strict):
    site: list[_Site]


def load_plans(path: Path = DEMO) -> Plans:
    """The sites, halls and terminals of one TOML file. Raises BadConfig with every mistake found."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        cities = msgspec.convert(raw, _File)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadConfig(f"{path.name}: {error}") from error
    mistakes: list[str] = []
    matters = _matters()
    sites: dict[str, SitePlan] = {}
    halls: dict[str, HallPlan] = {}
    devices: dict[str, DevicePlan] = {}
    for site in cities.site:
        for hall in site.hall:
            try:
                halls[hall.id] = _hall_plan(site.id, hall, matters)
            except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
                mistakes.append(f"hall {hall.id}: {error}")
        for device in site.device:
            if not device.owner.strip() or not device.owner_phone.strip():
                mistakes.append(f"device {device.id}: a terminal needs a named owner with a phone (第一责任人)")
            if device.id in devices:
                mistakes.append(f"device {device.id}: given twice")
            devices[device.id] = DevicePlan(
                device.id, site.id, tuple(device.halls), device.owner, device.owner_phone, device.place_zh
            )
        own = tuple(d for d in devices.values() if d.site == site.id)
        sites[site.id] = SitePlan(site.id, site.name_zh, site.name_en, own, site.place)
    mistakes += [
        f"device {device.id}: no hall {hall!r}"
        for device in devices.values()
        for hall in device.halls
        if hall not in halls
    ]
    if mistakes:
        raise BadConfig(f"{path.name}: " + "; ".join(mistakes))
    return Plans(sites, halls, devices)


def _hall_plan(site: str, hall: _Hall, matters: dict[str, Matter]) -> HallPlan:
    if not hall.counter:
        raise ValueError("a hall needs at least one counter")
    ZoneInfo(hall.tz)
    holidays, workdays = _holidays(hall.calendar)
    counters = {
        c.id: CounterPlan(
            c.id, c.name_zh, c.name_en, frozenset(c.skills), c.remote_ok, _hours(c.breaks), _hours(c.shifts)
        )
        for c in hall.counter
    }
    if len(counters) != len(hall.counter):
        raise ValueError("a counter's id is given twice")
    if len(hall.week) != 7:
        raise ValueError("week needs seven entries, Monday first")
    return HallPlan(
        id=hall.id,
        site=site,
        name_zh=hall.name_zh,
        name_en=hall.name_en,
        address_zh=hall.address_zh,
        tz=hall.tz,
        calendar=Calendar(
            week=tuple(_hours(day) for day in hall.week),
            holidays=frozenset() if hall.open_on_holidays else holidays,
            workdays=workdays,
            workday_hours=_hours(hall.workday_hours or hall.week[0]),
        ),
        counters=counters,
        matters=matters,
        area_zh=hall.area_zh,
        area_en=hall.area_en,
        rules=_rules(hall),
    )


def _rules(hall: _Hall) -> Rules:
    default = Rules()
    unknown = sorted(set(hall.rules) - set(Rules.__dataclass_fields__) | set(hall.limits) - set(default.limits))
    if unknown:
        raise ValueError(f"unknown rules: {', '.join(unknown)}")
    limits = default.limits | {
        key: Limit(round(limit.limit_min * 60), round(limit.never_min * 60)) for key, limit in hall.limits.items()
    }
    table = hall.rules.get("dispatch", {})
    if not isinstance(table, dict):
        raise TypeError("rules.dispatch must be a table")
    plain = {key: value for key, value in hall.rules.items() if key not in {"dispatch", "escalation"}}
    rules = msgspec.convert({**plain, "limits": msgspec.to_builtins(limits)}, Rules)
    escalation = escalation_rules(hall.rules.get("escalation", {}))
    return replace(rules, dispatch=dispatch_rules(table), escalation=escalation)


def _hours(text: str) -> tuple[Hours, ...]:
    """``"08:30-11:30, 13:00-16:30"``; empty: closed; ``24:00`` is the end of the day."""
    stretches = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        opens, _, closes = part.partition("-")
        end = time(0) if closes.strip() == "24:00" else time.fromisoformat(closes.strip())
        stretches.append(Hours(time.fromisoformat(opens.strip()), end))
    return tuple(stretches)


def _holidays(calendar: str) -> tuple[frozenset[date], frozenset[date]]:
    if not calendar:
        return frozenset(), frozenset()
    path = HERE / "calendars" / f"{calendar}.toml"
    if not path.exists():
        raise ValueError(f"no calendar {calendar!r}")
    years = tomllib.loads(path.read_text(encoding="utf-8")).values()
    holidays = (day for year in years for span in year["holidays"] for day in _days(span["from"], span["to"]))
    return frozenset(holidays), frozenset(day for year in years for day in year["workdays"])


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _matters() -> dict[str, Matter]:
    catalogue = load_catalogue()
    groups = {group.letter: group for group in catalogue.groups}
    return {
        m.id: Matter(
            id=m.id,
            name_zh=m.name_zh,
            name_en=m.name_en,
            group=m.group,
            group_zh=groups[m.group].name_zh,
            group_en=groups[m.group].name_en,
            matter_class=MatterClass(m.matter_class),
            skill=m.skill,
            service_min=m.service_min,
            bookable=m.bookable,
            remote_ok=m.remote_ok,
            sensitive=m.sensitive,
            proxy_ok=m.proxy,
        )
        for m in catalogue.matters
    }
