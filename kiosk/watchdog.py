"""Tells systemd that the screen is alive, by hand: ``sd_notify`` is one datagram (systemd.service(5), sd_notify(3)).

The watchdog is fed from the UI's own clock, and only if a frame has reached the glass since the last time: a program
whose threads run on behind a frozen picture is started again. Without systemd (no NOTIFY_SOCKET) nothing is sent.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

FEED_S = 5.0
"""At most so often; the unit's WatchdogSec is several times as long."""


class Watchdog:
    """``drawn`` is called for every frame, ``feed`` now and then from the UI's clock. One thread."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """A socket that cannot be made is none: a terminal must not fail for want of its guard."""
        self._socket: socket.socket | None = None
        address = environment.get("NOTIFY_SOCKET", "")
        if address.startswith(("/", "@")):
            channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            channel.setblocking(False)
            try:
                channel.connect("\0" + address[1:] if address.startswith("@") else address)
            except OSError:
                channel.close()
            else:
                self._socket = channel
        limit_us = environment.get("WATCHDOG_USEC", "")
        self._every_s = min(FEED_S, int(limit_us) / 3_000_000) if limit_us.isdecimal() else FEED_S
        self._drawn = False
        self._fed_s = float("-inf")

    def ready(self) -> None:
        """The first page can be used."""
        self._say("READY=1")

    def drawn(self) -> None:
        """A frame has reached the glass."""
        self._drawn = True

    def feed(self, now_s: float) -> bool:
        """Feed it if it is time and something was drawn since. True: now a frame should be asked for.

        ``now_s`` is monotonic.
        """
        if now_s - self._fed_s < self._every_s:
            return False
        if self._drawn:
            self._drawn, self._fed_s = False, now_s
            self._say("WATCHDOG=1")
        return True

    def ending(self) -> None:
        """The last word."""
        self._say("STOPPING=1")
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _say(self, words: str) -> None:
        if self._socket is not None:
            with suppress(OSError):  # nobody listens any more, or its queue is full
                self._socket.send(words.encode("ascii"))
