"""Two servers share the halls of one PostgreSQL: each hall has one writer, and when one dies the other goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
import sqlalchemy as sa

from queue_server.bench import check
from queue_server.bench.load import Outcome
from queue_server.store import tables
from queue_server.store.database import open_engine
from queue_server.wire import messages as wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stubborn

    from queue_server.bench.city import City

pytestmark = [pytest.mark.crash, pytest.mark.postgres, pytest.mark.timeout(300)]


def owners(city: City) -> dict[str, str]:
    engine = open_engine(city.database_url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(sa.select(tables.leases.c.hall, tables.leases.c.owner))
            return {row.hall: row.owner for row in rows}
    finally:
        engine.dispose()


def test_halls_are_shared_and_survive_the_death_of_a_server(
    two_servers: tuple[City, City], stubborn: Callable[[City], Stubborn]
) -> None:
    one, other = two_servers
    terminals = stubborn(one)
    terminals.ask()
    terminals.wait("both servers to have halls", lambda: set(owners(one).values()) == {"server-1", "server-2"})
    terminals.wait_for_more(300)
    one.kill_server()
    terminals.wait("the other to have them all", lambda: set(owners(one).values()) == {"server-2"})
    terminals.wait_for_more(300)
    terminals.rest()
    terminals.wait("every request gets its answer", lambda: not terminals.asked)
    one.start_server()
    terminals.ask()
    terminals.wait("the halls to be shared again", lambda: set(owners(one).values()) == {"server-1", "server-2"})
    terminals.wait_for_more(300)
    terminals.rest()
    terminals.wait("every request gets its answer", lambda: not terminals.asked)
    outcome = Outcome()
    for request, payload in terminals.first.items():
        reply = msgspec.json.decode(payload, type=wire.AnyReply)
        assert isinstance(reply, wire.TicketReply), reply
        outcome.acknowledged[request] = (terminals.halls[request], reply.ticket, reply.number)
    assert terminals.changed == []
    assert check.differences(one.database_url, outcome) == []
    assert check.stored_tickets(one.database_url) == len(outcome.acknowledged)
    assert {hall for hall, _, _ in outcome.acknowledged.values()} == set(one.plans.halls)
    assert other.stop_server() == 0
