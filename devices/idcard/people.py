"""Invented people with invented cards, for the simulated reader.

No card here was ever issued: the residents' district code 110199 is not assigned, the others' running numbers
are made up; check characters are right, as a reader's host must accept them. Numbers and dates are typed
out, not computed, so that a mistake in the driver's arithmetic cannot hide behind the same mistake here.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """What is printed on a card; dates as YYYYMMDD; ``flag`` is the chip's type flag (blank, J, Y or I)."""

    key: str
    label: str  # for the bench page
    flag: str
    name: str = field(repr=False)
    number: str = field(repr=False)
    sex: str = field(repr=False)
    born: str = field(repr=False)
    valid_from: str = field(repr=False)
    valid_to: str = field(repr=False)
    nation: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    newest_address: str = field(default="", repr=False)
    travel_permit: str = field(default="", repr=False)
    issue_count: str = field(default="", repr=False)
    english_name: str = field(default="", repr=False)
    country: str = field(default="", repr=False)
    version: str = field(default="", repr=False)
    renewal_count: str = field(default="", repr=False)
    old_number_link: str = field(default="", repr=False)


def block_of(person: Person) -> bytes:
    """The 256-byte text block of a card, laid out from the published tables."""
    if person.flag == "I":
        parts = [
            (person.english_name, 120),
            (person.sex, 2),
            (person.number, 30),
            (person.country, 6),
            (person.name, 30),
            (person.valid_from, 16),
            (person.valid_to, 16),
            (person.born, 16),
            (person.version, 4),
            (person.issuer, 8),
        ]
    else:
        parts = [(person.name, 30), (person.sex, 2)]
        parts.append((person.renewal_count if person.flag == "Y" else person.nation, 4))
        parts.append((person.born, 16))
        parts.append((person.english_name[:35] if person.flag == "Y" else person.address, 70))
        parts += [(person.number, 36), (person.issuer, 30), (person.valid_from, 16), (person.valid_to, 16)]
        if person.flag == "Y":
            parts += [(person.english_name[35:46], 22), (person.country, 6)]
        else:
            parts += [(person.travel_permit, 18), (person.issue_count, 4), ("", 6)]
    parts += [(person.flag, 2), (person.old_number_link, 6)]
    return b"".join(_padded(text, size) for text, size in parts)


def _padded(text: str, size: int) -> bytes:
    data = text.encode("utf-16-le")
    if len(data) > size:
        raise ValueError(f"an invented card's field does not fit into {size} bytes")
    return data + b"\x20\x00" * ((size - len(data)) // 2)


_PEOPLE = (
    Person(
        key="zhang",
        label="张晓梅 · 居民身份证",
        flag=" ",
        name="张晓梅",
        number="110199199207152022",
        sex="2",
        nation="01",
        born="19920715",
        address="星河市中心区光明路88号院3号楼2单元501室",
        issuer="星河市公安局中心分局",
        valid_from="20180601",
        valid_to="20380601",
    ),
    Person(
        key="li",
        label="李德昂 · 长期有效",
        flag=" ",
        name="李德昂",
        number="110199195803121013",
        sex="1",
        nation="46",
        born="19580312",
        address="星河市东湖区柳荫街12号",
        issuer="星河市公安局东湖分局",
        valid_from="20080312",
        valid_to="长期",
        newest_address="星河市东湖区新柳荫街甲7号院1号楼1001室",
    ),
    Person(
        key="rare",
        label="䶮𠮷㛃 · 生僻字姓名",
        flag=" ",
        name="䶮𠮷㛃",
        number="110199200102283021",
        sex="2",
        nation="36",
        born="20010228",
        address="星河市西山区㙍㘵村十二组䲟家大院乾隆巷一百二十八号附三十二号之五",
        issuer="星河市公安局西山分局",
        valid_from="20190401",
        valid_to="20290401",
    ),
    Person(
        key="expired",
        label="王开国 · 已过期",
        flag=" ",
        name="王开国",
        number="110199194910011077",
        sex="1",
        nation="11",
        born="19491001",
        address="星河市中心区和平里5号",
        issuer="星河市公安局中心分局",
        valid_from="20000105",
        valid_to="20200105",
    ),
    Person(
        key="hongkong",
        label="陈嘉欣 · 港澳居民居住证",
        flag="J",
        name="陈嘉欣",
        number="810000198704232027",
        sex="2",
        born="19870423",
        address="星河市中心区使馆路1号公寓1208室",
        issuer="星河市公安局",
        valid_from="20220310",
        valid_to="20270310",
        travel_permit="H00000001",
        issue_count="01",
    ),
    Person(
        key="macao",
        label="何美琪 · 港澳居民居住证（澳门）",
        flag="J",
        name="何美琪",
        number="820000197506301025",
        sex="2",
        born="19750630",
        address="星河市西山区枫林路6号3栋",
        issuer="星河市公安局",
        valid_from="20210901",
        valid_to="20260901",
        travel_permit="M00000003",
        issue_count="01",
    ),
    Person(
        key="taiwan",
        label="林志豪 · 台湾居民居住证",
        flag="J",
        name="林志豪",
        number="830000199511113038",
        sex="1",
        born="19951111",
        address="星河市东湖区学院路20号",
        issuer="星河市公安局",
        valid_from="20230815",
        valid_to="20280815",
        travel_permit="00000002",
        issue_count="02",
    ),
    Person(
        key="foreign2023",
        label="安娜 · 外国人永久居留身份证（2023版）",
        flag="Y",
        name="安娜",
        number="933156197809061028",
        sex="2",
        born="19780906",
        valid_from="20240118",
        valid_to="20340117",
        english_name="EXAMPLESDOTTIR-LONGFAMILYNAME, ANNA MARIA",
        country="ISL",
        renewal_count="01",
        old_number_link="331",
    ),
    Person(
        key="foreign2017",
        label="SAMPLE, JOHN · 外国人永久居留身份证（2017版）",
        flag="I",
        name="",
        number="CAN110080010101",
        sex="1",
        born="19800101",
        valid_from="20190520",
        valid_to="20290519",
        english_name="SAMPLE, JOHN HENRY",
        country="CAN",
        version="01",
        issuer="1500",
    ),
)
PEOPLE = {person.key: person for person in _PEOPLE}
