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


# 安娜 EXAMPLESDOTTIR-LONGFAMILYNAME, ANNA (35 characters at 52, the rest at 220), ISL, renewed once.
ANNA = (
    H("895B 1C5A") + H("2000") * 13  # 0+30 Chinese name
    + H("3200")  # 30+2 sex
    + H("3000 3100")  # 32+4 renewal count
    + H("3100 3900 3700 3800 3000 3900 3000 3600")  # 36+16 birth
    + H("4500 5800 4100 4D00 5000 4C00 4500 5300 4400 4F00 5400 5400 4900 5200 2D00 4C00 4F00 4E00")  # 52+70 EXAMPLES..
    + H("4700 4600 4100 4D00 4900 4C00 5900 4E00 4100 4D00 4500 2C00 2000 4100 4E00 4E00 4100")  # .. ANNA, 35 in all
    + H("3900 3300 3300 3100 3500 3600 3100 3900 3700 3800 3000 3900 3000 3600 3100 3000 3200 3800")  # 122+36 number
    + H("2000") * 15  # 158+30 reserved
    + H("3200 3000 3200 3400 3000 3100 3100 3800")  # 188+16 valid from
    + H("3200 3000 3300 3400 3000 3100 3100 3700")  # 204+16 valid to
    + H("2000 4D00 4100 5200 4900 4100") + H("2000") * 5  # 220+22 the name's rest, " MARIA"
    + H("4900 5300 4C00")  # 242+6 country
    + H("5900")  # 248+2 type flag Y
    + H("3300 3300 3100")  # 250+6 link to the old number
)  # fmt: skip

# SAMPLE, JOHN of the 2017 layout: everything stands elsewhere.
JOHN = (
    H("5300 4100 4D00 5000 4C00 4500 2C00 2000 4A00 4F00 4800 4E00") + H("2000") * 48  # 0+120 English name
    + H("3100")  # 120+2 sex
    + H("4300 4100 4E00 3100 3100 3000 3000 3800 3000 3000 3100 3000 3100 3000 3100")  # 122+30 CAN110080010101
    + H("4300 4100 4E00")  # 152+6 country
    + H("A67E F07F") + H("2000") * 13  # 158+30 Chinese name 约翰
    + H("3200 3000 3100 3900 3000 3500 3200 3000")  # 188+16 valid from
    + H("3200 3000 3200 3900 3000 3500 3100 3900")  # 204+16 valid to
    + H("3100 3900 3800 3000 3000 3100 3000 3100")  # 220+16 birth
    + H("3000 3100")  # 236+4 version
    + H("3100 3500 3000 3000")  # 240+8 authority
    + H("4900")  # 248+2 type flag I
    + H("2000") * 3  # 250+6
)  # fmt: skip

