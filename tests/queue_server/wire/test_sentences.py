"""Every refusal is said in Chinese and in English, with what to do next."""

import re

import pytest

from queue_server.domain.errors import Code
from queue_server.domain.strain import NOBODY
from queue_server.wire.inquiry_words import InquiryCode
from queue_server.wire.offline_words import PaperCode
from queue_server.wire.sentences import DoorCode, codes, sentence
from queue_server.wire.text_words import TextCode
from queue_server.wire.watch_words import HELP
from queue_server.wire.words import UNKNOWN, WORDS

ALL = [
    *map(str, Code),
    *map(str, DoorCode),
    *map(str, InquiryCode),
    *map(str, PaperCode),
    *map(str, TextCode),
    *sorted(NOBODY),
    *HELP.values(),
]


def test_every_code_of_the_hall_and_of_the_doors_has_its_own_words() -> None:
    assert set(ALL) == codes()


@pytest.mark.parametrize("code", ALL)
def test_a_sentence_is_whole_in_both_languages(code: str) -> None:
    zh, en = sentence(code)
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert zh.endswith("。")
    assert en.endswith(".")
    assert "{" not in zh + en


def test_chinese_is_set_with_its_own_marks() -> None:
    half = re.compile(r"[\u4e00-\u9fff}][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")
    assert [zh for wordings in WORDS.values() for zh, _ in wordings if half.search(zh)] == []


@pytest.mark.parametrize("code", ALL)
def test_a_sentence_says_what_to_do_next(code: str) -> None:
    zh, _ = sentence(code)
    assert re.search(r"请|可以现在|您仍可", zh), zh


def test_the_last_wording_of_each_code_needs_no_fact() -> None:
    for code, wordings in WORDS.items():
        assert "{" not in "".join(wordings[-1]), code


def test_facts_are_named_when_they_are_at_hand() -> None:
    zh, en = sentence("too-soon", {"seconds": 12})
    assert "12" in zh
    assert "12" in en


def test_an_empty_fact_is_not_named() -> None:
    assert sentence("appointment-used", {"number": ""}) == sentence("appointment-used")


def test_a_code_nobody_knows_sends_to_the_general_window() -> None:
    assert sentence("from-the-future", {"x": 1}) == UNKNOWN
