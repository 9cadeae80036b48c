"""Text as dots, for the lines that a printer's own character set cannot say.

Each character is drawn in the cell that the printer would give it (12 dots a column, times the size), so a
drawn line stands in rhythm with the printed ones. The face is Noto CJK in its simplified Chinese shapes: in the
collection that Debian ships, face 7 is the one with half-width Latin letters and face 2 the proportional one
(face 0 is Japanese). Without a font nothing fails: what cannot be drawn is printed as 〓, the printers' own
sign for "a character was here".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from devices.printer.wrap import columns_of, width_of

COLUMN_DOTS = 12
CELL_DOTS = 24
GETA = "〓"

_FOLDER = Path("/usr/share/fonts/opentype/noto")
FACES = {
    False: ((_FOLDER / "NotoSansCJK-Regular.ttc", 7), (_FOLDER / "NotoSansCJK-Regular.ttc", 2)),
    True: ((_FOLDER / "NotoSansCJK-Bold.ttc", 7), (_FOLDER / "NotoSansCJK-Bold.ttc", 2)),
}
_NO_CHARACTER = "\U0010ffff"


class FontMissingError(LookupError):
    """None of the Chinese faces is installed; on Debian they are in the package fonts-noto-cjk."""

    code = "no-font"


@lru_cache(maxsize=32)
def face(size: int, *, bold: bool, among: Sequence[tuple[Path, int]] | None = None) -> ImageFont.FreeTypeFont:
    """The Chinese face at ``size`` times the printer's font. Raises FontMissingError."""
    for path, index in FACES[bold] if among is None else among:
        try:
            return ImageFont.truetype(str(path), CELL_DOTS * size * 11 // 12, index=index)
        except OSError:
            continue
    raise FontMissingError("no Chinese font found; install fonts-noto-cjk")


def drawable(ch: str) -> bool:
    """Whether the face is there and has a glyph for ``ch``: a missing one is drawn as the face's empty box."""
    try:
        font = face(1, bold=False)
    except FontMissingError:
        return False
    return ch.isspace() or bytes(font.getmask(ch)) != bytes(font.getmask(_NO_CHARACTER))


def draw_line(text: str, *, size: int, bold: bool, line_dots: int) -> Image.Image:
    """``text`` (one wrapped line) as a black on white 1-bit image, as high as a printed line.

    Raises FontMissingError.
    """
    height = max(line_dots, CELL_DOTS * size)
    image = Image.new("L", (max(width_of(text), 1) * COLUMN_DOTS * size, height), 255)
    pen = ImageDraw.Draw(image)
    font = face(size, bold=bold)
    column = 0
    for cluster in _clusters(text):
        cells = width_of(cluster)
        centre = (column + cells / 2) * COLUMN_DOTS * size
        pen.text((centre, CELL_DOTS * size * 0.81), cluster, font=font, fill=0, anchor="ms")
        column += cells
    return image.point(lambda level: 255 if level > 140 else 0).convert("1", dither=Image.Dither.NONE)


def _clusters(text: str) -> list[str]:
    """Letters with their combining marks."""
    clusters: list[str] = []
    for ch in text:
        if clusters and columns_of(ch) == 0:
            clusters[-1] += ch
        else:
            clusters.append(ch)
    return clusters
