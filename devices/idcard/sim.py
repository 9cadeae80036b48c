"""A SAM module and the card on it, on a simulated cable: what the driver talks to when there is no reader.

Written from the published frames alone; it knows nothing of the driver's protocol code and shares none of its
constants. Like many real modules it answers "no card" to a find after a good read until the card is lifted and
laid down again (``greets_once``). Everything that goes wrong in a hall can be switched on.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from devices.idcard.people import PEOPLE, Person, block_of
from devices.simulated_line import LineFaults, SimulatedLine

__all__ = ["PEOPLE", "CardFaults", "IdCardSim", "Person"]

_START = b"\xaa\xaa\xaa\x96\x69"
_OK, _FOUND, _NONE = b"\x00\x00\x90", b"\x00\x00\x9f", b"\x00\x00\x80"
_SAM_ID = bytes.fromhex("0500 0100 8FCE3301 01000000 2A000000")  # 05.01-20172431-0000000001-0000000042
# Public samples of the compressed photo begin like this; the rest here is made up and shows nobody.
_PHOTO = bytes.fromhex("574C66007E003200") + bytes((7 * n * n + n) % 251 for n in range(1016))


@dataclass(slots=True)
class CardFaults:
    """Switches of the module and its card; may be set from any thread at any time.

    ``lift_mid_read`` and ``unplug_mid_read`` act at the next read and switch themselves off.
    """

    wrong_checksum: bool = False
    truncated: bool = False  # the read reply stops half-way
    read_fails: bool = False  # 41: as with a scratched card
    select_fails: bool = False  # 81: until the SAM is reset, as a card that locked up in the field
    foreign_object: bool = False  # 40: some other chip card
    self_test_failed: bool = False  # 60
    not_authorised: bool = False  # 66
    lift_mid_read: bool = False
    unplug_mid_read: bool = False
    zero_inserted: bool = False  # AA 00 AA AA 96 69 ..
    short_timeout: bool = False  # a reply that is shorter than it says


class IdCardSim:
    """The reader at ``link_path``. ``put`` and ``lift`` a card, ``plug`` and ``unplug`` its cable, set ``faults``.

    ``baud`` None takes any rate; a number makes the module deaf at every other. ``card_s`` is the time a card
    takes to authenticate.
    """

    def __init__(
        self,
        link_path: str | os.PathLike[str],
        *,
        faults: CardFaults | None = None,
        line_faults: LineFaults | None = None,
        greets_once: bool = True,
        baud: int | None = None,
        card_s: float = 0.0,
        fingerprint_bytes: int = 0,
        noise_source: random.Random | None = None,
    ) -> None:
        self.faults = faults or CardFaults()
        self.greets_once = greets_once
        self.baud = baud
        self.card_s = card_s
        self.fingerprint_bytes = fingerprint_bytes
        self.reads = 0  # good reads answered
        self.resets = 0
        self.on_request: Callable[[bytes], None] = lambda _command: None  # told each command, for the bench
        self.line = SimulatedLine(link_path, self._hear, line_faults, noise_source)
        self._card: Person | None = None
        self._greeted = False  # the card on the module was read once and stays unanswered until lifted
        self._selected = False
        self._read = False  # newest address and management number need no new selection after a read
        self._heard = bytearray()
        self._over = threading.Event()

    @property
    def card(self) -> Person | None:
        """The card that lies on the reader."""
        return self._card

    def put(self, card: Person | str) -> None:
        """Lay a card on the reader: a ``Person``, or the key of one in ``PEOPLE``."""
        self._card = PEOPLE[card] if isinstance(card, str) else card
        self._greeted = self._selected = self._read = False

    def lift(self) -> None:
        """Take the card away."""
        self._card = None
        self._greeted = self._selected = self._read = False

    def plug(self) -> None:
        self._heard.clear()
        self._greeted = self._selected = self._read = False
        self.line.plug()

    def unplug(self) -> None:
        self.line.unplug()

    def close(self) -> None:
        self._over.set()
        self.line.close()

    def __enter__(self) -> IdCardSim:  # noqa: PYI034  (final in practice; the plain name reads better in help())
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _hear(self, data: bytes) -> None:
        if self.baud is not None and self.line.baud != self.baud:
            return  # at another rate it is only noise to the module
        self._heard += data
        while (start := self._heard.find(_START)) >= 0:
            del self._heard[:start]
            if len(self._heard) < 7:
                return
            size = 7 + int.from_bytes(self._heard[5:7], "big")
            if size > 300:
                del self._heard[0]
                continue
            if len(self._heard) < size:
                return
            frame = bytes(self._heard[:size])
            del self._heard[:size]
            self._answer(frame)
        del self._heard[:-4]

    def _answer(self, frame: bytes) -> None:
        check = 0
        for byte in frame[5:]:
            check ^= byte
        command = frame[7:-1]
        self.on_request(command)
        if check:
            self._reply(b"\x00\x00\x10")
        elif len(command) < 2:
            self._reply(b"\x00\x00\x11")
        elif self.faults.self_test_failed:
            self._reply(b"\x00\x00\x60")
        elif command == b"\x10\xff":
            self.resets += 1
            self.faults.select_fails = False  # the field was off for a moment: the card starts anew
            self._greeted = self._selected = self._read = False
            self._reply(_OK)
        elif command == b"\x11\xff":
            self._reply(b"\x00\x00\x66" if self.faults.not_authorised else _OK)
        elif command == b"\x12\xff":
            self._reply(_OK + _SAM_ID)
        elif self.faults.not_authorised:
            self._reply(b"\x00\x00\x66")
        elif command == b"\x20\x01":
            self._find()
        elif command == b"\x20\x02":
            self._select()
        elif command in {b"\x30\x01", b"\x30\x10"}:
            self._read_base(with_fingers=command == b"\x30\x10")
        elif command in {b"\x30\x03", b"\x30\x05"}:
            self._read_more(command)
        elif command[0] == 0x61 or command[0] == 0x60:
            self._reply(_OK)
        else:
            self._reply(b"\x00\x00\x21")

    def _find(self) -> None:
        self._selected = False
        if self._card is None or (self._greeted and self.greets_once):
            self._reply(_NONE)
        else:
            self._reply(_FOUND + bytes(4))

    def _select(self) -> None:
        if self._card is None or self.faults.select_fails:
            self._reply(b"\x00\x00\x81")
            return
        self._selected = True
        self._reply(_OK + bytes(8))

    def _read_base(self, *, with_fingers: bool) -> None:
        if self.card_s:
            self._over.wait(self.card_s)
        card = self._card
        if self.faults.foreign_object and card is not None:
            self._reply(b"\x00\x00\x40")
            return
        if card is None or not self._selected or self.faults.read_fails:
            self._reply(b"\x00\x00\x41")
            return
        fingers = self.fingerprint_bytes
        body = _OK + b"\x01\x00\x04\x00"
        if with_fingers:
            body += fingers.to_bytes(2, "big")
        body += block_of(card) + _PHOTO
        if with_fingers:
            body += bytes((3 * n + 1) % 256 for n in range(fingers))
        half = self.faults.truncated or self.faults.lift_mid_read or self.faults.unplug_mid_read
        self._reply(body, half=half)
        if self.faults.lift_mid_read:
            self.faults.lift_mid_read = False
            self.lift()
        elif self.faults.unplug_mid_read:
            self.faults.unplug_mid_read = False
            self.line.unplug()
        elif not half:
            self.reads += 1
            self._greeted = self._read = True

    def _read_more(self, command: bytes) -> None:
        card = self._card
        if card is None or not (self._read or self._selected):
            self._reply(b"\x00\x00\x41")
        elif command == b"\x30\x05":
            self._reply(_OK + bytes(28))
        elif card.newest_address:
            text = card.newest_address.encode("utf-16-le")
            self._reply(_OK + text + b"\x20\x00" * ((70 - len(text)) // 2))
        else:
            self._reply(b"\x00\x00\x91")

    def _reply(self, body: bytes, *, half: bool = False) -> None:
        counted = (len(body) + 1).to_bytes(2, "big") + body
        check = 0
        for byte in counted:
            check ^= byte
        if self.faults.wrong_checksum:
            check ^= 0x55
        start = b"\xaa\x00\xaa\xaa\x96\x69" if self.faults.zero_inserted else _START
        frame = start + counted + bytes([check])
        if self.faults.short_timeout:
            frame = bytes.fromhex("AAAAAA9669 0005 050505 05")
        self.line.send(frame[: len(frame) // 2] if half else frame)
