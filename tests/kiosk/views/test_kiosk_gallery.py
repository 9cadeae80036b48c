"""What the gallery and the examiner are made of, without a window: looks, longer words, the page, the table."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kiosk.flow import Site
from kiosk.gallery_page import Picture, write_page
from kiosk.scenes import scenes
from kiosk.scenes.table import SCREENS, screen_of
from kiosk.showroom import every_look, lengthened, longer
from kiosk.views import Button, view

TALL = Site("demo", "Demo kiosk", "http://127.0.0.1:8080", "Demo street", "021-0000 0000", "Mon to Fri", speech=True)


@given(st.text(max_size=60))
def test_longer_words_are_longer_and_begin_as_they_did(text: str) -> None:
    for line, grown in zip(text.split("\n"), longer(text).split("\n"), strict=True):
        if len(line) >= 2 and any(sign.isalpha() for sign in line):
            assert len(grown) >= len(" ".join(line.split()) if " " in line else line)
        else:
            assert grown == line


def test_forty_percent_longer() -> None:
    assert longer("取号办事啊") == "取号办事啊取号"
    assert longer("Take a number") == "Take a number Take a"
    assert longer("021-0000-0001") == "021-0000-0001"


def test_what_a_touch_means_does_not_grow_with_its_name() -> None:
    button = Button("book", "预约以后来", value="M047", icon="card")
    assert lengthened(button) == Button("book", "预约以后来预约", value="M047", icon="card")
    matter = Button("matter", "敬老卡申领", value="M047")
    assert lengthened(matter) == matter, "a name of the catalogue is what it is"
    assert lengthened(Button("key", "PQRS", value="7")) == Button("key", "PQRS", value="7")


def test_every_look_is_there_once() -> None:
    tall, small = (list(every_look(compact=compact)) for compact in (False, True))
    assert len(set(tall)) == len(tall) == 6 * 7
    assert len(set(small)) == len(small) == 4 * 7
    assert not any(look.low for look in small)


def test_every_scene_has_its_place_in_the_table() -> None:
    for scene, state in scenes(TALL).items():
        assert screen_of(scene, state) in SCREENS, scene
        assert view(state).frame.title


def test_the_page_lists_what_was_made_and_fetches_nothing(tmp_path: Path) -> None:
    picture = Picture("demo/start.png", "start", "K0", "您好<", "zh-Hans", "normal")
    (tmp_path / "demo.json").write_text(json.dumps({"size": [1080, 1920], "pictures": [picture.row()]}))
    page = write_page(tmp_path).read_text(encoding="utf-8")
    assert 'src="demo/start.png"' in page
    assert "您好&lt;" in page
    assert "http" not in page
