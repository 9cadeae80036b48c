"""What becomes of a ticket: printed, sent, failed or unknown, over a real pty and against the simulated printer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from devices.events import Health
from devices.printer.driver import NewRoll, PrintJob
from devices.printer.profile import PrinterProfile, load_profile
from devices.printer.sim import PrinterSim
from devices.printer.slip import Line, Qr, Slip
from devices.transport import open_transport

pytestmark = pytest.mark.wire

Counter = Any  # the class is in conftest.py, which tests do not import
Job = Callable[[str], PrintJob]
Eventually = Callable[[str, Callable[[], object]], None]

# -- the ladder


def test_a_ticket_is_printed_when_the_printer_sends_its_process_id_back(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    supervisor = counter.start()
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("printed", "")
    assert [ticket.qr for ticket in sim.tickets] == [("http://127.0.0.1:8080/t/A001",)]
    assert "A001" in sim.tickets[0].lines
    assert sim.strange_commands == 0
    assert remembered(counter)["confirmation"] == "process-id"


def test_without_process_ids_the_fence_says_that_it_is_printed(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    sim.faults.no_process_id = True
    supervisor = counter.start()
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("printed", "")
    assert remembered(counter)["confirmation"] == "fence"


def test_without_any_confirmation_a_ticket_is_only_sent(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    sim.faults.no_process_id = sim.faults.no_fence = True
    supervisor = counter.start()
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("sent", "")
    assert len(sim.tickets) == 1


@pytest.mark.parametrize("answers", [True, False])
def test_a_printer_that_was_told_not_to_listen_prints_the_next_ticket(
    counter: Counter, job: Job, eventually: Eventually, *, answers: bool
) -> None:
    """A program that looked for a reader on this line said ESC = 0 and was killed before it could say ESC = 1."""
    sim = counter.simulator()
    sim.faults.deaf = not answers
    line = open_transport(sim.address)
    line.write(b"\x1b=\x00", 1.0)
    eventually("the printer to hear it", lambda: sim.received_bytes == 3)
    line.close()
    supervisor = counter.start()
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("printed" if answers else "sent", "")
    eventually("the ticket", lambda: [ticket.qr for ticket in sim.tickets] == [("http://127.0.0.1:8080/t/A001",)])


def test_a_printer_that_never_answers_is_used_and_never_called_printed(
    counter: Counter, job: Job, eventually: Eventually
) -> None:
    sim = counter.simulator()
    sim.faults.deaf = True
    supervisor = counter.start()
    counter.health("degraded", "not-answering")
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("sent", "")
    eventually("the ticket", lambda: len(sim.tickets) == 1)


def test_a_process_id_that_stays_away_is_asked_for_by_fence_and_nothing_is_sent_again(
    counter: Counter, job: Job
) -> None:
    sim = counter.simulator()
    supervisor = counter.start(patience_s=0.3)
    supervisor.submit(job("A001"))
    assert counter.ended("job-A001") == ("printed", "")
    sim.faults.no_process_id = True
    supervisor.submit(job("A002"))

    assert counter.ended("job-A002") == ("printed", "")
    assert len(sim.tickets) == 2


def test_how_a_unit_confirms_is_probed_once_and_remembered_over_restarts(
    counter: Counter, job: Job, eventually: Eventually
) -> None:
    counter.simulator()
    first = counter.start()
    counter.health("ok")
    eventually("the memory", lambda: remembered(counter)["confirmation"] == "process-id")
    first.stop()
    counter.memory.write_text(counter.memory.read_text().replace("process-id", "fence"))
    second = counter.start()
    second.submit(job("A001"))

    assert counter.ended("job-A001") == ("printed", "")
    assert remembered(counter)["confirmation"] == "fence", "a unit that is known is not probed again"


def test_another_unit_on_the_same_port_is_probed_anew(counter: Counter, job: Job) -> None:
    counter.simulator()
    counter.memory.write_text(
        json.dumps(
            {str(counter.folder / "printer"): {"model": "old", "answers": True, "confirmation": "none", "used_mm": 9e9}}
        )
    )
    supervisor = counter.start()
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("printed", "")
    assert remembered(counter)["model"] == "JIAOHAO TP-80S 1.04 SIM"


# -- nothing sent: failed


@pytest.mark.parametrize(
    ("hand", "reason"),
    [
        (lambda sim: sim.set_paper("out"), "paper-out"),
        (lambda sim: sim.open_cover(), "cover-open"),
        (lambda sim: sim.jam(), "cutter"),
        (lambda sim: sim.set_offline(offline=True), "offline"),
    ],
)
def test_a_printer_that_cannot_print_gets_no_byte_of_the_ticket(
    counter: Counter, job: Job, hand: Callable[[PrinterSim], None], reason: str
) -> None:
    sim = counter.simulator()
    hand(sim)
    supervisor = counter.start()
    counter.health("degraded", reason)
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("failed", reason)
    sim.set_paper("full")
    sim.close_cover()
    sim.unjam()
    sim.set_offline(offline=False)
    counter.health("ok")
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    assert [ticket.qr[0][-4:] for ticket in sim.tickets] == ["A002"], "the failed ticket must not come out later"


def test_a_unit_that_says_off_line_while_it_prints_is_used(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    sim.faults.says_offline = True
    believing = counter.start()
    counter.health("degraded", "offline")
    believing.submit(job("A001"))
    assert counter.ended("job-A001") == ("failed", "offline")
    believing.stop()
    knowing = counter.start(profile=load_profile("star"))
    knowing.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")


def test_a_ticket_for_an_unplugged_printer_fails_at_once(counter: Counter, job: Job) -> None:
    supervisor = counter.start()
    counter.health("absent", "port-missing")
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("failed", "port-missing")


def test_a_printer_that_fell_silent_is_absent_and_comes_back(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    supervisor = counter.start()
    counter.health("ok")
    sim.line.faults.silence = True
    counter.health("absent", "not-answering")
    supervisor.submit(job("A001"))
    assert counter.ended("job-A001") == ("failed", "not-answering")

    sim.line.faults.silence = False
    counter.health("ok")
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    assert len(sim.tickets) == 1


def test_a_slip_that_cannot_be_printed_fails_and_the_printer_goes_on(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    supervisor = counter.start()
    supervisor.submit(PrintJob("bad", Slip((Line("x"), Qr("二维码")))))
    supervisor.submit(job("A002"))

    assert counter.ended("bad") == ("failed", "bad-slip")
    assert counter.ended("job-A002") == ("printed", "")
    assert len(sim.tickets) == 1


# -- something sent, something wrong: unknown, and never again


def test_paper_that_ends_in_the_middle_leaves_the_ticket_unknown(
    counter: Counter, job: Job, eventually: Eventually
) -> None:
    sim = counter.simulator()
    supervisor = counter.start()
    counter.health("ok")
    sim.faults.tear_after_mm = 20.0
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("unknown", "paper-out")
    counter.health("degraded", "paper-out")
    sim.set_paper("full")  # the printer itself now finishes what it holds
    counter.health("ok")
    eventually("the held ticket", lambda: len(sim.tickets) == 1)
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    assert [ticket.qr[0][-4:] for ticket in sim.tickets] == ["A001", "A002"]


def test_a_printer_switched_off_with_half_a_ticket_gives_the_next_one_alone(counter: Counter, job: Job) -> None:
    """On a serial cable nobody is told that it was switched off; half of the first ticket still hangs in it."""
    sim = counter.simulator()
    supervisor = counter.start()
    counter.health("ok")
    sim.faults.tear_after_mm = 20.0
    supervisor.submit(job("A001"))
    assert counter.ended("job-A001") == ("unknown", "paper-out")
    counter.health("degraded", "paper-out")
    sim.switch_off_and_on()
    sim.set_paper("full")
    counter.health("ok")
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    half, whole = sim.tickets
    assert half.lines[:2] == ("星河市民中心", "A001")
    assert half.qr == ()
    assert whole.lines[:2] == ("星河市民中心", "A002")
    assert whole.qr == ("http://127.0.0.1:8080/t/A002",)


def test_a_knife_that_jams_leaves_the_ticket_unknown(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    supervisor = counter.start()
    counter.health("ok")
    sim.faults.jam_at_cut = True
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("unknown", "cutter")


def test_a_cable_pulled_while_it_prints_leaves_the_ticket_unknown_and_nothing_is_sent_again(
    counter: Counter, job: Job, eventually: Eventually
) -> None:
    sim = counter.simulator(mm_per_s=60.0)
    supervisor = counter.start()
    counter.health("ok")
    supervisor.submit(job("A001"))
    eventually("printing to begin", lambda: sim.busy)
    sim.unplug()
    assert counter.ended("job-A001") == ("unknown", "device-lost")
    counter.health("absent", "device-lost")

    sim.plug()
    counter.health("ok")
    supervisor.submit(job("A002"))
    assert counter.ended("job-A002") == ("printed", "")
    printed = [line for ticket in sim.tickets for line in ticket.lines]
    assert printed.count("A001") <= 1
    assert printed.count("A002") == 1
    assert counter.ends_of("job-A001") == 1


def test_a_small_printer_without_a_knife_prints_too(
    counter: Counter, job: Job, small_paper: PrinterProfile, eventually: Eventually
) -> None:
    sim = counter.simulator(paper_mm=58)
    supervisor = counter.start(profile=small_paper)
    supervisor.submit(job("A001"))
    assert counter.ended("job-A001") == ("printed", "")
    eventually("the ticket to be torn off", lambda: len(sim.tickets) == 1)
    assert "A001" in sim.tickets[0].lines


# -- wires and clones


def test_status_bytes_with_wrong_fixed_bits_are_not_believed(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    sim.faults.clone = True
    supervisor = counter.start()
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("printed", "")
    assert not [e for e in counter.heard if isinstance(e, Health) and e.reason], "neither empty nor full is known"


@pytest.mark.parametrize("wire", ["split", "slow"])
def test_answers_in_single_or_slow_bytes_are_understood(counter: Counter, job: Job, wire: str) -> None:
    sim = counter.simulator()
    if wire == "split":
        sim.line.faults.split = True
    else:
        sim.line.faults.slow_s = 0.01
    supervisor = counter.start()
    supervisor.submit(job("A001"))

    assert counter.ended("job-A001") == ("printed", "")
    assert len(sim.tickets) == 1


def test_unplugging_between_tickets_again_and_again_leaves_a_printer_that_prints(counter: Counter, job: Job) -> None:
    sim = counter.simulator()
    supervisor = counter.start()
    for number in range(3):
        counter.health("ok")
        supervisor.submit(job(f"B{number:03d}"))
        assert counter.ended(f"job-B{number:03d}") == ("printed", "")
        sim.unplug()
        counter.health("absent", "device-lost")
        sim.plug()
    assert len(sim.tickets) == 3


# -- paper


def test_torn_paper_and_a_new_roll_are_seen_between_tickets(counter: Counter) -> None:
    sim = counter.simulator()
    counter.start()
    assert counter.health("ok").device == "printer"
    sim.set_paper("out")
    assert counter.health("degraded", "paper-out").paper_percent == 0
    sim.set_paper("full")
    assert counter.health("ok").paper_percent == 100
    sim.set_paper("low")
    counter.health("degraded", "paper-low")


def test_the_roll_is_estimated_from_the_paper_used(counter: Counter, job: Job, short_roll: PrinterProfile) -> None:
    counter.simulator()
    supervisor = counter.start(profile=short_roll)
    supervisor.submit(job("A001"))
    counter.ended("job-A001")
    left = counter.until("less paper", lambda e: isinstance(e, Health) and e.paper_percent not in {None, 100})
    used = remembered(counter)["used_mm"]
    assert isinstance(left, Health)
    assert left.paper_percent == round(100 - used / 10)
    assert 40 < used < 120

    supervisor.submit(NewRoll())
    counter.until("a full roll", lambda e: isinstance(e, Health) and e.paper_percent == 100)


def test_a_change_pushed_by_the_printer_is_seen_before_the_next_look(counter: Counter) -> None:
    sim = counter.simulator()
    counter.start(profile=replace(counter.profile, status_back=True))
    counter.health("ok")
    sim.open_cover()
    counter.health("degraded", "cover-open")
    sim.close_cover()
    counter.health("ok")


def remembered(counter: Counter) -> dict[str, Any]:
    """What the driver keeps of the unit, from its file."""
    (unit,) = json.loads(counter.memory.read_text()).values()
    assert isinstance(unit, dict)
    return unit
