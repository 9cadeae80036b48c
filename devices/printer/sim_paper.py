"""The other end's print head: dots on a strip of paper, and the knife that makes tickets of it.

Chinese is drawn in Noto Sans CJK SC (face 2 of Debian's collection; face 0 would be Japanese), Latin letters in
the half-width face beside it, both into the cells of a 24-dot printer font. The head stands some millimetres
below the knife: what a cut leaves between them is the next ticket's upper margin, as on the real thing.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

COLUMN_DOTS, CELL_DOTS = 12, 24
KNIFE_TO_HEAD_DOTS = 100
_FONTS = "/usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc"
_HAN_FACE, _LATIN_FACE = 2, 7


class FontsMissingError(LookupError):
    """The simulator cannot draw: Debian's fonts-noto-cjk is not installed."""


@lru_cache(maxsize=64)
def _font(face: int, dots: int, weight: str) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(_FONTS.format(weight=weight), dots, index=face)
    except OSError as error:
        raise FontsMissingError("the printer simulator draws with Noto Sans CJK: install fonts-noto-cjk") from error


@dataclass(frozen=True, slots=True)
class Style:
    """How the next characters are printed."""

    wide: int = 1
    high: int = 1
    bold: bool = False
    underline: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One character, ``columns`` 1 or 2 of 12 dots, before enlargement."""

    ch: str
    columns: int
    style: Style

    @property
    def dots(self) -> int:
        return self.columns * COLUMN_DOTS * self.style.wide


@dataclass(slots=True)
class Strip:
    """Paper under the head, from the knife (or tear bar) downwards. Widths and heights in dots, 8 a millimetre."""

    width: int
    margin: int = 32
    used: int = KNIFE_TO_HEAD_DOTS
    pieces: list[tuple[int, Image.Image]] = field(default_factory=list)

    def feed(self, dots: int) -> None:
        self.used += max(0, dots)

    @property
    def blank_tail(self) -> int:
        """Blank paper below what was printed last; 0 on a strip with nothing on it."""
        return self.used - max([top + piece.height for top, piece in self.pieces], default=self.used)

    def image(self, image: Image.Image, align: int) -> None:
        """``image`` (mode L, black on white) at the left (0), in the middle (1) or at the right (2)."""
        slack = max(0, self.width - image.width)
        row = Image.new("L", (self.width, image.height), 255)
        row.paste(image, ((0, slack // 2, slack)[align], 0))
        self.pieces.append((self.used, row))
        self.used += image.height

    def text(self, cells: list[Cell], align: int, line_dots: int) -> None:
        """One line of characters, and the line feed after it."""
        high = max([CELL_DOTS * cell.style.high for cell in cells], default=0)
        if cells:
            self.image(_draw(cells, high), align)
        self.feed(max(line_dots - high, 0))

    def cut(self) -> bytes:
        """Cut at the knife: the PNG of what lies above it; the rest stays as the next ticket's beginning."""
        knife = max(self.used - KNIFE_TO_HEAD_DOTS, 1)
        ticket = Image.new("L", (self.width + 2 * self.margin, knife), 255)
        left: list[tuple[int, Image.Image]] = []
        for top, piece in self.pieces:
            if top < knife:
                ticket.paste(piece, (self.margin, top))
            if top + piece.height > knife:
                left.append((top - knife, piece))
        self.pieces, self.used = left, KNIFE_TO_HEAD_DOTS
        out = io.BytesIO()
        ticket.save(out, "PNG", optimize=False, dpi=(203, 203))
        return out.getvalue()


def _draw(cells: list[Cell], high: int) -> Image.Image:
    row = Image.new("L", (sum(cell.dots for cell in cells), high), 255)
    left = 0
    for cell in cells:
        glyph = _glyph(cell)
        row.paste(glyph, (left, high - glyph.height))
        left += cell.dots
    return row


@lru_cache(maxsize=2048)
def _glyph(cell: Cell) -> Image.Image:
    style = cell.style
    weight = "Bold" if style.bold else "Regular"
    em = CELL_DOTS * style.high
    natural = cell.columns * COLUMN_DOTS * style.high
    image = Image.new("L", (natural, em), 255)
    face = _LATIN_FACE if cell.columns == 1 else _HAN_FACE
    strokes_join = "─" <= cell.ch <= "╿"  # box drawing fills its cell, letters keep clear of its edges
    dots, baseline = (em, 0.86) if strokes_join else (em * 11 // 12, 0.81)
    pen = ImageDraw.Draw(image)
    pen.text((natural / 2, em * baseline), cell.ch, font=_font(face, dots, weight), fill=0, anchor="ms")
    if style.underline:
        image.paste(0, (0, em - 2 * style.high, natural, em - style.high))
    return image if natural == cell.dots else image.resize((cell.dots, em))


def bits(data: bytes, across_bytes: int, down: int) -> Image.Image:
    """Raster bytes (a set bit is a black dot) as an image of mode L."""
    image = Image.frombytes("1", (across_bytes * 8, down), data.ljust(across_bytes * down, b"\0"))
    return image.convert("L").point(lambda level: 255 - level)


def column_bits(data: bytes, column_bytes: int) -> Image.Image:
    """ESC * bytes: columns from left to right, each ``column_bytes`` from top to bottom."""
    columns = len(data) // column_bytes
    upright = Image.frombytes("1", (column_bytes * 8, columns), data)
    return upright.transpose(Image.Transpose.TRANSPOSE).convert("L").point(lambda level: 255 - level)
