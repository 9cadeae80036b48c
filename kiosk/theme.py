"""The look, as tokens: colours, type scale, spacing, and where things stand on each panel.

Sizes are asked for in millimetres at the declared viewing distance of 500 mm and become pixels by the panel's
pitch: letters have capitals of at least 0.7 degrees (EN 301 549 5.1.4), targets are at least 20 mm, in 长者专版
25 mm and letters 1.4 times as large. Text has a contrast of at least 7:1 on its ground, edges of controls 3:1;
the words of a control that is out of use now are greyer, but not below 4.5:1. 高对比 is a second palette, white and
yellow on black. 低位 keeps every target in the lower half of the tall panel, for whoever sits.

This file is the only one in which a length or a colour is written down: layouts take shares and multiples of these.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

VIEWING_MM = 500.0
CAP_DEGREES = 0.7
CAP_PER_EM = 0.733
"""Height of a capital in Noto Sans CJK, in em."""
LEAST_CAP_MM, HARD_CAP_MM = 4.8, 3.7
TARGET_MM, ELDER_TARGET_MM = 20.0, 25.0
GAP_MM = 2.0
RADIUS_MM, EDGE_MM = 3.2, 0.5
RING_MM, COMPACT_RING_MM = 6.0, 2.9
"""How thick a ring of time is drawn."""
REACH, LOW_REACH = 0.65, 0.5
"""Up to which part of the tall panel's height targets stand."""
ELDER_TYPE = 1.4
LINE_PER_EM = 1.32
"""Height of a line of Noto Sans as it is set here, in em."""
NUMBER_MM, COMPACT_NUMBER_MM = 44.0, 21.0
"""How high the digits of a ticket's number stand."""

Colour = tuple[float, float, float, float]

PLAIN, CONTRAST = "plain", "contrast"

PALETTES: MappingProxyType[str, MappingProxyType[str, str]] = MappingProxyType({
    PLAIN: MappingProxyType({
        "ground": "#EEF3F9",
        "card": "#FFFFFF",
        "card_edge": "",
        "ink": "#10233D",
        "soft": "#33475F",
        "edge": "#74879C",
        "hair": "#D3DDE8",
        "primary": "#0B4A99",
        "primary_down": "#072F63",
        "on_primary": "#FFFFFF",
        "down": "#D5E4F7",
        "on": "#DCEBFF",
        "off": "#DFE5EC",
        "off_ink": "#536275",
        "off_edge": "#C3CEDA",
        "amber": "#FFE2A0",
        "amber_ink": "#3D2B00",
        "good": "#D8F1E0",
        "good_ink": "#0B4A2A",
        "bad": "#FBE0DE",
        "bad_ink": "#7A1610",
        "picture": "#2F7BD9",
        "maybe": "#9CC3F2",
        "header": "#0B2F5E",
        "on_header": "#FFFFFF",
        "header_edge": "#0B2F5E",
        "alarm": "#8C1414",
        "alarm_closing": "#5C3D00",
        "alarm_other": "#0B2F5E",
        "on_alarm": "#FFFFFF",
    }),
    CONTRAST: MappingProxyType({
        "ground": "#000000",
        "card": "#000000",
        "card_edge": "#8A8A8A",
        "ink": "#FFFFFF",
        "soft": "#E4E4E4",
        "edge": "#FFFFFF",
        "hair": "#4D4D4D",
        "primary": "#FFE100",
        "primary_down": "#FFFFFF",
        "on_primary": "#000000",
        "down": "#3D3600",
        "on": "#332D00",
        "off": "#1C1C1C",
        "off_ink": "#A6A6A6",
        "off_edge": "#6E6E6E",
        "amber": "#5C4300",
        "amber_ink": "#FFEFC2",
        "good": "#00421C",
        "good_ink": "#A8FFC8",
        "bad": "#660A0A",
        "bad_ink": "#FFD9D6",
        "picture": "#FFE100",
        "maybe": "#8F7F00",
        "header": "#000000",
        "on_header": "#FFFFFF",
        "header_edge": "#FFE100",
        "alarm": "#8C1414",
        "alarm_closing": "#5C3D00",
        "alarm_other": "#0B2F5E",
        "on_alarm": "#FFFFFF",
    }),
})  # fmt: skip
"""Tokens by palette. ``card_edge`` is drawn round what has no edge of its own; "" is none."""

FADE_FROM = 0.3
"""How much of the ground lies over a page that has just come: its words stand out 4:1 through it at once."""
VEIL = (0.06, 0.14, 0.24)
VEIL_ALPHA = 0.35
"""What lies over a resting screen. Its words still stand out 4.5:1: whom the sensor misses can read them."""


def code_of(name: str, palette: str = PLAIN) -> str:
    """The #RRGGBB of a token; what is no token stays as it is."""
    return PALETTES[palette].get(name, name)


def colour(name: str, palette: str = PLAIN) -> Colour:
    """A token, or any #RRGGBB, as Kivy wants it."""
    code = code_of(name, palette)
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255, 1.0)


