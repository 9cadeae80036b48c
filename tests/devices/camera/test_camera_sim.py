"""The simulated camera speaks what cameras speak: read here with a bare socket, bytes typed from the standard."""

from __future__ import annotations

import itertools
import socket
import threading

import numpy as np
import pytest
import zxingcpp

from devices.camera.pictures import gray_of_jpeg
from devices.camera.sim import CameraSim
from devices.camera.sim_stream import StreamSettings
from devices.switches import set_switch, switches_of
from tests.devices.camera.conftest import wait_until

pytestmark = pytest.mark.wire


def asked(sim: CameraSim, path: str = "/camera") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", sim.line.port), timeout=10)
    line.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    return line


def read_until(line: socket.socket, mark: bytes, data: bytes = b"") -> tuple[bytes, bytes]:
    while mark not in data:
        piece = line.recv(65_536)
        assert piece, "the camera hung up"
        data += piece
    before, _, after = data.partition(mark)
    return before, after


def pictures(line: socket.socket, count: int) -> list[bytes]:
    """The next pictures of a stream whose parts tell their lengths."""
    _, rest = read_until(line, b"\r\n\r\n")
    found = []
    for _ in range(count):
        head, rest = read_until(line, b"\r\n\r\n", rest)
        length = int(head.lower().partition(b"content-length:")[2].split()[0])
        while len(rest) < length:
            rest += line.recv(65_536)
        found.append(rest[:length])
        rest = rest[length:]
    return found


def texts(picture: bytes) -> list[str]:
    frame = gray_of_jpeg(picture)
    assert frame is not None
    return [code.text for code in zxingcpp.read_barcodes(frame)]


def test_an_answer_of_pictures_that_replace_each_other() -> None:
    with CameraSim() as sim, asked(sim) as line:
        head, rest = read_until(line, b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.0 200 OK\r\n")
        assert b"\r\nContent-Type: multipart/x-mixed-replace; boundary=frame" in head
        part, rest = read_until(line, b"\r\n\r\n", rest)
        assert part.startswith(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ")
        picture, _ = read_until(line, b"\r\n--frame", rest)
        assert picture.startswith(b"\xff\xd8\xff")
        assert picture.endswith(b"\xff\xd9")


def test_makes_differ_in_lengths_chunks_and_quotes() -> None:
    settings = StreamSettings(lengths=False, chunked=True, quoted=True)
    with CameraSim(settings=settings) as sim, asked(sim) as line:
        head, rest = read_until(line, b"\r\n\r\n")
        assert b'boundary="gate 7 frame"' in head
        assert b"Transfer-Encoding: chunked" in head
        size, rest = read_until(line, b"\r\n", rest)
        assert int(size, 16) > 5_000
        part, _ = read_until(line, b"\r\n\r\n", rest)
        assert part == b"--gate 7 frame\r\nContent-Type: image/jpeg"


def test_another_path_has_nothing_and_a_status_can_be_asked_for() -> None:
    with CameraSim() as sim:
        with asked(sim, "/") as line:
            assert line.recv(100).startswith(b"HTTP/1.1 404 ")
        sim.line.faults.status = 503
        with asked(sim) as line:
            assert line.recv(100).startswith(b"HTTP/1.1 503 ")


def test_what_is_shown_is_in_the_picture_until_it_is_taken_away() -> None:
    with CameraSim() as sim:
        assert texts(sim.picture()) == []
        sim.show("办理:敬老卡", rotation_deg=30, tilt=0.2)
        assert texts(sim.picture()) == ["办理:敬老卡"]
        sim.show(b"T-2", inverted=True, contrast=0.6, blur=1.0)
        assert texts(sim.picture()) == ["T-2"]
        sim.clear()
        assert texts(sim.picture()) == []


def test_no_two_pictures_in_a_row_are_the_same_unless_it_is_frozen() -> None:
    with CameraSim() as sim, asked(sim) as line:
        row = pictures(line, 8)
        assert all(a != b for a, b in itertools.pairwise(row))
        sim.faults.frozen = True
        sim.show("T-1")
        still = sim.picture()
        assert still in row
        assert {sim.picture() for _ in range(10)} == {still}


def brightness(sim: CameraSim) -> tuple[float, float]:
    frame = gray_of_jpeg(sim.picture())
    assert frame is not None
    return float(frame.mean()), float(frame.std())


def test_lens_and_sensor_faults_are_in_the_picture() -> None:
    with CameraSim() as sim:
        sim.show("T-1")
        mean, spread = brightness(sim)
        set_switch(sim, "black", True)
        assert brightness(sim)[0] < 12 < mean
        set_switch(sim, "black", False)
        set_switch(sim, "contrast", 0.1)
        assert brightness(sim)[1] < spread / 4
        set_switch(sim, "contrast", 1.0)
        set_switch(sim, "blurred", 8)
        assert texts(sim.picture()) == []
        set_switch(sim, "blurred", 0)
        set_switch(sim, "noisy", 40)
        assert np.isfinite(brightness(sim)[1])
        assert len(sim.picture()) > 30_000  # noise does not compress


def test_all_its_faults_are_switches() -> None:
    with CameraSim() as sim:
        assert set(switches_of(sim)) >= {
            "black", "frozen", "blurred", "noisy", "contrast", "silent", "slow_s", "split", "broken_jpeg",
            "cut_mid_frame", "status", "fps", "lengths", "chunked",
        }  # fmt: skip


def test_the_port_stays_and_nobody_else_gets_it_while_the_cable_is_out() -> None:
    threads = threading.active_count()
    with CameraSim() as sim:
        address = sim.address
        with asked(sim) as line:
            pictures(line, 1)
            sim.unplug()
            while line.recv(65_536):
                pass  # what was under way, then the end
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                asked(sim)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            assert other.getsockname()[1] != sim.line.port
        sim.plug()
        sim.plug()
        assert sim.address == address
        with asked(sim) as line:
            assert len(pictures(line, 2)) == 2
    assert threading.active_count() == threads


def test_viewers_come_and_go() -> None:
    with CameraSim() as sim:
        for _ in range(10):
            with asked(sim) as line:
                pictures(line, 1)
            wait_until(lambda: not sim.line.viewers, "who has left to be forgotten")
        with asked(sim) as first, asked(sim) as second:
            pictures(first, 1)
            pictures(second, 1)
            assert sim.line.viewers >= 2
