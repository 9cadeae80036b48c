"""What simulated engines understand and answer, byte for byte as their makers' manuals print it.

Three ears, one a make: bytes from the host in, what the engine is to do (``Deed``) and what it answers out.
Written from the manuals alone (NLS-HR52 and NLS-EM3095, GM65, Honeywell N86); they share no line with the driver.
An ear keeps what came of a command that is not complete, and forgets it as its maker says.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import Literal, Protocol

Word = Literal["light on", "light off", "mode", "session", "tell"]


@dataclass(slots=True)
class Memory:
    """What an engine keeps until its power goes: ``waits`` for commands or scans on its own; its time-out."""

    waits: bool = False
    session_s: float = 5.0
    flags: int = 0xD6  # GM65 register 0000 as delivered: LED, sound, aim and light as usual, continuous


@dataclass(frozen=True, slots=True)
class Deed:
    """One command: what it is about, the answer if all is well, and the answers if it is not."""

    word: Word
    done: bytes
    refused: bytes
    damaged: bytes = b""  # the engine says that the command came damaged; empty where the make has no such answer
    unsound: bytes = b""  # ``done`` as it would look after a bad contact


class Ear(Protocol):
    def hear(self, data: bytes, memory: Memory) -> list[Deed]: ...


def _bent(answer: bytes) -> bytes:
    """``answer`` with one byte of its end wrong."""
    return answer[:-2] + bytes([answer[-2] ^ 0x20]) + answer[-1:] if answer else b""


@dataclass(slots=True)
class NewlandEar:
    """``7E 01 30 30 30 30``, @ or #, tag, data, ``3B 03``; the answer begins ``02 01`` and has 06, 15 or 05."""

    kept: bytearray = field(default_factory=bytearray)

    def hear(self, data: bytes, memory: Memory) -> list[Deed]:
        self.kept += data
        deeds = []
        while (frame := re.search(rb"\x7e\x010000([@#])([^\x03]*?);\x03", bytes(self.kept))) is not None:
            del self.kept[: frame.end()]
            deeds.append(self._deed(frame[1], frame[2], memory))
        del self.kept[:-256]
        return deeds

    def _deed(self, storage: bytes, command: bytes, memory: Memory) -> Deed:
        word: Word = "tell"
        said, status = command, b"\x06"
        match command[:6], command[6:]:
            case b"SCNTRG", b"1":
                word = "light on"
            case b"SCNTRG", b"0":
                word = "light off"
            case b"SCNMOD", b"*":
                said = b"SCNMOD0" if memory.waits else b"SCNMOD3"
            case b"SCNMOD", b"0" | b"2" | b"3":
                word, memory.waits = "mode", command[6:] == b"0"
            case b"ORTSET", time if time.isdigit() and int(time) <= 3_600_000:
                word, memory.session_s = "session", int(time) / 1000
            case b"QRYSYS", b"":
                said = b"QRYSYSProduct Name: NLS-EM3096 (simulated)\r\nFirmware Version: V1.02.003\r\n"
            case b"SCNTRG" | b"SCNMOD" | b"ORTSET", _:
                status = b"\x15"
            case _:
                status = b"\x05"

        def answer(status: bytes) -> bytes:
            return b"\x02\x010000" + storage + said + status + b";\x03"

        done = answer(status)
        return Deed(word, done, answer(b"\x05"), unsound=done[:-3] + b"\x07" + done[-2:])


