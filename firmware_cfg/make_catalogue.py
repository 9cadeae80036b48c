"""Makes ``catalogue.json`` from a CSV of matters: ``python -m firmware_cfg.make_catalogue SRC.csv [-o OUT]``.

Run by whoever changes the CSV; the result is kept beside it, so that neither kiosk nor server needs pypinyin.
The same CSV always gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pypinyin import lazy_pinyin, load_phrases_dict

from firmware_cfg.catalogue import CATALOGUE, read_catalogue

MIXED = "R"
"""The letter of 综合服务, which the sensitive themes share."""

# Letter, theme of the CSV, its name on the screen, in English. The order is the order on the screen.
_THEMES = (
    ("A", "社保", "社保", "Social security"),
    ("B", "看病医保", "看病医保", "Health insurance"),
    ("C", "居住户籍", "居住户籍", "Residence and household"),
    ("D", "养老照护", "养老照护", "Old age and care"),
    ("E", "就业", "就业", "Employment"),
    ("F", "生育", "生育", "Birth and maternity"),
    ("G", "证明", "证明", "Certificates"),
    ("H", "档案", "档案", "Archives"),
    ("J", "住房", "住房", "Housing"),
    ("K", "企业", "企业", "Business"),
    ("N", "一件事", "一件事", "Life events"),
    ("P", "查询打印", "查询打印", "Look up and print"),
    (MIXED, "助残", "助残", "Disability support"),
    (MIXED, "救助", "救助", "Social assistance"),
    (MIXED, "服务", "综合服务", "General services"),
)
_SENSITIVE = {"救助", "助残"}
_HOT = ("M034", "M047", "M037", "M001", "M040", "M071")
_NOT_BOOKABLE = {"M072", "M074"}  # 自助取件 and 帮办: one comes when one is there
_ON_THE_SPOT = {"M001", "M069", "M072"}  # something is handed over at the machine or the window
_ROLES = {"M071": "enquiry", "M074": "help"}
_NO_PROXY = {  # theme: what to do instead of sending somebody
    "档案": (
        "档案须本人查询；委托他人查询的，请到区档案馆办理。",
        "Archives are opened to the person alone; whoever is sent goes to the district archive.",
    ),
    "查询打印": (
        "个人信息须本人查询；可以让本人用手机“随申办”查询。",
        "Personal records are shown to the person alone, who may also look them up by phone.",
    ),
}
_NO_PROXY_ELSE = (
    "这件事须本人到场确认；行动不便的，可以申请上门办理。",
    "The person must come in person; who cannot come may ask for a visit at home.",
)
_NO_MATERIALS = {"无", "按事项"}
_LOOK_UP_THEMES = {"查询打印", "档案"}
_SEALED = {"M069"}  # a stamped paper is handed over: more than a terminal's slip
_ENOUGH = {"id_reader", "thermal", "a4_printer"}  # a result for information fits on a slip
# Health, bank accounts and what tells of them (PIPL 28): shown only after a consent of its own.
_HEALTH = "医保"
_ACCOUNTS = {"M012", "M014", "M015", "M016", "M017", "M019", "M020", "M054", "M063", "M064"}
_LICENCES = {"出生医学证明", "户口簿", "残疾人证", "营业执照"}
"""What (免交) stands for where the CSV gives no reason: papers that have an electronic licence; the rest is data
that the office has. An estimate like the materials themselves."""
_MARKS = {"(数据共享免交)": "shared", "(电子证照免交)": "licence", "(免交)": "free"}
_LATER = ("(可容缺)", "(容缺)")
# Readings that the dictionary gets wrong in these names.
_PHRASES = {
    "长三角": [["cháng"], ["sān"], ["jiǎo"]],
    "重残": [["zhòng"], ["cán"]],
    "重名": [["chóng"], ["míng"]],
    "还款": [["huán"], ["kuǎn"]],
}


def make(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The catalogue of these CSV rows, JSON-ready. Raises KeyError for a theme that has no letter."""
    load_phrases_dict(_PHRASES)
    themes = {theme: (letter, zh, en) for letter, theme, zh, en in _THEMES}
    matters = [_matter(row, *themes[row["group_zh"]]) for row in rows]
    used = {row["group_zh"] for row in rows}
    letters = {themes[theme][0] for theme in used}
    groups = [
        {"letter": letter, "name_zh": zh, "name_en": en}
        for letter, theme, zh, en in _THEMES
        if letter in letters and (letter != MIXED or theme == "服务")
    ]
    body = {
        "groups": groups,
        "themes": [{"name_zh": zh, "name_en": en} for _, theme, zh, en in _THEMES if theme in used],
        "matters": matters,
        "hot": [hot for hot in _HOT if any(matter["id"] == hot for matter in matters)],
    }
    digest = hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return {"version": f"1-{digest[:12]}", **body}


