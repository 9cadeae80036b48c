"""The kiosk's devices at work on threads and processes of their own, all telling one inbox.

What ``app`` must do, and all it must know::

    inbox = queue.SimpleQueue()                       # of kiosk.events.Stamped
    outbox = Outbox(profile.var.path / "outbox.db")
    link = Link(profile, outbox, inbox)
    workers = Workers(profile, inbox, link.set_peripherals)   # raises BadServerKey: say so and end
    workers.start(session_id)
    link.start()                                      # puts CatalogueChanged at once, then LinkChanged, OutlookChanged

    Send(hall, request)   ->  link.send(hall, request, session_id)
    Print(job, slip)      ->  workers.print(job, slip)
    TypeKey(key)          ->  workers.type_key(key)
    EndSession()          ->  workers.next_session(new_session_id)   # kills the reading process before it returns
    a screen is shown     ->  link.set_screen(its name)
    at the end            ->  workers.stop(); link.stop(); outbox.close()

There is always exactly one session: the next begins where the last one ended, so a card laid on the idle
kiosk has one too. What concerns a citizen is stamped with their session: CardRead, CardTrouble, CardGone, Typed*,
CodeRead, CodeTrouble. ``Replied`` is stamped with the session that asked, also when that citizen has gone: the
flow knows its wishes by request id. What concerns the kiosk is stamped None: PrintEnded (known by its job),
DeviceChanged, LinkChanged, CatalogueChanged, OutlookChanged.

A device that the profile does not have (empty port) is said to be ``absent`` with reason ``not-fitted`` once, and
does not stand in the heartbeat; the number pad works without a card reader.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from devices.events import CodeSeen, Condition, DeviceEvent, Health, Printed, PrintResult
from devices.events import CodeTrouble as DeviceCodeTrouble
from devices.printer import profile as printer_profiles
from devices.printer.driver import PrintJob, supervise_printer
from devices.printer.slip import Slip
from devices.scanner.driver import open_scanner
from devices.supervisor import Supervisor
from devices.transport import node_watch
from firmware_cfg.profile import Profile
from kiosk.card_desk import CardDesk
from kiosk.events import CodeRead, CodeTrouble, DeviceChanged, Event, PrintEnded, Stamped
from kiosk.identity import server_key
from queue_server.wire import messages as wire

NOT_FITTED = "not-fitted"
DEVICES = ("idcard", "printer", "scanner")


class Workers:
    """Card desk, printer and scanner of one kiosk. Every method may be called from any thread and returns at once.

    ``on_peripherals`` gets the state of all fitted devices whenever one of them changes.
    Raises ``kiosk.identity.BadServerKey`` and ``devices.printer.profile.ProfileError``.
    """

    def __init__(
        self,
        profile: Profile,
        inbox: queue.SimpleQueue[Stamped],
        on_peripherals: Callable[[Sequence[wire.Peripheral]], None] = lambda _peripherals: None,
    ) -> None:
        self._inbox = inbox
        self._on_peripherals = on_peripherals
        self._session = ""
        self._lock = threading.Lock()  # guards _known and the order in which peripherals are told
        self._known: dict[str, wire.Peripheral] = {}
        self._cards = CardDesk(profile.idcard, server_key(profile.kiosk.server_key_file), self._tell, self._report)
        self._printer = self._supervised_printer(profile) if profile.printer.port else None
        self._scanner = self._supervised_scanner(profile.scanner.port) if profile.scanner.port else None
        fitted = {"idcard": profile.idcard.port, "printer": self._printer, "scanner": self._scanner}
        self._missing = tuple(name for name in DEVICES if not fitted[name])

    def start(self, session: str) -> None:
        """Open every device and begin to read for ``session``."""
        self._session = session
        for name in self._missing:
            self._inbox.put(Stamped(None, DeviceChanged(name, "absent", NOT_FITTED)))
        for supervisor in (self._printer, self._scanner):
            if supervisor is not None:
                supervisor.start()
        self._cards.start(session)

    def next_session(self, session: str) -> None:
        """The citizen has left: what was read of them is gone when this returns, and ``session`` begins."""
        self._session = session
        self._cards.next_session(session)

    def type_key(self, key: str) -> None:
        """One key of the number pad, to the reading process: 0-9, X, ``erase``, ``clear`` or ``enter``."""
        self._cards.type_key(key)

    def print(self, job: str, slip: Slip) -> None:
        """Print once; the end comes back as PrintEnded, at once where the printer is away."""
        if self._printer is None:
            self._inbox.put(Stamped(None, PrintEnded(job, str(PrintResult.FAILED), NOT_FITTED)))
        else:
            self._printer.submit(PrintJob(job, slip))

    @property
    def reading_pid(self) -> int | None:
        """The reading process of now, for those who want to see it end."""
        return self._cards.reading_pid

    def stop(self) -> None:
        """Close every device and end every thread and process."""
        self._cards.stop()
        for supervisor in (self._printer, self._scanner):
            if supervisor is not None:
                supervisor.stop()

    # --- on the devices' threads ------------------------------------------------------------------------------

    def _supervised_printer(self, profile: Profile) -> Supervisor:
        kind = printer_profiles.load_profile(profile.printer.profile, profile.printer.paper_mm)
        memory = profile.var.path / "printers.json"
        return supervise_printer(profile.printer.port, kind, self._heard, memory=memory)

    def _supervised_scanner(self, port: str) -> Supervisor:
        return Supervisor("scanner", lambda: open_scanner(port), self._heard, watch=node_watch(port))

    def _heard(self, event: DeviceEvent) -> None:
        match event:
            case Health():
                self._report(peripheral(event))
            case Printed(job=job, result=result, reason=reason):
                self._inbox.put(Stamped(None, PrintEnded(job, str(result), reason)))
            case CodeSeen(text=text):
                self._tell(self._session, CodeRead(text))
            case DeviceCodeTrouble(code=code):
                self._tell(self._session, CodeTrouble(code))
            case _:
                pass  # cards are the reading process's alone

    def _tell(self, session: str, event: Event) -> None:
        self._inbox.put(Stamped(session, event))

    def _report(self, now: wire.Peripheral) -> None:
        with self._lock:
            was = self._known.get(now.name)
            if was is not None and was.condition == now.condition:
                # Each citizen's reading process opens the reader anew; that it works began long ago.
                now = msgspec.structs.replace(now, since=was.since)
            self._known[now.name] = now
            if was is None or (was.condition, was.reason) != (now.condition, now.reason):
                self._inbox.put(Stamped(None, DeviceChanged(now.name, now.condition, now.reason)))
            self._on_peripherals([self._known[name] for name in DEVICES if name in self._known])


def peripheral(health: Health) -> wire.Peripheral:
    """A device's health as the heartbeat carries it."""
    return wire.Peripheral(
        name=health.device,
        condition=_CONDITIONS[health.condition],
        since=health.since.astimezone(UTC) if health.since.tzinfo else datetime.now(UTC),
        reason=health.reason[:64],
        model=health.model[:64],
        paper_percent=health.paper_percent,
        counters=dict(health.counters),
    )


_CONDITIONS: dict[Condition, Literal["starting", "ok", "degraded", "absent"]] = {
    Condition.STARTING: "starting",
    Condition.OK: "ok",
    Condition.DEGRADED: "degraded",
    Condition.ABSENT: "absent",
}
