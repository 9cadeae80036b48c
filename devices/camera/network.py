"""A network camera: MJPEG over HTTP, on our own connection, no wait longer than asked.

Read here and not by OpenCV's ffmpeg, which was tried: silence and a pulled cable end its reads in time, too, and it
costs as much. But all it says is "no frame": not whether the password was wrong, the camera is busy, silent or gone.
Its waits are set when it opens, so that a stop is noticed late; after one silence it never reads again; it starts
threads for each core, and gives pictures half gray from broken data as good ones. Redirections are not followed: a
camera is where it was set up.
"""

from __future__ import annotations

import base64
import time
from urllib.parse import unquote

from devices.camera.frames import Frame, http_parts
from devices.camera.pictures import BrokenPictures, gray_of_jpeg
from devices.camera.protocol import Jpeg, MjpegParser, request
from devices.transport import open_transport

_AT_ONCE = 256 * 1024
_WRITE_S = 1.0
_CATCH_UP_S = 0.1  # so long it is looked for a still newer picture before one is decoded


class NetworkFrames:
    """The stream at an ``http://[USER:PASSWORD@]HOST[:PORT]/PATH`` address."""

    def __init__(self, address: str) -> None:
        parts, host, port = http_parts(address)
        shown_host = f"[{host}]" if ":" in host else host
        self.model = f"network camera {shown_host}:{port}"
        secret = ""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            secret = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._parser = MjpegParser()
        self._latest: Jpeg | None = None  # came, not yet decoded
        self._broken = BrokenPictures()
        # This address, without name and password, is what errors quote.
        self._line = open_transport(f"socket://{shown_host}:{port}")
        try:
            self._line.write(request(f"{shown_host}:{port}", path, secret), _WRITE_S)
        except BaseException:
            self._line.close()
            raise

    def newest(self, not_before_s: float, until_s: float) -> Frame | None:
        while True:
            now_s = time.monotonic()
            wait_until_s = until_s if self._latest is None else min(until_s, not_before_s)
            data = self._line.read(_AT_ONCE, max(0.0, wait_until_s - now_s))
            for part in self._parser.feed(data) if data else ():
                if isinstance(part, Jpeg):
                    self._latest = part
                else:
                    self._broken.one()
            now_s = time.monotonic()
            # Decoded when nothing newer is waiting, or when the camera sends faster than it can be drained.
            if self._latest is not None and now_s >= not_before_s and (not data or now_s >= not_before_s + _CATCH_UP_S):
                frame, self._latest = gray_of_jpeg(self._latest.data), None
                if frame is not None:
                    self._broken.good()
                    return frame
                self._broken.one()
            if now_s >= until_s:
                return None

    def close(self) -> None:
        self._line.close()