def _paper(line: str, name_en: str) -> dict[str, Any]:
    """``户口簿(免交)`` as what it is, and why it need not be handed in."""
    name, free, later = line, "", False
    for mark in _LATER:
        if name.endswith(mark):
            name, later = name.removesuffix(mark), True
    for mark, why in _MARKS.items():
        if name.endswith(mark):
            name, free = name.removesuffix(mark), why
            break
    if free == "free":
        free = "licence" if name in _LICENCES else "shared"
    paper: dict[str, Any] = {"name_zh": name, "name_en": name_en}
    if free:
        paper["free"] = free
    if later:
        paper["later"] = True
    return paper


def _matter(row: Mapping[str, str], letter: str, theme_zh: str, theme_en: str) -> dict[str, Any]:
    syllables = lazy_pinyin(row["name_zh"], errors="ignore")
    materials = [part.strip() for part in row["materials_zh"].split(";")]
    materials = [part for part in materials if part and part not in _NO_MATERIALS]
    english = [part.strip() for part in row.get("materials_en", "").split(";")]
    english = english if len(english) == len(materials) else [""] * len(materials)
    proxy = row["proxy_allowed"] == "yes"
    instead_zh, instead_en = ("", "") if proxy else _NO_PROXY.get(row["group_zh"], _NO_PROXY_ELSE)
    return {
        "id": row["id"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "group": letter,
        "matter_class": row["class"],
        "service_min": float(row["counter_min_est"]),
        "theme_zh": theme_zh,
        "theme_en": theme_en,
        "materials_zh": materials,
        "skill": None,
        "bookable": row["id"] not in _NOT_BOOKABLE,
        "remote_ok": row["id"] not in _ON_THE_SPOT,
        "sensitive": row["group_zh"] in _SENSITIVE,
        "service": row["type"] == "service",
        "pinyin": " ".join(syllables),
        "initials": "".join(s[0] for s in syllables),
        "self_service": row["self_service"],
        "look_up": _look_up(row),
        "papers": [_paper(line, name_en) for line, name_en in zip(materials, english, strict=True)],
        "proxy": proxy,
        "proxy_zh": instead_zh,
        "proxy_en": instead_en,
        "role": _ROLES.get(row["id"], ""),
    }


def _look_up(row: Mapping[str, str]) -> str:
    """Whether a terminal with a card reader alone can show the result of this matter, and how sensitive that is."""
    devices = set(filter(None, row["devices_needed"].split(";")))
    asks = row["group_zh"] in _LOOK_UP_THEMES or row["name_zh"].endswith("查询")
    if row["self_service"] != "yes" or not asks or row["id"] in _SEALED:
        return "no"
    if "id_reader" not in devices or not devices <= _ENOUGH:
        return "no"
    return "sensitive" if row["dept_zh"] == _HEALTH or row["id"] in _ACCOUNTS else "plain"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m firmware_cfg.make_catalogue", description=__doc__)
    parser.add_argument("source", type=Path, help="CSV of matters, as firmware_cfg/data/matters.csv")
    parser.add_argument("-o", "--out", type=Path, default=CATALOGUE)
    options = parser.parse_args(arguments)
    with options.source.open(encoding="utf-8", newline="") as source:
        catalogue = make(list(csv.DictReader(source)))
    data = (json.dumps(catalogue, ensure_ascii=False, indent=1) + "\n").encode()
    read_catalogue(data)
    options.out.write_bytes(data)
    sys.stdout.write(f"{options.out}: {len(catalogue['matters'])} matters, version {catalogue['version']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
