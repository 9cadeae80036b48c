"""A serial scan engine on a simulated cable, and somebody who shows codes to it.

Speaks what engines speak, prefix, data, suffix, and, set to a make's trigger, hears and answers that make's
commands; it knows nothing of the driver. ``show`` is one code in front of the window; ``hold`` is a code left there,
which engines in presentation mode send again and again; ``flood`` is an engine gone mad or a prankster with a stack
of codes. A triggered engine sees a code only while its light is on, and one code ends its looking.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from devices.scanner.sim_commands import Deed, Ear, Memory, ear_of
from devices.simulated_line import LineFaults, Place, far_end

Suffix = Literal["none", "cr", "lf", "crlf"]
Encoding = Literal["utf-8", "gb18030"]
Mode = Literal["continuous", "newland", "gm65", "honeywell"]

_SUFFIXES: dict[Suffix, bytes] = {"none": b"", "cr": b"\r", "lf": b"\n", "crlf": b"\r\n"}
_PAUSE_S = 0.1  # between two codes of an engine without a suffix
_FLOOD_LOOK_S = 0.02


@dataclass(slots=True)
class EngineSettings:
    """How this engine was set up; may be changed at any moment, as by a set-up sheet's codes.

    ``encoding`` is that of the codes themselves. ``trigger``: whose commands it hears; one that hears a make's
    commands scans on its own, all the same, until it is told to wait for them.
    """

    prefix: bytes = b""
    suffix: Suffix = "crlf"
    encoding: Encoding = "utf-8"
    trigger: Mode = "continuous"


@dataclass(slots=True)
class EngineFaults:
    """Switches of the engine itself; the cable's own are in ``line.faults``.

    ``deaf``: hears no command. ``mute_answers``: obeys so many next commands without answering. ``refuses``: knows
    no command. ``damaged_commands``: says that commands come damaged. ``damaged_answers``: its answers have a wrong
    byte. ``answer_s``: so long it takes over an answer. ``stuck_on``: acknowledges, and scans on. ``flood_per_s``:
    so many different codes a second, by itself. ``half_code``: the next code stops in its middle.
    ``unplug_mid_code``: the cable comes out there. The last two switch themselves off.
    """

    deaf: bool = False
    mute_answers: int = 0
    refuses: bool = False
    damaged_commands: bool = False
    damaged_answers: bool = False
    answer_s: float = field(default=0.0, metadata={"range": (0, 60)})
    stuck_on: bool = False
    flood_per_s: float = field(default=0.0, metadata={"range": (0, 10_000)})
    half_code: bool = False
    unplug_mid_code: bool = False


class ScannerSim:
    """The engine at ``place``, a link's path or a ``FarEnd``; ``show`` it codes, set its ``settings`` and ``faults``.

    ``on_light`` is told when its light goes on or off, on whatever thread, and must only enqueue.
    """

    def __init__(
        self,
        place: Place,
        *,
        settings: EngineSettings | None = None,
        faults: EngineFaults | None = None,
        line_faults: LineFaults | None = None,
        noise_source: random.Random | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings or EngineSettings()
        self.faults = faults or EngineFaults()
        self.on_light: Callable[[bool], None] = lambda _on: None
        self.commands = 0  # heard and understood
        self.line = far_end(place, self._hear, line_faults, noise_source)
        self._monotonic = monotonic
        self._memory = Memory()
        self._ear: tuple[str, Ear | None] = ("continuous", None)
        self._lit_until_s = float("-inf")
        self._sent_at_s = float("-inf")
        self._guard = threading.RLock()
        self._over = threading.Event()
        self._flood: threading.Thread | None = None

    @property
    def address(self) -> str:
        """What a driver opens."""
        return self.line.address

    @property
    def lit(self) -> bool:
        """Whether it looks for a code at this moment."""
        with self._guard:
            waits = self._memory.waits and self.settings.trigger != "continuous"
            return not waits or self.faults.stuck_on or self._monotonic() < self._lit_until_s

    def show(self, code: str | bytes) -> bool:
        """Hold a code before the window once; text is encoded as ``settings`` say, bytes go as they are.

        False if it was not seen: the light is off. UnicodeEncodeError for text that the encoding cannot say.
        """
        data = code.encode(self.settings.encoding) if isinstance(code, str) else code
        with self._guard:
            if not self.lit:
                return False
            self._darken()
            half, self.faults.half_code = self.faults.half_code, False
            torn, self.faults.unplug_mid_code = self.faults.unplug_mid_code, False
        if self.settings.suffix == "none":  # only its pauses part its codes
            self._over.wait(max(0.0, self._sent_at_s + _PAUSE_S - self._monotonic()))
        whole = self.settings.prefix + data + _SUFFIXES[self.settings.suffix]
        self.line.send(whole[: max(1, len(whole) // 2)] if half or torn else whole)
        self._sent_at_s = self._monotonic()
        if torn:
            self.line.unplug()
        return True

    def hold(self, code: str | bytes, times: int, every_s: float) -> None:
        """Leave a code before the window: it is looked at ``times`` times; ends early when closed."""
        for _ in range(times):
            self.show(code)
            if self._over.wait(every_s):
                return

    def flood(self, count: int, per_s: float = 0.0) -> None:
        """Send ``count`` different codes, ``per_s`` a second or (0) as fast as the line takes them."""
        for number in range(count):
            self.show(f"FLOOD-{number:06d}")
            if per_s and self._over.wait(1 / per_s):
                return

    def restart(self) -> None:
        """Its power blinked: it scans on its own again, and knows nothing of what it was told."""
        with self._guard:
            self._memory = Memory()
            self._ear = ("continuous", None)
            self._darken()

    def faults_changed(self) -> None:
        """Look at ``faults.flood_per_s`` anew; whoever sets it calls this."""
        with self._guard:
            if self.faults.flood_per_s and self._flood is None and not self._over.is_set():
                self._flood = threading.Thread(target=self._pour, name="scanner flood", daemon=True)
                self._flood.start()

    def plug(self) -> None:
        """Put the cable in; the engine gets its power from it, and starts anew."""
        self.restart()
        self.line.plug()

    def unplug(self) -> None:
        self.line.unplug()

    def close(self) -> None:
        self._over.set()
        with self._guard:
            flood = self._flood
        if flood is not None:
            flood.join()
        self.line.close()

    def __enter__(self) -> ScannerSim:  # noqa: PYI034  (final in practice; the plain name reads better in help())
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- what it does by itself

    def _pour(self) -> None:
        """Codes at a steady rate, made up for when a wait was long, until the switch goes back or it is closed."""
        number, began_s = 0, self._monotonic()
        while not self._over.is_set():
            with self._guard:
                per_s = self.faults.flood_per_s
                if not per_s:
                    self._flood = None
                    return
            due = int((self._monotonic() - began_s) * per_s)
            if due - number > per_s:  # the switch was moved, or nobody took the bytes: forget what is owed
                number, began_s, due = 0, self._monotonic(), 0
            for _ in range(due - number):
                self.show(f"FLOOD-{number:06d}")
                number += 1
            self._over.wait(max(_FLOOD_LOOK_S, min(0.25, 1 / per_s)))

    def _hear(self, data: bytes) -> None:
        """The host wrote ``data``; on the line's thread."""
        answers = []
        with self._guard:
            make = self.settings.trigger
            if self._ear[0] != make:
                self._ear = (make, ear_of(make))
            ear = self._ear[1]
            if ear is None or self.faults.deaf:
                return
            obeys = not (self.faults.refuses or self.faults.damaged_commands)
            for deed in ear.hear(data, self._memory if obeys else replace(self._memory)):
                self.commands += 1
                if obeys:
                    self._obey(deed)
                answers.append(self._answer(deed))
        for answer in answers:
            if answer and not self._over.wait(self.faults.answer_s):
                self.line.send(answer)

    def _answer(self, deed: Deed) -> bytes:
        if self.faults.mute_answers > 0 and deed.done:
            self.faults.mute_answers -= 1
            return b""
        if self.faults.damaged_commands:
            return deed.damaged
        if self.faults.refuses:
            return deed.refused
        return deed.unsound if self.faults.damaged_answers else deed.done

    def _obey(self, deed: Deed) -> None:
        match deed.word:
            case "light on":
                self._lit_until_s = self._monotonic() + (self._memory.session_s or float("inf"))
                self.on_light(True)
            case "light off":
                self._darken()
            case "mode":
                self._lit_until_s = float("-inf")

    def _darken(self) -> None:
        if self._lit_until_s > float("-inf"):
            self._lit_until_s = float("-inf")
            self.on_light(False)
