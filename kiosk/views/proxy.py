"""替别人办 as it is seen: the relation, whose card is wanted now, what may be missing, and both once more, masked."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flow import State, pages
from kiosk.flow.offline import unheard
from kiosk.flow.proxy import PERMIT_MIN
from kiosk.flow.state import Laid, Proxy
from kiosk.text import Words
from kiosk.views import checkin
from kiosk.views.calm import MessageView, message, ways_on
from kiosk.views.checkin import PadView
from kiosk.views.choose import ListView, leaf, small
from kiosk.views.parts import Button, frame
from queue_server.wire.people import RELATIONS

WORDS = {
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母或监护人",
    "relative": "其他亲属",
    "trustee": "受托人",
    "outlet": "村居代办员",
}
_TROUBLES = {
    "same-card": "这是同一个人的证件，请换另一个人的",
    "agent-minor": "未满 14 岁不能替别人办，请换代办人",
    "replace-card": "没有读到，请平放在读卡区，停留 3 秒",
}
_TITLE = "替别人办"


def relation(state: State, page: pages.ProxyRelation, w: Words) -> ListView:
    tiles = tuple(Button("relation", w(WORDS[name]), value=name) for name in RELATIONS)
    shown, turn, where = leaf(tiles, page.page, 4 if small(state) else 10, w)
    question = w("您是对方的什么人？")
    top = frame(state, w, w(_TITLE), caption=question)
    return ListView(top, question, shown, turn, "", None, where=where, icon="person")


def not_for_others(state: State, page: pages.NotForOthers, w: Words) -> MessageView:
    """Why, and what else can be done: the catalogue's own words."""
    known = (state.kiosk.catalogue.matters.get(name) for name in page.matters)
    why = next((w.pick(m.proxy_zh, m.proxy_en) for m in known if m is not None and not m.proxy and m.proxy_zh), "")
    return message(
        state,
        w,
        w(_TITLE),
        w("这件事不能代办"),
        ways_on(w, "back", "help"),
        icon="person",
        detail=why or w("须本人来办，可以找人帮办问别的办法"),
        caption=w("请选择下一步"),
    )


def card(state: State, page: pages.ProxyCard, w: Words) -> MessageView:
    """Whose card is wanted now; what was wrong with the last one takes the place of the wish."""
    reads, proxy = state.kiosk.works("idcard"), state.session.proxy or Proxy()
    agent = page.whose == "agent"
    if reads:
        ask = w("请放您自己的身份证") if agent else w("请放对方的身份证")
    else:
        ask = w("请输入您自己的证件号码") if agent else w("请输入对方的证件号码")
    note = w("先放您的，再放对方的") if agent else _agent_known(proxy, w)
    if page.trouble:
        ask, note = w(_TROUBLES.get(page.trouble, "这张证件不能读，请输入号码")), ask
    actions = [Button("their-number", w("输入证件号码"), icon="keys", tone="plain" if reads else "primary")]
    if not agent:
        actions.append(Button("without", w("没带对方的证件"), icon="card"))
    return message(
        state,
        w,
        w(_TITLE),
        ask,
        tuple(actions),
        icon="card" if reads else "keys",
        tone="amber" if page.trouble else "plain",
        detail=note,
        caption=w("第一张：您的") if agent else w("第二张：对方的"),
    )


def _agent_known(proxy: Proxy, w: Words) -> str:
    if proxy.agent is None:
        return w("授权编号已填写")
    return w("{who} 已读，请取走您的证件", who=_who(proxy.agent, w))


def _who(laid: Laid, w: Words) -> str:
    return w("{name} 尾号 {last4}", name=laid.card.masked_name, last4=laid.card.last4).strip()


def number(state: State, page: pages.ProxyNumber, w: Words) -> PadView:
    """The pad of a check-in, with whose number it is in the title."""
    pad = checkin.type_number(state, page, w)
    title = w("输入您的证件号码") if page.whose == "agent" else w("输入对方的证件号码")
    return replace(pad, frame=replace(pad.frame, title=title))


def permit(state: State, page: pages.ProxyPermit, w: Words) -> PadView:
    rows = ("12345<", "67890#") if state.kiosk.site.compact else ("123", "456", "789", "#0<")
    prompt = w("村居委会授权书上的编号")
    return PadView(
        frame=frame(state, w, w("输入授权编号"), caption=w("输完请点确认")),
        prompt=prompt,
        shown=page.typed,
        trouble="",
        keys=checkin.pad(rows, w, compact=state.kiosk.site.compact),
        enter=Button(
            "key", w("确认"), value="enter", icon="check", tone="primary", enabled=len(page.typed) >= PERMIT_MIN
        ),
    )


def without(state: State, _page: pages.ProxyWithout, w: Words) -> MessageView:
    actions = (
        Button("their-number", w("输入对方的号码"), icon="keys", tone="primary"),
        Button("permit", w("输入授权编号"), icon="list"),
        Button("go-on", w("仍取号，窗口核对"), icon="ticket"),
    )
    return message(
        state,
        w,
        w(_TITLE),
        w("没带对方的证件，也可以取号"),
        actions,
        icon="card",
        tone="plain",
        detail=w("窗口会核对双方身份，缺的材料可以补"),
        caption=w("请选择下一步"),
    )


def minor(state: State, _page: pages.ProxyMinor, w: Words) -> MessageView:
    actions = (
        Button("go-on", w("我是父母或监护人"), icon="check", tone="primary"),
        Button("back", w("返回"), icon="back"),
    )
    return message(
        state,
        w,
        w(_TITLE),
        w("对方未满 14 岁，由父母或监护人代办"),
        actions,
        icon="person",
        detail=w("请带户口簿或出生证明，证明监护关系"),
        caption=w("请选择下一步"),
    )


def ready(state: State, _page: pages.ProxyReady, w: Words) -> MessageView:
    """Both, masked; what is missing said as what happens with it. The paper's choice as on the confirm page.

    A number that the terminal gives by itself, off line, knows nothing of the two: the citizen has to tell the window.
    """
    kiosk, proxy = state.kiosk, state.session.proxy or Proxy()
    lines = [w("您：{who}", who=_who(proxy.agent, w)) if proxy.agent is not None else w("您：凭授权编号，窗口核对")]
    if proxy.person is not None:
        lines.append(w("对方：{who}", who=_who(proxy.person, w)))
    else:
        lines.append(w("对方：凭授权编号，窗口核对") if proxy.authorisation else w("对方：没带证件，窗口核对"))
    if unheard(kiosk):
        lines.append(w("网络中断，请告诉窗口您是代办"))
    elif proxy.relation == "parent":
        lines.append(w("未满 14 岁请带户口簿或出生证明"))
    elif proxy.relation != "outlet":
        lines.append(w("请带委托书和双方证件"))
    paper = kiosk.works("printer")
    without = Button("take-without-paper", w("取号，不打印"), icon="phone", tone="plain" if paper else "primary")
    actions: tuple[Button, ...] = (without,)
    if "printer" in kiosk.site.fitted:
        actions = (Button("take", w("取号并打印"), icon="ticket", tone="primary", enabled=paper), without)
    said = w("您以“{relation}”身份代办", relation=w(WORDS.get(proxy.relation, "")))
    return message(
        state,
        w,
        w(_TITLE),
        said,
        actions,
        icon="person",
        tone="plain",
        detail="\n".join(lines),
        caption=w("请确认后取号"),
    )
