"""Pages of looking up how far something is: the menu, the ways to ask, what was found, and what was not."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flow import State, pages
from kiosk.flow.progress import CASE_DIGITS, TICKET_DIGITS, letters
from kiosk.text import Words
from kiosk.views.calm import MessageView
from kiosk.views.checkin import SLOW_S, AskingView, PadView, WaysView
from kiosk.views.choose import ListView, packed, turned
from kiosk.views.dates import plain_day
from kiosk.views.facts import Fact, FactsView
from kiosk.views.headline import headline
from kiosk.views.parts import Button, Tone, Waiting, frame, local, minutes, unserved
from kiosk.views.start import Hint
from queue_server.wire import messages as wire


def menu(state: State, w: Words) -> ListView:
    """At most four things that need no window; on the small panel their names say enough."""
    tiles: tuple[Button, ...] = (
        Button("progress", w("查进度"), sub=w("号票排到哪里、事情办到哪里"), icon="clock", tone="primary"),
        Button("look-up", w("查询打印个人记录"), sub=w("社保、医保、档案，要身份证"), icon="card"),
        Button("guide", w("查材料、查等候"), sub=w("要带什么、要等多久"), icon="list"),
        Button("rate", w("评价服务"), sub=w("办完以后，不记名"), icon="face-4"),
    )
    if state.kiosk.site.compact:
        tiles = tuple(replace(tile, sub="") for tile in tiles)
    top = frame(state, w, w("自助查询打印"), caption=w("不用取号，随时可办"))
    heading = w("请选择要查的")
    return ListView(top, heading, tiles, (), "", None)


def ways(state: State, w: Words) -> WaysView:
    kiosk = state.kiosk
    hints = []
    if kiosk.reads_codes:
        hints.append(Hint("code", w("号票上的码对准扫码口") if kiosk.works("scanner") else w("号票上的码对准摄像头")))
    if kiosk.works("idcard"):
        hints.append(Hint("card", w("身份证平放，查在办的事")))
    if kiosk.site.compact and len(hints) > 1:
        hints = [Hint("code", w("扫号票上的码，或放身份证"))]
    actions = (
        Button("type-ticket", w("输入号票号码"), icon="ticket"),
        Button("type-case", w("输入办件编号"), icon="keys"),
        Button("help", w("找人帮办"), icon="help"),
    )
    note = w("不用点屏幕，放上即可") if hints else w("请输入号码")
    top = frame(state, w, w("查进度"), caption=w("号票、办件都可以查"))
    return WaysView(top, tuple(hints), actions, note)


def type_ticket(state: State, page: pages.TypeTicket, w: Words) -> PadView:
    compact = state.kiosk.site.compact
    if not page.letter:
        signs = letters(state)
        per = 7 if compact else 5
        rows = tuple(signs[at : at + per] for at in range(0, len(signs), per)) or ((),)
        if compact:  # two rows, whatever there is: the second also holds what confirms
            rows = (rows[0], rows[1] if len(rows) > 1 else ())
        prompt = w("先点号票上的字母，例如 A023 的 A")
        keys = tuple(tuple(Button("key", sign, value=sign) for sign in row) for row in rows)
        shown, enabled = "", False
    else:
        prompt = w("再输入字母后面的数字")
        keys, shown = _digits(compact, w), page.letter + page.digits
        enabled = len(page.digits) >= TICKET_DIGITS[0]
    return PadView(
        frame=frame(state, w, w("输入号票号码"), caption=w("输完请点确认")),
        prompt=prompt,
        shown=shown,
        trouble="",
        keys=keys,
        enter=_enter(w, enabled=enabled),
    )


def type_case(state: State, page: pages.TypeCase, w: Words) -> PadView:
    prompt = w("办件编号在受理凭证上，只输数字")
    return PadView(
        frame=frame(state, w, w("输入办件编号"), caption=w("输完请点确认")),
        prompt=prompt,
        shown=page.typed,
        trouble="",
        keys=_digits(state.kiosk.site.compact, w),
        enter=_enter(w, enabled=len(page.typed) >= CASE_DIGITS[0]),
    )


def _digits(compact: bool, w: Words) -> tuple[tuple[Button, ...], ...]:  # noqa: FBT001
    special = {
        "<": Button("key", w("删除"), value="erase", icon="erase"),
        "#": Button("key", w("清空"), value="clear", icon="clear" if compact else ""),
    }
    rows = ("12345<", "67890#") if compact else ("123", "456", "789", "#0<")
    return tuple(tuple(special.get(x) or Button("key", x, value=x) for x in row) for row in rows)


def _enter(w: Words, *, enabled: bool) -> Button:
    return Button("key", w("确认"), value="enter", icon="check", tone="primary", enabled=enabled)


# --- while it is asked --------------------------------------------------------------------------------------


def asking(state: State, page: pages.Asking, w: Words) -> AskingView:
    """Only a question is on its way: it may be left, and nothing is lost by it."""
    waited = state.kiosk.monotonic_s - page.since_s
    wish = state.session.wish
    record = wish is not None and wish.kind == "record"
    line = w("正在向对方系统查询") if record else w("正在查询")
    detail = w("请稍候，不用再点")
    slow = waited >= SLOW_S or not state.kiosk.link_up
    if slow:
        detail = w("网络中断，正在重新连接") if not state.kiosk.link_up else w("比平时慢，可以再等等")
    who = ""
    card = state.session.card
    if record and card is not None:
        who = w("{name} 尾号 {last4}", name=card.masked_name, last4=card.last4).strip()
    actions = (Button("leave", w("不查了"), icon="home"),) if slow else ()
    return AskingView(frame(state, w, line), line, detail, who, slow, actions)


# --- what was found -----------------------------------------------------------------------------------------


_TICKET: dict[str, tuple[str, Tone]] = {
    "waiting": ("正在等候", "plain"),
    "called": ("正在叫您，请马上去窗口", "good"),
    "serving": ("正在办理", "good"),
    "done": ("已经办结", "plain"),
    "missed": ("已经过号", "amber"),
    "paused": ("暂离中", "amber"),
    "cancelled": ("已经取消", "amber"),
    "abandoned": ("没有办理，已结束", "amber"),
}
_CASE: dict[str, tuple[str, Tone]] = {
    "received": ("已收到，还没有受理", "plain"),
    "accepted": ("已受理", "plain"),
    "checking": ("正在审核", "plain"),
    "supplement": ("要补材料", "amber"),
    "ready": ("办好了，可以领取", "good"),
    "done": ("已经办结", "good"),
    "declined": ("没有通过", "amber"),
}


def progress(state: State, page: pages.Progress, w: Words) -> FactsView | ListView:
    ticket, cases = page.reply.ticket, page.reply.cases
    found: list[wire.TicketProgress | wire.CaseProgress] = [*([ticket] if ticket else []), *cases]
    if page.chosen < 0 or page.chosen >= len(found):
        return _several(state, found, w)
    one = found[page.chosen]
    return _case(state, one, w) if isinstance(one, wire.CaseProgress) else _ticket(state, one, w)


def _several(state: State, found: list[wire.TicketProgress | wire.CaseProgress], w: Words) -> ListView:
    """No more than four: the latest cases, and today's number before them."""
    tiles = tuple(_tile(state, one, str(place), w) for place, one in enumerate(found[:4]))
    top = frame(state, w, w("查到这些"))
    heading = w("请选择要看的一个")
    shown, turn, _ = turned(packed(state, tiles), state.session.leaf, w, "leaf")
    return ListView(top, heading, shown, turn, "", None)


