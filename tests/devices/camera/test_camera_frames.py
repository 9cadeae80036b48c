"""Addresses of cameras, and what is said when nothing, or the wrong thing, stands there."""

from __future__ import annotations

import io
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from devices.camera import scenes, v4l2
from devices.camera.driver import open_camera
from devices.camera.frames import camera_watch, open_frames, split_address
from devices.camera.pictures import BROKEN_MOST, BrokenPictures, gray_of_jpeg
from devices.camera.sim import CameraSim
from devices.errors import BadAddress, DeviceError, DeviceLost, LibraryMissing, LinkGarbled, PortBusy, PortMissing


@pytest.mark.parametrize(
    ("address", "kind", "where"),
    [
        ("/dev/video0", "v4l2", "/dev/video0"),
        ("/dev/v4l/by-id/usb-Cam_1-video-index0", "v4l2", "/dev/v4l/by-id/usb-Cam_1-video-index0"),
        ("v4l2:2", "v4l2", "/dev/video2"),
        ("v4l2:/dev/video4", "v4l2", "/dev/video4"),
        ("0", "v4l2", "/dev/video0"),
        ("picamera2", "picamera2", "0"),
        ("picamera2:1", "picamera2", "1"),
        ("http://10.0.0.7/camera", "http", "http://10.0.0.7/camera"),
        ("http://user:secret@cam.local:8080/stream?q=1", "http", "http://user:secret@cam.local:8080/stream?q=1"),
    ],
)
def test_an_address_says_which_kind(address: str, kind: str, where: str) -> None:
    assert split_address(address) == (kind, where)


@pytest.mark.parametrize(
    "address",
    ["", "camera", "rtsp://10.0.0.7/1", "https://10.0.0.7/", "http://", "http:///camera", "http://cam:99999/", "v4l2:x",
     "picamera2:first", "http://cam/a b", "http://cam/\r\nX: y", "http://鏡头/"],
)  # fmt: skip
def test_what_is_no_camera_s_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(BadAddress):
        open_camera(address)


def test_no_error_tells_the_password() -> None:
    for address in ("http://user:hush@cam:99999/", "http://user:hush@127.0.0.1:9/x"):
        with pytest.raises(DeviceError) as caught:
            open_camera(address)
        assert "hush" not in str(caught.value)


def test_a_missing_v4l2_camera_is_a_missing_port() -> None:
    with pytest.raises(PortMissing, match="/dev/video97"):
        open_camera("v4l2:97")
    with pytest.raises(PortMissing):
        open_camera("/dev/v4l/by-id/usb-Nobody-video-index0")


def test_what_is_no_camera_is_not_opened_as_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plain = tmp_path / "video0"
    plain.touch()
    with pytest.raises(BadAddress):
        open_camera(str(plain))
    with pytest.raises(PortBusy):
        open_camera("/dev/null")  # a character device, but no camera: OpenCV opens it and finds out
    assert capfd.readouterr().err == ""


def test_a_machine_without_picamera2_says_what_to_install() -> None:
    assert "picamera2" not in sys.modules
    with pytest.raises(LibraryMissing, match="apt install python3-picamera2"):
        open_camera("picamera2")


def test_the_look_at_a_camera_changes_when_it_comes_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [0.0]
    monkeypatch.setattr("devices.camera.frames.time.monotonic", lambda: now_s[0])
    with CameraSim() as sim:
        look = camera_watch(sim.address)
        assert look() is True
        sim.unplug()
        assert look() is True  # a port is not tried more often than twice a second
        now_s[0] += 0.5
        assert look() is None
        sim.plug()
        now_s[0] += 0.5
        assert look() is True
    assert camera_watch("v4l2:97")() is None
    assert camera_watch("/dev/null")() is not None


def test_a_kiosk_without_the_libraries_says_which_one_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, library in (("devices.camera.sight", "numpy"), ("devices.camera.network", "PIL")):
        with monkeypatch.context() as patch, CameraSim() as sim:
            patch.delitem(sys.modules, module, raising=False)
            patch.setitem(sys.modules, library, None)
            for name in [name for name in sys.modules if name.startswith("devices.camera.pictures")]:
                patch.delitem(sys.modules, name)
            with pytest.raises(LibraryMissing, match=library):
                open_camera(sim.address)


# -- pictures


def test_a_jpeg_s_brightness_is_what_was_drawn() -> None:
    drawn = scenes.draw(640, 480, scenes.Shown(b"T-1"))
    frame = gray_of_jpeg(scenes.jpeg(drawn, quality=95))
    assert frame is not None
    assert frame.shape == (480, 640)
    assert frame.dtype == np.uint8
    assert np.abs(frame.astype(int) - drawn).mean() < 2


def test_a_jpeg_without_its_tables_is_read_by_the_usual_ones() -> None:
    """Many USB cameras leave the Huffman tables out of each picture (no DHT segment)."""
    whole = scenes.jpeg(scenes.draw(640, 480, None))
    bare, at = bytearray(whole[:2]), 2
    while whole[at + 1] != 0xDA:  # start of scan
        length = 2 + int.from_bytes(whole[at + 2 : at + 4], "big")
        if whole[at + 1] != 0xC4:
            bare += whole[at : at + length]
        at += length
    bare += whole[at:]
    assert len(bare) < len(whole)
    assert np.array_equal(gray_of_jpeg(bytes(bare)), gray_of_jpeg(whole))  # type: ignore[arg-type]  # None fails too


def test_large_pictures_are_decoded_smaller() -> None:
    for size, decoded in (((1280, 720), (720, 1280)), ((1920, 1080), (540, 960)), ((2592, 1944), (486, 648))):
        frame = gray_of_jpeg(scenes.jpeg(scenes.draw(*size, None)))
        assert frame is not None
        assert frame.shape == decoded


