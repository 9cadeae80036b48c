"""The words of booking: what the waiting list and the booking sheets refuse, and why a slot is not offered."""

from __future__ import annotations

from typing import Final

from queue_server.wire.door_words import Wording

BOOKING_WORDS: Final[dict[str, tuple[Wording, ...]]] = {
    "place-free": (
        (
            "{slot} 现在就有空位，不用排候补，请直接预约。",
            "{slot} is free right now, so there is no need to wait for a place. Please book it.",
        ),
        (
            "现在就有空位，不用排候补，请直接预约。",
            "There is a free place right now, so there is no need to wait for one. Please book it.",
        ),
    ),
    "already-waiting": (
        (
            "您已在这一天的候补名单里，请等候通知，不用再排。",
            "You are on that day's waiting list already. Please wait; there is no need to join again.",
        ),
    ),
    "waiting-list-full": (
        (
            "这一天的候补名单已满，请选别的日期，或到大厅直接取号。",
            "That day's waiting list is full. Please choose another day, or come and take a number.",
        ),
    ),
    "unknown-wish": (
        (
            "没有找到这个候补登记，请核对网址，或重新预约。",
            "This place on the waiting list was not found. Please check the address, or book again.",
        ),
    ),
    "offer-over": (
        (
            "为您保留的时间已过，空位给了下一位；请再排候补，或选别的时段。",
            "The time it was kept for you is over and the place went on. Please join the list again or choose another.",
        ),
    ),
    "bad-sheet": (
        (
            "预约放号表内容不对，没有采用，请重新计算。",
            "The booking sheet does not add up and was not adopted. Please compute it anew.",
        ),
    ),
}

WHY_NOT: Final[dict[str, Wording]] = {
    "full": ("已约满", "Fully booked"),
    "held": ("有人退约，正为候补的人保留", "Given back just now and kept for somebody on the waiting list"),
    "promise": (
        "再约一位，别人的等候就会超过承诺的时间",
        "One more visit of this length would make others wait longer than promised",
    ),
    "no-window": ("这个时段没有能办此事的窗口", "No window for this matter is planned at that time"),
    "begun": ("已经开始", "Has already begun"),
    "closed": ("大厅这一天不开放", "The hall is closed that day"),
    "beyond-horizon": ("还没到开放预约的日期", "Booking for that day has not opened yet"),
}
"""Why a slot, or a whole day, is not offered: ``domain.places.NotOffered`` in words."""


def why_not(code: str) -> Wording:
    """``(zh, en)``; a reason without words is simply not free."""
    return WHY_NOT.get(code, ("不能预约", "Cannot be booked"))
