"""Booking in words: days, slots, the one page before it is booked, and what stands then.

A day or slot that is not offered says why in the hall's own words; the earliest is marked. Whose booking it is shows
masked for five seconds. What is changed or cancelled afterwards is changed on the booking's page on a phone, and the
page says so: the wire has no message for it.
"""

from __future__ import annotations

from datetime import datetime

from kiosk.flow import State, pages
from kiosk.flow.asking import may_reprint
from kiosk.flow.ways import is_closed, known
from kiosk.slips_booking import booking_address, grouped
from kiosk.text import Words
from kiosk.views.calm import MessageView
from kiosk.views.choose import ListView, leaf, small
from kiosk.views.code import CodeView
from kiosk.views.dates import day_name, moment, month_name
from kiosk.views.parts import Button, Tone, frame, local, sentences, waiting
from queue_server.wire import messages as wire

CARD_SHOWN_S = 5.0
"""So long it is seen whose card was read (product.md §4.2 K2)."""
DAYS_SHOWN, SLOTS_SHOWN, LOW_SLOTS_SHOWN = 8, 18, 15
_ALL_FULL = "这几天都约满了，可以点一天排候补"
_TAKEN = "刚才的时段已被约走，还有这些"
_PAPER: dict[str, tuple[str, Tone]] = {
    "none": ("没有打印，请扫码或拍照", "plain"),
    "printing": ("正在打印预约单", "plain"),
    "printed": ("预约单已打印，请取走", "good"),
    "sent": ("已送打印，没有出来请点补打", "plain"),
    "failed": ("没有打印成功，请扫码或拍照", "amber"),
    "unknown": ("不确定是否印出，没有请点补打", "amber"),
}


def _reason(reason: wire.Reason | None, w: Words) -> str:
    return w("不能预约") if reason is None else w.pick(reason.zh, reason.en)


def days(state: State, page: pages.Days, w: Words) -> ListView:
    firsts = [day.first for day in page.reply.days if day.first is not None]
    earliest = min(firsts, default=None)
    tiles = tuple(_day(state, day, earliest, page.reply, w) for day in page.reply.days)
    shown, turn, where = leaf(tiles, page.page, 4 if small(state) else DAYS_SHOWN, w)
    top = frame(state, w, w("选一天"), caption=w("可以预约的日子"))
    heading = w("哪一天来？")
    if not firsts:
        heading, where = (w("都约满了，点一天排候补"), "") if state.kiosk.site.compact else (w(_ALL_FULL), where)
    note = "" if tiles else w("现在没有可以预约的日子，请返回或找帮办")
    return ListView(top, heading, shown, turn, note, None, columns=2, where=where, icon="calendar")


def _day(state: State, day: wire.DayOffer, earliest: datetime | None, reply: wire.DaysReply, w: Words) -> Button:
    label, value = day_name(state, day.day, w), day.day.isoformat()
    if state.kiosk.site.compact:
        return _short_day(state, day, earliest, reply, w)
    if day.free and day.first is not None:
        tone: Tone = "on" if day.first == earliest else "plain"
        first = f"{local(state, day.first):%H:%M}"
        sub = w("最早 {time}", time=first) if day.first == earliest else w("{time} 起有空位", time=first)
        return Button("day", label, value=value, sub=sub, tone=tone)
    why = w("今天的时段已过") if day.why == "begun" else _reason(reply.reasons.get(day.why), w)
    if day.waits:
        return Button("day", label, value=value, sub=w("{why}，可候补", why=why), tone="quiet")
    return Button("day", label, value=value, sub=why, enabled=False)


def _short_day(state: State, day: wire.DayOffer, earliest: datetime | None, reply: wire.DaysReply, w: Words) -> Button:
    """The same in two short lines: of the nearest two days the weekday goes without saying."""
    date_only = w("{month}{day}日", month=month_name(day.day.month, w), day=day.day.day)
    near = {0: w("今天 {date}", date=date_only), 1: w("明天 {date}", date=date_only)}
    label = near.get((day.day - local(state, state.kiosk.now).date()).days, day_name(state, day.day, w))
    value = day.day.isoformat()
    if day.free and day.first is not None:
        first = day.first == earliest
        when = f"{local(state, day.first):%H:%M}"
        return Button(
            "day",
            label,
            value=value,
            sub=w("最早 {time}", time=when) if first else w("{time} 起有空", time=when),
            tone="on" if first else "plain",
        )
    if day.waits:
        return Button("day", label, value=value, sub=w("已满，可候补"), tone="quiet")
    why = w("时段已过") if day.why == "begun" else _reason(reply.reasons.get(day.why), w)
    return Button("day", label, value=value, sub=why, enabled=False)


