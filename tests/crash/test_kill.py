"""The power goes: of the server at its worst moments, of the broker. Nothing given is lost, nothing twice."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import msgspec
import pytest

from queue_server import failpoints
from queue_server.bench import check
from queue_server.bench.load import Outcome
from queue_server.wire import messages as wire

if TYPE_CHECKING:
    from conftest import Stubborn

    from queue_server.bench.city import City

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1200)]
IN_FLIGHT = 50
SAMPLE, FULL = 2, 20

rounds = pytest.mark.parametrize(
    "rounds", [pytest.param(SAMPLE, id="sample"), pytest.param(FULL, id="full", marks=pytest.mark.soak)]
)


def agree(city: City, terminals: Stubborn) -> None:
    """Whatever a terminal was told is stored just so, and nothing else is."""
    outcome = Outcome()
    for request, payload in terminals.first.items():
        reply = msgspec.json.decode(payload, type=wire.AnyReply)
        assert isinstance(reply, wire.TicketReply), reply
        outcome.acknowledged[request] = (terminals.halls[request], reply.ticket, reply.number)
    assert check.differences(city.database_url, outcome) == []
    assert check.stored_tickets(city.database_url) == len(outcome.acknowledged), "a ticket nobody was told of"
    assert terminals.changed == [], "a repeated request must get the very same answer"


def all_answered(terminals: Stubborn) -> None:
    terminals.rest()
    terminals.wait("every unanswered request gets its answer", lambda: not terminals.asked)


@rounds
@pytest.mark.parametrize("point", sorted(failpoints.NAMES))
def test_a_server_killed_at_its_worst_moment(city: City, terminals: Stubborn, point: str, rounds: int) -> None:
    for turn in range(rounds):
        city.start_server({"JIAOHAO_FAILPOINT": f"{point}:{5 + 3 * turn}"})
        server = city.server
        assert server is not None
        terminals.ask()
        assert server.wait(60) == -signal.SIGKILL
        assert len(terminals.asked) >= IN_FLIGHT, "the kill must meet a busy server"
        city.start_server()
        terminals.wait_for_more(IN_FLIGHT)
        all_answered(terminals)
        agree(city, terminals)
        assert city.stop_server() == 0


@rounds
def test_a_server_killed_at_any_moment(city: City, terminals: Stubborn, rounds: int) -> None:
    for turn in range(rounds):
        city.start_server()
        terminals.ask()
        terminals.wait_for_more(100 + 37 * turn)
        assert len(terminals.asked) >= IN_FLIGHT
        city.kill_server()
        city.start_server()
        all_answered(terminals)
        agree(city, terminals)
        assert city.stop_server() == 0


@pytest.mark.parametrize("point", sorted(failpoints.NAMES))
def test_the_broker_keeps_what_a_killed_server_had_not_finished(city: City, terminals: Stubborn, point: str) -> None:
    """Each request is sent once: had the server acknowledged before its commit and reply, it would be gone."""
    terminals.resends = False
    city.start_server({"JIAOHAO_FAILPOINT": f"{point}:6"})
    server = city.server
    assert server is not None
    terminals.ask()
    assert server.wait(60) == -signal.SIGKILL
    assert len(terminals.asked) >= IN_FLIGHT
    city.start_server()
    all_answered(terminals)
    agree(city, terminals)


@rounds
def test_a_broker_killed_under_load(city: City, terminals: Stubborn, rounds: int) -> None:
    city.start_server()
    for turn in range(rounds):
        terminals.ask()
        terminals.wait_for_more(100 + 37 * turn)
        assert len(terminals.asked) >= IN_FLIGHT
        city.broker.kill()
        city.broker.start()
        terminals.wait_for_more(IN_FLIGHT)
        all_answered(terminals)
        agree(city, terminals)
    assert city.stop_server() == 0
