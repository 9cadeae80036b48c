"""Pictures of every screen, made by the real flow and the real screens without a server.

``python -m kiosk gallery --profile demo --out DIR`` writes ``DIR/PROFILE/SCENE[-elder][-LANG].png``. It needs a
display or ``SDL_VIDEODRIVER=offscreen``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from firmware_cfg.profile import Profile
from kiosk.fonts import ALL, prepare_fonts
from kiosk.scenes import scenes
from kiosk.site import site_of
from kiosk.text import NAMES, SOURCE
from kiosk.views import view
from kiosk.window import set_up


def make_gallery(profile: Profile, out: Path, fonts: Path, only: str = "") -> list[Path]:
    """Photograph every scene whose name contains ``only``. Imports Kivy: once in a process."""
    screen = profile.screen
    set_up(profile.var.path / "kivy", screen.width_px, screen.height_px, prepare_fonts(fonts, faces=ALL))
    from kivy.base import EventLoop  # noqa: PLC0415  (Kivy is imported after set_up)
    from kivy.core.window import Window  # noqa: PLC0415

    from kiosk.stage import Stage  # noqa: PLC0415

    stage = Stage(screen.width_px, screen.height_px, screen.pitch_mm, lambda _action, _value: None)
    Window.add_widget(stage)
    EventLoop.window = Window
    EventLoop.start()
    folder = out / profile.name
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, state in scenes(site_of(profile)).items():
        for lang in NAMES:
            for large in (False, True):
                full = name + ("-elder" if large else "") + ("" if lang == SOURCE else f"-{lang}")
                if only not in full:
                    continue
                session = replace(state.session, lang=lang, elder=large)
                stage.show(view(replace(state, session=session)))
                for _ in range(4):
                    EventLoop.idle()
                made.append(folder / f"{full}.png")
                stage.export_to_png(str(made[-1]))
    return made
