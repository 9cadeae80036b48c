"""MQTT 3.1.1 as bytes, as much of it as the queue server speaks: QoS 0 and 1, one kept session. No I/O.

A packet out is a function that returns bytes. What comes in goes through ``Inward``, which keeps what is
incomplete and gives whole packets. Section numbers are those of the OASIS standard of 29 October 2014.
"""

from __future__ import annotations

CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK, PINGRESP = 2, 3, 4, 9, 11, 13
DISCONNECT = b"\xe0\x00"
PINGREQ = b"\xc0\x00"
DUP, RETAIN = 0x08, 0x01
REFUSALS = {
    1: "it does not speak MQTT 3.1.1",
    2: "it does not take our client id",
    3: "it is not available",
    4: "user name or password is malformed",
    5: "user name or password is wrong",
}
"""CONNACK's return codes, §3.2.2.3."""
MAX_PACKET = 4 << 20
"""More than this from a broker that we configured ourselves is not a packet but a fault."""


class Malformed(ValueError):  # noqa: N818  (named for the condition)
    """What came is not MQTT."""


def text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def length(size: int) -> bytes:
    """Remaining length, §2.2.3: seven bits a byte, the lowest first."""
    if size < 0x80:
        return bytes((size,))
    out = bytearray()
    while True:
        size, low = size >> 7, size & 0x7F
        out.append(low | (0x80 if size else 0))
        if not size:
            return bytes(out)


def connect(client_id: str, user: str, password: str, keepalive_s: int = 60, *, clean: bool = True) -> bytes:
    """§3.1, with user and password, without a will. ``clean`` False: the broker keeps our session."""
    flags = 0xC0 | (0x02 if clean else 0)
    body = text("MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2, "big")
    body += text(client_id) + text(user) + text(password)
    return b"\x10" + length(len(body)) + body


def subscribe(mid: int, *filters: str) -> bytes:
    """§3.8, QoS 1."""
    body = mid.to_bytes(2, "big") + b"".join(text(each) + b"\x01" for each in filters)
    return b"\x82" + length(len(body)) + body


def unsubscribe(mid: int, *filters: str) -> bytes:
    """§3.10."""
    body = mid.to_bytes(2, "big") + b"".join(map(text, filters))
    return b"\xa2" + length(len(body)) + body


def publish(topic: bytes, mid: int, payload: bytes, *, retain: bool = False) -> bytes:
    """§3.3, QoS 1. ``topic`` is already length-prefixed (``text``): it is the same thousands of times."""
    head = b"\x33" if retain else b"\x32"
    return b"".join((head, length(len(topic) + 2 + len(payload)), topic, mid.to_bytes(2, "big"), payload))


def again(packet: bytes) -> bytes:
    """The same PUBLISH, marked as sent before."""
    return bytes((packet[0] | DUP,)) + packet[1:]


def puback(mid: bytes) -> bytes:
    """§3.4; ``mid`` as the two bytes that came."""
    return b"\x40\x02" + mid


class Inward:
    """Bytes in, whole packets out."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """``(kind, flags, body)`` of each packet that is now complete, in order. Raises Malformed."""
        if self._kept:
            data = self._kept + data
        packets = []
        at, end = 0, len(data)
        while end - at >= 2:
            size = data[at + 1]
            start = at + 2
            if size > 0x7F:
                found = _long(data, start, size & 0x7F)
                if found is None:
                    break
                size, start = found
            stop = start + size
            if stop > end:
                break
            first = data[at]
            packets.append((first >> 4, first & 0x0F, data[start:stop]))
            at = stop
        self._kept = data[at:] if at < end else b""
        return packets


def _long(data: bytes, at: int, size: int) -> tuple[int, int] | None:
    """Size of the packet and where its body starts, from its second length byte on; None: not all here yet."""
    for shift in (7, 14, 21):
        if at >= len(data):
            return None
        low = data[at]
        at += 1
        size |= (low & 0x7F) << shift
        if low < 0x80:
            if size > MAX_PACKET:
                raise Malformed(f"a packet of {size} bytes")
            return size, at
    raise Malformed("remaining length of more than four bytes")


def published(flags: int, body: bytes) -> tuple[bytes, bytes, bytes]:
    """``(topic, mid or b"", payload)`` of a PUBLISH."""
    size = (body[0] << 8 | body[1]) + 2 if len(body) > 1 else 2
    if len(body) < size + (2 if flags & 0x06 else 0):
        raise Malformed("a topic longer than its packet")
    if flags & 0x06:
        return body[2:size], body[size : size + 2], body[size + 2 :]
    return body[2:size], b"", body[size:]
