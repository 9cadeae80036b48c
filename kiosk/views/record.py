"""Pages of a record: what is read and why, the card, masked lines, all of it for ten seconds, paper, and the troubles.

What is drawn of a record is what the page holds. Spoken are the masked lines only, with every star as what it is: the
whole ones are for eyes, in a hall that has ears.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from kiosk.events import RecordLine
from kiosk.flow import State, pages
from kiosk.flow.record import look_ups, may_print
from kiosk.text import Words
from kiosk.views.calm import MessageView
from kiosk.views.checkin import AskingView
from kiosk.views.choose import ListView, no_catalogue, packed, turned
from kiosk.views.dates import of_record
from kiosk.views.facts import Fact, FactsView
from kiosk.views.headline import headline
from kiosk.views.parts import Button, Tone, frame

_STARS = re.compile(r"\*+")
_ROWS = 8


def _name(state: State, matter: str, w: Words) -> str:
    known = state.kiosk.catalogue.matters.get(matter)
    return w.pick(known.name_zh, known.name_en) if known else ""


def _message(
    state: State,
    w: Words,
    title: str,
    sentence: str,
    actions: tuple[Button, ...],
    *,
    icon: str = "info",
    tone: Tone = "amber",
    detail: str = "",
    caption: str = "",
) -> MessageView:
    top = frame(state, w, title, caption=caption)
    return MessageView(top, icon, tone, sentence, detail, "", actions)


def list_of(state: State, page: pages.LookUps, w: Words) -> ListView | MessageView:
    """Everything that can be looked up here, a leaf at a time."""
    found = look_ups(state.kiosk.catalogue)
    tiles = tuple(Button("look-up", w.pick(m.name_zh, m.name_en), value=m.id) for m in found)
    search = Button("search", w("按拼音查找"), icon="search")
    compact, leaves = state.kiosk.site.compact, packed(state, tiles)
    if len(leaves) > 1 and compact:
        leaves = packed(state, (search, *tiles))  # beside what turns the leaves there is no room for it
    shown, turn, where = turned(leaves, page.page, w)
    if turn and not compact:
        turn = (*turn, search)
    top = frame(state, w, w("要查哪一项？"), caption=w("查到后可以打印"))
    if not tiles:
        return no_catalogue(top, w)
    return ListView(top, w("可以查询打印的"), shown, turn, "", None, where=where, icon="search")


def consent(state: State, page: pages.Consent, w: Words) -> MessageView:
    """What, why, how long: and yes and no of one size and one colour."""
    name = _name(state, page.matter, w)
    actions = (Button("disagree", w("不同意"), icon="back"), Button("agree", w("同意"), icon="check"))
    if page.separate:
        return _message(
            state,
            w,
            w("单独同意"),
            w("“{name}”是敏感信息，单独问您", name=name),
            actions,
            icon="cover",
            detail=w("请留意身后。不同意也可以取号到窗口办"),
            caption=w("请选择同意或不同意"),
        )
    return _message(
        state,
        w,
        w("查询前请您同意"),
        w("用您的姓名和证件号码查“{name}”", name=name),
        actions,
        icon="card",
        tone="plain",
        detail=w("只给您本人看和打印，办完就删，这里不保存"),
        caption=w("请选择同意或不同意"),
    )


def lay_card(state: State, page: pages.LayCard, w: Words) -> MessageView:
    sentence = w("请把身份证放在读卡区")
    if page.trouble:
        sentence = w("没有读到身份证")
    elif state.kiosk.card_lies:
        sentence = w("请拿起身份证，再放一次")
    return _message(
        state,
        w,
        w("请放身份证"),
        sentence,
        (Button("back", w("返回"), icon="back"), Button("help", w("找人帮办"), icon="help")),
        icon="card",
        tone="amber" if page.trouble else "plain",
        detail=w("平放，停留 3 秒。要用本人的证件") if page.trouble else w("要用本人的证件，查完请取走"),
        caption=_name(state, page.matter, w),
    )


def opening(state: State, w: Words) -> AskingView:
    """The box has come, and the reading process opens it."""
    line, detail = w("正在打开查询结果"), w("请稍候，不用再点")
    return AskingView(frame(state, w, line), line, detail, "", False, ())


def record(state: State, page: pages.Record, w: Words) -> FactsView | MessageView | AskingView:
    if not page.opened:
        return opening(state, w)
    if page.warned:
        return _warning(state, w)
    compact = state.kiosk.site.compact
    lines = page.whole or page.lines
    shown = tuple(_fact(line, w, whole=bool(page.whole)) for line in (lines if compact else lines[:_ROWS]))
    left_s = max(0, math.ceil(page.whole_until_s - state.kiosk.monotonic_s))
    tone: Tone = "amber" if page.whole else "plain"
    mode = w("{n} 秒后隐藏，请留意身后", n=left_s) if page.whole else w("只显示一部分，星号是隐藏的")
    note = ""
    if len(lines) > len(shown):
        note = w("还有 {n} 行，打印后可以看全", n=len(lines) - len(shown))
    match page.printing:
        case "printing":
            note = w("正在打印，请稍候")
        case "failed" | "unknown":
            note = w("没有打印成功，请取号到窗口打印")
        case _ if not state.kiosk.works("printer"):
            note = w("本机现在不能打印，请取号到窗口打印")
    unread = w("全部内容只在屏幕上显示，不朗读")
    name = _name(state, page.matter, w)
    top = frame(
        state, w, name if compact else w("查询结果"), caption=unread if page.whole else w("15 秒不点会自动遮挡")
    )
    return FactsView(
        frame=top,
        large="" if compact else name,
        state=mode,
        tone=tone,
        waiting=None,
        facts=shown,
        note=note,
        actions=_steps(state, page, w),
    )


def _steps(state: State, page: pages.Record, w: Words) -> tuple[Button, ...]:
    if page.printing == "printing":
        return ()
    hide = Button("hide", w("隐藏"), icon="cover") if page.whole else Button("show-whole", w("显示全部"), icon="search")
    if may_print(state, page) and page.printing == "none":
        return (hide, Button("print", w("打印出来"), icon="ticket", tone="primary"))
    instead = Button("take-ticket", w("取号到窗口"), icon="ticket", tone="primary")
    again = (Button("print", w("再打印"), icon="ticket"),) if may_print(state, page) else ()
    return (hide, *again, instead)


def _warning(state: State, w: Words) -> MessageView:
    return _message(
        state,
        w,
        w("显示全部之前"),
        w("请留意身后，旁边的人可能看到"),
        (Button("hide", w("不显示"), icon="back"), Button("show-now", w("显示 10 秒"), icon="search")),
        icon="cover",
        detail=w("10 秒后自动隐藏，可以直接打印"),
        caption=w("请选择下一步"),
    )


def _fact(line: RecordLine, w: Words, *, whole: bool = False) -> Fact:
    label = w.pick(line.label_zh, line.label_en)
    shown = w.data(of_record(line.shown, w))
    return Fact(label, "", unread=shown) if whole else Fact(label, shown)


def no_record(state: State, page: pages.NoRecord, w: Words) -> MessageView:
    """Why there is nothing to show, and a number for a window instead."""
    steps: tuple[Button, ...] = (Button("take-ticket", w("取号到窗口"), icon="ticket", tone="primary"),)
    if page.reply.code in {"office-away", "other-person", "too-many-tries", "internal"}:
        steps = (*steps, Button("again", w("再查一次"), icon="search"))
    steps = (*steps, Button("help", w("找人帮办"), icon="help"))
    title = w("对方系统暂停") if page.reply.code == "office-away" else w("没有查到")
    sentence, detail = headline(w.pick(page.reply.zh, page.reply.en))
    return _message(
        state,
        w,
        title,
        sentence,
        steps,
        detail=detail,
        icon="pause" if page.reply.code == "office-away" else "search",
        caption=_name(state, page.matter, w),
    )


def cannot(state: State, page: pages.CannotLookUp, w: Words) -> MessageView:
    back = Button("back", w("返回"), icon="back")
    ticket = Button("take-ticket", w("取号到窗口"), icon="ticket", tone="primary")
    help_ = Button("help", w("找人帮办"), icon="help")
    match page.why:
        case "offline" if not page.matter:
            sentence, detail = w("网络中断，暂时查不了进度"), w("号票照样有效，请看大屏、听叫号")
            steps: tuple[Button, ...] = (replace(back, tone="primary"), help_)
        case "offline":
            sentence, detail = w("网络中断，暂时查不了"), w("请过一会儿再来，或取号到窗口办")
            steps = (ticket, Button("again", w("再查一次"), icon="search"), help_)
        case "reader":
            sentence, detail = w("读卡暂停使用，不能查询个人记录"), w("查记录要用身份证，请取号到窗口办")
            steps = (ticket, back, help_)
        case _:
            sentence, detail = w("查询结果没有打开"), w("没有显示，也没有保存。请再查一次")
            again = Button("again", w("再查一次"), icon="search", tone="primary")
            steps = (again, replace(ticket, tone="plain"), help_)
    return _message(state, w, w("现在不能查询"), sentence, steps, icon="pause", detail=detail)


def take_away(state: State, page: pages.TakeAway, w: Words) -> MessageView:
    card = w("请取走身份证和打印的单子") if state.kiosk.card_lies else w("请取走打印的单子")
    return _message(
        state,
        w,
        w("打印好了") if page.sure else w("已送打印"),
        card,
        (Button("taken", w("已取走，完成"), icon="check", tone="primary"),),
        icon="ticket",
        tone="good",
        detail=w("单子上有您的信息，请收好") if page.sure else w("没有出来请找帮办。单子上有您的信息，请收好"),
        caption=_name(state, page.matter, w),
    )
