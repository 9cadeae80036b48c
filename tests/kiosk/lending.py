"""Numbers of a terminal's own, without a hall that lends them: for terminals that a test starts alone."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uuid6

from kiosk.blocks import Blocks
from kiosk.outbox import Outbox
from queue_server.wire import messages as wire


def lend(var: Path, count: int = 50) -> None:
    """Put a block into the outbox of the terminal with this ``var``; one that runs finds it within seconds."""
    now, request = datetime.now(UTC), str(uuid6.uuid7())
    with closing(Outbox(var / "outbox.db")) as outbox:
        outbox.put("hall", request, b"{}", now, session="lease:A", keep=timedelta(days=1))
        Blocks(outbox).lend(
            wire.BlockReply(
                id=request,
                block=f"b{request[:8]}",
                group="A",
                business_date=now.date(),
                first=1,
                last=count,
                until=now + timedelta(days=1),
            )
        )
