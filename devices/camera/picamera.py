"""A camera on the Raspberry Pi's ribbon cable, through Picamera2 (Debian's ``python3-picamera2``).

The small second stream of the image processor comes as YUV 4:2:0: its first rows are the gray picture, with nothing
left to decode. Picamera2 is not on every machine and cannot be had from PyPI without libcamera, so it is imported
when such a camera is opened, and missing it is an error with its own code.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

import numpy as np

from devices.camera.frames import FPS, HEIGHT, WIDTH, Frame
from devices.errors import DeviceLost, LibraryMissing, PortBusy, PortMissing


class PicameraFrames:
    """Camera ``number`` as ``rpicam-hello --list-cameras`` counts them."""

    def __init__(self, number: int) -> None:
        os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:ERROR")  # else a page on standard error at each opening
        try:
            from picamera2 import Picamera2  # noqa: PLC0415
        except ImportError as error:
            raise LibraryMissing(
                "a camera on the ribbon cable needs Picamera2: apt install python3-picamera2,"
                " and a virtual environment made with --system-site-packages"
            ) from error
        self._job: Any = None
        self._camera: Any = None
        try:
            self._camera = Picamera2(number)
            size = (WIDTH, HEIGHT)
            # queue=False: a frame is one taken after it was asked for, never one that waited.
            settings = self._camera.create_video_configuration(
                main={"size": size}, lores={"size": size, "format": "YUV420"}, controls={"FrameRate": FPS}, queue=False
            )
            self._camera.configure(settings)
            self._camera.start()
        except IndexError as error:
            raise PortMissing(f"there is no camera {number} on the ribbon cables") from error
        except Exception as error:  # libcamera and its binding raise what they like: RuntimeError, OSError, KeyError
            self.close()
            raise PortBusy(f"camera {number} does not start: used by another process?") from error
        self.model = f"Picamera2 {self._camera.camera_properties.get('Model', number)}"

    def newest(self, not_before_s: float, until_s: float) -> Frame | None:
        if self._job is None:
            rest_s = min(not_before_s, until_s) - time.monotonic()
            if rest_s > 0:
                time.sleep(rest_s)
            if time.monotonic() >= until_s:
                return None
        try:
            if self._job is None:
                self._job = self._camera.capture_array("lores", wait=False)
            planes = self._camera.wait(self._job, max(0.0, until_s - time.monotonic()))
        except TimeoutError:  # it stays asked for: the next call takes it up
            return None
        except Exception as error:  # as above
            raise DeviceLost("the camera on the ribbon cable stopped") from error
        self._job = None
        return np.ascontiguousarray(np.asarray(planes, dtype=np.uint8)[:HEIGHT, :WIDTH])

    def close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            with suppress(Exception):  # it is being thrown away
                camera.close()
