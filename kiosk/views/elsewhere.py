"""The first page while no number is to be had here: what still works, and where else to go.

Two reasons lead here. The hall is closed: then it says when it opens, which hall nearby is open now, who helps by
telephone, and offers what needs no window. Or the terminal can neither ask the hall nor has numbers of its own
(``flow.offline.all_out``): then it says so, whose terminal it is, and where the next one stands. Hours and places are
the last that a server has told; a time that has passed is never shown, and what is known only by the plan is said with
its hour, not with "open" alone. The page goes by itself when a number can be had again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.flow import State
from kiosk.flow.panel import resting
from kiosk.flow.record import look_ups
from kiosk.text import Words, words
from kiosk.views.dates import plain_day
from kiosk.views.manner import low_switch
from kiosk.views.parts import Button, Frame, Strip, Tone, frame, local
from queue_server.wire import messages as wire

SIGN_S = 8
"""The small panel has room for one sign: they take turns."""
ALWAYS = timedelta(hours=24)
"""Who does not close for so long does not close."""
NEAR_M = 1000


@dataclass(frozen=True, slots=True)
class Sign:
    """Somewhere else, or somebody to be called: ``title`` says what it is, ``name`` who, or by which number.

    ``text`` is what one needs to get there: until when, where.
    """

    icon: str
    title: str
    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ElsewhereView:
    """``headline`` is read from afar, ``other`` is the same in another language: nobody has chosen one yet.

    On the small panel it is the title. ``heading`` stands above the ``actions`` that work.
    """

    frame: Frame
    icon: str
    tone: Tone
    headline: str
    other: str
    signs: tuple[Sign, ...]
    heading: str
    actions: tuple[Button, ...]
    owner: str
    hours: str
    low: Button | None
    resting: bool


def closed(state: State, w: Words) -> ElsewhereView:
    """The hall is closed."""
    kiosk = state.kiosk
    opens = kiosk.outlook.next_opening if kiosk.outlook is not None else None
    opens = opens if opens is not None and opens > kiosk.now else None

    def said(w: Words) -> str:
        return w("{when} 开放", when=_when(state, opens, w)) if opens else w("大厅现在不开放")

    book = Button("book", w("预约以后来"), sub=w("选日子和时间，不用排队"), icon="calendar", tone="primary")
    records = kiosk.works("idcard") and bool(look_ups(kiosk.catalogue))
    found = w("查进度、查材料、个人记录") if records else w("查进度、查材料")
    services = Button("services", w("自助查询打印"), sub=found, icon="search")
    bookable = any(matter.bookable for matter in kiosk.catalogue.matters.values())
    view = ElsewhereView(
        frame=frame(state, w, w("现在不在服务时间"), caption=w.data(kiosk.site.name_zh)),
        icon="clock",
        tone="on",
        headline=said(w),
        other=said(_other(w)),
        signs=_signs(_open_place(state, opens, w), _by_phone(state, w)),
        heading=w("现在还能办"),
        actions=(book, services) if bookable else (services,),
        owner=_owner(state, w),
        hours=_hours(state, w),
        low=low_switch(state, w),
        resting=resting(state),
    )
    if not kiosk.site.compact:
        return view
    return _compact(state, w, replace(view, frame=replace(_calm(state, view.frame), title=view.headline)))


def all_out(state: State, w: Words) -> ElsewhereView:
    """Nothing can be given or asked here."""
    kiosk = state.kiosk
    top = _calm(state, frame(state, w, w("本机暂停取号"), caption=w.data(kiosk.site.name_zh)))
    if kiosk.site.compact and top.strip is None:
        top = replace(top, strip=Strip(w("网络中断，暂停取号")))
    guide = Button("guide", w("查材料"), sub=w("要带什么、要办多久"), icon="list")
    view = ElsewhereView(
        frame=top,
        icon="pause",
        tone="amber",
        headline=w("网络中断，现在不能取号、签到"),
        other=_other(w)("网络中断，现在不能取号、签到"),
        signs=_signs(_by_hand(state, w), _other_kiosk(state, w), _responsible(state, w)),
        heading=w("本机还能") if kiosk.catalogue.matters else "",
        actions=(guide,) if kiosk.catalogue.matters else (),
        owner="",
        hours=_hours(state, w),
        low=low_switch(state, w),
        resting=resting(state),
    )
    return _compact(state, w, view) if kiosk.site.compact else view


def _calm(state: State, top: Frame) -> Frame:
    """The page itself says what is wrong: no strip but for somebody who has left something."""
    said = state.kiosk.notice is not None or state.kiosk.card_left
    return top if said else replace(top, strip=None)


def _compact(state: State, w: Words, view: ElsewhereView) -> ElsewhereView:
    """Only what the small panel draws: the title, one sign after the other, and what can be touched."""
    whose = _responsible(state, w)
    signs = view.signs if whose in view.signs else (*view.signs, whose)
    phone = _by_phone(state, w)
    if phone is not None and phone not in signs:
        signs = (*signs, phone)
    at = int(state.kiosk.monotonic_s // SIGN_S) % len(signs)
    return replace(
        view,
        headline="",
        other="",
        signs=signs[at : at + 1],
        heading="",
        actions=tuple(replace(button, sub="") for button in view.actions),
        owner="",
        hours="",
    )


def _other(w: Words) -> Words:
    return words("en" if w.lang.startswith("zh") else "zh-Hans")


def _signs(*signs: Sign | None) -> tuple[Sign, ...]:
    return tuple(sign for sign in signs if sign is not None)


def _owner(state: State, w: Words) -> str:
    site = state.kiosk.site
    return w("责任单位：{owner}  电话：{phone}", owner=w.data(site.owner), phone=site.owner_phone)


def _hours(state: State, w: Words) -> str:
    return w("服务时间：{hours}", hours=w.data(state.kiosk.site.hours_zh))


def _responsible(state: State, w: Words) -> Sign:
    """Whose terminal this is."""
    site, phone = state.kiosk.site, _by_phone(state, w)
    text = _listed(w, f"{phone.title} {phone.name}", phone.text) if phone is not None else ""
    if site.compact:
        text = "" if state.session.elder else _hours(state, w)
    return Sign("phone", w("责任单位：{owner}", owner=w.data(site.owner)), site.owner_phone, text)


def _by_phone(state: State, w: Words) -> Sign | None:
    """The desk that helps from afar, and when: whether somebody sits there now is not known here."""
    site = state.kiosk.site
    if not site.remote_phone:
        return None
    return Sign("phone", w("电话帮办"), site.remote_phone, w.data(site.remote_hours_zh))


def _open_place(state: State, ours: datetime | None, w: Words) -> Sign | None:
    """The nearest hall that is open now; else the one that opens first, unless this one is open before it."""
    now = state.kiosk.now
    coming = [(one, hall) for hall in _halls(state) if (one := _next(hall, now)) is not None]
    for opening, hall in coming:
        if opening.opens <= now:
            return _place(state, w("附近开放"), hall, w)
    if not coming:
        return None
    opening, first = min(coming, key=lambda one: one[0].opens)  # of several at the same time the nearest
    if ours is not None and opening.opens > ours:
        return None
    return _place(state, w("附近最早开放"), first, w)


def _by_hand(state: State, w: Words) -> Sign:
    """Who gives a number by hand: the desk of this house or, where the hall stands in another, the hall itself."""
    ours = next((hall for hall in _halls(state) if hall.hall == state.kiosk.site.hall), None)
    if ours is None:
        return Sign("person", w("咨询台"), w("可以取纸质号"))
    return _place(state, w("可以直接到大厅"), ours, w)


def _halls(state: State) -> list[wire.NearHall]:
    return state.kiosk.near.halls if state.kiosk.near is not None else []


def _next(hall: wire.NearHall, now: datetime) -> wire.Opening | None:
    """The opening that is now, else the first that comes."""
    return next((one for one in hall.openings if one.closes > now), None)


def _place(state: State, title: str, hall: wire.NearHall, w: Words) -> Sign:
    opening, said = _next(hall, state.kiosk.now), ""
    if opening is not None and opening.opens <= state.kiosk.now:
        said = _until(state, opening.closes, w)
    elif opening is not None:
        said = w("{when} 开放", when=_when(state, opening.opens, w))
    far = "" if state.kiosk.site.compact else _far(hall.metres, w)
    return Sign("place", title, w.pick(hall.name_zh, hall.name_en), _listed(w, said, w.data(hall.address_zh), far))


def _other_kiosk(state: State, w: Words) -> Sign | None:
    """The nearest other terminal, by the name of its site and its code."""
    kiosks = state.kiosk.near.kiosks if state.kiosk.near is not None else []
    if not kiosks:
        return None
    one = kiosks[0]
    far = "" if state.kiosk.site.compact else _far(one.metres, w)
    text = _listed(w, w("编号 {code}", code=one.kiosk), w.data(one.place_zh), far)
    return Sign("place", w("最近的自助机"), w.pick(one.site_zh, one.site_en), text)


def _listed(w: Words, *parts: str) -> str:
    return w("，").join(part for part in parts if part)


def _far(metres: int | None, w: Words) -> str:
    """As the crow flies, and said so; nothing within the same house."""
    if not metres:
        return ""
    if metres < NEAR_M:
        return w("直线约 {n} 米", n=max(50, round(metres / 50) * 50))
    return w("直线约 {n} 公里", n=f"{metres / 1000:.1f}")


def _until(state: State, closes: datetime, w: Words) -> str:
    if closes - state.kiosk.now >= ALWAYS:
        return w("全天开放")
    same_day = local(state, closes).date() == local(state, state.kiosk.now).date()
    return w("开放到 {when}", when=f"{local(state, closes):%H:%M}" if same_day else _when(state, closes, w))


def _when(state: State, moment: datetime, w: Words) -> str:
    at, today = local(state, moment), local(state, state.kiosk.now).date()
    time = f"{at:%H:%M}"
    if at.date() == today:
        return w("今天 {time}", time=time)
    if at.date() == today + timedelta(days=1):
        return w("明天 {time}", time=time)
    return f"{plain_day(at.date(), w)} {time}"
