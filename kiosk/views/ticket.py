"""The ticket: the number first, then where to wait, how many are ahead, how long, and how to take it along."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.flow import State, pages
from kiosk.flow.asking import may_reprint
from kiosk.flow.texting import offered
from kiosk.slips import page_address
from kiosk.text import Words, where_to_wait
from kiosk.views.calm import MessageView
from kiosk.views.dates import plain_day
from kiosk.views.headline import line_by_line
from kiosk.views.parts import Button, Frame, Tone, Waiting, frame, last_known, local, minutes, unserved
from queue_server.wire import messages as wire


@dataclass(frozen=True, slots=True)
class TicketView:
    """``qr`` is the phone page's address; ``paper`` says how the print-out is doing.

    ``note`` is what somebody who is late, or whose card has run out, should know; ``away`` how one may step out.
    """

    frame: Frame
    number: str
    area: str
    kind: str
    note: str
    away: str
    waiting: Waiting
    promise: str
    qr: str
    qr_note: str
    paper: str
    paper_tone: Tone
    actions: tuple[Button, ...]
    leaves: int = 1
    """Of the small panel, this one counted."""


_PAPER: dict[str, tuple[str, Tone]] = {
    "none": ("没有打印，请记下号码或扫码", "plain"),
    "printing": ("正在打印号票", "plain"),
    "printed": ("号票已打印，请取走", "good"),
    "sent": ("号票已送打印，没有出来请点补打", "plain"),
    "failed": ("没有打印成功，请点补打", "amber"),
    "unknown": ("不确定是否印出，没有请点补打", "amber"),
}


_STEP_OUT = "手机扫号票上的码，点“暂离”，次序为您保留；回来点“我回来了”。一张号只能用一次。没有手机请找工作人员。"
_BY_VIDEO = "请到{place}等候，视频办理"


def given(state: State, page: pages.Given, w: Words) -> TicketView:
    if page.own:
        return own_number(state, page, w)
    ticket = page.ticket
    paper, tone = _PAPER[page.printing]
    again = may_reprint(page, printer_works=state.kiosk.works("printer"))
    if page.printing in {"sent", "unknown", "failed"} and not again:
        paper = "请拍照或扫码，记下号码一样有效"
    line = Waiting(
        people=ticket.ahead,
        low=0 if ticket.nobody else ticket.wait_min_low,
        high=0 if ticket.nobody else ticket.wait_min_high,
        count=w.count("前面 {n} 人", ticket.ahead) if ticket.ahead else w("下一个就是您"),
        range=unserved(w, ticket.nobody) if ticket.nobody else minutes(w, ticket.wait_min_low, ticket.wait_min_high),
        known=not ticket.nobody,
    )
    compact = state.kiosk.site.compact
    area = w("请到{area}等候", area=_area(ticket, w))
    if compact and not w.lang.startswith("zh"):
        area = w("到{area}等候", area=w.pick(ticket.area_zh, ticket.area_en))
    if page.remote and state.kiosk.site.remote_zh:
        place = w.pick(state.kiosk.site.remote_zh, state.kiosk.site.remote_en)
        area = w("请到{place}等候", place=place) if compact else w(_BY_VIDEO, place=place)
    promise = w("承诺 {time} 前叫到您", time=f"{local(state, ticket.promised_by):%H:%M}")
    top = frame(state, w, w("您的号码"), step=3, caption=w("请留意大屏和叫号"))
    paper = w(paper)
    kind, note = _kind(state, page, w), _note(state, page, w)
    away = "" if page.remote else w("要离开一会儿，可在手机页面点“暂离”一次")
    if page.texted:
        told = w("叫号前发短信到 {phone}", phone=page.texted)
        # The small panel has one line for how it stands with paper and phone.
        paper, tone, away = (told, "good", away) if state.kiosk.site.compact else (paper, tone, told)
    return TicketView(
        frame=top,
        number=ticket.number,
        area=area,
        kind=kind,
        note=note,
        away=away,
        waiting=line,
        promise=promise,
        qr=page_address(state.kiosk.site, ticket),
        # The small panel has one line for this and for where to wait.
        qr_note="" if page.remote and state.kiosk.site.compact else w("手机扫码看进度"),
        paper=paper,
        paper_tone=tone,
        actions=_actions(state, page, w, again=again),
        # EN 301 549 5.1.3.16: everything that is needed to check the ticket is said.
    )


def _actions(state: State, page: pages.Given, w: Words, *, again: bool) -> tuple[Button, ...]:
    """Done, and what else is useful; the small panel explains on a page of its own how one may step out."""
    done = Button("leave", w("完成"), icon="check", tone="primary")
    others = []
    if again:
        others.append(Button("reprint", w("打印号票") if page.printing == "none" else w("补打号票"), icon="ticket"))
    if page.ticket.next_slot is not None and state.kiosk.link_up:
        when = _slot(state, page.ticket.next_slot, page.ticket.checked_in_at, w)
        others.append(Button("book-next", w("改约 {time}", time=when), icon="calendar"))
    if offered(state, page):
        others.append(Button("text-me", w("短信提醒"), icon="phone"))
    if state.kiosk.site.compact and not page.remote and not page.own:
        others.append(Button("away", w("暂离说明"), icon="clock"))
    return (done, *others[:2])  # as many as stand in one row, or on one leaf


def _slot(state: State, slot: datetime, now: datetime, w: Words) -> str:
    """The time alone if it is today, else with its day."""
    at = local(state, slot)
    clock = f"{at:%H:%M}"
    return clock if at.date() == local(state, now).date() else f"{plain_day(at.date(), w)} {clock}"


def away(state: State, w: Words) -> MessageView:
    """How to step out: only the phone page can do it, or the staff."""
    sentence = w("要离开一会儿？")
    detail = line_by_line(w(_STEP_OUT))
    actions = (Button("back", w("返回"), icon="back", tone="primary"),)
    top = frame(state, w, w("暂离说明"), caption=w("号码和次序都保留"))
    return MessageView(top, "clock", "plain", sentence, detail, "", actions)


def _area(ticket: wire.TicketReply, w: Words) -> str:
    """Where to wait, as it stands in the sentence."""
    if w.lang == "en" and ticket.area_en:
        return where_to_wait(ticket.area_en)
    return w.pick(ticket.area_zh, ticket.area_en)


_OWN = {
    "waiting": "离线号票",
    "known": "离线号票 · 已同步",
    "renumbered": "离线号票",
}


def own_number(state: State, page: pages.Given, w: Words) -> TicketView:
    """Given without the hall: nothing is said that only the hall knows, and the code is for the window, too."""
    paper, tone = _PAPER[page.printing]
    again = may_reprint(page, printer_works=state.kiosk.works("printer"))
    if page.printing in {"sent", "unknown", "failed"} and not again:
        paper = "请拍照或扫码，记下号码一样有效"
    count, known = w("号码有效"), w("联网后显示等候")
    line = Waiting(0, 0, 0, count, known, known=False)
    top = frame(state, w, w("您的号码"), step=3, caption=w("请留意大屏和叫号"))
    notes = [w("号码已更正，以此为准")] if page.own == "renumbered" else []
    if page.booked:
        notes.append(_booked(state, page, w))
    # What has become of the booking says that the hall knows the ticket, too.
    kind = w(_OWN["waiting"] if page.booked else _OWN[page.own])
    paper, area = w(paper), w("请在等候区留意叫号")
    if page.ticket.for_other:
        kind = f"{kind} · {w('代办')}"
    if state.kiosk.site.compact:
        # That the number holds the strip says; the code is dense and needs the room.
        area, line = w("在等候区听叫号"), replace(line, count="")
    promise = "  ".join(filter(None, (w("按取号时间排队"), last_known(state, w))))
    return TicketView(
        frame=top,
        number=page.ticket.number,
        area=area,
        kind=kind,
        note=" · ".join(notes),
        away="",
        waiting=line,
        promise=promise,
        qr=page_address(state.kiosk.site, page.ticket),
        qr_note=w("窗口可扫此码叫号"),
        paper=paper,
        paper_tone=tone,
        actions=_actions(state, page, w, again=again),
    )


def _booked(state: State, page: pages.Given, w: Words) -> str:
    """What has become of the word to be booked."""
    slot = page.ticket.slot_start
    match page.booked:
        case "met" if slot is not None:
            return w("已对上 {time} 的预约", time=f"{local(state, slot):%H:%M}")
        case "late":
            return w("已过预约时间，按现场取号")
        case "early" if slot is not None:
            return w("比 {time} 的预约早，已先排上", time=f"{local(state, slot):%H:%M}")
        case "unmet":
            return w("没有对上预约，请告诉窗口")
    return w("已算签到，联网后对上预约")


def _kind(state: State, page: pages.Given, w: Words) -> str:
    ticket = page.ticket
    if ticket.ticket_kind == "appointment" and ticket.slot_start is not None:
        return w("预约 {time}", time=f"{local(state, ticket.slot_start):%H:%M}")
    kind = w("优先") if ticket.ticket_kind == "priority" else w("现场取号")
    return f"{kind} · {w('代办')}" if ticket.for_other else kind


def _note(state: State, page: pages.Given, w: Words) -> str:
    """The rule that was applied, said: late but still an appointment, too late for it, a card that has run out."""
    ticket, card = page.ticket, state.session.card
    parts = []
    if ticket.late and ticket.slot_start is not None:
        if ticket.ticket_kind == "appointment":
            parts.append(w("已迟到，仍按预约叫号"))
        else:
            parts.append(w("已过预约时间，按现场取号"))
    if card is not None and card.expired:
        parts.append(w("证件已过期，窗口会核对"))
    return " · ".join(parts)
