"""What the commands say: answers on standard output, everything else on standard error, trouble in one line.

A wait of more than a second shows how long it will still last: on a terminal as one line that counts down, elsewhere
(a log, another program) as a new line every five seconds.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from devices.errors import BadAddress, DeviceError, reason_of

ADDRESS = "PATH, serial:PATH?baud=N, socket://HOST:PORT, file:PATH or usb:VVVV:PPPP[:SERIAL]"
WAIT_S = 20.0

TROUBLES = {
    "replace-card": "the card could not be read: take it off and put it back",
    "unknown-layout": "this is not an identity card that can be read",
    "bad-number": "the card's number is wrong",
    "bad-date": "the card holds a date that does not exist",
    "unreadable-text": "the code's bytes are neither UTF-8 nor GB18030",
    "too-long": "the code is longer than 512 bytes",
    "flood": "codes come faster than anybody could show them",
}

_NEXT_STEPS = {
    "port-missing": "is it plugged in and switched on? `python -m devices probe` lists what is attached",
    "port-busy": "end the other program first; for the kiosk: sudo systemctl stop jiaohao-kiosk",
    "port-forbidden": "join the port's group (ls -lL shows it) with: sudo usermod -aG GROUP $USER, and log in again",
    "device-lost": "look at the cable and the plug, then try again",
    "no-answer": "is it switched on, and is it this port and speed? `python -m devices probe` asks every port",
    "not-answering": "is it switched on? it answered before, so look at its cable and its power",
    "write-timeout": "a printer takes no bytes without paper, with its cover open or when it hangs: look at it",
    "link-garbled": "look at the cable and its ground wire; another program that reads the same port does this, too",
    "sam-self-test": "switch the reader off and on; if it says so again, it is broken",
    "sam-not-authorised": "the reader's module is not licensed: ask who delivered it",
    "library-missing": "install it, for example with: pip install '.[camera]', '.[panel]' or '.[usb]'",
    "driver-missing": "install it, for example with: pip install '.[panel]'",
}


def answer(text: str) -> None:
    """One line of what the command was asked for; at once, also where another program reads it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """One line for the person before the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def trouble(error: DeviceError) -> str:
    """An error and what to do next, as one line."""
    said = " ".join(str(error).split()) or reason_of(error)
    step = "" if isinstance(error, BadAddress) else _NEXT_STEPS.get(reason_of(error), "")
    return f"{said}; {step}" if step else said


class Countdown:
    """Shows that a wait goes on; used around it, ``tick`` called now and then with the seconds that are left."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._line_open = False
        self._every_s = 1.0 if sys.stderr.isatty() else 5.0
        self._said_s = time.monotonic() - self._every_s + 1.0  # nothing in the first second

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_line()

    def tick(self, left_s: float) -> None:
        now = time.monotonic()
        if now - self._said_s < self._every_s:
            return
        self._said_s = now
        text = f"{self._what}, {left_s:.0f} s left"
        if sys.stderr.isatty():
            self._write(f"\r{text}\x1b[K")
            self._line_open = True
        else:
            note(text)

    def end_line(self) -> None:
        """Wipe the line that counts down, so that something else may be written."""
        if self._line_open:
            self._write("\r\x1b[K")
            self._line_open = False

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
