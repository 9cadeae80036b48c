"""The simulated pigpio daemon, spoken to in bytes typed from pigpio's socket interface."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from devices.gpio.sim_board import GROUND, Board
from devices.gpio.sim_daemon import SimulatedDaemon

pytestmark = pytest.mark.wire


class Client:
    def __init__(self, daemon: SimulatedDaemon) -> None:
        port = int(daemon.address.rpartition(":")[2])
        self.socket = socket.create_connection(("127.0.0.1", port), 5.0)

    def ask(self, command: str) -> str:
        self.socket.sendall(bytes.fromhex(command))
        return self.take(16)

    def take(self, count: int) -> str:
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            assert piece, "closed"
            data += piece
        return data.hex(" ", 4)


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def daemon(board: Board) -> Iterator[SimulatedDaemon]:
    daemon = SimulatedDaemon(board)
    daemon.plug()
    yield daemon
    daemon.close()


@pytest.fixture
def client(daemon: SimulatedDaemon) -> Iterator[Client]:
    client = Client(daemon)
    yield client
    client.socket.close()


# cmd p1 p2 p3, each a little-endian word; the answer is the same with the result in the fourth
GOLDEN = [
    ("00000000 11000000 01000000 00000000", "00000000 11000000 01000000 00000000"),  # MODES 17 output
    ("01000000 11000000 00000000 00000000", "01000000 11000000 00000000 01000000"),  # MODEG 17 -> output
    ("04000000 11000000 01000000 00000000", "04000000 11000000 01000000 00000000"),  # WRITE 17 1
    ("03000000 11000000 00000000 00000000", "03000000 11000000 00000000 01000000"),  # READ 17 -> 1
    ("02000000 05000000 02000000 00000000", "02000000 05000000 02000000 00000000"),  # PUD 5 up
    ("03000000 05000000 00000000 00000000", "03000000 05000000 00000000 01000000"),  # READ 5 -> 1
    ("0a000000 00000000 00000000 00000000", "0a000000 00000000 00000000 ff010200"),  # BR1: 0..8 up, 17 driven
    ("11000000 00000000 00000000 00000000", "11000000 00000000 00000000 1531c000"),  # HWVER -> c03115
    ("1a000000 00000000 00000000 00000000", "1a000000 00000000 00000000 4f000000"),  # PIGPV -> 79
    ("61000000 05000000 00000000 00000000", "61000000 05000000 00000000 00000000"),  # FG 5 0: no filter
    ("0c000000 00000200 00000000 00000000", "0c000000 00000200 00000000 00000000"),  # BC1: clears 17
    ("03000000 11000000 00000000 00000000", "03000000 11000000 00000000 00000000"),  # READ 17 -> 0
    ("0e000000 00000200 00000000 00000000", "0e000000 00000200 00000000 00000000"),  # BS1: sets 17
    ("0b000000 00000000 00000000 00000000", "0b000000 00000000 00000000 00000000"),  # BR2
]
REFUSED = [
    ("03000000 36000000 00000000 00000000", "fdffffff"),  # READ 54: -3, not a pin
    ("00000000 05000000 08000000 00000000", "fcffffff"),  # MODES 5 8: -4
    ("04000000 05000000 02000000 00000000", "fbffffff"),  # WRITE 5 2: -5
    ("02000000 05000000 03000000 00000000", "faffffff"),  # PUD 5 3: -6
    ("13000000 07000000 ffffffff 00000000", "e7ffffff"),  # NB 7: -25, unknown handle
    ("12000000 00000000 00000000 00000000", "e8ffffff"),  # NO: -24, no pipes here
    ("61000000 20000000 00000000 00000000", "feffffff"),  # FG 32: -2
    ("05000000 11000000 80000000 00000000", "a8ffffff"),  # PWM: -88, unknown here
]


def test_commands_are_answered_as_published(client: Client) -> None:
    for command, answer in GOLDEN:
        assert client.ask(command) == answer


@pytest.mark.parametrize(("command", "result"), REFUSED)
def test_what_cannot_be_is_refused_with_the_published_number(client: Client, command: str, result: str) -> None:
    assert client.ask(command) == command[:27] + result
    assert client.ask("1a000000 00000000 00000000 00000000").endswith("4f000000")  # and it goes on


def test_a_notification_is_twelve_bytes_and_counts_up(board: Board, daemon: SimulatedDaemon, client: Client) -> None:
    board.wire("key", 5, GROUND, closed=False)
    notices = Client(daemon)
    assert notices.ask("63000000 00000000 00000000 00000000").endswith("00000000")  # NOIB: handle 0
    assert not daemon.connected
    client.ask("13000000 00000000 20000000 00000000")  # NB 0: pin 5
    assert daemon.connected
    board.contact("key", closed=True)
    board.contact("key", closed=False)
    client.ask("04000000 11000000 01000000 00000000")  # another pin: no report
    board.contact("key", closed=True)
    seen = [bytes.fromhex(notices.take(12)) for _ in range(3)]
    assert [report[:4].hex() for report in seen] == ["00000000", "01000000", "02000000"]  # seqno, flags 0
    assert [report[8:].hex() for report in seen] == ["df010000", "ff010000", "df010200"]
    ticks = [int.from_bytes(report[4:8], "little") for report in seen]
    assert ticks == sorted(ticks)
    assert client.ask("15000000 00000000 00000000 00000000").endswith("00000000")  # NC 0
    assert client.ask("15000000 00000000 00000000 00000000").endswith("e7ffffff")  # it is gone
    notices.socket.close()


def test_a_connection_that_ends_takes_its_notifications_with_it(daemon: SimulatedDaemon, client: Client) -> None:
    for _ in range(40):  # more than there are handles
        notices = Client(daemon)
        assert int(notices.ask("63000000 00000000 00000000 00000000")[-8:-6], 16) < 32
        notices.socket.close()
        while daemon._notifications:
            client.ask("10000000 00000000 00000000 00000000")


def test_an_extension_is_swallowed_and_one_too_long_ends_the_connection(client: Client) -> None:
    answer = client.ask("1c000000 00000000 00000000 0c000000" + "00" * 12)  # WVAG with one pulse
    assert answer.endswith("a8ffffff")
    client.socket.sendall(bytes.fromhex("1c000000 00000000 00000000 00000100"))
    assert client.socket.recv(16) == b""


def test_unplugged_it_refuses_and_comes_back_at_the_same_address(daemon: SimulatedDaemon, client: Client) -> None:
    address = daemon.address
    daemon.unplug()
    with suppress(ConnectionResetError):
        assert client.socket.recv(16) == b""
    with pytest.raises(ConnectionRefusedError):
        Client(daemon)
    daemon.plug()
    assert daemon.address == address
    again = Client(daemon)
    assert again.ask("1a000000 00000000 00000000 00000000").endswith("4f000000")
    again.socket.close()


def fuzz(daemon: SimulatedDaemon, rounds: int, seed: int) -> None:
    """Commands with bits flipped, cut short, lengthened: the daemon drops the connection or answers, and lives."""
    chance = random.Random(seed)
    done = 0
    while done < rounds:
        client = Client(daemon)
        client.socket.settimeout(2.0)
        try:
            for _ in range(50):
                frame = bytearray.fromhex(chance.choice(GOLDEN)[0])
                for _ in range(chance.randrange(4)):
                    frame[chance.randrange(12)] ^= 1 << chance.randrange(8)
                done += 1
                client.socket.sendall(frame)
                assert client.take(16).startswith(bytes(frame[:4]).hex())
            client.socket.sendall(chance.randbytes(chance.randrange(40)))
        except OSError:
            pass
        finally:
            client.socket.close()
    client = Client(daemon)
    assert client.ask("1a000000 00000000 00000000 00000000").endswith("4f000000")
    client.socket.close()
    assert len(daemon._notifications) <= 32


def test_mutated_commands_do_not_end_the_daemon(daemon: SimulatedDaemon) -> None:
    fuzz(daemon, 2_000, seed=5)


@pytest.mark.soak
def test_a_hundred_thousand_mutated_commands_do_not_end_the_daemon(daemon: SimulatedDaemon) -> None:
    fuzz(daemon, 100_000, seed=6)
