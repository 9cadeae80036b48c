"""A serial scan engine at work: bytes from the line, cut into codes, told when they are news.

The engine is left in its continuous or presentation mode and speaks first; it has no question that all makes
would answer, so an open line is all that ``identify`` can know of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from devices.events import CodeSeen, CodeTrouble
from devices.scanner.protocol import Code, CodeSplitter, Sieve, TooLong, text_of
from devices.supervisor import Emit, Jobs
from devices.transport import Transport, open_transport

_LOOK_S = 0.25  # how soon a stop is noticed


class Scanner:
    """A supervised device on an open line; ``prefixes`` as for ``CodeSplitter``."""

    def __init__(
        self,
        line: Transport,
        *,
        name: str = "scanner",
        prefixes: tuple[bytes, ...] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = line
        self._name = name
        self._monotonic = monotonic
        self._splitter = CodeSplitter(prefixes)
        self._sieve = Sieve()

    def identify(self) -> str:
        """Return ``serial scan engine``: there is no way to ask that all makes understand."""
        self._line.drop_input()  # half a code from before
        return "serial scan engine"

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Tell codes until ``stop``; a scanner takes no ``jobs``."""
        del jobs
        while not stop.is_set():
            gap_at_s = self._splitter.gap_at_s
            wait_s = _LOOK_S if gap_at_s is None else min(_LOOK_S, gap_at_s - self._monotonic())
            data = self._line.read(4096, wait_s)
            now_s = self._monotonic()
            codes = self._splitter.feed(data, now_s) if data else self._splitter.quiet(now_s)
            for event in self._events(codes, now_s):
                emit(event)

    def close(self) -> None:
        self._line.close()

    def _events(self, codes: list[Code | TooLong], now_s: float) -> Iterator[CodeSeen | CodeTrouble]:
        for code in codes:
            text = "" if isinstance(code, TooLong) else text_of(code.data)
            told = self._sieve.passes(text or "", now_s)
            if told == "flood":
                yield CodeTrouble(self._name, "flood")
            elif not told:
                continue
            elif isinstance(code, TooLong):
                yield CodeTrouble(self._name, "too-long")
            elif text is None:
                yield CodeTrouble(self._name, "unreadable-text")
            else:
                yield CodeSeen(self._name, text)


def open_scanner(address: str, *, name: str = "scanner", prefixes: tuple[bytes, ...] = ()) -> Scanner:
    """Open a scan engine at a transport's address."""
    return Scanner(open_transport(address), name=name, prefixes=prefixes)
