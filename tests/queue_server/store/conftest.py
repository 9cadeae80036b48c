"""A log on each database, and slices of it made by the real rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from queue_server.domain.answers import Answer
from queue_server.domain.hall import empty
from queue_server.domain.state import Hall
from queue_server.rooms import Room
from queue_server.staging import Asked, Draft
from queue_server.store.log import EventLog
from queue_server.store.slices import Slice


@pytest.fixture
def log(engine: sa.Engine) -> EventLog:
    made = EventLog(engine)
    made.create()
    made.create()  # a second server's start finds them there
    return made


@dataclass
class Decided:
    part: Slice
    hall: Hall
    answers: list[Answer]


@pytest.fixture
def decided(demo: ModuleType) -> Callable[..., Decided]:
    """``decided(*commands, hall=None, name="hall", epoch=None)``: what the desk would append for them."""

    def make(*commands: Any, hall: Hall | None = None, name: str = "hall", epoch: int | None = None) -> Decided:
        plan = demo.plan(name)
        start = empty(plan) if hall is None else hall
        draft = Draft.of(name, Room(plan, 0, start), {})
        draft.part.epoch = epoch
        for command in commands:
            draft.stage(Asked(name, command, lambda *_: None), demo.MORNING)
        return Decided(draft.part, draft.hall, [answer for _, answer, _ in draft.answers])

    return make
