"""The command line around the devices: help, exit codes, progress, interruptions, what it needs to be installed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.__main__ import _COMMANDS, main
from devices.camera.sim import CameraSim
from devices.events import PanelInput
from devices.gpio.sim import PanelSim
from devices.idcard.sim import IdCardSim
from devices.printer.sim import PrinterSim
from devices.scanner.sim import EngineSettings, ScannerSim

pytestmark = pytest.mark.wire

ROOT = Path(__file__).parents[3]
DEADLINE_S = 30.0

PUT_IT_BACK = ": if one lies there, take it off and put it back"


@contextmanager
def command(*words: str, **how: object) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, ended with the test."""
    child = subprocess.Popen(
        [sys.executable, "-m", "devices", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        **how,  # type: ignore[call-overload]  # what Popen takes
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("words", [[], *([name] for name in _COMMANDS), ["read", "idcard"]])
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: {' '.join(['python -m devices', *words])}")
    assert words or all(name in said for name in _COMMANDS)


def test_only_the_module_of_the_command_is_imported() -> None:
    code = (
        "import sys, devices.__main__ as m; m._parser('read'); print(sorted(n for n in sys.modules if 'devices' in n))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert "devices.idcard.driver" in said
    for other in ("printer", "scanner", "camera", "gpio", "bench", "sim"):
        assert f"devices.{other}" not in said


# A finder that knows the standard library, pyserial and this package, and nothing else that is installed.
ONLY_PYSERIAL = """
import sys, importlib.abc

class OnlyPyserial(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in {"devices", "serial"} or top in sys.stdlib_module_names:
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, OnlyPyserial())
from devices.__main__ import main
sys.exit(main())
"""


def only_pyserial(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ONLY_PYSERIAL, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )


def test_a_machine_that_reads_cards_needs_pyserial_and_nothing_else(tmp_path: Path) -> None:
    with IdCardSim(tmp_path / "idcard") as sim:
        sim.put("zhang")
        done = only_pyserial("read", "idcard", "--port", str(tmp_path / "idcard"), "--json")
        assert (done.returncode, json.loads(done.stdout)["name"]) == (0, "张*"), done.stderr
        found = only_pyserial("probe", "--port", str(tmp_path / "idcard"), "--json")
        assert (found.returncode, json.loads(found.stdout)[0]["kind"]) == (0, "idcard"), found.stderr


def test_a_machine_that_scans_codes_needs_pyserial_and_nothing_else(tmp_path: Path) -> None:
    with ScannerSim(tmp_path / "scanner") as sim:
        held = threading.Thread(target=sim.hold, args=("A001", 1000, 0.05))
        held.start()
        done = only_pyserial("scan", "--port", str(tmp_path / "scanner"))
        sim.close()
        held.join()
    assert (done.returncode, done.stdout) == (0, "A001\n"), done.stderr


@pytest.mark.parametrize(
    "words",
    [["print", "status", "--port", "file:/tmp/none"], ["bench", "--dir", "x", "--port", "0"], ["simulate", "camera"]],
)
def test_what_is_not_installed_is_named_in_one_line(words: list[str]) -> None:
    done = only_pyserial(*words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"this command needs \w+, which is not installed here; .*pip\n", done.stderr)


def test_a_camera_without_its_libraries_is_named_in_one_line() -> None:
    done = only_pyserial("scan", "--port", "http://127.0.0.1:9/camera")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "install" in done.stderr.splitlines()[-1]


def test_an_error_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "idcard", "--port", str(tmp_path / "none")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "nothing answers at" in line
    assert "devices probe" in line


def test_a_long_wait_shows_that_it_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with IdCardSim(tmp_path / "idcard"):
        assert main(["read", "idcard", "--port", str(tmp_path / "idcard"), "--wait", "2"]) == 1
    said = capsys.readouterr().err
    assert re.search(r"waiting for a card, [01] s left", said)
    assert said.splitlines()[-1] == f"no card within 2 s{PUT_IT_BACK}"


def test_on_a_terminal_the_wait_is_one_line_that_counts_down_and_is_wiped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with IdCardSim(tmp_path / "idcard"):
        assert main(["read", "idcard", "--port", str(tmp_path / "idcard"), "--wait", "2.2"]) == 1
    said = capsys.readouterr().err
    assert re.search(r"\rwaiting for a card, [12] s left\x1b\[K", said)
    assert said.endswith(f"\r\x1b[Kno card within 2.2 s{PUT_IT_BACK}\n")


def test_ctrl_c_ends_a_wait_without_a_word(tmp_path: Path) -> None:
    with IdCardSim(tmp_path / "idcard"), command("read", "idcard", "--port", str(tmp_path / "idcard")) as child:
        assert child.stderr is not None
        while "put a card" not in (line := child.stderr.readline()):
            assert line, "the command ended too early"
        child.send_signal(signal.SIGINT)
        code, said = child.wait(DEADLINE_S), child.stderr.read()
        assert code == 130, said
        assert "Traceback" not in said


def test_a_reader_of_our_answer_that_goes_away_is_no_traceback() -> None:
    with command("simulate", "idcard", "--faults") as child:
        assert child.stdout is not None
        child.stdout.close()
        code = child.wait(DEADLINE_S)
        assert child.stderr is not None
        said = child.stderr.read()
    assert (code, said) in {(1, ""), (0, "")}  # 0: it was faster than we


def test_a_broken_pipe_in_the_middle_of_a_long_answer_is_no_traceback(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "devices", "simulate", "idcard", "--faults"],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            timeout=DEADLINE_S,
            cwd=ROOT,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


# -- simulators alone


@pytest.mark.parametrize("device", ["idcard", "scanner", "printer", "camera", "panel"])
def test_every_simulators_faults_are_listed(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", device, "--faults"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) >= 3
    assert all(re.fullmatch(r"\w+ +\S.*", line) for line in said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["idcard"], "--link PATH or --tcp-port"),
        (["camera", "--link", "x"], "no --link"),
        (["idcard", "--tcp-port", "0", "--fault", "select_fail"], "did you mean select_fails"),
        (["idcard", "--tcp-port", "0", "--fault", "slow_s=fast"], "slow_s takes"),
        (["idcard", "--tcp-port", "0", "--fault", "=1"], "NAME"),
    ],
)
def test_a_simulator_asked_for_wrongly_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert said in err


def test_a_simulator_with_faults_stands_on_a_socket_until_it_is_told_to_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["idcard", "--tcp-port", "0", "--card", "zhang", "--fault", "split", "--fault", "noise=3"]
    with command("simulate", *words) as child:
        assert child.stdout is not None
        address = child.stdout.readline().strip()
        assert address.startswith("socket://127.0.0.1:")
        assert main(["read", "idcard", "--port", address, "--json"]) == 0
        child.send_signal(signal.SIGINT)
        assert child.wait(DEADLINE_S) == 0
        assert child.stderr is not None
        assert "Traceback" not in child.stderr.read()
    assert json.loads(capsys.readouterr().out)["name"] == "张*"


def test_a_simulated_printer_on_a_socket_prints(capsys: pytest.CaptureFixture[str]) -> None:
    with command("simulate", "printer", "--tcp-port", "0", "--paper-mm", "58") as child:
        assert child.stdout is not None
        address = child.stdout.readline().strip()
        assert main(["print", "test", "--port", address, "--paper", "58"]) == 0
    assert capsys.readouterr().out == "printed\n"


# -- codes, panel, measuring


def test_a_code_is_read_by_a_camera(capsys: pytest.CaptureFixture[str]) -> None:
    with CameraSim() as sim:
        sim.show("TICKET-A001")
        assert main(["scan", "--port", sim.address]) == 0
    assert capsys.readouterr().out == "TICKET-A001\n"


def test_a_triggered_scanner_is_switched_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ScannerSim(tmp_path / "scanner", settings=EngineSettings(trigger="newland")) as sim:
        lit = threading.Event()
        sim.on_light = lambda on: lit.set() if on else None

        def show() -> None:
            if lit.wait(DEADLINE_S):
                sim.show("A002")

        showing = threading.Thread(target=show)
        showing.start()
        assert main(["scan", "--port", str(tmp_path / "scanner"), "--trigger", "newland"]) == 0
        showing.join()
    assert capsys.readouterr().out == "A002\n"


def test_a_wrong_prefix_is_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ScannerSim(tmp_path / "scanner"):
        assert main(["scan", "--port", str(tmp_path / "scanner"), "--prefix", "a\nb"]) == 2
    assert "prefix" in capsys.readouterr().err


def test_a_panel_is_watched(capsys: pytest.CaptureFixture[str]) -> None:
    with PanelSim() as sim:
        sim.set_input(PanelInput.DOOR, active=True)
        assert main(["panel", "watch", "--pins", sim.address, "--wait", "1", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"input": "door", "state": "active"} in told
    assert {"input": "tamper", "state": "at rest"} in told


def test_a_panels_lamp_is_tested(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from devices.commands import panel  # noqa: PLC0415  (its pauses are shortened)

    steps = tuple(type(step)(step.says, step.output, step.job, 0.1) for step in panel._STEPS)
    monkeypatch.setattr(panel, "_STEPS", steps)
    with PanelSim() as sim:
        assert main(["panel", "test", "--pins", sim.address]) == 0
        assert "the lamp burns" in capsys.readouterr().err
        assert main(["panel", "test", "--pins", sim.address, "--layout", "no-such"]) == 2


def test_a_panel_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with PanelSim() as sim:
        address = sim.address
    assert main(["panel", "watch", "--pins", address]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_figures_are_printed_as_they_come(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[bool] = []

    def figures(*, quick: bool) -> Iterator[str]:
        asked.append(quick)
        yield from ("one", "two")

    monkeypatch.setattr("devices.idcard.measure.figures", figures)  # the true ones take minutes
    assert main(["measure", "idcard", "--quick"]) == 0
    assert capsys.readouterr().out == "one\ntwo\n"
    assert asked == [True]


def test_probing_nothing_is_one_line_and_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("devices.commands.finding.attached", list)
    assert main(["probe"]) == 1
    assert capsys.readouterr().err == "no serial port, USB printer or camera is attached\n"


def test_probe_proposes_a_profile_and_shows_what_it_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with IdCardSim(tmp_path / "idcard"), PrinterSim(tmp_path / "printer"), CameraSim() as camera:
        words = ["--port", str(tmp_path / "idcard"), "--port", str(tmp_path / "printer"), "--port", camera.address]
        assert main(["probe", *words]) == 0
    out, err = capsys.readouterr()
    assert f'[idcard]\nport = "{tmp_path / "idcard"}"' in out
    assert f'[camera]\nport = "{camera.address}"' in out
    assert "asking" in err
