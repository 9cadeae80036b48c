"""A camera at work: the newest frame, decoded, and what is news of it told as if a scanner had read it.

Everything here runs on the thread of the device's supervisor: waiting for frames, decoding (zbar in a process of its
own), and asking whether the picture is any good. So the thread that draws the screen only ever sees events. While
something moves before the camera twelve frames a second are decoded, else four. ``Wanted(False)`` switches the
camera off: the device is closed, its light goes out, and what was seen is forgotten. No frame is kept, logged or
written anywhere.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from devices.camera.decoders import DECODERS, Decoder, Reading, open_decoder
from devices.camera.frames import Frames, camera_watch, open_frames, split_address
from devices.camera.record import Wanted
from devices.errors import BadAddress, DeviceError, DeviceFault, DeviceLost, DeviceSilent, LibraryMissing
from devices.events import CodeSeen, CodeTrouble, Condition, Health
from devices.power import PowerCycle
from devices.scanner.protocol import Sieve
from devices.supervisor import Emit, Jobs, Supervisor

SILENT_S = 3.0  # without a frame
FIRST_FRAME_S = 6.0  # after opening: exposure is being found, a stream begins
FROZEN_LOST_S = 60.0  # a picture that is stuck so long is not mended by waiting: open the camera anew
_LOOK_S = 0.25
_SUPERVISOR_SAYS = datetime(1970, 1, 1, tzinfo=UTC)


class Camera:
    """A supervised device. ``open_frames`` opens the camera, again after each time that it was not wanted.

    ``wanted`` is how it begins; a job ``Wanted`` changes it. ``on_break`` is called when a camera that gave pictures
    breaks off.
    """

    def __init__(
        self,
        open_frames: Callable[[], Frames],
        open_decoder: Callable[[], Decoder],
        *,
        name: str = "camera",
        wanted: bool = True,
        on_break: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        from devices.camera.sight import Sight  # noqa: PLC0415  (needs numpy: see open_camera)

        self._open_frames = open_frames
        self._name = name
        self._wanted = wanted
        self._on_break = on_break
        self._monotonic = monotonic
        self._sight = Sight()
        self._sieve = Sieve()
        self._frames: Frames | None = open_frames()
        try:
            self._decoder = open_decoder()
        except BaseException:
            self._frames.close()
            raise
        self._frame_s = self._monotonic()  # when the last one came
        self._patience_s = FIRST_FRAME_S
        self._told = ""  # the trouble that was told last

    def identify(self) -> str:
        """Wait for a frame and for the decoder; return both their names. Raises ``DeviceSilent`` and its relatives."""
        self._decoder.ready()
        frames = self._frames
        if frames is None:  # never between opening and running
            raise DeviceSilent("the camera is off")
        until_s = self._monotonic() + FIRST_FRAME_S
        while (now_s := self._monotonic()) < until_s:
            if frames.newest(now_s, now_s + _LOOK_S) is not None:
                self._frame_s, self._patience_s = self._monotonic(), SILENT_S
                return f"{frames.model}, {self._decoder.name}"
        raise DeviceSilent(f"the camera sent no picture within {FIRST_FRAME_S:g} s")

    def run(self, emit: Emit, jobs: Jobs, stop: threading.Event) -> None:
        """Tell codes until ``stop``. A job ``Wanted`` switches the camera on or off; others are ignored."""
        next_s = self._monotonic()
        while not stop.is_set():
            self._take(jobs)
            if not self._wanted:
                self._switch_off(emit)
                self._take(jobs, _LOOK_S)
                continue
            if self._frames is None:
                self._frames = self._open_frames()
                self._frame_s, self._patience_s = self._monotonic(), FIRST_FRAME_S
            now_s = self._monotonic()
            try:
                frame = self._frames.newest(next_s, now_s + _LOOK_S)
            except DeviceLost:
                self._on_break()
                raise
            now_s = self._monotonic()
            if frame is None:
                if now_s - self._frame_s > self._patience_s:
                    raise DeviceSilent(f"no picture for {now_s - self._frame_s:.0f} s")
                continue
            self._frame_s, self._patience_s = now_s, SILENT_S
            self._sight.look(frame, now_s)
            readings = self._decoder.decode(frame)
            if readings:
                self._sight.awake(now_s)
            for event in self._news(readings, now_s):
                emit(event)
            self._tell_trouble(emit, now_s)
            next_s = now_s + self._sight.rest_s

    @property
    def decoder_pid(self) -> int | None:
        """The process that decodes; None where it is this one."""
        return self._decoder.pid

    def close(self) -> None:
        frames, self._frames = self._frames, None
        if frames is not None:
            frames.close()
        self._decoder.close()

    def _take(self, jobs: Jobs, timeout_s: float = 0.0) -> None:
        with suppress(queue.Empty):
            job = jobs.get(timeout=timeout_s) if timeout_s else jobs.get_nowait()
            while True:
                if isinstance(job, Wanted):
                    self._wanted = job.on
                job = jobs.get_nowait()

    def _switch_off(self, emit: Emit) -> None:
        """Close the camera and forget what it saw; being off is no trouble."""
        frames, self._frames = self._frames, None
        if frames is None:
            return
        frames.close()
        self._sight.forget()
        self._sieve = Sieve()
        self._tell(emit, "")

    def _news(self, readings: list[Reading], now_s: float) -> Iterator[CodeSeen | CodeTrouble]:
        for reading in readings:
            # No text holds NUL: troubles never look like a code.
            told = self._sieve.passes(f"\0{reading.trouble}" if reading.trouble else reading.text, now_s)
            if told == "flood":
                yield CodeTrouble(self._name, "flood")
            elif told and reading.trouble:
                yield CodeTrouble(self._name, reading.trouble)
            elif told:
                yield CodeSeen(self._name, reading.text)

    def _tell_trouble(self, emit: Emit, now_s: float) -> None:
        if self._sight.frozen_s >= FROZEN_LOST_S and self._sight.trouble == "camera-frozen":
            raise DeviceFault(f"the picture has been the same for {FROZEN_LOST_S:g} s", "camera-frozen")
        flood = "flood" if self._sieve.flooded(now_s) else ""
        self._tell(emit, self._sight.trouble or self._decoder.trouble or flood)

    def _tell(self, emit: Emit, trouble: str) -> None:
        if trouble != self._told:
            self._told = trouble
            emit(Health(self._name, Condition.DEGRADED if trouble else Condition.OK, _SUPERVISOR_SAYS, trouble))


def open_camera(
    address: str,
    *,
    name: str = "camera",
    decoder: str = "zxing",
    wanted: bool = True,
    on_break: Callable[[], None] = lambda: None,
) -> Camera:
    """Open the camera at ``address`` (see ``frames``) with the decoder ``zxing`` or ``zbar``.

    ``wanted=False``: it is tried and then switched off until a job ``Wanted(True)`` comes. Raises ``BadAddress``,
    ``LibraryMissing``, or what is wrong with the camera.
    """
    if decoder not in DECODERS:
        raise BadAddress(f"there is no decoder {decoder!r}; known are {' and '.join(DECODERS)}")
    split_address(address)
    try:
        return Camera(
            lambda: open_frames(address), lambda: open_decoder(decoder), name=name, wanted=wanted, on_break=on_break
        )
    except DeviceError:
        raise
    except ImportError as error:
        raise LibraryMissing(f"{error.name} is missing: install this project's extra [camera]") from error


def supervise_camera(
    address: str,
    emit: Emit,
    *,
    name: str = "camera",
    decoder: str = "zxing",
    wanted: Callable[[], bool] = lambda: True,
    power_cycle: PowerCycle | None = None,
) -> Supervisor:
    """Return a supervisor, not yet started.

    ``wanted`` is asked each time the camera is opened: a job ``Wanted`` that was submitted while it was away is lost,
    and a camera that comes back must not look when nobody wants it to. Raises ``BadAddress``.
    """
    comes_back = _ComesBack(camera_watch(address))
    return Supervisor(
        name,
        lambda: open_camera(address, name=name, decoder=decoder, wanted=wanted(), on_break=comes_back.broke),
        emit,
        watch=comes_back.look,
        power_cycle=power_cycle,
    )


class _ComesBack:
    """Looks at a camera's place, and counts a camera that broke off and answers again as another one.

    A network camera whose plug was pulled and put back at once looks the same before and after. Without this the
    supervisor would rest longer each time; with it a camera that breaks off again and again is opened anew every
    ``_APART_S`` or so.
    """

    _APART_S = 2.0

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look
        self._breaks = 0
        self._broke_s = float("-inf")

    def broke(self) -> None:
        now_s = time.monotonic()
        if now_s - self._broke_s >= self._APART_S:
            self._breaks += 1
            self._broke_s = now_s

    def look(self) -> object:
        seen = self._look()
        return None if seen is None else (seen, self._breaks)
