"""The scan engine's place on the bench: a code is shown once, left before the window, or comes as a flood."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from devices.bench.misuse import Deed, MisuseError, count, word
from devices.scanner.sim import ScannerSim

TEXT_MAX = 512
_EVERY_S = 0.5
"""How often an engine in presentation mode sends a code that stays before its window."""
_FLOOD, _FLOOD_MOST = 500, 5000


class ScannerPlace:
    """An engine behind the pty ``link_path``; ``tell`` is called when a flood or a held code has ended."""

    def __init__(self, link_path: Path, tell: Callable[[], None]) -> None:
        self.sim = ScannerSim(link_path)
        self.sim.on_light = lambda _on: tell()
        self._tell = tell
        self._shown: list[str] = []
        self._lost = 0
        self._held = ""
        self._flooding = False
        self._busy: tuple[threading.Thread, threading.Event] | None = None
        self._guard = threading.RLock()

    def sights(self) -> dict[str, Any]:
        return {
            "shown": self._shown[-3:],
            "lit": self.sim.lit,
            "lost_codes": self._lost,
            "held": self._held,
            "flooding": self._flooding,
        }

    def deeds(self) -> dict[str, Deed]:
        return {"show": self._show, "hold": self._hold, "release": lambda _detail: self.mend(), "flood": self._flood}

    def mend(self) -> None:
        """Take a held code away, end a flood."""
        with self._guard:
            busy, self._busy = self._busy, None
            if busy is not None:
                thread, over = busy
                over.set()
                thread.join()
            self._held, self._flooding = "", False

    def _show(self, detail: Mapping[str, Any]) -> None:
        self._send(code_in(detail))

    def _hold(self, detail: Mapping[str, Any]) -> None:
        text = code_in(detail)
        self._send(text)
        with self._guard:
            self.mend()
            self._held = text
            self._start(lambda over: self._stay(text, over))

    def _flood(self, detail: Mapping[str, Any]) -> None:
        codes = count(detail, "count", _FLOOD, _FLOOD_MOST)
        with self._guard:
            self.mend()
            self._flooding = True
            self._start(lambda over: self._pour(codes, over))

    def _send(self, text: str) -> None:
        if not self.sim.line.plugged:
            self._lost += 1
            return
        try:
            seen = self.sim.show(text)
        except UnicodeEncodeError as error:
            raise MisuseError("bad-text", "the engine's encoding has no such character") from error
        if seen:
            self._shown = [*self._shown, text][-3:]
        else:
            self._lost += 1

    def _start(self, work: Callable[[threading.Event], None]) -> None:
        over = threading.Event()
        thread = threading.Thread(target=work, args=(over,), name="scanner's hand", daemon=True)
        self._busy = (thread, over)
        thread.start()

    def _stay(self, text: str, over: threading.Event) -> None:
        while not over.wait(_EVERY_S):
            self.sim.show(text)

    def _pour(self, codes: int, over: threading.Event) -> None:
        for number in range(codes):
            if over.is_set():
                return
            self.sim.show(f"FLOOD-{number:06d}")
        self._flooding = False
        self._tell()


def code_in(detail: Mapping[str, Any]) -> str:
    """The text of the code that a request shows. Raises MisuseError."""
    text = word(detail, "text")
    if not text or len(text) > TEXT_MAX:
        raise MisuseError("bad-text", f"a code holds 1 to {TEXT_MAX} characters")
    return text
