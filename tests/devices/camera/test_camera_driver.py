"""The camera's driver on a clock of its own: how often it decodes, when it gives up, what it tells."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable

import pytest

from devices.camera import scenes
from devices.camera.decoders import Decoder, ZxingDecoder
from devices.camera.driver import FIRST_FRAME_S, FROZEN_LOST_S, SILENT_S, Camera, open_camera
from devices.camera.frames import Frame
from devices.camera.record import Wanted
from devices.camera.sight import FROZEN_S
from devices.errors import BadAddress, DeviceFault, DeviceSilent
from devices.events import CodeSeen, CodeTrouble, Condition, DeviceEvent, Health
from devices.scanner.protocol import FLOOD_CODES

FPS = 15
END_S = 1e9


class Film:
    """A camera that takes ``FPS`` pictures a second on a clock that moves only when somebody waits for one.

    ``scene`` gives what is before the lens at a time: a code, nothing, or False while no picture comes.
    """

    model = "film"

    def __init__(self, scene: Callable[[float], bytes | bool | None], *, still: bool = False) -> None:
        self.now_s = 0.0
        self.scene = scene
        self.still = still
        self.taken_s: list[float] = []
        self.opened = 0
        self.closed = 0
        self.ends_s = END_S
        self.stop = threading.Event()
        self._given = -1
        self._drawn: dict[tuple[object, int], Frame] = {}

    def monotonic(self) -> float:
        return self.now_s

    def open(self) -> Film:
        self.opened += 1
        return self

    def newest(self, not_before_s: float, until_s: float) -> Frame | None:
        """The newest picture at that time, if it was not given before; else the next one."""
        due_s = max(self.now_s, not_before_s)
        tick = int(due_s * FPS + 1e-6)
        if tick <= self._given:
            tick = self._given + 1
            due_s = max(due_s, tick / FPS)
        self.now_s = max(self.now_s, min(due_s, until_s))
        if self.now_s >= self.ends_s:
            self.stop.set()
        held = self.scene(tick / FPS)
        if held is False or due_s > until_s:
            self.now_s = max(self.now_s, until_s)
            return None
        self._given = tick
        self.taken_s.append(self.now_s)
        grain = 0 if self.still else len(self.taken_s) % 4
        if (held, grain) not in self._drawn:
            shown = scenes.Shown(held) if isinstance(held, bytes) else None
            self._drawn[held, grain] = scenes.noisy(scenes.draw(640, 480, shown), 3.0, grain)
        return self._drawn[held, grain]

    def close(self) -> None:
        self.closed += 1


def nothing(_now_s: float) -> None:
    return None


def play(
    film: Film,
    until_s: float,
    *,
    jobs: queue.SimpleQueue[object] | None = None,
    decoder: Callable[[], Decoder] = ZxingDecoder,
) -> list[DeviceEvent]:
    """Identify and run to that time on the film's clock; return what was told."""
    camera = Camera(film.open, decoder, monotonic=film.monotonic)
    heard: list[DeviceEvent] = []
    film.ends_s = until_s
    try:
        assert camera.identify() == "film, zxing"
        camera.run(heard.append, jobs or queue.SimpleQueue(), film.stop)
    finally:
        camera.close()
    return heard


def test_a_quiet_hall_is_decoded_four_times_a_second_and_a_lively_one_twelve_times() -> None:
    quiet = Film(nothing)
    assert play(quiet, 30.0) == []
    settled = [at_s for at_s in quiet.taken_s if 10.0 <= at_s < 30.0]
    assert 60 <= len(settled) <= 80
    assert min(b - a for a, b in itertools.pairwise(settled)) >= 0.25 - 1e-6

    lively = Film(lambda now_s: b"T-1" if int(now_s) % 2 else None)
    play(lively, 30.0)
    settled = [at_s for at_s in lively.taken_s if 10.0 <= at_s < 30.0]
    assert len(settled) <= 12 * 20 + 1
    assert len(settled) >= 11 * 20


def test_who_comes_is_seen_within_a_quarter_of_a_second_and_told_once_while_the_code_is_held() -> None:
    film = Film(lambda now_s: b"T-1" if 20.0 <= now_s < 40.0 else None)
    camera = Camera(film.open, ZxingDecoder, monotonic=film.monotonic)
    told: list[tuple[float, DeviceEvent]] = []
    film.ends_s = 60.0
    camera.run(lambda event: told.append((film.now_s, event)), queue.SimpleQueue(), film.stop)
    camera.close()
    ((at_s, event),) = told
    assert event == CodeSeen("camera", "T-1")
    assert 20.0 <= at_s <= 20.0 + 0.25 + 1 / FPS + 1e-6


