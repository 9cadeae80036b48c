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
    PanelLights(..)       ->  workers.light(calling=.., speaking=..)
    Buzz()                ->  workers.buzz()
    Inspect(device)       ->  workers.inspect(device)
    NewPaper()            ->  workers.new_roll()
    WantCodes(wanted)     ->  workers.want_codes(wanted=..)
    EndSession()          ->  workers.next_session(new_session_id)   # kills the reading process before it returns
    a screen is shown     ->  link.set_screen(its name)
    at the end            ->  workers.stop(); link.stop(); outbox.close()

There is always exactly one session: the next begins where the last one ended, so a card laid on the idle
kiosk has one too. What concerns a citizen is stamped with their session: CardRead, CardTrouble, CardGone, Typed*,
CodeRead, CodeTrouble, KeyPressed (but for a call). ``Replied`` is stamped with the session that asked, also when that
citizen has gone: the flow knows its wishes by request id. What concerns the kiosk is stamped None: PrintEnded (known
by its job), DeviceChanged, PanelChanged, LinkChanged, CatalogueChanged, OutlookChanged.

A device that the profile does not have (empty port) is said to be ``absent`` with reason ``not-fitted`` once, and
does not stand in the heartbeat; the number pad works without a card reader.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence

from devices.events import CodeSeen, DeviceEvent, Health, Printed, PrintResult
from devices.events import CodeTrouble as DeviceCodeTrouble
from devices.events import KeyPressed as DeviceKeyPressed
from devices.events import PanelChanged as DevicePanelChanged
from devices.gpio.record import Buzz, Lamp, SpeechLight
from devices.printer.driver import NewRoll, PrintJob
from devices.printer.slip import Slip
from devices.scanner.driver import Wanted
from firmware_cfg.profile import Profile
from kiosk.card_desk import CardDesk
from kiosk.codes import OneShowing
from kiosk.events import (
    CodeRead,
    CodeTrouble,
    DeviceChanged,
    Event,
    Inspected,
    KeyPressed,
    PanelChanged,
    PrintEnded,
    Stamped,
)
from kiosk.fitted import fitted_devices
from kiosk.flow.state import DEVICES
from kiosk.identity import server_key
from kiosk.peripherals import Peripherals
from queue_server.wire import messages as wire

NOT_FITTED = "not-fitted"


