"""A ticket printer that says what became of each ticket.

A write that succeeds only says that bytes left us. So every ticket climbs a ladder (``ladder``): status before;
the bytes; then a process id that the printer sends back when the paper is out, else a fence that it answers in
order, else the status after. Only the first two make PRINTED. Which a unit can is probed once, when it is ready
and idle, and remembered. FAILED means that no byte was sent; whatever goes wrong after the first byte is
UNKNOWN, and nothing is ever sent twice: the citizen sees the number on the screen.

What an UNKNOWN ticket may leave in the printer is cleared away before the next one (``leftover``), unless its
confirmation came late after all: half a ticket never hangs on somebody else's.

Between tickets the status is read every two seconds, so that torn paper or an open cover shows within five.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.errors import DeviceError, DeviceFault, reason_of
from devices.events import Condition, DeviceEvent, Health, Printed, PrintResult
from devices.power import PowerCycle
from devices.printer import protocol
from devices.printer.ladder import Ended, Ticket, print_once
from devices.printer.leftover import Late, end_command, put_out
from devices.printer.profile import PrinterProfile
from devices.printer.protocol import Status
from devices.printer.render import SlipError, rows
from devices.printer.slip import Slip
from devices.printer.talk import SILENT, UNTRUSTED, Hearing, Talk
from devices.printer.units import Confirmation, Unit, Units
from devices.supervisor import Emit, Jobs, Supervisor
from devices.transport import Transport, node_watch, open_transport

POLL_S = 2.0
PATIENCE_S = 5.0
LOW_PERCENT = 5
_LOOK_S = 0.25
_SUPERVISOR_SAYS = datetime(1970, 1, 1, tzinfo=UTC)
_PROBE_S = 0.4
_ZEROS_A_LOOK = 2048


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Print ``slip`` once; its end is a ``Printed`` event with the same ``job``."""

    job: str
    slip: Slip


@dataclass(frozen=True, slots=True)
class NewRoll:
    """A full roll was put in; the printer notices by itself only when the old one had run out."""


