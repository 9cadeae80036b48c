"""A ticket on paper: what the slip says, line by line, from the hall's own answer.

Number large, what it is for, where and by when, and a QR to the phone page. Chinese with English beside it,
for the ticket has no language switch. There is no field for a name, a number of a person or a phone; the
group of a sensitive matter (救助, 助残) is printed as 综合 (product.md §4.9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from devices.printer.slip import Feed, Line, Qr, Rule, Slip, SlipItem
from kiosk.text import full_width, where_to_wait

if TYPE_CHECKING:
    from kiosk.flow.state import Site
    from queue_server.wire import messages as wire

GENERAL_ZH, GENERAL_EN = "综合", "General services"


def page_address(site: Site, ticket: wire.TicketReply) -> str:
    """The phone page of ``ticket``: ASCII, the terminal's public address before the ticket's own path."""
    return site.public_url.rstrip("/") + ticket.path


def ticket_slip(
    ticket: wire.TicketReply,
    site: Site,
    *,
    sensitive: bool,
    lang: str = "zh-Hans",
    reprint: bool = False,
    remote: bool = False,
) -> Slip:
    """The slip of ``ticket``; a ``reprint`` says so, a ``remote`` one sends to the site's own place for video.

    ``lang`` en puts the English lines first.
    """
    tz = ZoneInfo(site.tz)
    taken, promised = ticket.checked_in_at.astimezone(tz), ticket.promised_by.astimezone(tz)
    zh, en = (GENERAL_ZH, GENERAL_EN) if sensitive else (full_width(ticket.group_zh), ticket.group_en)
    slot = f" {ticket.slot_start.astimezone(tz):%H:%M}" if ticket.slot_start else ""
    kind_zh, kind_en = {
        "appointment": (f"预约{slot}", f"Appointment{slot}"),
        "priority": ("优先", "Priority"),
        "walk-in": ("现场取号", "Walk-in"),
    }[ticket.ticket_kind]
    if ticket.for_other:
        kind_zh, kind_en = f"{kind_zh} · 代办", f"{kind_en}, for another person"
    low, high = ticket.wait_min_low, ticket.wait_min_high
    minutes = f"{low}–{high}" if low != high else f"{high}"
    items: list[SlipItem] = [
        Line(full_width(ticket.hall_zh), size=1, align="center", bold=True),
        Line(ticket.hall_en, align="center"),
        Rule(),
    ]
    if reprint:
        items.append(Line("补打 REPRINT", size=2, align="center", bold=True))
    items += [
        Line(ticket.number, size=6, align="center", bold=True),
        *pair(zh, en, lang, size=2, align_center=True),
        *pair(kind_zh, kind_en, lang, align_center=True),
        Rule(),
        *pair(*_ahead(ticket.ahead), lang, bold=True),
        *pair(*_wait(ticket.nobody, minutes), lang, bold=True),
        *pair(f"承诺 {promised:%H:%M} 前叫到您", f"We promise to call you by {promised:%H:%M}", lang),
        *pair(*where(ticket, site, remote=remote), lang),
        Feed(),
        Qr(page_address(site, ticket)),
        *pair("手机扫码看进度", "Scan to follow on your phone", lang, align_center=True),
        Rule(),
        Line(f"{taken:%Y-%m-%d %H:%M}  {full_width(site.name_zh)}", align="center"),
        Line("当日有效 Valid today only", align="center"),
    ]
    return Slip(tuple(items))


def where(ticket: wire.TicketReply, site: Site, *, remote: bool) -> tuple[str, str]:
    """Where to wait, in both languages."""
    if remote and site.remote_zh:
        return f"请到{full_width(site.remote_zh)}等候，视频办理", f"Please wait at {site.remote_en}, served by video"
    return f"请到{full_width(ticket.area_zh)}等候", f"Please wait {where_to_wait(ticket.area_en)}"


def own_slip(
    ticket: wire.TicketReply,
    site: Site,
    *,
    sensitive: bool,
    lang: str = "zh-Hans",
    reprint: bool = False,
    booked: str = "",
) -> Slip:
    """The slip of a number that the terminal gave by itself: what only the hall knows does not stand on it.

    ``booked``: ``said`` where its citizen says to be, and the hall has not matched it yet.
    """
    taken = ticket.checked_in_at.astimezone(ZoneInfo(site.tz))
    zh, en = (GENERAL_ZH, GENERAL_EN) if sensitive or not ticket.group_zh else (ticket.group_zh, ticket.group_en)
    items: list[SlipItem] = [
        Line(full_width(site.name_zh), size=1, align="center", bold=True),
        Rule(),
    ]
    if reprint:
        items.append(Line("补打 REPRINT", size=2, align="center", bold=True))
    items += [
        Line(ticket.number, size=6, align="center", bold=True),
        *pair(full_width(zh), en, lang, size=2, align_center=True),
        *pair("离线号票", "Offline ticket", lang, size=2, align_center=True),
        *(pair("代办", "For another person", lang, align_center=True) if ticket.for_other else ()),
        Rule(),
        *pair(*_own_place(booked), lang, bold=True),
        *pair("请在等候区留意叫号", "Please wait in the waiting area for your call", lang),
        Feed(),
        Qr(page_address(site, ticket)),
        *pair("窗口可扫此码叫号", "Any window can scan this code", lang, align_center=True),
        Rule(),
        Line(f"{taken:%Y-%m-%d %H:%M}", align="center"),
        Line("当日有效 Valid today only", align="center"),
    ]
    return Slip(tuple(items))


def _own_place(booked: str) -> tuple[str, str]:
    """What the place in the line is counted by."""
    if booked == "said":
        return "已算签到，联网后对上您的预约", "You are checked in; your booking is matched when back online"
    return "号码有效，按取号时间排队", "The number holds; your place counts from now"


def _wait(nobody: str, minutes: str) -> tuple[str, str]:
    """The range; or, where nobody can serve now, that it is not known."""
    if nobody:
        return "暂无窗口办理，等候时间无法预计", "No window serves this now; wait unknown"
    return f"预计等候 {minutes} 分钟", f"Expected wait {minutes} min"


def _ahead(count: int) -> tuple[str, str]:
    return (f"前面 {count} 人", f"{count} ahead of you") if count else ("下一个就是您", "You are next")


def pair(
    zh: str, en: str, lang: str, *, size: int = 1, bold: bool = False, align_center: bool = False
) -> tuple[Line, Line]:
    """Both languages, the citizen's own first and larger."""
    align = "center" if align_center else "left"
    first, second = (zh, en) if lang.startswith("zh") else (en, zh)
    return Line(first, size=size, align=align, bold=bold), Line(second, align=align)  # type: ignore[arg-type]
