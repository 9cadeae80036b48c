"""The last thing to try with a device that hangs: take its power away for a moment.

A reader that locked up in its field, or a printer whose firmware stands still, comes back only when its supply is
switched off and on. Many USB hubs can do that to one port, and a program such as ``uhubctl`` asks them. It is the
last rung of the ladder: the driver repeats its question and resets the module, the supervisor opens the line anew,
and only when that has failed several times for reasons that look like a hang is the power cycled; then not again
for ten minutes, because a device that was unplugged or has died is not helped by it, and on many a Raspberry Pi
its neighbours on the hub lose their power, too.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

PowerCycle = Callable[[], bool]
"""Switch the device off and on; True if that was done as far as one can tell. Never raises, ends in seconds."""

AFTER_FAILURES = 3
AFTER_S = 8.0
EVERY_S = 600.0
COMMAND_S = 8.0

HANGS = frozenset({"no-answer", "not-answering", "link-garbled", "write-timeout", "sam-self-test", "camera-frozen"})
"""Reasons of a device that is there and powered but does not do its work."""

_EITHER_WAY = frozenset({"device-lost", "port-missing"})
# A hung USB device often falls off the bus between two silences, so its vanishing is no sign of health; but a port
# that is empty from the start is just as well a cable that somebody pulled, so it is no sign of a hang either.


@dataclass(slots=True)
class PowerPolicy:
    """When to cycle the power. Pure: every time is an argument, in seconds of one monotonic clock.

    A row of ``after_failures`` failures that look like a hang and that lasts ``after_s`` or longer asks for it, at
    most every ``every_s``. Good work and any other reason end the row; ``device-lost`` and ``port-missing`` neither
    lengthen nor end it. ``last_cycle_s`` may be carried from process to process: Linux has one monotonic clock.
    """

    after_failures: int = AFTER_FAILURES
    after_s: float = AFTER_S
    every_s: float = EVERY_S
    last_cycle_s: float | None = None
    _failures: int = field(default=0, init=False)
    _since_s: float = field(default=0.0, init=False)

    def failed(self, reason: str, now_s: float) -> bool:
        """Note a failure for ``reason``; True says: cycle the power now (that it is done is taken for granted)."""
        if reason in _EITHER_WAY:
            return False
        if reason not in HANGS:
            self._failures = 0
            return False
        if self._failures == 0:
            self._since_s = now_s
        self._failures += 1
        if self._failures < self.after_failures or now_s - self._since_s < self.after_s:
            return False
        if self.last_cycle_s is not None and now_s - self.last_cycle_s < self.every_s:
            return False
        self.last_cycle_s = now_s
        self._failures = 0
        return True

    def worked(self) -> None:
        """The device did its work: whatever was before is over."""
        self._failures = 0


def command_hook(command: Sequence[str], *, timeout_s: float = COMMAND_S) -> PowerCycle:
    """A ``PowerCycle`` that runs ``command``, for example ``uhubctl -l 1-1 -p 2 -a cycle``; no shell is involved.

    The outcome is logged by the exit code. That is all one can know: ``uhubctl`` ends with 0 when the hub took the
    request, also where the board keeps the port powered, and with 1 when there is no such hub or no permission. A
    command that takes longer than ``timeout_s`` is ended with all its children; choose a pause in it (``-d``) well
    below, or the port may stay without power until the next try.
    """
    words = tuple(command)
    if not words or not all(words):
        raise ValueError("a power-cycle command is a program and its arguments, none of them empty")

    def cycle() -> bool:
        try:
            # a session of its own, so that a Ctrl-C at the terminal does not end it between "off" and "on"
            running = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # no such program, not executable, a zero byte in an argument
            log.warning("power cycle: %s cannot be run: %s", words[0], type(error).__name__)
            return False
        try:
            code = running.wait(timeout_s)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):  # one that waits inside the kernel is not ended by anything
                running.wait(1.0)
            log.warning("power cycle: %s did not end within %g s and was ended", words[0], timeout_s)
            return False
        if code:
            log.warning("power cycle: %s ended with exit code %d", words[0], code)
        else:
            log.info("power cycle: %s ended with exit code 0", words[0])
        return code == 0

    return cycle
