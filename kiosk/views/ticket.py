"""The ticket: the number first, then where to wait, how many are ahead, how long, and how to take it along."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow import State, pages
from kiosk.flow.asking import may_reprint
from kiosk.slips import page_address
from kiosk.text import Words, where_to_wait
from kiosk.views.parts import Button, Frame, Tone, Waiting, frame, local, minutes, say, unserved
from queue_server.wire import messages as wire


@dataclass(frozen=True, slots=True)
class TicketView:
    """``qr`` is the phone page's address; ``paper`` says how the print-out is doing."""

    frame: Frame
    number: str
    area: str
    kind: str
    waiting: Waiting
    promise: str
    qr: str
    qr_note: str
    paper: str
    paper_tone: Tone
    actions: tuple[Button, ...]
    spoken: str


_PAPER: dict[str, tuple[str, Tone]] = {
    "none": ("没有打印，请记下号码或扫码", "plain"),
    "printing": ("正在打印号票", "plain"),
    "printed": ("号票已打印，请取走", "good"),
    "sent": ("号票已送打印，没有出来请点补打", "plain"),
    "failed": ("没有打印成功，请记下号码或扫码", "amber"),
    "unknown": ("不确定是否印出，没有请点补打", "amber"),
}


def given(state: State, page: pages.Given, w: Words) -> TicketView:
    ticket = page.ticket
    paper, tone = _PAPER[page.printing]
    again = may_reprint(page, printer_works=state.kiosk.works("printer"))
    if page.printing in {"sent", "unknown", "failed"} and not again:
        paper = "请记下号码或扫码，号码一样有效"
    line = Waiting(
        people=ticket.ahead,
        low=0 if ticket.nobody else ticket.wait_min_low,
        high=0 if ticket.nobody else ticket.wait_min_high,
        count=w.count("前面 {n} 人", ticket.ahead) if ticket.ahead else w("下一个就是您"),
        range=unserved(w, ticket.nobody) if ticket.nobody else minutes(w, ticket.wait_min_low, ticket.wait_min_high),
        known=not ticket.nobody,
    )
    area = w("请到{area}等候", area=_area(ticket, w))
    promise = w("承诺 {time} 前叫到您", time=f"{local(state, ticket.promised_by):%H:%M}")
    top = frame(state, w, w("您的号码"), step=3, caption=w("请留意大屏和叫号"))
    actions = [Button("leave", w("完成"), icon="check", tone="primary")]
    if again:
        label = w("打印号票") if page.printing == "none" else w("补打号票")
        actions.append(Button("reprint", label, icon="ticket"))
    paper = w(paper)
    kind = _kind(state, page, w)
    return TicketView(
        frame=top,
        number=ticket.number,
        area=area,
        kind=kind,
        waiting=line,
        promise=promise,
        qr=page_address(state.kiosk.site, ticket),
        qr_note=w("手机扫码看进度"),
        paper=paper,
        paper_tone=tone,
        actions=tuple(actions),
        # EN 301 549 5.1.3.16: everything that is needed to check the ticket is said.
        spoken=say(top.title, w.spell(ticket.number), kind, line.spoken, area, promise, paper),
    )


def _area(ticket: wire.TicketReply, w: Words) -> str:
    """Where to wait, as it stands in the sentence."""
    if w.lang == "en" and ticket.area_en:
        return where_to_wait(ticket.area_en)
    return w.pick(ticket.area_zh, ticket.area_en)


def _kind(state: State, page: pages.Given, w: Words) -> str:
    kind = _came(state, page, w)
    card = state.session.card
    return f"{kind} · {w('证件已过期，窗口会核对')}" if card is not None and card.expired else kind


def _came(state: State, page: pages.Given, w: Words) -> str:
    ticket = page.ticket
    if ticket.ticket_kind == "appointment" and ticket.slot_start is not None:
        text = w("预约 {time}", time=f"{local(state, ticket.slot_start):%H:%M}")
        return text + (w("，已迟到，仍按预约叫号") if ticket.late else "")
    if ticket.late and ticket.slot_start is not None:
        text = w("已过预约时间，按现场取号")
        if ticket.next_slot is None:
            return text
        at = local(state, ticket.next_slot)
        today = at.date() == local(state, ticket.checked_in_at).date()
        return text + w("；下一个可约时段 {time}", time=f"{at:%H:%M}" if today else f"{at.month}/{at.day} {at:%H:%M}")
    return w("优先") if ticket.ticket_kind == "priority" else w("现场取号")
