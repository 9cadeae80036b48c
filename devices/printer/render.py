"""A slip and a profile become the bytes of one ticket.

Text goes as characters wherever the printer can say it (a two-line ticket is some hundred bytes, an image fifty
thousand: four seconds at 115200 baud), line by line: a line with a single character outside two-byte GBK is
drawn as dots instead, whole, so that it never shows "?" or another character. Every ticket begins with ESC @,
because alignment and size survive from whatever was printed before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

import segno
from PIL import Image

from devices.printer import escpos_codec
from devices.printer.profile import DOTS_PER_MM, PrinterProfile
from devices.printer.raster import CELL_DOTS, GETA, draw_line, drawable
from devices.printer.slip import Align, Feed, Line, Qr, Rule, Slip
from devices.printer.wrap import clean, gbk, wrap, wrap_evenly

INIT = escpos_codec.init()
DOUBLE_BYTE = b"\x1c&"
CUT = {"full": b"\x1dVA\x18", "partial": b"\x1dVB\x18"}  # 24 dots (3 mm) below the last line
TO_CUTTER_DOTS = 100 + 24
"""Paper between head and cutter, fed by the cut command itself (about 12 mm on common mechanisms)."""
TEAR_LINES = 4
_PLAIN = escpos_codec.style("left", 1, bold=False)
QUIET_MODULES = 4
# ISO/IEC 18004, table 7: bytes that versions 1 to 40 hold at error correction M
_QR_BYTES_AT_M = (
    *(14, 26, 42, 62, 84, 106, 122, 152, 180, 213),
    *(251, 287, 331, 362, 412, 450, 504, 560, 624, 666),
    *(711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370),
    *(1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331),
)
FINEST_MODULE_DOTS = 3
"""0.375 mm: finer codes do not scan from thermal paper in a hand."""


class SlipError(ValueError):
    """The slip asks for something that cannot be printed."""

    code = "bad-slip"


@dataclass(frozen=True, slots=True)
class Row:
    """Some bytes and the paper they move."""

    data: bytes
    height_dots: int


def render(slip: Slip, profile: PrinterProfile) -> bytes:
    """The bytes of one ticket, from ESC @ to the cut. Raises SlipError."""
    return b"".join(row.data for row in rows(slip, profile))


def length_mm(slip: Slip, profile: PrinterProfile) -> float:
    """Paper that the ticket takes from the roll, in millimetres. Raises SlipError."""
    return sum(row.height_dots for row in rows(slip, profile)) / DOTS_PER_MM


def rows(slip: Slip, profile: PrinterProfile) -> Iterator[Row]:
    """The ticket in rows, in order. Raises SlipError."""
    yield Row(INIT, 0)
    for item in slip.items:
        match item:
            case Line():
                yield from _line_rows(item, profile)
            case Qr():
                yield _qr_row(item, profile)
            case Rule():
                yield Row(_PLAIN + _rule(profile) + b"\n", profile.line_dots)
            case Feed():
                lines = max(0, min(item.lines, 255))
                yield Row(escpos_codec.feed(lines), lines * profile.line_dots)
            case never:
                assert_never(never)
    yield _out(profile)


def _rule(profile: PrinterProfile) -> bytes:
    """At the speed of text: box drawing strokes of GBK join into one line, hyphens nearly do."""
    if profile.encoding == "gbk":
        return DOUBLE_BYTE + "─".encode("gbk") * (profile.columns // 2)
    return b"-" * profile.columns


def put_in_order(unfinished_bytes: int, profile: PrinterProfile) -> Iterator[Row]:
    """End a ticket that broke off in a command of at most ``unfinished_bytes``, and put what came of it out.

    Zeros print nothing between commands and are white in an image, wherever it broke off.
    """
    yield Row(bytes(unfinished_bytes), 0)
    yield Row(INIT, 0)
    yield _out(profile)


def _out(profile: PrinterProfile) -> Row:
    """Past the knife, or the bar where there is none."""
    if profile.cut == "none":
        return Row(escpos_codec.feed(TEAR_LINES), TEAR_LINES * profile.line_dots)
    return Row(CUT[profile.cut], TO_CUTTER_DOTS)


def _line_rows(line: Line, profile: PrinterProfile) -> Iterator[Row]:
    size = max(1, min(line.size, 8, profile.columns // 2))
    text = "".join(
        ch if _code(ch, profile) is not None or ch == "\n" or drawable(ch) else _sign(profile)
        for ch in clean(line.text)
    )
    height = max(profile.line_dots, CELL_DOTS * size)
    broken = wrap_evenly if line.align == "center" else wrap
    for part in broken(text, profile.columns // size):
        codes = [_code(ch, profile) for ch in part]
        if None not in codes:
            data = b"".join(code for code in codes if code is not None)
            mode = b"" if part.isascii() else DOUBLE_BYTE
            yield Row(escpos_codec.style(line.align, size, bold=line.bold) + mode + data + b"\n", height)
        else:
            image = draw_line(part, size=size, bold=line.bold, line_dots=profile.line_dots)
            yield _image_row(image, line.align, profile)


def _code(ch: str, profile: PrinterProfile) -> bytes | None:
    """``ch`` as this printer's characters, or None where it has none."""
    return gbk(ch) if profile.encoding == "gbk" or ch.isascii() else None


