"""Textures that widgets are dressed in: grounds with round corners and a soft edge, icons, QR codes.

Drawn once by Pillow at the size in which they are shown, kept for good (there are a few dozen), so edges are
smooth without multisampling and nothing is made anew while the kiosk runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import segno
from kivy.core.text import Label as CoreLabel
from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw

from kiosk import icons
from kiosk.theme import PLAIN, code_of
from kiosk.window import FONT

_FINE = 4


def _texture(image: Image.Image, *, smooth: bool = True) -> Any:
    texture = Texture.create(size=image.size, colorfmt="rgba")
    texture.mag_filter = texture.min_filter = "linear" if smooth else "nearest"
    texture.blit_buffer(image.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


@cache
def icon(name: str, size_px: int) -> Any:
    """White on nothing: give it its colour where it is drawn."""
    return _texture(icons.picture(name, size_px))


@cache
def ground(fill: str, edge: str, radius_px: int, edge_px: int, shadow_px: int, palette: str = PLAIN) -> tuple[Any, int]:
    """A nine-patch and its inset: ``fill`` inside a rounded ``edge``, a shadow below it. "" is no edge."""
    inset = radius_px + shadow_px + 2
    side = 2 * inset + 8
    image = Image.new("RGBA", (side * _FINE, side * _FINE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    box = [shadow_px * _FINE, shadow_px * _FINE // 2, (side - shadow_px) * _FINE - 1, (side - shadow_px) * _FINE - 1]
    for step in range(shadow_px, 0, -1):
        grown = [box[0] - step * _FINE, box[1] - step * _FINE // 3, box[2] + step * _FINE, box[3] + step * _FINE]
        pen.rounded_rectangle(grown, radius=(radius_px + step) * _FINE, fill=(16, 35, 61, 8 + 22 // step))
    if edge:
        pen.rounded_rectangle(box, radius=radius_px * _FINE, fill=code_of(edge, palette))
        box = [box[0] + edge_px * _FINE, box[1] + edge_px * _FINE, box[2] - edge_px * _FINE, box[3] - edge_px * _FINE]
    pen.rounded_rectangle(box, radius=max(1, radius_px - edge_px) * _FINE, fill=code_of(fill, palette))
    return _texture(image.resize((side, side), Image.Resampling.BOX)), inset


@cache
def digits(text: str, px: int) -> Any:
    """A short number, white on nothing: give it its colour where it is drawn."""
    label = CoreLabel(text=text, font_size=px)
    label.refresh()
    return label.texture


def qr(text: str) -> Any:
    """A QR code of ``text``, one pixel per module, quiet zone included; black on white."""
    code = segno.make(text, error="m", micro=False)
    rows = [bytes(row) for row in code.matrix_iter(border=3)]
    image = Image.new("RGBA", (len(rows[0]), len(rows)), (255, 255, 255, 255))
    pixels = image.load()
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark and pixels is not None:
                pixels[x, y] = (0, 0, 0, 255)
    return _texture(image, smooth=False)


_MEASURED_PX = 100


@dataclass(slots=True)
class Pen:
    """In which face words are set now: ``font`` is Kivy's name of it. ``Stage`` changes it with the language.

    ``needed_px``: letters as large as the manner wants them on this panel; for better lines they do not shrink below.
    """

    font: str = FONT
    needed_px: float = 0

    def advance(self, sign: str) -> float:
        return advance(sign, self.font)

    def advance_bold(self, sign: str) -> float:
        return advance(sign, self.font, bold=True)


PEN = Pen()


@cache
def advance(sign: str, font: str = FONT, *, bold: bool = False) -> float:
    """Width of one character in em.

    A syllable of Hangul is 0.92 em wide, which at most sizes is no whole pixel and is drawn as the next.
    """
    label = CoreLabel(font_name=font, font_size=_MEASURED_PX, bold=bold)
    drawn_wider = 0.01 if "\uac00" <= sign <= "\ud7a3" else 0.0
    return float(label.get_extents(sign)[0]) / _MEASURED_PX + drawn_wider
