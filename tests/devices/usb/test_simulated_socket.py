"""A network printer's cable in software: what a pulled plug looks like over TCP."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices.errors import DeviceLost, PortMissing
from devices.simulated_socket import SimulatedSocket
from devices.transport import Transport, open_transport

pytestmark = pytest.mark.wire


def wait_for(what: str, true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.002)


def heard_until_lost(line: Transport) -> bytes:
    heard = b""
    while True:
        try:
            heard += line.read(100, 5.0)
        except DeviceLost:
            return heard


@pytest.fixture
def got() -> bytearray:
    return bytearray()


@pytest.fixture
def end(got: bytearray) -> Iterator[SimulatedSocket]:
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    it = SimulatedSocket(got.extend)
    it.plug()
    yield it
    it.close()
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_bytes_go_both_ways(end: SimulatedSocket, got: bytearray) -> None:
    line = open_transport(end.address)
    line.write(b"x" * 50_000, 5.0)
    wait_for("the bytes", lambda: len(got) == 50_000)
    end.send(b"answer")
    assert line.read(100, 5.0) == b"answer"
    line.close()


def test_unplugged_nobody_answers_and_the_address_stays(end: SimulatedSocket, got: bytearray) -> None:
    line = open_transport(end.address)
    address = end.address
    line.write(b"a", 5.0)
    wait_for("the byte", lambda: got == b"a")
    end.unplug()
    with pytest.raises(DeviceLost):
        line.read(1, 5.0)
    line.close()
    with pytest.raises(PortMissing):
        open_transport(address)
    end.plug()
    assert end.address == address
    line = open_transport(address)
    line.write(b"b", 5.0)
    wait_for("the byte after it", lambda: got == b"ab")
    line.close()


def test_who_comes_second_waits_until_the_first_has_gone(end: SimulatedSocket, got: bytearray) -> None:
    first, second = open_transport(end.address), open_transport(end.address)
    first.write(b"1", 5.0)
    wait_for("the first", lambda: got == b"1")
    second.write(b"2", 5.0)
    first.write(b"1", 5.0)
    wait_for("the first again", lambda: got == b"11")
    first.close()
    wait_for("the second", lambda: got == b"112")
    second.close()


def test_a_cable_that_comes_out_by_itself(end: SimulatedSocket, got: bytearray) -> None:
    line = open_transport(end.address)
    end.faults.unplug_after = 5
    line.write(b"0123456789", 5.0)
    with pytest.raises(DeviceLost):
        line.read(1, 5.0)
    line.close()
    assert got == b"01234"
    assert not end.plugged
    end.faults.unplug_after = 2
    end.plug()
    line = open_transport(end.address)
    line.write(b"?", 5.0)
    wait_for("the question", lambda: got.endswith(b"?"))
    end.send(b"answer")
    assert heard_until_lost(line) in {b"", b"a"}, "a reset may overtake what was sent before it"
    line.close()


def test_sending_where_nobody_reads_ends(end: SimulatedSocket) -> None:
    end.send(b"lost")
    with socket.create_connection(("127.0.0.1", int(end.address.rpartition(":")[2]))) as silent:
        silent.sendall(b"hello")
        end.send(bytes(64))
    wait_for("the hang-up to be seen", lambda: end._plugged is None or end._plugged.client is None)
    end.send(b"lost, too")
