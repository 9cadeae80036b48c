"""Pictures of a hall with somebody who holds a code before the camera, drawn; for the simulator and the measurements.

A picture is what a gray camera would give: a wall with a window, people standing about, a hand-held sheet with some
lines of print and the code on it, rotated, tilted, out of focus or in bad light as asked. All of it follows from
its arguments: the same seed draws the same hall. The people are ellipses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import segno

Picture: TypeAlias = npt.NDArray[np.uint8]
"""Rows by columns of gray, 0 black to 255 white."""

_MODULE_PX = 8
_PAPER, _INK = 232, 24


@dataclass(frozen=True, slots=True)
class Shown:
    """A code before the camera.

    ``size`` is the code's side as a share of the picture's height, its quiet zone not counted; ``x`` and ``y`` where
    its middle is, 0 to 1; ``blur`` is the sigma in pixels, ``contrast`` the share that is left of it, 0 to 1;
    ``tilt`` how far the sheet leans away, 0 to 0.5. ``inverted``: a light code on a dark ground.
    """

    payload: bytes = field(repr=False)
    size: float = 0.45
    x: float = 0.5
    y: float = 0.5
    rotation_deg: float = 0.0
    tilt: float = 0.0
    blur: float = 0.0
    contrast: float = 1.0
    inverted: bool = False
    level: str = "m"


def draw(width: int, height: int, shown: Shown | None, seed: int = 1) -> Picture:
    """Draw the hall in ``width`` by ``height`` pixels, with ``shown`` before it; without the sensor's noise."""
    picture = _hall(width, height, seed).copy()
    if shown is None:
        return picture
    sheet, code_px = _sheet(shown.payload, shown.level, inverted=shown.inverted)
    here = _corners(sheet.shape[1], sheet.shape[0])
    there = _placed(shown, width, height, sheet.shape[1] / code_px, sheet.shape[0] / code_px)
    turn = cv2.getPerspectiveTransform(here, there)
    # Smoothed before it is made smaller, as a lens does; else single modules vanish between two pixels.
    shrink = code_px / (shown.size * height)
    if shrink > 1:
        sheet = _blurred(sheet, 0.4 * shrink)
    held = cv2.warpPerspective(sheet, turn, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full_like(sheet, 255), turn, (width, height), flags=cv2.INTER_LINEAR)
    share = mask.astype(np.float32) / 255
    picture = (picture * (1 - share) + held * share).astype(np.uint8)
    return faded(_blurred(picture, shown.blur), shown.contrast)


def faded(picture: Picture, contrast: float) -> Picture:
    """Leave ``contrast`` of it, 0 to 1, around a middle gray."""
    if contrast >= 1:
        return picture
    return ((picture.astype(np.float32) - 128) * contrast + 128).astype(np.uint8)


def blurred(picture: Picture, sigma_px: float) -> Picture:
    return _blurred(picture, sigma_px)


def noisy(picture: Picture, sigma: float, seed: int) -> Picture:
    """Add the sensor's noise: ``sigma`` gray steps, another pattern for each ``seed``."""
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def jpeg(picture: Picture, quality: int = 80) -> bytes:
    """Encode it as cameras do, in YCbCr 4:2:0 with gray chroma."""
    _done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def _blurred(picture: Picture, sigma_px: float) -> Picture:
    return _gray(cv2.GaussianBlur(picture, (0, 0), sigma_px)) if sigma_px > 0 else picture


def _gray(picture: object) -> Picture:
    return np.asarray(picture, dtype=np.uint8)


