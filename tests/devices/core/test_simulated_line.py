"""The simulators' cable: it can be pulled at any moment and leaves nothing behind."""

from __future__ import annotations

import os
import queue
import random
import threading
import time
from pathlib import Path

import pytest

from devices.errors import DeviceLost
from devices.simulated_line import LineFaults, SimulatedLine
from devices.simulated_wire import Pace
from devices.transport import Transport, open_transport

pytestmark = pytest.mark.wire


def read_until_lost(line: Transport) -> bytes:
    got = b""
    while True:
        try:
            data = line.read(4096, 5.0)
        except DeviceLost:
            return got
        assert data, "neither data nor a lost line within 5 s"
        got += data


def read_n(line: Transport, n: int) -> bytes:
    got = b""
    while len(got) < n:
        data = line.read(n - len(got), 5.0)
        assert data, "nothing more came within 5 s"
        got += data
    return got


def test_what_a_driver_writes_arrives_on_the_lines_own_thread(tmp_path: Path) -> None:
    heard: queue.SimpleQueue[tuple[bytes, str]] = queue.SimpleQueue()
    with SimulatedLine(tmp_path / "port", lambda data: heard.put((data, threading.current_thread().name))):
        line = open_transport(str(tmp_path / "port"))
        line.write(b"\x1b@", 1.0)
        assert heard.get(timeout=5.0) == (b"\x1b@", "line port")
        line.close()


def test_the_link_stands_only_while_plugged(tmp_path: Path) -> None:
    link = tmp_path / "port"
    line = SimulatedLine(link)
    assert not link.exists()
    line.plug()
    line.plug()
    assert link.is_symlink()
    line.unplug()
    line.unplug()
    assert not os.path.lexists(link)
    line.close()


def test_a_stale_link_is_replaced_but_a_file_is_not(tmp_path: Path) -> None:
    link = tmp_path / "port"
    link.symlink_to("/dev/pts/no-such")
    with SimulatedLine(link):
        open_transport(str(link)).close()
    link.write_text("somebody's")
    with pytest.raises(FileExistsError):
        SimulatedLine(link).plug()
    assert link.read_text() == "somebody's"


def test_plugged_a_hundred_times_no_thread_and_no_descriptor_is_left(tmp_path: Path) -> None:
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    line = SimulatedLine(tmp_path / "port")
    for _ in range(100):
        line.plug()
        driver = open_transport(str(line.link_path))
        line.unplug()
        driver.close()
    line.close()
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_it_can_be_unplugged_by_what_it_hears_and_plugged_again(tmp_path: Path) -> None:
    threads = threading.active_count()
    line = SimulatedLine(tmp_path / "port")

    def half_an_answer(_data: bytes) -> None:
        line.send(b"half")
        line.unplug()

    line.on_bytes = half_an_answer
    for _ in range(3):
        line.plug()
        driver = open_transport(str(line.link_path))
        driver.write(b"?", 1.0)
        assert b"half".startswith(read_until_lost(driver))
        driver.close()
    line.close()
    assert threading.active_count() == threads


def test_unplugging_ends_a_slow_sending(tmp_path: Path) -> None:
    line = SimulatedLine(tmp_path / "port", faults=LineFaults(slow_s=0.001))
    line.plug()
    driver = open_transport(str(line.link_path))
    sender = threading.Thread(target=line.send, args=(bytes(100_000),))
    sender.start()
    driver.read(1, 5.0)
    line.unplug()
    sender.join(5.0)
    assert not sender.is_alive()
    driver.close()
    line.close()


def test_faults_change_the_bytes_as_they_say(tmp_path: Path) -> None:
    with SimulatedLine(tmp_path / "port", noise_source=random.Random(1)) as line:
        driver = open_transport(str(line.link_path))
        line.faults.noise = 3
        line.send(b"noise")
        assert read_n(driver, 8)[3:] == b"noise"
        line.faults.noise = 0
        line.faults.split = True
        line.send(b"split")
        assert read_n(driver, 5) == b"split"
        line.faults.split = False
        line.faults.silence = True
        line.send(b"unheard")
        line.faults.silence = False
        line.faults.loss = 0.5
        line.send(bytes(1000))
        line.faults.loss = 0.0
        line.send(b"\xff")
        rest = b""
        while not rest.endswith(b"\xff"):
            rest += read_n(driver, 1)
        assert 300 < len(rest) < 700
        assert set(rest[:-1]) == {0}
        driver.close()