class Printer:
    """One open printer, run by a supervisor (see ``devices.supervisor.Device``).

    ``first_id`` starts the process ids: from run to run another, so that a late answer to an earlier run's
    question is not taken for ours.
    """

    def __init__(
        self,
        line: Transport,
        profile: PrinterProfile,
        units: Units,
        *,
        device: str = "printer",
        first_id: int = 0,
        poll_s: float = POLL_S,
        patience_s: float = PATIENCE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = line
        self._talk = Talk(line, monotonic, offline_bit=profile.offline_bit)
        self._profile = profile
        self._units = units
        self._device = device
        self._next_id = first_id
        self._poll_s = poll_s
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._unit = units.get(line.address)
        self._heard: Status | Hearing = SILENT
        self._was_out = False
        self._late: Late | None = None

    def identify(self) -> str:
        """The unit's own name where it says one, else the profile's.

        Raises DeviceFault ``not-answering`` for a unit that has answered before. One that never has may be a
        printer that only listens: it is used, and its tickets end as SENT.
        """
        end_command(self._talk, self._unit.unfinished_bytes, self._patience_s)
        self._heard = self._talk.status()
        if self._heard is SILENT:
            if self._unit.answers:
                raise DeviceFault(f"the printer at {self._line.address} does not answer", "not-answering")
            self._talk.write(protocol.LISTEN)
            return self._profile.name
        self._talk.write(protocol.LISTEN)
        said = [self._talk.text(protocol.MAKER)]
        if said[0]:
            said += [self._talk.text(protocol.MODEL), self._talk.text(protocol.FIRMWARE)]
        model = " ".join(filter(None, said)) or self._profile.name
        if model != self._unit.model or not self._unit.answers:
            # a first meeting, or another unit on this port: what was probed of the old one does not hold
            self._remember(replace(self._unit, model=model, answers=True, confirmation=None))
        if self._profile.status_back:
            self._talk.write(protocol.STATUS_BACK_ON)
        self._probe_if_ready()
        return model

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Print what is asked and watch the paper until ``stop``. Raises DeviceLost."""
        next_look = 0.0
        while not stop.is_set():
            if self._monotonic() >= next_look:
                self._look(emit)
                next_look = self._monotonic() + self._poll_s
            try:
                job = jobs.get(timeout=min(_LOOK_S, self._poll_s))
            except queue.Empty:
                if self._pushed():
                    next_look = 0.0
                continue
            next_look = 0.0
            match job:
                case PrintJob():
                    self._print(job, emit)
                case NewRoll():
                    self._remember(replace(self._unit, used_mm=0.0))
                case _:
                    raise TypeError(f"a printer takes PrintJob and NewRoll, not {type(job).__name__}")

    @property
    def confirmation(self) -> Confirmation | None:
        """How this unit confirms; None while it has not been probed."""
        return self._unit.confirmation

    def close(self) -> None:
        """Give the line back."""
        self._line.close()

    # -- status and paper

    def _look(self, emit: Emit) -> None:
        if self._heard is SILENT:
            end_command(self._talk, min(_ZEROS_A_LOOK, self._unit.unfinished_bytes), self._patience_s)
        was, self._heard = self._heard, self._talk.status()
        if was is SILENT and self._heard is not SILENT:
            self.identify()  # switched on again, perhaps another printer
        self._count_rolls()
        self._tidy_if_ready(waits=True)
        self._probe_if_ready()
        emit(self._health())

    def _pushed(self) -> bool:
        """Whether the printer told of a change by itself; the next look reads it properly."""
        if not self._profile.status_back or self._heard is SILENT:
            return False
        self._talk.last_status_back = None
        self._talk.listen(0)
        return self._talk.last_status_back not in {None, self._heard}

    def _health(self) -> Health:
        """Only condition, reason and paper: the supervisor fills in the rest."""
        percent = self._paper_percent()
        heard = self._heard
        if heard is SILENT:
            condition = Condition.ABSENT if self._unit.answers else Condition.DEGRADED
            reason = "not-answering"
        elif isinstance(heard, Status) and heard.stopped_by:
            condition, reason = Condition.DEGRADED, heard.stopped_by
            percent = 0 if reason == "paper-out" else percent
        elif (isinstance(heard, Status) and heard.paper_low) or percent <= LOW_PERCENT:
            condition, reason = Condition.DEGRADED, "paper-low"
        else:
            condition, reason = Condition.OK, ""
        return Health(self._device, condition, _SUPERVISOR_SAYS, reason, paper_percent=percent)

    def _paper_percent(self) -> int:
        """What should be left of the roll, by the millimetres printed since it was new."""
        left = 1.0 - self._unit.used_mm / (self._profile.roll_m * 1000)
        return max(0, min(100, round(left * 100)))

    def _count_rolls(self) -> None:
        if isinstance(self._heard, Status) and not self._heard.cover_open:
            if self._was_out and not self._heard.paper_out:
                self._remember(replace(self._unit, used_mm=0.0))
            self._was_out = self._heard.paper_out

    # -- confirmation

    @property
    def _ready(self) -> bool:
        return self._heard is UNTRUSTED or (isinstance(self._heard, Status) and not self._heard.stopped_by)

    def _probe_if_ready(self) -> None:
        """Find out once how this unit confirms; only when it is ready, for a stopped one answers nothing in order."""
        if self._unit.confirmation is not None or not self._ready:
            return
        if self._talk.probe_process_id(self._ident(), _PROBE_S):
            found = Confirmation.PROCESS_ID
        elif self._talk.probe_fence(_PROBE_S):
            found = Confirmation.FENCE
        else:
            found = Confirmation.NONE
        self._remember(replace(self._unit, confirmation=found))

    def _ident(self) -> bytes:
        self._next_id += 1
        return protocol.process_id(self._next_id)

    def _remember(self, unit: Unit) -> None:
        self._unit = unit
        # a disk that cannot be written costs a probe and a roll estimate after the next start, not the ticket
        with suppress(OSError):
            self._units.put(self._line.address, unit)

    # -- printing

    def _tidy_if_ready(self, *, waits: bool) -> None:
        """End what an UNKNOWN ticket left behind. Raises WriteStuck where the printer still takes nothing.

        ``waits``: nobody waits for the printer, so it has until the next look to finish that ticket by itself.
        """
        late, self._late = self._late, None
        if not self._unit.unfinished_bytes or not (self._ready or not self._unit.answers):
            self._late = late
        elif late and late.came(self._talk):
            self._remember(replace(self._unit, unfinished_bytes=0))  # it came out whole
        elif late and waits and not late.waited:
            self._late = replace(late, waited=True)
        else:
            took_mm = put_out(self._talk, self._unit.unfinished_bytes, self._profile, self._patience_s)
            self._remember(replace(self._unit, unfinished_bytes=0, used_mm=self._unit.used_mm + took_mm))

    def _print(self, job: PrintJob, emit: Emit) -> None:
        """One job; whatever happens, it ends in exactly one Printed."""
        ended = Ended(PrintResult.FAILED, "driver-error")
        try:
            ticket = Ticket.of(rows(job.slip, self._profile), self._ident())
            self._heard = self._talk.status()
            refusal = self._refusal()
            if refusal:
                ended = Ended(PrintResult.FAILED, refusal)
                return
            self._tidy_if_ready(waits=False)
            self._probe_if_ready()
            # should this process die in the ticket's middle, the next one knows what the printer may wait for
            self._remember(replace(self._unit, unfinished_bytes=ticket.longest_bytes))
            # from the first byte on, only a good end takes this away
            ended = Ended(PrintResult.UNKNOWN, "driver-error")
            ended = print_once(
                self._talk,
                ticket,
                self._unit.confirmation or Confirmation.NONE,
                status_trusted=isinstance(self._heard, Status),
                patience_s=self._patience_s,
                monotonic=self._monotonic,
            )
        except SlipError as error:
            ended = Ended(PrintResult.FAILED, error.code)
        except DeviceError as error:
            ended = Ended(ended.result, reason_of(error))
            raise
        finally:
            if ended.result is not PrintResult.FAILED:
                self._note(ticket, ended)
            emit(Printed(self._device, job.job, ended.result, ended.reason))

    def _note(self, ticket: Ticket, ended: Ended) -> None:
        """Remember what a ticket that was sent says of the unit."""
        # a unit that did not keep to what it could once is probed anew when it is idle
        unconfirmed = ended.reason == "not-confirmed"
        kept = ended.by in {None, self._unit.confirmation} and not unconfirmed
        owed = self._talk.fences_owed > 0
        unfinished = ended.result is PrintResult.UNKNOWN or (unconfirmed and owed)
        self._late = Late(ticket.ident, fence=owed) if unfinished else None
        self._remember(
            replace(
                self._unit,
                confirmation=self._unit.confirmation if kept else None,
                used_mm=self._unit.used_mm + ticket.length_mm,
                unfinished_bytes=ticket.longest_bytes if unfinished else 0,
            )
        )

    def _refusal(self) -> str:
        """Why nothing should be sent now; empty when it may be tried."""
        if isinstance(self._heard, Status):
            return self._heard.stopped_by
        return "not-answering" if self._heard is SILENT and self._unit.answers else ""


def refused(device: str) -> Callable[[Any, str], DeviceEvent]:
    """What a job becomes while the printer is away: no byte was sent, so it has FAILED."""
    return lambda job, reason: Printed(device, getattr(job, "job", ""), PrintResult.FAILED, reason)


def supervise_printer(
    address: str,
    profile: PrinterProfile,
    emit: Emit,
    *,
    memory: Path | None = None,
    device: str = "printer",
    poll_s: float = POLL_S,
    patience_s: float = PATIENCE_S,
    power_cycle: PowerCycle | None = None,
) -> Supervisor:
    """A supervisor, not yet started, for the printer at ``address``; give its ``submit`` PrintJobs.

    ``memory`` is the file that keeps what is known of the unit. Raises BadAddress.
    """
    units = Units(memory)

    def open_printer() -> Printer:
        return Printer(
            open_transport(address),
            profile,
            units,
            device=device,
            first_id=random.randrange(78_000_000),
            poll_s=poll_s,
            patience_s=patience_s,
        )

    return Supervisor(
        device, open_printer, emit, refuse=refused(device), watch=node_watch(address), power_cycle=power_cycle
    )