class Workers:
    """Every device of one kiosk. Every method may be called from any thread and returns at once.

    ``on_peripherals`` gets the state of all fitted devices whenever one of them changes.
    Raises ``kiosk.identity.BadServerKey``, and what ``fitted_devices`` raises.
    """

    def __init__(
        self,
        profile: Profile,
        inbox: queue.SimpleQueue[Stamped],
        on_peripherals: Callable[[Sequence[wire.Peripheral]], None] = lambda _peripherals: None,
    ) -> None:
        self._inbox = inbox
        self._session = ""
        self._codes = OneShowing()
        self._codes_wanted = True
        self._inspecting = False
        self._peripherals = Peripherals(lambda event: self._tell(None, event), on_peripherals)
        key = server_key(profile.kiosk.server_key_file)
        self._cards = CardDesk(profile.idcard, key, self._tell, self._reader, self.print)
        self._devices = fitted_devices(profile, self._heard, lambda: self._codes_wanted)
        fitted = {*self._devices, *(["idcard"] if profile.idcard.port else [])}
        self._missing = tuple(name for name in DEVICES if name not in fitted)

    def start(self, session: str) -> None:
        """Open every device and begin to read for ``session``."""
        self._session = session
        for name in self._missing:
            self._tell(None, DeviceChanged(name, "absent", NOT_FITTED))
        for supervisor in self._devices.values():
            supervisor.start()
        self._cards.start(session)

    def next_session(self, session: str) -> None:
        """The citizen has left: what was read of them is gone when this returns, and ``session`` begins."""
        self._session = session
        self._cards.next_session(session)

    def type_key(self, key: str) -> None:
        """One key of the number pad, to the reading process: 0-9, X, ``erase``, ``clear`` or ``enter``."""
        self._cards.type_key(key)

    def open_record(self, box: str) -> None:
        """What an office has on record, to the reading process: RecordOpened or RecordTrouble follows."""
        self._cards.ask("record", box=box)

    def show_record(self) -> None:
        """RecordWhole follows, if there is a record."""
        self._cards.ask("record-whole")

    def print_record(self, job: str, **words: str) -> None:
        """The reading process writes the slip, and it is printed as ``job``."""
        self._cards.ask("record-slip", job=job, **words)

    def print(self, job: str, slip: Slip) -> None:
        """Print once; the end comes back as PrintEnded, at once where the printer is away."""
        if "printer" in self._devices:
            self._devices["printer"].submit(PrintJob(job, slip))
        else:
            self._tell(None, PrintEnded(job, str(PrintResult.FAILED), NOT_FITTED))

    def light(self, *, calling: bool, speaking: bool) -> None:
        """The panel's lamp blinks while somebody is called; the light of its speech key burns while speech is on."""
        if panel := self._devices.get("panel"):
            panel.submit(Lamp("slow" if calling else "off"))
            panel.submit(SpeechLight("on" if speaking else "off"))

    def inspect(self, device: str) -> None:
        """Open ``device`` anew and ask it who it is; comes back as Inspected. For a technician."""
        if device == "idcard":
            self._inspecting = True
            self._cards.next_session(self._session)
        elif supervisor := self._devices.get(device):
            supervisor.renew(lambda reason: self._tell(None, Inspected(device, reason)))
        else:
            self._tell(None, Inspected(device, NOT_FITTED))

    def new_roll(self) -> None:
        """The printer begins to count its paper anew."""
        if printer := self._devices.get("printer"):
            printer.submit(NewRoll())

    def buzz(self) -> None:
        """One short sound of the panel."""
        if panel := self._devices.get("panel"):
            panel.submit(Buzz("once"))

    def want_codes(self, *, wanted: bool) -> None:
        """Scan light and camera are off while no code could be used; one that is opened meanwhile asks by itself."""
        self._codes_wanted = wanted
        for name in ("scanner", "camera"):
            if eye := self._devices.get(name):
                eye.submit(Wanted(wanted))

    @property
    def reading_pid(self) -> int | None:
        """The reading process of now, for those who want to see it end."""
        return self._cards.reading_pid

    def stop(self) -> None:
        """Close every device and end every thread and process."""
        self._cards.stop()
        for supervisor in self._devices.values():
            supervisor.stop()

    # --- on the devices' threads ------------------------------------------------------------------------------

    def _reader(self, now: wire.Peripheral) -> None:
        """The reading process's word on its reader."""
        self._peripherals.take(now)
        if self._inspecting and now.condition != "starting":
            self._inspecting = False
            self._tell(None, Inspected("idcard", "" if now.condition == "ok" else now.reason or now.condition))

    def _heard(self, event: DeviceEvent) -> None:
        match event:
            case Health():
                self._peripherals.health(event)
            case Printed(job=job, result=result, reason=reason):
                self._tell(None, PrintEnded(job, str(result), reason))
            case CodeSeen(device=device, text=text):
                if self._codes.news(device, text, time.monotonic()):
                    self._tell(self._session, CodeRead(text))
            case DeviceCodeTrouble(code=code):
                self._tell(self._session, CodeTrouble(code))
            case DeviceKeyPressed(key=key):
                # A call for help is never too late, whoever's session it was.
                self._tell(None if key == "call" else self._session, KeyPressed(key))
            case DevicePanelChanged(input=what, active=active):
                self._tell(None, PanelChanged(str(what), active))
            case _:
                pass  # cards are the reading process's alone

    def _tell(self, session: str | None, event: Event) -> None:
        self._inbox.put(Stamped(session, event))
