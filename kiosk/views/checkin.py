"""Checking in an appointment: how, by which number, which of several, and the wait for the answer."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow import State, pages
from kiosk.flow.touches import CODE_MIN
from kiosk.text import Words
from kiosk.views.calm import MessageView, message
from kiosk.views.choose import ListView, choice, packed, turned
from kiosk.views.parts import Button, Frame, frame
from kiosk.views.start import Hint

SLOW_S = 6.0
"""After this long without an answer the citizen is told that it goes on and that nothing is lost."""
CARD_SHOWN_S = 5.0
NUMBER_LENGTH = 18


@dataclass(frozen=True, slots=True)
class WaysView:
    frame: Frame
    hints: tuple[Hint, ...]
    actions: tuple[Button, ...]
    note: str


@dataclass(frozen=True, slots=True)
class PadView:
    """A pad of keys. ``shown`` is dots for a number of a person, the signs themselves for a booking code."""

    frame: Frame
    prompt: str
    shown: str
    trouble: str
    keys: tuple[tuple[Button, ...], ...]
    enter: Button


@dataclass(frozen=True, slots=True)
class AskingView:
    """``slow``: it takes longer than usual; ``who`` shows for a moment whose card it was, masked."""

    frame: Frame
    line: str
    detail: str
    who: str
    slow: bool
    actions: tuple[Button, ...]


def ways(state: State, w: Words) -> WaysView:
    kiosk = state.kiosk
    hints = []
    if kiosk.works("idcard"):
        hints.append(Hint("card", w("身份证平放读卡区")))
    if kiosk.reads_codes:
        hints.append(Hint("code", w("预约码对准扫码口") if kiosk.works("scanner") else w("预约码对准摄像头")))
    note = w("不用点屏幕，放上即可")
    if kiosk.site.compact and len(hints) > 1:
        hints = [Hint("card", w("放身份证，或扫预约码"))]
    if not hints:
        away = any(kiosk.lost(device) for device in ("idcard", "scanner", "camera"))
        note = w("读卡和扫码暂停使用，请输入号码") if away else w("请输入证件号码或预约码")
        if kiosk.site.compact and away:
            note = w("读卡和扫码暂停使用")
    actions = (
        Button("type-number", w("输入证件号码"), icon="keys"),
        Button("type-code", w("输入预约码"), icon="keys"),
        Button("take-ticket", w("没有预约，现场取号"), icon="ticket"),
    )
    top = frame(state, w, w("预约签到"), caption=w("有三种方式，任选一种") if len(hints) > 1 else w("请任选一种方式"))
    return WaysView(top, tuple(hints), actions, note)


_TROUBLES = {
    "bad-number": "号码不对，请检查后重新输入",
    "bad-date": "号码中的出生日期不对，请检查",
    "too-short": "号码还没有输完，共 18 位",
    "fifteen-digits": "请输入 18 位的新号码",
}


def pad(rows: tuple[str, ...], w: Words, *, compact: bool) -> tuple[tuple[Button, ...], ...]:
    """Rows of single keys; < erases and # clears."""
    special = {
        "<": Button("key", w("删除"), value="erase", icon="erase"),
        # On the small panel a word is wider than its key.
        "#": Button("key", w("清空"), value="clear", icon="clear" if compact else ""),
    }
    return tuple(tuple(special.get(x) or Button("key", x, value=x) for x in row) for row in rows)


def _enter(w: Words, *, enabled: bool) -> Button:
    return Button("key", w("确认"), value="enter", icon="check", tone="primary", enabled=enabled)


def type_number(state: State, page: pages.TypeNumber, w: Words) -> PadView:
    rows = ("12345X<", "67890#") if state.kiosk.site.compact else ("123", "456", "789", "X0<")
    prompt = w("18 位身份证号码，屏幕只显示圆点")
    trouble = w(_TROUBLES.get(page.trouble, "号码不对，请检查后重新输入")) if page.trouble else ""
    return PadView(
        frame=frame(state, w, w("输入证件号码"), caption=w("输完请点确认")),
        prompt=prompt,
        shown="●" * page.length + "○" * max(0, NUMBER_LENGTH - page.length),
        trouble=trouble,
        keys=pad(rows, w, compact=state.kiosk.site.compact),
        enter=_enter(w, enabled=page.length > 0),
        # EN 301 549 5.1.3.8: masked signs are spoken as masked, never themselves.
    )