def _sign(profile: PrinterProfile) -> str:
    """What stands for a character that can neither be printed nor drawn."""
    return GETA if profile.encoding == "gbk" or drawable(GETA) else "?"


def _image_row(image: Image.Image, align: Align, profile: PrinterProfile) -> Row:
    """An image of the paper's full width: not every printer aligns images."""
    paper = Image.new("1", (profile.width_dots, image.height), 1)
    slack = profile.width_dots - image.width
    paper.paste(image, ({"left": 0, "center": slack // 2, "right": slack}[align], 0))
    return Row(_PLAIN + escpos_codec.raster(paper, profile.width_dots, profile.slice_dots), image.height)


def _qr_row(qr: Qr, profile: PrinterProfile) -> Row:
    if not qr.text or not qr.text.isascii() or not qr.text.isprintable():
        raise SlipError("a QR text must be printable ASCII")
    modules = _modules(qr.text)
    # a code needs four light modules around it: the paper's margins count, a cut-off code is worthless
    dots = min(max(qr.module_dots, FINEST_MODULE_DOTS), 16, profile.width_dots // (modules + 2 * QUIET_MODULES))
    if dots < FINEST_MODULE_DOTS:
        raise SlipError(f"a QR code of {modules} modules does not fit on {profile.paper_mm} mm")
    if profile.native_qr:
        data = (
            escpos_codec.style("center", 1, bold=False)
            + escpos_codec.native_qr(qr.text, dots, profile.width_dots)
            + b"\n"
        )
        return Row(data, modules * dots + profile.line_dots)
    code = segno.make(qr.text, error="m", mode="byte", micro=False, boost_error=False)
    dark = bytes(0 if module else 255 for line in code.matrix for module in line)
    small = Image.frombytes("L", (modules, modules), dark).convert("1", dither=Image.Dither.NONE)
    image = small.resize((modules * dots, modules * dots), Image.Resampling.NEAREST)
    row = _image_row(image, "center", profile)
    return Row(row.data + escpos_codec.feed(1), row.height_dots + profile.line_dots)  # as light below as a native one


def _modules(text: str) -> int:
    """How many modules wide the code of ``text`` is, at error correction M and in bytes (a printer may need fewer).

    Raises SlipError. Making the whole code only to measure it would be most of a ticket's processor time.
    """
    for version, most in enumerate(_QR_BYTES_AT_M, start=1):
        if len(text) <= most:
            return 17 + 4 * version
    raise SlipError("the QR text is too long for one code")
