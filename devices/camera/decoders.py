"""A gray frame in, what its QR codes say out: zxing-cpp as a rule, zbar as the alternative.

zxing-cpp hands over a code's bytes as they are, so the scanner's rule for texts applies: UTF-8, else GB18030, else
refused. zbar guesses an encoding by itself and turns every second Chinese text into another (zbar #212, #244); the
bytes cannot be had from it. So of zbar only pure ASCII is believed, which is what our own tickets hold; anything else
is ``unreadable-text``. It runs in a child process (see ``zbar_child``), because it has been seen to abort; a dead or
stuck child is replaced after a rest that grows from 0.5 to 30 s. Both look for QR codes only: more kinds cost ten
times as much and find codes where there are none.
"""

from __future__ import annotations

import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from devices.camera.frames import Frame
from devices.camera.zbar_child import NO_LIBRARY
from devices.errors import BadAddress, DeviceFault, LibraryMissing
from devices.scanner.protocol import LONGEST, text_of

DECODERS = ("zxing", "zbar")

DIED = "decoder-died"
START_S = 10.0  # an interpreter starts slowly on a Raspberry Pi with a busy card
DECODE_S = 1.0  # zbar needs 10 ms for a frame here
STEADY_S = 30.0  # a child that lived so long was well
FIRST_REST_S, LONGEST_REST_S = 0.5, 30.0
_CHILD = (sys.executable, "-I", str(Path(__file__).with_name("zbar_child.py")))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one code in a frame says, or why it cannot be used: ``unreadable-text``, ``too-long``."""

    text: str = field(default="", repr=False)
    trouble: str = ""


class Decoder(Protocol):
    """Used by one thread. ``trouble`` is empty, or why it decodes nothing at the moment."""

    name: str
    trouble: str

    @property
    def pid(self) -> int | None:
        """The process that decodes; None where it is this one, or gone."""
        ...

    def ready(self) -> None:
        """Wait until it can decode; raise ``LibraryMissing`` or ``DeviceFault`` if it never will."""
        ...

    def decode(self, frame: Frame) -> list[Reading]:
        """Read all QR codes of ``frame``, within ``DECODE_S`` or so. Raises nothing: see ``trouble``."""
        ...

    def close(self) -> None: ...


def open_decoder(name: str) -> Decoder:
    """Return the decoder of that name; raise ``LibraryMissing`` or, for an unknown name, ``BadAddress``."""
    match name:
        case "zxing":
            return ZxingDecoder()
        case "zbar":
            return ZbarDecoder()
        case _:
            raise BadAddress(f"there is no decoder {name!r}; known are {' and '.join(DECODERS)}")


class ZxingDecoder:
    """zxing-cpp, in this process; it gives the interpreter free while it works."""

    name = "zxing"
    trouble = ""
    pid = None

    def __init__(self) -> None:
        try:
            import zxingcpp  # noqa: PLC0415  (a kiosk without a camera need not have it)
        except ImportError as error:
            raise LibraryMissing("the decoder zxing needs zxing-cpp") from error
        self._read = zxingcpp.read_barcodes
        self._formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])

    def ready(self) -> None:
        """It always is."""

    def decode(self, frame: Frame) -> list[Reading]:
        return [_reading(code.bytes) for code in self._read(frame, formats=self._formats)]

    def close(self) -> None:
        """Nothing is held."""


class ZbarDecoder:
    """zbar in a child process; only ASCII of it is believed. ``command`` and ``monotonic`` are for tests."""

    name = "zbar"

    def __init__(self, command: Sequence[str] = _CHILD, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._command = command
        self._monotonic = monotonic
        self._failures = 0
        self._again_s = 0.0  # when a dead child may be replaced
        self._child: _Child | None = None
        self.trouble = ""
        self._start()

    @property
    def pid(self) -> int | None:
        """The child's number; None while there is none."""
        return self._child.pid if self._child else None

    def ready(self) -> None:
        child = self._child
        if child is not None and child.wait_ready(START_S):
            return
        code = child.end() if child else None
        self._child = None
        if code == NO_LIBRARY:
            raise LibraryMissing("the decoder zbar needs pyzbar and libzbar0")
        raise DeviceFault("the decoder's process does not start", DIED)

    def decode(self, frame: Frame) -> list[Reading]:
        if self._child is None:
            if self._monotonic() < self._again_s:
                return []
            self._start()
        child = self._child
        if child is None:
            return []
        try:
            if not child.wait_ready(0.0):
                if self._monotonic() - child.born_s > START_S:
                    raise TimeoutError
                return []
            found = child.decode(frame, DECODE_S)
        except OSError:  # died, or took too long (TimeoutError is one)
            self._lose(child)
            return []
        self.trouble = ""
        return [_reading(data) if data.isascii() else Reading(trouble="unreadable-text") for data in found]

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _start(self) -> None:
        try:
            self._child = _Child(self._command, self._monotonic())
        except OSError:  # no memory, no processes left
            self._rest(lived_s=0.0)

    def _lose(self, child: _Child) -> None:
        child.end()
        self._child = None
        self._rest(self._monotonic() - child.born_s)

    def _rest(self, lived_s: float) -> None:
        self._failures = 1 if lived_s >= STEADY_S else self._failures + 1
        self._again_s = self._monotonic() + min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(self._failures - 1, 10))
        self.trouble = DIED


class _Child:
    """One process and its two pipes, never waited on longer than asked. Raises ``OSError`` when it is gone."""

    def __init__(self, command: Sequence[str], now_s: float) -> None:
        self.born_s = now_s
        # Its standard error is zbar's, which writes assertions there for codes that are none.
        self._process = subprocess.Popen(
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("no pipes")
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._is_ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self, timeout_s: float) -> bool:
        if not self._is_ready:
            with suppress(OSError):
                self._read(2, time.monotonic() + timeout_s)
                self._is_ready = True
        if not self._is_ready and self._process.poll() is not None and timeout_s <= 0:
            raise ChildProcessError
        return self._is_ready

    def decode(self, frame: Frame, timeout_s: float) -> list[bytes]:
        until_s = time.monotonic() + timeout_s
        height, width = frame.shape
        self._write(struct.pack("<II", width, height), until_s)
        self._write(frame.tobytes(), until_s)
        (count,) = struct.unpack("<H", self._read(2, until_s))
        found = []
        for _code in range(count):
            (length,) = struct.unpack("<H", self._read(2, until_s))
            found.append(self._read(length, until_s))
        return found

    def end(self) -> int:
        """End it, give everything back, return its exit code."""
        with suppress(OSError):
            self._process.kill()  # it holds nothing that could be lost
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        return code

    def _write(self, data: bytes, until_s: float) -> None:
        left = memoryview(data)
        while left:
            if not select.select([], [self._to], [], max(0.0, until_s - time.monotonic()))[1]:
                raise TimeoutError
            with suppress(BlockingIOError):
                left = left[os.write(self._to, left) :]

    def _read(self, count: int, until_s: float) -> bytes:
        data = b""
        while len(data) < count:
            if not select.select([self._from], [], [], max(0.0, until_s - time.monotonic()))[0]:
                raise TimeoutError
            with suppress(BlockingIOError):
                piece = os.read(self._from, count - len(data))
                if not piece:
                    raise ChildProcessError
                data += piece
        return data


def _reading(data: bytes) -> Reading:
    """What a code's bytes say, by the rule that serial scanners follow."""
    if len(data) > LONGEST:
        return Reading(trouble="too-long")
    text = text_of(data)
    return Reading(trouble="unreadable-text") if text is None else Reading(text)