def type_code(state: State, page: pages.TypeCode, w: Words) -> PadView:
    rows = ("12345<", "67890#") if state.kiosk.site.compact else ("123", "456", "789", "#0<")
    prompt = w("预约码在预约短信或预约页面上")
    return PadView(
        frame=frame(state, w, w("输入预约码"), caption=w("输完请点确认")),
        prompt=prompt,
        shown=page.typed,
        trouble="",
        keys=pad(rows, w, compact=state.kiosk.site.compact),
        enter=_enter(w, enabled=len(page.typed) >= CODE_MIN),
    )


def asking(state: State, page: pages.Asking, w: Words) -> AskingView:
    kiosk, session = state.kiosk, state.session
    waited = kiosk.monotonic_s - page.since_s
    slow = waited >= SLOW_S or not kiosk.link_up
    kind = "take" if session.wish is None else session.wish.kind
    line = {
        "take": w("正在为您取号"),
        "days": w("正在查可以预约的日子"),
        "slots": w("正在查空闲的时间"),
        "book": w("正在为您预约"),
        "wait": w("正在为您排候补"),
    }.get(kind, w("正在为您签到"))
    detail = w("请稍候，不用再点")
    if slow:
        detail = _slowly(kind, w, away=not kiosk.link_up)
    actions: tuple[Button, ...] = ()
    if slow:
        paper = session.wish is None or session.wish.paper
        note = w("取到后在这里打印号票") if paper and kiosk.works("printer") else ""
        if note and kind in {"book", "wait"}:
            note = w("约好后在这里打印预约单")
        compact = kiosk.site.compact
        actions = (Button("leave", w("先离开"), sub="" if compact else note, icon="home"),)
        if compact and note:
            detail = f"{detail}\n{note}"
    who = ""
    if session.card is not None and waited < CARD_SHOWN_S:
        who = w("{name} 尾号 {last4}", name=session.card.masked_name, last4=session.card.last4).strip()
    return AskingView(frame(state, w, line), line, detail, who, slow, actions)


def _slowly(kind: str, w: Words, *, away: bool) -> str:
    """What is being waited for, and what cannot happen meanwhile: a number lost, a time booked twice."""
    if kind in {"days", "slots"}:
        return w("网络中断，还没有预约，恢复后自动继续") if away else w("比平时慢，还没有预约，可以返回")
    if kind in {"book", "wait"}:
        return w("网络中断，恢复后自动继续，不会重复预约") if away else w("比平时慢，仍在继续，不会重复预约")
    return w("网络中断，恢复后自动继续，不会丢号") if away else w("比平时慢，仍在继续，不会丢号")


def says_booked(state: State, w: Words) -> MessageView:
    """No line to the hall: a number now is the check-in, and nobody has to come back for it."""
    kiosk = state.kiosk
    paper = "" if kiosk.site.compact else w("在这里打印号票") if kiosk.works("printer") else w("用手机查看")
    actions = [Button("take-ticket", w("先选事项，再取号"), icon="list"), Button("help", w("找人帮办"), icon="help")]
    if kiosk.catalogue.of_role("enquiry"):
        actions.insert(0, Button("take", w("现在取号签到"), sub=paper, icon="ticket", tone="primary"))
    return message(
        state,
        w,
        w("预约签到"),
        w("网络中断，取号就算签到"),
        tuple(actions),
        icon="calendar",
        # The small panel has one line for it.
        detail=w("联网后自动对上预约" if kiosk.site.compact else "时间从现在算起\n联网后自动对上预约"),
        caption=w("不用再来签到一次"),
    )


def several(state: State, page: pages.Several, w: Words) -> ListView:
    choices = tuple(choice(state, option, w) for option in page.choices)
    tiles, turn, where = turned(packed(state, choices), page.page, w)
    top = frame(state, w, w("您今天有多个预约"))
    heading = w("请选择要办的一个")
    return ListView(top, heading, tiles, turn, "", None, where=where, icon="calendar")
