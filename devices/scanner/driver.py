"""A serial scan engine at work: bytes from the line, cut into codes, told when they are news.

Left in its continuous or presentation mode an engine speaks first; it has no question that all makes would answer,
so an open line is all that ``identify`` can know of it. With a ``trigger`` it is asked who it is, told when a code
is wanted (``Wanted``), and missed when it stops answering.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from devices.errors import DeviceError
from devices.events import CodeSeen, CodeTrouble, Condition, Health
from devices.power import PowerCycle
from devices.scanner.dialects import Dialect, TriggerName, dialect_of
from devices.scanner.protocol import Answer, CodeSplitter, Part, Sieve, TooLong, text_of
from devices.scanner.trigger import Trigger
from devices.supervisor import Emit, Jobs, Supervisor
from devices.transport import Transport, node_watch, open_transport

_LOOK_S = 0.25  # how soon a stop is noticed
_LOOK_TRIGGERED_S = 0.05  # how soon a wish for a code is
_WRITE_S = 0.5
_FLOOD_REST_S = 0.05  # in a flood the line is looked at no oftener
_SUPERVISOR_SAYS = datetime.min.replace(tzinfo=UTC)  # Health.since is filled in by the supervisor


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job for a scanner: codes are wanted from now on (``on``), or none are, until told otherwise.

    Only an engine with a trigger acts on it; all others scan always. No event answers it.
    """

    on: bool


class Scanner:
    """A supervised device on an open line.

    ``prefixes`` as for ``CodeSplitter``; ``dialect`` None: no trigger; ``wanted`` is how a triggered one begins.
    """

    def __init__(
        self,
        line: Transport,
        *,
        name: str = "scanner",
        prefixes: tuple[bytes, ...] = (),
        dialect: Dialect | None = None,
        wanted: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = line
        self._name = name
        self._dialect = dialect
        self._wanted = wanted
        self._monotonic = monotonic
        self._splitter = CodeSplitter(prefixes, spoken_to=None if dialect is None else dialect.make)
        self._sieve = Sieve()
        self._trigger: Trigger | None = None
        self._said = ""  # the defect of which health was told

    def identify(self) -> str:
        """Return what a triggered engine calls itself; ``serial scan engine`` where there is no way to ask.

        Raises DeviceSilent, LinkGarbled or DeviceFault (``trigger-refused``) for a triggered engine.
        """
        self._line.drop_input()  # half a code from before
        if self._dialect is None:
            return "serial scan engine"
        self._trigger = Trigger(self._dialect, self._monotonic(), wanted=self._wanted)
        while not self._trigger.ready:
            self._send_due(self._trigger)
            for part in self._read(_LOOK_S):
                if isinstance(part, Answer):
                    self._trigger.heard(part, self._monotonic())
        return self._trigger.model

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Tell codes until ``stop``; the only job is ``Wanted``."""
        look_s = _LOOK_S if self._trigger is None else _LOOK_TRIGGERED_S
        while not stop.is_set():
            self._take(jobs)
            if self._trigger is not None:
                self._send_due(self._trigger)
            for part in self._read(look_s):
                self._hear(part, emit)
            self._say_defect(emit)
            if self._sieve.flooded(self._monotonic()):
                stop.wait(_FLOOD_REST_S)
        if self._dialect is not None:
            with suppress(DeviceError):
                self._line.write(self._dialect.off.data, _WRITE_S)

    def close(self) -> None:
        self._line.close()

    def _take(self, jobs: Jobs) -> None:
        with suppress(queue.Empty):
            while True:
                job = jobs.get_nowait()
                if isinstance(job, Wanted) and self._trigger is not None:
                    self._trigger.want(on=job.on)

    def _send_due(self, trigger: Trigger) -> None:
        while (data := trigger.due(self._monotonic())) is not None:
            self._line.write(data, _WRITE_S)
        self._splitter.awaits_description = trigger.awaits_description

    def _read(self, at_most_s: float) -> list[Part]:
        now_s = self._monotonic()
        waits = [at_most_s]
        if self._splitter.gap_at_s is not None:
            waits.append(self._splitter.gap_at_s - now_s)
        if self._trigger is not None:
            waits.append(self._trigger.wake_at_s(now_s) - now_s)
        data = self._line.read(4096, max(0.0, min(waits)))
        now_s = self._monotonic()
        return self._splitter.feed(data, now_s) if data else self._splitter.quiet(now_s)

    def _hear(self, part: Part, emit: Emit) -> None:
        now_s = self._monotonic()
        if isinstance(part, Answer):
            if self._trigger is not None:
                self._trigger.heard(part, now_s)
            return
        text = None if isinstance(part, TooLong) else text_of(part.data)
        trouble = "too-long" if isinstance(part, TooLong) else "unreadable-text"
        # no text holds NUL: troubles never look like a code
        told = self._sieve.passes(f"\0{trouble}" if text is None else text, now_s)
        if self._trigger is not None:
            self._trigger.code(now_s, used=told is True and text is not None)
        if told == "flood":
            emit(CodeTrouble(self._name, "flood"))
        elif told:
            emit(CodeTrouble(self._name, trouble) if text is None else CodeSeen(self._name, text))

    def _say_defect(self, emit: Emit) -> None:
        now_s = self._monotonic()
        defect = "flood" if self._sieve.flooded(now_s) else ""
        if not defect and self._trigger is not None and self._trigger.stuck_on(now_s):
            defect = "stuck-on"
        if defect != self._said:
            self._said = defect
            emit(Health(self._name, Condition.DEGRADED if defect else Condition.OK, _SUPERVISOR_SAYS, defect))


def open_scanner(
    address: str,
    *,
    name: str = "scanner",
    prefixes: tuple[bytes, ...] = (),
    trigger: TriggerName = "none",
    wanted: bool = True,
) -> Scanner:
    """Open a scan engine at a transport's address.

    ``wanted=False``: an engine with a ``trigger`` stays dark until a job ``Wanted(True)`` comes.
    Raises ValueError for a prefix or trigger that cannot be, DeviceError for the line.
    """
    dialect = dialect_of(trigger)
    CodeSplitter(prefixes)  # before a line is opened that nobody would close
    return Scanner(open_transport(address), name=name, prefixes=prefixes, dialect=dialect, wanted=wanted)


def supervise_scanner(
    address: str,
    emit: Emit,
    *,
    name: str = "scanner",
    prefixes: tuple[bytes, ...] = (),
    trigger: TriggerName = "none",
    wanted: Callable[[], bool] = lambda: True,
    power_cycle: PowerCycle | None = None,
) -> Supervisor:
    """A supervisor, not yet started, for the engine at ``address``; with a trigger, give its ``submit`` ``Wanted``.

    ``wanted`` is asked each time the engine is opened: a job ``Wanted`` that was submitted while it was away is lost,
    and an engine that comes back must not shine when nobody wants it to. Raises BadAddress, or ValueError for a
    prefix or trigger that cannot be.
    """
    dialect_of(trigger)
    CodeSplitter(prefixes)
    return Supervisor(
        name,
        lambda: open_scanner(address, name=name, prefixes=prefixes, trigger=trigger, wanted=wanted()),
        emit,
        watch=node_watch(address),
        power_cycle=power_cycle,
    )