def _tile(state: State, one: wire.TicketProgress | wire.CaseProgress, place: str, w: Words) -> Button:
    compact = state.kiosk.site.compact
    if isinstance(one, wire.TicketProgress) and compact:
        return Button("found", f"{one.number}  {w(_TICKET[one.state][0])}", value=place)
    if isinstance(one, wire.TicketProgress):
        return Button("found", one.number, value=place, sub=w(_TICKET[one.state][0]), icon="ticket")
    sub = w("{state} · 编号尾号 {tail}", state=w(_CASE[one.state][0]), tail=one.tail)
    name = w.pick(one.matter_zh, one.matter_en)
    if compact:
        return Button("found", f"{name} …{one.tail}", value=place)
    return Button("found", name, value=place, sub=sub, icon="list")


def _ticket(state: State, ticket: wire.TicketProgress, w: Words) -> FactsView:
    sentence, tone = _TICKET[ticket.state]
    window = w.pick(ticket.window_zh, ticket.window_en)
    large = window if ticket.state in {"called", "serving"} and window else ticket.number
    line = None
    if ticket.state == "waiting":
        line = Waiting(
            people=ticket.ahead,
            low=0 if ticket.nobody else ticket.wait_min_low,
            high=0 if ticket.nobody else ticket.wait_min_high,
            count=w.count("前面 {n} 人", ticket.ahead) if ticket.ahead else w("下一个就是您"),
            range=unserved(w, ticket.nobody)
            if ticket.nobody
            else minutes(w, ticket.wait_min_low, ticket.wait_min_high),
            known=not ticket.nobody,
        )
    area = w.pick(ticket.area_zh, ticket.area_en)
    until = "" if ticket.until is None else f"{local(state, ticket.until):%H:%M}"
    facts = [Fact(w("号码"), ticket.number)] if large != ticket.number else []
    match ticket.state:
        case "waiting":
            facts += [Fact(w("在哪里等"), area), Fact(w("接下来"), w("请看大屏、听叫号"), strong=True)]
        case "called":
            facts.append(Fact(w("接下来"), w("请马上到{window}", window=window), strong=True))
        case "serving":
            facts.append(Fact(w("接下来"), w("正在窗口办理"), strong=True))
        case "missed":
            facts.append(Fact(w("接下来"), w("{time} 前到咨询台，可以接着排", time=until), strong=True))
        case "paused":
            facts.append(Fact(w("接下来"), w("{time} 前回来，到咨询台说一声", time=until), strong=True))
        case "done":
            facts.append(Fact(w("接下来"), w("不用再等，谢谢"), strong=True))
        case _:
            facts.append(Fact(w("接下来"), w("要办事请重新取号"), strong=True))
    again = ticket.state in {"cancelled", "abandoned", "missed"}
    actions = (
        *((Button("take-ticket", w("重新取号"), icon="ticket"),) if again else ()),
        *((Button("rate", w("评价服务"), icon="face-4"),) if ticket.state == "done" else ()),
        Button("leave", w("完成"), icon="check", tone="primary"),
    )
    top = frame(state, w, w("号票进度"), caption=w("只显示大屏上也有的内容"))
    return FactsView(
        frame=top,
        large=large,
        state=w(sentence),
        tone=tone,
        waiting=line,
        facts=tuple(facts),
        note="",
        actions=actions,
    )


