"""The other end's firmware: ESC/POS commands, one after the other, become lines, images, codes and tickets.

Only what prints is here; what is answered, and what is held back without paper, is in ``sim``. The engine starts
in single-byte mode as export models do, so a driver that forgets FS & sees its Chinese come out as code page 437.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import segno
from PIL import Image

from devices.printer.sim_commands import Command
from devices.printer.sim_paper import KNIFE_TO_HEAD_DOTS, Cell, Strip, Style, bits, column_bits

_DEFAULT_LINE_DOTS = 30
_HANGS_OUT_DOTS = 90
_QR_LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}


@dataclass(frozen=True, slots=True)
class Ticket:
    """What fell into the tray: its picture, and what the printer itself knew of it.

    ``lines`` are the lines of characters; ``images`` counts lines and pictures that came as dots.
    """

    number: int
    at: datetime
    png: bytes = field(repr=False)
    lines: tuple[str, ...] = ()
    qr: tuple[str, ...] = ()
    images: int = 0


@dataclass(slots=True)
class _Ink:
    lines: list[str] = field(default_factory=list)
    qr: list[str] = field(default_factory=list)
    images: int = 0


class Engine:
    """Executes commands on a strip of paper ``width`` dots wide; finished tickets are in ``tickets``."""

    def __init__(self, width: int, margin: int) -> None:
        self._strip = Strip(width, margin)
        self._ink = _Ink()
        self._cut_count = 0
        self.unknown = 0
        self._reset()

    def _reset(self) -> None:
        self._style = Style()
        self._align = 0
        self._line_dots = _DEFAULT_LINE_DOTS
        self._double_byte = False
        self._lead: int | None = None
        self._cells: list[Cell] = []
        self._columns: list[Image.Image] = []
        self._qr_dots, self._qr_level, self._qr_data = 3, "l", b""
        self._graphics: Image.Image | None = None

    @property
    def dots(self) -> int:
        """Paper moved so far since the last cut."""
        return self._strip.used

    @property
    def hangs_out(self) -> bool:
        """Whether a ticket was fed out far enough for a hand to tear it off."""
        return self._strip.blank_tail >= _HANGS_OUT_DOTS

    def execute(self, command: Command) -> None:
        """Do one printing command; what prints nothing here is ignored, as printers do."""
        args = command.args
        match command.name:
            case "text":
                self._characters(args)
            case "LF" | "FF":
                self._line_feed()
            case "ESC @":
                self._reset()
            case "ESC a":
                self._align = args[0] % 48 if args[0] % 48 <= 2 else self._align
            case "ESC E" | "ESC G":
                self._style = replace(self._style, bold=bool(args[0] & 1))
            case "ESC -" | "FS -":
                self._style = replace(self._style, underline=args[0] % 48 > 0)
            case "GS !":
                self._style = replace(self._style, wide=(args[0] >> 4 & 7) + 1, high=(args[0] & 7) + 1)
            case "ESC !":
                bold, high, wide = bool(args[0] & 0x08), 1 + (args[0] >> 4 & 1), 1 + (args[0] >> 5 & 1)
                self._style = replace(self._style, bold=bold, high=high, wide=wide)
            case "ESC 2":
                self._line_dots = _DEFAULT_LINE_DOTS
            case "ESC 3":
                self._line_dots = args[0]
            case "ESC d":
                self._line_feed(lines=args[0])
            case "ESC J":
                self._flush(0)
                self._strip.feed(args[0])
            case "FS &" | "FS .":
                self._double_byte = command.name == "FS &"
                self._lead = None
            case "GS v 0":
                self._raster(args)
            case "ESC *":
                self._columns.append(column_bits(args[3:], 3 if args[0] >= 32 else 1))
            case "GS ( L":
                self._store_graphics(args)
            case "GS ( k":
                self._qr_code(args)
            case "unknown":
                self.unknown += 1
            case _:
                pass

    def cut(self, command: Command, at: datetime) -> Ticket:
        """Do a cutting command (GS V, ESC i, ESC m), or let a hand tear: the ticket above knife or bar."""
        self._flush(0)
        if command.name == "GS V" and len(command.args) == 2:
            self._strip.feed(KNIFE_TO_HEAD_DOTS + command.args[1])
        self._cut_count += 1
        ink, self._ink = self._ink, _Ink()
        return Ticket(self._cut_count, at, self._strip.cut(), tuple(ink.lines), tuple(ink.qr), ink.images)

    def roll(self, width: int, margin: int) -> None:
        """Other paper: ``width`` dots can be printed on."""
        self._strip, self._ink = Strip(width, margin), _Ink()

    # -- characters

    def _characters(self, data: bytes) -> None:
        for byte in data:
            if self._lead is not None:
                pair, self._lead = bytes([self._lead, byte]), None
                self._put(pair.decode("gbk", errors="replace")[:1], 2)
            elif self._double_byte and byte >= 0x81:
                self._lead = byte
            else:
                self._put(bytes([byte]).decode("cp437"), 1)

    def _put(self, ch: str, columns: int) -> None:
        cell = Cell(ch, columns, self._style)
        if sum(one.dots for one in self._cells) + cell.dots > self._strip.width:
            self._line_feed()  # the line is full: printers go on in the next
        self._cells.append(cell)

    def _line_feed(self, lines: int = 1) -> None:
        self._flush(self._line_dots)
        self._strip.feed((lines - 1) * self._line_dots)

    def _flush(self, line_dots: int) -> None:
        """Print what the line holds."""
        if self._columns:
            whole = Image.new("L", (sum(i.width for i in self._columns), max(i.height for i in self._columns)), 255)
            left = 0
            for image in self._columns:
                whole.paste(image, (left, 0))
                left += image.width
            self._columns = []
            before = self._strip.used
            self._picture(whole)
            self._strip.used = before + max(line_dots, 1)
            return
        if self._cells:
            self._ink.lines.append("".join(cell.ch for cell in self._cells))
        cells, self._cells = self._cells, []
        self._strip.text(cells, self._align, line_dots)

    # -- pictures and codes

    def _picture(self, image: Image.Image) -> None:
        self._ink.images += 1
        self._strip.image(image.crop((0, 0, min(image.width, self._strip.width), image.height)), self._align)

    def _raster(self, args: bytes) -> None:
        scale = args[0] % 48
        across, down = int.from_bytes(args[1:3], "little"), int.from_bytes(args[3:5], "little")
        if across == 0 or down == 0:
            return
        image = bits(args[5:], across, down)
        self._flush(0)
        self._picture(image.resize((image.width * (1 + (scale & 1)), image.height * (1 + (scale >> 1 & 1)))))

    def _store_graphics(self, args: bytes) -> None:
        function = args[1] if len(args) > 1 else 0
        if function == 112 and len(args) >= 10:
            across, down = int.from_bytes(args[6:8], "little"), int.from_bytes(args[8:10], "little")
            image = bits(args[10:], (across + 7) // 8, down)
            self._graphics = image.resize((image.width * args[3], image.height * args[4]))
        elif function in {2, 50} and self._graphics is not None:
            self._flush(0)
            self._picture(self._graphics)
            self._graphics = None

    def _qr_code(self, args: bytes) -> None:
        if len(args) < 2 or args[0] != 49:
            return
        match args[1]:
            case 67 if len(args) > 2:
                self._qr_dots = max(1, min(args[2], 16))
            case 69 if len(args) > 2:
                self._qr_level = _QR_LEVELS.get(args[2], "l")
            case 80:
                self._qr_data = args[3:]
            case 81 if self._qr_data:
                self._print_qr()
            case _:
                pass

    def _print_qr(self) -> None:
        code = segno.make(self._qr_data, error=self._qr_level, micro=False, boost_error=False)
        rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix]
        small = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
        side = small.width * self._qr_dots
        if side > self._strip.width:
            return  # a code that is too wide for the paper is not printed at all
        self._flush(0)
        self._strip.image(small.resize((side, side), Image.Resampling.NEAREST), self._align)
        self._ink.qr.append(self._qr_data.decode("utf-8", errors="replace"))
