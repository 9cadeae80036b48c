"""Choosing a matter: the wanted ones first, then themes, then letters.

Pages, never scrolling. How many fit on a page depends on the panel and on 长者专版 (at most four choices), so
it is decided here and not in the flow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.advances import bold
from kiosk.flow import State, pages
from kiosk.flow.record import look_ups
from kiosk.flow.wanted import hottest
from kiosk.linebreak import wrap
from kiosk.text import Words
from kiosk.views import letters
from kiosk.views.calm import MessageView
from kiosk.views.parts import Button, Frame, Waiting, frame, local, waiting
from queue_server.wire import messages as wire

Matters = tuple[wire.CatalogueMatter, ...]
Looked = pages.Searching | pages.Found


@dataclass(frozen=True, slots=True)
class HotView:
    """The large panel's first choice: six matters, every theme, and the search."""

    frame: Frame
    heading: str
    waiting: Waiting | None
    tiles: tuple[Button, ...]
    themes_heading: str
    themes: tuple[Button, ...]
    search: Button
    unsure: Button


@dataclass(frozen=True, slots=True)
class ListView:
    """A leaf of equal choices with what turns the leaves, or leads elsewhere, beside it.

    ``heading`` says what the choices are, ``where`` which leaf this is; ``note`` what to do when there are none.
    ``columns``: 0 as the panel likes; ``icon`` stands there beside the heading.
    """

    frame: Frame
    heading: str
    tiles: tuple[Button, ...]
    side: tuple[Button, ...]
    note: str
    waiting: Waiting | None
    columns: int = 0
    where: str = ""
    icon: str = "list"


@dataclass(frozen=True, slots=True)
class SearchView:
    """``signs``: characters that the last letters may mean; a touch puts one in their place."""

    frame: Frame
    prompt: str
    typed: str
    found: str
    keys: tuple[tuple[Button, ...], ...]
    hits: tuple[Button, ...]
    show: Button
    signs: tuple[Button, ...] = ()


def small(state: State) -> bool:
    """At most four choices on a page."""
    return state.kiosk.site.compact or state.session.elder


def _one_list(state: State) -> bool:
    """No room, or no wish, for the first choice with every theme on it."""
    return small(state) or state.session.low


def _meant(page: Looked, matters: Matters) -> Matters:
    """Of these what the page is about: all, or what can be looked up."""
    return tuple(matter for matter in matters if matter.look_up != "no") if page.look_up else matters


def _tile(page: Looked, matter: wire.CatalogueMatter, w: Words) -> Button:
    return replace(_matter(matter, w), action="look-up") if page.look_up else _matter(matter, w)


def _matter(matter: wire.CatalogueMatter, w: Words, *, sub: bool = False) -> Button:
    return Button(
        "matter",
        w.pick(matter.name_zh, matter.name_en),
        value=matter.id,
        sub=w.pick(matter.theme_zh, matter.theme_en) if sub else "",
    )


def _title(w: Words, *, guide: bool) -> str:
    return w("想了解哪件事？") if guide else w("要办哪件事？")


def _caption(w: Words, *, guide: bool) -> str:
    return w("点一下想了解的事") if guide else w("点一下要办的事")


def _step(*, guide: bool) -> int | None:
    return None if guide else 1


def _purpose(state: State, w: Words, *, guide: bool) -> str:
    return w("要预约哪件事？") if state.session.later and not guide else _title(w, guide=guide)


def no_catalogue(top: Frame, w: Words) -> MessageView:
    """Nothing can be chosen yet: why, and who helps meanwhile."""
    help_ = Button("help", w("找人帮办"), icon="help", tone="primary")
    sentence, detail = w("事项目录尚未收到"), w("收到后会自动显示，请稍候")
    return MessageView(top, "list", "amber", sentence, detail, "", (help_,))


def hot(state: State, page: pages.Hot, w: Words) -> HotView | ListView | MessageView:
    catalogue = state.kiosk.catalogue
    top = frame(
        state,
        w,
        _purpose(state, w, guide=page.guide),
        step=_step(guide=page.guide),
        caption=_caption(w, guide=page.guide),
    )
    if not catalogue.matters:
        return no_catalogue(top, w)
    search = Button("search", w("按拼音查找"), icon="search")
    tiles = tuple(_matter(matter, w) for matter in hottest(state, 4 if small(state) else 6))
    heading, line = w("常办事项"), waiting(state, w)
    if _one_list(state):
        themes = Button("themes", w("全部主题"), icon="grid")
        return ListView(top, heading, tiles, (themes, search), "", line)
    themed = tuple(Button("theme", w.pick(zh, en), value=zh) for zh, en in catalogue.themes[:18])
    unsure = Button("help", w("不清楚，请人帮我"), icon="help")
    return HotView(
        frame=top,
        heading=heading,
        waiting=line,
        tiles=tiles,
        themes_heading=w("按主题找"),
        themes=themed,
        search=search,
        unsure=unsure,
    )