def slots(state: State, page: pages.Slots, w: Words) -> ListView | MessageView:
    """Only what can be had stands as a button; where nothing can, it is said why."""
    free = [slot for slot in page.reply.slots if slot.free]
    taken = [slot for slot in page.reply.slots if not slot.free]
    tiles = tuple(
        Button(
            "slot",
            f"{local(state, slot.start):%H:%M}",
            value=slot.start.isoformat(),
            sub=w.count("余 {n} 个", slot.free),
            tone="on" if slot is free[0] else "plain",
        )
        for slot in free
    )
    most = LOW_SLOTS_SHOWN if state.session.low else SLOTS_SHOWN
    shown, turn, where = leaf(tiles, page.page, 4 if small(state) else most, w)
    when = day_name(state, page.reply.day, w)
    top = frame(state, w, w("选时间"), caption=when)
    if not tiles:
        whys = dict.fromkeys(_reason(page.reply.reasons.get(slot.why), w) for slot in taken) or (w("已约满"),)
        other = Button("other-day", w("选另一天"), icon="calendar", tone="primary")
        actions = (other, Button("help", w("找人帮办"), icon="help"))
        return MessageView(top, "calendar", "amber", sentences(*whys), w("请返回选另一天"), when, actions)
    heading = when if state.kiosk.site.compact else w("哪个时间？")
    if page.taken:
        heading, where = (w("已被约走，请另选"), "") if state.kiosk.site.compact else (w(_TAKEN), where)
    return ListView(top, heading, shown, turn, "", None, columns=3, where=where, icon="clock")


def _nameless(w: Words) -> Button:
    return Button("book-nameless", w("不用证件，直接预约"), icon="check")


def no_places(state: State, page: pages.NoPlaces, w: Words) -> MessageView:
    """A full day: its waiting list, the nearest other slot, or a number now."""
    when = day_name(state, page.day.day, w)
    actions: list[Button] = []
    detail = w("有人退约时，空位按先后给候补的人")
    if page.nearest is not None:
        nearest = moment(state, page.nearest, w)
        sub = "" if state.kiosk.site.compact else nearest
        actions.append(Button("nearest", w("最近可约"), sub=sub, icon="calendar"))
        if state.kiosk.site.compact:
            detail = w("最近可约 {when}", when=nearest)
    if page.day.waits:
        actions.append(Button("wait", w("排候补"), icon="clock"))
    if not is_closed(state):
        matters = known(state, page.matters)
        line = waiting(state, w, matters[0].group) if matters else None
        sub = "" if line is None or state.kiosk.site.compact else f"{line.count} · {line.range}"
        actions.append(Button("take-ticket", w("现在取号"), sub=sub, icon="ticket"))
    actions.append(Button("back", w("选另一天"), icon="back"))
    sentence = w("{day} 已约满", day=when)
    if page.reason is not None and page.day.why != "full":
        detail = sentences(_reason(page.reason, w), detail)
    top = frame(state, w, w("这一天没有空位"), caption=w("请选择下一步"))
    first, *others = actions
    steps = (Button(first.action, first.label, sub=first.sub, icon=first.icon, tone="primary"), *others)
    return MessageView(top, "calendar", "amber", sentence, detail, "", steps)


_TROUBLES = {
    "replace-card": "没有读到，请把身份证平放 3 秒",
    "bad-number": "这张证件的号码不对，请换一种方式",
    "bad-date": "这张证件的日期不对，请换一种方式",
    "unknown-layout": "这种证件本机还不能读，请换一种方式",
}


