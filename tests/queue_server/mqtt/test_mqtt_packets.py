"""MQTT as bytes: whatever the pieces in which they come, the same packets; nonsense is said to be nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server import mqtt_packets as packets

topic = st.text(min_size=1, max_size=40)
payload = st.binary(max_size=300)


def test_the_bytes_of_the_standard() -> None:
    # §3.3, figure 3.11: topic "a/b", packet identifier 10; our QoS 1 and a payload of one byte
    assert packets.publish(packets.text("a/b"), 10, b"!") == bytes.fromhex(
        "32 08 0003 61 2f 62 000a 21".replace(" ", "")
    )
    assert packets.puback(b"\x00\x0a") == bytes.fromhex("4002000a")
    assert packets.subscribe(10, "a/b") == bytes.fromhex("82 08 000a 0003 612f62 01".replace(" ", ""))
    assert packets.unsubscribe(10, "a/b") == bytes.fromhex("a2 07 000a 0003 612f62".replace(" ", ""))
    assert packets.connect("c", "u", "p", 60) == bytes.fromhex(
        "10130004 4d515454 04 c2 003c 000163 000175 000170".replace(" ", "")
    )


@pytest.mark.parametrize(
    ("size", "raw"),
    [(0, "00"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"), (2_097_152, "80808001")],
)
def test_remaining_lengths_as_in_table_2_4(size: int, raw: str) -> None:
    assert packets.length(size) == bytes.fromhex(raw)


@given(st.lists(st.tuples(topic, st.integers(1, 65_535), payload, st.booleans()), max_size=6), st.data())
def test_packets_come_out_whole_however_they_are_cut(
    sent: list[tuple[str, int, bytes, bool]], data: st.DataObject
) -> None:
    stream = b"".join(packets.publish(packets.text(t), mid, body, retain=keep) for t, mid, body, keep in sent)
    inward, seen, at = packets.Inward(), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, max(1, len(stream) - at)))
        for kind, flags, body in inward.feed(stream[at : at + step]):
            assert kind == packets.PUBLISH
            name, mid, content = packets.published(flags, body)
            seen.append((name.decode(), int.from_bytes(mid, "big"), content, bool(flags & packets.RETAIN)))
        at += step
    assert seen == sent


@given(st.binary(max_size=200))
def test_any_bytes_give_packets_or_malformed_and_nothing_worse(noise: bytes) -> None:
    try:
        for kind, flags, body in packets.Inward().feed(noise):
            if kind == packets.PUBLISH:
                packets.published(flags, body)
    except packets.Malformed:
        pass


def test_a_length_without_end_is_malformed() -> None:
    with pytest.raises(packets.Malformed):
        packets.Inward().feed(b"\x30\xff\xff\xff\xff\x01")
    with pytest.raises(packets.Malformed):
        packets.Inward().feed(b"\x30\xff\xff\xff\x7f")


def test_a_packet_sent_again_says_so() -> None:
    first = packets.publish(packets.text("t"), 1, b"x")
    assert packets.again(first)[0] == first[0] | packets.DUP
    assert packets.again(first)[1:] == first[1:]
