"""代办 as the window sees it, and ratings as the manager does: figures of the whole hall, nobody's."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uuid6

from queue_server.auth import Role
from queue_server.cases import Ratings
from queue_server.domain.messages import Claim, RecordOfflineTicket, TakeTicket
from queue_server.store.database import open_engine
from queue_server.wire.people import Rate

HALL = "xinghe-hall"


def new_id() -> str:
    return str(uuid6.uuid7())


def test_the_window_sees_the_relation_and_the_board_nothing(house: Any, sign_in: Any) -> None:
    mei = sign_in("mei", Role.CLERK)
    assert mei.press("1", "open").status_code == 200
    house.ask(
        TakeTicket(
            id=new_id(),
            by="kiosk:kiosk-01",
            matters=("M034",),
            token=secrets.token_urlsafe(16),
            proxy="child",
            authorisation="2026071",
        )
    )
    view = mei.press("1", "pause").json()["view"]
    assert [one["proxy_zh"] for one in view["next"]] == ["代办·子女"]
    mei.press("1", "resume")
    current = mei.press("1", "call-next").json()["view"]["current"]
    assert (current["proxy_zh"], current["authorisation"]) == ("代办·子女", "2026071")
    assert "代办" not in mei.get(f"/board/{HALL}").text


def test_the_window_sees_why_a_word_to_be_booked_was_not_matched(house: Any, sign_in: Any) -> None:
    mei = sign_in("mei", Role.CLERK)
    assert mei.press("1", "open").status_code == 200
    said = RecordOfflineTicket(
        id=new_id(), by="kiosk:kiosk-01", block_id="none", kiosk="kiosk-01", group="A", number=1, matters=("M034",),
        token=secrets.token_urlsafe(16), checked_in_at=house.clock(), claim=Claim(code="99999999"),
    )  # fmt: skip
    house.ask(said)
    view = mei.press("1", "pause").json()["view"]
    assert [one["unmet_zh"] for one in view["next"]] == ["自称有预约·查不到预约"]
    mei.press("1", "resume")
    current = mei.press("1", "call-next").json()["view"]["current"]
    assert current["unmet_en"] == "says to be booked: no booking found"
    assert "自称" not in mei.get(f"/board/{HALL}").text


@pytest.fixture
def ratings(house: Any, tmp_path: Path) -> Iterator[Ratings]:
    engine = open_engine(f"sqlite:///{tmp_path / 'ratings.db'}")
    kept = Ratings(engine, house.clock)
    house.app.state.door.ratings = kept
    yield kept
    engine.dispose()


def test_the_manager_sees_how_many_and_which_levels_and_a_bad_one_that_nobody_took_up(
    house: Any, sign_in: Any, ratings: Ratings
) -> None:
    wu = sign_in("wu", Role.MANAGER)
    assert "今日无数据" in wu.get(f"/manager/{HALL}").text
    for n, level in enumerate((5, 5, 2)):
        ratings.take(Rate(id=new_id(), of="job", subject=f"job-{n}", level=level), house.desk.hall(HALL), "kiosk-01")
    page = wu.get(f"/manager/{HALL}").text
    assert "非常满意 2" in page
    assert "不满意 1" in page
    assert "1 条差评待处理" in page
    assert "偏少" in page
