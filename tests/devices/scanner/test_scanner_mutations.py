"""Damaged, glued, torn and invented streams into the splitter, the text rules, the sieve and the trigger.

Two questions. With answers whole, and where an engine can put them, and any text in the codes: is what comes out
exactly what was shown? With bytes flipped, lost, doubled and thrown in: does nothing crash, grow, or pass that is not
there?
"""

from __future__ import annotations

import binascii
import random
from collections import Counter
from typing import get_args

import pytest

from devices.errors import DeviceError
from devices.scanner.answers import Answer, Make
from devices.scanner.dialects import dialect_of
from devices.scanner.protocol import LONGEST, Code, CodeSplitter, Part, Sieve, TooLong, text_of
from devices.scanner.text import CALM_S, FLOOD_CODES
from devices.scanner.trigger import Trigger

MAKES: tuple[Make, ...] = get_args(Make)
PREFIXES = (b"]Q3", b"]Q", b"\x02")
SUFFIXES = (b"\r", b"\n", b"\r\n", b"")
PAUSE_S = 0.5


def gm65(kind: int, data: bytes) -> bytes:
    body = bytes([kind, len(data)]) + data
    return b"\x02\x00" + body + binascii.crc_hqx(body, 0).to_bytes(2, "big")


def answer(make: Make, rng: random.Random) -> bytes:
    """A whole answer as that make sends it; registers may hold CR, LF and STX."""
    match make:
        case "gm65":
            data = bytes(rng.choice([0, 2, 10, 13, 0x31, rng.randrange(256)]) for _ in range(rng.randint(1, 4)))
            return gm65(rng.choice([0, 0, 0, 1, 3]), data)
        case "newland":
            body = rng.choice([b"SCNTRG1", b"SCNTRG0", b"SCNMOD0", b"ORTSET10000", b"QRYSYSName: X\r\nVersion: 1\r\n"])
            return (
                b"\x02\x010000" + rng.choice([b"@", b"#"]) + body + rng.choice([b"\x06", b"\x15", b"\x05"]) + b";\x03"
            )
        case _:
            body = rng.choice([b"TRGMOD0", b"TRGMOD3", b"TRGSTO10000"])
            return body + rng.choice([b"\x06", b"\x15", b"\x05"]) + rng.choice([b"!", b"."])


def shown(rng: random.Random) -> bytes:
    """What a code may hold: a ticket's token, Chinese in either encoding, a long one, one with controls in it."""
    match rng.randrange(5):
        case 0:
            return f"http://127.0.0.1/t/{rng.getrandbits(64):x}".encode()
        case 1 | 2:
            text = "".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(rng.randint(1, 20)))
            return text.encode(rng.choice(["utf-8", "gb18030"]))
        case 3:
            return b"T" + bytes(rng.choice(b"A\x00\x1b\x7f-\x1d") for _ in range(rng.randint(0, 10))) + b"-1"
        case _:
            return b"x" * rng.randint(1, LONGEST)


def fed(splitter: CodeSplitter, wire: bytes, now_s: float, rng: random.Random) -> list[Part]:
    """``wire`` in pieces as a line hands them over."""
    out: list[Part] = []
    at = 0
    most = rng.choice([1, 7, 64, 4096])
    while at < len(wire):
        size = rng.randint(1, most)
        out += splitter.feed(wire[at : at + size], now_s)
        assert len(splitter._kept) <= CodeSplitter.MOST_KEPT
        at += size
    return out


def shown_and_told(seed: int, streams: int) -> Counter[str]:
    """Streams that engines can send: what was shown must be told, whole and alone."""
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    for _ in range(streams):
        make = rng.choice(MAKES)
        suffix, prefix = rng.choice(SUFFIXES), rng.choice([b"", *PREFIXES])
        splitter = CodeSplitter(PREFIXES, spoken_to=make)
        told: list[Part] = []
        expected: list[bytes] = []
        now_s = 0.0
        for _ in range(rng.randint(1, 4)):
            wire = b"".join(answer(make, rng) for _ in range(rng.choice([0, 0, 1, 2])))
            if rng.random() < 0.9:
                expected.append(shown(rng))
                wire += prefix + expected[-1] + suffix
            wire += b"".join(answer(make, rng) for _ in range(rng.choice([0, 0, 1])))
            told += fed(splitter, wire, now_s, rng)
            if not suffix or rng.random() < 0.3:  # without a suffix, only a pause parts two codes
                now_s += PAUSE_S
                told += splitter.quiet(now_s)
        told += splitter.quiet(now_s + PAUSE_S)
        assert [part.data for part in told if isinstance(part, Code)] == expected, (make, suffix, prefix)
        assert not any(isinstance(part, TooLong) for part in told)
        done["codes"] += len(expected)
        done["answers"] += sum(isinstance(part, Answer) for part in told)
    return done


