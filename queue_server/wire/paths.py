"""The web addresses that citizens carry away: on a printed ticket's QR and after a booking.

Only paths: the public address in front of them is the terminal's or the server's own setting. All ASCII,
so that every phone's scanner reads them. The token is the whole secret of a ticket's page; hall, date and
number only say where to look.
"""

from __future__ import annotations

from datetime import date

from queue_server.wire.topics import checked


def ticket_path(hall: str, business_date: date, number: str, token: str) -> str:
    """The phone page of one ticket, e.g. ``/t/xinghe-hall/20261120/A023/k3J...``.

    Raises BadTopic if an id holds anything but letters, digits, ``_`` and ``-``.
    """
    return f"/t/{checked(hall)}/{business_date:%Y%m%d}/{checked(number)}/{checked(token)}"


def offline_path(hall: str, code: str) -> str:
    """The page of an off-line ticket, ``/o/HALL/CODE`` (``offline_code``). Raises BadTopic for a bad hall."""
    return f"/o/{checked(hall)}/{code}"


def booking_path(hall: str, appointment_id: str, code: str) -> str:
    """The page of one booking, where it can be moved or cancelled. Raises BadTopic like ``ticket_path``."""
    return f"/b/{checked(hall)}/{checked(appointment_id)}/{checked(code)}"


def wish_path(hall: str, wish_id: str, code: str) -> str:
    """The page of one place on the waiting list. Raises BadTopic like ``ticket_path``."""
    return f"/w/{checked(hall)}/{checked(wish_id)}/{checked(code)}"


def matter_path(matter: str, hall: str, lang: str = "zh") -> str:
    """What to bring for a matter, and from there to a booking at ``hall``. Raises BadTopic like ``ticket_path``."""
    return f"/m/{checked(matter)}?hall={checked(hall)}&lang={checked(lang)}"


def board_path(hall: str) -> str:
    return f"/board/{checked(hall)}"
