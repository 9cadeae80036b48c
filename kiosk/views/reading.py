"""A page as it is heard: what is read of it, and what can be chosen on it, in the order in which it is seen.

Nothing here knows any page. A view is walked field by field, in the order in which its record is written: its words
become phrases, its ``Button`` records the controls, the bar at the end. So a page that is drawn is also heard, whoever
made it. Fields that are no words (``SILENT``) are left out, and so is what is no word at all: dots of a hidden number
are counted, addresses behind a QR code are not spelled. What only the eyes shall have, a person's own data in full,
stands in a field named ``unread``. A control of a pad (``action`` "key") is chosen, not read out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from kiosk.flow import State
from kiosk.flow.pages import StillThere
from kiosk.flow.state import VOLUMES
from kiosk.text import Words, words
from kiosk.views.captions import COMPACT_EMS, TALL_EMS, pieces
from kiosk.views.parts import Button, Frame

SILENT = frozenset({
    *("icon", "tone", "paper_tone", "qr", "lang", "value", "action"),
    *("weight", "place", "said", "clock", "kind_icon", "ground", "ink", "unread"),
})  # fmt: skip
"""Names of fields that are never words; a test finds new ones."""
NAMED = 8
"""So many controls are named when a page is read; the others are counted, and heard one by one."""
DOTS = frozenset("●○")


@dataclass(frozen=True, slots=True)
class Reading:
    """``phrases`` in drawn form: the page as a whole. ``items``: what can be chosen; one that is out of use in the bar
    is left out, one on the page is said to be so. ``typed``: what stands in the field that is typed into.
    """

    lang: str
    place: str
    voice: bool
    reader: bool
    keypad: bool
    volume: int
    dark: bool
    touched_s: float
    strip: str
    typed: str
    phrases: tuple[str, ...]
    items: tuple[Button, ...]
    focus: int
    widest: float = TALL_EMS
    """How much of it fits the line in which it is shown."""

    @property
    def item(self) -> str:
        """The control on which the keypad stands, as it is said; empty if it stands on none."""
        if not 0 <= self.focus < len(self.items):
            return ""
        w = words(self.lang)
        place = w("第 {n} 项，共 {all} 项", n=self.focus + 1, all=len(self.items))
        return w("，").join((named(w, self.items[self.focus], role=True), place))

    @property
    def standing(self) -> str:
        """What is said without being asked anything else: the control, or the page's first words."""
        said = self.item or (self.phrases[0] if self.phrases else "")
        return next(iter(pieces(said, self.widest)), "")


def read(state: State, view: Any) -> Reading:
    """How ``view``, the page of ``state``, is heard."""
    session, w = state.session, words(state.session.lang)
    found = controls(view)
    # The small search shows a hit in place of the letters, which a telephone's keys do not tell.
    of = state.session.page if searches(view) else view
    typed = next((getattr(of, name) for name in ("shown", "typed") if hasattr(of, name)), "")
    strip = view.frame.strip.text if view.frame.strip else ""
    phrases = tuple(dict.fromkeys(_phrases(view, w)))
    keypad = state.kiosk.works("panel")
    if session.voice and session.reader:
        phrases = (*phrases, *_how(state, w, found, keypad=keypad))
    return Reading(
        lang=session.lang,
        place=state.place,
        voice=session.voice,
        reader=session.reader,
        keypad=keypad,
        volume=session.volume,
        dark=session.dark,
        touched_s=session.touched_s,
        strip=strip,
        typed=typed,
        phrases=phrases,
        items=found,
        focus=min(session.focus, len(found) - 1),
        widest=COMPACT_EMS if state.kiosk.site.compact else TALL_EMS,
    )


def controls(view: Any) -> tuple[Button, ...]:
    """Everything that can be chosen, in reading order, the bar last."""
    return tuple(part for part in walked(view) if isinstance(part, Button))


def walked(view: Any) -> Iterator[str | Button]:
    """Words and controls of ``view`` as the eye meets them; the bar last, without what is out of use in it."""
    frame: Frame = view.frame
    yield from (text for text in (frame.title, frame.strip.text if frame.strip else "", frame.step) if text)
    yield from (text for text in (frame.caption,) if text)
    for field in fields(view):
        if field.name != "frame":
            yield from _parts(getattr(view, field.name), field.name)
    yield from (button for button in frame.bar if button.enabled)


def _parts(thing: object, name: str) -> Iterator[str | Button]:
    if isinstance(thing, Button):
        yield thing
    elif isinstance(thing, str):
        if thing.strip() and name not in SILENT and not thing.startswith(("http://", "https://")):
            yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _parts(part, name)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _parts(getattr(thing, field.name), field.name)