def damaged(wire: bytes, rng: random.Random) -> bytes:
    data = bytearray(wire)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + rng.randint(1, 4)]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 3:
                data[at:at] = data[at : at + rng.randint(1, 40)]
            case 4:
                data[at:at] = rng.choice([b"\0", b"\x02", b"\x02\x00", b"\x02\x010000", b";\x03", b"\r", b"\xff"])
            case _:
                data[at:at] = rng.randbytes(1) * rng.randint(1, 1500)
    return bytes(data)


def feed_damaged(seed: int, streams: int) -> Counter[str]:
    """Streams that no engine should send: what comes of them, counted."""
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    for _ in range(streams):
        make = rng.choice([None, *MAKES])
        wire = b"".join(
            rng.choice([answer(make or rng.choice(MAKES), rng), shown(rng) + rng.choice(SUFFIXES)])
            for _ in range(rng.randint(1, 6))
        )
        wire = damaged(wire, rng)
        splitter = CodeSplitter(PREFIXES, spoken_to=make)
        splitter.awaits_description = make == "honeywell" and rng.random() < 0.1
        sieve = Sieve()
        trigger = _trigger(make)
        parts = fed(splitter, wire, 1.0, rng) + splitter.quiet(2.0)
        assert splitter.gap_at_s is None
        for at, part in enumerate(parts):
            done[type(part).__name__] += 1
            match part:
                case Answer(make="gm65", problem="" | "refused", data=data):
                    assert any(gm65(kind, data) in wire for kind in range(4)), "an answer without its checksum"
                case Code(data=data):
                    assert 0 < len(data) <= LONGEST
                    assert data in wire
                    done["read"] += _read(data, sieve, at)
            if trigger is not None:
                _live(trigger, part, 2.0 + at / 10, done)
    return done


def _trigger(make: Make | None) -> Trigger | None:
    dialect = None if make is None else dialect_of(make)
    return None if dialect is None else Trigger(dialect, 1.0)


def _read(data: bytes, sieve: Sieve, at: int) -> bool:
    text = text_of(data)
    if text is None:
        return False
    assert 0 < len(text) <= LONGEST
    assert text.isprintable() or not any(ord(character) < 0x20 for character in text)
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        pytest.fail(f"{data!r} is no text")
    sieve.passes(text, at / 100)
    assert len(sieve._seen) <= FLOOD_CODES + 1
    return True


def _live(trigger: Trigger, part: Part, now_s: float, done: Counter[str]) -> None:
    try:
        while trigger.due(now_s) is not None:
            pass
        if isinstance(part, Answer):
            trigger.heard(part, now_s)
        else:
            trigger.code(now_s, used=isinstance(part, Code))
        while trigger.due(now_s) is not None:
            pass
    except DeviceError as error:
        done[type(error).__name__] += 1
    assert trigger.wake_at_s(now_s) >= 0
    assert len(trigger._strays) <= 4


def pour(seed: int, seconds: float) -> int:
    """A flood of different codes at changing rates through splitter and sieve; return the most told in ``CALM_S``."""
    rng = random.Random(seed)
    splitter, sieve = CodeSplitter(), Sieve()
    told: list[float] = []
    now_s = 0.0
    while now_s < seconds:
        now_s += rng.choice([0.0001, 0.01, 0.1, 0.3, 1.1])
        for part in splitter.feed(b"%d\r" % rng.randrange(10_000), now_s):
            assert isinstance(part, Code)
            if sieve.passes(text_of(part.data) or "", now_s):
                told.append(now_s)
    return max(sum(at_s <= other < at_s + CALM_S for other in told[n : n + 50]) for n, at_s in enumerate(told))


def test_a_sample_of_streams_is_told_as_it_was_shown() -> None:
    done = shown_and_told(seed=1, streams=2_000)
    assert done["codes"] > 2_000
    assert done["answers"] > 2_000


def test_a_sample_of_damaged_streams() -> None:
    done = feed_damaged(seed=2, streams=2_000)
    assert {"Code", "Answer", "TooLong", "read", "LinkGarbled"} <= set(done)


def test_in_a_flood_of_any_rate_few_are_told() -> None:
    assert 1 < pour(seed=3, seconds=200) <= FLOOD_CODES + 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_streams_are_told_as_they_were_shown() -> None:
    print(dict(shown_and_told(seed=4, streams=100_000)))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_damaged_streams() -> None:
    print(dict(feed_damaged(seed=5, streams=100_000)))
