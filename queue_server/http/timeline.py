"""What happened to one ticket, event by event, in words: for a manager or an auditor who asks "why so late?".

Pure. Windows and terminals are named, people are not: neither the citizen nor a colleague (product.md §4.9), nor
for what reason a citizen asked for priority; the event log itself knows who pressed the key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from queue_server.domain import messages as m
from queue_server.domain.messages import Event
from queue_server.domain.model import HallPlan, Ticket
from queue_server.http import words
from queue_server.http.alarm_words import cure_words, kind_words
from queue_server.http.board import counter_names
from queue_server.http.why import explain
from queue_server.http.words import Pair


class Line(msgspec.Struct, frozen=True):
    """``level``: ok, warn, bad or plain; ``why_zh`` the reason of a call."""

    at: datetime
    zh: str
    en: str
    level: str = "plain"
    why_zh: str = ""
    why_en: str = ""


_SOURCES: dict[str, Pair] = {
    "walk-in": ("现场取号", "Number taken on site"),
    "check-in": ("预约签到取号", "Checked in for a booking"),
    "offline": ("离线取号（断网时打印）", "Number printed off line"),
}
_ABANDONED: dict[str, Pair] = {
    "not-returned": ("过号后未返回", "did not come back after a missed call"),
    "day-closed": ("当日结束", "the day ended"),
}


def timeline(plan: HallPlan, events: list[Event]) -> list[Line]:
    """One line an event, in the log's order; those that say nothing of the ticket's way are left out."""
    lines = []
    for event in events:
        tell = _TELL.get(type(event))
        line = None if tell is None else tell(plan, event)
        if line is not None:
            lines.append(line)
    return lines


def minutes(seconds: int | None) -> Pair:
    """Whole minutes, with seconds where it is less than one."""
    if seconds is None:
        return "？", "?"
    if seconds < 60:
        return f"{seconds} 秒", f"{seconds} s"
    return f"{seconds // 60} 分钟", f"{seconds // 60} min"


def _issued(_plan: HallPlan, event: m.TicketIssued) -> Line:
    ticket = event.ticket
    zh, en = _SOURCES.get(event.source, (event.source, event.source))
    kind_zh, kind_en = words.KINDS[ticket.kind.value]
    limit = ticket.promise.limit_s // 60
    zh = f"{zh} {ticket.number}（{kind_zh}，承诺 {limit} 分钟内叫到）"
    en = f"{en}: {ticket.number} ({kind_en}, promised within {limit} min)"
    return _with_claim(ticket, Line(ticket.checked_in_at, zh, en))


def _with_claim(ticket: Ticket, line: Line) -> Line:
    """What became of the word to be booked, said with no line to the hall."""
    if not ticket.unmet:
        return line
    zh, en = words.UNMET.get(ticket.unmet, (ticket.unmet, ticket.unmet))
    return Line(line.at, f"{line.zh}，自称有预约：{zh}", f"{line.en}; says to be booked: {en}", "warn")


def _completed(_plan: HallPlan, event: m.OfflineTicketCompleted) -> Line:
    ticket = event.ticket
    line = Line(event.at, "自助机补报了离线号的情况", "The kiosk has told the rest of the off-line ticket")
    if ticket.appointment_id is not None:
        line = Line(event.at, "离线号已对上预约", "The off-line ticket was matched with its booking", "ok")
    return _with_claim(ticket, line)


def _called(plan: HallPlan, event: m.TicketCalled) -> Line:
    zh, en = counter_names(plan, event.counter)
    wait_zh, wait_en = "", ""
    if event.wait_net_s is not None:
        took_zh, took_en = minutes(event.wait_net_s)
        wait_zh, wait_en = f"，等候 {took_zh}", f" after {took_en}"
    why_zh, why_en = explain(event.why)
    return Line(event.at, f"呼叫到{zh}{wait_zh}", f"Called to {en}{wait_en}", "ok", why_zh, why_en)


def _again(plan: HallPlan, event: m.TicketCalledAgain) -> Line:
    zh, en = counter_names(plan, event.counter)
    return Line(event.at, f"{zh}第 {event.calls} 次呼叫", f"Call no. {event.calls} to {en}")


def _missed(plan: HallPlan, event: m.TicketMissed) -> Line:
    zh, en = counter_names(plan, event.counter)
    return Line(event.at, f"{zh}呼叫未到，过号（第 {event.misses} 次）", f"Missed at {en} (no. {event.misses})", "warn")


def _resumed(_plan: HallPlan, event: m.TicketResumed) -> Line:
    away_zh, away_en = minutes(event.paused_s)
    if event.lapsed:
        return Line(
            event.at, f"暂离时限到（{away_zh}），重新排队", f"Time away ran out ({away_en}); in line again", "warn"
        )
    return Line(event.at, f"回来了，暂离 {away_zh}", f"Back after {away_en} away")


def _materials(_plan: HallPlan, event: m.MaterialsAccepted) -> Line:
    took_zh, took_en = minutes(event.service_s)
    return Line(event.at, f"材料已收，办理用时 {took_zh}", f"Materials accepted after {took_en}", "ok")


def _finished(_plan: HallPlan, event: m.TicketFinished) -> Line:
    zh, en = words.OUTCOMES[event.outcome.value]
    if event.reason:
        more_zh, more_en = words.OVER_REASONS.get(event.reason, (event.reason, event.reason))
        zh, en = f"{zh}（超时原因：{more_zh}）", f"{en} (overrun: {more_en})"
    return Line(event.at, f"办结：{zh}", f"Finished: {en}", "ok")


def _transferred(plan: HallPlan, event: m.TicketTransferred) -> Line:
    from_zh, from_en = counter_names(plan, event.from_counter)
    to_zh, to_en = counter_names(plan, event.to_counter) if event.to_counter else ("其他窗口", "another window")
    why_zh, why_en = words.TRANSFER_REASONS.get(event.reason, (event.reason, event.reason))
    return Line(
        event.at,
        f"从{from_zh}转到{to_zh}，时钟不重计：{why_zh}",
        f"Sent from {from_en} to {to_en}, its clock kept: {why_en}",
        "warn",
    )


def _abandoned(_plan: HallPlan, event: m.TicketAbandoned) -> Line:
    zh, en = _ABANDONED.get(event.reason, (event.reason, event.reason))
    return Line(event.at, f"未办理，已结束：{zh}", f"Ended without service: {en}", "warn")


def _day_closed(_plan: HallPlan, event: m.DayClosed) -> Line:
    return Line(event.at, "当日结束时仍未办结", "Still open when the day ended", "warn")


def _disputed(_plan: HallPlan, event: m.OfflineTicketDisputed) -> Line:
    return Line(
        event.at,
        f"离线号 {event.printed_number} 已被占用或不在号段内，改发新号",
        f"The off-line number {event.printed_number} was taken or out of its block: a fresh one was given",
        "warn",
    )


def _says(zh: str, en: str, level: str = "plain") -> Callable[[HallPlan, Any], Line]:
    return lambda _plan, event: Line(event.at, zh, en, level)


def _at_window(zh: str, en: str, level: str = "plain") -> Callable[[HallPlan, Any], Line]:
    def tell(plan: HallPlan, event: Any) -> Line:
        name_zh, name_en = counter_names(plan, event.counter)
        return Line(event.at, f"{name_zh}{zh}", f"{name_en}: {en}", level)

    return tell


def _at_risk(plan: HallPlan, event: m.PromiseAtRisk) -> Line:
    zh, en = kind_words(plan, event.level)
    share = f"{100 * event.p_late:.0f}%"
    cure_zh, cure_en = cure_words(plan, event.cure) if event.cure is not None else ("", "")
    return Line(event.at, f"{zh}（{share}）", f"{en} ({share})", "warn", cure_zh, cure_en)


_TELL: dict[type[Event], Callable[[HallPlan, Any], Line | None]] = {
    m.TicketIssued: _issued,
    m.OfflineTicketDisputed: _disputed,
    m.OfflineTicketCompleted: _completed,
    m.AppointmentMet: lambda _plan, event: (
        Line(event.at, "迟到超过时限，改按现场号排队", "Too late for the slot: queued as a walk-in", "warn")
        if event.late
        else None
    ),
    m.TicketCancelled: _says("市民取消了号", "Cancelled by the citizen"),
    m.TicketCalled: _called,
    m.TicketCalledAgain: _again,
    m.TicketMissed: _missed,
    m.TicketReturned: _says("过号后返回，重新排队", "Back after the missed call; in line again"),
    m.TicketPaused: _says("市民暂离", "Away for a while"),
    m.TicketResumed: _resumed,
    m.IdentityCheckBegun: _at_window("开始身份核验", "identity check begun"),
    m.MaterialsAccepted: _materials,
    m.TicketFinished: _finished,
    m.TicketTransferred: _transferred,
    m.TicketAbandoned: _abandoned,
    m.DayClosed: _day_closed,
    m.PromiseAmber: _says("离承诺时间不远了", "The promised time is near", "warn"),
    m.PromiseBroken: _says("承诺时间已过，仍未叫到", "The promised time has passed without a call", "bad"),
    m.PromiseAtRisk: _at_risk,
    m.RiskEased: _says("超时的可能降低了", "The risk has fallen"),
    m.RiskBack: _says("超时的可能又升高了", "The risk is back", "warn"),
    m.RiskCleared: lambda _plan, event: (
        Line(event.at, "超时的风险已解除", "The risk is over", "ok") if event.because == "eased" else None
    ),
    m.ServiceAmber: _at_window("办理时间偏长", "the service takes long", "warn"),
    m.ServiceOver: _at_window("办理超过时限", "the service is over its limit", "bad"),
}
