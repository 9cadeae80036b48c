"""The kiosk's devices over the simulators' wires: what they tell the inbox, and what is gone with a session."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.idcard.people import PEOPLE
from devices.idcard.sim import IdCardSim
from devices.printer.sim import PrinterSim
from devices.printer.slip import Line, Slip
from devices.scanner.sim import ScannerSim
from firmware_cfg.profile import Profile
from kiosk.events import (
    CardGone,
    CardRead,
    CodeRead,
    DeviceChanged,
    PrintEnded,
    TypedProgress,
    TypedRead,
)
from kiosk.identity import BadServerKey
from kiosk.workers import Workers
from queue_server.wire import messages as wire

pytestmark = pytest.mark.wire

Eventually = Callable[[Callable[[], bool], str], None]
SLIP = Slip((Line("A001", size=4),))
FIRST, SECOND = list(PEOPLE)[:2]


@dataclasses.dataclass
class Bench:
    idcard: IdCardSim
    printer: PrinterSim
    scanner: ScannerSim


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(IdCardSim(tmp_path / "idcard"), PrinterSim(tmp_path / "printer"), ScannerSim(tmp_path / "scanner"))
    for sim in (bench.idcard, bench.printer, bench.scanner):
        sim.plug()
    yield bench
    for sim in (bench.idcard, bench.printer, bench.scanner):
        sim.close()


@pytest.fixture
def fitted(profile: Profile, tmp_path: Path) -> Profile:
    return dataclasses.replace(
        profile,
        idcard=dataclasses.replace(profile.idcard, port=str(tmp_path / "idcard")),
        printer=dataclasses.replace(profile.printer, port=str(tmp_path / "printer")),
        scanner=dataclasses.replace(profile.scanner, port=str(tmp_path / "scanner")),
    )


@pytest.fixture
def told() -> list[list[wire.Peripheral]]:
    """What the workers gave for the heartbeat, the latest last."""
    return []


@pytest.fixture
def workers(bench: Bench, fitted: Profile, inbox: Any, told: list[list[wire.Peripheral]]) -> Iterator[Workers]:
    workers = Workers(fitted, inbox, lambda peripherals: told.append(list(peripherals)))
    workers.start("citizen-1")
    yield workers
    workers.stop()


def well(inbox: Any, *devices: str) -> None:
    for device in devices:
        inbox.expect(DeviceChanged, lambda e, device=device: (e.device, e.condition) == (device, "ok"))


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_every_device_comes_up_and_stands_in_the_heartbeat(
    workers: Workers, inbox: Any, told: list[list[wire.Peripheral]]
) -> None:
    well(inbox, "idcard", "printer", "scanner")
    latest = {p.name: p for p in told[-1]}
    assert list(latest) == ["idcard", "printer", "scanner"]
    assert latest["idcard"].model.startswith("SAM")
    assert all(p.since.tzinfo is not None for p in told[-1])


def test_a_card_a_code_and_a_typed_number_bear_the_session(workers: Workers, bench: Bench, inbox: Any) -> None:
    well(inbox, "idcard", "scanner")
    bench.idcard.put(FIRST)
    session, card = inbox.expect(CardRead)
    assert (session, card.last4) == ("citizen-1", PEOPLE[FIRST].number[-4:])
    bench.idcard.lift()
    assert inbox.expect(CardGone)[0] == "citizen-1"
    bench.scanner.show("BOOKING-42")
    assert inbox.expect(CodeRead) == ("citizen-1", CodeRead("BOOKING-42"))
    for key in "11010519491231002X":
        workers.type_key(key)
    workers.type_key("enter")
    session, typed = inbox.expect(TypedRead)
    assert (session, typed.last4) == ("citizen-1", "002X")


def test_with_the_session_the_reading_process_is_gone_and_the_next_reads_at_once(
    workers: Workers, bench: Bench, inbox: Any, eventually: Eventually
) -> None:
    well(inbox, "idcard")
    bench.idcard.put(FIRST)
    inbox.expect(CardRead)
    bench.idcard.lift()
    inbox.expect(CardGone)
    first = workers.reading_pid
    assert first is not None
    workers.type_key("1")
    inbox.expect(TypedProgress, lambda e: e.length == 1)

    workers.next_session("citizen-2")
    assert workers.reading_pid != first
    eventually(lambda: gone(first), "the process that knew the first citizen is gone")

    bench.idcard.put(SECOND)
    session, card = inbox.expect(CardRead)
    assert (session, card.last4) == ("citizen-2", PEOPLE[SECOND].number[-4:])
    workers.type_key("2")
    session, progress = inbox.expect(TypedProgress)
    assert (session, progress.length) == ("citizen-2", 1)  # nothing of the first citizen's digits


def test_cards_are_counted_over_all_reading_processes(
    workers: Workers, bench: Bench, inbox: Any, told: list[list[wire.Peripheral]], eventually: Eventually
) -> None:
    well(inbox, "idcard")
    for citizen, card in enumerate((FIRST, SECOND), 2):
        bench.idcard.put(card)
        inbox.expect(CardRead)
        bench.idcard.lift()
        inbox.expect(CardGone)
        workers.next_session(f"citizen-{citizen}")
    eventually(lambda: {p.name: p for p in told[-1]}["idcard"].counters.get("cards") == 2, "both are counted")


def test_many_citizens_one_after_another_leave_nothing_behind(
    workers: Workers, inbox: Any, eventually: Eventually
) -> None:
    well(inbox, "idcard")
    seen = set()
    for number in range(2, 8):
        workers.next_session(f"citizen-{number}")
        eventually(lambda: workers.reading_pid not in {None, *seen}, "a new process reads")
        seen.add(workers.reading_pid)
    workers.type_key("7")
    assert inbox.expect(TypedProgress)[0] == "citizen-7"
    workers.stop()
    assert all(gone(pid) for pid in seen if pid is not None)


def test_the_inbox_never_holds_a_person(workers: Workers, bench: Bench, inbox: Any) -> None:
    well(inbox, "idcard")
    bench.idcard.put(FIRST)
    _, card = inbox.expect(CardRead)
    held = repr([*inbox.everything(), card])
    person = PEOPLE[FIRST]
    for secret in (person.name, person.number, person.number[:-4], person.address, card.person):
        assert secret not in held
    assert person.number not in card.person


@pytest.mark.crash
def test_a_reading_process_that_dies_is_reported_and_replaced(
    workers: Workers, bench: Bench, inbox: Any, eventually: Eventually
) -> None:
    well(inbox, "idcard")
    pid = workers.reading_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _, change = inbox.expect(DeviceChanged, lambda e: e.device == "idcard")
    assert (change.condition, change.reason) == ("absent", "reading-process-ended")
    assert inbox.expect(TypedProgress) == ("citizen-1", TypedProgress(0))
    well(inbox, "idcard")
    bench.idcard.put(FIRST)
    assert inbox.expect(CardRead)[0] == "citizen-1"


def test_a_ticket_is_printed_and_its_end_is_told(workers: Workers, bench: Bench, inbox: Any) -> None:
    well(inbox, "printer")
    workers.print("job-1", SLIP)
    assert inbox.expect(PrintEnded) == (None, PrintEnded("job-1", "printed"))


def test_a_printer_that_is_away_refuses_at_once_and_comes_back(workers: Workers, bench: Bench, inbox: Any) -> None:
    well(inbox, "printer")
    bench.printer.unplug()
    inbox.expect(DeviceChanged, lambda e: (e.device, e.condition) == ("printer", "absent"))
    workers.print("job-1", SLIP)
    _, ended = inbox.expect(PrintEnded)
    assert (ended.job, ended.result) == ("job-1", "failed")
    bench.printer.plug()
    well(inbox, "printer")
    workers.print("job-2", SLIP)
    assert inbox.expect(PrintEnded)[1].result == "printed"


def test_a_kiosk_without_devices_says_so_and_still_takes_a_typed_number(
    profile: Profile, inbox: Any, told: list[list[wire.Peripheral]], eventually: Eventually
) -> None:
    workers = Workers(profile, inbox, lambda peripherals: told.append(list(peripherals)))
    workers.start("citizen-1")
    for device in ("idcard", "printer", "scanner"):
        assert inbox.expect(DeviceChanged) == (None, DeviceChanged(device, "absent", "not-fitted"))
    workers.print("job-1", SLIP)
    assert inbox.expect(PrintEnded) == (None, PrintEnded("job-1", "failed", "not-fitted"))
    eventually(lambda: workers.reading_pid is not None, "the number pad has its process")
    for key in "11010519491231002x":
        workers.type_key(key)
    workers.type_key("enter")
    assert inbox.expect(TypedRead)[1].last4 == "002X"
    assert told == []
    workers.stop()


def test_a_kiosk_without_the_servers_key_does_not_start(profile: Profile, inbox: Any) -> None:
    profile.kiosk.server_key_file.unlink()
    with pytest.raises(BadServerKey, match="cannot be read"):
        Workers(profile, inbox)


def test_what_concerns_the_kiosk_bears_no_session(workers: Workers, bench: Bench, inbox: Any) -> None:
    well(inbox, "idcard", "printer", "scanner")
    bench.scanner.unplug()
    session, change = inbox.expect(DeviceChanged, lambda e: e.device == "scanner")
    assert (session, change.condition) == (None, "absent")
    assert all(stamped.session is None for stamped in inbox.everything() if isinstance(stamped.event, DeviceChanged))