def packed(state: State, buttons: tuple[Button, ...], many: int = 10) -> tuple[tuple[Button, ...], ...]:
    """Leaves of equal choices: on the small panel two below each other where a name is too long for its four places."""
    if not state.kiosk.site.compact:
        per = FOUR if small(state) else many
        return tuple(buttons[at : at + per] for at in range(0, len(buttons), per)) or ((),)
    leaves: list[tuple[Button, ...]] = []
    wide = NAME_EM if len(buttons) > FOUR else LONE_NAME_EM
    while buttons:
        taken = FOUR // 2 if any(_long(button, wide) for button in buttons[:FOUR]) else FOUR
        leaves.append(buttons[:taken])
        buttons = buttons[taken:]
    return tuple(leaves) or ((),)


def _long(button: Button, wide: float) -> bool:
    return len(wrap(button.label, wide, bold) or "long") > NAME_LINES


def leaf(
    buttons: tuple[Button, ...], page: int, per_page: int, w: Words
) -> tuple[tuple[Button, ...], tuple[Button, ...], str]:
    """One leaf of ``buttons``, what turns it, and "2 / 3" in words; ``page`` is clamped."""
    leaves = tuple(buttons[at : at + per_page] for at in range(0, len(buttons), per_page)) or ((),)
    return turned(leaves, page, w)


def turned(
    leaves: tuple[tuple[Button, ...], ...], page: int, w: Words, action: str = "page"
) -> tuple[tuple[Button, ...], tuple[Button, ...], str]:
    """The same of ``leaves``, however many stand on each."""
    count = len(leaves)
    page = min(page, count - 1)
    turn = (
        Button(action, w("上一页"), value=str(max(0, page - 1)), icon="up", enabled=page > 0),
        Button(action, w("下一页"), value=str(page + 1), icon="down", enabled=page + 1 < count),
    )
    where = w("第 {n} 页，共 {all} 页", n=page + 1, all=count)
    if count == 1:
        return leaves[0], (), ""
    return leaves[page], turn, where


