"""Where pictures come from: what all cameras have in common, and which address means which kind.

``/dev/v4l/by-id/...``, ``/dev/video0``, ``v4l2:0`` or just ``0`` is a camera at V4L2, ``picamera2`` or ``picamera2:1``
one on the Raspberry Pi's ribbon cable, ``http://...`` a network camera. All give gray frames, the newest first: what
the camera took while the last picture was being decoded is dropped. A frame lives until the next one; nothing here
keeps, writes or logs it.
"""

from __future__ import annotations

import io
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import SplitResult, urlsplit

from devices.errors import BadAddress, LibraryMissing, LinkGarbled
from devices.transport import node_watch

if TYPE_CHECKING:  # a kiosk without a camera need not have numpy, and yet imports the driver
    import numpy as np
    import numpy.typing as npt

Frame: TypeAlias = "npt.NDArray[np.uint8]"
"""A gray picture: rows by columns, 0 black to 255 white."""

WIDTH, HEIGHT, FPS = 640, 480, 15  # what cameras are asked for; a code at arm's length needs no more
MOST_PIXELS = 8_000_000  # a JPEG of some hundred bytes may claim to be 65,000 pixels wide
BROKEN_MOST = 30
_WATCH_EVERY_S = 1.0
_WATCH_CONNECT_S = 0.2
_KNOWN = "known are /dev/videoN, /dev/v4l/by-id/NAME, v4l2:N, picamera2[:N] and http://HOST[:PORT]/PATH"


class Frames(Protocol):
    """An open camera. Used by one thread; every method but ``close`` may raise ``DeviceError``."""

    model: str

    def newest(self, not_before_s: float, until_s: float) -> Frame | None:
        """Return the frame that is the newest at ``not_before_s`` or the next one; None if none came by ``until_s``.

        Times are of ``time.monotonic``. Older frames are dropped undecoded; none is returned twice.
        """
        ...

    def close(self) -> None:
        """Switch the camera off as far as we can. Never raises; may be called twice."""
        ...


def open_frames(address: str) -> Frames:
    """Open the camera at ``address``; raise ``BadAddress``, ``LibraryMissing``, ``PortMissing`` or its relatives."""
    kind, where = split_address(address)
    if kind == "http":
        from devices.camera.network import NetworkFrames  # noqa: PLC0415  (each kind needs libraries of its own)

        return NetworkFrames(address)
    if kind == "picamera2":
        from devices.camera.picamera import PicameraFrames  # noqa: PLC0415

        return PicameraFrames(int(where))
    try:
        from devices.camera.v4l2 import V4l2Frames  # noqa: PLC0415
    except ImportError as error:
        raise LibraryMissing("a camera at V4L2 needs OpenCV (opencv-python-headless)") from error
    return V4l2Frames(where)


def split_address(address: str) -> tuple[str, str]:
    """Return the kind, ``v4l2``, ``picamera2`` or ``http``, and the path or number; raise ``BadAddress``."""
    if address.startswith("http://"):
        http_parts(address)
        return "http", address
    if address.startswith("/"):
        return "v4l2", address
    if found := re.fullmatch(r"(?:v4l2:)?(\d{1,3})", address):
        return "v4l2", f"/dev/video{int(found[1])}"
    if address.startswith("v4l2:/"):
        return "v4l2", address.removeprefix("v4l2:")
    if found := re.fullmatch(r"picamera2(?::(\d{1,2}))?", address):
        return "picamera2", found[1] or "0"
    raise BadAddress(f"{address or 'an empty address'} is no camera: {_KNOWN}")


def http_parts(address: str) -> tuple[SplitResult, str, int]:
    """Return the address in parts, its host and its port; raise ``BadAddress``."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress(f"a camera's address is wrong: {_KNOWN}") from error  # not quoted: it may hold a password
    if not host or not address.isascii() or any(character <= " " for character in address):
        raise BadAddress(f"a camera's address is wrong: {_KNOWN}")
    return parts, host, port or 80


def camera_watch(address: str) -> Callable[[], object]:
    """Return a cheap look at what stands at ``address``, as ``transport.node_watch`` does: for ``Supervisor(watch=)``.

    A device node is looked at; a network camera has none, so its port is tried, at most once a second and for 0.2 s.
    """
    kind, where = split_address(address)
    if kind == "v4l2":
        return node_watch(f"file:{where}")
    if kind == "picamera2":
        return lambda: None
    _parts, host, port = http_parts(address)
    seen: tuple[float, object] = (float("-inf"), None)

    def look() -> object:
        nonlocal seen
        if time.monotonic() - seen[0] >= _WATCH_EVERY_S:
            try:
                socket.create_connection((host, port), timeout=_WATCH_CONNECT_S).close()
                there: object = True
            except OSError:
                there = None
            seen = time.monotonic(), there
        return seen[1]

    return look


def attached() -> list[str]:
    """Return the addresses of the V4L2 cameras of this machine, by names that outlast a reboot where there are such."""
    by_id = sorted(Path("/dev/v4l/by-id").glob("*-video-index0"))
    return [str(path) for path in by_id or sorted(Path("/dev").glob("video[0-9]*"))]


class BrokenPictures:
    """Counts pictures that come broken; a run of them without a good one is a link that is garbled."""

    def __init__(self) -> None:
        self._run = 0

    def one(self) -> None:
        """Count one more; raise ``LinkGarbled`` when there are too many in a row."""
        self._run += 1
        if self._run >= BROKEN_MOST:
            raise LinkGarbled(f"{self._run} pictures in a row came broken")

    def good(self) -> None:
        self._run = 0


def gray_of_jpeg(data: bytes) -> Frame | None:
    """Decode the brightness of a JPEG; None where it is broken or too large.

    Pillow and not OpenCV: OpenCV lets libjpeg write each broken picture's story on standard error. Pictures beyond
    twice 640 by 480 are decoded at half their size or less, which the format gives for nothing.
    """
    import numpy as np  # noqa: PLC0415  (as above)
    from PIL import Image  # noqa: PLC0415  (a V4L2 or ribbon camera may give raw pictures and never need it)

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            picture.draft("L", (WIDTH, HEIGHT))
            return np.asarray(picture.convert("L"))
    except Exception:  # noqa: BLE001  the data is a stranger's, and Pillow raises a dozen kinds for a broken picture
        return None
