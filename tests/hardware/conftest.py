"""Which of the ports given by ``--port`` holds the device that a test is for.

    pytest -m hardware --port=/dev/serial/by-id/... --port=usb:04b8:0e15

Each port is asked once what it is, as ``python -m devices probe`` does; a test whose device is at none of them is
skipped and says what was found instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from devices.commands.finding import port_at
from devices.probe import Found, ask

# An engine without a trigger says nothing until it sees a code; a printer that only listens says nothing at all, and
# is believed to be one only where the technician says so: printer=ADDRESS.
_SILENT = "scanner"
_KINDS = ("idcard", "printer", "scanner", "camera", "panel")


@dataclass(frozen=True)
class Given:
    """One port of the command line: what it was said to be, if anything, and what was found there."""

    address: str
    kind: str
    found: Found


@pytest.fixture(scope="session")
def given(pytestconfig: pytest.Config) -> list[Given]:
    """The ports that were given, each asked once."""
    ports = []
    for said in pytestconfig.getoption("--port"):
        kind, equals, address = said.partition("=")
        if not (equals and kind in _KINDS):
            kind, address = "", said
        ports.append(Given(address, kind, ask(port_at(address), print)))
    return ports


@pytest.fixture
def port_of(given: list[Given]) -> Callable[[str], str]:
    """The address, as it was given, of a device: ``idcard``, ``printer``, ``scanner``, ``camera`` or ``panel``."""

    def port_of(kind: str) -> str:
        if not given:
            pytest.skip(f"give the {kind}'s port: --port=ADDRESS (python -m devices probe lists what is attached)")
        for port in given:
            if kind == (port.kind or port.found.kind):
                return port.address
        for port in given:
            if kind == _SILENT and not port.kind and port.found.kind == "silent":
                return port.address
        instead = ", ".join(f"{port.address} is {port.found.kind} {port.found.model}".strip() for port in given)
        pytest.skip(f"no {kind} at the given ports: {instead}")

    return port_of
