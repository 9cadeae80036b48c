"""The shipped catalogue: whole, made from its CSV, and silent about what somebody came for where that is delicate."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

import firmware_cfg
from firmware_cfg.catalogue import CATALOGUE, BadCatalogue, load_catalogue, read_catalogue
from firmware_cfg.make_catalogue import main
from queue_server.wire import messages as wire

SOURCE = Path(firmware_cfg.__file__).parent / "data" / "matters.csv"


def rows() -> list[dict[str, str]]:
    with SOURCE.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_the_shipped_file_is_what_the_csv_makes(tmp_path: Path) -> None:
    assert main([str(SOURCE), "-o", str(tmp_path / "made.json")]) == 0
    assert (tmp_path / "made.json").read_bytes() == CATALOGUE.read_bytes()


def test_every_row_is_there_with_its_class_and_minutes() -> None:
    catalogue = load_catalogue()
    assert len(catalogue.matters) == len(rows()) == 77
    for row, matter in zip(rows(), catalogue.matters, strict=True):
        assert (matter.id, matter.name_zh, matter.name_en) == (row["id"], row["name_zh"], row["name_en"])
        assert matter.matter_class == row["class"]
        assert matter.service_min == float(row["counter_min_est"])
        assert matter.service == (row["type"] == "service")
        assert matter.skill is None
        assert matter.pinyin.replace(" ", "").isalpha()
        assert len(matter.initials) == len(matter.pinyin.split())


def test_each_letter_is_one_group_and_none_reads_as_a_digit() -> None:
    letters = [group.letter for group in load_catalogue().groups]
    assert len(set(letters)) == len(letters)
    assert not set(letters) & {"I", "O"}
    for matter in load_catalogue().matters:
        assert matter.group in letters


def test_a_delicate_matters_letter_is_shared_with_what_is_not() -> None:
    catalogue = load_catalogue()
    delicate = {m.group for m in catalogue.matters if m.sensitive}
    assert {m.theme_zh for m in catalogue.matters if m.sensitive} == {"救助", "助残"}
    for letter in delicate:
        assert catalogue.group(letter).name_zh == "综合服务"
        assert [m for m in catalogue.matters if m.group == letter and not m.sensitive]
    assert catalogue.group(next(m.group for m in catalogue.matters if m.name_zh == "办不成事反映")).letter in delicate


def test_readings_that_the_dictionary_gets_wrong_are_right() -> None:
    pinyin = {m.name_zh: m.pinyin for m in load_catalogue().matters}
    assert "chong ming" in pinyin["新生儿重名查询"]
    assert pinyin["公积金还款计算"] == "gong ji jin huan kuan ji suan"
    assert pinyin["长三角/跨省通办"].startswith("chang san jiao")
    assert pinyin["重残无业人员机构养护服务申请"].startswith("zhong can")


def test_six_are_hot_and_what_need_not_be_brought_is_not_listed() -> None:
    catalogue = load_catalogue()
    assert len(set(catalogue.hot)) == 6
    for matter in catalogue.matters:
        assert not {"无", "按事项", ""} & set(matter.materials_zh)
    assert next(m for m in catalogue.matters if m.id == "M071").materials_zh == ()
    assert next(m for m in catalogue.matters if m.id == "M024").materials_zh[1].endswith("免交)")


def test_only_what_a_terminal_can_do_alone_is_looked_up_there_and_health_is_sensitive() -> None:
    matters = {matter.id: matter for matter in load_catalogue().matters}
    assert all(matter.self_service == "yes" for matter in matters.values() if matter.look_up != "no")
    assert matters["M005"].look_up == "sensitive"  # what a doctor was paid for
    assert matters["M021"].look_up == "plain"
    assert matters["M043"].look_up == "no"  # a face is asked for
    assert matters["M069"].look_up == "no"  # a stamped paper is handed over


def test_the_wire_reads_the_same_file() -> None:
    wired = msgspec.json.decode(CATALOGUE.read_bytes(), type=wire.Catalogue)
    assert [m.id for m in wired.matters] == [m.id for m in load_catalogue().matters]
    assert wired.version == load_catalogue().version
    assert len(msgspec.json.encode(wired)) < 1 << 20


def changed(**change: Any) -> bytes:
    return json.dumps(json.loads(CATALOGUE.read_bytes()) | change).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        changed(groups=[]),
        changed(hot=["M999"]),
        changed(matters=json.loads(CATALOGUE.read_bytes())["matters"] * 2),
        changed(groups=[{"letter": "A"}]),
    ],
)
def test_what_is_no_catalogue_is_refused(data: bytes) -> None:
    with pytest.raises(BadCatalogue):
        read_catalogue(data)


def test_what_need_not_be_handed_in_says_why() -> None:
    matters = {m.id: m for m in load_catalogue().matters}
    assert [(p.name_zh, p.free) for p in matters["M024"].papers] == [
        ("身份证", ""),
        ("劳动合同终止/解除证明", "shared"),
    ]
    assert [(p.name_zh, p.free) for p in matters["M040"].papers] == [("身份证", ""), ("户口簿", "licence")]
    for matter in matters.values():
        assert len(matter.papers) == len(matter.materials_zh)
        assert all(paper.name_en for paper in matter.papers), matter.id


def test_where_a_terminal_can_do_it_and_who_may_come_for_another_is_told() -> None:
    matters = {m.id: m for m in load_catalogue().matters}
    assert (matters["M040"].self_service, matters["M040"].proxy) == ("yes", False)
    assert (matters["M047"].self_service, matters["M047"].proxy) == ("partial", True)
    assert {m.self_service for m in matters.values()} == {"yes", "partial", "no"}


def test_a_paper_that_may_follow_later_is_marked(tmp_path: Path) -> None:
    table = SOURCE.read_text(encoding="utf-8").replace("身份证或户口簿;证件照,", "身份证或户口簿;证件照(可容缺),")
    (tmp_path / "m.csv").write_text(table, encoding="utf-8")
    assert main([str(tmp_path / "m.csv"), "-o", str(tmp_path / "made.json")]) == 0
    made = {m.id: m for m in read_catalogue((tmp_path / "made.json").read_bytes()).matters}
    assert [(p.name_zh, p.later) for p in made["M034"].papers] == [("身份证或户口簿", False), ("证件照", True)]


def test_an_older_catalogue_is_read_without_what_is_new_and_a_newer_one_with_more_than_is_known() -> None:
    raw = json.loads(CATALOGUE.read_bytes())
    old = [
        {k: v for k, v in m.items() if k not in {"papers", "self_service", "look_up", "proxy"}} for m in raw["matters"]
    ]
    read = read_catalogue(changed(matters=old))
    assert {(m.papers, m.self_service, m.proxy) for m in read.matters} == {((), "no", False)}
    wired = msgspec.json.decode(changed(matters=old), type=wire.Catalogue)
    assert [m.papers for m in wired.matters] == [[]] * len(old)
    newer = [{**m, "papers": [{**p, "new": 1} for p in m["papers"]], "newer": True} for m in raw["matters"]]
    assert msgspec.json.decode(changed(matters=newer), type=wire.Catalogue).matters[0].papers
