"""A citizen's own record at the kiosk: agreed to, looked up with the card, printed, and nowhere left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Hall

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

NAME, NUMBER = "张晓梅", "110199199207152022"  # an invented person of the bench


def test_a_record_is_agreed_to_shown_masked_printed_and_left_nowhere(hall: Hall, until: Callable[..., object]) -> None:
    hall.home()
    hall.touch("services")
    hall.reaches("ServiceMenu")
    hall.touch("look-up")
    hall.reaches("LookUps")
    hall.touch("page:1")
    hall.touch("look-up:M021")
    hall.reaches("Consent")
    hall.touch("agree")
    hall.reaches("LayCard")
    before = len(hall.tickets())
    hall.lay("zhang")
    hall.reaches("Record")
    hall.touch("print")
    hall.reaches("TakeAway")
    until("the paper", lambda: len(hall.tickets()) > before)
    assert NUMBER in str(hall.tickets()[0])
    hall.lift()
    hall.touch("taken")
    hall.reaches("Rate")
    hall.touch("skip")
    hall.reaches("Start")
    logs = b"".join(path.read_bytes() for path in (hall.var / "log").iterdir())
    stored = b"".join(path.read_bytes() for path in hall.var.glob("*.db*"))
    stored += b"".join(path.read_bytes() for path in (hall.var / "kiosk").glob("outbox*"))
    for secret in (NUMBER, NAME):
        assert secret.encode() not in logs
        assert secret.encode() not in stored
