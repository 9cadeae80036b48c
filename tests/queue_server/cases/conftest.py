"""One morning in the hall."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
