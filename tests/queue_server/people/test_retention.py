"""Persons are forgotten by themselves when their time has passed, also after a look that failed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from queue_server.people.retention import Retention

NOW = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
WAIT_S = 10.0


class Book:
    """Whom a vault would forget; the first look meets a database that is away."""

    def __init__(self) -> None:
        self.looks: list[datetime] = []
        self.three = threading.Event()

    def forget_due(self, now: datetime) -> int:
        self.looks.append(now)
        if len(self.looks) == 3:
            self.three.set()
        if len(self.looks) == 1:
            raise sa.exc.OperationalError("SELECT ?", ("a value",), Exception("away"))
        return 2


def test_it_looks_at_once_and_again_whatever_happened(caplog: pytest.LogCaptureFixture) -> None:
    book = Book()
    retention = Retention({"persons": book.forget_due}, lambda: NOW, every_s=0.01)
    caplog.set_level("INFO")
    retention.start()
    assert book.three.wait(WAIT_S)
    retention.stop()
    assert set(book.looks) == {NOW}
    assert "no persons could be forgotten now (OperationalError)" in caplog.text
    assert "2 persons forgotten" in caplog.text
    assert "a value" not in caplog.text
    looked = len(book.looks)
    assert not [thread for thread in threading.enumerate() if thread.name == "retention"]
    assert len(book.looks) == looked
