"""What is on a paper ticket, and what is not."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from devices.printer.slip import Line, Qr, Slip
from kiosk.flow import Site
from kiosk.scenes import TOKEN, ticket
from kiosk.slips import ticket_slip

SITE = Site("demo", "演示大厅 1号机", "http://127.0.0.1:8080/", "演示街道", "021-0000 0000", "全天")


def lines(slip: Slip) -> list[str]:
    return [item.text for item in slip.items if isinstance(item, Line)]


def test_the_number_is_the_largest_thing_on_it() -> None:
    slip = ticket_slip(ticket("x"), SITE, sensitive=False)
    largest = max((item for item in slip.items if isinstance(item, Line)), key=lambda item: item.size)
    assert largest.text == "A023"
    assert largest.size >= 4


@pytest.mark.parametrize(
    "words", ["社保", "Social security", "演示大厅", "前面 5 人", "8–15", "10:45", "二号等候区", "10:15"]
)
def test_it_says_what_the_citizen_needs(words: str) -> None:
    assert words in "\n".join(lines(ticket_slip(ticket("x"), SITE, sensitive=False)))


def test_the_code_leads_to_the_phone_page_and_is_ascii() -> None:
    (code,) = [x for x in ticket_slip(ticket("x"), SITE, sensitive=False).items if isinstance(x, Qr)]
    assert code.text == f"http://127.0.0.1:8080/t/demo/20261120/A023/{TOKEN}"
    assert code.text.isascii()


def test_a_sensitive_group_is_not_named() -> None:
    said = "\n".join(lines(ticket_slip(ticket("x"), SITE, sensitive=True)))
    assert "社保" not in said
    assert "Social security" not in said
    assert "综合" in said


def test_only_a_reprint_says_so() -> None:
    assert "补打" in "".join(lines(ticket_slip(ticket("x"), SITE, sensitive=False, reprint=True)))
    assert "补打" not in "".join(lines(ticket_slip(ticket("x"), SITE, sensitive=False)))


def test_both_languages_are_there_and_the_citizens_own_comes_first() -> None:
    zh = lines(ticket_slip(ticket("x"), SITE, sensitive=False))
    en = lines(ticket_slip(ticket("x"), SITE, sensitive=False, lang="en"))
    assert set(zh) == set(en)
    assert zh.index("前面 5 人") < zh.index("5 ahead of you")
    assert en.index("5 ahead of you") < en.index("前面 5 人")


def test_times_are_the_halls_own() -> None:
    abroad = replace(SITE, tz="Europe/London")
    assert "10:15" in "\n".join(lines(ticket_slip(ticket("x"), SITE, sensitive=False)))
    assert "02:15" in "\n".join(lines(ticket_slip(ticket("x"), abroad, sensitive=False)))


@pytest.mark.parametrize(
    ("area_zh", "area_en", "zh", "en"),
    [
        ("等候区", "Waiting area", "请到等候区等候", "Please wait in the waiting area"),
        ("二号等候区", "Waiting area 2", "请到二号等候区等候", "Please wait in waiting area 2"),
        ("东厅", "East Hall", "请到东厅等候", "Please wait in East Hall"),
    ],
)
def test_where_to_wait_is_a_sentence_in_both_languages(area_zh: str, area_en: str, zh: str, en: str) -> None:
    given = msgspec.structs.replace(ticket("x"), area_zh=area_zh, area_en=area_en)
    said = lines(ticket_slip(given, SITE, sensitive=False))
    assert zh in said
    assert en in said
    assert "We promise to call you by 10:45" in said


def test_chinese_lines_stand_in_chinese_marks() -> None:
    site = replace(SITE, name_zh="演示大厅(东):1号机")
    given = msgspec.structs.replace(ticket("x"), group_zh="社保(职工)", hall_zh="大厅(二楼)")
    said = "\n".join(lines(ticket_slip(given, site, sensitive=False)))
    for right in ("社保（职工）", "大厅（二楼）", "演示大厅（东）：1号机"):
        assert right in said