def _case(state: State, case: wire.CaseProgress, w: Words) -> FactsView:
    sentence, tone = _CASE[case.state]
    since = local(state, case.since)
    facts = [
        Fact(w("接下来"), w.pick(case.next_zh, case.next_en), strong=True),
        Fact(w("找谁问"), f"{w.pick(case.office_zh, case.office_en)} {case.owner_phone}".strip()),
    ]
    if not state.kiosk.site.compact:  # there the list before it has said it
        facts.append(Fact(w("编号尾号"), case.tail))
    facts.append(Fact(w("从哪天起"), plain_day(since.date(), w)))
    if case.expected is not None:
        expected = Fact(w("预计办结"), plain_day(local(state, case.expected).date(), w))
        facts.insert(1 if state.kiosk.site.compact else len(facts), expected)
    top = frame(state, w, w("办件进度"))
    return FactsView(
        frame=top,
        large=w.pick(case.matter_zh, case.matter_en),
        state=w(sentence),
        tone=tone,
        waiting=None,
        facts=tuple(facts),
        note="",
        actions=(Button("leave", w("完成"), icon="check", tone="primary"),),
    )


def nothing(state: State, page: pages.NoProgress, w: Words) -> MessageView:
    """What to check, and the ways to ask again; nothing is guessed."""
    again = {
        "unknown-case": Button("type-case", w("重新输入"), icon="keys", tone="primary"),
        "no-case": Button("type-ticket", w("输入号票号码"), icon="ticket", tone="primary"),
        "unknown-number": Button("type-ticket", w("输入号票号码"), icon="keys", tone="primary"),
    }.get(page.reply.code, Button("back", w("返回"), icon="back", tone="primary"))
    other = Button("type-case", w("输入办件编号"), icon="keys") if page.reply.code == "no-case" else None
    actions = (again, *((other,) if other else ()), Button("help", w("找人帮办"), icon="help"))
    sentence, detail = headline(w.pick(page.reply.zh, page.reply.en))
    top = frame(state, w, w("没有查到"), caption=w("请选择下一步"))
    return MessageView(top, "search", "amber", sentence, detail, "", actions)
