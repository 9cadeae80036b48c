"""Pages on which something has to be explained: a refusal, a trouble, time running out, a hidden screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kiosk.flow import State, pages
from kiosk.flow.state import TRIES
from kiosk.flow.ways import is_closed
from kiosk.text import Words
from kiosk.views.dates import of_fact
from kiosk.views.headline import headline
from kiosk.views.parts import Button, Frame, Tone, frame, next_language
from queue_server.wire import messages as wire

STEPS = 6
"""In 长者专版 the ring of the last minute empties in so many steps."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """``sentence`` says what is the matter, ``detail`` what to do; ``large`` is something to be read from afar."""

    frame: Frame
    icon: str
    tone: Tone
    sentence: str
    detail: str
    large: str
    actions: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class TimeoutView:
    frame: Frame
    question: str
    detail: str
    left_s: int
    share: float
    """Of the warning time that is left, 1 to 0: how full the ring is."""
    actions: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class CoverView:
    frame: Frame
    line: str
    action: Button


def message(
    state: State,
    w: Words,
    title: str,
    sentence: str,
    actions: tuple[Button, ...],
    *,
    icon: str = "info",
    tone: Tone = "amber",
    detail: str = "",
    large: str = "",
    caption: str = "",
    hidden_bar: bool = False,
) -> MessageView:
    top = frame(state, w, title, caption=caption, hidden_bar=hidden_bar)
    return MessageView(top, icon, tone, sentence, detail, large, actions)


def ways_on(w: Words, *names: str) -> tuple[Button, ...]:
    """The next steps, the one that helps most first and marked as such."""
    known: dict[str, Button] = {
        "take-ticket": Button("take-ticket", w("现场取号"), icon="ticket"),
        "check-in": Button("check-in", w("换一种方式签到"), icon="calendar"),
        "type-number": Button("type-number", w("输入证件号码"), icon="keys"),
        "type-code": Button("type-code", w("输入预约码"), icon="keys"),
        "book": Button("book", w("预约以后来"), icon="calendar"),
        "other-day": Button("book", w("选另一天"), icon="calendar"),
        "back": Button("back", w("返回"), icon="back"),
        "help": Button("help", w("找人帮办"), icon="help"),
        "leave": Button("leave", w("回到首页"), icon="home"),
        "call": Button("call", w("叫工作人员"), icon="help"),
        "call-again": Button("call", w("再叫一次"), icon="help"),
        "rate": Button("rate", w("服务评价"), icon="face-4"),
        "help-came": Button("help-came", w("已有人来帮"), icon="check"),
        "help-cancel": Button("help-cancel", w("取消呼叫"), icon="cross"),
        "help-ticket": Button("help-ticket", w("取帮办号"), icon="ticket"),
    }
    first, *others = (known[name] for name in names)
    return (replace(first, tone="primary"), *others)


_AFTER_REFUSAL = {
    "no-appointment": ("take-ticket", "book", "check-in", "help"),
    "unknown-appointment": ("type-code", "take-ticket", "book", "help"),
    "appointment-used": ("leave", "take-ticket", "help"),
    "too-early": ("leave", "take-ticket", "help"),
    "too-late": ("take-ticket", "leave", "help"),
    "wrong-day": ("leave", "take-ticket", "help"),
    "wrong-hall": ("leave", "take-ticket", "help"),
    "hall-closed": ("book", "leave", "help"),
    "numbers-exhausted": ("book", "leave", "help"),
    "bad-seal": ("type-code", "take-ticket", "help"),
    "already-booked": ("other-day", "leave", "help"),
    "already-waiting": ("other-day", "leave", "help"),
    "booking-blocked": ("take-ticket", "leave", "help"),
}


def refusal(state: State, page: pages.Refusal, w: Words) -> MessageView:
    """The reply's own sentence, and only next steps that can help; what matters most of it stands large."""
    reply = page.reply
    default = ("check-in", "take-ticket", "help") if page.checking_in else ("leave", "help")
    if page.kind in {"days", "slots", "book", "wait"}:
        default = ("back", "leave", "help")
    names = _AFTER_REFUSAL.get(reply.code, default)
    if not state.kiosk.link_up:
        names = tuple(name for name in names if name not in {"book", "other-day"}) or default
    if page.matters and is_closed(state):
        names = tuple(name for name in names if name != "take-ticket") or default
    steps = ways_on(w, *names)
    title = w("没有取到号")
    if page.checking_in:
        title = w("没有签到成功")
    elif page.kind in {"days", "slots", "book", "wait"}:
        title = w("没有约成")
    said, detail, large = _told(state, reply, w)
    return message(state, w, title, said, steps, caption=w("请选择下一步"), large=large, detail=detail)