def test_the_same_code_is_told_again_when_it_was_away_for_a_while() -> None:
    film = Film(lambda now_s: b"T-1" if 5.0 <= now_s < 6.0 or 6.5 <= now_s < 8.0 or 12.0 <= now_s < 13.0 else None)
    assert play(film, 20.0) == [CodeSeen("camera", "T-1")] * 2


def test_codes_that_change_faster_than_people_are_a_flood_told_once() -> None:
    film = Film(lambda now_s: f"F-{int(now_s * 7)}".encode() if 5.0 <= now_s < 9.0 else None)
    heard = play(film, 20.0)
    codes = [event for event in heard if not isinstance(event, Health)]
    assert all(isinstance(event, CodeSeen) for event in codes[:FLOOD_CODES])
    assert codes[FLOOD_CODES:] == [CodeTrouble("camera", "flood")]
    conditions = [(event.condition, event.reason) for event in heard if isinstance(event, Health)]
    assert conditions == [(Condition.DEGRADED, "flood"), (Condition.OK, "")]


def test_frames_that_stop_are_silence_after_three_seconds() -> None:
    film = Film(lambda now_s: None if now_s < 10.0 else False)
    with pytest.raises(DeviceSilent):
        play(film, 60.0)
    assert 9.5 + SILENT_S <= film.now_s <= 10.0 + SILENT_S + 1.0
    assert film.closed == 1


def test_a_camera_that_never_sends_a_picture_is_silent() -> None:
    film = Film(lambda _now_s: False)
    with pytest.raises(DeviceSilent):
        play(film, 60.0)
    assert film.now_s <= FIRST_FRAME_S + 1.0


def test_a_stuck_picture_is_told_and_after_a_minute_the_camera_is_opened_anew() -> None:
    film = Film(nothing, still=True)
    camera = Camera(film.open, ZxingDecoder, monotonic=film.monotonic)
    told: list[tuple[float, DeviceEvent]] = []
    with pytest.raises(DeviceFault) as caught:
        camera.run(lambda event: told.append((film.now_s, event)), queue.SimpleQueue(), film.stop)
    camera.close()
    assert caught.value.fault == "camera-frozen"
    assert FROZEN_LOST_S <= film.now_s <= FROZEN_LOST_S + 1.0
    ((at_s, event),) = told
    assert isinstance(event, Health)
    assert (event.condition, event.reason) == (Condition.DEGRADED, "camera-frozen")
    assert FROZEN_S <= at_s <= FROZEN_S + 1.0


def test_a_dark_hall_stays_degraded_all_night_and_is_not_opened_anew() -> None:
    film = Film(nothing)
    dark = scenes.noisy(scenes.draw(640, 480, None) // 16, 0.5, 1)
    film._drawn = {(None, grain): dark for grain in range(4)}
    heard = play(film, 3 * FROZEN_LOST_S)
    (event,) = heard
    assert isinstance(event, Health)
    assert (event.condition, event.reason) == (Condition.DEGRADED, "camera-dark")
    assert film.opened == 1


def test_while_nobody_wants_a_code_the_camera_is_closed_and_no_picture_is_taken() -> None:
    film = Film(lambda _now_s: b"T-1")
    jobs: queue.SimpleQueue[object] = queue.SimpleQueue()
    jobs.put(Wanted(on=False))
    camera = Camera(film.open, ZxingDecoder, monotonic=film.monotonic)
    heard: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    thread = threading.Thread(target=camera.run, args=(heard.put, jobs, film.stop))
    thread.start()
    jobs.put(Wanted(on=True))
    assert heard.get(timeout=10) == CodeSeen("camera", "T-1")
    film.stop.set()
    thread.join()
    camera.close()
    # Two wishes at once: whether it was closed between them does not matter, only that it ended open.
    assert film.opened - film.closed == 0

    off = Film(lambda _now_s: b"T-1")
    camera = Camera(off.open, ZxingDecoder, wanted=False, monotonic=off.monotonic)
    camera.identify()
    taken = len(off.taken_s)
    threading.Timer(0.2, off.stop.set).start()
    camera.run(heard.put, queue.SimpleQueue(), off.stop)
    assert (off.closed, len(off.taken_s)) == (1, taken)
    camera.close()
    assert heard.empty()


def test_a_decoder_that_cannot_be_opened_leaves_no_camera_open() -> None:
    film = Film(nothing)

    def missing() -> Decoder:
        raise DeviceFault("no decoder", "decoder-died")

    with pytest.raises(DeviceFault):
        Camera(film.open, missing, monotonic=film.monotonic)
    assert film.closed == 1
    with pytest.raises(BadAddress, match="no decoder 'cv2'"):
        open_camera("http://127.0.0.1:9/camera", decoder="cv2")
