"""One question to a SAM module, one answer that can be trusted, or an error that says why there is none.

Noise, late answers and modules that hang are dealt with here, in this order: ask again (not sooner than the vendor
allows), reset the module, ask again, give up by raising, whereupon the supervisor opens the line anew and, if even
that does not help, has the port's power switched. What an answer means for the card is the driver's business.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from devices.errors import DeviceError, DeviceFault, DeviceLost, DeviceSilent, LinkGarbled
from devices.idcard import protocol
from devices.idcard.presence import AGAIN_S, SAME_CARD_S
from devices.idcard.protocol import Garbled, Meaning, Reply, ReplyParser
from devices.transport import Transport

TRIES = 3  # failures in a row before the SAM is reset, and again before the line is given up
_LOOK_S = 0.25  # how soon a stop is noticed
_WRITE_S = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait for what, in seconds; the defaults are the vendor's rules and what the field has taught."""

    settle_s: float = 0.05  # opening a port moves its control lines, which some modules hear as a click
    poll_s: float = 0.3  # the vendor's fastest, also for asking again
    status_s: float = 0.3  # a SAM tells its status at once
    find_s: float = 0.5
    command_s: float = 1.0
    read_s: float = 3.0  # the card's authentication takes most of it
    address_s: float = 1.5
    quiet_s: float = 0.35  # a frame that pauses longer will not go on, whatever length it gave
    frame_s: float = 5.0  # and however it trickles, it must end
    same_card_s: float = SAME_CARD_S
    again_s: float = AGAIN_S


class Asking:
    """A module at the other end of ``line``. Set ``stop`` to make every waiting end soon.

    ``heard``: anything at all came since the last request was sent.
    """

    def __init__(self, line: Transport, timing: Timing, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.stop = threading.Event()
        self.heard = False
        self._line = line
        self._timing = timing
        self._monotonic = monotonic
        self._parser = ReplyParser()

    def find_rate(self, rates: tuple[int, ...]) -> tuple[int, Reply]:
        """Return the first of ``rates`` at which a SAM tells its status, and what it tells; ``DeviceSilent``."""
        self._line.read(4096, self._timing.settle_s)
        for rate in rates * 2:  # twice, should noise have hit the answer
            self._line.set_baud(rate)
            reply = self.once(protocol.SAM_STATUS, self._timing.status_s)
            if reply is not None:
                return rate, reply
        raise DeviceSilent(f"no card reader answers at {self._line.address} at any rate")

    def ask(self, frame: bytes, timeout_s: float) -> Reply:
        """Ask until an answer can be trusted. After three failures the SAM is reset, after three more it is over."""
        heard = False
        for attempt in range(2 * TRIES):
            if attempt == TRIES:
                self.reset()
            began_s = self._monotonic()
            reply = self.once(frame, timeout_s)
            if reply is not None and reply.meaning is not Meaning.LINK:
                return self.sound(reply)
            heard = heard or self.heard
            if self.stop.wait(max(0.0, began_s + self._timing.poll_s - self._monotonic())):
                raise DeviceLost("stopped while asking")
        raise self.given_up(heard=heard)

    def read(self, frame: bytes, timeout_s: float) -> Reply | None:
        """Ask for what a card says; None where nothing that can be trusted comes.

        A broken answer is asked for again, as only the wire was to blame. After silence it is not: a card that
        makes the module wait does so again.
        """
        for _ in range(TRIES):
            reply = self.once(frame, timeout_s)
            if reply is not None and reply.meaning is not Meaning.LINK:
                return self.sound(reply)
            if not self.heard or self.stop.is_set():
                break
        return None

    def reset(self) -> None:
        """Reset the SAM, which switches the field off for a moment: a card that locked up starts anew."""
        self.once(protocol.RESET_SAM, self._timing.command_s)

    def once(self, frame: bytes, timeout_s: float) -> Reply | None:
        """Send one request and return the first whole reply; None where it is late, garbled or breaks off."""
        self.heard = False
        self._line.drop_input()
        self._line.write(frame, _WRITE_S)
        try:
            return self._reply_to(frame, timeout_s)
        finally:
            self._parser.forget()  # half a reply may be half of what a card says

    def _reply_to(self, frame: bytes, timeout_s: float) -> Reply | None:
        timing = self._timing
        until = quiet_until = self._monotonic() + timeout_s
        while not self.stop.is_set():
            now = self._monotonic()
            left = min(quiet_until, until + timing.frame_s) - now if self._parser.midway else until - now
            if left <= 0:
                return None
            data = self._line.read(4096, min(left, _LOOK_S))
            if not data:
                continue
            self.heard = True
            quiet_until = self._monotonic() + timing.quiet_s
            for event in self._parser.feed(data):
                if isinstance(event, Garbled):
                    until = min(until, quiet_until)  # that was most likely the answer
                elif protocol.answers(frame, event):
                    return event
        return None

    def sound(self, reply: Reply) -> Reply:
        """Return ``reply`` unless it says that the module cannot work: then ``DeviceFault``."""
        if reply.meaning is Meaning.FAULT:
            fault = protocol.FAULT_CODES[reply.status]
            raise DeviceFault(f"the card reader at {self._line.address} reports {fault}", fault)
        return reply

    def given_up(self, *, heard: bool) -> DeviceError:
        """The error for a module that was asked and reset in vain."""
        if heard:
            return LinkGarbled(f"the card reader at {self._line.address} gives no answer that can be trusted")
        return DeviceSilent(f"the card reader at {self._line.address} has stopped answering")
