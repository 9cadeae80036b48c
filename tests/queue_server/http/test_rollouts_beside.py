"""A console whose server tries the coming hour out: the look ahead is asked before the call, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from queue_server.auth import Role
from queue_server.forecast.memory import Memory
from queue_server.rollouts.beside import Beside


@pytest.fixture
def mei(sign_in: Any) -> Any:
    """A clerk at window 1."""
    browser = sign_in("mei", Role.CLERK)
    assert browser.press("1", "open").status_code == 200
    return browser


@pytest.fixture
def beside(house: Any) -> Iterator[Beside]:
    made = Beside(lambda _hall: Memory(), deadline_s=60)
    made.start()
    house.app.state.door.rollouts = made
    yield made
    made.stop()


def test_the_coming_hour_is_tried_before_a_call_and_before_no_other_key(house: Any, mei: Any, beside: Beside) -> None:
    numbers = {house.take().number for _ in range(3)}
    assert mei.press("1", "call-next").json()["number"] in numbers
    assert mei.press("1", "identity").status_code == 200
    assert beside.asked == 1
    metrics = mei.get("/metrics").text
    assert "jiaohao_rollouts_asked_total 1" in metrics
    assert "jiaohao_rollouts_late_total 0" in metrics


def test_a_call_goes_on_where_the_look_ahead_has_ended(house: Any, mei: Any, beside: Beside) -> None:
    beside.stop()
    ticket = house.take()
    assert mei.press("1", "call-next").json()["number"] == ticket.number


def test_without_rollouts_nothing_is_said_of_them(house: Any, mei: Any) -> None:
    assert house.app.state.door.rollouts is None
    assert "rollouts" not in mei.get("/metrics").text
