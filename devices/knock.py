"""Whether a network device is there again: a connection that is made and closed at once.

A serial port or a USB device shows in the system when it is plugged in; a printer on the network does not, and a
supervisor that rests up to half a minute between tries would keep it waiting. So while it rests, this knocks at the
printer's port every other second. Nothing is sent. A knock never stands beside a real connection for long: many
printers serve only one, and a knock that was left open would lock out its own kiosk.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable

EVERY_S = 2.0
PATIENCE_S = 0.1


def knock_watch(host: str, port: int, monotonic: Callable[[], float] = time.monotonic) -> Callable[[], object]:
    """A look for ``transport.node_watch``: True while something accepts connections there, else None.

    Looks again at most every ``EVERY_S`` and takes ``PATIENCE_S`` at most. A host's name is not looked up here, which
    may take many seconds where the network is down: such an address is never news.
    """
    try:
        literal = str(ipaddress.ip_address(host))
    except ValueError:
        return lambda: None
    at: tuple[str, int] = (literal, port)
    there: bool | None = None
    next_s = float("-inf")

    def look() -> object:
        nonlocal there, next_s
        if monotonic() >= next_s:
            try:
                socket.create_connection(at, timeout=PATIENCE_S).close()
                there = True
            except OSError:
                there = None
            next_s = monotonic() + EVERY_S
        return there

    return look
