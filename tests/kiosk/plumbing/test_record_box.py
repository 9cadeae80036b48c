"""What an office has on record, in the reading process: masked lines out, whole ones when asked for, nothing else."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from kiosk.record_box import HIDDEN, RecordBox, masked
from queue_server.adapters.records import Line, Record, boxed

AT = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
KINDS = ("open", "name", "number", "hidden")
WORDS = {"job": "j1", "lang": "zh-Hans", "title_zh": "查询", "title_en": "Look up", "place": "大厅", "at": "10:15"}


class Ear(list[dict[str, Any]]):
    """What the process said."""

    def __call__(self, words: Any) -> None:
        self.append(dict(words))

    @property
    def text(self) -> str:
        return json.dumps(self, ensure_ascii=False)


def boxed_lines(box: RecordBox, *lines: tuple[str, str]) -> str:
    rows = [Line(label_zh="项", label_en="item", value=value, kind=kind) for value, kind in lines]  # type: ignore[arg-type]
    return boxed(Record(title_zh="题", title_en="t", as_of=AT, lines=rows), box.public)


def test_a_box_of_the_server_is_opened_and_its_lines_are_masked() -> None:
    ear = Ear()
    box = RecordBox(ear)
    box.open(
        boxed_lines(box, ("张晓梅", "name"), ("110199199207152022", "number"), ("正常", "open"), ("4,862.50", "hidden"))
    )
    assert [line[2] for line in ear[0]["lines"]] == ["张*", "**************2022", "正常", HIDDEN]
    assert "4,862.50" not in ear.text
    box.whole()
    assert [line[2] for line in ear[1]["lines"]][3] == "4,862.50"


def test_the_slip_holds_every_line_and_says_what_it_is_not() -> None:
    ear = Ear()
    box = RecordBox(ear)
    box.open(boxed_lines(box, ("4,862.50", "hidden")))
    box.slip(WORDS)
    items = ear[-1]["items"]
    printed = "\n".join(str(item[1]) for item in items if item[0] == "line")
    assert ear[-1]["job"] == "j1"
    assert "4,862.50" in printed
    assert "仅供参考" in printed


@pytest.mark.parametrize(
    "box", ["", "no base64!", base64.b64encode(b"x" * 99).decode(), base64.b64encode(b"").decode()]
)
def test_what_is_no_box_is_said_to_be_none_and_keeps_nothing(box: str) -> None:
    ear = Ear()
    records = RecordBox(ear)
    records.open(boxed_lines(records, ("4,862.50", "hidden")))
    records.open(box)
    records.whole()
    records.slip(WORDS)
    assert [words["say"] for words in ear] == ["record", "record-trouble", "record-whole", "record-trouble"]
    assert "4,862.50" not in ear.text


def test_a_box_for_another_process_stays_closed() -> None:
    ear = Ear()
    other = RecordBox(Ear())
    RecordBox(ear).open(boxed_lines(other, ("4,862.50", "hidden")))
    assert ear[0]["say"] == "record-trouble"


def test_two_processes_have_two_keys() -> None:
    assert RecordBox(Ear()).public != RecordBox(Ear()).public
    assert len(RecordBox(Ear()).public) == len(bytes(PrivateKey.generate().public_key))


@given(
    st.text(st.characters(exclude_characters="*"), min_size=5, max_size=60),
    st.sampled_from(["name", "number", "hidden", "from-the-future"]),
)
def test_a_mask_never_shows_more_than_it_should(value: str, kind: str) -> None:
    shown = masked(value, kind)
    assert value not in shown
    assert len(shown.replace("*", "")) <= {"name": 1, "number": 4}.get(kind, 0)
