"""A recorded day (w4-0.95, day 100: four windows, 160 people) and small invented ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_server.simulate import generate, traces
from queue_server.simulate.traces import Trace

RECORDED = Path(__file__).parent / "w4-0.95"


@pytest.fixture(scope="session")
def recorded() -> Trace:
    return traces.read(RECORDED)


@pytest.fixture(scope="session")
def invented() -> Trace:
    """Three windows, two days, with every kind of person there is."""
    return generate.trace(generate.Recipe(windows=3, load=0.9, seed=7), 2)
