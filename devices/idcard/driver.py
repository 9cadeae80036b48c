"""The card reader at work: find its rate, poll for a card, read it once, and get over what goes wrong.

The vendor's rules that shape this file: poll no faster than every 300 ms; after a read error the card must be
taken off and put back; a card may lock up in the field until the SAM is reset. Whether a card that is found
is a new one is ``Presence``'s to say. What cannot be mended here is raised, and the supervisor opens anew.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devices.errors import DeviceFault, DeviceLost, DeviceSilent, LinkGarbled, UnusableCard
from devices.events import CardGone, CardSeen, CardTrouble
from devices.idcard import protocol
from devices.idcard.layouts import parse_text
from devices.idcard.presence import AGAIN_S, SAME_CARD_S, Presence
from devices.idcard.protocol import Garbled, Meaning, Reply, ReplyParser
from devices.idcard.record import Card
from devices.supervisor import Emit, Jobs
from devices.transport import Transport, open_transport

_LOOK_S = 0.25  # how soon a stop is noticed
_WRITE_S = 1.0
_TRIES = 3  # failures in a row before the SAM is reset, and again before the line is given up
_SELECTS = 3  # failed selections before the card counts as locked up


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait for what, in seconds; the defaults are the vendor's rules and what the field has taught."""

    poll_s: float = 0.3  # the vendor's fastest
    status_s: float = 0.3  # a SAM tells its status at once
    find_s: float = 0.5
    command_s: float = 1.0
    read_s: float = 3.0  # the card's authentication takes most of it
    address_s: float = 1.5
    quiet_s: float = 0.35  # a frame that pauses longer will not go on, whatever length it gave
    frame_s: float = 5.0  # and however it trickles, it must end
    same_card_s: float = SAME_CARD_S
    again_s: float = AGAIN_S


