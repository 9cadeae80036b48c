"""What a printer can do, as data: paper, dots, columns, codes and cutter, one TOML file a kind of printer.

A profile describes what no unit can tell about itself. What a unit *can* tell (which confirmation it answers)
is probed by the driver instead. Loading is strict: a key too much or too few is an error that names it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib.resources import files
from typing import Literal, get_args

Cut = Literal["full", "partial", "none"]
Encoding = Literal["gbk", "ascii"]

DOTS_PER_MM = 8
"""203 dpi, the pitch of every thermal head that these profiles describe."""


class ProfileError(ValueError):
    """The profile does not exist or does not say what a profile must say; ``code`` is stable."""

    code = "bad-profile"


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """``columns`` are half-width characters (12 dots) at size 1; ``line_dots`` the feed of a text line.

    ``encoding`` is ``gbk``, or ``ascii`` where the printer has no Chinese characters: then every line with one is
    drawn. ``slice_dots`` is how high a piece of an image may be. ``offline_bit`` is false for units that say "off line"
    while they print; their other bits are still believed. ``status_back`` switches Automatic Status Back on, for
    units known to do it well.
    """

    name: str
    paper_mm: int
    width_dots: int
    columns: int
    encoding: Encoding
    native_qr: bool
    cut: Cut
    line_dots: int
    roll_m: int
    slice_dots: int
    offline_bit: bool
    status_back: bool


_FOLDER = files("devices.printer") / "profiles"
_LIMITS = {
    "paper_mm": (20, 120),
    "width_dots": (96, 1024),
    "columns": (8, 85),
    "line_dots": (24, 96),
    "roll_m": (1, 400),
    "slice_dots": (24, 960),
}


def shipped() -> tuple[str, ...]:
    """Names of the profiles that come with the package, as ``<kind>-<paper>mm``."""
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
    )


def load_profile(name: str = "generic", paper_mm: int = 80) -> PrinterProfile:
    """The shipped profile of printer kind ``name`` on paper ``paper_mm`` wide.

    Raises ProfileError, with a near miss where there is one.
    """
    known = shipped()
    full = f"{name}-{paper_mm}mm"
    if full not in known:
        near = get_close_matches(full, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
        raise ProfileError(f"no printer profile {full!r}{hint}")
    return parse_profile(full, (_FOLDER / f"{full}.toml").read_text(encoding="utf-8"))


def parse_profile(name: str, text: str) -> PrinterProfile:
    """A profile from its TOML text. Raises ProfileError with all mistakes at once."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"printer profile {name}: {error}") from error
    types = {field.name: field.type for field in fields(PrinterProfile) if field.name != "name"}
    wrong = [f"{key} is missing" for key in types if key not in said]
    for key, value in said.items():
        if key not in types:
            near = get_close_matches(key, types, n=1)
            wrong.append(f"{key} is unknown" + (f" (did you mean {near[0]}?)" if near else ""))
        elif types[key] == "int":
            low, high = _LIMITS[key]
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                wrong.append(f"{key} must be a whole number from {low} to {high}")
        elif types[key] == "bool" and not isinstance(value, bool):
            wrong.append(f"{key} must be true or false")
        elif key == "cut" and value not in get_args(Cut):
            wrong.append(f"cut must be one of {', '.join(get_args(Cut))}")
        elif key == "encoding" and value not in get_args(Encoding):
            wrong.append(f"encoding must be one of {', '.join(get_args(Encoding))}")
    if not wrong and said["columns"] * 12 > said["width_dots"]:
        wrong.append("columns of 12 dots do not fit into width_dots")
    if wrong:
        raise ProfileError(f"printer profile {name}: {'; '.join(wrong)}")
    return PrinterProfile(name=name, **said)
