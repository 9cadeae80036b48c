"""Noto Sans in the shapes of each language, as font files that Kivy can load.

Debian's ``NotoSansCJK-*.ttc`` holds five regional faces, and Kivy takes the first, which draws Chinese in
Japanese shapes. The faces are taken out once, at installation (``python -m kiosk fonts --out DIR``): SC for Chinese
and for English, TC (the shapes of Taiwan) for traditional Chinese, JP, KR. A start that finds no SC takes it out
itself; of the others it uses what is there, and draws in SC what is not: every sign is in it, only some shapes differ.
A face is read when its language is first shown, not before. Writing is atomic: a power cut leaves no half file.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

DEBIAN = Path("/usr/share/fonts/opentype/noto")
FACES = MappingProxyType({"zh-Hans": "SC", "en": "SC", "zh-Hant": "TC", "ja": "JP", "ko": "KR"})
"""The face of each language of ``kiosk.text.NAMES``."""
NEEDED = "SC"
ALL = frozenset(FACES.values())
WEIGHTS = ("Regular", "Bold")


class NoChineseFont(FileNotFoundError):  # noqa: N818  (named for the condition)
    """The collection is not installed, or does not hold the face."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """``regular`` and ``bold`` are SC; ``others``: the same pair for each further face that is there."""

    regular: Path
    bold: Path
    others: Mapping[str, tuple[Path, Path]] = field(default_factory=dict)


def fonts_folder(var: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the faces are kept: ``JIAOHAO_FONTS`` if an installation sets it, else under the terminal's own data."""
    return Path(environment.get("JIAOHAO_FONTS") or var / "fonts")


def prepare_fonts(out: Path, source: Path = DEBIAN, faces: Collection[str] = (NEEDED,)) -> Fonts:
    """Both weights of ``faces`` under ``out``, extracted if they are not there yet. Raises NoChineseFont."""
    for face in {NEEDED, *faces}:
        for weight in WEIGHTS:
            _face(face, weight, out, source)
    pairs = {face: tuple(_path(out, face, weight) for weight in WEIGHTS) for face in sorted(ALL)}
    regular, bold = pairs.pop(NEEDED)
    return Fonts(
        regular, bold, {face: (one, two) for face, (one, two) in pairs.items() if one.exists() and two.exists()}
    )


def _path(out: Path, face: str, weight: str) -> Path:
    return out / f"NotoSans{face}-{weight}.otf"


def _face(face: str, weight: str, out: Path, source: Path) -> None:
    path = _path(out, face, weight)
    if path.exists():
        return
    collection = source / f"NotoSansCJK-{weight}.ttc"
    if not collection.exists():
        raise NoChineseFont(f"{collection} is missing: install the package fonts-noto-cjk")
    # Imported here: a kiosk whose fonts are prepared starts without fontTools.
    from fontTools.ttLib import TTCollection  # noqa: PLC0415

    family = f"Noto Sans CJK {face}"
    out.mkdir(parents=True, exist_ok=True)
    with TTCollection(str(collection), lazy=True) as held:
        for font in held.fonts:
            if family in {font["name"].getDebugName(16), font["name"].getDebugName(1)}:
                partial = path.with_suffix(f".{os.getpid()}.part")
                font.save(str(partial))
                partial.replace(path)
                return
    raise NoChineseFont(f"{collection} holds no face {family}")
