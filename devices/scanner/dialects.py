"""How each make is spoken to: its commands as bytes, and what to ask for in which order. No I/O, no clock.

A script is a generator: it yields a command and is sent the answer. Everything is set in the engine's volatile
memory, so that its flash is not worn out by restarts, and a power cut brings back what its own set-up says. Which
bytes are from manuals and which are unproven stands in this folder's README.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal, Protocol

from devices.scanner.answers import Answer, Make, crc16

TriggerName = Literal["none", "newland", "gm65", "honeywell"]

SESSION_S = 10.0  # how long we ask an engine to look for a code before it gives up by itself
_MODEL_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Command:
    """Bytes for the engine.

    ``tag`` is what its answer repeats (empty: the answer does not say to which command it belongs); ``answered``
    is False where the manual knows no answer; ``optional``: an engine that refuses it does without.
    """

    data: bytes
    tag: bytes = b""
    answered: bool = True
    optional: bool = False


Introduction = Generator[Command, Answer, str]
SetUp = Generator[Command, Answer, float]
Check = Generator[Command, Answer, bool]


class Dialect(Protocol):
    """One make.

    ``introduce`` asks for make and version. ``set_up`` makes the engine wait for commands and returns its time-out:
    after so many seconds it stops looking for a code by itself. ``check`` asks whether it still waits for
    commands; it does not if it restarted.
    """

    make: Make
    on: Command
    off: Command

    def introduce(self) -> Introduction: ...

    def set_up(self) -> SetUp: ...

    def check(self) -> Check: ...


def described(text: bytes, keys: tuple[str, ...]) -> str:
    """The values of ``keys`` in an engine's description of itself (``Product Name: ...`` in lines), or its start.

    One line of at most 80 printable characters.
    """
    said = text.decode("ascii", "ignore")
    named = [m[1].strip() for key in keys if (m := re.search(rf"{key}\s*:\s*([^\r\n;]+)", said, re.IGNORECASE))]
    line = " ".join(named or [said])
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())[:_MODEL_LONGEST].strip()


class Newland:
    """``~ SOH 0000``, ``#`` for volatile memory, a command in capitals, ``; ETX``."""

    make: Make = "newland"
    _factory_session_s = 3.0

    @staticmethod
    def command(text: str, *, optional: bool = False) -> Command:
        tag = text.removesuffix("*").encode("ascii")  # a query is answered with the value in the place of the *
        return Command(b"\x7e\x010000#" + text.encode("ascii") + b";\x03", tag, optional=optional)

    on = command("SCNTRG1")
    off = command("SCNTRG0")

    def introduce(self) -> Introduction:
        answer = yield self.command("QRYSYS", optional=True)
        said = described(answer.data.removeprefix(b"QRYSYS"), ("Product Name", "Firmware Version"))
        return f"Newland {said}".strip()

    def set_up(self) -> SetUp:
        yield self.command("SCNMOD0")
        timed = yield self.command(f"ORTSET{SESSION_S * 1000:.0f}", optional=True)
        return self._factory_session_s if timed.problem else SESSION_S

    def check(self) -> Check:
        answer = yield self.command("SCNMOD*")
        return answer.data == b"SCNMOD0"


class Gm65:
    """Newland EM3095, GM65 and their like: registers ("zone bits") read and written in binary, with a CRC."""

    make: Make = "gm65"
    _mode, _light, _session, _hardware, _software = 0x0000, 0x0002, 0x0006, 0x00E1, 0x00E2
    _command_mode, _mode_bits = 0b01, 0b11
    _factory_session_s = 5.0

    @staticmethod
    def read(register: int, *, optional: bool = False) -> Command:
        body = b"\x07\x01" + register.to_bytes(2, "big") + b"\x01"
        return Command(b"\x7e\x00" + body + crc16(body), optional=optional)

    @staticmethod
    def write(register: int, value: int, *, optional: bool = False) -> Command:
        body = b"\x08\x01" + register.to_bytes(2, "big") + bytes([value])
        return Command(b"\x7e\x00" + body + crc16(body), optional=optional)

    on = write(_light, 1)
    off = write(_light, 0)

    def introduce(self) -> Introduction:
        hardware = yield self.read(self._hardware, optional=True)
        software = yield self.read(self._software, optional=True)
        if hardware.problem or software.problem:
            return "GM65/EM3095"
        return f"GM65/EM3095 hardware {hardware.data[0] / 100:.2f} software {software.data[0] / 100:.2f}"

    def set_up(self) -> SetUp:
        now = yield self.read(self._mode)
        yield self.write(self._mode, now.data[0] & ~self._mode_bits | self._command_mode)
        timed = yield self.write(self._session, round(SESSION_S * 10), optional=True)
        return self._factory_session_s if timed.problem else SESSION_S

    def check(self) -> Check:
        answer = yield self.read(self._mode)
        return answer.data[0] & self._mode_bits == self._command_mode


class Honeywell:
    """``SYN M CR``, a command, ``!`` for volatile memory; the light by ``SYN T CR`` and ``SYN U CR``, unanswered."""

    make: Make = "honeywell"
    on = Command(b"\x16T\r", answered=False)
    off = Command(b"\x16U\r", answered=False)
    _factory_session_s = 30.0

    @staticmethod
    def command(text: str, storage: str = "!", *, optional: bool = False) -> Command:
        tag = text.removesuffix("?").encode("ascii")
        return Command(b"\x16M\r" + f"{text}{storage}".encode("ascii"), tag, optional=optional)

    def introduce(self) -> Introduction:
        answer = yield self.command("REVINF", ".", optional=True)
        said = described(answer.data.removeprefix(b"REVINF"), ("Product Name", "Software Revision"))
        return f"Honeywell {said}".strip()

    def set_up(self) -> SetUp:
        yield self.command("TRGMOD0")
        timed = yield self.command(f"TRGSTO{SESSION_S * 1000:.0f}", optional=True)
        return self._factory_session_s if timed.problem else SESSION_S

    def check(self) -> Check:
        answer = yield self.command("TRGMOD?")
        return answer.data == b"TRGMOD0"


def dialect_of(name: TriggerName) -> Dialect | None:
    """The dialect of a profile's ``trigger``; None for ``none``. ValueError for a name that nobody speaks."""
    match name:
        case "none":
            return None
        case "newland":
            return Newland()
        case "gm65":
            return Gm65()
        case "honeywell":
            return Honeywell()
    raise ValueError(f"a scanner's trigger is none, newland, gm65 or honeywell, not {name!r}")