@dataclass(slots=True)
class Gm65Ear:
    """``7E 00``, 07 read, 08 write or 09 save, count, address, data, CRC; AB CD is taken in the place of a CRC."""

    kept: bytearray = field(default_factory=bytearray)

    def hear(self, data: bytes, memory: Memory) -> list[Deed]:
        self.kept += data
        deeds = []
        while (start := self.kept.find(b"\x7e\x00")) >= 0 and len(self.kept) >= start + 4:
            kind, count = self.kept[start + 2], self.kept[start + 3]
            length = {0x07: 9, 0x08: 8 + count, 0x09: 9}.get(kind, 9)
            if len(self.kept) < start + length:
                break
            frame = bytes(self.kept[start : start + length])
            del self.kept[: start + length]
            deeds.append(self._deed(frame, memory))
        del self.kept[:-512]
        return deeds

    def _deed(self, frame: bytes, memory: Memory) -> Deed:
        sound = frame[-2:] in {b"\xab\xcd", self._crc(frame[2:-2])}
        kind, address, data = frame[2], int.from_bytes(frame[4:6], "big"), frame[6:-2]
        word: Word = "tell"
        done = self._answer(0x00, b"\x00")
        refused, damaged = self._answer(0x03, b"\x00"), self._answer(0x01, b"\x00")
        if not sound:
            return Deed("tell", damaged, refused, damaged)
        match kind, address:
            case 0x07, _:
                done = self._answer(0x00, bytes(self._register(address + n, memory) for n in range(data[0])))
            case 0x08, 0x0000:
                word, memory.flags, memory.waits = "mode", data[0], data[0] & 0b11 == 0b01
            case 0x08, 0x0002:
                word = "light on" if data[0] & 1 else "light off"
            case 0x08, 0x0006:
                word, memory.session_s = "session", data[0] / 10
            case 0x09, 0x0000:
                pass  # saved; we have no flash
            case _:
                done = refused
        return Deed(word, done, refused, damaged, _bent(done))

    @staticmethod
    def _register(address: int, memory: Memory) -> int:
        registers = {
            0x0000: memory.flags & ~0b11 | (0b01 if memory.waits else 0b10),
            0x0006: round(memory.session_s * 10) & 0xFF,
            0x00E1: 100,  # hardware 1.00
            0x00E2: 110,  # software 1.10
        }
        return registers.get(address, 0)

    @staticmethod
    def _crc(body: bytes) -> bytes:
        return binascii.crc_hqx(body, 0).to_bytes(2, "big")

    def _answer(self, kind: int, data: bytes) -> bytes:
        body = bytes([kind, len(data)]) + data
        return b"\x02\x00" + body + self._crc(body)


@dataclass(slots=True)
class HoneywellEar:
    """``16 54 0D`` and ``16 55 0D`` without an answer; ``16 4D 0D``, a command and ``.`` or ``!``, repeated with 06."""

    kept: bytearray = field(default_factory=bytearray)

    def hear(self, data: bytes, memory: Memory) -> list[Deed]:
        self.kept += data
        deeds = []
        while (frame := re.search(rb"\x16(T\r|U\r|M\r([A-Za-z0-9_?^*]*)([.!]))", bytes(self.kept))) is not None:
            del self.kept[: frame.end()]
            if frame[2] is None:
                deeds.append(Deed("light on" if frame[1] == b"T\r" else "light off", b"", b""))
            else:
                deeds.append(self._deed(frame[2].upper(), frame[3], memory))
        del self.kept[:-256]
        return deeds

    @staticmethod
    def _deed(command: bytes, storage: bytes, memory: Memory) -> Deed:
        word: Word = "tell"
        said, before, status = command, b"", b"\x06"
        match command[:6], command[6:]:
            case b"TRGMOD", b"?":
                said = b"TRGMOD0" if memory.waits else b"TRGMOD3"
            case b"TRGMOD", b"0" | b"3":
                word, memory.waits = "mode", command[6:] == b"0"
            case b"TRGSTO", time if time.isdigit() and int(time) <= 300_000:
                word, memory.session_s = "session", int(time) / 1000
            case b"REVINF", b"":
                before = b"Product Name: N8680 (simulated)\r\nBoot Revision: : 8992\r\nSoftware Revision: 16345\r\n"
            case b"TRGMOD" | b"TRGSTO", _:
                status = b"\x15"
            case _:
                status = b"\x05"
        done = before + said + status + storage
        return Deed(word, done, said + b"\x05" + storage, unsound=before + said + b"\x07" + storage)


def ear_of(make: str) -> Ear | None:
    """The ear of ``newland``, ``gm65`` or ``honeywell``; None for an engine that listens to nobody."""
    match make:
        case "newland":
            return NewlandEar()
        case "gm65":
            return Gm65Ear()
        case "honeywell":
            return HoneywellEar()
    return None
