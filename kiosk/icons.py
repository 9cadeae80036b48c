"""Icons as strokes on a grid of 48 by 48, drawn with rounded pens at the size in which they are shown.

Our own drawings: no font has to hold them, and none can show a box instead.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from PIL import Image, ImageDraw

GRID = 48
PEN = 4.0
_FINE = 4

Stroke = tuple[str | float, ...]
"""line x y x y ..; circle x y r; disc x y r; box x y w h r; slab x y w h r; arc and half x y r from to (degrees)."""

ICONS: MappingProxyType[str, tuple[Stroke, ...]] = MappingProxyType(
    {
        "back": (("line", 28, 10, 14, 24, 28, 38),),
        "home": (("line", 6, 24, 24, 8, 42, 24), ("line", 11, 21, 11, 40, 37, 40, 37, 21)),
        "globe": (
            ("circle", 24, 24, 18),
            ("line", 6, 24, 42, 24),
            ("arc", 40, 24, 24, 132, 228),
            ("arc", 8, 24, 24, -48, 48),
        ),
        "letters": (("line", 4, 38, 15, 10, 26, 38), ("line", 8, 29, 22, 29), ("line", 30, 38, 37, 21, 44, 38),
                    ("line", 33, 32, 41, 32)),
        "voice": (("line", 6, 18, 14, 18, 24, 9, 24, 39, 14, 30, 6, 30, 6, 18), ("arc", 24, 24, 10, -50, 50),
                  ("arc", 24, 24, 18, -50, 50)),
        "video": (("box", 4, 12, 27, 24, 4), ("line", 31, 22, 43, 14, 43, 34, 31, 26)),
        "cover": (("arc", 24, 34, 24, 215, 325), ("arc", 24, 10, 24, 35, 145), ("circle", 24, 23, 5),
                  ("line", 8, 42, 40, 6)),
        "help": (("circle", 24, 15, 8), ("arc", 24, 44, 17, 180, 360), ("line", 7, 43, 41, 43)),
        "more": (("disc", 10, 24, 4), ("disc", 24, 24, 4), ("disc", 38, 24, 4)),
        "ticket": (("line", 8, 12, 40, 12, 40, 20), ("line", 40, 28, 40, 36, 8, 36, 8, 28), ("line", 8, 20, 8, 12),
                   ("arc", 40, 24, 4, 90, 270), ("arc", 8, 24, 4, -90, 90), ("line", 18, 20, 30, 20),
                   ("line", 18, 28, 26, 28)),
        "calendar": (("box", 7, 10, 34, 31, 4), ("line", 7, 19, 41, 19), ("line", 16, 5, 16, 13),
                     ("line", 32, 5, 32, 13), ("line", 17, 30, 22, 34, 31, 25)),
        "list": (("box", 9, 6, 30, 36, 4), ("line", 17, 16, 31, 16), ("line", 17, 24, 31, 24),
                 ("line", 17, 32, 25, 32)),
        "card": (("box", 4, 10, 40, 28, 4), ("circle", 15, 21, 4), ("arc", 15, 34, 7, 190, 350),
                 ("line", 28, 20, 37, 20), ("line", 28, 28, 37, 28)),
        "card-up": (("line", 24, 21, 24, 4), ("line", 16, 12, 24, 4, 32, 12), ("box", 6, 21, 36, 23, 4),
                    ("circle", 16, 30, 3), ("arc", 16, 41, 6, 195, 345), ("line", 28, 30, 35, 30),
                    ("line", 28, 37, 35, 37)),
        "cross": (("line", 11, 11, 37, 37), ("line", 37, 11, 11, 37)),
        "next": (("line", 12, 10, 26, 24, 12, 38), ("line", 24, 10, 38, 24, 24, 38)),
        "face-5": (("circle", 24, 24, 18), ("disc", 17, 19, 2.6), ("disc", 31, 19, 2.6), ("arc", 24, 23, 11, 10, 170),
                   ("line", 13.5, 26, 34.5, 26)),
        "face-4": (("circle", 24, 24, 18), ("disc", 17, 19, 2.6), ("disc", 31, 19, 2.6), ("arc", 24, 22, 11, 30, 150)),
        "face-3": (("circle", 24, 24, 18), ("disc", 17, 19, 2.6), ("disc", 31, 19, 2.6), ("line", 17, 32, 31, 32)),
        "face-2": (("circle", 24, 24, 18), ("disc", 17, 19, 2.6), ("disc", 31, 19, 2.6), ("arc", 24, 41, 11, 215, 325)),
        "face-1": (("circle", 24, 24, 18), ("line", 13, 15, 20, 19), ("line", 35, 15, 28, 19), ("disc", 18, 22, 2.4),
                   ("disc", 30, 22, 2.4), ("arc", 24, 41, 11, 200, 340)),
        "code": (("box", 6, 6, 13, 13, 1), ("box", 29, 6, 13, 13, 1), ("box", 6, 29, 13, 13, 1),
                 ("slab", 28, 28, 6, 6, 1), ("slab", 38, 28, 5, 5, 1), ("slab", 28, 38, 5, 5, 1),
                 ("slab", 36, 36, 7, 7, 1)),
        "search": (("circle", 21, 21, 13), ("line", 31, 31, 42, 42)),
        "grid": (("box", 7, 7, 13, 13, 2), ("box", 28, 7, 13, 13, 2), ("box", 7, 28, 13, 13, 2),
                 ("box", 28, 28, 13, 13, 2)),
        "up": (("line", 10, 30, 24, 16, 38, 30),),
        "down": (("line", 10, 18, 24, 32, 38, 18),),
        "erase": (("line", 16, 10, 43, 10, 43, 38, 16, 38, 5, 24, 16, 10), ("line", 22, 18, 34, 30),
                  ("line", 34, 18, 22, 30)),
        "clear": (("circle", 24, 24, 18), ("line", 17, 17, 31, 31), ("line", 31, 17, 17, 31)),
        "keys": (("box", 8, 5, 32, 38, 4), ("disc", 17, 15, 2.6), ("disc", 24, 15, 2.6), ("disc", 31, 15, 2.6),
                 ("disc", 17, 24, 2.6), ("disc", 24, 24, 2.6), ("disc", 31, 24, 2.6), ("disc", 17, 33, 2.6),
                 ("disc", 24, 33, 2.6), ("disc", 31, 33, 2.6)),
        "phone": (("box", 13, 4, 22, 40, 4), ("line", 22, 37, 26, 37)),
        "check": (("line", 8, 26, 19, 36, 40, 12),),
        "info": (("circle", 24, 24, 18), ("line", 24, 23, 24, 33), ("disc", 24, 15, 2.6)),
        "restart": (("arc", 24, 24, 16, -60, 210), ("line", 30, 4, 34, 11, 27, 16)),
        "exit": (("line", 26, 42, 8, 42, 8, 6, 26, 6), ("line", 18, 24, 42, 24), ("line", 33, 15, 42, 24, 33, 33)),
        "clock": (("circle", 24, 24, 18), ("line", 24, 13, 24, 24, 32, 29)),
        "pause": (("line", 17, 12, 17, 36), ("line", 31, 12, 31, 36)),
        "person": (("disc", 24, 13, 8), ("slab", 10, 24, 28, 20, 9)),
        "window": (("box", 9, 5, 30, 22, 3), ("line", 4, 34, 44, 34), ("line", 9, 34, 9, 43), ("line", 39, 34, 39, 43)),
        "contrast": (("circle", 24, 24, 18), ("half", 24, 24, 18, 90, 270)),
        "low": (("disc", 19, 8, 4.5), ("line", 19, 17, 19, 29, 31, 29, 36, 40), ("line", 19, 21, 28, 21),
                ("arc", 20, 32, 11, 40, 235)),
        "touch": (("arc", 22, 16, 4, 180, 360), ("line", 18, 16, 18, 32, 13, 28, 9, 31, 19, 45, 34, 45, 39, 37, 39, 29),
                  ("line", 39, 29, 26, 26, 26, 16), ("arc", 22, 16, 12, 190, 350)),
        "choice": (("circle", 24, 24, 15),),
        "dot": (("disc", 24, 24, 13),),
        "tick": (("disc", 24, 24, 20),),
        "place": (("arc", 24, 18, 13, 150, 390), ("line", 12.7, 24.5, 24, 44, 35.3, 24.5), ("disc", 24, 18, 4.5)),
    }
)  # fmt: skip


@cache
def picture(name: str, size_px: int) -> Image.Image:
    """The icon in white on nothing, ``size_px`` square, with smooth edges; coloured when it is drawn.

    Raises KeyError for a name that is not in ``ICONS``.
    """
    scale = size_px * _FINE / GRID
    image = Image.new("L", (size_px * _FINE, size_px * _FINE), 0)
    pen = ImageDraw.Draw(image)
    for stroke in ICONS[name]:
        _draw(pen, stroke, scale)
    alpha = image.resize((size_px, size_px), Image.Resampling.LANCZOS)
    white = Image.new("RGBA", (size_px, size_px), (255, 255, 255, 0))
    white.putalpha(alpha)
    return white


def _draw(pen: ImageDraw.ImageDraw, stroke: Stroke, scale: float) -> None:
    kind, *numbers = stroke
    n = [float(x) * scale for x in numbers]
    width = max(1, round(PEN * scale))
    half = width / 2
    match kind:
        case "line":
            points = list(zip(n[::2], n[1::2], strict=True))
            pen.line(points, fill=255, width=width, joint="curve")
            for x, y in points:
                pen.ellipse((x - half, y - half, x + half, y + half), fill=255)
        case "circle":
            x, y, r = n
            pen.ellipse((x - r - half, y - r - half, x + r + half, y + r + half), outline=255, width=width)
        case "disc":
            x, y, r = n
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        case "box":
            x, y, w, h, r = n
            pen.rounded_rectangle((x, y, x + w, y + h), radius=r, outline=255, width=width)
        case "half":
            x, y, r = n[:3]
            pen.pieslice((x - r, y - r, x + r, y + r), float(numbers[3]), float(numbers[4]), fill=255)
        case "slab":
            x, y, w, h, r = n
            pen.rounded_rectangle((x, y, x + w, y + h), radius=r, fill=255)
        case _:
            x, y, r = n[:3]
            start, end = float(numbers[3]), float(numbers[4])
            pen.arc((x - r - half, y - r - half, x + r + half, y + r + half), start, end, fill=255, width=width)