@lru_cache(maxsize=8)
def _hall(width: int, height: int, seed: int) -> Picture:
    """A wall that is lighter on one side, a window, a notice board, three people a little out of focus."""
    chance = np.random.default_rng(seed)
    across = np.linspace(90, 165, width, dtype=np.float32)
    down = np.linspace(20, -20, height, dtype=np.float32)
    picture = (across[None, :] + down[:, None]).astype(np.uint8)
    left, top = int(width * chance.uniform(0.05, 0.6)), int(height * 0.06)
    cv2.rectangle(picture, (left, top), (left + width // 4, top + height // 3), 238, -1)
    cv2.rectangle(picture, (left, top), (left + width // 4, top + height // 3), 60, max(2, height // 120))
    cv2.line(picture, (left + width // 8, top), (left + width // 8, top + height // 3), 60, max(2, height // 160))
    board = int(width * chance.uniform(0.65, 0.75))
    cv2.rectangle(picture, (board, height // 8), (board + width // 5, height // 2), 200, -1)
    for row in range(8):
        y = height // 8 + (row + 1) * height // 24
        cv2.line(picture, (board + 6, y), (board + int(width * chance.uniform(0.06, 0.18)), y), 70, 1)
    for _person in range(3):
        x, shade = int(width * chance.uniform(0, 1)), int(chance.integers(40, 130))
        head = int(height * chance.uniform(0.05, 0.09))
        y = int(height * chance.uniform(0.4, 0.6))
        cv2.ellipse(picture, (x, y + 4 * head), (2 * head, 3 * head), 0, 0, 360, shade, -1)
        cv2.ellipse(picture, (x, y), (head, int(head * 1.25)), 0, 0, 360, min(255, shade + 70), -1)
    grain = chance.normal(0, 4, (height, width))  # plaster, cloth: what a wall is made of
    return _blurred(np.clip(picture + grain, 0, 255).astype(np.uint8), height / 300)


@lru_cache(maxsize=32)
def _sheet(payload: bytes, level: str, *, inverted: bool) -> tuple[Picture, int]:
    """The sheet of paper and the side of the code in its middle, in the sheet's pixels."""
    ascii_text = payload.decode("ascii") if payload.isascii() else None
    if ascii_text is not None:
        code = segno.make(ascii_text, error=level, micro=False)
    else:
        code = segno.make(payload, mode="byte", error=level, micro=False)
    dark = np.array([list(row) for row in code.matrix], dtype=np.uint8).astype(bool)
    modules = np.pad(dark, 4)
    if inverted:
        modules = ~modules
    symbol = np.where(modules, _INK, _PAPER).astype(np.uint8)
    symbol = np.kron(symbol, np.ones((_MODULE_PX, _MODULE_PX), dtype=np.uint8))
    side = symbol.shape[0]
    sheet = np.full((int(side * 1.5), int(side * 1.15)), _PAPER, dtype=np.uint8)
    left, top = (sheet.shape[1] - side) // 2, (sheet.shape[0] - side) // 2
    sheet[top : top + side, left : left + side] = symbol
    for row in range(2, 6):
        y = side // 24 * row
        cv2.line(sheet, (side // 10, y), (side // 10 + side // 8 * (row + 1), y), 60, max(2, side // 90))
        cv2.line(sheet, (side // 10, sheet.shape[0] - y), (side // 2, sheet.shape[0] - y), 60, max(2, side // 90))
    return sheet, dark.shape[0] * _MODULE_PX


def _corners(width: float, height: float) -> npt.NDArray[np.float32]:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)


def _placed(shown: Shown, width: int, height: int, wide: float, high: float) -> npt.NDArray[np.float32]:
    """Where the sheet's corners lie in the picture; ``wide`` and ``high`` are its sides in codes."""
    side = shown.size * height
    box = _corners(wide * side, high * side) - np.array([wide * side / 2, high * side / 2], dtype=np.float32)
    # Leaning back: the upper edge is further away, so it is shorter and nearer to the lower one.
    lean = 1 - shown.tilt
    box = box * np.array([[lean, lean], [lean, lean], [1, 1], [1, 1]], dtype=np.float32)
    angle = np.deg2rad(shown.rotation_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], dtype=np.float32)
    middle = np.array([shown.x * width, shown.y * height], dtype=np.float32)
    return (box @ turn + middle).astype(np.float32)
