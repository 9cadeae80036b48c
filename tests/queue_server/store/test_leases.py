"""Who writes for which hall: even shares, take-over, hand-over, and namesakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from queue_server.store.leases import Leases, database_seconds, even_share
from queue_server.store.log import EventLog

HALLS = ["east", "north", "south", "west", "zone"]
Server = Callable[[str], Leases]


class Wall:
    """The database's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self, _connection: sa.Connection) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def server(log: EventLog, wall: Wall) -> Server:
    return lambda name: Leases(log.engine, name, f"http://{name}", HALLS, ttl_s=6.0, seconds=wall)


@given(halls=st.integers(0, 200), servers=st.sets(st.text(min_size=1, max_size=4), min_size=1, max_size=12))
def test_shares_are_even_and_add_up(halls: int, servers: set[str]) -> None:
    shares = [even_share(halls, servers, me) for me in servers]
    assert sum(shares) == halls
    assert max(shares) - min(shares) <= 1


def test_one_server_has_all(server: Server) -> None:
    turn = server("a").turn()
    assert sorted(turn.held) == sorted(turn.gained) == HALLS
    assert set(turn.held.values()) == {1}
    assert turn.elsewhere == {}


def test_a_second_server_gets_its_share_within_two_turns(server: Server, wall: Wall) -> None:
    a, b = server("a"), server("b")
    a.turn()
    assert b.turn().held == {}
    wall.now += 2
    gave = a.turn()
    assert len(gave.held) == 3
    assert len(gave.lost) == 2
    took = b.turn()
    assert sorted(took.gained) == sorted(gave.lost)
    assert set(took.held.values()) == {2}, "a new owner is a new epoch"
    assert took.elsewhere == dict.fromkeys(gave.held, "http://a")
    wall.now += 2
    assert (a.turn().gained, a.turn().lost, b.turn().lost) == ((), (), ())


def test_a_dead_servers_halls_are_taken_when_its_leases_run_out_and_not_before(server: Server, wall: Wall) -> None:
    a, b = server("a"), server("b")
    a.turn(), b.turn(), a.turn(), b.turn()
    wall.now += 5.9
    assert len(b.turn().held) == 2
    wall.now += 0.2
    assert sorted(b.turn().held) == HALLS


def test_who_was_frozen_learns_that_it_has_lost(server: Server, wall: Wall) -> None:
    a, b = server("a"), server("b")
    a.turn()
    wall.now += 7
    assert sorted(b.turn().held) == HALLS
    turn = a.turn()
    assert turn.held == {}
    assert sorted(turn.lost) == HALLS
    assert turn.elsewhere == dict.fromkeys(HALLS, "http://b")


def test_a_restarted_server_takes_its_own_halls_back_at_once(server: Server) -> None:
    assert set(server("a").turn().held.values()) == {1}
    again = server("a").turn()
    assert sorted(again.gained) == HALLS
    assert set(again.held.values()) == {2}


def test_two_servers_of_one_name_do_not_rob_each_other(server: Server, wall: Wall) -> None:
    first = server("a")
    first.turn()
    second = server("a")
    second.turn()
    assert sorted(first.turn().lost) == HALLS
    for _ in range(3):
        wall.now += 2
        assert sorted(second.turn().held) == HALLS
        assert first.turn().held == {}


def test_a_server_that_leaves_hands_over_at_once(server: Server) -> None:
    a, b = server("a"), server("b")
    a.turn(), b.turn(), a.turn(), b.turn()
    a.release_all()
    assert sorted(b.turn().held) == HALLS


def test_a_dropped_hall_is_not_renewed(server: Server, wall: Wall) -> None:
    a = server("a")
    a.turn()
    a.drop("east")
    wall.now += 2
    assert "east" not in a.turn().held
    wall.now += 5
    assert a.turn().held["east"] == 2


def test_the_databases_clock_is_a_clock(log: EventLog) -> None:
    with log.engine.begin() as connection:
        first, second = database_seconds(connection), database_seconds(connection)
    assert 1_700_000_000 < first <= second < first + 60
