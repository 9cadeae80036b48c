"""好差评 as it is seen: five words with their faces, all alike; then reasons; and 跳过 of the same size throughout."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow import State, pages
from kiosk.flow.rating import NUMBER_MIN, letters
from kiosk.text import Words
from kiosk.views.calm import MessageView, message, ways_on
from kiosk.views.checkin import PadView
from kiosk.views.parts import Button, Frame, frame
from queue_server.wire.people import BAD, REASONS

LEVELS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
"""The words of the standard, in its order."""
_REASONS = {
    "quick": "办得快",
    "kind": "态度好",
    "clear": "讲得清楚",
    "few-trips": "少跑腿",
    "long-wait": "等得久",
    "unkind": "态度不好",
    "unclear": "没讲清楚",
    "machine-hard": "机器不好用",
    "many-papers": "材料太多",
    "not-done": "没有办成",
}
_TROUBLES = {
    "not-a-ticket": "这不是号票上的码，请对准号票上的二维码",
    "other-hall": "这是另一个大厅的号票，请到那里评价",
}


@dataclass(frozen=True, slots=True)
class RateView:
    """``question`` and ``note`` stand above ``choices``: six controls of one size, the last one leads away."""

    frame: Frame
    question: str
    note: str
    choices: tuple[Button, ...]


def ways(state: State, page: pages.RateWays, w: Words) -> MessageView:
    kiosk = state.kiosk
    ask = w("请输入号票上的号码")
    if kiosk.reads_codes:
        ask = w("号票上的码对准扫码口") if kiosk.works("scanner") else w("号票上的码对准摄像头")
    actions = (
        Button("rate-number", w("输入号票上的号码"), icon="keys", tone="plain" if kiosk.reads_codes else "primary"),
        Button("back", w("返回"), icon="back"),
    )
    return message(
        state,
        w,
        w("服务评价"),
        w(_TROUBLES[page.trouble]) if page.trouble else ask,
        actions,
        icon="code" if kiosk.reads_codes else "ticket",
        tone="amber" if page.trouble else "plain",
        detail="" if page.trouble else w("评价是自愿的，不记您是谁"),
        caption=w("评价哪一次服务？"),
    )


def number(state: State, page: pages.RateNumber, w: Words) -> PadView:
    """Letters first, then digits: never more keys than the small panel has room for."""
    compact, known = state.kiosk.site.compact, letters(state)
    erase = Button("key", w("删除"), value="erase", icon="erase")
    clear = Button("key", w("清空"), value="clear", icon="clear" if compact else "")
    keys = [Button("key", sign, value=sign) for sign in (known if not page.typed else "1234567890")]
    if compact:
        half = 7 if not page.typed else 5
        rows: tuple[tuple[Button, ...], ...] = (tuple(keys[:half]), tuple(keys[half:13]))
        rows = rows if not page.typed else ((*rows[0], erase), (*rows[1], clear))
    elif not page.typed:
        keys += [clear, erase]
        rows = tuple(tuple(keys[at : at + 5]) for at in range(0, len(keys), 5))
    else:
        rows = (*(tuple(keys[at : at + 3]) for at in (0, 3, 6)), (clear, keys[9], erase))
    prompt = w("号票上的号码，先点字母再点数字") if not page.typed else w("再点号码的数字")
    return PadView(
        frame=frame(state, w, w("输入号票上的号码"), caption=w("输完请点确认")),
        prompt=prompt,
        shown=page.typed,
        trouble="",
        keys=rows,
        enter=Button(
            "key", w("确认"), value="enter", icon="check", tone="primary", enabled=len(page.typed) >= NUMBER_MIN
        ),
    )


def rate(state: State, page: pages.Rate, w: Words) -> RateView:
    question = w("这次服务，您满意吗？")
    choices = tuple(Button("level", w(word), value=str(level), icon=f"face-{level}") for level, word in LEVELS.items())
    note = w("号码 {number}", number=page.visit.number) if page.visit.number else ""
    return _view(state, w, w("服务评价"), question, note, (*choices, _skip(w)))


def reasons(state: State, page: pages.RateReasons, w: Words) -> RateView:
    question = w("您选了“{word}”，是因为？", word=w(LEVELS[page.level]))
    known = REASONS[page.level]
    toggles = tuple(
        Button(
            "reason",
            w(_REASONS[reason]),
            value=reason,
            icon="check" if reason in page.chosen else "",
            tone="on" if reason in page.chosen else "plain",
        )
        for reason in known
    )
    submit = Button("submit", w("提交评价"), icon="check", tone="primary")
    return _view(
        state, w, w("服务评价"), question, w("可选几项，也可不选；点“提交评价”才算"), (*toggles, submit, _skip(w))
    )


def _skip(w: Words) -> Button:
    return Button("skip", w("跳过"), icon="next")


def _view(state: State, w: Words, title: str, question: str, note: str, choices: tuple[Button, ...]) -> RateView:
    top = frame(state, w, title, caption=w("评价是自愿的，不记您是谁"))
    return RateView(top, question, note, choices)


def rated(state: State, page: pages.Rated, w: Words) -> MessageView:
    leave = ways_on(w, "leave")
    if page.no is not None:
        return message(state, w, w("服务评价"), w.pick(*page.no), ways_on(w, "leave", "help"), icon="info")
    if page.known:
        detail = w("已收到，会有专人处理") if page.level <= BAD else w("已收到")
    else:
        detail = w("正在送出") if state.kiosk.link_up else w("已存在本机，网络恢复后自动送出")
    return message(state, w, w("服务评价"), w("谢谢您的评价"), leave, icon="check", tone="plain", detail=detail)
