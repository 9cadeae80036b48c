"""The hall board: numbers, windows, how many wait and how long; never anything about a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Response, get
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromQuery
from litestar.response.base import ASGIResponse

from queue_server import translate
from queue_server.domain import calendar, strain
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Call, Hall
from queue_server.forecast.foretold import PLAIN, Foretold
from queue_server.http import words
from queue_server.http.door import Part, TheDoor
from queue_server.http.guard import PUBLIC
from queue_server.http.live import LiveStream, Shown, shown
from queue_server.http.voice import NoVoice, sentences


class BoardCall(msgspec.Struct, frozen=True):
    """``id`` names one announcement; its voice is at ``voice/{id}.wav``."""

    id: str
    number: str
    counter_zh: str
    counter_en: str
    at: datetime


class BoardGroup(msgspec.Struct, frozen=True):
    group: str
    zh: str
    en: str
    waiting: int
    low: int
    high: int
    nobody: bool
    """Nobody at work serves this group: no minutes are shown."""


class BoardView(msgspec.Struct, frozen=True):
    now: datetime
    open: bool
    next_opening_zh: str
    next_opening_en: str
    calls: list[BoardCall]
    waiting: int
    groups: list[BoardGroup]


def call_id(call: Call) -> str:
    return f"{int(call.at.timestamp() * 1000)}-{call.number}-{call.times}"


def board_view(hall: Hall, now: datetime, foretold: Foretold = PLAIN) -> BoardView:
    """What the board shows; only groups in which somebody waits, the fullest first, then by letter."""
    plan = hall.plan
    found = foretold.outlook(hall, now)
    names = {m.group: (m.group_zh, m.group_en) for m in plan.matters.values()}
    groups = []
    unserved = strain.nobody_for_groups(hall)
    for g in found.groups:
        if not g.waiting:
            continue
        low, high = translate.minutes(g.wait_p50_s, g.wait_p90_s)
        groups.append(BoardGroup(g.group, *names[g.group], g.waiting, low, high, g.group in unserved))
    groups.sort(key=lambda g: (-g.waiting, g.group))
    opening_zh, opening_en = opening_words(plan, found.next_opening)
    return BoardView(
        now=now,
        open=found.is_open,
        next_opening_zh=opening_zh,
        next_opening_en=opening_en,
        calls=[BoardCall(call_id(c), c.number, *counter_names(plan, c.counter), c.at) for c in hall.recent_calls],
        waiting=found.waiting,
        groups=groups,
    )


def counter_names(plan: HallPlan, counter: str) -> tuple[str, str]:
    """The window's names; its bare id where the plan no longer has it."""
    known = plan.counters.get(counter)
    return (known.name_zh, known.name_en) if known else (f"{counter}号窗口", f"Window {counter}")


def opening_words(plan: HallPlan, opens: datetime | None) -> tuple[str, str]:
    if opens is None:
        return "", ""
    day = calendar.business_date(plan, opens)
    local = calendar.clock_text(plan, opens)
    weekday_zh, weekday_en = words.WEEKDAYS[day.weekday()]
    return f"{day.month}月{day.day}日（{weekday_zh}）{local}", f"{weekday_en} {day.day} {day:%b}, {local}"


def hours_words(plan: HallPlan, day: date) -> tuple[str, str]:
    """Today's hours for the empty board."""
    hours = calendar.hours_of(plan, day)
    if not hours:
        return "今日休息", "Closed today"
    spans = "、".join(f"{h.opens:%H:%M}–{'24:00' if h.closes == h.closes.min else f'{h.closes:%H:%M}'}" for h in hours)
    if spans == "00:00–24:00":
        return "今日 24 小时开放", "Open round the clock today"
    return f"今日开放 {spans}", f"Open today {spans.replace('、', ', ')}"


@get("/board/{hall_id:str}", opt={"who": PUBLIC}, include_in_schema=False)
async def board(door: TheDoor, hall_id: Part, sound: FromQuery[str] = "1") -> Response[str]:
    """The page; ``?sound=0`` for a board without a voice."""
    plan = door.hall(hall_id).plan
    hours_zh, hours_en = hours_words(plan, calendar.business_date(plan, door.clock()))
    return door.page("board.html", plan=plan, sound=sound != "0", hours_zh=hours_zh, hours_en=hours_en)


@get("/board/{hall_id:str}/events", opt={"who": PUBLIC}, include_in_schema=False)
async def events(door: TheDoor, hall_id: Part) -> ASGIResponse:
    door.hall(hall_id)

    async def render() -> Shown:
        return shown(board_view(door.hall(hall_id), door.clock(), door.foretold))

    return LiveStream(door.hub, hall_id, render, door.stamp)


@get("/board/{hall_id:str}/voice/{name:str}", opt={"who": PUBLIC}, include_in_schema=False)
async def spoken(door: TheDoor, hall_id: Part, name: Part) -> Response[Any]:
    """One recent call as WAV. 404 for anything that does not stand on the board; 503 without espeak-ng."""
    hall = door.hall(hall_id)
    call = next((c for c in hall.recent_calls if f"{call_id(c)}.wav" == name), None)
    if call is None:
        raise NotFoundException("not on the board")
    try:
        wav = await door.voice.wav(sentences(call.number, *counter_names(hall.plan, call.counter), call.lang))
    except NoVoice as silent:
        raise HTTPException(str(silent), status_code=503) from silent
    return Response(wav, media_type="audio/wav", headers={"cache-control": "private, max-age=600"})


ROUTES = [board, events, spoken]
