"""A citizen's walk through the kiosk, written as what happens and where it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from kiosk.events import Event
from kiosk.flow import Site
from kiosk.scenes import Walk

SITE = Site(
    hall="demo",
    name_zh="演示大厅 1号机",
    public_url="http://127.0.0.1:8080",
    owner="演示街道",
    owner_phone="021-0000 0000",
    hours_zh="周一至周五",
)


@pytest.fixture
def new_walk() -> Callable[[], Walk]:
    """A kiosk on which everything works, at its first page."""
    return lambda: Walk(SITE).ready()


@pytest.fixture
def walk(new_walk: Callable[[], Walk]) -> Callable[..., Walk]:
    """``walk([Touched(...), ...], ends_on=Page)`` from the first page."""

    def go(happened: Iterable[Event], ends_on: type | None = None) -> Walk:
        walked = new_walk()(*happened)
        if ends_on is not None:
            assert isinstance(walked.state.session.page, ends_on)
        return walked

    return go
