"""The look, as tokens: colours, type scale, spacing, and where things stand on each panel.

Sizes are asked for in millimetres at the declared viewing distance of 500 mm and become pixels by the panel's
pitch: letters have capitals of at least 0.7 degrees (EN 301 549 5.1.4), targets are at least 20 mm, in 长者专版
25 mm and letters 1.4 times as large. Text has a contrast of at least 7:1 on its ground, edges of controls 3:1;
the words of a control that is out of use now are greyer, but not below 4.5:1.
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
ELDER_TYPE = 1.4
LINE_PER_EM = 1.32
"""Height of a line of Noto Sans as it is set here, in em."""
NUMBER_MM, COMPACT_NUMBER_MM = 44.0, 21.0
"""How high the digits of a ticket's number stand."""

Colour = tuple[float, float, float, float]

PALETTE = MappingProxyType(
    {
        "ground": "#EEF3F9",
        "card": "#FFFFFF",
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
    }
)

VEIL = (0.06, 0.14, 0.24)
VEIL_ALPHA = 0.35
"""What lies over a resting screen. Its words still stand out 4.5:1: whom the sensor misses can read them."""


def colour(name: str) -> Colour:
    """A token, or any #RRGGBB, as Kivy wants it."""
    code = PALETTE.get(name, name)
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255, 1.0)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two tokens, 1 to 21."""

    def light(name: str) -> float:
        parts = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in colour(name)[:3])
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


@dataclass(frozen=True, slots=True)
class Theme:
    """One panel in one manner. Lengths in pixels; ``floor_px`` is the smallest letter of what is needed.

    ``least_px`` (capitals of 4.8 mm, Section 508 402.4) is only for what can be read elsewhere too, and for words
    that would not fit otherwise; ``hard_px`` for the longest names on the small panel, which the next page repeats
    in full size. ``key_px`` is the height of a key of a pad.

    ``header`` title, ``show`` what is only looked at, ``reach`` where everything to be touched stands (on the
    tall panel the lower 65 %), ``bar`` the same row everywhere. On the small panel ``show`` and ``reach`` are one.
    """

    width: int
    height: int
    compact: bool
    elder: bool
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
    header: Rect
    show: Rect
    reach: Rect
    bar: Rect


def is_compact(width_px: int, height_px: int, pitch_mm: float) -> bool:
    """A panel too low for the tall layout: lower than 300 mm or lying."""
    return height_px * pitch_mm < 300 or width_px > height_px


def make_theme(width_px: int, height_px: int, pitch_mm: float, *, elder: bool = False) -> Theme:
    compact = is_compact(width_px, height_px, pitch_mm)
    cap_mm = math.tan(math.radians(CAP_DEGREES)) * VIEWING_MM
    floor = math.ceil(cap_mm / CAP_PER_EM / pitch_mm)
    base = round(floor * (ELDER_TYPE if elder else 1))
    target = math.ceil((ELDER_TARGET_MM if elder else TARGET_MM) / pitch_mm)
    gap = math.ceil(GAP_MM / pitch_mm)
    number = math.ceil((COMPACT_NUMBER_MM if compact else NUMBER_MM) / CAP_PER_EM / pitch_mm)
    if compact:
        edge = 3  # seven keys of 20 mm and their gaps are 794 of 800 pixels
        bar = Rect(edge, edge, width_px - 2 * edge, max(target, math.ceil(TARGET_MM / pitch_mm)))
        high = math.ceil(floor * 1.34)
        header = Rect(0, height_px - high, width_px, high)
        reach = Rect(edge, bar.top + gap, width_px - 2 * edge, header.y - bar.top - 2 * gap + gap // 2)
        show = reach
        scale = (1.1, 1.1, 1.3)
    else:
        edge = round(width_px * 0.037)
        # Two lines of the smallest letters and an icon above them.
        high = max(target, round(floor * (2 * LINE_PER_EM + (2.7 if elder else 2.1))))
        bar = Rect(edge // 2, edge // 2, width_px - edge, high)
        header = Rect(0, round(height_px * 0.88), width_px, height_px - round(height_px * 0.88))
        limit = height_px * 0.65
        reach = Rect(edge, bar.top + 2 * gap, width_px - 2 * edge, limit - bar.top - 2 * gap)
        show = Rect(edge, limit + 2 * gap, width_px - 2 * edge, header.y - limit - 4 * gap)
        scale = (1.18, 1.5, 2.0)
    return Theme(
        width=width_px,
        height=height_px,
        compact=compact,
        elder=elder,
        floor_px=floor,
        least_px=math.ceil(LEAST_CAP_MM / CAP_PER_EM / pitch_mm),
        hard_px=math.ceil(HARD_CAP_MM / CAP_PER_EM / pitch_mm),
        key_px=math.ceil(TARGET_MM / pitch_mm) + 1,
        base_px=base,
        label_px=round(base * scale[0]),
        title_px=round((floor if compact else base) * scale[1]),
        hero_px=round(base * scale[2]),
        number_px=number,
        target_px=target,
        gap_px=gap,
        pad_px=round(gap * (1.2 if compact else 2.4)),
        radius_px=round(3.2 / pitch_mm),
        header=header,
        show=show,
        reach=reach,
        bar=bar,
    )
