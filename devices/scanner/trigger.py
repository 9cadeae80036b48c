"""When a scan engine's light is on: the host's side of a triggered engine, as a state machine without I/O or clock.

The light is on while a code is wanted, and no longer: off when nobody wants one, and off for a moment after a code,
so that it can be taken away. An engine gives up by itself after its own time-out, so it is told again before that.
One command is under way at a time. One that gets no answer, or a damaged one, is sent again, three times in all;
then the engine is lost, and the supervisor begins anew. While nothing is wanted the engine is asked now and then
whether it is there and still waits for commands: one that restarted scans on its own and is set up again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from devices.errors import DeviceError, DeviceFault, DeviceSilent, LinkGarbled
from devices.scanner.answers import Answer
from devices.scanner.dialects import Command, Dialect

ANSWER_S = 0.5  # makers' own programs wait 0.2 to 0.5 s
TRIES = 3
CHECK_S = 30.0
AGAIN_SHARE = 0.8  # of the engine's own time-out: then it is told again
AFTER_CODE_S = 1.5  # dark for so long, unless somebody asks anew
SHOWN_AGAIN_S = 0.3  # after a code that was of no use, somebody will try again; the same one still lies there
STRAY_S = 1.0  # codes on their way when the light went off may come so late
STRAYS = 3  # more codes than this without light, and the engine does not obey
STRAYS_WITHIN_S = 60.0

_Script = Generator[Command, Answer, None]


class Trigger:
    """One triggered engine. ``due`` says what to send; ``heard`` is told its answers, ``code`` of its codes."""

    def __init__(self, dialect: Dialect, now_s: float, *, wanted: bool = True) -> None:
        self.model = ""  # known when ``ready``
        self.ready = False
        self._dialect = dialect
        self._wanted = wanted
        self._lit = False  # or may be: it was told to, and has not said that it does not
        self._again_at_s = now_s
        self._dark_until_s = now_s
        self._dark_since_s = now_s
        self._session_s = 0.0
        self._check_at_s = now_s
        self._strays: list[float] = []
        self._now_s = now_s
        self._script: _Script | None = self._greet()
        self._asked: Command | None = None
        self._send: Command | None = next(self._script)
        self._tries = 0
        self._answer_by_s = 0.0
        self._settled_at_s = now_s
        self._trouble: Callable[[], DeviceError] = self._silent

    @property
    def awaits_description(self) -> bool:
        """Whether the next answer is a Honeywell engine's description of itself, for ``CodeSplitter``."""
        return self._asked is not None and self._asked.tag == b"REVINF"

    def stuck_on(self, now_s: float) -> bool:
        """Whether codes keep coming although the light should be off."""
        self._strays = [at_s for at_s in self._strays if now_s - at_s < STRAYS_WITHIN_S]
        return len(self._strays) > STRAYS

    def want(self, *, on: bool) -> None:
        """Codes are wanted from now on, or none are."""
        self._wanted = on
        self._dark_until_s = float("-inf")

    def code(self, now_s: float, *, used: bool) -> None:
        """The engine read a code at ``now_s``, which ends its looking; ``used`` if it was told to anybody."""
        if not self._lit and now_s - self._dark_since_s > STRAY_S:
            self._strays = [*self._strays[-STRAYS:], now_s]
            self._check_at_s = min(self._check_at_s, now_s + STRAY_S)  # did it restart, and scans by itself?
        if used:
            self._dark_until_s = now_s + AFTER_CODE_S
        elif self._lit:
            self._again_at_s = now_s + SHOWN_AGAIN_S

    def heard(self, answer: Answer, now_s: float) -> None:
        """The engine answered; answers that nothing waits for are late ones, and ignored."""
        asked = self._asked
        if asked is None or answer.make != self._dialect.make:
            return
        if answer.problem == "garbled":
            self._trouble, self._answer_by_s = self._garbled, now_s
        elif not answer.data.startswith(asked.tag):
            return
        elif answer.problem == "refused" and not asked.optional:
            self._trouble, self._answer_by_s = self._refused, now_s
        else:
            self._asked = None
            self._check_at_s = now_s + CHECK_S
            if self._tries > 1 and not asked.tag:  # the answer to the other try may still come, and look like the next
                self._settled_at_s = now_s + ANSWER_S
            self._step(answer, now_s)

    def due(self, now_s: float) -> bytes | None:
        """What to send now, or None; call until None. Raises DeviceError when the engine is lost."""
        if self._asked is not None and now_s < self._answer_by_s:
            return None
        if self._asked is self._dialect.on and not self._bright(now_s):
            self._asked = self._script = None  # nobody cares any more whether it heard; it is told the opposite
        if self._asked is not None:
            if self._tries >= TRIES:
                raise self._trouble()
            return self._sent(self._asked, now_s)
        if now_s < self._settled_at_s:
            return None
        if self._send is None:
            self._begin(now_s)
        if self._send is None:
            return None
        command, self._send = self._send, None
        self._tries = 0
        self._trouble = self._silent
        data = self._sent(command, now_s)
        if not command.answered:
            self._asked = None
            self._step(Answer(self._dialect.make), now_s)
        return data

    def wake_at_s(self, now_s: float) -> float:
        """When ``due`` will have something to do if nothing happens before."""
        if self._asked is not None:
            return self._answer_by_s
        if self._send is not None or self._lit > self._bright(now_s):
            return max(now_s, self._settled_at_s)
        light = [self._again_at_s if self._lit else max(now_s, self._dark_until_s)] if self._wanted else []
        return max(min([self._check_at_s, *light]), self._settled_at_s)

    # -- what to do next

    def _bright(self, now_s: float) -> bool:
        """Whether the light is to be on."""
        return self._wanted and now_s >= self._dark_until_s

    def _begin(self, now_s: float) -> None:
        bright = self._bright(now_s)
        if bright and (not self._lit or now_s >= self._again_at_s):
            self._start(self._switch(on=True), now_s)
        elif self._lit and not bright:
            self._start(self._switch(on=False), now_s)
        elif now_s >= self._check_at_s:
            self._start(self._check(), now_s)

    def _start(self, script: _Script, now_s: float) -> None:
        self._script, self._now_s = script, now_s
        self._send = next(script)

    def _step(self, answer: Answer, now_s: float) -> None:
        self._now_s = now_s
        if self._script is None:
            return
        try:
            self._send = self._script.send(answer)
        except StopIteration:
            self._script = None

    def _sent(self, command: Command, now_s: float) -> bytes:
        self._asked = command
        self._tries += 1
        self._answer_by_s = now_s + ANSWER_S
        return command.data

    # -- scripts

    def _greet(self) -> _Script:
        self.model = yield from self._dialect.introduce()
        yield from self._set_up()
        self.ready = True

    def _set_up(self) -> _Script:
        self._session_s = yield from self._dialect.set_up()
        self._lit = False
        self._strays.clear()
        self._check_at_s = self._now_s + CHECK_S

    def _check(self) -> _Script:
        if (yield from self._dialect.check()):
            self._check_at_s = self._now_s + CHECK_S
        else:
            yield from self._set_up()

    def _switch(self, *, on: bool) -> _Script:
        self._lit = True
        yield self._dialect.on if on else self._dialect.off
        if not on:
            self._lit = False
            self._dark_since_s = self._now_s
        self._again_at_s = self._now_s + AGAIN_SHARE * self._session_s

    # -- what it is when an engine is lost

    def _silent(self) -> DeviceError:
        return DeviceSilent("the scan engine does not answer")

    def _garbled(self) -> DeviceError:
        return LinkGarbled("the scan engine's answers cannot be trusted, or it cannot trust our commands")

    def _refused(self) -> DeviceError:
        return DeviceFault("the scan engine does not know this command: is the trigger of its make?", "trigger-refused")
