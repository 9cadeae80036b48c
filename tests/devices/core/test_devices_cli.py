"""The technician's commands, run as a technician runs them, against simulators in the same house."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.__main__ import main
from devices.idcard.people import PEOPLE
from devices.idcard.sim import IdCardSim
from devices.printer.sim import PrinterSim
from devices.scanner.sim import ScannerSim

pytestmark = pytest.mark.wire


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[IdCardSim]:
    with IdCardSim(tmp_path / "idcard") as sim:
        yield sim


def test_a_card_is_printed_masked_as_one_json_object(reader: IdCardSim, capsys: pytest.CaptureFixture[str]) -> None:
    reader.put("hongkong")
    assert main(["read", "idcard", "--port", str(reader.line.link_path), "--json"]) == 0
    out, err = capsys.readouterr()
    card = json.loads(out)
    assert list(card)[:10] == [
        "type", "name", "number", "sex", "nation", "born", "address", "issuer", "valid_from", "valid_to",
    ]  # fmt: skip
    assert (card["type"], card["name"], card["number"]) == ("hmt-residence-permit", "陈*", "**************2027")
    for secret in (PEOPLE["hongkong"].name, PEOPLE["hongkong"].number, PEOPLE["hongkong"].travel_permit):
        assert secret not in out + err
    assert "put a card on it" in err


def test_a_card_is_printed_in_full_only_when_asked(reader: IdCardSim, capsys: pytest.CaptureFixture[str]) -> None:
    reader.put("li")
    assert main(["read", "idcard", "--port", str(reader.line.link_path), "--json", "--unmask"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["number"] == PEOPLE["li"].number
    assert card["valid_to"] == "长期"
    assert card["address"] == PEOPLE["li"].newest_address


def test_a_card_that_lies_there_is_read_each_time_somebody_asks(
    reader: IdCardSim, capsys: pytest.CaptureFixture[str]
) -> None:
    """Many modules answer "no card" after a good reading until it is put down anew; the command wakes them."""
    reader.put("zhang")
    for _ in range(2):
        assert main(["read", "idcard", "--port", str(reader.line.link_path), "--json", "--wait", "5"]) == 0
        assert json.loads(capsys.readouterr().out)["name"] == "张*"


def test_no_card_is_one_line_and_one(reader: IdCardSim, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "idcard", "--port", str(reader.line.link_path), "--wait", "0.1"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == "no card within 0.1 s: if one lies there, take it off and put it back"


@pytest.mark.parametrize(
    ("port", "code", "said"),
    [("/dev/no-such-port", 1, "nothing answers"), ("ftp://x", 2, "known are"), ("serial:/x?baud=q", 2, "baud")],
)
@pytest.mark.parametrize("command", [["read", "idcard"], ["scan"], ["print", "status"]])
def test_a_wrong_port_is_one_line(
    command: list[str], port: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--port", port]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert said in err


def test_a_code_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ScannerSim(tmp_path / "scanner") as sim:
        held = threading.Thread(target=sim.hold, args=("办理 A001", 1000, 0.05))
        held.start()
        assert main(["scan", "--port", str(tmp_path / "scanner")]) == 0
        sim.close()
        held.join()
    assert capsys.readouterr().out == "办理 A001\n"


def test_a_test_ticket_is_printed_and_the_state_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = str(tmp_path / "printer")
    with PrinterSim(port) as sim:
        assert main(["print", "test", "--port", port]) == 0
        assert capsys.readouterr().out == "printed\n"
        assert len(sim.tickets) == 1
        assert main(["print", "status", "--port", port, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["condition"] == "ok"
        sim.set_paper("out")
        assert main(["print", "status", "--port", port, "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["reason"] == "paper-out"
        assert main(["print", "test", "--port", port]) == 1
        assert capsys.readouterr().out == "failed paper-out\n"


def test_what_is_attached_is_found_and_a_profile_proposed(
    reader: IdCardSim, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, printer, none = str(reader.line.link_path), str(tmp_path / "printer"), str(tmp_path / "none")
    with PrinterSim(printer):
        assert main(["probe", "--json", "--port", printer, "--port", card, "--port", none]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(device["port"], device["kind"]) for device in found] == [
        (printer, "printer"),
        (card, "idcard"),
        (none, "trouble"),
    ]
    assert reader.reads == 0


def test_a_simulator_runs_alone_until_it_is_told_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = tmp_path / "idcard"
    with subprocess.Popen(
        [sys.executable, "-m", "devices", "simulate", "idcard", "--link", str(link), "--card", "zhang"],
        stderr=subprocess.PIPE,
        text=True,
    ) as simulator:
        assert simulator.stderr is not None
        assert "stands at" in simulator.stderr.readline()
        assert main(["read", "idcard", "--port", str(link), "--json"]) == 0
        simulator.terminate()
        assert simulator.wait(10) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "张*"
    assert not link.is_symlink()


def test_a_wrong_command_is_two() -> None:
    for wrong in ([], ["read"], ["read", "idcard"], ["simulate", "toaster", "--link", "x"]):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2
