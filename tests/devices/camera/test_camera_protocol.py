"""A network camera's stream, in whatever pieces and with whatever is broken in it."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.camera.protocol import HEAD_MOST, PICTURE_MOST, BrokenPart, Jpeg, MjpegParser, request
from devices.errors import DeviceError, LinkGarbled, PortBusy, PortForbidden, PortMissing

ONE = b"\xff\xd8\xff\xe0 one \r\n\r\n with a blank line \xff\xd9"
TWO = b"\xff\xd8\xff\xe0 two --fra almost a boundary \xff\xd9"

# As cameras send it, typed from their streams: lengths told; none told; in chunks; LF only; dashes in the name.
LENGTHS = (
    b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
    b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n"
    b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(ONE), ONE, len(TWO), TWO)
)
NO_LENGTHS = (
    b'HTTP/1.1 200 OK\r\nServer: x\r\ncontent-type: Multipart/X-Mixed-Replace;boundary="a b"\r\n\r\n'
    b"ignored before the first\r\n--a b\r\nContent-Type: image/jpeg\r\n\r\n%b\r\n--a b\r\n\r\n%b\r\n--a b\r\n"
    % (ONE, TWO)
)
DASHES = (
    b"HTTP/1.0 200 OK\nContent-Type: multipart/x-mixed-replace;boundary=--myboundary\n\n"
    b"--myboundary\nContent-Type: image/jpeg\nContent-Length: %d\n\n%b\n--myboundary\nContent-Length: %d\n\n%b\n"
    % (len(ONE), ONE, len(TWO), TWO)
)
MORE_DASHES = DASHES.replace(b"\n--myboundary", b"\n----myboundary")


def chunked(sizes: tuple[int, ...]) -> bytes:
    """The body of ``LENGTHS`` in chunks of these sizes, by turns (RFC 9112, 7.1)."""
    head, _, body = LENGTHS.partition(b"\r\n\r\n")
    out = head.replace(b"HTTP/1.0", b"HTTP/1.1") + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    at, turn = 0, 0
    while at < len(body):
        piece = body[at : at + sizes[turn % len(sizes)]]
        out += b"%X;ext=1\r\n%b\r\n" % (len(piece), piece)
        at += len(piece)
        turn += 1
    return out


STREAMS = {
    "lengths": LENGTHS,
    "no lengths": NO_LENGTHS,
    "dashes": DASHES,
    "more dashes": MORE_DASHES,
    "chunks": chunked((7, 100, 1)),
    "one chunk": chunked((10_000,)),
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS.keys())
@settings(max_examples=60)
@given(cuts=st.lists(st.integers(0, 600), max_size=12))
def test_a_stream_gives_its_pictures_however_it_is_cut(stream: bytes, cuts: list[int]) -> None:
    parser = MjpegParser()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    got = [part for a, b in itertools.pairwise(edges) for part in parser.feed(stream[a:b])]
    assert got == [Jpeg(ONE), Jpeg(TWO)]


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS.keys())
def test_byte_by_byte(stream: bytes) -> None:
    parser = MjpegParser()
    assert [part for byte in stream for part in parser.feed(bytes([byte]))] == [Jpeg(ONE), Jpeg(TWO)]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (b"401 Unauthorized", PortForbidden),
        (b"403 Forbidden", PortForbidden),
        (b"404 Not Found", PortMissing),
        (b"503 Service Unavailable", PortBusy),
        (b"302 Found", LinkGarbled),
        (b"500 Oh", LinkGarbled),
    ],
)
def test_a_refusal_is_told_by_its_kind(status: bytes, error: type[DeviceError]) -> None:
    with pytest.raises(error):
        MjpegParser().feed(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example.cn ESMTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * HEAD_MOST,
    ],
)
def test_what_is_no_stream_of_pictures_is_garbled(answer: bytes) -> None:
    with pytest.raises(LinkGarbled):
        MjpegParser().feed(answer)


def test_chunks_without_sizes_are_garbled() -> None:
    head = chunked((5,)).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    for body in (b"hello\r\n", b"-5\r\n", b"x" * 1000, b"123456789a\r\n"):
        with pytest.raises(LinkGarbled):
            MjpegParser().feed(head + body)


def parts(*bodies: bytes, lengths: tuple[int | None, ...]) -> bytes:
    out = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
    for body, length in zip(bodies, lengths, strict=True):
        told = b"" if length is None else b"Content-Length: %d\r\n" % length
        out += b"--b\r\n" + told + b"\r\n" + body + b"\r\n"
    return out + b"--b\r\n"


def test_a_part_that_is_no_whole_jpeg_is_skipped_and_the_next_is_found() -> None:
    for broken in (ONE[:-2], ONE[2:], b"<html>not here</html>"):
        got = MjpegParser().feed(parts(broken, TWO, lengths=(len(broken), len(TWO))))
        assert got == [BrokenPart(), Jpeg(TWO)]


def test_a_wrong_length_costs_one_picture_or_two_and_no_more() -> None:
    for wrong in (len(ONE) - 3, len(ONE) + 3, len(ONE) + 30):
        stream = parts(ONE, TWO, TWO, ONE, lengths=(wrong, len(TWO), len(TWO), len(ONE)))
        got = MjpegParser().feed(stream)
        assert BrokenPart() in got
        assert got[-2:] == [Jpeg(TWO), Jpeg(ONE)]


def test_a_length_that_is_none_or_too_large_is_not_believed() -> None:
    for told in (b"Content-Length: 99999999", b"Content-Length: -5", b"Content-Length: x", b"Content-Length: 0"):
        stream = parts(ONE, TWO, lengths=(None, None)).replace(b"--b\r\n\r\n\xff", b"--b\r\n" + told + b"\r\n\r\n\xff")
        assert told in stream
        assert MjpegParser().feed(stream) == [Jpeg(ONE), Jpeg(TWO)]


def test_padding_after_a_picture_is_taken_off() -> None:
    padded = ONE + b"\0\0\0"
    assert MjpegParser().feed(parts(padded, lengths=(len(padded),))) == [Jpeg(ONE)]


def test_a_picture_without_end_does_not_fill_the_memory() -> None:
    parser = MjpegParser()
    parser.feed(parts(lengths=()) + b"\r\n\xff\xd8")
    got: list[Jpeg | BrokenPart] = []
    most = 0
    for _ in range(3 * PICTURE_MOST // 65_536):
        got += parser.feed(b"\x55" * 65_536)
        most = max(most, parser.kept_bytes)
    assert got == [BrokenPart()]
    assert most <= PICTURE_MOST + 65_536
    assert parser.feed(parts(ONE, lengths=(len(ONE),)).partition(b"\r\n\r\n")[2]) == [Jpeg(ONE)]


def test_nothing_secret_is_in_a_picture_s_words() -> None:
    assert "two" not in repr(Jpeg(TWO))


def test_the_question_asks_for_the_stream() -> None:
    assert request("cam.local:80", "/camera?x=1", "Basic YTpi") == (
        b"GET /camera?x=1 HTTP/1.0\r\nHost: cam.local:80\r\nAccept: multipart/x-mixed-replace, image/jpeg\r\n"
        b"Authorization: Basic YTpi\r\nUser-Agent: jiaohao\r\n\r\n"
    )


def mutated(chance: random.Random, stream: bytes) -> bytes:
    data = bytearray(stream)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.randint(1, 60)]
            case 2:
                data[at:at] = chance.randbytes(chance.randint(1, 20))
            case 3:
                data[at:at] = data[: chance.randint(1, 200)]
            case _:
                data[at:at] = chance.choice(
                    [b"\r\n\r\n", b"--frame\r\n", b"\xff\xd9", b"Content-Length: 7\r\n", b"0\r\n"]
                )
    return bytes(data)


def feed_mutated(count: int, seed: int) -> int:
    """Feed so many mutated streams in pieces; return how many parts came out."""
    chance = random.Random(seed)
    streams = list(STREAMS.values())
    found = 0
    for _ in range(count):
        stream = mutated(chance, chance.choice(streams))
        parser = MjpegParser()
        at = 0
        try:
            while at < len(stream):
                piece = stream[at : at + chance.randint(1, 400)]
                at += len(piece)
                for part in parser.feed(piece):
                    found += 1
                    if isinstance(part, Jpeg):
                        assert part.data.startswith(b"\xff\xd8")
                        assert part.data.endswith(b"\xff\xd9")
                assert parser.kept_bytes <= len(stream)
        except DeviceError:
            continue
    return found


def test_a_sample_of_mutated_streams_is_survived() -> None:
    assert feed_mutated(3_000, seed=1) > 1_000  # many pictures are whole still


@pytest.mark.soak
def test_a_hundred_thousand_mutated_streams_are_survived() -> None:
    assert feed_mutated(100_000, seed=2) > 33_000


@given(st.binary(max_size=2000))
def test_any_bytes_at_all_give_parts_or_an_error(data: bytes) -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=\r\n\r\n"
    for stream in (data, head.replace(b"=", b"=x") + data, b"HTTP/1.0 200" + data):
        parser = MjpegParser()
        try:
            parser.feed(stream)
        except DeviceError:
            continue
        assert parser.kept_bytes <= len(stream)
