"""The power of a kiosk goes while it gives numbers of its own: none leaves twice, none that was shown is lost."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import uuid6

from kiosk.blocks import Blocks
from kiosk.outbox import Outbox
from queue_server.wire import messages as wire

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1200)]
ISSUE = Path(__file__).with_name("issue_forever.py")
SAMPLE, FULL = 4, 200
LATER = datetime.now(UTC) + timedelta(days=2)


def lend(outbox: Outbox, first: int, last: int) -> None:
    """A block as the hall would have lent it."""
    request = wire.LeaseBlock(id=str(uuid6.uuid7()), group="A")
    outbox.put("hall", request.id, msgspec.json.encode(request), datetime.now(UTC), keep=timedelta(minutes=10))
    block = f"block-{first}"
    reply = wire.BlockReply(
        id=request.id, block=block, group="A", business_date=date(2026, 1, 1), first=first, last=last, until=LATER
    )
    Blocks(outbox).lend(reply)


def waiting(outbox: Outbox) -> dict[str, str]:
    """Number and request of every ticket on its way to the hall."""
    tickets = [msgspec.json.decode(held.body, type=wire.AnyRequest) for held in outbox.pending()]
    assert all(isinstance(ticket, wire.OfflineTicket) for ticket in tickets)
    return {f"A{ticket.number:03d}": ticket.id for ticket in tickets if isinstance(ticket, wire.OfflineTicket)}


@pytest.mark.parametrize(
    "rounds", [pytest.param(SAMPLE, id="sample"), pytest.param(FULL, id="full", marks=pytest.mark.soak)]
)
def test_a_kiosk_killed_at_any_moment(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(rounds)
    shown: dict[str, str] = {}
    with closing(Outbox(tmp_path / "outbox.db")) as outbox:
        lend(outbox, 1, 99_999)
    for _ in range(rounds):
        kiosk = subprocess.Popen([sys.executable, str(ISSUE), str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert kiosk.stdout is not None
        with kiosk.stdout as said:
            assert said.readline() == "ready\n"
            lines = [said.readline() for _ in range(chance.randint(1, 60))]
            kiosk.kill()
            lines += said.readlines()
        kiosk.wait()
        for line in lines:
            if line.endswith("\n"):  # a line that was cut had been begun, not shown
                number, request = line.split()
                assert number not in shown, "given twice"
                shown[number] = request
        with closing(Outbox(tmp_path / "outbox.db")) as outbox:
            held = waiting(outbox)
        assert shown.items() <= held.items()
        assert len(held) - len(shown) <= rounds  # at most one a kill was on the disk and not yet shown
    print(f"{len(shown)} numbers over {rounds} kills")
