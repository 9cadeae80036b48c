"""The four layouts of a card's text, from bytes typed by hand, and what must not be read out of them."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import UnusableCard
from devices.events import CardSeen
from devices.idcard.layouts import parse_text
from devices.idcard.people import PEOPLE, Person, block_of
from devices.idcard.record import NATIONS, Card, CardKind

H = bytes.fromhex

# 李德昂, male, 46 (德昂), born 1958-03-12, valid from 2008-03-12 to 长期; every byte typed from the table.
LI = (
    H("4E67 B75F 0266") + H("2000") * 12  # 0+30 name
    + H("3100")  # 30+2 sex
    + H("3400 3600")  # 32+4 nation
    + H("3100 3900 3500 3800 3000 3300 3100 3200")  # 36+16 birth
    + H("1F66 B36C EF8D") + H("2000") * 32  # 52+70 address 星河路
    + H("3100 3100 3000 3100 3900 3900 3100 3900 3500 3800 3000 3300 3100 3200 3100 3000 3100 3300")  # 122+36 number
    + H("1F66 B36C 4000") + H("2000") * 12  # 158+30 issuer
    + H("3200 3000 3000 3800 3000 3300 3100 3200")  # 188+16 valid from
    + H("7F95 1F67") + H("2000") * 6  # 204+16 长期
    + H("2000") * 14  # 220+28
    + H("2000")  # 248+2 type flag
    + H("2000") * 3  # 250+6
)  # fmt: skip


def spoiled(person: str, **changes: str) -> bytes:
    return block_of(dataclasses.replace(PEOPLE[person], **changes))


def test_a_resident_s_card_from_its_bytes() -> None:
    assert len(LI) == 256
    assert parse_text(LI) == Card(
        kind=CardKind.RESIDENT,
        name="李德昂",
        number="110199195803121013",
        sex="1",
        nation="46",
        born=date(1958, 3, 12),
        address="星河路",
        issuer="星河@",
        valid_from=date(2008, 3, 12),
        valid_to=None,
    )


def test_a_permit_of_hong_kong_macao_or_taiwan_tells_its_pass_number() -> None:
    card = parse_text(block_of(PEOPLE["hongkong"]))
    assert card.kind is CardKind.HMT_PERMIT
    assert (card.name, card.pass_number, card.issue_count, card.nation) == ("陈嘉欣", "H00000001", "01", "")


def test_a_foreigner_s_card_of_2023_has_its_english_name_in_two_places() -> None:
    card = parse_text(block_of(PEOPLE["foreign2023"]))
    assert card.kind is CardKind.FOREIGN_2023
    assert card.english_name == "EXAMPLESDOTTIR-LONGFAMILYNAME, ANNA MARIA"
    assert (card.name, card.country, card.renewal_count, card.old_number_link) == ("安娜", "ISL", "01", "331")
    assert (card.sex, card.born) == ("2", date(1978, 9, 6))


def test_a_foreigner_s_card_of_2017_has_everything_elsewhere() -> None:
    card = parse_text(block_of(PEOPLE["foreign2017"]))
    assert card.kind is CardKind.FOREIGN_2017
    assert (card.sex, card.born) == ("1", date(1980, 1, 1))
    assert (card.number, card.country) == ("CAN110080010101", "CAN")
    assert card.name == card.english_name == "SAMPLE, JOHN HENRY"
    assert (card.version, card.issuer) == ("01", "1500")


def test_rare_characters_stay_what_they_are() -> None:
    card = parse_text(block_of(PEOPLE["rare"]))
    assert card.name == "䶮𠮷㛃"  # the second is a surrogate pair on the chip
    assert card.masked_name == "䶮*"


def test_a_name_that_looks_like_a_byte_order_mark_is_no_reason_to_swap_bytes() -> None:
    block = H("FFFE") + LI[2:]
    assert parse_text(block).name == "\ufeff德昂"


def test_half_a_character_does_not_cost_the_card() -> None:
    block = LI[:52] + H("42D8") + LI[54:]
    assert "\ufffd" in parse_text(block).address


@pytest.mark.parametrize(
    ("block", "trouble"),
    [
        (spoiled("zhang", number="110199199207152023"), "bad-number"),
        (spoiled("zhang", number=""), "bad-number"),
        (spoiled("zhang", number="１１０１９９１９９２０７１５２０２２"), "bad-number"),
        (spoiled("foreign2023", number="110199199207152022"), "bad-number"),  # must begin with 9
        (spoiled("foreign2017", number="CA1110080010101"), "bad-number"),
        (spoiled("foreign2017", number="CAN11008001010"), "bad-number"),
        (spoiled("zhang", born="19920230"), "bad-date"),
        (spoiled("zhang", born="长期"), "bad-date"),
        (spoiled("zhang", valid_from="长期"), "bad-date"),
        (spoiled("zhang", valid_to=""), "bad-date"),
        (spoiled("zhang", valid_to="2038060"), "bad-date"),
        (spoiled("zhang", number="110199199202302028"), "bad-date"),  # right check character, no such day
        (spoiled("zhang", name=""), "unknown-layout"),
        (spoiled("zhang", flag="Q"), "unknown-layout"),
        (LI[:-2], "unknown-layout"),
        (b"", "unknown-layout"),
    ],
)
def test_a_card_that_cannot_be_right_is_refused_by_name(block: bytes, trouble: str) -> None:
    with pytest.raises(UnusableCard) as refused:
        parse_text(block)
    assert refused.value.trouble == trouble


def test_the_nations_have_their_published_codes() -> None:
    assert (NATIONS["01"], NATIONS["36"], NATIONS["46"]) == ("汉", "毛南", "德昂")
    assert (NATIONS["56"], NATIONS["97"], NATIONS["98"]) == ("基诺", "其他", "外国血统中国籍人士")
    assert len(NATIONS) == 58


def test_a_card_is_expired_after_its_last_day_and_never_if_endless() -> None:
    card = parse_text(block_of(PEOPLE["expired"]))
    assert not card.expired(date(2020, 1, 5))
    assert card.expired(date(2020, 1, 6))
    assert not parse_text(LI).expired(date(9999, 12, 31))


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_a_card_shows_nothing_of_its_holder_unless_asked(person: Person) -> None:
    card = parse_text(block_of(person))
    shown = repr(card) + repr(CardSeen("idcard", card)) + str(card.masked())
    for secret in (card.name, card.number, card.address, card.english_name, card.pass_number, card.born.isoformat()):
        assert not secret or secret not in shown
    assert card.masked()["number"] == "*" * (len(card.number) - 4) + card.number[-4:]
    assert card.spelled_out()["number"] == card.number


def outcome(block: bytes) -> str:
    try:
        parse_text(block).spelled_out()
    except UnusableCard as error:
        return error.trouble
    return "card"


OUTCOMES = {"card", "unknown-layout", "bad-number", "bad-date"}


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=240, max_size=260))
def test_any_bytes_are_a_card_or_a_trouble(block: bytes) -> None:
    assert outcome(block) in OUTCOMES


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 127), unit=st.integers(0, 0xFFFF))
def test_a_card_with_one_odd_character_is_a_card_or_a_trouble(at: int, unit: int) -> None:
    assert outcome(LI[: 2 * at] + unit.to_bytes(2, "little") + LI[2 * at + 2 :]) in OUTCOMES