def contrast(one: str, other: str, palette: str = PLAIN) -> float:
    """WCAG 2.2 contrast ratio of two tokens, 1 to 21."""

    def light(name: str) -> float:
        parts = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in colour(name, palette)[:3])
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True, slots=True)
class Rect:
    """Pixels from the lower left corner, as Kivy counts."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> float:
        return self.y + self.height

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x <= self.x + self.width and self.y <= y <= self.top


@dataclass(frozen=True, slots=True)
class Theme:
    """One panel in one manner. Lengths in pixels; ``floor_px`` is the smallest letter of what is needed.

    ``least_px`` (capitals of 4.8 mm, Section 508 402.4) is only for what can be read elsewhere too, and for words
    that would not fit otherwise; ``hard_px`` (on the small panel 3.7 mm) only for words that have grown by 40 % and
    would be cut. ``key_px`` is the height of a key of a pad, ``row_px`` that of a row
    of next steps below something else.

    ``header`` title, ``show`` what is only looked at, ``reach`` where everything to be touched stands (on the
    tall panel the lower 65 %, in 低位 the lower half), ``bar`` the same row everywhere; ``body`` is all between
    header and bar. On the small panel ``show``, ``reach`` and ``body`` are one.
    """

    width: int
    height: int
    compact: bool
    elder: bool
    low: bool
    palette: str
    floor_px: int
    least_px: int
    hard_px: int
    key_px: int
    base_px: int
    label_px: int
    title_px: int
    hero_px: int
    number_px: int
    target_px: int
    gap_px: int
    pad_px: int
    radius_px: int
    edge_px: int
    shadow_px: int
    ring_px: int
    strip_px: int
    row_px: int
    header: Rect
    show: Rect
    reach: Rect
    body: Rect
    bar: Rect


def cap_mm() -> float:
    """Height of a capital that is needed at the declared distance."""
    return math.tan(math.radians(CAP_DEGREES)) * VIEWING_MM


def is_compact(width_px: int, height_px: int, pitch_mm: float) -> bool:
    """A panel too low for the tall layout: lower than 300 mm or lying."""
    return height_px * pitch_mm < 300 or width_px > height_px


def make_theme(
    width_px: int,
    height_px: int,
    pitch_mm: float,
    *,
    elder: bool = False,
    contrast: bool = False,
    low: bool = False,
) -> Theme:
    """``low`` means nothing on the small panel: it stands on a desk."""
    compact = is_compact(width_px, height_px, pitch_mm)
    floor = math.ceil(cap_mm() / CAP_PER_EM / pitch_mm)
    base = round(floor * (ELDER_TYPE if elder else 1))
    target = math.ceil((ELDER_TARGET_MM if elder else TARGET_MM) / pitch_mm)
    gap = math.ceil(GAP_MM / pitch_mm)
    number = math.ceil((COMPACT_NUMBER_MM if compact else NUMBER_MM) / CAP_PER_EM / pitch_mm)
    if compact:
        edge = 3  # seven keys of 20 mm and their gaps are 794 of 800 pixels
        # Its keys are narrower than 25 mm in any case: the line of words that 5 mm more would cost is worth more.
        bar = Rect(edge, edge, width_px - 2 * edge, math.ceil(TARGET_MM / pitch_mm))
        high = math.ceil(floor * 1.34)
        header = Rect(0, height_px - high, width_px, high)
        reach = Rect(edge, bar.top + gap, width_px - 2 * edge, header.y - bar.top - 2 * gap + gap // 2)
        show = body = reach
        scale = (1.1, 1.1, 1.3)
    else:
        edge = round(width_px * 0.037)
        # Two lines of the smallest letters and an icon above them.
        high = max(target, round(floor * (2 * LINE_PER_EM + (2.7 if elder else 2.1))))
        bar = Rect(edge // 2, edge // 2, width_px - edge, high)
        header = Rect(0, round(height_px * 0.88), width_px, height_px - round(height_px * 0.88))
        limit = height_px * (LOW_REACH if low else REACH)
        reach = Rect(edge, bar.top + 2 * gap, width_px - 2 * edge, limit - bar.top - 2 * gap)
        show = Rect(edge, limit + 2 * gap, width_px - 2 * edge, header.y - limit - 4 * gap)
        body = Rect(edge, reach.y, reach.width, show.top - reach.y)
        scale = (1.18, 1.5, 2.0)
    return Theme(
        width=width_px,
        height=height_px,
        compact=compact,
        elder=elder,
        low=low and not compact,
        palette=CONTRAST if contrast else PLAIN,
        floor_px=floor,
        least_px=math.ceil(LEAST_CAP_MM / CAP_PER_EM / pitch_mm),
        hard_px=math.ceil((HARD_CAP_MM if compact else LEAST_CAP_MM) / CAP_PER_EM / pitch_mm),
        key_px=math.ceil(TARGET_MM / pitch_mm) + 1,
        base_px=base,
        label_px=round(base * scale[0]),
        title_px=round((floor if compact else base) * scale[1]),
        hero_px=round(base * scale[2]),
        number_px=number,
        target_px=target,
        gap_px=gap,
        pad_px=round(gap * (1.2 if compact else 2.4)),
        radius_px=round(RADIUS_MM / pitch_mm),
        edge_px=max(2, round(EDGE_MM / pitch_mm)) * (2 if contrast else 1),
        shadow_px=0 if contrast else 3 if compact else 5,
        ring_px=round((COMPACT_RING_MM if compact else RING_MM) / pitch_mm),
        strip_px=high if compact else round(base * 1.9),
        row_px=round(2 * LINE_PER_EM * floor) + 5 if compact else max(target, round(reach.height * 0.12)),
        header=header,
        show=show,
        reach=reach,
        body=body,
        bar=bar,
    )