def _told(state: State, reply: wire.RefusedReply, w: Words) -> tuple[str, str, str]:
    """Sentence, what to do, and what stands large: a time, a place or a number that the refusal names."""
    match reply.code, reply.facts:
        case "too-early", {"earliest": str(earliest)}:
            return w("来早了一点，预约为您保留"), "", w("{time} 起可签到", time=earliest)
        case "already-booked", {"slot": slot} if when := of_fact(state, slot, w):
            return w("这一天您已约过这个事项"), w("按原来的时间来就可以"), when
        case "wrong-day", {"slot": slot} if when := of_fact(state, slot, w):
            return w("您的预约不在今天"), w("请那天再来，或现在取号"), when
        case "hall-closed", {"next_opening": opening} if when := of_fact(state, opening, w):
            return w("大厅现在不开放"), w("这时再开门，可以先预约"), when
        case "booking-blocked", {"until": until} if when := of_fact(state, until, w):
            return (
                w("因多次预约未到，暂停自助预约"),
                w("仍可现场取号，或请工作人员代约"),
                w("{time} 起可自己预约", time=when),
            )
        case "place-free", {"slot": slot} if when := of_fact(state, slot, w):
            return w("现在就有空位，不用排候补"), w("请直接预约"), when
        case "appointment-used", {"number": str(number)} if number:
            return w("这个预约已经取过号"), w("请看原来的号票，或请工作人员补打"), number
        case "wrong-hall", {"hall": str(hall), "address": str(address)}:
            place = w.pick(hall, str(reply.facts.get("hall_en", "")))
            return w("您的预约在另一个大厅"), w("请到那里签到：{address}", address=w.data(address)), place
    return (*headline(w.pick(reply.zh, reply.en)), "")


_TROUBLES = {
    "replace-card": ("没有读到身份证", "请把身份证平放在读卡区，停留 3 秒"),
    "bad-number": ("这张证件的号码不对", "请换一种方式，或找帮办"),
    "bad-date": ("这张证件的日期不对", "请换一种方式，或找帮办"),
    "unknown-layout": ("这种证件本机还不能读", "请换一种方式，或找帮办"),
    "unreadable-text": ("没有看清这个码", "请把手机屏幕调亮，离扫码口约 10 厘米"),
    "too-long": ("这不是本系统的预约码", "请出示预约页面上的码，或输入预约码"),
    "flood": ("扫码太快了", "请移开，稍候再对准扫码口"),
    "typed-thrice": ("号码三次都不对", "请找人帮办，也可以先现场取号"),
    "foreign-code": ("这不是本系统可识别的码", "请出示预约页面或号票上的码，也可以输入预约码"),
    "no-inquiry": ("没有等到回答", "请过一会儿再查，或问工作人员"),
    "no-answer": ("大厅没有回应", "请到咨询台取号，或过一会儿再试"),
    "no-own-number": ("网络中断，本机号码已用完", "请到咨询台取纸质号（代码 OFF-1）"),
    "check-in-offline": ("网络中断，本机号码已用完", "请到咨询台签到（代码 OFF-1）"),
    "other-hall": ("这是另一个大厅的预约", "请到预约的大厅签到，也可以在这里现场取号"),
}


