"""Where pictures come from: what all cameras have in common, and which address means which kind.

``/dev/v4l/by-id/...``, ``/dev/video0``, ``v4l2:0`` or just ``0`` is a camera at V4L2, ``picamera2`` or ``picamera2:1``
one on the Raspberry Pi's ribbon cable, ``http://...`` a network camera. All give gray frames, the newest first: what
the camera took while the last picture was being decoded is dropped. A frame lives until the next one; nothing here
keeps, writes or logs it.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import SplitResult, urlsplit

from devices.errors import BadAddress, DeviceError, LibraryMissing
from devices.transport import node_watch

if TYPE_CHECKING:  # a kiosk without a camera need not have numpy, and yet imports the driver
    import numpy as np
    import numpy.typing as npt

Frame: TypeAlias = "npt.NDArray[np.uint8]"
"""A gray picture: rows by columns, 0 black to 255 white."""

WIDTH, HEIGHT, FPS = 640, 480, 15  # what cameras are asked for; a code at arm's length needs no more
_WATCH_EVERY_S = 0.5
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
    try:
        # Each kind needs libraries of its own.
        if kind == "http":
            from devices.camera.network import NetworkFrames  # noqa: PLC0415

            return NetworkFrames(address)
        if kind == "picamera2":
            from devices.camera.picamera import PicameraFrames  # noqa: PLC0415

            return PicameraFrames(int(where))
        from devices.camera.v4l2 import V4l2Frames  # noqa: PLC0415

        return V4l2Frames(where)
    except DeviceError:
        raise
    except ImportError as error:
        raise LibraryMissing(f"{error.name} is missing: install this project's extra [camera]") from error


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

    A device node is looked at; a network camera has none, so its port is tried, at most twice a second and for 0.2 s.
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
