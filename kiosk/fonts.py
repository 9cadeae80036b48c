"""Noto Sans in its Chinese shapes, as two font files that Kivy can load.

Debian's ``NotoSansCJK-*.ttc`` holds five regional faces, and Kivy takes the first, which draws Chinese in
Japanese shapes. The SC face is taken out once, at installation (``python -m kiosk fonts --out DIR``) or at
the first start. Writing is atomic: a power cut leaves either no file or a whole one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEBIAN = Path("/usr/share/fonts/opentype/noto")
FAMILY = "Noto Sans CJK SC"


class NoChineseFont(FileNotFoundError):  # noqa: N818  (named for the condition)
    """The collection is not installed, or does not hold the SC face."""


@dataclass(frozen=True, slots=True)
class Fonts:
    regular: Path
    bold: Path


def fonts_folder(var: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the faces are kept: ``JIAOHAO_FONTS`` if an installation sets it, else under the terminal's own data."""
    return Path(environment.get("JIAOHAO_FONTS") or var / "fonts")


def prepare_fonts(out: Path, source: Path = DEBIAN) -> Fonts:
    """Both weights under ``out``, extracted if they are not there yet. Raises NoChineseFont."""
    return Fonts(regular=_face("Regular", out, source), bold=_face("Bold", out, source))


def _face(weight: str, out: Path, source: Path) -> Path:
    path = out / f"NotoSansSC-{weight}.otf"
    if path.exists():
        return path
    collection = source / f"NotoSansCJK-{weight}.ttc"
    if not collection.exists():
        raise NoChineseFont(f"{collection} is missing: install the package fonts-noto-cjk")
    # Imported here: a kiosk whose fonts are prepared starts without fontTools.
    from fontTools.ttLib import TTCollection  # noqa: PLC0415

    out.mkdir(parents=True, exist_ok=True)
    with TTCollection(str(collection), lazy=True) as faces:
        for face in faces.fonts:
            if face["name"].getDebugName(16) == FAMILY or face["name"].getDebugName(1) == FAMILY:
                partial = path.with_suffix(f".{os.getpid()}.part")
                face.save(str(partial))
                partial.replace(path)
                return path
    raise NoChineseFont(f"{collection} holds no face {FAMILY}")
