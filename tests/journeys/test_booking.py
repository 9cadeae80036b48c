"""A time is booked at the kiosk by card, stands on the server, and is checked in by the same card."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.journey

CARD = "li"


def _to_days(hall: Any) -> dict[str, Any]:
    hall.touch("take-ticket")
    hot = hall.reaches("Hot")
    hall.touch(next(name for name in hot["targets"] if name.startswith("matter:")))
    hall.reaches("Confirm")
    hall.touch("book")
    return hall.reaches("Days")


def test_a_booking_made_at_the_kiosk_stands_and_is_checked_in_by_the_card(hall, until) -> None:  # noqa: ANN001
    hall.lift()
    hall.home()
    before = len(hall.tickets())
    days = [name for name in _to_days(hall)["targets"] if name.startswith("day:")]
    hall.touch(min(days))  # today: it is morning in this hall
    slots = hall.reaches("Slots")["targets"]
    hall.touch(min(name for name in slots if name.startswith("slot:")))
    hall.reaches("BookConfirm")
    hall.lay(CARD)
    # The card belongs to the booking and begins no check-in; without a card the way without one is not offered.
    until("the card to be taken in", lambda: "book-nameless" in hall.screen().get("targets", {}))
    assert hall.screen()["screen"] == "BookConfirm"
    hall.touch("book-now")
    hall.reaches("Booked")
    until("the booking slip", lambda: len(hall.tickets()) == before + 1)
    slip = hall.tickets()[0]
    address = next(code for code in slip["qr"] if "/b/" in code)
    page = httpx.get(hall.url + "/b/" + address.split("/b/")[1])
    assert page.status_code == 200
    assert "签到码" in page.text
    hall.touch("leave")
    hall.reaches("Start")
    hall.lift()
    until("the card to be gone", lambda: not hall.bench_state()["idcard"].get("card"))
    hall.lay(CARD)
    hall.reaches("Given")
    hall.lift()
    hall.home()
