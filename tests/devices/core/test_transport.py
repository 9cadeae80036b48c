"""Lines to devices: what comes and goes, and the one error when they break."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.errors import BadAddress, DeviceLost, PortBusy, PortMissing, WriteStuck
from devices.simulated_line import SimulatedLine
from devices.transport import Transport, node_watch, open_transport

pytestmark = pytest.mark.wire


def read_all(line: Transport, n: int) -> bytes:
    got = b""
    while len(got) < n:
        data = line.read(n - len(got), 5.0)
        assert data, "nothing more came within 5 s"
        got += data
    return got


@pytest.fixture
def echo(tmp_path: Path) -> SimulatedLine:
    line = SimulatedLine(tmp_path / "port")
    line.on_bytes = line.send
    return line


def test_a_serial_line_carries_every_byte_both_ways(echo: SimulatedLine) -> None:
    everything = bytes(range(256)) * 4
    with echo:
        line = open_transport(str(echo.link_path))
        line.write(everything, 5.0)
        assert read_all(line, len(everything)) == everything
        line.close()


def test_the_rate_of_an_address_reaches_the_port(echo: SimulatedLine) -> None:
    with echo:
        line = open_transport(f"serial:{echo.link_path}?baud=9600")
        assert echo.baud == 9600
        line.set_baud(38400)
        assert echo.baud == 38400
        line.close()


def test_reading_gives_what_came_and_does_not_wait_for_more(echo: SimulatedLine) -> None:
    with echo:
        line = open_transport(str(echo.link_path))
        echo.send(b"ab")
        assert line.read(100, 60.0) == b"ab"
        assert line.read(100, 0.0) == b""
        line.close()


def test_dropped_input_is_gone(echo: SimulatedLine) -> None:
    with echo:
        line = open_transport(str(echo.link_path))
        echo.send(b"stale")
        line.read(1, 5.0)
        line.drop_input()
        assert line.read(100, 0.0) == b""
        line.close()


def test_a_port_is_taken_by_one_alone(echo: SimulatedLine) -> None:
    with echo:
        line = open_transport(str(echo.link_path))
        with pytest.raises(PortBusy):
            open_transport(str(echo.link_path))
        line.close()
        open_transport(str(echo.link_path)).close()


@pytest.mark.parametrize(
    "use",
    [
        lambda line: line.read(1, 5.0),
        lambda line: line.write(b"x", 5.0),
        lambda line: line.drop_input(),
        lambda line: line.set_baud(9600),
    ],
    ids=["read", "write", "drop", "rate"],
)
def test_whatever_is_done_on_an_unplugged_line_it_is_lost(
    echo: SimulatedLine, use: Callable[[Transport], object]
) -> None:
    with echo:
        line = open_transport(str(echo.link_path))
        echo.unplug()
        with pytest.raises(DeviceLost) as lost:
            use(line)
        assert isinstance(lost.value, ConnectionError)
        assert lost.value.code == "device-lost"
        line.close()
        line.close()
        with pytest.raises(DeviceLost):
            use(line)


def test_a_device_that_takes_no_bytes_is_stuck_not_lost(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = open_transport(f"socket://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(WriteStuck):
            line.write(bytes(50_000_000), 0.05)
        line.close()


def test_a_socket_carries_bytes_and_ends(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = open_transport(f"socket://127.0.0.1:{server.getsockname()[1]}")
        far, _ = server.accept()
        with far:
            far.sendall(b"\x16")
            assert line.read(10, 5.0) == b"\x16"
            far.sendall(b"stale")
            assert line.read(1, 5.0) == b"s"
            line.drop_input()
            line.write(b"\x10\x04\x01", 1.0)
            assert far.recv(10) == b"\x10\x04\x01"
        with pytest.raises(DeviceLost):
            line.read(1, 5.0)
        line.close()


def test_a_file_takes_bytes_and_never_answers(tmp_path: Path) -> None:
    line = open_transport(f"file:{tmp_path}/ticket.bin")
    line.write(b"one", 1.0)
    line.write(b"two", 1.0)
    assert line.read(1, 0.0) == b""
    line.drop_input()
    line.close()
    assert (tmp_path / "ticket.bin").read_bytes() == b"onetwo"


def test_a_character_device_is_not_made_where_it_is_missing() -> None:
    with pytest.raises(PortMissing):
        open_transport("file:/dev/no-such-printer")
    assert not Path("/dev/no-such-printer").exists()


def test_nothing_at_the_address_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PortMissing, match="nothing answers"):
        open_transport(str(tmp_path / "none"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PortMissing):
        open_transport(f"socket://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://printer:9100",
        "socket://",
        "socket://printer",
        "socket://printer:ninety",
        "socket://printer:99999",
        "serial:",
        "file:",
        "serial:/dev/ttyUSB0?baud=fast",
        "serial:/dev/ttyUSB0?baud=0",
        "serial:/dev/ttyUSB0?speed=9600",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        open_transport(address)


def test_a_look_at_the_node_tells_whether_something_stands_there(tmp_path: Path) -> None:
    line = SimulatedLine(tmp_path / "port")
    look = node_watch(f"serial:{line.link_path}?baud=9600")
    assert look() is None
    with line:
        first = look()
        assert first is not None
        driver = open_transport(str(line.link_path))
        driver.write(b"used", 1.0)
        driver.close()
        assert look() == first  # using it is no news
        line.unplug()
        assert look() is None
    assert node_watch("socket://127.0.0.1:9100")() is None
    (tmp_path / "ticket.bin").touch()
    assert node_watch(f"file:{tmp_path}/ticket.bin")() is True


def test_no_descriptor_is_left_after_failures(tmp_path: Path, echo: SimulatedLine) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with echo:
            line = open_transport(str(echo.link_path))
            with pytest.raises(PortBusy):
                open_transport(str(echo.link_path))
            line.close()
        with pytest.raises(PortMissing):
            open_transport(str(echo.link_path))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_network_printer_that_is_not_there_is_missing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for address in (f"socket://127.0.0.1:{port}", "socket://no-such-printer.invalid:9100"):
        with pytest.raises(PortMissing):
            open_transport(address)


def test_a_network_printer_that_says_neither_yes_nor_no_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.transport.CONNECT_S", 0.2)
    with socket.socket() as full, contextlib.ExitStack() as callers:
        full.bind(("127.0.0.1", 0))
        full.listen(0)  # whoever calls after the first is left waiting
        for _ in range(3):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        with pytest.raises(PortMissing, match=r"within 0\.2 s"):
            open_transport(f"socket://127.0.0.1:{full.getsockname()[1]}")
