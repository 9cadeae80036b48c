"""What all views have in common: buttons, the bar, the amber strip, and the waiting line as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from kiosk.flow import State, pages
from kiosk.flow.settings import NEXT
from kiosk.text import NAMES, Words
from queue_server.wire import messages as wire

AT_ONCE_MIN = 5
"""Up to so many minutes, with nobody before one, are no wait."""

Tone = Literal["plain", "primary", "quiet", "on", "good", "amber", "bad"]


@dataclass(frozen=True, slots=True)
class Button:
    """A control: ``action`` and ``value`` are what its touch means. ``sub`` is a smaller second line."""

    action: str
    label: str
    value: str = ""
    sub: str = ""
    icon: str = ""
    tone: Tone = "plain"
    enabled: bool = True
    at: int = -1
    """Its place in reading order, while the page is read aloud."""
    focused: bool = False
    """The keypad stands on it: drawn with a ring, so that who helps sees it, too."""


Bar = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """One line under the title that everybody should know: the link is lost, there is no paper."""

    text: str
    tone: Tone = "amber"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The hall's line, to be seen and read. ``people`` waiting; minutes are the range that holds in 9 of 10.

    Without a wait ``low`` and ``high`` are 0: there is nothing to be drawn, and ``range`` says so in words.
    """

    people: int
    low: int
    high: int
    count: str
    range: str
    known: bool = True
    """False while nobody can serve: then no minutes are 0 minutes to be drawn, and no good news."""

    @property
    def at_once(self) -> bool:
        return self.known and not self.high


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has: title, where one is ("2 / 3"), clock, strip, bar, and the manner it is drawn in.

    ``caption`` is the line under the title: what to do here. The strip takes its place while there is one.
    """

    title: str
    bar: Bar
    lang: str
    elder: bool
    clock: str
    step: str = ""
    strip: Strip | None = None
    caption: str = ""
    contrast: bool = False
    low: bool = False
    voice: bool = False
    said: str = ""
    """What the voice says now: everything that is said is also shown."""
    explore: bool = False
    """A finger reads what it touches; a second touch in the same place does it."""


def frame(
    state: State, w: Words, title: str, *, caption: str = "", step: int | None = None, hidden_bar: bool = False
) -> Frame:
    """``step`` 1 to 3: how far on the way to a ticket."""
    session = state.session
    return Frame(
        title=title,
        bar=() if hidden_bar else bar(state, w),
        lang=session.lang,
        elder=session.elder,
        clock=f"{local(state, state.kiosk.now):%H:%M}",
        step=w("第 {n} 步，共 {all} 步", n=step, all=3) if step else "",
        strip=strip(state, w),
        caption=caption,
        contrast=session.contrast,
        low=session.low and not state.kiosk.site.compact,
    )


def bar(state: State, w: Words) -> Bar:
    """返回 · 首页 · 语言 · 长者专版 · 读屏 · 遮挡 · 帮办, always in this order, help always at the far right.

    The small panel has room for five targets of 20 mm: what is not urgent stands behind 更多.
    """
    session, page = state.session, state.session.page
    at_start = isinstance(page, pages.Start)
    back = Button("back", w("返回"), icon="back", enabled=_goes_back(state))
    home = Button("home", w("首页"), icon="home", enabled=not at_start)
    language = _language(state, w)
    elder = Button(
        "elder",
        _elder_name(state, w),
        icon="letters",
        tone="on" if session.elder else "plain",
    )
    voice = Button(
        "voice",
        w("读屏"),
        icon="voice",
        tone="on" if session.voice else "plain",
        enabled=state.kiosk.speaks or session.voice,
    )
    cover = Button("cover", w("遮挡"), icon="cover")
    help_ = Button("help", w("帮办"), icon="help", tone="primary")
    if state.kiosk.site.compact:
        return (back, language, elder, Button("more", w("更多"), icon="more"), help_)
    return (back, home, language, elder, voice, cover, help_)


def _goes_back(state: State) -> bool:
    """Not from what is done or under way; a question can be dropped."""
    session = state.session
    if session.leaf:
        return True
    match session.page:
        case pages.Asking():
            return session.wish is not None and session.wish.question
        case pages.Start() | pages.Given() | pages.Booked() | pages.OnList():
            return False
    return True


def _elder_name(state: State, w: Words) -> str:
    """On the small panel a translation has the room of a few letters."""
    if state.kiosk.site.compact and not w.lang.startswith("zh"):
        return w("普通") if state.session.elder else w("大字")
    return w("普通版") if state.session.elder else w("长者专版")


def _language(state: State, w: Words) -> Button:
    """Who does not read the language in use finds the control by the globe and the other script."""
    compact, lang = state.kiosk.site.compact, state.session.lang
    if compact:
        own, other = (w("语言"), "EN") if lang.startswith("zh") else ("EN", "中文")
    else:
        own, other = w("语言"), "Language" if lang.startswith("zh") else "中文"
    tone: Tone = "on" if isinstance(state.session.page, pages.Settings) else "plain"
    return Button("language", f"{own} {other}", icon="globe", tone=tone)


def next_language(state: State) -> Button:
    """Where there is no page above: the next language, by its own name."""
    return Button("language", NAMES[NEXT[state.session.lang]], icon="globe")


def strip(state: State, w: Words) -> Strip | None:
    """The most urgent thing that is not as it should be, in one line."""
    kiosk = state.kiosk
    if kiosk.card_left and not isinstance(state.session.page, pages.CardLeft):
        return Strip(w("请取走您的身份证"), "amber")
    if kiosk.notice is not None and isinstance(state.session.page, pages.Start):
        match kiosk.notice.result:
            case "printing" if kiosk.notice.what == "booking":
                return Strip(w("预约单正在打印"), "good")
            case "printed" if kiosk.notice.what == "booking":
                return Strip(w("预约单已打印，请取走"), "good")
            case _ if kiosk.notice.what == "booking":
                return Strip(w("预约单未能打印，请找帮办"), "amber")
            case "printing":
                return Strip(w("号票 {number} 正在打印", number=kiosk.notice.number), "good")
            case "renumbered":
                return Strip(
                    w("号码 {was} 已改为 {number}，请留意", was=kiosk.notice.was, number=kiosk.notice.number), "amber"
                )
            case "printed":
                return Strip(w("号票 {number} 已打印，请取走", number=kiosk.notice.number), "good")
            case _:
                return Strip(w("号票 {number} 未能打印，请记下号码", number=kiosk.notice.number), "amber")
    if not kiosk.link_up or kiosk.silent:
        return _unheard(state, w)
    unheard = state.session.voice and not kiosk.speaks
    return _lost(state, w) or (Strip(w("没有声音，请看字幕，或找帮办")) if unheard else None)


def _unheard(state: State, w: Words) -> Strip:
    """One line: that it is so, and what still works."""
    kiosk, page = state.kiosk, state.session.page
    if not any(kiosk.own_numbers.values()):
        known = kiosk.link_known or kiosk.silent
        return Strip(w("网络中断，取号请到咨询台") if known else w("网络中断，正在重新连接"), "amber")
    return Strip(w("网络中断，离线取号可用") if isinstance(page, pages.Start) else w("离线取号，号码有效"), "amber")


def _lost(state: State, w: Words) -> Strip | None:
    """What is fitted and away, where it is missed: a reader where one would use it, paper everywhere."""
    kiosk, page = state.kiosk, state.session.page
    codes = not kiosk.reads_codes and (kiosk.lost("scanner") or kiosk.lost("camera"))
    lost = []
    if kiosk.lost("printer"):
        lost.append(w("打印"))
    if isinstance(page, pages.Start | pages.CheckInWays):
        lost += [w("读卡")] if kiosk.lost("idcard") else []
        lost += [w("扫码")] if codes else []
    match lost:
        case [] if kiosk.lost("panel") and isinstance(page, pages.Start | pages.Help):
            return Strip(w("呼叫键暂停使用，请点“帮办”"))
        case []:
            return None
        case [_] if kiosk.lost("printer") and kiosk.reasons.get("printer") == "paper-out":
            return Strip(w("打印纸已用完，可取无纸号票"))
        case [_] if kiosk.lost("printer"):
            return Strip(w("打印机暂停使用，可取无纸号票"))
        case [one]:
            return Strip(w("{device}暂停使用，请用其他方式", device=one))
    return Strip(w("{devices}暂停使用，其他照常", devices=w("、").join(lost)))


def local(state: State, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(state.kiosk.site.tz))


def minutes(w: Words, low: int, high: int) -> str:
    """A waiting range in words."""
    if high <= 1:
        return w("几乎不用等")
    return w("约 {low}–{high} 分钟", low=low, high=high) if low < high else w("约 {n} 分钟", n=high)


def waiting(state: State, w: Words, group: str | None = None) -> Waiting | None:
    """The line of the hall, or of one group; None while nothing is known of it."""
    outlook = state.kiosk.outlook
    if outlook is None or not state.kiosk.link_up:
        return None
    row: wire.Outlook | wire.GroupOutlook = outlook
    if group is not None:
        row = next((x for x in outlook.groups if x.group == group), outlook)
    if row.nobody:
        count = w.count("{n} 人等候", row.waiting) if row.waiting else unserved(w, row.nobody)
        unknown = unserved(w, row.nobody) if row.waiting else w("时间暂时无法预计")
        return Waiting(row.waiting, 0, 0, count, unknown, known=False)
    if not row.waiting:
        return _nobody(w, outlook.windows_open, row.wait_min_low, row.wait_min_high)
    return Waiting(
        people=row.waiting,
        low=row.wait_min_low,
        high=row.wait_min_high,
        count=w.count("{n} 人等候", row.waiting),
        range=minutes(w, row.wait_min_low, row.wait_min_high),
    )


def last_known(state: State, w: Words) -> str:
    """What was last heard of the line, said with its time; nothing where nothing was."""
    outlook = state.kiosk.outlook
    if outlook is None or not outlook.open:
        return ""
    return w.count("{time} 时等候 {n} 人", outlook.waiting, time=f"{local(state, outlook.at):%H:%M}")


def unserved(w: Words, code: str) -> str:
    """Why nobody can be served now, in a few words: said in place of minutes that would be invented."""
    return {
        "no-window-open": w("暂无窗口开放"),
        "paused-windows": w("窗口都在暂停"),
        "no-window-with-skill": w("暂无窗口能办"),
    }.get(code, w("时间暂时无法预计"))


def _nobody(w: Words, windows_open: int | None, low: int, high: int) -> Waiting:
    """Nobody waits: served at once, or told why it still takes its time. Never "nobody waits" beside minutes."""
    if windows_open == 0:
        return Waiting(0, low, high, w("窗口即将开放"), minutes(w, low, high))
    if high <= AT_ONCE_MIN:
        return Waiting(0, 0, 0, w("无需等候"), w("随到随办"))
    count = w("窗口正在办理") if windows_open else w("您是第一位")
    return Waiting(0, low, high, count, minutes(w, low, high))


def sentences(*parts: str) -> str:
    """Sentences one after the other, with a stop between them."""
    said = [part.strip() for part in parts if part.strip()]
    stop = "。" if all(any("\u3041" <= sign <= "\u9fff" for sign in part) for part in said) else ". "
    return stop.join(said)
