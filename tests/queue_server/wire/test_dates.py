"""A time among a refusal's facts, in the words of a Chinese and of an English sentence."""

from __future__ import annotations

from datetime import date

import pytest

from queue_server.wire.dates import said, told
from queue_server.wire.sentences import sentence


def test_a_sentence_names_the_day_as_people_do() -> None:
    zh, en = sentence("wrong-day", {"day": "2026-12-01"})
    assert zh == "您的预约是 12月1日 周二，请在那天前来，或现在取号。"
    assert en.startswith("Your appointment is on Tue 1 Dec.")


def test_a_sentence_names_day_and_hour() -> None:
    zh, en = sentence("hall-closed", {"next_opening": "2026-11-23 08:30"})
    assert "11月23日 周一 08:30" in zh
    assert "Mon 23 Nov 08:30" in en


@pytest.mark.parametrize(
    ("fact", "meant"),
    [
        ("2026-03-02 10:15", (date(2026, 3, 2), "10:15")),
        ("2026-03-02", (date(2026, 3, 2), "")),
        ("10:15", None),
        ("2026-02-30", None),
        ("A007", None),
        (7, None),
    ],
)
def test_only_a_day_is_taken_for_a_day(fact: object, meant: tuple[date, str] | None) -> None:
    assert told(fact) == meant


def test_every_other_fact_is_said_as_it_is() -> None:
    assert said("A007") == ("A007", "A007")
    assert said(12) == (12, 12)
