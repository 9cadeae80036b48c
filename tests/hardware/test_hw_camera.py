"""A real camera: that it gives pictures as asked, stays within its time, and reads a code held before it.

    pytest -m hardware --port=/dev/v4l/by-id/...-video-index0

``--port`` may also be ``picamera2`` or the http address of a network camera. Hold a QR code before the camera when
asked; without one the last test is skipped. No picture is shown, kept or written.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devices.camera.driver import Camera, open_camera
from devices.camera.frames import Frames, open_frames
from devices.camera.record import Wanted
from devices.camera.sight import Sight
from devices.events import CodeSeen, DeviceEvent

pytestmark = pytest.mark.hardware

CODE_S = 20.0
LOOK_S = 0.25
LATE_S = 1.5  # a wait inside OpenCV ends within a second, see devices/camera/v4l2.py


@pytest.fixture
def port(port_of: Callable[[str], str]) -> str:
    return port_of("camera")


@pytest.fixture
def frames(port: str) -> Iterator[Frames]:
    frames = open_frames(port)
    yield frames
    frames.close()


@pytest.fixture
def camera(port: str) -> Iterator[Camera]:
    camera = open_camera(port)
    yield camera
    camera.close()


def test_it_says_what_it_is(camera: Camera) -> None:
    model = camera.identify()
    print(model)
    assert model.endswith(", zxing")


def test_pictures_are_gray_differ_and_come_when_due(frames: Frames) -> None:
    sight, taken = Sight(), 0
    until_s = time.monotonic() + 6.0
    while (now_s := time.monotonic()) < until_s:
        frame = frames.newest(now_s, now_s + LOOK_S)
        assert time.monotonic() - now_s < LATE_S
        if frame is None:
            continue
        assert frame.ndim == 2
        assert str(frame.dtype) == "uint8"
        sight.look(frame, time.monotonic())
        taken += 1
    print(f"{taken / 6:.1f} pictures a second of {frame.shape[1]}x{frame.shape[0]}" if frame is not None else taken)
    assert taken >= 6 * 4  # in bad light cameras slow down, but not below what is looked for when nobody is there
    assert sight.frozen_s < 1.0


def test_switched_off_and_on_again_it_gives_pictures(camera: Camera) -> None:
    camera.identify()
    jobs: queue.SimpleQueue[object] = queue.SimpleQueue()
    stop, heard = threading.Event(), queue.SimpleQueue[DeviceEvent]()
    thread = threading.Thread(target=camera.run, args=(heard.put, jobs, stop))
    thread.start()
    try:
        for on in (False, True, False, True):
            jobs.put(Wanted(on))
            time.sleep(1.0)  # a person may watch the camera's light
            assert thread.is_alive()
    finally:
        stop.set()
        thread.join(10.0)
    assert not thread.is_alive()


def test_a_code_held_before_it_is_read(camera: Camera) -> None:
    camera.identify()
    stop, heard = threading.Event(), queue.SimpleQueue[DeviceEvent]()
    thread = threading.Thread(target=camera.run, args=(heard.put, queue.SimpleQueue(), stop))
    print(f"hold a QR code before the camera within {CODE_S:g} s", file=sys.stderr)
    thread.start()
    try:
        event = heard.get(timeout=CODE_S)
        while not isinstance(event, CodeSeen):
            event = heard.get(timeout=CODE_S)
    except queue.Empty:
        pytest.skip("no code was shown")
    finally:
        stop.set()
        thread.join(10.0)
    assert event.text
