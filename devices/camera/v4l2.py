"""A camera at V4L2, most often one on USB, through OpenCV.

Asked for raw gray or YUYV before MJPG: then its brightness needs no decoding at all. OpenCV is told to hand over what
the camera sent instead of turning it into colour. It waits for a frame inside the library, at most so long as an
environment variable says that it reads once; a camera that is unplugged ends the wait at once.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

# In seconds, read when the library first waits for a frame; where somebody has set it, it is left alone.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")

import cv2
import numpy as np
import numpy.typing as npt

from devices.camera.frames import FPS, HEIGHT, WIDTH, Frame
from devices.camera.pictures import BrokenPictures, gray_of_jpeg
from devices.errors import BadAddress, DeviceFault, DeviceLost, PortBusy, PortForbidden, PortMissing

_FORMATS = ("GREY", "YUYV", "MJPG")
_PLANAR = {"YU12", "YV12", "NV12", "NV21", "I420"}  # brightness first, then a half of colour
_ENDED_EARLY_S = 0.5  # a wait that ends without a frame before its time ended because the camera is gone


class V4l2Frames:
    """The camera at ``path``, a character device such as ``/dev/v4l/by-id/...-index0``."""

    def __init__(self, path: str) -> None:
        _check(path)
        self._path = path
        self.model = _name_of(path)
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # errors are told by us, once
        cv2.setNumThreads(1)  # one thread decodes here; a pool for each core only costs
        self._camera = cv2.VideoCapture(path, cv2.CAP_V4L2)
        if not self._camera.isOpened():
            self._camera.release()
            raise PortBusy(f"{path} does not open as a camera: used by another process, or its second node")
        self._format = self._settle()
        self._broken = BrokenPictures()
        self._grabbed = False

    def newest(self, not_before_s: float, until_s: float) -> Frame | None:
        # Taking a frame out of the driver's queue costs nothing, so the queue never holds old ones.
        while True:
            began_s = time.monotonic()
            if began_s >= until_s or (self._grabbed and began_s >= not_before_s):
                break
            if self._camera.grab():
                self._grabbed = True
            elif not Path(self._path).exists() or time.monotonic() - began_s < _ENDED_EARLY_S:
                raise DeviceLost(f"the camera at {self._path} is gone")
        if not self._grabbed or time.monotonic() < not_before_s:
            return None
        self._grabbed = False
        done, raw = self._camera.retrieve()
        frame = _gray(np.asarray(raw), self._format) if done else None
        if frame is None:
            self._broken.one()
        else:
            self._broken.good()
        return frame

    def close(self) -> None:
        self._camera.release()

    def _settle(self) -> str:
        """Ask for size, rate and format; return the format that the camera chose."""
        camera = self._camera
        camera.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        chosen = ""
        for wanted in _FORMATS:
            camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*wanted))
            chosen = _letters(int(camera.get(cv2.CAP_PROP_FOURCC)))
            if chosen == wanted:
                break
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        camera.set(cv2.CAP_PROP_FPS, FPS)
        if not camera.isOpened():
            camera.release()
            raise DeviceFault(f"{self._path} offers no format that can be read", "camera-format")
        return chosen


def _gray(raw: npt.NDArray[np.generic], fourcc: str) -> Frame | None:
    """The brightness in what a camera sent, by its format; None where it cannot be had."""
    if fourcc in {"MJPG", "JPEG"}:
        # The buffer may be longer than the picture in it.
        return gray_of_jpeg(raw.tobytes().rstrip(b"\0"))
    frame: npt.NDArray[np.generic]
    match raw.ndim, fourcc:
        case 2, "GREY":
            frame = raw
        case 2, _ if fourcc in _PLANAR:
            frame = raw[: raw.shape[0] * 2 // 3]
        case 3, "YUYV" | "YUY2":
            frame = raw[:, :, 0]
        case 3, "UYVY":
            frame = raw[:, :, 1]
        case 3, _ if raw.shape[2] == 3:
            return np.asarray(cv2.cvtColor(raw.astype(np.uint8), cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        case _:
            return None
    return np.ascontiguousarray(frame, dtype=np.uint8)


def _check(path: str) -> None:
    try:
        node = Path(path).stat()
    except FileNotFoundError as error:
        raise PortMissing(f"there is no camera at {path}") from error
    except OSError as error:
        raise PortForbidden(f"{path} cannot be looked at") from error
    if not stat.S_ISCHR(node.st_mode):
        raise BadAddress(f"{path} is no device")
    if not os.access(path, os.R_OK | os.W_OK):
        raise PortForbidden(f"no permission to open {path} (on Debian: be a member of video)")


def _name_of(path: str) -> str:
    """What the kernel calls the camera; its node's name where it says nothing."""
    node = Path(path).resolve().name
    try:
        name = Path("/sys/class/video4linux", node, "name").read_text(encoding="utf-8", errors="replace")
    except OSError:
        name = ""
    return " ".join(name.split())[:64] or node


def _letters(fourcc: int) -> str:
    return fourcc.to_bytes(4, "little", signed=False).decode("latin-1") if fourcc > 0 else ""