def trouble(state: State, page: pages.Trouble, w: Words) -> MessageView:
    sentence, detail = _TROUBLES.get(page.code, ("刚才没有成功", "请再试一次，或找帮办"))
    large = ""
    match page.code:
        case "typed-thrice":
            steps, icon, large = ways_on(w, "help", "take-ticket", "type-code"), "help", state.kiosk.site.owner_phone
        case "replace-card" | "bad-number" | "bad-date" | "unknown-layout" if page.times >= TRIES:
            sentence, detail = "三次没有读成功", "请找人帮办，也可以输入号码或现场取号"
            steps, icon = ways_on(w, "help", "type-number", "take-ticket"), "help"
            large = state.kiosk.site.owner_phone
        case "replace-card":
            steps = ways_on(w, "type-number", "type-code", "help")
            icon = "card"
        case "ticket-code":
            steps, icon = ways_on(w, "rate", "back", "help"), "code"
        case "no-own-number" | "check-in-offline":
            steps, icon = ways_on(w, "leave", "help"), "pause"
        case "other-hall":
            steps, icon = ways_on(w, "take-ticket", "back", "help"), "code"
        case "unreadable-text" | "too-long" | "flood" | "foreign-code":
            steps, icon = ways_on(w, "type-code", "back", "help"), "code"
        case "bad-number" | "bad-date" | "unknown-layout":
            steps, icon = ways_on(w, "type-number", "take-ticket", "help"), "card"
        case _:
            steps, icon = ways_on(w, "back", "help"), "info"
    return message(
        state,
        w,
        w("请再试一次"),
        w(sentence),
        steps,
        icon=icon,
        detail=w(detail),
        large=large,
        caption=w("请选择下一步"),
    )


def covered(state: State, w: Words) -> CoverView:
    line = w("屏幕已遮挡")
    top = frame(state, w, line, hidden_bar=True)
    return CoverView(top, line, Button("uncover", w("继续"), icon="cover", tone="primary"))


def dark(state: State, w: Words) -> CoverView:
    """Nothing to be seen over the shoulder of who listens."""
    line = w("屏幕已关，语音继续")
    return CoverView(frame(state, w, line, hidden_bar=True), line, Button("uncover", w("打开屏幕"), icon="cover"))


def shut(state: State, w: Words) -> MessageView:
    """Nothing is asked and nothing offered: why, where else, and who answers for it."""
    site = state.kiosk.site
    if state.kiosk.inputs.get("door", False):
        why = w("机门已打开，正在维护")
    elif state.kiosk.forced:
        why = w("本机正在检查，暂时不能使用")
    else:
        why = w("本机正在维护，暂时不能使用") if state.kiosk.mode == "maintenance" else w("本机已停止服务")
    return message(
        state,
        w,
        w("暂停服务"),
        why,
        (next_language(state),),
        icon="pause",
        detail=w("请到咨询台，或使用其他自助机\n责任单位：{owner}", owner=w.data(site.owner)),
        large=site.owner_phone,
        hidden_bar=True,
    )


def still_there(state: State, page: pages.StillThere, w: Words) -> TimeoutView:
    left = max(0.0, state.warning_s - (state.kiosk.monotonic_s - page.since_s))
    question, detail = w("还需要时间吗？"), w("不选择将回到首页，并清除您的信息")
    actions = (
        Button("more-time", w("继续办理"), icon="check", tone="primary"),
        Button("leave", w("结束"), icon="home"),
    )
    share = left / state.warning_s
    return TimeoutView(
        frame=frame(state, w, question, hidden_bar=True),
        question=question,
        detail=detail,
        left_s=round(left),
        # 长者专版 has no motion: the ring empties in steps that one can count.
        share=math.ceil(share * STEPS) / STEPS if state.session.elder else share,
        actions=actions,
    )
