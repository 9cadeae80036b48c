"""The card reader at work: find its rate, poll for a card, read it once, and get over what goes wrong.

The vendor's rules that shape this file: poll no faster than every 300 ms; after a read error the card must be
taken off and put back; a card may lock up in the field until the SAM is reset. Whether a card that is found
is a new one is ``Presence``'s to say, how often a question is repeated ``Asking``'s. What cannot be mended here is
raised, and the supervisor opens anew.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator

from devices.errors import DeviceError, UnusableCard
from devices.events import CardGone, CardSeen, CardTrouble
from devices.idcard import protocol
from devices.idcard.asking import TRIES, Asking, Timing
from devices.idcard.layouts import parse_text
from devices.idcard.presence import Presence
from devices.idcard.protocol import Meaning
from devices.idcard.record import Card
from devices.supervisor import Emit, Jobs
from devices.transport import Transport, open_transport

__all__ = ["Reader", "Timing", "open_reader"]

_USUAL = Timing()
_CARD_TRIES = 3  # failures in a row with one card before it counts as locked up


class Reader:
    """A supervised device on an open line.

    ``rates`` are tried in order. ``newest_address`` asks for the address stored later than the card's print as
    well, ``management_number`` for the chip's own number; a kiosk has no use for either.
    """

    def __init__(
        self,
        line: Transport,
        *,
        name: str = "idcard",
        rates: tuple[int, ...] = protocol.RATES,
        timing: Timing = _USUAL,
        newest_address: bool = False,
        management_number: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = line
        self._name = name
        self._rates = rates
        self._timing = timing
        self._newest_address = newest_address
        self._management_number = management_number
        self._monotonic = monotonic
        self._module = Asking(line, timing, monotonic)
        self._presence = Presence(timing.same_card_s, timing.again_s)
        self._told: type[CardSeen | CardTrouble] | None = None  # of the card that lies there
        self._failures = 0  # with the card that lies there, in a row
        self._unheard_reads = 0  # readings in a row that brought nothing to be trusted
        self._session_lasts: bool | None = None  # see _lies_still; None: not known yet
        self._was_read = False  # the card that lies there, and well
        self._doubted = False  # it may be another one than was read
        self.baud: int | None = None  # known once identified

    def identify(self) -> str:
        """Find the rate at which a SAM answers and return its identity, for example ``SAM 05.01-2017..``.

        Raises ``DeviceSilent`` if none answers, ``DeviceFault`` if the module says that it cannot work.
        """
        self.baud, status = self._module.find_rate(self._rates)
        self._module.sound(status)
        reply = self._module.ask(protocol.SAM_ID, self._timing.command_s)
        return f"SAM {protocol.sam_id_text(reply.data)}" if len(reply.data) == 16 else "SAM"

    def greet_again(self) -> None:
        """Reset the module, so that a card that was read before and still lies there is found once more.

        For somebody who asks for a card now; a kiosk must not, or a forgotten card would check its owner in again.
        """
        self._module.once(protocol.RESET_SAM, self._timing.command_s)

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Poll for cards until ``stop``; a reader takes no ``jobs``."""
        del jobs
        self._module.stop = stop
        while not stop.is_set():
            began_s = self._monotonic()
            try:
                for event in self._poll():
                    emit(event)
            except DeviceError:
                if stop.is_set():  # it broke off for that reason, or might as well have
                    return
                raise
            stop.wait(max(0.0, began_s + self._timing.poll_s - self._monotonic()))

    def close(self) -> None:
        self._line.close()

    def _poll(self) -> Iterator[CardSeen | CardTrouble | CardGone]:
        found = self._module.ask(protocol.FIND_CARD, self._timing.find_s)
        presence = self._presence
        if found.meaning is not Meaning.DONE:
            ended = presence.missed()
            if presence.empty:
                self._failures, self._was_read = 0, False
            if ended and self._told is not None:
                self._told = None
                yield CardGone(self._name)
            return
        if not presence.wants_reading(self._monotonic()):
            if not self._was_read or self._lies_still():
                return
            presence.missed()  # it may be another one, and reading will tell
        outcome = self._read()
        if outcome is None:
            return  # the next poll will tell
        now_s = self._monotonic()
        self._was_read = isinstance(outcome, Card)
        if isinstance(outcome, str):
            if presence.failed(now_s):
                self._told = self._told or CardTrouble
                yield CardTrouble(self._name, outcome)
        elif presence.read(outcome.number, now_s):
            if self._told is CardSeen:  # another card took its place between two polls
                yield CardGone(self._name)
            self._told = CardSeen
            yield CardSeen(self._name, outcome)
        elif self._doubted:  # the same card: does this module's finding itself end the reading's session?
            self._session_lasts = None if self._session_lasts else False
        self._doubted = False

    def _lies_still(self) -> bool:
        """Whether the card that is found is for certain the one that was read.

        After a reading, and while the card stays, a module tells the management number without a new selection.
        To a card that was swapped between two polls it says that reading failed. Some modules also say so to the
        same card, which costs them one more reading; then they are not asked again.
        """
        if self._session_lasts is False:
            return True
        reply = self._module.once(protocol.READ_MANAGEMENT_NUMBER, self._timing.command_s)
        match self._module.sound(reply).meaning if reply is not None else None:
            case Meaning.DONE | Meaning.NOT_ON_CARD:
                self._session_lasts = True
                return True
            case Meaning.REPLACE_CARD | Meaning.NO_CARD:
                self._doubted = True
                return False
            case _:  # it does not know the question, or noise took the answer
                self._session_lasts = self._session_lasts or False
                return True

    def _read(self) -> Card | str | None:
        """Select and read the card that was found: the card, a trouble's code, or None to poll again."""
        selected = self._module.ask(protocol.SELECT_CARD, self._timing.find_s)
        if selected.meaning is not Meaning.DONE:
            return "replace-card" if self._failed() else None
        reply = self._module.read(protocol.READ_TEXT_AND_PHOTO, self._timing.read_s)
        if reply is None:
            self._unheard_reads += 1
            if self._unheard_reads >= 2 * TRIES:
                raise self._module.given_up(heard=self._module.heard)
            self._failed()
            return "replace-card"
        self._unheard_reads = 0
        block = protocol.text_of(reply)
        if reply.meaning is Meaning.NOT_READABLE or (reply.meaning is Meaning.DONE and block is None):
            return "unknown-layout"
        if reply.meaning is not Meaning.DONE or block is None:
            self._failed()
            return "replace-card"
        self._failures = 0
        try:
            card = parse_text(block)
        except UnusableCard as error:
            return error.trouble
        return self._with_more(card)

    def _failed(self) -> bool:
        """Count a failure with this card; at every third it may have locked up: reset the SAM and return True."""
        self._failures += 1
        if self._failures % _CARD_TRIES:
            return False
        self._module.reset()
        return True

    def _with_more(self, card: Card) -> Card:
        """Add what was asked for beyond the text; needs no new selection right after a reading."""
        if self._newest_address:
            reply = self._module.once(protocol.READ_NEWEST_ADDRESS, self._timing.address_s)
            address = protocol.address_of(reply) if reply is not None else None
            card = dataclasses.replace(card, address=address or card.address)
        if self._management_number:
            reply = self._module.once(protocol.READ_MANAGEMENT_NUMBER, self._timing.address_s)
            number = protocol.management_number_of(reply) if reply is not None else None
            card = dataclasses.replace(card, management_number=number or "")
        return card


def open_reader(
    address: str,
    *,
    name: str = "idcard",
    baud: int | None = None,
    newest_address: bool = False,
    management_number: bool = False,
    timing: Timing = _USUAL,
) -> Reader:
    """Open a reader at a transport's address; ``baud`` is tried before the other rates."""
    rates = protocol.RATES if baud is None else (baud, *(rate for rate in protocol.RATES if rate != baud))
    return Reader(
        open_transport(address),
        name=name,
        rates=rates,
        newest_address=newest_address,
        management_number=management_number,
        timing=timing,
    )