def test_a_picture_that_claims_to_be_huge_is_not_decoded() -> None:
    small = io.BytesIO()
    Image.new("L", (16, 16)).save(small, "JPEG")
    data = bytearray(small.getvalue())
    size_at = data.index(b"\xff\xc0") + 5
    data[size_at : size_at + 4] = b"\xff\xff\xff\xff"
    assert gray_of_jpeg(bytes(data)) is None


def test_broken_jpegs_give_nothing_and_say_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither raises nor writes on standard error, where libjpeg likes to."""
    whole = scenes.jpeg(scenes.noisy(scenes.draw(320, 240, scenes.Shown(b"T-1")), 3, 1))
    assert gray_of_jpeg(whole[: len(whole) // 2]) is None
    assert gray_of_jpeg(b"") is None
    chance = np.random.default_rng(7)
    for _ in range(300):
        data = bytearray(whole)
        for at in chance.integers(0, len(data), 12):
            data[at] = chance.integers(0, 256)
        frame = gray_of_jpeg(bytes(data))
        assert frame is None or frame.ndim == 2
    assert capfd.readouterr().err == ""


def test_a_run_of_broken_pictures_is_a_garbled_link_and_a_good_one_ends_the_run() -> None:
    broken = BrokenPictures()
    for _ in range(BROKEN_MOST - 1):
        broken.one()
    broken.good()
    for _ in range(BROKEN_MOST - 1):
        broken.one()
    with pytest.raises(LinkGarbled):
        broken.one()


def test_the_brightness_is_found_in_every_format_that_v4l2_cameras_send() -> None:
    drawn = scenes.draw(64, 48, None)
    chroma = np.full_like(drawn, 128)
    for fourcc, raw in (
        ("GREY", drawn),
        ("YUYV", np.dstack([drawn, chroma])),
        ("UYVY", np.dstack([chroma, drawn])),
        ("NV12", np.vstack([drawn, chroma[:24]])),
        ("YU12", np.vstack([drawn, chroma[:24]])),
        ("BGR3", np.dstack([drawn, drawn, drawn])),
    ):
        frame = v4l2._gray(raw, fourcc)
        assert frame is not None, fourcc
        assert np.array_equal(frame, drawn), fourcc
        assert frame.flags.c_contiguous, fourcc
    jpeg = np.frombuffer(scenes.jpeg(drawn, 95) + bytes(500), np.uint8)[None, :]
    frame = v4l2._gray(jpeg, "MJPG")
    assert frame is not None
    assert np.abs(frame.astype(int) - drawn).mean() < 2
    assert v4l2._gray(drawn, "H264") is None


# -- Picamera2: a stand-in with the calls that its source shows, as no machine here has the real one


class StandIn:
    """Takes a picture when told to; planes of YUV 4:2:0 with rows padded to 704 bytes."""

    cameras = 1

    def __init__(self, number: int) -> None:
        if number >= self.cameras:
            raise IndexError("list index out of range")
        self.camera_properties = {"Model": "imx708"}
        self.closed = False
        self.jobs: list[Future[np.ndarray[Any, Any]]] = []
        StandIn.last = self

    def create_video_configuration(self, **how: object) -> dict[str, object]:
        return how

    def configure(self, how: dict[str, Any]) -> None:
        assert how["lores"] == {"size": (640, 480), "format": "YUV420"}
        assert how["queue"] is False

    def start(self) -> None: ...

    def capture_array(self, stream: str, *, wait: bool) -> Future[np.ndarray[Any, Any]]:
        assert (stream, wait) == ("lores", False)
        self.jobs.append(Future())
        return self.jobs[-1]

    def wait(self, job: Future[np.ndarray[Any, Any]], timeout: float) -> np.ndarray[Any, Any]:
        return job.result(timeout)

    def close(self) -> None:
        self.closed = True


StandIn.last = None  # type: ignore[attr-defined]  # the one that was made last


@pytest.fixture
def picamera(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    module = ModuleType("picamera2")
    module.Picamera2 = StandIn  # type: ignore[attr-defined]  # as the real module has it
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return StandIn


def test_a_ribbon_camera_s_gray_plane_is_taken(picamera: type[StandIn]) -> None:
    frames = open_frames("picamera2")
    assert frames.model == "Picamera2 imx708"
    camera: StandIn = picamera.last  # type: ignore[attr-defined]  # as above
    now_s = time.monotonic()
    assert frames.newest(now_s, now_s + 0.05) is None  # asked for, and none came in time
    assert len(camera.jobs) == 1
    drawn = scenes.draw(640, 480, None)
    planes = np.zeros((720, 704), np.uint8)
    planes[:480, :640] = drawn
    threading.Timer(0.05, camera.jobs[0].set_result, (planes,)).start()
    frame = frames.newest(now_s, now_s + 10)
    assert frame is not None
    assert len(camera.jobs) == 1  # the same question was still open
    assert np.array_equal(frame, drawn)
    frames.close()
    frames.close()
    assert camera.closed


def test_a_ribbon_camera_that_is_not_there_or_stops(picamera: type[StandIn]) -> None:
    with pytest.raises(PortMissing):
        open_frames("picamera2:1")
    frames = open_frames("picamera2:0")
    now_s = time.monotonic()
    frames.newest(now_s, now_s + 0.01)
    picamera.last.jobs[0].set_exception(RuntimeError("camera frontend has timed out"))  # type: ignore[attr-defined]
    with pytest.raises(DeviceLost):
        frames.newest(now_s, now_s + 10)
