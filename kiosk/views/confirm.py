"""The one page before a ticket: what to bring, how long it takes, how to go on, and on which paper.

Lines that need not be handed in are green and say why; what may follow later says so. Only what is possible is
offered (``flow.ways``). The large panel shows everything at once; where four choices are the most, 其他方式 leads to
the rest. Nothing is ticked beforehand and no minutes are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.flow import State, pages
from kiosk.flow.ways import is_closed, known, papers_of, possible
from kiosk.text import Words
from kiosk.views.calm import MessageView
from kiosk.views.choose import ListView, small
from kiosk.views.code import CodeView
from kiosk.views.dates import moment
from kiosk.views.parts import Button, Frame, Tone, Waiting, frame, waiting
from queue_server.wire import messages as wire
from queue_server.wire.paths import matter_path

MOST = 4
"""Choices on a page of the small panel and of 长者专版."""


@dataclass(frozen=True, slots=True)
class Material:
    """One line; ``free``: it need not be handed in; ``later``: it may follow. The words say so, too."""

    text: str
    free: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """``materials`` is the checklist; ``actions`` give the ticket, or in the guide lead to it; ``ways`` the others."""

    frame: Frame
    name: str
    theme: str
    heading: str
    materials: tuple[Material, ...]
    waiting: Waiting | None
    duration: str
    note: str
    actions: tuple[Button, ...]
    ways: tuple[Button, ...]


def materials(matters: tuple[wire.CatalogueMatter, ...], w: Words) -> tuple[Material, ...]:
    """The checklist of several matters together, each line once."""
    return tuple(dict.fromkeys(_material(paper, w) for matter in matters for paper in papers_of(matter)))


def _material(paper: wire.Paper, w: Words) -> Material:
    name = w.pick(paper.name_zh, paper.name_en) if paper.name_en else w.data(w(paper.name_zh))
    if paper.free and "免交" not in paper.name_zh:
        why = {"licence": w("免交，有电子证照"), "shared": w("免交，数据共享")}.get(paper.free, w("免交"))
        return Material(w("{paper}（{why}）", paper=name, why=why), free=True)
    if paper.later:
        return Material(w("{paper}（{why}）", paper=name, why=w("可容缺，以后补")), later=True)
    return Material(name, free=bool(paper.free))


def _takes(state: State, w: Words) -> tuple[Button, ...]:
    """A number now, on paper or without; nothing while the hall is closed."""
    kiosk = state.kiosk
    if is_closed(state):
        return ()
    paper = kiosk.works("printer")
    tone: Tone = "plain" if paper else "primary"
    sub = "" if kiosk.site.compact else w("用手机查看")
    without = Button("take-without-paper", w("取号，不打印"), sub=sub, icon="phone", tone=tone)
    if "printer" not in kiosk.site.fitted:
        return (without,)
    return (Button("take", w("取号并打印"), icon="ticket", tone="primary", enabled=paper), without)


def _ways(state: State, matters: tuple[str, ...], w: Words) -> tuple[Button, ...]:
    buttons = {
        "missing": Button("missing", w("缺材料"), icon="list"),
        "book": Button("book", w("预约以后来"), icon="calendar"),
        "self-service": Button("self-service", w("在本机办理"), icon="check"),
        "take-remote": Button("take-remote", w("远程窗口"), sub=w("视频办理"), icon="video"),
        "proxy": Button("proxy", w("替别人办"), icon="person"),
    }
    ways = tuple(buttons[way] for way in possible(state, matters) if way in buttons)
    if not state.session.later:
        return ways
    # Who came to book is offered that first.
    return tuple(sorted(ways, key=lambda way: way.action != "book"))


def confirm(state: State, page: pages.Confirm, w: Words) -> ConfirmView:
    matters = known(state, page.matters)
    name = w("、").join(w.pick(matter.name_zh, matter.name_en) for matter in matters)
    theme = w.pick(matters[0].theme_zh, matters[0].theme_en) if matters else ""
    lines = materials(matters, w)
    line = waiting(state, w, matters[0].group) if matters and not is_closed(state) else None
    service = w("窗口办理约 {n} 分钟", n=round(sum(matter.service_min for matter in matters)))
    if page.guide:
        top = frame(state, w, w("要带什么，要等多久"), caption=w("只是查看，还没有取号"))
        actions: tuple[Button, ...] = (
            Button("take-ticket", w("去办理"), icon="ticket", tone="primary"),
            Button("checklist", w("清单带到手机"), icon="code"),
        )
        ways: tuple[Button, ...] = ()
        note = ""
    else:
        top = frame(state, w, w("请确认后取号"), step=2, caption=w("材料带齐，少跑一趟"))
        actions, ways = _arranged(state, _takes(state, w), _ways(state, page.matters, w), w)
        note = ""
        if is_closed(state):
            top = frame(state, w, w("现在不能取号"), step=2, caption=w("大厅不在服务时间，可以选其他办法"))
            note = _opens(state, w)
    heading = w("不需要带材料")
    if lines:
        heading = w("请带好这些材料") if page.guide else w("请确认已带")
    return ConfirmView(
        frame=top,
        name=name,
        theme=theme,
        heading=heading,
        materials=lines,
        waiting=line,
        duration=service,
        note=note,
        actions=actions,
        ways=ways,
    )


def _opens(state: State, w: Words) -> str:
    opening = state.kiosk.outlook.next_opening if state.kiosk.outlook else None
    if opening is None:
        return w("现在不在服务时间")
    when = moment(state, opening, w)
    return w("{when} 开放", when=when) if state.kiosk.site.compact else w("现在不在服务时间，{when} 开放", when=when)


def _arranged(
    state: State, takes: tuple[Button, ...], ways: tuple[Button, ...], w: Words
) -> tuple[tuple[Button, ...], tuple[Button, ...]]:
    """What stands large, and what beside it. Without a number the first other way is the large one."""
    if not takes and not ways:
        return (Button("help", w("找人帮办"), icon="help", tone="primary"),), ()
    if not takes:
        takes, ways = (replace(ways[0], tone="primary"),), ways[1:]
    if not small(state):
        return takes, ways
    room = MOST - len(takes)
    if len(ways) <= room:
        return (*takes, *ways), ()
    return (*takes, *ways[: room - 1], Button("other-ways", w("其他方式"), icon="more")), ()


def other_ways(state: State, page: pages.OtherWays, w: Words) -> ListView:
    """What had no room on the confirm page, and once more what stood there beside the number."""
    tiles = _ways(state, page.matters, w)[-MOST:]
    top = frame(state, w, w("其他方式"), step=2, caption=w("请选择怎么办"))
    heading = w("请选择怎么办")
    note = "" if tiles else w("现在没有其他方式，请返回")
    return ListView(top, heading, tiles, (), note, None, icon="more")


def missing(state: State, page: pages.Missing, w: Words) -> MessageView:
    """Three ways: take the number all the same, come another day, or take the list along."""
    ways = possible(state, page.matters)
    actions: list[Button] = []
    if not is_closed(state):
        paper = state.kiosk.works("printer")
        actions.append(Button("take" if paper else "take-without-paper", w("仍然取号"), icon="ticket"))
    if "book" in ways:
        actions.append(Button("book", w("改天再来，先预约"), icon="calendar"))
    actions.append(Button("checklist", w("清单带到手机"), icon="code"))
    actions[0] = replace(actions[0], tone="primary")
    later = [line.text for line in materials(known(state, page.matters), w) if line.later]
    sentence, detail = w("材料没带齐，也可以办"), w("窗口会告诉您怎么补，缺的可以以后交")
    detail = "\n".join((*later, detail))
    top = frame(state, w, w("缺材料"), step=2, caption=w("请选择怎么办"))
    return MessageView(top, "list", "plain", sentence, detail, "", tuple(actions))


def checklist(state: State, page: pages.Checklist, w: Words) -> CodeView:
    """The same list on the citizen's phone; read out here for who has none."""
    matters = known(state, page.matters)
    name = w("、").join(w.pick(matter.name_zh, matter.name_en) for matter in matters)
    lines = tuple(line.text for line in materials(matters, w)) or (w("不需要带材料"),)
    site = state.kiosk.site
    lang = "zh" if w.lang.startswith("zh") else "en"
    qr = site.public_url.rstrip("/") + matter_path(page.matters[0], site.hall, lang) if matters else ""
    top = frame(state, w, w("清单带到手机"), caption=w("扫码查看，不用下载"))
    note = w("手机扫码看清单")
    actions = (Button("back", w("返回"), icon="back", tone="primary"),)
    return CodeView(
        frame=top,
        heading=name,
        large_note="",
        large="",
        lines=lines,
        qr=qr,
        qr_note=note,
        paper="",
        paper_tone="plain",
        actions=actions,
    )