def _phrases(view: Any, w: Words) -> Iterator[str]:
    """The page as a whole: its words in order, and the names of its first controls among them."""
    bar = {id(button) for button in view.frame.bar}
    choices = [part for part in walked(view) if isinstance(part, Button) and id(part) not in bar]
    choices = [button for button in choices if button.action != "key"]
    spoken = {id(button) for button in choices[:NAMED]}
    for part in walked(view):
        if isinstance(part, Button):
            if id(part) in spoken:
                yield named(w, part)
        elif set(part) <= DOTS:
            count = part.count("●")
            yield w.count("已输入 {n} 位", count) if count else w("还没有输入")
        else:
            yield from (line.strip() for line in part.split("\n") if line.strip())
    if len(choices) > NAMED:
        yield w.count("另有 {n} 项", len(choices) - NAMED)


def named(w: Words, button: Button, *, role: bool = False) -> str:
    """A control by its name; with ``role``, what it is and whether it is on or out of use."""
    parts = [button.label]
    if button.sub and not _other_script(button.sub, w.lang):
        parts.append(button.sub)
    if role or not button.enabled or button.tone == "on":
        parts.append(w("不可用") if not button.enabled else w("已选") if button.tone == "on" else w("按钮"))
    return w("，").join(parts)


def _other_script(text: str, lang: str) -> bool:
    """A second line in the other language helps the eye, and a voice stumbles over it."""
    han = any("\u3400" <= sign <= "\u9fff" for sign in text)
    latin = any(sign.isalpha() and sign.isascii() for sign in text)
    return han if not lang.startswith(("zh", "ja")) else latin and not han


def types_digits(found: tuple[Button, ...]) -> bool:
    """The page is a pad: ten digits can be typed on it."""
    return {button.value for button in found if button.action == "key"} >= set("0123456789")


def searches(view: Any) -> bool:
    """The page is searched by letters; the keypad types them as on a telephone."""
    return hasattr(view, "hits") and hasattr(view, "keys")


def _how(state: State, w: Words, found: tuple[Button, ...], *, keypad: bool) -> Iterator[str]:
    """How to go on here, where it is not as everywhere."""
    if isinstance(state.session.page, StillThere):
        yield w("按任意键继续") if keypad else w("点两下屏幕上的“继续办理”")
    elif not keypad:
        return
    elif types_digits(found):
        yield w("请按数字键输入，按井号确认，按星号停止输入")
    elif any(button.action == "show-found" for button in found):
        yield w("请按 2 到 9 键输入拼音首字母，按井号看结果，按星号停止输入")


def opened(now: Reading) -> tuple[str, ...]:
    """What is said when the voice is switched on: how to go on without seeing, only to who has asked for 读屏."""
    w = words(now.lang)
    if not now.reader:
        return (w("语音已打开"),)
    if not now.keypad:
        return (w("读屏已打开"), w("手指在屏幕上移动，碰到哪里读哪里"), w("在同一处再点一下，就是选择"))
    return (
        w("读屏已打开"),
        w("按 8 听下一项，按 2 听上一项，按 5 选择"),
        w("按 4 返回，按 6 重听，按 1 听整页，按 0 求助"),
        w("按星号小声，按井号大声"),
    )


def loudness(now: Reading) -> str:
    return words(now.lang)("音量 {n}，共 {all} 级", n=now.volume + 1, all=VOLUMES)


def marked(view: Any, reading: Reading, said: str) -> Any:
    """``view`` with its controls numbered, the one the keypad stands on marked, and what is being said."""
    count = itertools.count()

    def again(thing: Any) -> Any:
        if isinstance(thing, Button):
            at = next(count)
            return replace(thing, at=at, focused=at == reading.focus)
        if isinstance(thing, tuple):
            return tuple(again(part) for part in thing)
        if is_dataclass(thing) and not isinstance(thing, type):
            new = {field.name: getattr(thing, field.name) for field in fields(thing)}
            return replace(thing, **{name: again(value) for name, value in new.items() if _holds(value)})
        return thing

    whole = again(replace(view, frame=None))
    bar = tuple(again(button) if button.enabled else button for button in view.frame.bar)
    explore = reading.voice and reading.reader and not reading.keypad
    frame = replace(view.frame, bar=bar, said=said, voice=reading.voice or bool(said), explore=explore)
    return replace(whole, frame=frame)


def _holds(value: object) -> bool:
    return isinstance(value, tuple) or is_dataclass(value)