def on_small_panel(view: ListView, w: Words) -> ListView:
    """The same with names that fit a control no wider than a finger, and two choices as wide as the page; help is in
    the bar at any time.
    """
    short = {"up": w("上页"), "down": w("下页"), "grid": w("全部"), "search": w("查找")}

    def named(button: Button) -> Button:
        lines = wrap(button.label, SIDE_EM, bold)
        narrow = lines is None or len(lines) > NAME_LINES or button.icon in {"up", "down"}
        return replace(button, label=short.get(button.icon, button.label)) if narrow else button

    side = tuple(named(button) for button in view.side if button.action != "help")
    return replace(view, side=side, columns=1 if len(view.tiles) <= FOUR // 2 else 2)


def themes(state: State, page: pages.Themes, w: Words) -> ListView:
    buttons = tuple(Button("theme", w.pick(zh, en), value=zh) for zh, en in state.kiosk.catalogue.themes)
    return _list(state, w, w("按主题找"), buttons, page.page, guide=page.guide)


def in_theme(state: State, page: pages.InTheme, w: Words) -> ListView:
    matters = state.kiosk.catalogue.of_theme(page.theme_zh)
    heading = w.pick(matters[0].theme_zh, matters[0].theme_en) if matters else w.data(page.theme_zh)
    shown = _list(state, w, heading, tuple(_matter(matter, w) for matter in matters), page.page, guide=page.guide)
    if not shown.side or state.kiosk.site.compact:
        return shown
    # Hundreds of matters are no leaves to turn: letters find one among them.
    return replace(shown, side=(*shown.side, Button("search", w("在这里查找"), icon="search")))


def found(state: State, page: pages.Found, w: Words) -> ListView:
    hits = tuple(_tile(page, m, w) for m in _meant(page, state.kiosk.catalogue.find(page.typed, page.theme_zh)))
    if not hits:
        return _not_found(state, page, w)
    shown = _list(state, w, w.count("找到 {n} 项", len(hits)), hits, page.page, guide=page.guide)
    return replace(shown, frame=_looking(state, w), waiting=None, icon="search") if page.look_up else shown


def _looking(state: State, w: Words) -> Frame:
    return frame(state, w, w("要查哪一项？"), caption=w("查到后可以打印"))


def _not_found(state: State, page: pages.Found, w: Words) -> ListView:
    """Nothing fits: the nearest three, the enquiry, where every question is at home, and somebody who helps."""
    catalogue = state.kiosk.catalogue
    enquiry = None if page.look_up else catalogue.matters.get(catalogue.of_role("enquiry"))
    near = tuple(matter for matter in _meant(page, catalogue.index.nearest(page.typed)) if matter is not enquiry)
    tiles = tuple(_tile(page, matter, w) for matter in (*near, enquiry) if matter is not None)
    top = frame(
        state, w, _title(w, guide=page.guide), step=_step(guide=page.guide), caption=_caption(w, guide=page.guide)
    )
    heading = w("没有找到，可能是这些") if near else w("没有找到，可以先咨询")
    if page.look_up:
        top, heading = _looking(state, w), heading if near else w("没有找到，常查的是这些")
        tiles = tiles or tuple(_tile(page, matter, w) for matter in look_ups(catalogue)[:3])
    shown, turn, _where = turned(packed(state, tiles), page.page, w)
    side = turn or (Button("help", w("找人帮办"), icon="help"),)
    note = "" if tiles else w("没有找到，请返回重试或找帮办")
    line = None if page.look_up else waiting(state, w)
    return ListView(top, heading, shown, side, note, line)


def _list(state: State, w: Words, heading: str, buttons: tuple[Button, ...], page: int, *, guide: bool) -> ListView:
    tiles, turn, where = turned(packed(state, buttons), page, w)
    top = frame(state, w, _title(w, guide=guide), step=_step(guide=guide), caption=_caption(w, guide=guide))
    note = "" if buttons else w("没有找到，请返回重试或找帮办")
    line = waiting(state, w)
    return ListView(top, heading, tiles, turn, note, line, where=where)


FOUR, NAME_LINES = 4, 2
NAME_EM, LONE_NAME_EM = 6.9, 8.4
"""How wide a name may be in one of the small panel's four places, beside what turns the leaves and without it."""
SIDE_EM = 3.3
HIT_EM = 12.2
"""How much of a name the small panel shows beside how many were found."""


def _first_hits(state: State) -> int:
    """How many stand above the letters; in 低位 there is less room for them, on the small panel none."""
    session = state.session
    if state.kiosk.site.compact:
        return 0
    return (2 if session.low else 4) if session.elder else (4 if session.low else 6)


def searching(state: State, page: pages.Searching, w: Words) -> SearchView:
    title, step = (w("要查哪一项？"), None) if page.look_up else (_title(w, guide=page.guide), _step(guide=page.guide))
    top = frame(state, w, title, step=step, caption=w("打几个字母就能找到"))
    catalogue = state.kiosk.catalogue
    hits = _meant(page, catalogue.find(page.typed, page.theme_zh))
    shown = _first_hits(state)
    count = w.count("找到 {n} 项", len(hits)) if page.typed else ""
    offered = hits[:shown]
    if page.typed and not hits:
        count = w("没有找到，请删除重试")
    if not hits and shown:
        # Nothing typed or nothing found: what is nearest, or what most people come for, in the same place.
        near = _meant(page, catalogue.index.nearest(page.typed))
        offered = near or (look_ups(catalogue)[:shown] if page.look_up else hottest(state, shown))
        if page.typed:
            count = w("没有找到，请删除重试。相近的有：") if near else w("没有找到，请删除重试。常办的有：")
        else:
            count = w("常查的有：") if page.look_up else w("常办的有：")
    tiles = tuple(_tile(page, matter, w) for matter in offered)
    typed = page.typed.upper()
    if state.kiosk.site.compact:
        # On the telephone pad the letters are not known; the first hit shows that one is on the way, if it has room.
        first = w.pick(hits[0].name_zh, hits[0].name_en) if hits else ""
        typed, count = (first, count) if first and sum(map(bold, first)) <= HIT_EM else (count, "")
    lost = bool(page.typed and not hits)
    show = Button(
        "show-found", w("其他办法") if lost else w("查看结果"), icon="list", enabled=bool(page.typed), tone="primary"
    )
    prompt = w("请输入拼音首字母，例如 SBK")
    return SearchView(
        frame=top,
        prompt=prompt,
        typed=typed,
        found=count,
        keys=letters.keys(state, w),
        hits=tiles,
        show=show,
        signs=letters.signs(state, page, w),
    )


def choice(state: State, option: wire.Choice, w: Words) -> Button:
    """One appointment: its time, and what it is for."""
    known = state.kiosk.catalogue.matters
    names = [w.pick(known[name].name_zh, known[name].name_en) for name in option.matters if name in known]
    when, what = f"{local(state, option.slot_start):%H:%M}", w("、").join(names)
    if state.kiosk.site.compact:
        return Button("appointment", f"{when} {what}", value=option.appointment)
    return Button("appointment", when, value=option.appointment, sub=what, icon="calendar")
