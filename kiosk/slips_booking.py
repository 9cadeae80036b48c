"""A booking on paper: when and where, the code to check in with, and its page. No name, no number of a person.

The matter is named, so that the citizen knows what to bring; a sensitive one (救助, 助残) is printed as 综合.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from devices.printer.slip import Feed, Line, Qr, Rule, Slip, SlipItem
from kiosk.slips import GENERAL_EN, GENERAL_ZH, pair
from kiosk.text import full_width
from queue_server.wire.dates import day_words
from queue_server.wire.paths import booking_path

if TYPE_CHECKING:
    from kiosk.flow.state import Site
    from queue_server.wire import messages as wire


def booking_address(site: Site, hall: str, reply: wire.BookedReply) -> str:
    """The page on which the booking can be moved or cancelled; also what checks in at a terminal's scanner."""
    return site.public_url.rstrip("/") + booking_path(hall, reply.appointment, reply.code)


def grouped(code: str) -> str:
    """Eight digits in two groups: easier to read off and to type."""
    return f"{code[:4]} {code[4:]}" if len(code) == 8 else code


def booking_slip(
    reply: wire.BookedReply,
    site: Site,
    names: tuple[str, str],
    *,
    lang: str = "zh-Hans",
    reprint: bool = False,
) -> Slip:
    """``names`` of the matter in both languages, empty for a sensitive one."""
    at = reply.slot_start.astimezone(ZoneInfo(site.tz))
    zh, en = day_words(at.date())
    rules: list[Line] = []
    if reply.early_min is not None:
        rules += pair(
            f"可提前 {reply.early_min} 分钟签到",
            f"Check in up to {reply.early_min} min before",
            lang,
            align_center=True,
        )
    if reply.late_min is not None:
        rules += pair(
            f"迟到 {reply.late_min} 分钟内仍按预约",
            f"Up to {reply.late_min} min late it still counts",
            lang,
            align_center=True,
        )
    return _slip(
        (reply.hall_zh, reply.hall_en),
        ("预约单 BOOKING", *(("补打 REPRINT",) if reprint else ())),
        [
            Line(f"{at:%H:%M}", size=5, align="center", bold=True),
            *pair(zh, en, lang, size=2, align_center=True),
            *_names(names, lang),
            Rule(),
            *pair("签到码", "Check-in code", lang, align_center=True),
            Line(grouped(reply.code), size=3, align="center", bold=True),
            Feed(),
            Qr(booking_address(site, site.hall, reply)),
            *pair("扫码签到、改期、取消", "Scan to check in, move or cancel", lang, align_center=True),
            *rules,
            *([Line(full_width(reply.address_zh), align="center")] if reply.address_zh else []),
        ],
        site,
    )


def waiting_slip(
    reply: wire.WaitingReply,
    site: Site,
    names: tuple[str, str],
    *,
    lang: str = "zh-Hans",
    reprint: bool = False,
) -> Slip:
    """A place on the waiting list: there is nothing to check in with, only its page to be looked at."""
    zh, en = day_words(reply.day)
    return _slip(
        (reply.hall_zh, reply.hall_en),
        ("候补单 WAITING LIST", *(("补打 REPRINT",) if reprint else ())),
        [
            *pair(zh, en, lang, size=2, align_center=True),
            *_names(names, lang),
            *pair("还不是预约", "Not booked yet", lang, bold=True, align_center=True),
            Feed(),
            Qr(site.public_url.rstrip("/") + reply.path),
            *pair("有空位时在此页确认", "Confirm here when a place is free", lang, align_center=True),
            *pair(
                f"空位为您保留 {reply.hold_min} 分钟",
                f"It is kept for {reply.hold_min} minutes",
                lang,
                align_center=True,
            ),
        ],
        site,
    )


def _names(names: tuple[str, str], lang: str) -> tuple[Line, Line]:
    zh, en = names if names[0] else (GENERAL_ZH, GENERAL_EN)
    return pair(full_width(zh), en, lang, align_center=True)


def _slip(hall: tuple[str, str], heads: tuple[str, ...], body: list[SlipItem], site: Site) -> Slip:
    items: list[SlipItem] = [
        Line(full_width(hall[0]), size=1, align="center", bold=True),
        Line(hall[1], align="center"),
        Rule(),
        *(Line(head, size=2, align="center", bold=True) for head in heads),
        *body,
        Rule(),
        Line(full_width(site.name_zh), align="center"),
    ]
    return Slip(tuple(items))
