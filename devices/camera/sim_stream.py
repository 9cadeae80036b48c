"""The network end of a simulated camera: HTTP on 127.0.0.1, one endless answer of pictures for each viewer.

Written from RFC 9110 and RFC 2046 as cameras use them (``multipart/x-mixed-replace``), not from our driver. The port
stays the same while the cable is out: a socket that is bound but does not listen keeps it, and a connection is
refused as by a camera that is off.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

_PATH = "/camera"
_REQUEST_MOST = 8192
_PATIENCE_S = 5.0  # with a viewer that takes no bytes
_VIEWERS_MOST = 4
_REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 503: "Service Unavailable"}


@dataclass(slots=True)
class StreamFaults:
    """Switches of the camera's network side; may be set from any thread at any time.

    ``silent``: connected, but no picture comes. ``slow_s``: seconds between two pictures, where that is more than
    usual. ``split``: every few bytes travel alone. ``broken_jpeg``: the pictures' data is damaged.
    ``cut_mid_frame``: each connection breaks in the middle of its fourth picture. ``status``: every question is
    answered with this HTTP status, such as 401 or 503.
    """

    silent: bool = False
    slow_s: float = 0.0
    split: bool = False
    broken_jpeg: bool = False
    cut_mid_frame: bool = False
    status: int | None = field(default=None, metadata={"range": (400, 599)})


@dataclass(slots=True)
class StreamSettings:
    """What cameras do differently: length told with each part or not, the whole in chunks or not."""

    fps: float = field(default=12.0, metadata={"range": (1, 60)})
    lengths: bool = True
    chunked: bool = False
    quoted: bool = False


@dataclass(slots=True)
class _Plugged:
    listening: socket.socket
    ended: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    viewers: dict[socket.socket, threading.Thread] = field(default_factory=dict)


class PictureServer:
    """Serves what ``take`` gives, one JPEG a call, at ``address``. Starts unplugged."""

    def __init__(self, take: Callable[[], bytes], port: int = 0, settings: StreamSettings | None = None) -> None:
        self.faults = StreamFaults()
        self.settings = settings or StreamSettings()
        self._take = take
        self._keeper = _bound(port)
        self.port: int = self._keeper.getsockname()[1]
        self._plugged: _Plugged | None = None
        self._lock = threading.Lock()  # guards _plugged and its viewers

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{_PATH}"

    @property
    def plugged(self) -> bool:
        return self._plugged is not None

    @property
    def viewers(self) -> int:
        """How many look at it now."""
        with self._lock:
            return len(self._plugged.viewers) if self._plugged else 0

    def plug(self) -> None:
        """Switch it on; nothing if it is on."""
        with self._lock:
            if self._plugged is not None:
                return
            listening = _bound(self.port)
            listening.listen(8)
            plugged = _Plugged(listening)
            self._plugged = plugged
            thread = threading.Thread(target=self._accept, args=(plugged,), name=f"camera {self.port}", daemon=True)
            plugged.threads.append(thread)
            thread.start()

    def unplug(self) -> None:
        """Switch it off: every viewer's connection breaks, new ones are refused."""
        with self._lock:
            plugged, self._plugged = self._plugged, None
            if plugged is None:
                return
            plugged.ended.set()
            for viewer in plugged.viewers:
                _hang_up(viewer)
            _hang_up(plugged.listening)
            threads = plugged.threads + list(plugged.viewers.values())
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()
        plugged.listening.close()

    def close(self) -> None:
        """Switch it off for good and give the port back."""
        self.unplug()
        self._keeper.close()

    def _accept(self, plugged: _Plugged) -> None:
        while not plugged.ended.is_set():
            try:
                viewer, _from = plugged.listening.accept()
            except OSError:  # unplugged
                return
            thread = threading.Thread(target=self._serve, args=(plugged, viewer), name="camera viewer", daemon=True)
            with self._lock:
                if plugged.ended.is_set() or len(plugged.viewers) >= _VIEWERS_MOST:
                    viewer.close()  # as small cameras do
                    continue
                plugged.viewers[viewer] = thread
                thread.start()

    def _serve(self, plugged: _Plugged, viewer: socket.socket) -> None:
        viewer.settimeout(_PATIENCE_S)
        viewer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with contextlib.suppress(OSError):  # the viewer went away, or the cable came out
                self._answer(plugged, viewer)
        finally:
            with self._lock:
                plugged.viewers.pop(viewer, None)
            viewer.close()

    def _answer(self, plugged: _Plugged, viewer: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            piece = viewer.recv(_REQUEST_MOST)
            asked += piece
            if not piece or len(asked) > _REQUEST_MOST:
                return
        words = asked.split(b"\r\n", 1)[0].split(b" ")
        status = self.faults.status or (200 if len(words) > 1 and words[1] == _PATH.encode() else 404)
        settings = self.settings
        if status != 200:
            reason = _REASONS.get(status, "Error")
            viewer.sendall(f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        boundary = '"gate 7 frame"' if settings.quoted else "frame"
        head = f"Content-Type: multipart/x-mixed-replace; boundary={boundary}\r\nCache-Control: no-store\r\n"
        if settings.chunked:
            head += "Transfer-Encoding: chunked\r\n"
        viewer.sendall(f"HTTP/1.{int(settings.chunked)} 200 OK\r\n{head}\r\n".encode())
        self._stream(plugged, viewer, boundary.strip('"'))

    def _stream(self, plugged: _Plugged, viewer: socket.socket, boundary: str) -> None:
        sent = 0
        while not plugged.ended.is_set():
            if self.faults.silent:
                _rest(viewer, 0.05)
                continue
            picture = self._take()
            if self.faults.broken_jpeg:
                picture = _damaged(picture, sent)
            head = f"--{boundary}\r\nContent-Type: image/jpeg\r\n"
            if self.settings.lengths:
                head += f"Content-Length: {len(picture)}\r\n"
            part = f"{head}\r\n".encode() + picture + b"\r\n"
            if self.settings.chunked:
                part = b"%x\r\n%b\r\n" % (len(part), part)
            if self.faults.cut_mid_frame and sent == 3:
                viewer.sendall(part[: len(part) // 2])
                return
            self._send(viewer, part)
            sent += 1
            _rest(viewer, max(1 / self.settings.fps, self.faults.slow_s))

    def _send(self, viewer: socket.socket, part: bytes) -> None:
        if not self.faults.split:
            viewer.sendall(part)
            return
        for at in range(0, len(part), 997):
            viewer.sendall(part[at : at + 997])


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


def _rest(viewer: socket.socket, seconds: float) -> None:
    """Wait, but no longer than the viewer stays or the cable is in: either wakes the connection."""
    if select.select([viewer], [], [], seconds)[0] and not viewer.recv(_REQUEST_MOST):
        raise ConnectionResetError


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _damaged(picture: bytes, number: int) -> bytes:
    """Break a JPEG: by turns its end is missing, its middle is overwritten, its tables are gone."""
    middle = len(picture) // 2
    match number % 3:
        case 0:
            return picture[:middle]
        case 1:
            return picture[:40] + b"\x5a" * 60 + picture[100:]
        case _:
            return picture[:2] + picture[middle:]
