"""The simulators' cable: it can be pulled at any moment and leaves nothing behind."""

from __future__ import annotations

import os
import queue
import random
import threading
from pathlib import Path

import pytest

from devices.errors import DeviceLost
from devices.simulated_line import LineFaults, SimulatedLine
from devices.transport import Transport, open_transport


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
