"""Which of the ports given by ``--port`` holds the device that a test is for.

    pytest -m hardware tests/hardware --port /dev/serial/by-id/... --port usb:04b8:0e15

Name the folder or the file, or write ``--port=ADDRESS``: else pytest takes a path that exists for the tests to run.
Each port is asked once what it is, as ``python -m devices probe`` does; a test whose device is at none of them is
skipped and says what was found instead.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devices.commands.finding import port_at
from devices.probe import Found, ask

# What a port may be found to be for a test of each kind: an engine without a trigger, and a printer that only listens,
# say nothing, and then it is believed that the technician gave the right port.
_TAKEN_FOR = {"scanner": {"scanner", "silent"}, "printer": {"printer", "silent"}}


@pytest.fixture(scope="session")
def found_at(pytestconfig: pytest.Config) -> dict[str, Found]:
    """What is at each port that was given."""
    return {address: ask(port_at(address), print) for address in pytestconfig.getoption("--port")}


@pytest.fixture
def port_of(found_at: dict[str, Found]) -> Callable[[str], str]:
    """The address, as it was given, of a device: ``idcard``, ``printer``, ``scanner``, ``camera`` or ``panel``."""

    def port_of(kind: str) -> str:
        if not found_at:
            pytest.skip(f"give the {kind}'s port: --port ADDRESS (python -m devices probe lists what is attached)")
        for wanted in ({kind}, _TAKEN_FOR.get(kind, set())):
            for address, found in found_at.items():
                if found.kind in wanted:
                    return address
        instead = ", ".join(f"{address} is {found.kind} {found.model}".strip() for address, found in found_at.items())
        pytest.skip(f"no {kind} at the given ports: {instead}")

    return port_of
