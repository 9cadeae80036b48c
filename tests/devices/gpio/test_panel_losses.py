"""A pigpio daemon that goes away, hangs, drawls or is none: the panel says so once, and comes back."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadAddress, DeviceLost, DeviceSilent, LinkGarbled, PortBusy, PortMissing
from devices.events import Condition, KeyPressed, PanelChanged, PanelInput
from devices.gpio import daemon, driver
from devices.gpio.driver import Panel, open_panel, supervise_panel
from devices.gpio.layout_file import load_layout
from devices.gpio.pins import Pins, open_pins, pins_watch
from devices.gpio.record import Lamp
from devices.gpio.sim import PanelSim

pytestmark = pytest.mark.wire

Benches = Callable[..., Any]
DEMO = load_layout("demo")
BACK_S = 5.0


def test_a_daemon_that_ends_is_noticed_and_found_again(benches: Benches) -> None:
    bench = benches("daemon")
    bench.supervisor.submit(Lamp("on"))
    bench.wait(lambda: bench.sim.lit)
    bench.sim.unplug()
    assert bench.health("device-lost").condition is Condition.ABSENT
    bench.sim.set_door(True)  # while nobody looks
    bench.sim.plug()
    assert bench.health("").condition is Condition.OK  # open again; then the door is seen
    assert bench.until(lambda event: isinstance(event, PanelChanged)) == PanelChanged("panel", PanelInput.DOOR, True)
    bench.health("door-open")
    assert not bench.sim.lit, "a panel that comes back is dark until it is told"
    assert bench.rest() == []


def losses(bench: Any, count: int, chance: random.Random) -> None:
    """The connection breaks at any byte, or the daemon ends: each time the panel is back and hears keys."""
    for _ in range(count):
        if chance.random() < 0.5:
            bench.sim.line.faults.unplug_after = chance.randrange(1, 2000)
            bench.sim.faults.bounce_edges = 30  # bytes to count
            bench.sim.tap(chance.choice(bench.sim.keys), 0.05)
            bench.until(lambda event: getattr(event, "condition", None) == Condition.ABSENT)
            bench.sim.line.faults.unplug_after = None
            bench.sim.faults.bounce_edges = 0
            bench.sim.unplug()
        else:
            bench.sim.tap(chance.choice(bench.sim.keys), 0.05)
            bench.sim.unplug()
            bench.until(lambda event: getattr(event, "condition", None) == Condition.ABSENT)
        bench.wait(lambda: not bench.sim.pressed)
        bench.sim.plug()
        began = threading.Event()
        timer = threading.Timer(BACK_S, began.set)
        timer.start()
        bench.until(lambda event: getattr(event, "condition", None) == Condition.OK)
        timer.cancel()
        timer.join()
        assert not began.is_set(), f"not back within {BACK_S} s"
        for _ in bench.layout.inputs:
            bench.until(lambda event: isinstance(event, PanelChanged))
        bench.sim.press("call")
        bench.until(lambda event: event == KeyPressed("panel", "call"))
        bench.sim.release("call")


@pytest.mark.parametrize("layout", ["demo", "pi-matrix"])
def test_breaks_at_any_byte_leave_nothing_behind(benches: Benches, layout: str) -> None:
    losses(benches("daemon", layout), 3, random.Random(7))


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_hundred_breaks_leave_nothing_behind(benches: Benches) -> None:
    losses(benches("daemon"), 100, random.Random(8))


def test_a_daemon_that_hangs_is_silent_and_then_well_again(benches: Benches, monkeypatch: Any) -> None:
    monkeypatch.setattr(daemon, "ANSWER_S", 0.3)
    monkeypatch.setattr(driver, "_READ_S", 0.2)
    bench = benches("daemon")
    bench.sim.line.faults.silence = True
    assert bench.health("no-answer").condition is Condition.ABSENT
    bench.sim.line.faults.silence = False
    bench.health("")


def test_answers_in_single_bytes_and_late_ones_are_answers(benches: Benches) -> None:
    def drawl(sim: PanelSim) -> None:
        sim.line.faults.split = True
        sim.line.faults.slow_s = 0.001

    bench = benches("daemon", prepare=drawl)
    bench.sim.line.faults.slow_s = 0.02
    bench.sim.press("5")
    assert bench.key() == "5"


def test_lost_notifications_are_mended_by_reading_the_pins(benches: Benches, monkeypatch: Any) -> None:
    monkeypatch.setattr(driver, "_READ_S", 0.2)
    bench = benches("daemon")
    bench.sim.line.faults.lost_reports = True
    bench.sim.set_tamper(True)
    bench.health("tamper")
    bench.sim.set_tamper(False)
    bench.health("")


def test_the_first_press_after_opening_is_heard(benches: Benches) -> None:
    """Pulls that are set while the panel is opened change levels without a report, which misleads the client."""
    for _ in range(2):
        bench = benches("daemon")
        bench.sim.press("9")  # pin 9 is pulled down at power-on
        assert bench.key() == "9"
        bench.close()


def test_the_daemons_counter_may_run_over_at_any_moment(benches: Benches) -> None:
    def near_the_end(sim: PanelSim) -> None:
        sim._board._tick_at_start = 2**32 - 500_000 - (sim._board.tick - sim._board._tick_at_start)

    bench = benches("daemon", prepare=near_the_end)
    for _ in range(6):
        bench.sim.tap("call", 0.08)
        assert bench.key() == "call"
        bench.wait(lambda: not bench.sim.pressed)
        threading.Event().wait(0.06)
    assert bench.sim._board.tick < 2**31
    assert bench.rest() == []


# -- addresses


@pytest.mark.parametrize(
    "address", ["", "gpio", "native", "pigpio:", "pigpio://host", "pigpio://h:0", "pigpio://h:99999", "lgpio:x"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_opened(address: str) -> None:
    with pytest.raises(BadAddress):
        open_panel(address, DEMO)
    with pytest.raises(BadAddress):
        supervise_panel(address, DEMO, print)


def test_no_daemon_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        port = taken.getsockname()[1]
        with pytest.raises(PortMissing, match=f"no pigpio daemon answers at 127.0.0.1:{port}") as caught:
            open_panel(f"pigpio://127.0.0.1:{port}", DEMO)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "error"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", LinkGarbled), (b"", DeviceLost), (None, DeviceSilent)]
)
def test_what_is_no_pigpio_daemon_is_told_from_one(answer: bytes | None, error: type, monkeypatch: Any) -> None:
    monkeypatch.setattr(daemon, "ANSWER_S", 0.3)
    with stranger(answer) as address, pytest.raises(error):
        open_pins(address)


@contextmanager
def stranger(answer: bytes | None) -> Iterator[str]:
    """A server that takes 16 bytes and answers what it likes (None: nothing)."""
    done = threading.Event()

    def serve(client: socket.socket) -> None:
        with client:
            if client.recv(16) and answer is not None:
                client.sendall(answer)
            else:
                done.wait(5.0)

    def accept() -> None:
        for _ in range(2):  # the pigpio client connects twice
            client, _ = door.accept()
            threads.append(threading.Thread(target=serve, args=(client,)))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threads = [threading.Thread(target=accept)]
        threads[0].start()
        yield f"pigpio://127.0.0.1:{door.getsockname()[1]}"
        done.set()
        for thread in threads:
            thread.join(5.0)


def test_a_pin_that_somebody_uses_already_is_busy() -> None:
    pins = open_pins("mock")
    panel = Panel(pins, DEMO)
    with pytest.raises(PortBusy, match="used by another program"):
        Panel(Pins("mock", pins.factory, "the same pins"), DEMO)
    panel.close()
    panel.close()


def test_the_watch_sees_a_daemon_that_was_started_anew() -> None:
    with PanelSim() as sim:
        look = pins_watch(sim.address)
        before = look()
        assert before is not None
        assert look() == before
        sim.unplug()
        assert look() is None
        sim.plug()
        assert look() not in {None, before}


# -- the process


def in_a_process(code: str, cwd: Path | str) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", textwrap.dedent(code)],
        cwd=cwd,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[3]), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_program_that_forgets_to_close_leaves_the_panel_dark(tmp_path: Path) -> None:
    with PanelSim() as sim:
        said = in_a_process(
            f"""
            import queue, threading, time
            from devices.gpio.driver import open_panel
            from devices.gpio.layout_file import load_layout
            from devices.gpio.record import Buzz, Lamp
            panel = open_panel({sim.address!r}, load_layout("demo"))
            jobs, stop = queue.SimpleQueue(), threading.Event()
            jobs.put(Lamp("on"))
            jobs.put(Buzz("on"))
            threading.Timer(0.4, stop.set).start()
            panel.run(lambda event: None, jobs, stop)
            print(panel._wires._outputs["lamp"].value, panel._wires._outputs["buzzer"].value)
            """,
            tmp_path,
        )
        assert said == "1 1"
        assert not sim.lit
        assert not sim.buzzing


def test_lgpio_leaves_no_file_and_moves_nothing_even_where_nothing_can_be_written() -> None:
    """/proc can be written by nobody, not even by root: there lgpio's own import dies."""
    pytest.importorskip("_lgpio")  # not lgpio: importing that would leave its pipe here
    said = in_a_process(
        """
        import os, tempfile
        before = set(os.listdir(tempfile.gettempdir()))
        from devices.errors import DeviceError
        from devices.gpio.pins import open_pins
        try:
            open_pins("lgpio").factory.close()
            print("open")
        except DeviceError as error:
            print(type(error).__name__)
        import lgpio
        assert lgpio._notify_thread.is_alive()
        assert "LG_WD" not in os.environ
        assert not [name for name in set(os.listdir(tempfile.gettempdir())) - before if name.startswith("lgpio-")]
        print(os.getcwd())
        """,
        "/proc",
    )
    outcome, cwd = said.split("\n")
    assert outcome in {"open", "PortMissing", "PortForbidden", "PortBusy"}
    assert cwd == "/proc"


# -- bytes from the daemon


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=8))
def test_reports_come_out_alike_however_they_are_cut(data: bytes, cuts: list[int]) -> None:
    whole, rest = daemon.cut_reports(data)
    pieces, left, at = [], b"", 0
    for cut in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        reports, left = daemon.cut_reports(left + data[at:cut])
        pieces += reports
        at = cut
        assert len(left) < 12
    assert (pieces, left) == (whole, rest)


def test_a_report_is_read_as_published() -> None:
    data = bytes.fromhex("0300 2500 10270000 20000080")
    assert daemon.cut_reports(data + b"\x01") == ([daemon.Report(3, 0x25, 10_000, 0x80000020)], b"\x01")


@pytest.mark.soak
def test_a_hundred_thousand_mutated_streams_end_in_reports_and_a_short_rest() -> None:
    chance = random.Random(9)
    left = b""
    for _ in range(100_000):
        data = chance.randbytes(chance.randrange(60))
        reports, rest = daemon.cut_reports(left + data)
        assert len(reports) * 12 + len(rest) == len(left) + len(data)
        assert len(rest) < 12
        left = rest
