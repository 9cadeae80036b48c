# ruff: noqa: PLC0415
# (Kivy is imported only after its environment has been set up)
"""Every screen without a server: a stage in a window of the panel's size, and the manners it is looked at in.

Pictures (``gallery``) and the examination of the widgets (``examine``) are both made here. It needs a display or
``SDL_VIDEODRIVER=offscreen``, and Kivy has one window for the life of a process: one panel in a process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from firmware_cfg.profile import Profile
from kiosk.flow import State
from kiosk.flow.state import Lang
from kiosk.fonts import ALL, prepare_fonts
from kiosk.text import NAMES, SOURCE
from kiosk.views import Button, View, view
from kiosk.window import one_provider, set_up

LONGER = 0.4
"""How much longer than its source a translation may become, by the rule of thumb of those who translate."""
_NO_WORDS = frozenset({
    *("action", "value", "icon", "tone", "paper_tone", "weight", "ground", "ink", "lang"),
    # What is no phrase: digits, signs that were typed, an address.
    *("clock", "number", "qr", "device", "shown", "typed", "large"),
    # What an office has filled in: its name, its telephone, its hours.
    *("owner", "hours"),
    # What is said of a control: its name, which has grown, and how many there are.
    "said",
})  # fmt: skip


_NO_PHRASES = frozenset({"key", "set-language", "language", "matter", "theme"})
"""Controls that bear a sign, the names of languages in themselves, or a name of the catalogue, which is what it is."""


@dataclass(frozen=True, slots=True)
class Look:
    """One manner in which a screen is looked at. ``longer``: every phrase 40 % longer than it is."""

    lang: Lang = SOURCE
    elder: bool = False
    contrast: bool = False
    low: bool = False
    longer: bool = False

    @property
    def theme(self) -> str:
        parts = [name for name in ("elder", "contrast", "low") if getattr(self, name)]
        return "+".join(parts) or "normal"

    @property
    def name(self) -> str:
        return f"{self.lang}{'+40%' if self.longer else ''}/{self.theme}"

    @property
    def suffix(self) -> str:
        """For the name of a picture; empty for Chinese in the normal manner."""
        lang = "" if self.lang == SOURCE else f"-{self.lang}"
        theme = "" if self.theme == "normal" else "-" + self.theme.replace("+", "-")
        return theme + lang + ("-longer" if self.longer else "")

    def of(self, state: State) -> View:
        """``state`` as it is seen so."""
        manner: dict[str, Any] = {name: getattr(self, name) for name in ("lang", "elder", "contrast", "low")}
        shown = view(replace(state, session=replace(state.session, **manner)))
        return lengthened(shown) if self.longer else shown


THEMES = tuple(
    dict(zip(("elder", "contrast", "low"), flags, strict=True))
    for flags in (
        (False, False, False),
        (True, False, False),
        (False, True, False),
        (True, True, False),
        (False, False, True),
        (True, False, True),
    )
)
"""Normal, 长者专版, 高对比, both, 低位, and 低位 in 长者专版."""


def every_look(*, compact: bool) -> Iterator[Look]:
    """Every theme that the panel has in every language; Chinese and English also 40 % longer."""
    for theme in THEMES:
        if compact and theme["low"]:
            continue
        for lang in NAMES:
            yield Look(lang, **theme)
        for lang in (SOURCE, "en"):
            yield Look(lang, **theme, longer=True)


def every_leaf(scene: str, state: State, look: Look) -> Iterator[tuple[str, State]]:
    """``state``, and where its words stand on several leaves of the small panel, each of them by its name."""
    yield scene, state
    shown = look.of(state)
    for leaf in range(1, getattr(shown, "leaves", 1)):
        yield f"{scene}~{leaf + 1}", state.with_leaf(leaf)


def lengthened(thing: Any) -> Any:
    """``thing``, a view or a part of one, with each of its phrases 40 % longer: words of its own, said again."""
    if isinstance(thing, str):
        return longer(thing)
    if isinstance(thing, tuple):
        return tuple(lengthened(part) for part in thing)
    if isinstance(thing, Button) and thing.action in _NO_PHRASES:
        return thing
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = {field.name: getattr(thing, field.name) for field in fields(thing) if field.name not in _NO_WORDS}
        return replace(thing, **{name: lengthened(part) for name, part in parts.items()})
    return thing


def longer(phrase: str) -> str:
    """Each line of ``phrase`` 40 % longer; a sign or two and what has no letters stay as they are."""
    return "\n".join(_longer(line) for line in phrase.split("\n"))


def _longer(line: str) -> str:
    if len(line) < 2 or not any(sign.isalpha() for sign in line):
        return line
    if " " not in line:
        more = -(-len(line) * 4 // 10)
        return line + line[:more]
    words, wanted = line.split(), len(line) * (1 + LONGER)
    at = 0
    while len(" ".join(words)) < wanted:
        words.append(words[at])
        at += 1
    return " ".join(words)


class Showroom:
    """A stage of one panel. ``show`` draws a state in a look and waits until it stands."""

    def __init__(self, profile: Profile, home: Path, fonts: Path, touch: Callable[[str, str], None]) -> None:
        screen = profile.screen
        set_up(home, screen.width_px, screen.height_px, prepare_fonts(fonts, faces=ALL))
        from kivy.base import EventLoop
        from kivy.clock import Clock
        from kivy.core.window import Window
        from kivy.lang import Builder

        from kiosk.stage import Stage

        Clock._max_fps = 0  # noqa: SLF001  (looking, not showing: nothing waits for the next frame)
        self.profile = profile
        self.stage = Stage(screen.width_px, screen.height_px, screen.pitch_mm, touch, moving=False)
        self.window = Window
        Window.add_widget(self.stage)
        EventLoop.window = Window
        EventLoop.start()
        one_provider()
        self._tick = Clock.tick
        self._sync = (Builder.sync, Clock.tick_draw, Builder.sync)

    def show(self, shown: View) -> None:
        self.stage.show(shown)
        self.settle()

    def settle(self) -> None:
        for _ in range(4):
            self._tick()

    def photograph(self, path: Path) -> None:
        """What stands now, as PNG, drawn apart from the window."""
        for last_change in self._sync:  # what Kivy's loop does before it draws; the window itself is not drawn
            last_change()
        self.stage.export_to_png(str(path))
