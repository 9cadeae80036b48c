"""A photo crosses the wire and is nowhere afterwards: every object that the reader holds is looked into."""

from __future__ import annotations

import gc
import queue
import threading
import types
from pathlib import Path

import pytest

from devices.events import CardSeen, CardTrouble, DeviceEvent
from devices.idcard import sim as simulator
from devices.idcard.driver import Reader, Timing
from devices.idcard.protocol import READ_TEXT_AND_PHOTO, READ_WITH_FINGERPRINTS, request
from devices.idcard.sim import CardFaults, IdCardSim
from devices.transport import Transport, open_transport

BRISK = Timing(settle_s=0.0, poll_s=0.03, quiet_s=0.1)
PHOTO = simulator._PHOTO
PIECES = {PHOTO[at : at + 8] for at in range(len(PHOTO) - 7)}


def bytes_held_by(root: object) -> list[bytes]:
    """Every bytes-like object that can be reached from ``root``, modules and their functions left out."""
    seen: set[int] = set()
    found: list[bytes] = []
    ahead = [root]
    while ahead:
        one = ahead.pop()
        if id(one) in seen or isinstance(one, types.ModuleType | types.FunctionType | type):
            continue
        seen.add(id(one))
        if isinstance(one, bytes | bytearray | memoryview):
            found.append(bytes(one))
        else:
            ahead += gc.get_referents(one)
    return found


def photo_in(held: list[bytes]) -> bool:
    return any(data[at : at + 8] in PIECES for data in held for at in range(len(data) - 7))


def test_the_search_would_find_it() -> None:
    holder = types.SimpleNamespace(kept=[{"late": bytearray(b"...." + PHOTO[500:520])}])
    assert photo_in(bytes_held_by(holder))
    assert not photo_in(bytes_held_by(types.SimpleNamespace(kept=bytes(2000))))


@pytest.mark.parametrize("faults", [{}, {"truncated": True}, {"glued": True}], ids=["whole", "broken off", "glued"])
@pytest.mark.parametrize("fingerprints", [None, 0, 512, 1024])
def test_after_a_reading_no_piece_of_the_photo_is_left_in_the_reader(
    tmp_path: Path, faults: dict[str, bool], fingerprints: int | None
) -> None:
    told: list[DeviceEvent] = []
    stop = threading.Event()

    def first(event: DeviceEvent) -> None:
        told.append(event)
        assert not photo_in(bytes_held_by(reader))  # while the event is told, too
        stop.set()

    card_faults = CardFaults(fingerprint_bytes=fingerprints or 0, **faults)
    with IdCardSim(tmp_path / "idcard", faults=card_faults) as sim:
        sim.put("rare")
        line = AskingForMore(open_transport(sim.address)) if fingerprints is not None else open_transport(sim.address)
        reader = Reader(line, timing=BRISK)
        reader.identify()
        reader.run(first, queue.SimpleQueue(), stop)
        assert not photo_in(bytes_held_by(reader))
        assert not photo_in(bytes_held_by(told))
        reader.close()
    assert isinstance(told[0], CardTrouble if "truncated" in faults else CardSeen)


class AskingForMore:
    """A line on which each reading is asked for with fingerprints: what a module answers then is dropped as well."""

    def __init__(self, line: Transport) -> None:
        self.address = line.address
        self._line = line
        self.read, self.drop_input, self.set_baud, self.close = (
            line.read, line.drop_input, line.set_baud, line.close,
        )  # fmt: skip

    def write(self, data: bytes, timeout_s: float) -> None:
        assert request(0x30, 0x10) == READ_WITH_FINGERPRINTS
        self._line.write(READ_WITH_FINGERPRINTS if data == READ_TEXT_AND_PHOTO else data, timeout_s)
