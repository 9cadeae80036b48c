"""What a network camera sends, cut into pictures; bytes in, JPEGs out, no I/O and no clock.

The stream is one HTTP answer that never ends: ``multipart/x-mixed-replace``, each part a JPEG that replaces the one
before. Cameras agree on little more. The boundary is quoted or not and some write its dashes into it, a part has a
``Content-Length`` or must be followed to the next boundary, the whole may come in chunks (RFC 9112, 7.1). So three
small parts in a row: the answer's head, the chunks taken off, the parts. Memory is bounded whatever arrives, and a
part that is not one whole JPEG is told as such and skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from devices.errors import DeviceError, LinkGarbled, PortBusy, PortForbidden, PortMissing

HEAD_MOST = 16 * 1024
PICTURE_MOST = 4 * 1024 * 1024
_CHUNK_LINE_MOST = 256
_STARTS, _ENDS = b"\xff\xd8", b"\xff\xd9"
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(rb'boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Jpeg:
    """One part that looks whole: from start-of-image to end-of-image."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BrokenPart:
    """A part that is no whole JPEG was thrown away."""


def request(host: str, path: str, authorization: str = "") -> bytes:
    """The question to the camera: HTTP/1.0, so that most do not answer in chunks."""
    lines = [f"GET {path} HTTP/1.0", f"Host: {host}", "Accept: multipart/x-mixed-replace, image/jpeg"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    return ("\r\n".join([*lines, "User-Agent: jiaohao", "", ""])).encode("ascii")


class MjpegParser:
    """Feed it what the camera sends; it keeps at most one head or one picture."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._chunks: _Chunks | None = None
        self._parts: _Parts | None = None

    @property
    def kept_bytes(self) -> int:
        """How much is waiting for more."""
        return len(self._kept) + (self._parts.kept_bytes if self._parts else 0)

    def feed(self, data: bytes) -> list[Jpeg | BrokenPart]:
        """Return the parts that ``data`` completes, oldest first.

        Raises ``PortForbidden`` (401, 403), ``PortMissing`` (404, 410), ``PortBusy`` (429, 503: many cameras serve
        one at a time), ``LinkGarbled`` for any other answer and for one that is no stream of pictures.
        """
        if self._parts is None:
            self._kept += data
            end = _blank_line(self._kept)
            if end is None:
                if len(self._kept) > HEAD_MOST:
                    raise LinkGarbled("the camera's answer has no end of its head")
                return []
            data = bytes(self._kept[end:])
            self._parts, self._chunks = _opened(bytes(self._kept[:end]))
            self._kept.clear()
        if self._chunks is not None:
            data = self._chunks.feed(data)
        return self._parts.feed(data)


def _opened(head: bytes) -> tuple[_Parts, _Chunks | None]:
    lines = head.splitlines()
    status = re.match(rb"HTTP/\d\.\d (\d{3})\b", lines[0])
    if status is None:
        raise LinkGarbled("what answers does not speak HTTP")
    if status[1] != b"200":
        raise _refusal(int(status[1]))
    fields = _fields(lines[1:])
    kind = fields.get(b"content-type", b"")
    boundary = _BOUNDARY.search(kind)
    if not kind.lower().startswith(b"multipart/") or boundary is None:
        raise LinkGarbled("the camera's answer is no stream of pictures (multipart/x-mixed-replace)")
    chunked = fields.get(b"transfer-encoding", b"").lower() == b"chunked"
    # Some name the boundary with its two dashes, some then put two more before it: without any it fits them all.
    name = (boundary[1] or boundary[2]).lstrip(b"-") or b"-"
    return _Parts(b"--" + name), _Chunks() if chunked else None


def _refusal(status: int) -> DeviceError:
    match status:
        case 401 | 403:
            return PortForbidden(f"the camera refuses us (HTTP {status}): name and password in its address")
        case 404 | 410:
            return PortMissing(f"the camera has nothing at this path (HTTP {status})")
        case 429 | 503:
            return PortBusy(f"the camera serves somebody else (HTTP {status})")
        case _:
            return LinkGarbled(f"the camera answers HTTP {status}")


def _fields(lines: list[bytes]) -> dict[bytes, bytes]:
    named = (line.partition(b":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in named if colon}


def _blank_line(data: bytearray) -> int | None:
    """Where the blank line that ends a head ends."""
    found = _BLANK_LINE.search(data)
    return found.end() if found else None


class _Chunks:
    """Takes the sizes of a chunked answer out of it."""

    def __init__(self) -> None:
        self._left = 0  # of the chunk under way
        self._line = bytearray()
        self._skip_line_end = False

    def feed(self, data: bytes) -> bytes:
        out = bytearray()
        at = 0
        while at < len(data):
            if self._left:
                piece = data[at : at + self._left]
                out += piece
                at += len(piece)
                self._left -= len(piece)
                self._skip_line_end = not self._left
                continue
            end = data.find(b"\n", at)
            self._line += data[at : end + 1 if end >= 0 else len(data)]
            at = end + 1 if end >= 0 else len(data)
            if len(self._line) > _CHUNK_LINE_MOST:
                raise LinkGarbled("the camera's chunks have no sizes")
            if end >= 0:
                self._take_line()
        return bytes(out)

    def _take_line(self) -> None:
        line = bytes(self._line).strip()
        self._line.clear()
        if self._skip_line_end and not line:
            self._skip_line_end = False
            return
        size = line.partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
            raise LinkGarbled("the camera's chunks have no sizes")
        self._skip_line_end = False
        self._left = int(size, 16)  # 0: the end; what may follow is told by the closing line


class _Parts:
    """Cuts parts at the boundary, by their length where they tell it."""

    def __init__(self, delimiter: bytes) -> None:
        self._delimiter = delimiter
        self._kept = bytearray()
        self._looked = 0  # no delimiter begins before this
        self._length: int | None = None
        self._in_part = False

    @property
    def kept_bytes(self) -> int:
        return len(self._kept)

    def feed(self, data: bytes) -> list[Jpeg | BrokenPart]:
        self._kept += data
        out: list[Jpeg | BrokenPart] = []
        while True:
            before = len(out), len(self._kept), self._in_part
            self._step(out)
            if before == (len(out), len(self._kept), self._in_part):
                return out

    def _step(self, out: list[Jpeg | BrokenPart]) -> None:
        if not self._in_part:
            self._find_part(out)
        elif self._length is not None:
            if len(self._kept) >= self._length:
                out.append(_part(self._kept[: self._length]))
                self._begin_search(self._length)
        else:
            self._follow_part(out)

    def _find_part(self, out: list[Jpeg | BrokenPart]) -> None:
        """Between two parts: throw away what stands before the next boundary, then read the part's head."""
        at = self._kept.find(self._delimiter)
        if at < 0:
            keep = len(self._delimiter) - 1
            if len(self._kept) > keep:
                del self._kept[: len(self._kept) - keep]
            return
        del self._kept[:at]
        end = _blank_line(self._kept)
        if end is None:
            if len(self._kept) > HEAD_MOST:
                out.append(BrokenPart())
                del self._kept[: len(self._delimiter)]
            return
        length = _fields(bytes(self._kept[:end]).splitlines()[1:]).get(b"content-length", b"")
        known = int(length) if re.fullmatch(rb"\d{1,9}", length) else None
        self._length = known if known is not None and 0 < known <= PICTURE_MOST else None
        del self._kept[:end]
        self._in_part, self._looked = True, 0

    def _follow_part(self, out: list[Jpeg | BrokenPart]) -> None:
        """A part that does not tell its length ends at the next boundary."""
        at = self._kept.find(self._delimiter, self._looked)
        if at >= 0:
            out.append(_part(self._kept[:at]))
            self._begin_search(at)
        elif len(self._kept) > PICTURE_MOST:
            out.append(BrokenPart())
            self._begin_search(len(self._kept))
        else:
            self._looked = max(0, len(self._kept) - len(self._delimiter) + 1)

    def _begin_search(self, used: int) -> None:
        del self._kept[:used]
        self._in_part, self._length, self._looked = False, None, 0


def _part(data: bytearray) -> Jpeg | BrokenPart:
    # Some cameras pad a picture to even words, and the line end before the boundary is not part of it.
    whole = bytes(data).rstrip(b"\0\r\n")
    return Jpeg(whole) if whole.startswith(_STARTS) and whole.endswith(_ENDS) else BrokenPart()
