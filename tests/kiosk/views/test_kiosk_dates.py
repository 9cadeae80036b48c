"""Days and times are said as people say them, each language in its own way; nobody reads a raw date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import pytest

from kiosk.flow import Site
from kiosk.scenes import scenes
from kiosk.text import NAMES, words
from kiosk.views import View, view
from kiosk.views.dates import of_fact, of_record

TALL = Site("demo", "Demo kiosk", "http://127.0.0.1:8080", "Demo street", "021-0000 0000", "Mon to Fri", speech=True)
STATES = scenes(TALL)
RAW = re.compile(r"\d{4}-\d{2}")
UNREAD = frozenset({"value", "qr", "typed"})
"""What is no word of the page: a control's meaning, an address, what was typed."""


def read(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from read(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            if field.name not in UNREAD:
                yield from read(getattr(thing, field.name))


def shown(name: str, lang: str) -> View:
    state = STATES[name]
    return view(replace(state, session=replace(state.session, lang=lang)))


@pytest.mark.parametrize("lang", NAMES)
def test_no_page_shows_a_raw_date(lang: str) -> None:
    raw = [
        (name, word)
        for name in STATES
        for word in read(shown(name, lang))
        if RAW.search(re.sub(r"021-\d+ ?\d*", "", word))
    ]
    assert raw == []


@pytest.mark.parametrize(
    ("lang", "when"),
    [
        ("zh-Hans", "12月1日 周二 09:15"),
        ("zh-Hant", "12月1日 週二 09:15"),
        ("en", "Tue Dec 1 09:15"),
        ("ja", "12月1日 火曜 09:15"),
        ("ko", "12월 1일 화 09:15"),
    ],
)
def test_who_comes_on_the_wrong_day_sees_large_which_day_it_is(lang: str, when: str) -> None:
    assert getattr(shown("checkin-wrong-day", lang), "large", "") == when


def test_the_nearest_days_have_their_own_names() -> None:
    state, w = STATES["start"], words("zh-Hans")
    assert of_fact(state, "2026-11-20 10:30", w) == "今天 11月20日 周五 10:30"
    assert of_fact(state, "2026-11-21", w) == "明天 11月21日 周六"
    assert of_fact(state, "A007", w) == of_fact(state, 7, w) == ""


@pytest.mark.parametrize(
    ("shown_by_office", "zh", "en"),
    [
        ("2026-10", "2026年10月", "Oct 2026"),
        ("2026-10-03", "2026年10月3日", "Oct 3, 2026"),
        ("021-0000 0000", "021-0000 0000", "021-0000 0000"),
        ("2026-13", "2026-13", "2026-13"),
        ("****", "****", "****"),
    ],
)
def test_a_month_in_a_record_is_said_and_all_else_stays_as_the_office_has_it(
    shown_by_office: str, zh: str, en: str
) -> None:
    assert of_record(shown_by_office, words("zh-Hans")) == zh
    assert of_record(shown_by_office, words("en")) == en