class Reader:
    """A supervised device on an open line.

    ``rates`` are tried in order. ``newest_address`` asks for the address stored later than the card's print as
    well; a kiosk has no use for it.
    """

    def __init__(
        self,
        line: Transport,
        *,
        name: str = "idcard",
        rates: tuple[int, ...] = protocol.RATES,
        timing: Timing = Timing(),
        newest_address: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = line
        self._name = name
        self._rates = rates
        self._timing = timing
        self._newest_address = newest_address
        self._monotonic = monotonic
        self._parser = ReplyParser()
        self._presence = Presence(timing.same_card_s, timing.again_s)
        self._failed_selects = 0
        self._heard = False  # anything at all came since the last request
        self._stop = threading.Event()
        self.baud: int | None = None  # known once identified

    def identify(self) -> str:
        """Find the rate at which a SAM answers and return its identity, for example ``SAM 05.01-2017..``.

        Raises ``DeviceSilent`` if none answers, ``DeviceFault`` if the module says that it cannot work.
        """
        for rate in self._rates * 2:  # twice, should noise have hit the answer
            self._line.set_baud(rate)
            reply = self._once(protocol.SAM_STATUS, self._timing.status_s)
            if reply is not None:
                self.baud = rate
                break
        else:
            raise DeviceSilent(f"no card reader answers at {self._line.address} at any rate")
        self._no_fault(reply)
        reply = self._ask(protocol.SAM_ID, self._timing.command_s)
        return f"SAM {protocol.sam_id_text(reply.data)}" if len(reply.data) == 16 else "SAM"

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Poll for cards until ``stop``; a reader takes no ``jobs``."""
        del jobs
        self._stop = stop
        while not stop.is_set():
            began = self._monotonic()
            for event in self._poll():
                emit(event)
            stop.wait(max(0.0, began + self._timing.poll_s - self._monotonic()))

    def close(self) -> None:
        self._parser.forget()
        self._line.close()

    def _poll(self) -> Iterator[CardSeen | CardTrouble | CardGone]:
        found = self._ask(protocol.FIND_CARD, self._timing.find_s)
        presence = self._presence
        if found.meaning is not Meaning.DONE:
            if presence.missed():
                presence.announced = False
                yield CardGone(self._name)
            return
        if not presence.wants_reading(self._monotonic()):
            return
        outcome = self._read()
        if outcome is None:
            return  # the next poll will tell
        now_s = self._monotonic()
        if isinstance(outcome, str):
            if presence.failed(now_s):
                yield CardTrouble(self._name, outcome)
        elif presence.read(outcome.number, now_s):
            if presence.announced:  # another card took its place between two polls
                yield CardGone(self._name)
            presence.announced = True
            yield CardSeen(self._name, outcome)

    def _read(self) -> Card | str | None:
        """Select and read the card that was found: the card, a trouble's code, or None to poll again."""
        selected = self._ask(protocol.SELECT_CARD, self._timing.find_s)
        if selected.meaning is not Meaning.DONE:
            self._failed_selects += 1
            if self._failed_selects % _SELECTS:
                return None
            self._once(protocol.RESET_SAM, self._timing.command_s)  # it may have locked up in the field
            return "replace-card"
        self._failed_selects = 0
        reply = self._ask(protocol.READ_TEXT_AND_PHOTO, self._timing.read_s)
        block = protocol.text_of(reply)
        if reply.meaning is Meaning.NOT_READABLE or (reply.meaning is Meaning.DONE and block is None):
            return "unknown-layout"
        if reply.meaning is not Meaning.DONE or block is None:
            return "replace-card"
        try:
            card = parse_text(block)
        except UnusableCard as error:
            return error.trouble
        return self._with_newest_address(card) if self._newest_address else card

    def _with_newest_address(self, card: Card) -> Card:
        reply = self._once(
            protocol.READ_NEWEST_ADDRESS, self._timing.address_s
        )  # needs no new selection right after a read
        address = protocol.address_of(reply) if reply is not None else None
        return dataclasses.replace(card, address=address) if address else card

    def _ask(self, frame: bytes, timeout_s: float) -> Reply:
        """Ask until an answer can be trusted. After three failures the SAM is reset, after three more it is over."""
        heard = False
        for attempt in range(2 * _TRIES):
            if attempt == _TRIES:
                self._once(protocol.RESET_SAM, self._timing.command_s)
            reply = self._once(frame, timeout_s)
            if reply is not None and reply.meaning is not Meaning.LINK:
                self._no_fault(reply)
                return reply
            heard = heard or self._heard
            if self._stop.is_set():
                raise DeviceLost("stopped while asking")
        if heard:
            raise LinkGarbled(f"the card reader at {self._line.address} gives no answer that can be trusted")
        raise DeviceSilent(f"the card reader at {self._line.address} has stopped answering")

    def _once(self, frame: bytes, timeout_s: float) -> Reply | None:
        """Send one request and return the first whole reply; None where it is late, garbled or breaks off."""
        self._parser.forget()
        self._heard = False
        self._line.drop_input()
        self._line.write(frame, _WRITE_S)
        timing = self._timing
        until = quiet_until = self._monotonic() + timeout_s
        while not self._stop.is_set():
            now = self._monotonic()
            left = min(quiet_until, until + timing.frame_s) - now if self._parser.midway else until - now
            if left <= 0:
                return None
            data = self._line.read(4096, min(left, _LOOK_S))
            if not data:
                continue
            self._heard = True
            quiet_until = self._monotonic() + timing.quiet_s
            for event in self._parser.feed(data):
                if isinstance(event, Garbled):
                    until = min(until, quiet_until)  # that was most likely the answer
                elif protocol.answers(frame, event):
                    return event
        return None

    def _no_fault(self, reply: Reply) -> None:
        if reply.meaning is Meaning.FAULT:
            fault = protocol.FAULT_CODES[reply.status]
            raise DeviceFault(f"the card reader at {self._line.address} reports {fault}", fault)


def open_reader(
    address: str,
    *,
    name: str = "idcard",
    baud: int | None = None,
    newest_address: bool = False,
    timing: Timing = Timing(),
) -> Reader:
    """Open a reader at a transport's address; ``baud`` is tried before the other rates."""
    rates = protocol.RATES if baud is None else (baud, *(rate for rate in protocol.RATES if rate != baud))
    return Reader(open_transport(address), name=name, rates=rates, newest_address=newest_address, timing=timing)
