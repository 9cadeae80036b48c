"""A SAM module and the card on it, on a simulated cable: what the driver talks to when there is no reader.

Written from the published frames alone; it knows nothing of the driver's protocol code and shares none of its
constants. Like many real modules it answers "no card" to a find after a good read until the card is lifted and
laid down again (``greets_once``). Everything that goes wrong in a hall can be switched on.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from devices.idcard.people import PEOPLE, Person, block_of
from devices.simulated_line import LineFaults, Place, SimulatedLine, far_end

__all__ = ["PEOPLE", "CardFaults", "IdCardSim", "Person"]

_START = b"\xaa\xaa\xaa\x96\x69"
_OK, _FOUND, _NONE = b"\x00\x00\x90", b"\x00\x00\x9f", b"\x00\x00\x80"
_SAM_ID = bytes.fromhex("0500 0100 8FCE3301 01000000 2A000000")  # 05.01-20172431-0000000001-0000000042
_MANAGEMENT_NUMBER = bytes(range(1, 29))
# Public samples of the compressed photo begin like this; the rest here is made up and shows nobody.
_PHOTO = bytes.fromhex("574C66007E003200") + bytes((7 * n * n + n) % 251 for n in range(1016))
_LOOK_S = 0.02  # how soon a module that takes its time notices that its cable is out


@dataclass(slots=True)
class CardFaults:
    """Switches of the module and its card, its habits first; may be set from any thread at any time.

    ``lift_mid_read`` and ``unplug_mid_read`` act at the next read and switch themselves off.
    """

    greets_once: bool = True  # after a good read a find is answered with "no card"; else the card is found again
    find_ends_session: bool = False  # after a find nothing more is told of the card that was read before
    baud: int | None = None  # deaf at every other rate; None takes any
    card_s: float = 0.0  # how long a card takes to authenticate
    fingerprint_bytes: int = field(default=0, metadata={"range": (0, 1024)})  # 0, 512 or 1024 on real cards
    late_s: float = 0.0  # every answer comes so late
    wrong_checksum: bool = False
    wrong_length: bool = False  # LEN says one more than there is
    huge_length: bool = False  # LEN says FFFF
    truncated: bool = False  # the read reply stops half-way
    short_timeout: bool = False  # a reply that is shorter than it says: 00 05 05 05 05 05
    zero_inserted: bool = False  # AA 00 AA AA 96 69 ..
    extra_preamble: bool = False  # AA AA AA AA AA 96 69 ..
    glued: bool = False  # the answer before comes once more, glued to this one
    read_fails: bool = False  # 41: as with a scratched card
    read_status: int | None = field(default=None, metadata={"range": (0, 255)})  # any other word, such as 31 hex
    select_fails: bool = False  # 81: until the SAM is reset, as a card that locked up in the field
    foreign_object: bool = False  # 40: some other chip card
    self_test_failed: bool = False  # 60
    not_authorised: bool = False  # 66
    lift_mid_read: bool = False
    unplug_mid_read: bool = False


@dataclass(slots=True)
class _Laid:
    """What lies on the module since something was last put there or taken away; nothing of it outlives that."""

    card: Person | None = None
    greeted: bool = False  # it was read once and stays unanswered until lifted
    selected: bool = False
    read: bool = False  # newest address and management number need no new selection after a read


class IdCardSim:
    """The reader at ``place``. ``put`` and ``lift`` a card, ``plug`` and ``unplug`` its cable, set ``faults``.

    The cable's own faults (silence, slow, split, noise, unplugged mid-frame ..) are in ``line.faults``.
    """

    def __init__(
        self,
        place: Place,
        *,
        faults: CardFaults | None = None,
        line_faults: LineFaults | None = None,
        noise_source: random.Random | None = None,
    ) -> None:
        self.faults = faults or CardFaults()
        self.reads = 0  # good reads answered
        self.resets = 0
        self.on_request: Callable[[bytes], None] = lambda _command: None  # told each command, for the bench
        self.line = far_end(place, self._hear, line_faults, noise_source)
        self._laid = _Laid()
        self._heard = bytearray()
        self._before = b""  # the frame that was answered last
        self._over = threading.Event()

    @property
    def address(self) -> str:
        """What a driver opens."""
        return self.line.address

    @property
    def card(self) -> Person | None:
        """The card that lies on the reader."""
        return self._laid.card

    def put(self, card: Person | str) -> None:
        """Lay a card on the reader: a ``Person``, or the key of one in ``PEOPLE``."""
        self._laid = _Laid(PEOPLE[card] if isinstance(card, str) else card)

    def lift(self) -> None:
        """Take the card away."""
        self._laid = _Laid()

    def plug(self) -> None:
        """Put the cable in, which is also the module's power: it starts anew, whatever was stuck."""
        self._heard.clear()
        self._before = b""
        self.faults.select_fails = False
        self._laid = _Laid(self._laid.card)
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
        wanted = self.faults.baud
        if wanted is not None and isinstance(self.line, SimulatedLine) and self.line.baud != wanted:
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
            self._laid = _Laid(self._laid.card)
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
        laid = self._laid
        laid.selected = False
        if self.faults.find_ends_session:
            laid.read = False
        if laid.card is None or (laid.greeted and self.faults.greets_once):
            self._reply(_NONE)
        else:
            self._reply(_FOUND + bytes(4))

    def _select(self) -> None:
        laid = self._laid
        laid.selected = laid.card is not None and not self.faults.select_fails
        self._reply(_OK + bytes(8) if laid.selected else b"\x00\x00\x81")

    def _read_base(self, *, with_fingers: bool) -> None:
        self._take(self.faults.card_s)
        laid, faults = self._laid, self.faults
        if faults.foreign_object and laid.card is not None:
            self._reply(b"\x00\x00\x40")
            return
        if laid.card is None or not laid.selected or faults.read_fails:
            self._reply(b"\x00\x00\x41")
            return
        if faults.read_status is not None:
            self._reply(bytes([0, 0, faults.read_status]))
            return
        body = _OK + b"\x01\x00\x04\x00"
        if with_fingers:
            body += faults.fingerprint_bytes.to_bytes(2, "big")
        body += block_of(laid.card) + _PHOTO
        if with_fingers:
            body += bytes((3 * n + 1) % 256 for n in range(faults.fingerprint_bytes))
        half = faults.truncated or faults.lift_mid_read or faults.unplug_mid_read
        if not half:
            self.reads += 1
            laid.greeted = laid.read = True
        self._reply(body, half=half)
        if faults.lift_mid_read:
            faults.lift_mid_read = False
            self.lift()
        elif faults.unplug_mid_read:
            faults.unplug_mid_read = False
            self.line.unplug()

    def _read_more(self, command: bytes) -> None:
        laid = self._laid
        if laid.card is None or not (laid.read or laid.selected):
            self._reply(b"\x00\x00\x41")
        elif command == b"\x30\x05":
            self._reply(_OK + _MANAGEMENT_NUMBER)
        elif laid.card.newest_address:
            text = laid.card.newest_address.encode("utf-16-le")
            self._reply(_OK + text + b"\x20\x00" * ((70 - len(text)) // 2))
        else:
            self._reply(b"\x00\x00\x91")

    def _reply(self, body: bytes, *, half: bool = False) -> None:
        faults = self.faults
        counted = (len(body) + 1).to_bytes(2, "big") + body
        check = 0x55 if faults.wrong_checksum else 0
        for byte in counted:
            check ^= byte
        if faults.wrong_length:
            counted = (len(body) + 2).to_bytes(2, "big") + body
        if faults.huge_length:
            counted = b"\xff\xff" + body
        start = _START
        if faults.zero_inserted:
            start = b"\xaa\x00\xaa\xaa\x96\x69"
        elif faults.extra_preamble:
            start = b"\xaa\xaa" + _START
        frame = start + counted + bytes([check])
        if faults.short_timeout:
            frame = bytes.fromhex("AAAAAA9669 0005 050505 05")
        self._take(faults.late_s)
        before, self._before = self._before, frame
        if faults.glued:
            frame = before + frame
        self.line.send(frame[: len(frame) // 2] if half else frame)

    def _take(self, seconds: float) -> None:
        """Let time pass, unless the cable comes out or the bench is closed."""
        until_s = time.monotonic() + seconds
        while self.line.plugged and (left_s := until_s - time.monotonic()) > 0:
            if self._over.wait(min(left_s, _LOOK_S)):
                return
