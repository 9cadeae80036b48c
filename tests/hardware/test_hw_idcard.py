"""A real card reader: that it answers as the manuals say, and, with a card laid down by hand, that it reads.

    pytest -m hardware --port=/dev/serial/by-id/...

Nothing is set up or changed in the module. Lay the card down when asked; without one the last test is skipped, the
others need none. Use a card whose holder stands beside you: nothing of it is printed or kept.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devices.events import CardGone, CardSeen, CardTrouble, DeviceEvent
from devices.idcard import protocol
from devices.idcard.asking import Asking, Timing
from devices.idcard.driver import Reader, open_reader
from devices.idcard.protocol import Meaning
from devices.transport import Transport, open_transport

pytestmark = pytest.mark.hardware

CARD_S = 20.0


@pytest.fixture
def port(port_of: Callable[[str], str]) -> str:
    return port_of("idcard")


@pytest.fixture
def line(port: str) -> Iterator[Transport]:
    line = open_transport(port)
    yield line
    line.close()


@pytest.fixture
def reader(port: str) -> Iterator[Reader]:
    reader = open_reader(port)
    yield reader
    reader.close()


def test_it_says_who_it_is(reader: Reader) -> None:
    model = reader.identify()
    assert model.startswith("SAM")
    assert reader.baud in protocol.RATES
    tell(f"{model} at {reader.baud} baud")


def test_its_sam_says_that_it_is_sound_three_times_in_a_row(line: Transport) -> None:
    module = Asking(line, Timing())
    _, status = module.find_rate(protocol.RATES)
    assert status.meaning is Meaning.DONE, f"status word {status.status:02X}"
    for _ in range(3):
        assert module.ask(protocol.SAM_STATUS, 1.0).meaning is Meaning.DONE


def test_it_answers_ten_polls_with_a_word_the_table_has(line: Transport) -> None:
    module = Asking(line, Timing())
    module.find_rate(protocol.RATES)
    words: list[int] = []
    for _ in range(10):
        began_s = time.monotonic()
        words.append(module.ask(protocol.FIND_CARD, 0.5).status)
        time.sleep(max(0.0, began_s + Timing().poll_s - time.monotonic()))  # the vendor's pause, not a hope
    tell(f"ten polls answered {' '.join(f'{word:02X}' for word in words)}")
    assert set(words) <= {0x80, 0x9F}


def test_a_card_is_read_and_told_once(reader: Reader) -> None:
    """Waits 20 s for a card, then 3 s with it lying there, then 20 s for it to be lifted."""
    reader.identify()
    told: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    stop = threading.Event()
    thread = threading.Thread(target=reader.run, args=(told.put, queue.SimpleQueue(), stop))
    thread.start()
    try:
        tell(f"请放卡 / lay a card on the reader within {CARD_S:g} s, and leave it there")
        seen: list[DeviceEvent] = []
        until_s = time.monotonic() + CARD_S
        while not any(isinstance(event, CardSeen) for event in seen):
            try:
                seen.append(told.get(timeout=max(0.0, until_s - time.monotonic())))
            except queue.Empty:
                pytest.skip(f"no card was laid down, or none could be read: {[type(e).__name__ for e in seen]}")
            if isinstance(seen[-1], CardTrouble):
                tell(f"请重放 / {seen[-1].code}: place it again")
        [card] = [event.card for event in seen if isinstance(event, CardSeen)]
        tell(f"read: a {card.kind} card, number ending in a right check character")
        quiet_until_s = time.monotonic() + 3.0
        while (left_s := quiet_until_s - time.monotonic()) > 0:
            try:
                seen.append(told.get(timeout=left_s))
            except queue.Empty:
                break
        assert sum(isinstance(event, CardSeen) for event in seen) == 1, "a card left lying was told twice"
        gone = any(isinstance(event, CardGone) for event in seen)
        tell(f"after a reading this module {'answers no card' if gone else 'goes on finding it'} while it lies there")
        if not gone:
            tell(f"请取卡 / take the card away within {CARD_S:g} s")
            assert told.get(timeout=CARD_S) == CardGone("idcard")
    finally:
        stop.set()
        thread.join()


def tell(words: str) -> None:
    """To whoever stands there, past pytest's capturing."""
    print(words, file=sys.__stderr__, flush=True)
