"""Setting Kivy up as an appliance, before anything of Kivy is imported.

Its own home directory, exactly one input provider (two would report each touch twice: kivy#3801, #8494), no
red dots for a second finger, no leaving by Escape, no arguments of its own, logs through ``logging``. The
window is as large as the profile's panel, without a border, at the upper left corner, without a pointer.
"""

from __future__ import annotations

import logging
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.fonts import FACES, NEEDED

if TYPE_CHECKING:
    from kiosk.fonts import Fonts

FONT = "Roboto"
"""Kivy's name for its default font; ours takes its place in every label."""
_NAMES: dict[str, str] = {}


def font_of(lang: str) -> str:
    """The name under which Kivy knows the face of ``lang``; the default one where it is not there."""
    return _NAMES.get(FACES.get(lang, NEEDED), FONT)


def set_up(home: Path, width_px: int, height_px: int, fonts: Fonts, *, fullscreen: bool = False) -> None:
    """Configure Kivy. Must run before any other import of Kivy in this process."""
    prepare_environment(os.environ, home)
    from kivy.config import Config  # noqa: PLC0415  (the environment must stand first)

    graphics = {
        "width": width_px,
        "height": height_px,
        "fullscreen": "auto" if fullscreen and is_console(os.environ) else "0",
        "borderless": "1",
        "resizable": "0",
        "position": "custom",
        "left": "0",
        "top": "0",
        "show_cursor": "0",
        "maxfps": "60",
        "multisamples": "0",
        "window_state": "visible",
    }
    for key, value in graphics.items():
        Config.set("graphics", key, str(value))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "keyboard_mode", "")
    Config.set("kivy", "log_level", "warning")
    Config.remove_section("input")
    Config.add_section("input")
    for name, provider in input_provider(os.environ).items():
        Config.set("input", name, provider)
    Config.remove_section("modules")
    Config.add_section("modules")

    from kivy.core.text import LabelBase  # noqa: PLC0415

    # Kivy sets its own level when its configuration is read.
    logging.getLogger("kivy").setLevel(logging.WARNING)
    LabelBase.register(FONT, str(fonts.regular), fn_bold=str(fonts.bold))
    for face, (regular, bold) in fonts.others.items():
        # Only the names: a file is opened when the first word is drawn with it.
        _NAMES[face] = f"Noto Sans {face}"
        LabelBase.register(_NAMES[face], str(regular), fn_bold=str(bold))


def one_provider() -> None:
    """Take away the provider that Kivy's window adds unasked (SDL's fingers): it would report touches twice."""
    from kivy.base import EventLoop  # noqa: PLC0415

    for provider in list(EventLoop.input_providers):
        if provider.device == "sdl":
            EventLoop.remove_input_provider(provider)


def prepare_environment(environment: MutableMapping[str, str], home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    environment["KIVY_HOME"] = str(home.resolve())
    environment["KIVY_NO_ARGS"] = "1"
    environment["KIVY_NO_FILELOG"] = "1"
    environment["KIVY_LOG_MODE"] = "PYTHON"
    environment.setdefault("KIVY_METRICS_DENSITY", "1")
    environment.setdefault("KIVY_DPI", "96")


def is_console(environment: MutableMapping[str, str]) -> bool:
    """Straight on the panel (KMS/DRM), without an X server."""
    return environment.get("SDL_VIDEODRIVER", "").lower() == "kmsdrm"


def input_provider(environment: MutableMapping[str, str]) -> dict[str, str]:
    """The one provider: the panel itself on the console, the pointer under X."""
    if is_console(environment):
        return {"%(name)s": "probesysfs,provider=mtdev"}
    return {"mouse": "mouse,disable_multitouch"}
