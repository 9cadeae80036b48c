"""Messages between the server and its forecasting process: a length, then the packed record, over two pipes."""

from __future__ import annotations

import os
import select
import time
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

MOST_BYTES = 64 * 1024 * 1024
_encode = msgspec.msgpack.Encoder().encode


class Gone(OSError):  # noqa: N818  (named for the condition)
    """The other end has gone, or does not answer in time, or sends what is none of ours."""


def send(fd: int, record: Any) -> None:
    """Raises Gone."""
    body = _encode(record)
    data = memoryview(len(body).to_bytes(4, "big") + body)
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError as error:
        raise Gone(str(error)) from error


def receive(fd: int, kind: type[T], patience_s: float | None = None) -> T:
    """The next record; waits for ever without ``patience_s``. Raises Gone."""
    deadline = None if patience_s is None else time.monotonic() + patience_s
    length = int.from_bytes(_exactly(fd, 4, deadline), "big")
    if length > MOST_BYTES:
        raise Gone(f"{length} bytes")
    try:
        return msgspec.msgpack.decode(_exactly(fd, length, deadline), type=kind)
    except msgspec.DecodeError as error:
        raise Gone(type(error).__name__) from error


def _exactly(fd: int, count: int, deadline: float | None) -> bytes:
    pieces: list[bytes] = []
    while count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                raise Gone("no answer in time")
        try:
            piece = os.read(fd, min(count, 1 << 20))
        except OSError as error:
            raise Gone(str(error)) from error
        if not piece:
            raise Gone("closed")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
