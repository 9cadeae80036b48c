"""The first page: three ways to begin, how full the hall is, and whose terminal this is.

While no number is to be had here ``elsewhere`` stands in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow import State
from kiosk.flow.panel import resting
from kiosk.text import Words, words
from kiosk.views.manner import low_switch
from kiosk.views.parts import Button, Frame, Waiting, frame, last_known, waiting

LINE_S = 8
"""How long the small panel shows the responsible party, and then the hours, in the one line it has for both."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that works without a touch: a card on the reader, a code at the scanner."""

    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class StartView:
    frame: Frame
    actions: tuple[Button, ...]
    waiting: Waiting | None
    unknown: str
    """Said instead of the line while nothing is known of it."""
    hints: tuple[Hint, ...]
    owner: str
    hours: str
    low: Button | None
    """Brings every target into the lower half; stands low itself. None on the small panel."""
    resting: bool
    """Nobody is near: drawn darker, and otherwise the same."""


def start(state: State, w: Words) -> StartView:
    kiosk = state.kiosk
    line = waiting(state, w)
    other = words("en" if w.lang.startswith("zh") else "zh-Hans")
    actions = (
        _action("take-ticket", "取号办事", "ticket", w, other, primary=True),
        _action("check-in", "我有预约", "calendar", w, other),
        _action("services", "自助查询打印", "search", w, other),
    )
    shown = hints(state, w)
    owner = w("责任单位：{owner}  电话：{phone}", owner=w.data(kiosk.site.owner), phone=kiosk.site.owner_phone)
    hours = w("服务时间：{hours}", hours=w.data(kiosk.site.hours_zh))
    if kiosk.site.compact and int(kiosk.monotonic_s // LINE_S) % 2:
        # One line for both on the small panel.
        owner = hours
    greeting = w("您好，请选择")
    if kiosk.site.compact and shown:
        greeting = {
            "card": w("请选择，有预约请放身份证"),
            "code": w("请选择，有预约请扫码"),
        }.get(shown[0].icon, w("请选择，有预约请输入号码"))
    return StartView(
        frame=frame(state, w, greeting, caption=w.data(kiosk.site.name_zh)),
        actions=actions,
        waiting=line,
        unknown="" if line else last_known(state, w) or w("等候情况暂时未知"),
        hints=shown,
        owner=owner,
        hours=hours,
        low=low_switch(state, w),
        resting=resting(state),
    )


def _action(
    action: str, phrase: str, icon: str, w: Words, other: Words, *, primary: bool = False, enabled: bool = True
) -> Button:
    """In the citizen's language, with the other one beside it: nobody has chosen a language yet."""
    return Button(
        action, w(phrase), sub=other(phrase), icon=icon, tone="primary" if primary else "plain", enabled=enabled
    )


def hints(state: State, w: Words) -> tuple[Hint, ...]:
    """Two at most, and only what works: an absent reader is not advertised, a terminal without a printer says so."""
    kiosk = state.kiosk
    card, code = kiosk.works("idcard"), kiosk.reads_codes
    if "printer" in kiosk.site.fitted:
        paper: tuple[Hint, ...] = ()
    else:
        paper = (Hint("phone", w("本机不打印，号码看屏幕或手机")),)
    if card and code and paper:
        return (Hint("card", w("有预约，请放身份证或扫码")), *paper)
    hints = []
    if card:
        hints.append(Hint("card", w("有预约，请放身份证")))
    if code:
        hints.append(Hint("code", w("有预约，请出示预约码")))
    return (*(hints or [Hint("keys", w("有预约，请点“我有预约”输入号码"))]), *paper)
