"""Gives each citizen a reading process of their own, and takes it away with everything it knows.

One process reads for the session of now; a second, warm and empty, waits to take its place at once. When a
session ends the first is killed, not asked: its memory is the card data, and the kernel takes it. All processes
are started by this desk's own thread, because they die with the thread that started them. When one says that the
reader hangs, the desk has its power cycled, where the terminal can: the ten minutes to the next time are kept here.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from devices.power import command_hook
from devices.printer.slip import Slip
from firmware_cfg.profile import IdcardSection
from kiosk.events import (
    CardGone,
    CardRead,
    CardTrouble,
    Event,
    PhoneRead,
    RecordOpened,
    RecordTrouble,
    RecordWhole,
    TypedProgress,
    TypedRead,
    TypedTrouble,
)
from kiosk.record_said import lines_of, slip_of
from queue_server.wire import messages as wire

log = logging.getLogger(__name__)

FIRST_REST_S, LONGEST_REST_S = 0.5, 30.0
STEADY_S = 10.0
_ROOT = Path(__file__).resolve().parent.parent
_COMMANDS = frozenset({"erase", "clear", "enter", "phone"})

Tell = Callable[[str, Event], None]
"""``(session, event)`` to the inbox."""
PrintSlip = Callable[[str, Slip], None]
"""``(job, slip)`` to the printer: what a reading process has written goes there and nowhere else."""
Report = Callable[[wire.Peripheral], None]


@dataclass(eq=False)
class _Child:
    """One reading process; ``session`` is set when it is given to a citizen."""

    process: subprocess.Popen[str]
    began_s: float
    session: str = ""
    ended: bool = False
    writing: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, words: Mapping[str, Any]) -> None:
        """Say something to it; to one that has gone, nothing."""
        pipe = self.process.stdin
        with self.writing, suppress(OSError, ValueError):
            if pipe is not None and not self.ended:
                pipe.write(json.dumps(words) + "\n")
                pipe.flush()

    def kill(self) -> None:
        self.ended = True
        with suppress(OSError):
            self.process.kill()

    def bury(self) -> None:
        """Wait for the end of a killed process and give back its pipe."""
        self.process.wait()
        with self.writing, suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()


@dataclass(frozen=True, slots=True)
class _Next:
    session: str


@dataclass(frozen=True, slots=True)
class _Fell:
    child: _Child


class CardDesk:
    """Card reader and number pad of one kiosk. ``tell`` and ``report`` are called on threads of the desk."""

    def __init__(
        self,
        reader: IdcardSection,
        server_key: bytes,
        tell: Tell,
        report: Report,
        print_slip: PrintSlip = lambda _job, _slip: None,
    ) -> None:
        self._reader = reader
        self._print_slip = print_slip
        self._told: wire.Peripheral | None = None
        self._counters: Counter[str] = Counter()  # over all processes: each of them forgets what it did
        self._power_cycle = command_hook(reader.power_cycle) if reader.power_cycle else None
        self._cycled_s: float | None = None
        self._cycling: threading.Thread | None = None
        self._command = [
            *(sys.executable, "-m", "kiosk.card_child", "--port", reader.port, "--baud", reader.baud),
            *("--server-key", server_key.hex(), "--parent", str(os.getpid())),
        ]
        self._tell = tell
        self._report = report
        self._asked: queue.SimpleQueue[_Next | _Fell | None] = queue.SimpleQueue()
        self._current: _Child | None = None
        self._spare: _Child | None = None
        self._session = ""
        self._card_lies = False
        self._rate: int | None = None
        self._falls = 0
        self._again_at_s: float | None = None
        self._thread: threading.Thread | None = None

    @property
    def reading_pid(self) -> int | None:
        """The process that reads for the citizen of now."""
        child = self._current
        return None if child is None or child.ended else child.process.pid

    def start(self, session: str) -> None:
        """Begin to read for ``session``."""
        self._thread = threading.Thread(target=self._run, name="card desk", daemon=True)
        self._thread.start()
        self.next_session(session)

    def next_session(self, session: str) -> None:
        """The citizen has left: their reading process is killed before this returns; another reads for ``session``."""
        child = self._current
        if child is not None:
            child.kill()
        self._asked.put(_Next(session))

    def type_key(self, key: str) -> None:
        """One key of the number pad: 0-9, X, ``erase``, ``clear``, ``enter``, ``phone``. Nothing of it is kept here."""
        child = self._current
        if child is not None:
            child.ask({"do": key} if key in _COMMANDS else {"do": "key", "key": key})

    def ask(self, do: str, **words: str) -> None:
        """Of the record that the citizen's reading process holds: ``record``, ``record-whole``, ``record-slip``."""
        child = self._current
        if child is not None:
            child.ask({"do": do, **words})

    def stop(self) -> None:
        """Kill both processes and end the thread."""
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join()
            self._thread = None

    # --- the desk's thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            left = None if self._again_at_s is None else max(0.0, self._again_at_s - time.monotonic())
            try:
                asked = self._asked.get(timeout=left)
            except queue.Empty:
                self._begin()
                continue
            match asked:
                case _Next(session=session):
                    self._session = session
                    self._begin()
                case _Fell(child=child):
                    self._fell(child)
                case None:
                    for one in (self._current, self._spare):
                        if one is not None:
                            one.kill()
                            one.bury()
                    self._current = self._spare = None
                    return

    def _begin(self) -> None:
        """Put the spare process to work for the session of now, and have another one warm up."""
        self._again_at_s = None
        old, self._current = self._current, None
        if old is not None:
            old.kill()
            old.bury()  # the port is free only when it has gone
        child = self._spare or self._spawn()
        self._spare = None
        child.session = self._session
        child.began_s = time.monotonic()
        self._current = child
        child.ask({
            "do": "start",
            "card_lies": self._card_lies,
            "rate": self._rate,
            "power": self._power_cycle is not None,
            "cycled_s": self._cycled_s,
        })  # fmt: skip
        self._spare = self._spawn()

    def _spawn(self) -> _Child:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for us; this one dies with us anyway
        )
        child = _Child(process, time.monotonic())
        threading.Thread(target=self._listen, args=(child,), name="card desk ear", daemon=True).start()
        return child

    def _fell(self, child: _Child) -> None:
        """A process ended that nobody ended: start another, the later the more often it happens."""
        if child.ended:
            return
        child.ended = True
        child.bury()
        if child is self._spare:
            self._spare = None  # the next one is started when it is needed
            return
        if child is not self._current:
            return
        self._falls = 1 if time.monotonic() - child.began_s > STEADY_S else self._falls + 1
        log.error("the reading process ended with %s", child.process.returncode)
        now = datetime.now(UTC)
        counters = dict(self._counters)
        self._told = wire.Peripheral("idcard", "absent", now, "reading-process-ended", counters=counters)
        self._report(self._told)
        self._tell(child.session, TypedProgress(0))
        self._tell(child.session, RecordTrouble("reading-process-ended"))  # it had it, and nobody else
        self._again_at_s = time.monotonic() + min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(self._falls - 1, 10))

    # --- one thread for each process's words ----------------------------------------------------------------

    def _listen(self, child: _Child) -> None:
        lines = child.process.stdout
        if lines is not None:
            with lines:
                for line in lines:
                    if child.ended:
                        break
                    self._heard(child, line)
        self._asked.put(_Fell(child))

    def _heard(self, child: _Child, line: str) -> None:
        try:
            said: dict[str, Any] = json.loads(line)
            match said["say"]:
                case "health":
                    self._health(said)
                case "hangs":
                    self._cycle_power()
                case "card":
                    self._card_lies = True
                    self._count("cards")
                    read = CardRead(
                        said["masked_name"],
                        said["last4"],
                        said["person"],
                        said["expired"],
                        said["mark"],
                        said["minor"],
                    )
                    self._tell(child.session, read)
                case "card-trouble":
                    self._card_lies = True
                    self._count(said["code"])
                    self._tell(child.session, CardTrouble(said["code"]))
                case "card-gone":
                    self._card_lies = False
                    self._tell(child.session, CardGone())
                case "record":
                    self._tell(child.session, RecordOpened(lines_of(said["lines"])))
                case "record-whole":
                    self._tell(child.session, RecordWhole(lines_of(said["lines"])))
                case "record-trouble":
                    self._tell(child.session, RecordTrouble(said["code"]))
                case "record-slip":
                    self._print_slip(said["job"], slip_of(said["items"]))
                case "typed":
                    self._tell(child.session, TypedProgress(said["length"], said["shown"]))
                case "typed-ok":
                    self._tell(child.session, TypedRead(said["last4"], said["person"], said["mark"], said["minor"]))
                case "phone-ok":
                    self._tell(child.session, PhoneRead(said["masked"], said["phone"]))
                case "typed-trouble":
                    self._tell(child.session, TypedTrouble(said["code"]))
                case _:
                    pass
        except (ValueError, KeyError, TypeError):
            log.error("a line of the reading process is not understood")  # noqa: TRY400  (never its content)

    def _cycle_power(self) -> None:
        """Off and on, on a thread of its own: it takes seconds, and the reader may say something meanwhile."""
        if self._power_cycle is None or (self._cycling is not None and self._cycling.is_alive()):
            return
        log.warning("the card reader hangs; its power is cycled")
        self._cycled_s = time.monotonic()
        self._cycling = threading.Thread(target=self._power_cycle, name="card desk power", daemon=True)
        self._cycling.start()

    def _health(self, said: Mapping[str, Any]) -> None:
        if said["rate"]:
            self._rate = said["rate"]
        if self._reader.port:
            self._told = wire.Peripheral(
                name="idcard",
                condition=said["condition"],
                since=datetime.fromisoformat(said["since"]),
                reason=said["reason"][:64],
                model=said["model"][:64],
                counters=dict(self._counters),
            )
            self._report(self._told)

    def _count(self, what: str) -> None:
        self._counters[what] += 1
        if self._told is not None:
            self._told = msgspec.structs.replace(self._told, counters=dict(self._counters))
            self._report(self._told)