def book_confirm(state: State, page: pages.BookConfirm, w: Words) -> MessageView:
    """What is booked; with a card or a number one checks in later by card alone, and without it is as good."""
    session, kiosk = state.session, state.kiosk
    name = w("、").join(w.pick(matter.name_zh, matter.name_en) for matter in known(state, page.matters))
    number = Button("type-number", w("输入证件号码"), icon="keys")
    if session.person is not None:
        shown = page.read_s is not None and kiosk.monotonic_s - page.read_s < CARD_SHOWN_S
        who = ""
        if shown and session.card is not None:
            who = w("{name} 尾号 {last4}", name=session.card.masked_name, last4=session.card.last4).strip()
        detail = sentences(who, w("已记下证件，到时刷身份证签到"))
        actions = (Button("book-now", w("确认预约"), icon="check", tone="primary"), _nameless(w))
    elif kiosk.works("idcard"):
        detail = w("可以放上身份证，到时刷证签到；不放也能约")
        actions = (Button("book-now", w("确认预约"), icon="check", tone="primary"), number)
    else:
        detail = w("可以输入证件号码，到时刷证签到；不输也能约")
        actions = (Button("book-now", w("确认预约"), icon="check", tone="primary"), number)
    if page.trouble:
        detail = w(_TROUBLES.get(page.trouble, "没有读到，请再试一次，或不用证件"))
    if page.ticket:
        detail = sentences(detail, w("现在的号 {number} 仍有效，不用请在手机取消", number=page.ticket))
    top = frame(state, w, w("确认预约"), caption=w("还没有预约，请确认"))
    large = moment(state, page.slot_start, w)
    tone: Tone = "amber" if page.trouble else "plain"
    return MessageView(top, "calendar", tone, name, detail, large, actions)


def _result(state: State, page: pages.Booked | pages.OnList, w: Words) -> tuple[str, Tone, tuple[Button, ...]]:
    """How the paper is doing, and what can be done now."""
    phrase, tone = _PAPER[page.printing]
    again = may_reprint(page, printer_works=state.kiosk.works("printer"))
    if page.printing in {"sent", "unknown", "failed"} and not again:
        phrase = "请扫码或拍照，一样有效"
    done = Button("leave", w("完成"), icon="check", tone="primary")
    if not again:
        return w(phrase), tone, (done,)
    label = w("打印预约单") if page.printing == "none" else w("补打预约单")
    return w(phrase), tone, (done, Button("reprint", label, icon="ticket"))


def booked(state: State, page: pages.Booked, w: Words) -> CodeView:
    reply, site = page.reply, state.kiosk.site
    paper, tone, actions = _result(state, page, w)
    name = w("、").join(w.pick(matter.name_zh, matter.name_en) for matter in known(state, tuple(reply.matters)))
    rules = []
    if reply.early_min is not None and reply.late_min is not None:
        rules.append(w("提前 {early} 分钟可签到，迟到 {late} 分钟内有效", early=reply.early_min, late=reply.late_min))
    rules.append(w("改期、取消：扫码在手机上办，或找帮办"))
    if page.ticket:
        rules.append(w("现在的号 {number} 仍有效，不用请在手机取消", number=page.ticket))
    heading = moment(state, reply.slot_start, w)
    place = w.pick(reply.hall_zh, reply.hall_en)
    where = (w.data(reply.address_zh),) if reply.address_zh and w.lang.startswith("zh") else ()
    lines = (name, place, *where, *rules)
    top = frame(state, w, w("预约成功"), caption=w("请记下时间和签到码"))
    note, code_note = w("扫码签到、改期、取消"), w("签到码")
    return CodeView(
        frame=top,
        heading=heading,
        large_note=code_note,
        large=grouped(reply.code),
        lines=lines,
        qr=booking_address(site, site.hall, reply),
        qr_note=note,
        paper=paper,
        paper_tone=tone,
        actions=actions,
    )


def on_list(state: State, page: pages.OnList, w: Words) -> CodeView:
    reply, site = page.reply, state.kiosk.site
    paper, tone, actions = _result(state, page, w)
    name = w("、").join(w.pick(matter.name_zh, matter.name_en) for matter in known(state, tuple(reply.matters)))
    heading = day_name(state, reply.day, w)
    ahead = w.count("前面 {n} 人候补", reply.ahead) if reply.ahead else w("候补第一位")
    lines = (
        name,
        w.pick(reply.hall_zh, reply.hall_en),
        w("有空位时在手机页面确认，保留 {n} 分钟", n=reply.hold_min),
        w("还不是预约，没有空位就不用来"),
    )
    top = frame(state, w, w("已排上候补"), caption=w("请留好二维码"))
    note = w("手机扫码看空位")
    return CodeView(
        frame=top,
        heading=heading,
        large_note="",
        large=ahead,
        lines=lines,
        qr=site.public_url.rstrip("/") + reply.path,
        qr_note=note,
        paper=paper,
        paper_tone=tone,
        actions=actions,
    )