# 林志豪, a permit of Taiwan: no nation, a pass number and how often it was issued.
LIN = (
    H("9767 D75F 6A8C") + H("2000") * 12  # 0+30 name
    + H("3100")  # 30+2 sex
    + H("2000 2000")  # 32+4 nation: blank
    + H("3100 3900 3900 3500 3100 3100 3100 3100")  # 36+16 birth
    + H("1F66 B36C EF8D") + H("2000") * 32  # 52+70 address
    + H("3800 3300 3000 3000 3000 3000 3100 3900 3900 3500 3100 3100 3100 3100 3300 3000 3300 3800")  # 122+36 number
    + H("1F66 B36C") + H("2000") * 13  # 158+30 issuer
    + H("3200 3000 3200 3300 3000 3800 3100 3500")  # 188+16 valid from
    + H("3200 3000 3200 3800 3000 3800 3100 3500")  # 204+16 valid to
    + H("3000 3000 3000 3000 3000 3000 3000 3200 2000")  # 220+18 pass number 00000002
    + H("3000 3200")  # 238+4 issue count
    + H("2000") * 3  # 242+6
    + H("4A00")  # 248+2 type flag J
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


def test_a_permit_from_its_bytes() -> None:
    assert len(LIN) == 256
    assert parse_text(LIN) == Card(
        kind=CardKind.HMT_PERMIT,
        name="林志豪",
        number="830000199511113038",
        sex="1",
        born=date(1995, 11, 11),
        address="星河路",
        issuer="星河",
        valid_from=date(2023, 8, 15),
        valid_to=date(2028, 8, 15),
        pass_number="00000002",
        issue_count="02",
    )


def test_a_foreigner_s_card_of_2023_from_its_bytes_has_its_english_name_in_two_places() -> None:
    assert len(ANNA) == 256
    assert parse_text(ANNA) == Card(
        kind=CardKind.FOREIGN_2023,
        name="安娜",
        number="933156197809061028",
        sex="2",
        born=date(1978, 9, 6),
        valid_from=date(2024, 1, 18),
        valid_to=date(2034, 1, 17),
        english_name="EXAMPLESDOTTIR-LONGFAMILYNAME, ANNA MARIA",
        country="ISL",
        renewal_count="01",
        old_number_link="331",
    )


def test_a_foreigner_s_card_of_2017_from_its_bytes_has_everything_elsewhere() -> None:
    assert len(JOHN) == 256
    assert parse_text(JOHN) == Card(
        kind=CardKind.FOREIGN_2017,
        name="约翰",
        number="CAN110080010101",
        sex="1",
        born=date(1980, 1, 1),
        valid_from=date(2019, 5, 20),
        valid_to=date(2029, 5, 19),
        english_name="SAMPLE, JOHN",
        country="CAN",
        version="01",
        issuer="1500",
    )


def test_where_the_2023_card_has_digits_behind_its_dates_they_are_no_part_of_a_name() -> None:
    """Public sources differ on these bytes: the rest of the name, or a number and an issue count."""
    block = ANNA[:220] + H("4300 4100 4E00 3100 3200 3300 3400 3500 3600 3000 3300") + ANNA[242:]
    card = parse_text(block)
    assert card.english_name == "EXAMPLESDOTTIR-LONGFAMILYNAME, ANNA"
    assert (card.pass_number, card.issue_count, card.country) == ("CAN123456", "03", "ISL")


def test_a_short_english_name_has_no_rest() -> None:
    block = ANNA[:52] + H("4100 4E00 4E00 4100") + H("2000") * 31 + ANNA[122:220] + H("2000") * 11 + ANNA[242:]
    assert parse_text(block).english_name == "ANNA"


@pytest.mark.parametrize(
    ("person", "region"), [("hongkong", "hong-kong"), ("macao", "macao"), ("taiwan", "taiwan"), ("zhang", "")]
)
def test_the_number_tells_whose_resident_holds_a_permit(person: str, region: str) -> None:
    card = parse_text(block_of(PEOPLE[person]))
    assert card.region == region
    assert card.spelled_out().get("region", "") == region
    assert card.kind is (CardKind.HMT_PERMIT if region else CardKind.RESIDENT)


@pytest.mark.parametrize(("person", "by_hand"), [("li", LI), ("foreign2023", ANNA), ("taiwan", LIN)])
def test_the_invented_cards_are_laid_out_as_those_typed_by_hand(person: str, by_hand: bytes) -> None:
    """Same person, same chip; where the hand was lazy with address and issuer, those are left out."""
    made = block_of(PEOPLE[person])
    lazy = [range(52, 122), range(158, 188)] if person != "foreign2023" else []
    assert [at for at in range(256) if made[at] != by_hand[at] and not any(at in field for field in lazy)] == []


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
        (spoiled("hongkong", number="810000198704232026"), "bad-number"),
        (spoiled("macao", number="820000197506301024"), "bad-number"),
        (spoiled("taiwan", born="长期"), "bad-date"),
        (spoiled("foreign2017", born="19800231"), "bad-date"),
        (spoiled("foreign2017", valid_to="20290532"), "bad-date"),
        (spoiled("foreign2023", valid_from=""), "bad-date"),
        (spoiled("foreign2023", english_name="", name=""), "unknown-layout"),
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


@pytest.mark.parametrize("person", ["zhang", "hongkong", "foreign2023", "foreign2017"])
def test_any_layout_may_be_without_end(person: str) -> None:
    card = parse_text(spoiled(person, valid_to="长期"))
    assert card.valid_to is None
    assert card.spelled_out()["valid_to"] == "长期"


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
