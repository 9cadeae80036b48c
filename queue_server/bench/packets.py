"""MQTT 3.1.1 as bytes, as much of it as a load generator needs: QoS 1 both ways. No I/O.

Paho costs so much per message that a load of thousands a second would measure the generator. A packet out is
a function that returns bytes; what comes in goes through ``Inward``, which keeps what is incomplete and
yields whole packets. Section numbers are those of the OASIS standard.
"""

from __future__ import annotations

from collections.abc import Iterator

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13
DISCONNECT_PACKET = b"\xe0\x00"
PING_PACKET = b"\xc0\x00"


class Malformed(ValueError):  # noqa: N818  (named for the condition)
    """What came is not MQTT."""


def text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def length(size: int) -> bytes:
    """Remaining length, §2.2.3: seven bits a byte, the lowest first."""
    out = bytearray()
    while True:
        size, low = size >> 7, size & 0x7F
        out.append(low | (0x80 if size else 0))
        if not size:
            return bytes(out)


def connect(client_id: str, user: str, password: str, keepalive_s: int = 60, *, clean: bool = True) -> bytes:
    """§3.1. With user and password, without will."""
    flags = 0xC0 | (0x02 if clean else 0)
    body = text("MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2, "big")
    body += text(client_id) + text(user) + text(password)
    return b"\x10" + length(len(body)) + body


def subscribe(mid: int, *filters: str) -> bytes:
    """§3.8, QoS 1."""
    body = mid.to_bytes(2, "big") + b"".join(text(each) + b"\x01" for each in filters)
    return b"\x82" + length(len(body)) + body


def publish(topic: bytes, mid: int, payload: bytes) -> bytes:
    """§3.3, QoS 1. ``topic`` is already length-prefixed (``text``): it is the same thousands of times."""
    return b"\x32" + length(len(topic) + 2 + len(payload)) + topic + mid.to_bytes(2, "big") + payload


def puback(mid: bytes) -> bytes:
    """§3.4; ``mid`` as the two bytes that came."""
    return b"\x40\x02" + mid


class Inward:
    """Bytes in, whole packets out."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """``(kind, flags, body)`` of each packet that is now complete. Raises Malformed."""
        data = self._kept + data if self._kept else data
        at, end = 0, len(data)
        while end - at >= 2:
            size = data[at + 1]
            start = at + 2
            if size > 0x7F:
                size &= 0x7F
                for shift in (7, 14, 21):
                    if start >= end:
                        self._kept = data[at:]
                        return
                    low = data[start]
                    start += 1
                    size |= (low & 0x7F) << shift
                    if low < 0x80:
                        break
                else:
                    raise Malformed("remaining length of more than four bytes")
            stop = start + size
            if stop > end:
                break
            first = data[at]
            at = stop
            yield first >> 4, first & 0x0F, data[start:stop]
        self._kept = data[at:]


def published(flags: int, body: bytes) -> tuple[bytes, bytes, bytes]:
    """``(topic, mid or b"", payload)`` of a PUBLISH."""
    size = int.from_bytes(body[:2], "big") + 2
    if len(body) < size:
        raise Malformed("a topic longer than its packet")
    if flags & 0x06:
        return body[2:size], body[size : size + 2], body[size + 2 :]
    return body[2:size], b"", body[size:]