def test_bytes_that_nobody_reads_are_lost_in_the_end(tmp_path: Path) -> None:
    with SimulatedLine(tmp_path / "port") as line:
        line.send(bytes(100_000))  # returns, though no driver ever opened the port
    line.send(b"unplugged")


@pytest.mark.parametrize("after", [0, 1, 7, 26])
def test_the_cable_comes_out_by_itself_after_so_many_bytes_to_the_driver(tmp_path: Path, after: int) -> None:
    sent = b"abcdefghijklmnopqrstuvwxyz"
    line = SimulatedLine(tmp_path / "port", faults=LineFaults(unplug_after=after))
    line.plug()
    driver = open_transport(line.address)
    line.send(sent)
    assert not line.plugged
    assert line.faults.unplug_after is None  # once
    assert sent[:after].startswith(read_until_lost(driver))  # what lay in the adapter may be lost with it
    driver.close()
    line.plug()
    driver = open_transport(line.address)
    line.send(sent)
    assert read_n(driver, 26) == sent
    driver.close()
    line.close()


@pytest.mark.parametrize("after", [1, 7, 26])
def test_the_cable_comes_out_by_itself_after_so_many_bytes_from_the_driver(tmp_path: Path, after: int) -> None:
    threads = threading.active_count()
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    line = SimulatedLine(tmp_path / "port", heard.put, LineFaults(unplug_after=after))
    line.plug()
    driver = open_transport(line.address)
    driver.write(b"abcdefghijklmnopqrstuvwxyz", 1.0)
    assert read_until_lost(driver) == b""
    got = b""
    while len(got) < after:
        got += heard.get(timeout=5.0)
    assert got == b"abcdefghijklmnopqrstuvwxyz"[:after]
    driver.close()
    line.close()
    assert heard.empty()
    assert threading.active_count() == threads


def test_both_directions_count_towards_the_cable_coming_out(tmp_path: Path) -> None:
    line = SimulatedLine(tmp_path / "port", faults=LineFaults(unplug_after=10))
    line.on_bytes = lambda data: line.send(data.upper())  # an answer to the last bytes finds the cable out
    line.plug()
    driver = open_transport(line.address)
    driver.write(b"abcd", 1.0)
    assert read_n(driver, 4) == b"ABCD"
    line.faults.split = True  # other switches may change meanwhile
    driver.write(b"efgh", 1.0)
    assert read_until_lost(driver) == b""
    driver.close()
    line.close()


@pytest.mark.parametrize("rate", [9_600, 115_200])
def test_paced_bytes_take_at_least_their_wire_time_in_both_directions(tmp_path: Path, rate: int) -> None:
    arrived: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
    with SimulatedLine(tmp_path / "port", lambda data: arrived.put((time.monotonic(), data))) as line:
        line.faults.paced = True
        driver = open_transport(f"serial:{line.address}?baud={rate}")
        count = rate // 10 // 20  # a twentieth of a second

        began_s = time.monotonic()
        line.send(bytes(count))
        assert time.monotonic() - began_s >= 0.05 * 0.999
        assert read_n(driver, count) == bytes(count)

        began_s = time.monotonic()
        driver.write(bytes(count), 1.0)
        got, ended_s = b"", began_s
        while len(got) < count:
            ended_s, data = arrived.get(timeout=5.0)
            got += data
        assert got == bytes(count)
        assert ended_s - began_s >= 0.05 * 0.999
        driver.close()


def test_a_late_thread_does_not_make_a_paced_wire_slower() -> None:
    """Ten pieces, each brought late: together they end when the schedule says and not ten delays later."""
    pace, never = Pace(), threading.Event()
    pace.wait(10, 10_000, never, going_on=False)  # 10 bits a byte: 10 ms
    planned_s = pace.free_at_s + 0.09
    while time.monotonic() < planned_s:
        pass  # a busy machine
    for _ in range(9):
        assert pace.wait(10, 10_000, never, going_on=True)
    assert pace.free_at_s == pytest.approx(planned_s, abs=1e-9)


def test_unplugging_ends_a_paced_sending(tmp_path: Path) -> None:
    line = SimulatedLine(tmp_path / "port", faults=LineFaults(paced=True))
    line.plug()
    driver = open_transport(f"serial:{line.address}?baud=1200")
    sender = threading.Thread(target=line.send, args=(bytes(100_000),))  # a quarter of an hour
    sender.start()
    driver.read(1, 5.0)
    line.unplug()
    sender.join(5.0)
    assert not sender.is_alive()
    driver.close()
    line.close()
