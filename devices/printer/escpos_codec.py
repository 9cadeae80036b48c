"""python-escpos as a codec: what it renders into its ``Dummy`` is sent by our own transport.

Styles, feeds, QR codes and images are its bytes. Not text and not the cut, measured with 3.1: it prints "?" for
"①" and "（）：，", never sends FS &, and puts code page commands between; it cuts after six lines (22 mm) of paper at
the printer's own line height and only where one of its profiles says so, where ``GS V`` function B feeds to the knife
by itself: 7 mm of paper less a ticket.

Its import has side effects that a long-lived program does not want: it configures the root logger and leaves a
temporary directory with a pickle behind. Both are undone here, the only place where it is imported.
"""

from __future__ import annotations

import logging
import shutil
from functools import lru_cache
from typing import Any

from PIL import Image

_handlers = list(logging.getLogger().handlers)

from escpos import capabilities  # noqa: E402 - the root logger has to be looked at before this import
from escpos.constants import QR_ECLEVEL_M  # noqa: E402 - as above
from escpos.printer import Dummy  # noqa: E402 - as above

logging.getLogger().handlers[:] = _handlers
shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)

_REAL_TIME = {b"\x10\x04": b"\x10\x0c", b"\x10\x05": b"\x10\x0d", b"\x10\x14": b"\x10\x1c"}
"""DLE EOT, DLE ENQ, DLE DC4: a printer obeys these even inside an image, so one dot of it is moved."""


def _dummy(width_dots: int) -> Any:
    dummy = Dummy()
    # the library keeps one dictionary for all printers and prints to stdout where the width is unknown
    dummy.profile.profile_data = {
        **dummy.profile.profile_data,
        "media": {"width": {"pixels": width_dots, "mm": width_dots / 8}, "dpi": 203},
    }
    return dummy


def init() -> bytes:
    """``ESC @``: everything as after power on; the line that was not printed yet is forgotten."""
    dummy = Dummy()
    dummy.hw("INIT")
    return bytes(dummy.output)


@lru_cache(maxsize=64)
def style(align: str, size: int, *, bold: bool) -> bytes:
    """``GS !``, ``ESC E``, ``ESC a``: size 1 to 8, weight, and ``left``, ``center`` or ``right``."""
    dummy = Dummy()
    dummy.set(align=align, bold=bold, custom_size=True, width=size, height=size)
    return bytes(dummy.output)


@lru_cache(maxsize=256)
def feed(lines: int) -> bytes:
    """``ESC d``: 0 to 255 lines."""
    dummy = Dummy()
    dummy.print_and_feed(lines)
    return bytes(dummy.output)


def native_qr(text: str, module_dots: int, width_dots: int) -> bytes:
    """``GS ( k``: the printer makes the code itself, error correction M, model 2."""
    dummy = _dummy(width_dots)
    dummy.qr(text, ec=QR_ECLEVEL_M, size=module_dots, native=True)
    return bytes(dummy.output)


def raster(image: Image.Image, width_dots: int, slice_dots: int) -> bytes:
    """``GS v 0``: black on white ``image``, at most ``width_dots`` wide, at normal density.

    In slices ``slice_dots`` high: cheap printers lose bytes of tall images (python-escpos #622, #631, Odoo's fix).
    """
    dummy = _dummy(width_dots)
    dummy.image(image, fragment_height=slice_dots)
    data = bytes(dummy.output)
    for command, harmless in _REAL_TIME.items():
        data = data.replace(command, harmless)
    return data
