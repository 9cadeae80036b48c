"""What is wrong with a screen, found by walking through its widgets: no eye is needed, and none is spared.

Targets of 20 mm (长者专版 25) with 2 mm between them, in the lower 65 % of the tall panel (低位: its lower half);
letters of 0.7 degrees at half a metre; words that stand out 7:1 and edges of controls 3:1 by the tokens really drawn
below them; nothing cut; the bar in its order, help always at the same place. ``Finding`` says scene, look, and what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware_cfg.profile import Profile
from kiosk.flow import State
from kiosk.scenes import scenes
from kiosk.showroom import Look, Showroom, every_leaf, every_look
from kiosk.site import site_of
from kiosk.theme import (
    CAP_DEGREES,
    CAP_PER_EM,
    ELDER_TARGET_MM,
    GAP_MM,
    HARD_CAP_MM,
    LEAST_CAP_MM,
    LOW_REACH,
    PALETTES,
    REACH,
    TARGET_MM,
    cap_mm,
    contrast,
)

if TYPE_CHECKING:
    from kiosk.widgets.keys import Key

BAR = ("back", "home", "language", "elder", "voice", "cover", "help")
COMPACT_BAR = ("back", "language", "elder", "more", "help")
TECHNICIAN_BAR = ("back", "leave")
"""No citizen is there to be helped."""
TEXT_RATIO, OFF_RATIO, EDGE_RATIO = 7.0, 4.5, 3.0
_SLACK_PX = 0.6
_SLACK_MM = 0.1

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """``what``: target, gap, outside, high, letters, contrast, edge, cut, bar, or help."""

    panel: str
    scene: str
    look: str
    what: str
    which: str
    detail: str

    def __str__(self) -> str:
        which = self.which.replace("\n", " / ")
        return f"{self.panel:10} {self.what:8} {self.look:26} {self.scene:28} {which:24} {self.detail}"


def drawn(widget: Any) -> Iterator[Any]:
    """``widget`` and what it holds, in the order in which it is drawn; what is invisible is left out."""
    if not widget.opacity:
        return
    yield widget
    for child in reversed(widget.children):
        yield from drawn(child)


def examine(profile: Profile, fonts: Path, only: str = "", looks: str = "") -> tuple[list[Finding], int]:
    """Every scene in every look, or those whose names hold the given text: what is wrong, and how many were seen.

    Imports Kivy: once in a process.
    """
    room = Showroom(profile, profile.var.path / "kivy", fonts, lambda _action, _value: None)
    site = site_of(profile)
    chosen = [look for look in every_look(compact=site.compact) if looks in look.name]
    findings: list[Finding] = []
    seen = 0
    help_places: dict[str, Box] = {}
    for scene, state in scenes(site).items():
        for look in chosen if only in scene else ():
            for name, leaf in every_leaf(scene, state, look):
                findings += examined(room, name, leaf, look)
                seen += 1
                place = help_at(room)
                if place is not None and place != help_places.setdefault(look.theme, place):
                    findings.append(Finding(profile.name, name, look.name, "help", "help", f"at {place}"))
    return findings, seen


def examined(room: Showroom, scene: str, state: State, look: Look) -> list[Finding]:
    """Show ``state`` and say what is wrong with it."""
    room.show(look.of(state))
    return list(_findings(room, scene, look))


def _findings(room: Showroom, scene: str, look: Look) -> Iterator[Finding]:
    from kiosk.widgets.grounds import Say  # noqa: PLC0415  (Kivy is imported after its set-up)

    screen: Any = room.stage.shown
    theme, pitch = screen.theme, room.profile.screen.pitch_mm

    def found(what: str, which: str, detail: str) -> Finding:
        return Finding(room.profile.name, scene, look.name, what, which, detail)

    widgets = list(drawn(screen))
    grounds = _grounds(screen, widgets)
    keys = list(room.stage.targets())
    for what, which, detail in (*_targets(keys, theme, pitch), *_bar(screen, theme)):
        yield found(what, which, detail)
    for at, widget in enumerate(widgets):
        if isinstance(widget, Say) and widget.words and widget.width > 1:
            if not widget.fits:
                yield found("cut", widget.words, f"in {widget.width * pitch:.0f}x{widget.height * pitch:.0f} mm")
            cap = widget.font_size * CAP_PER_EM * pitch
            # Words that have grown may shrink as far as their layout lets them; what they are today may not.
            least = HARD_CAP_MM if theme.compact else LEAST_CAP_MM
            least = least if look.longer else LEAST_CAP_MM if widget.aside else cap_mm()
            if cap < least - _SLACK_MM:
                yield found("letters", widget.words, f"{cap:.1f} mm, {cap / cap_mm() * CAP_DEGREES:.2f} degrees")
            below = _below(grounds, at, widget.center)
            ratio = contrast(widget.ink, below, theme.palette)
            if ratio < (OFF_RATIO if _asleep(widget) else TEXT_RATIO):
                yield found("contrast", widget.words, f"{ratio:.1f}:1, {widget.ink} on {below}")
    places = {id(widget): at for at, widget in enumerate(widgets)}
    for key in keys:
        below = _below(grounds, places[id(key)], (key.x, key.y))
        ratio = max(contrast(token, below, theme.palette) for token in (key.fill, key.edge) if token)
        if ratio < EDGE_RATIO:
            yield found("edge", key.button.label, f"{ratio:.1f}:1, {key.fill}/{key.edge} on {below}")


def _targets(keys: list[Key], theme: Any, pitch_mm: float) -> Iterator[tuple[str, str, str]]:
    least = (ELDER_TARGET_MM if theme.elder else TARGET_MM) / pitch_mm - _SLACK_PX
    limit = theme.height * (1 if theme.compact else LOW_REACH if theme.low else REACH) + _SLACK_PX
    for key in keys:
        if min(key.width, key.height) < least and not _excused(key, theme, pitch_mm):
            yield "target", key.button.label, f"{key.width * pitch_mm:.1f}x{key.height * pitch_mm:.1f} mm"
        if key.x < -_SLACK_PX or key.y < -_SLACK_PX or key.right > theme.width + _SLACK_PX or key.top > theme.height:
            yield "outside", key.button.label, f"{key.x:.0f},{key.y:.0f} to {key.right:.0f},{key.top:.0f}"
        if key.top > limit:
            yield "high", key.button.label, f"{key.top / theme.height:.0%} of the height"
    for one, other in combinations(keys, 2):
        apart = max(other.x - one.right, one.x - other.right, other.y - one.top, one.y - other.top)
        if apart < GAP_MM / pitch_mm - _SLACK_PX:
            yield "gap", f"{one.button.label} | {other.button.label}", f"{apart * pitch_mm:.1f} mm"


def _excused(key: Key, theme: Any, pitch_mm: float) -> bool:
    """The exceptions from the 25 mm of 长者专版, none from 20: keys of a pad, and the small panel.

    Ten digits with their commands do not fit otherwise, and at 154x86 mm nor do four choices above a bar.
    """
    small = min(key.width, key.height) < TARGET_MM / pitch_mm - _SLACK_PX
    return theme.elder and not small and (theme.compact or key.form == "key")


def _bar(screen: Any, theme: Any) -> Iterator[tuple[str, str, str]]:
    bar = screen.view.frame.bar
    order = tuple(button.action for button in bar)
    if bar and order not in {COMPACT_BAR if theme.compact else BAR, TECHNICIAN_BAR}:
        yield "bar", " ".join(order), "out of its order"


def help_at(room: Showroom) -> Box | None:
    """Where the bar's help stands now; None on a page whose bar has none."""
    shown = room.stage.shown
    if shown is None or not shown.view.frame.bar or shown.view.frame.bar[-1].action != "help":
        return None
    key = max((key for key in room.stage.targets() if key.form == "bar"), key=lambda key: float(key.x))
    return (key.x, key.y, key.width, key.height)


