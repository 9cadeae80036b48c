"""Frames of a SAM module, as the vendors' manuals print them, and everything that noise makes of them."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.idcard import protocol
from devices.idcard.people import PEOPLE, block_of
from devices.idcard.protocol import Garbled, Meaning, Reply, ReplyParser

H = bytes.fromhex

MARK = H("AA AA 96 69")
MOST_KEPT = 6 + 0x0A00

# Replies seen in the field.
OK = H("AA AA AA 96 69 00 04 00 00 90 94")
FOUND = H("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97")
NO_CARD = H("AA AA AA 96 69 00 04 00 00 80 84")
SELECTED = H("AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C")
SELECT_FAILED = H("AA AA AA 96 69 00 04 00 00 81 85")
READ_FAILED = H("AA AA AA 96 69 00 04 00 00 41 45")
TIMED_OUT = H("AA AA AA 96 69 00 05 05 05 05 05")  # says five, gives four


def framed(body: bytes) -> bytes:
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return H("AA AA AA 96 69") + counted + bytes([reduce(xor, counted)])


TEXT = block_of(PEOPLE["rare"])
PHOTO = H("57 4C 66 00 7E 00 32 00") + H("AA AA AA 96 69 00 04 00 00 90 94 00") * 84 + bytes(8)  # frames within
READ = framed(H("00 00 90 01 00 04 00") + TEXT + PHOTO)
READ_FINGERS = {
    n: framed(H("00 00 90 01 00 04 00") + n.to_bytes(2, "big") + TEXT + PHOTO + bytes(n)) for n in (0, 512, 1024)
}


@pytest.mark.parametrize(
    ("sent", "published"),
    [
        (protocol.RESET_SAM, "AA AA AA 96 69 00 03 10 FF EC"),
        (protocol.SAM_STATUS, "AA AA AA 96 69 00 03 11 FF ED"),
        (protocol.SAM_ID, "AA AA AA 96 69 00 03 12 FF EE"),
        (protocol.FIND_CARD, "AA AA AA 96 69 00 03 20 01 22"),  # 22, not the 21 of some drivers
        (protocol.SELECT_CARD, "AA AA AA 96 69 00 03 20 02 21"),
        (protocol.READ_TEXT_AND_PHOTO, "AA AA AA 96 69 00 03 30 01 32"),
        (protocol.READ_NEWEST_ADDRESS, "AA AA AA 96 69 00 03 30 03 30"),
        (protocol.READ_MANAGEMENT_NUMBER, "AA AA AA 96 69 00 03 30 05 36"),
        (protocol.READ_WITH_FINGERPRINTS, "AA AA AA 96 69 00 03 30 10 23"),
        (protocol.LONGEST_RF_FRAME, "AA AA AA 96 69 00 04 61 FF 50 CA"),
        (protocol.rate_request(115_200), "AA AA AA 96 69 00 03 60 00 63"),
        (protocol.rate_request(9_600), "AA AA AA 96 69 00 03 60 04 67"),
    ],
)
def test_requests_are_the_published_frames(sent: bytes, published: str) -> None:
    assert sent == H(published)


@pytest.mark.parametrize(
    ("received", "status", "data", "meaning"),
    [
        (OK, 0x90, b"", Meaning.DONE),
        (FOUND, 0x9F, bytes(4), Meaning.DONE),
        (NO_CARD, 0x80, b"", Meaning.NO_CARD),
        (SELECTED, 0x90, bytes(8), Meaning.DONE),
        (SELECT_FAILED, 0x81, b"", Meaning.REPLACE_CARD),
        (READ_FAILED, 0x41, b"", Meaning.REPLACE_CARD),
    ],
)
def test_replies_seen_in_the_field(received: bytes, status: int, data: bytes, meaning: Meaning) -> None:
    [reply] = ReplyParser().feed(received)
    assert isinstance(reply, Reply)
    assert (reply.status, reply.data, reply.meaning) == (status, data, meaning)


# The manuals' table of the third status byte, each row as a whole frame; SW1 and SW2 are the card's on four of them.
STATUS_WORDS = [
    ("AA AA AA 96 69 00 04 00 00 90 94", Meaning.DONE),  # 90 done
    ("AA AA AA 96 69 00 04 00 00 9F 9B", Meaning.DONE),  # 9F a card was found
    ("AA AA AA 96 69 00 04 00 00 10 14", Meaning.LINK),  # 10 the request's checksum was bad
    ("AA AA AA 96 69 00 04 00 00 11 15", Meaning.LINK),  # 11 the request's length was bad
    ("AA AA AA 96 69 00 04 00 00 21 25", Meaning.LINK),  # 21 bad command or parameter
    ("AA AA AA 96 69 00 04 00 00 23 27", Meaning.LINK),  # 23 not permitted
    ("AA AA AA 96 69 00 04 00 00 24 20", Meaning.LINK),  # 24 unrecognised error
    ("AA AA AA 96 69 00 04 69 83 31 DF", Meaning.REPLACE_CARD),  # 31 the card failed to authenticate the SAM
    ("AA AA AA 96 69 00 04 00 00 32 36", Meaning.REPLACE_CARD),  # 32 the SAM failed to authenticate the card
    ("AA AA AA 96 69 00 04 00 00 33 37", Meaning.REPLACE_CARD),  # 33 data verification failed
    ("AA AA AA 96 69 00 04 00 00 40 44", Meaning.NOT_READABLE),  # 40 card type not recognised
    ("AA AA AA 96 69 00 04 6A 82 41 AD", Meaning.REPLACE_CARD),  # 41 read failed
    ("AA AA AA 96 69 00 04 69 88 47 A2", Meaning.REPLACE_CARD),  # 47 get-random failed
    ("AA AA AA 96 69 00 04 00 00 60 64", Meaning.FAULT),  # 60 self-test failed
    ("AA AA AA 96 69 00 04 00 00 66 62", Meaning.FAULT),  # 66 not authorised
    ("AA AA AA 96 69 00 04 00 00 80 84", Meaning.NO_CARD),  # 80 no card found
    ("AA AA AA 96 69 00 04 6F 00 81 EA", Meaning.REPLACE_CARD),  # 81 select failed
    ("AA AA AA 96 69 00 04 00 00 91 95", Meaning.NOT_ON_CARD),  # 91 the item is not on the card
    ("AA AA AA 96 69 00 04 00 00 77 73", Meaning.LINK),  # a word no table has
]


@pytest.mark.parametrize(("frame", "meaning"), STATUS_WORDS, ids=[frame[-5:-3] for frame, _ in STATUS_WORDS])
def test_every_status_word_asks_something_of_the_host(frame: str, meaning: Meaning) -> None:
    [reply] = ReplyParser().feed(H(frame))
    assert isinstance(reply, Reply)
    assert (reply.meaning, reply.data) == (meaning, b"")


def test_every_fault_has_a_name_of_its_own() -> None:
    faults = {Reply(word).status for word in range(256) if Reply(word).meaning is Meaning.FAULT}
    assert faults == set(protocol.FAULT_CODES)
    assert len(set(protocol.FAULT_CODES.values())) == len(faults)


def test_the_sam_s_identity_is_printed_as_on_the_module() -> None:
    [reply] = ReplyParser().feed(framed(H("00 00 90") + H("05 00 01 00 8F CE 33 01 01 00 00 00 2A 00 00 00")))
    assert isinstance(reply, Reply)
    assert protocol.sam_id_text(reply.data) == "05.01-20172431-0000000001-0000000042"


@pytest.mark.parametrize("piece", [1, 2, 7, 263, 264, 5000])
def test_the_text_comes_out_and_the_photo_does_not_however_it_is_cut(piece: int) -> None:
    assert len(READ) == 1295
    parser = ReplyParser()
    out = [event for at in range(0, len(READ), piece) for event in parser.feed(READ[at : at + piece])]
    [reply] = out
    assert isinstance(reply, Reply)
    assert protocol.text_of(reply) == TEXT
    assert reply.dropped == 1024
    assert b"WL" not in reply.data


@pytest.mark.parametrize(("fingers", "size"), [(0, 1297), (512, 1809), (1024, 2321)])
def test_fingerprints_are_dropped_like_the_photo(fingers: int, size: int) -> None:
    frame = READ_FINGERS[fingers]
    assert len(frame) == size
    parser = ReplyParser()
    out = [event for byte in frame for event in parser.feed(bytes([byte]))]
    [reply] = out
    assert isinstance(reply, Reply)
    assert protocol.text_of(reply) == TEXT
    assert reply.dropped == 1024 + fingers


@pytest.mark.parametrize("cut", [*range(0, 1295, 37), 1294])
def test_of_a_photo_nothing_is_kept_on_the_way_nor_after_it(cut: int) -> None:
    photo = bytes(range(1, 256)) * 4 + H("57 4C 66 00")
    frame = framed(H("00 00 90 01 00 04 00") + bytes(256) + photo)
    parser = ReplyParser()
    parser.feed(frame[:cut])
    assert holds_none_of(parser, photo)
    parser.forget()
    assert not parser._kept
    for at in range(0, len(frame), 50):
        parser.feed(frame[at : at + 50])
        assert holds_none_of(parser, photo)


def holds_none_of(parser: ReplyParser, photo: bytes) -> bool:
    return not any(photo[at : at + 4] in parser._kept for at in range(len(photo) - 3))


def test_a_reply_does_not_show_what_a_card_says() -> None:
    [reply] = ReplyParser().feed(READ)
    assert repr(reply) == "Reply(status=144, dropped=1024)"


@pytest.mark.parametrize(
    ("noise", "why"),
    [
        (OK[:-1] + H("95"), ["checksum"]),
        (H("AA AA AA 96 69 00 05 00 00 90 94"), ["checksum"]),  # LEN + 1 takes a byte of the next frame
        (H("AA AA AA 96 69 FF FF"), ["length"]),
        (H("AA AA AA 96 69 00 03 90 93"), ["length"]),
        (H("AA AA AA 96 69 0A 01"), ["length"]),
        (H("AA AA"), []),  # more of the preamble than needed
        (H("00 FF AA 96 69 AA"), []),
        (TIMED_OUT, ["checksum"]),
        (READ[:700], None),  # lifted mid-read: only time can tell, see the driver
    ],
)
def test_after_noise_the_next_frame_is_found(noise: bytes, why: list[str] | None) -> None:
    parser = ReplyParser()
    out = parser.feed(noise + FOUND)
    if why is None:
        assert out == []
        assert parser.midway
        parser.forget()
        out = parser.feed(FOUND)
        why = []
    assert out == [*(Garbled(reason) for reason in why), Reply(0x9F, bytes(4))]
    assert not parser.midway


def test_two_frames_glued_are_two_replies() -> None:
    assert [r.status for r in ReplyParser().feed(NO_CARD + FOUND) if isinstance(r, Reply)] == [0x80, 0x9F]


def test_a_zero_in_the_preamble_is_forgiven_but_one_in_the_frame_is_not() -> None:
    assert ReplyParser().feed(H("AA 00 AA AA 96 69 00 04 00 00 90 94")) == [Reply(0x90)]
    assert Reply(0x90) not in ReplyParser().feed(H("AA AA AA 96 69 00 00 04 00 00 90 94") + bytes(8))


def test_two_frames_glued_with_half_a_one_before_and_behind() -> None:
    wire = H(
        "00 90 94"  # the end of a reply to somebody else
        "AA AA AA 96 69 00 04 00 00 80 84"
        "AA AA AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97"  # two AA too many
        "AA AA AA 96 69 00 0C 00 00 90"  # and one that breaks off
    )
    parser = ReplyParser()
    assert parser.feed(wire) == [Reply(0x80), Reply(0x9F, bytes(4))]
    assert parser.midway


def test_a_length_of_ffff_holds_nothing_up() -> None:
    parser = ReplyParser()
    wire = H("AA AA AA 96 69 FF FF 00 00 90 94") + OK
    assert parser.feed(wire) == [Garbled("length"), Reply(0x90)]
    assert not parser.midway


def test_a_length_one_too_long_takes_the_next_frame_s_first_byte_and_gives_it_back() -> None:
    wire = H("AA AA AA 96 69 00 09 00 00 9F 00 00 00 00 97") + NO_CARD
    assert ReplyParser().feed(wire) == [Garbled("checksum"), Reply(0x80)]


def test_what_stood_before_and_after_a_dropped_photo_is_never_read_as_one_frame() -> None:
    """A card's reply that broke off, with a frame's beginning where the text ended and its rest behind the photo."""
    beginning, rest = H("AA AA 96 69 00 04"), H("00 00 90 94")
    body = H("05 08 00 00 90 01 00 04 00") + bytes(250) + beginning + PHOTO + rest[:1]
    wire = H("AA AA AA 96 69") + body + rest[1:]
    assert reduce(xor, body) != 0
    out = ReplyParser().feed(wire)
    assert out == [Garbled("checksum")]


def test_frames_within_the_text_of_a_reply_that_was_none_are_found() -> None:
    body = H("05 08 00 00 90 01 00 04 00") + OK + NO_CARD + bytes(256 - 22) + bytes(1024)
    wire = H("AA AA AA 96 69") + body + b"\x01" + FOUND
    assert reduce(xor, body) != 1
    assert ReplyParser().feed(wire) == [Garbled("checksum"), Reply(0x90), Reply(0x80), Reply(0x9F, bytes(4))]


def test_a_reply_shorter_than_it_says_leaves_the_parser_midway() -> None:
    parser = ReplyParser()
    assert parser.feed(TIMED_OUT) == []
    assert parser.midway


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (protocol.SELECT_CARD, Reply(0x9F, bytes(4))),  # a late find
        (protocol.FIND_CARD, Reply(0x90, bytes(8))),  # a late selection
        (protocol.READ_TEXT_AND_PHOTO, Reply(0x90, bytes(8))),
        (protocol.READ_TEXT_AND_PHOTO, Reply(0x90)),  # a late reset
        (protocol.READ_MANAGEMENT_NUMBER, Reply(0x90, bytes(70))),  # a late address
        (protocol.READ_NEWEST_ADDRESS, Reply(0x90, bytes(28))),
        (protocol.SAM_STATUS, Reply(0x90, bytes(16))),
    ],
)
def test_a_late_answer_does_not_pass_for_another(request_: bytes, reply: Reply) -> None:
    assert not protocol.answers(request_, reply)


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (protocol.FIND_CARD, Reply(0x9F, bytes(4))),
        (protocol.FIND_CARD, Reply(0x9F)),  # without the four bytes that say nothing
        (protocol.FIND_CARD, Reply(0x80)),
        (protocol.SELECT_CARD, Reply(0x90, bytes(8))),
        (protocol.SELECT_CARD, Reply(0x90)),
        (protocol.SELECT_CARD, Reply(0x81)),
        (protocol.SAM_STATUS, Reply(0x90)),
        (protocol.SAM_ID, Reply(0x90, bytes(16))),
        (protocol.SAM_ID, Reply(0x90, bytes(20))),  # no table has that: modules differ
        (protocol.READ_MANAGEMENT_NUMBER, Reply(0x90, bytes(28))),
        (protocol.READ_NEWEST_ADDRESS, Reply(0x91)),
    ],
)
def test_an_answer_to_the_question_is_taken(request_: bytes, reply: Reply) -> None:
    assert protocol.answers(request_, reply)


def test_the_management_number_is_twenty_eight_bytes_or_nothing() -> None:
    frame = H(
        "AA AA AA 96 69 00 20 00 00 90"
        "01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C AC"
    )
    [reply] = ReplyParser().feed(frame)
    assert isinstance(reply, Reply)
    assert protocol.management_number_of(reply) == "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C"
    assert protocol.management_number_of(Reply(0x91)) is None
    assert protocol.management_number_of(Reply(0x90, bytes(27))) is None


def test_the_newest_address_is_seventy_bytes_or_nothing() -> None:
    text = H("1F66 B36C 5788") + H("2000") * 32  # 星河街
    [reply] = ReplyParser().feed(framed(H("00 00 90") + text))
    assert isinstance(reply, Reply)
    assert protocol.address_of(reply) == "星河街"
    assert protocol.address_of(Reply(0x91)) is None
    assert protocol.address_of(Reply(0x90, H("2000") * 35)) is None  # blank


FRAMES = (OK, FOUND, NO_CARD, SELECTED, READ_FAILED, TIMED_OUT, READ, READ_FINGERS[512])


@st.composite
def wires(draw: st.DrawFn) -> bytes:
    """Good frames and noise glued together, then damaged in a few places."""
    parts = draw(st.lists(st.one_of(st.sampled_from(FRAMES), st.binary(max_size=20)), min_size=1, max_size=5))
    wire = bytearray(b"".join(parts))
    for _ in range(draw(st.integers(0, 4))):
        if not wire:
            break
        at = draw(st.integers(0, len(wire) - 1))
        match draw(st.sampled_from(["flip", "drop", "insert", "cut"])):
            case "flip":
                wire[at] ^= draw(st.integers(1, 255))
            case "drop":
                del wire[at]
            case "insert":
                wire.insert(at, draw(st.integers(0, 255)))
            case _:
                del wire[at:]
    return bytes(wire)


def frames_within(wire: bytes) -> set[tuple[int, bytes]]:
    """Every (status, body) of a right frame anywhere in the wire, found the slow way."""
    found = set()
    at = wire.find(MARK)
    while at >= 0:
        length = int.from_bytes(wire[at + 4 : at + 6], "big")
        frame = wire[at + 4 : at + 6 + length]
        if 4 <= length <= 0x0A00 and len(frame) == length + 2 and not reduce(xor, frame):
            found.add((frame[4], frame[5:-1]))
        at = wire.find(MARK, at + 1)
    return found


@settings(max_examples=300, deadline=None)
@given(wire=wires(), cuts=st.lists(st.integers(1, 400), max_size=30))
def test_no_damage_makes_a_reply_that_was_not_sent(wire: bytes, cuts: list[int]) -> None:
    right = frames_within(wire)
    parser = ReplyParser()
    out: list[Reply | Garbled] = []
    rest = wire
    for cut in [*cuts, len(wire)]:
        out += parser.feed(rest[:cut])
        rest = rest[cut:]
        assert len(parser._kept) <= MOST_KEPT
    for reply in out:
        if isinstance(reply, Reply):
            assert any(
                status == reply.status and body.startswith(reply.data) and len(body) == len(reply.data) + reply.dropped
                for status, body in right
            )
    assert out == ReplyParser().feed(wire)


@settings(max_examples=200, deadline=None)
@given(at=st.integers(7, len(READ) - 1), flip=st.integers(1, 255))
def test_one_wrong_byte_anywhere_in_a_card_s_reply_is_noticed(at: int, flip: int) -> None:
    wire = bytearray(READ)
    wire[at] ^= flip
    assert not any(isinstance(reply, Reply) and protocol.text_of(reply) for reply in ReplyParser().feed(bytes(wire)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_noise_alone_neither_crashes_nor_piles_up(noise: bytes) -> None:
    parser = ReplyParser()
    parser.feed(noise)
    assert len(parser._kept) <= MOST_KEPT
