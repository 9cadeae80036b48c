"""Damaged replies by the thousand: nothing crashes, nothing broken is accepted, nothing piles up.

What a right frame is, and what a right number is, is worked out here a second time and in another way.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from devices.errors import UnusableCard
from devices.idcard.layouts import parse_text
from devices.idcard.people import PEOPLE, block_of
from devices.idcard.protocol import Garbled, Reply, ReplyParser, address_of, management_number_of, text_of
from devices.idcard.record import CardKind

H = bytes.fromhex
MARK = H("AA AA 96 69")
MOST_KEPT = 6 + 0x0A00  # the longest frame, without one of its three AA


def framed(body: bytes) -> bytes:
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return H("AA AA AA 96 69") + counted + bytes([checksum(counted)])


def checksum(data: bytes) -> int:
    """XOR of all bytes, by columns of bits."""
    total = 0
    for bit in range(8):
        total |= (sum(byte >> bit & 1 for byte in data) & 1) << bit
    return total


PHOTO = H("57 4C 66 00 7E 00 32 00") + bytes((5 * n * n + 3 * n) % 256 for n in range(1016))
BLOCKS = [block_of(person) for person in PEOPLE.values()]
READS = [framed(H("00 00 90 01 00 04 00") + block + PHOTO) for block in BLOCKS]
FINGERS = [
    framed(H("00 00 90 01 00 04 00") + n.to_bytes(2, "big") + BLOCKS[0] + PHOTO + bytes(n)) for n in (0, 512, 1024)
]
SHORT = [
    H("AA AA AA 96 69 00 04 00 00 90 94"),
    H("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97"),
    H("AA AA AA 96 69 00 04 00 00 80 84"),
    H("AA AA AA 96 69 00 0C 00 00 90 00 00 00 00 00 00 00 00 9C"),
    H("AA AA AA 96 69 00 04 00 00 81 85"),
    H("AA AA AA 96 69 00 04 00 00 41 45"),
    H("AA AA AA 96 69 00 05 05 05 05 05"),
    framed(H("00 00 90") + BLOCKS[0][52:122]),
    framed(H("00 00 90") + bytes(range(1, 29))),
]


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Flip bits, cut, insert, repeat, swap and overwrite, a few times over."""
    wire = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(wire) + 1)
        match rng.randrange(8):
            case 0 if at < len(wire):
                wire[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(wire):
                wire[at] = rng.randrange(256)
            case 2:
                del wire[at : at + rng.choice((1, 1, 2, 7, 300))]
            case 3:
                wire[at:at] = rng.randbytes(rng.choice((1, 1, 2, 7, 40)))
            case 4:
                wire[at:at] = b"\0"
            case 5:
                wire[at:at] = wire[at : at + rng.choice((1, 4, 60))]
            case 6:
                wire[at:at] = rng.choice(SHORT)
            case _:
                del wire[at:]
    return bytes(wire)


def wires(rng: random.Random, count: int) -> Iterator[bytes]:
    """``count`` damaged frames, glued in handfuls."""
    left = count
    while left:
        handful = min(left, rng.choice((1, 1, 2, 3)))
        left -= handful
        yield b"".join(
            damaged(rng, rng.choice(rng.choices((SHORT, READS, FINGERS), (3, 2, 1))[0])) for _ in range(handful)
        )


def in_pieces(rng: random.Random, wire: bytes) -> Iterator[bytes]:
    piece = rng.choice((1, 3, 16, 64, 600, 5000))
    if piece == 1 and len(wire) > 400:
        piece = 7
    at = 0
    while at < len(wire):
        size = rng.randint(1, piece)
        yield wire[at : at + size]
        at += size


def was_sent(reply: Reply, wire: bytes) -> bool:
    """Whether ``wire`` holds, in one piece, a frame with the right checksum that says what ``reply`` says."""
    at = wire.find(MARK)
    while at >= 0:
        length = int.from_bytes(wire[at + 4 : at + 6], "big")
        body = wire[at + 6 : at + 6 + length]
        if (
            4 <= length <= 0x0A00
            and len(body) == length == 3 + len(reply.data) + reply.dropped + 1
            and body[2] == reply.status
            and body[3:].startswith(reply.data)
            and checksum(wire[at + 4 : at + 6 + length]) == 0
        ):
            return True
        at = wire.find(MARK, at + 1)
    return False


def feed_damaged(seed: int, frames: int) -> dict[str, int]:
    """Feed so many damaged frames; return what came of them."""
    rng = random.Random(seed)
    seen = {"wires": 0, "replies": 0, "cards": 0, "garbled": 0}
    for wire in wires(rng, frames):
        seen["wires"] += 1
        parser = ReplyParser()
        out: list[Reply | Garbled] = []
        for piece in in_pieces(rng, wire):
            out += parser.feed(piece)
            assert len(parser._kept) <= MOST_KEPT
        for event in out:
            if isinstance(event, Garbled):
                seen["garbled"] += 1
                continue
            seen["replies"] += 1
            assert was_sent(event, wire), wire.hex()
            assert event.meaning
            address_of(event)
            management_number_of(event)
            if (block := text_of(event)) is not None:
                seen["cards"] += parsed(block)
    return seen


def right_number(number: str) -> bool:
    """GB 11643 the other way round (ISO 7064, MOD 11-2): the weighted sum with the check character leaves 1."""
    digits = [10 if character == "X" else int(character) for character in number]
    return sum(digit * pow(2, 17 - place, 11) for place, digit in enumerate(digits)) % 11 == 1


def parsed(block: bytes) -> bool:
    try:
        card = parse_text(block)
    except UnusableCard as error:
        if error.trouble not in {"unknown-layout", "bad-number", "bad-date"}:
            raise
        return False
    assert card.name
    if card.kind is not CardKind.FOREIGN_2017:
        assert right_number(card.number)
    card.masked()
    card.spelled_out()
    return True


def parse_damaged(seed: int, blocks: int) -> int:
    """Parse so many damaged text blocks; return how many were still cards."""
    rng = random.Random(seed)
    cards = 0
    for _ in range(blocks):
        block = bytearray(rng.choice(BLOCKS))
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            at = rng.randrange(256)
            match rng.randrange(4):
                case 0:
                    block[at] ^= 1 << rng.randrange(8)
                case 1:
                    block[at] = rng.randrange(256)
                case 2:
                    other = rng.choice(BLOCKS)
                    block[at : at + 20] = other[at : at + 20]
                case _:
                    at &= ~1
                    block[at : at + 2] = rng.randrange(0x10000).to_bytes(2, "little")
        if rng.random() < 0.02:
            del block[rng.randrange(256) :]
        cards += parsed(bytes(block))
    return cards


def test_a_sample_of_damaged_replies() -> None:
    seen = feed_damaged(seed=1, frames=2_000)
    assert seen["replies"] > 300
    assert seen["garbled"] > 300
    assert seen["cards"] > 20


def test_a_sample_of_damaged_cards() -> None:
    assert 200 < parse_damaged(seed=2, blocks=2_000) < 1_900


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_hundred_thousand_damaged_replies() -> None:
    seen = feed_damaged(seed=3, frames=100_000)
    print(seen)
    assert seen["replies"] > 15_000


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_hundred_thousand_damaged_cards() -> None:
    print(parse_damaged(seed=4, blocks=100_000), "of 100,000 were still cards")