def _grounds(screen: Any, widgets: list[Any]) -> list[tuple[int, Box, str]]:
    """(place in the order of drawing, box, token) of everything that words can stand on."""
    from kiosk.widgets.grounds import Panel  # noqa: PLC0415
    from kiosk.widgets.pictures import QrPicture  # noqa: PLC0415

    theme, strip = screen.theme, screen.view.frame.strip
    head = (theme.header.x, theme.header.y, theme.header.width, theme.header.height)
    grounds: list[tuple[int, Box, str]] = [(-1, (0, 0, theme.width, theme.height), "ground"), (-1, head, "header")]
    if strip is not None:
        line = (*head[:3], head[3] if theme.compact else theme.strip_px)
        grounds.append((-1, line, strip.tone))
    if (whole := getattr(screen.view, "ground", "")) in PALETTES[theme.palette]:
        grounds.append((-1, (0, 0, theme.width, theme.height), whole))
    for at, widget in enumerate(widgets):
        if isinstance(widget, Panel) and widget.width > 1:
            grounds.append((at, (widget.x, widget.y, widget.width, widget.height), widget.fill))
        elif isinstance(widget, QrPicture) and widget.text:
            grounds.append((at, (widget.x, widget.y, widget.width, widget.height), "#FFFFFF"))
    return grounds


def _below(grounds: list[tuple[int, Box, str]], at: int, point: tuple[float, float]) -> str:
    """The token that was drawn last at ``point`` before the widget in place ``at``."""
    px, py = point
    here = [token for place, (x, y, w, h), token in grounds if place < at and x <= px <= x + w and y <= py <= y + h]
    return here[-1] if here else "ground"


def _asleep(words: Any) -> bool:
    button = getattr(words.parent, "button", None)
    return button is not None and not button.enabled
