"""Pictures of every screen, made by the real flow and the real screens without a server.

``python -m kiosk gallery --profile demo --out DIR`` writes ``DIR/PROFILE/SCENE[-THEME][-LANG].png`` of one panel;
with ``--all --page`` both panels, each in a process of its own, and ``DIR/index.html`` that shows them by screen.
It needs a display or ``SDL_VIDEODRIVER=offscreen``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from firmware_cfg.profile import Profile
from kiosk.flow.state import Lang
from kiosk.gallery_page import Picture
from kiosk.scenes import scenes
from kiosk.scenes.table import screen_of
from kiosk.showroom import Look, Showroom, every_leaf
from kiosk.site import site_of
from kiosk.text import NAMES, SOURCE
from kiosk.views import view

PANELS = ("demo", "outlet-7in")


OTHERS: tuple[Lang, ...] = tuple(lang for lang in NAMES if lang not in {SOURCE, "en"})


def looks(at: int, *, compact: bool) -> Iterator[Look]:
    """What is photographed of scene number ``at``: Chinese in every theme, English, one other language in turn."""
    yield Look(SOURCE)
    yield Look("en")
    yield Look(OTHERS[at % len(OTHERS)])
    yield Look(SOURCE, elder=True)
    yield Look(SOURCE, contrast=True)
    if not compact:
        yield Look(SOURCE, low=True)


def make_gallery(profile: Profile, out: Path, fonts: Path, only: str = "") -> list[Path]:
    """Photograph every scene whose name contains ``only``. Imports Kivy: once in a process.

    What was made stands in ``out/PROFILE.json`` as well, for the page.
    """
    room = Showroom(profile, profile.var.path / "kivy", fonts, lambda _action, _value: None)
    folder = out / profile.name
    folder.mkdir(parents=True, exist_ok=True)
    site = site_of(profile)
    made: list[Picture] = []
    for at, (scene, state) in enumerate(scenes(site).items()):
        title = view(state).frame.title
        for look, named, leaf in (
            (one, *leaf) for one in looks(at, compact=site.compact) for leaf in every_leaf(scene, state, one)
        ):
            name = named + look.suffix
            if only not in name:
                continue
            room.show(look.of(leaf))
            room.photograph(folder / f"{name}.png")
            made.append(
                Picture(f"{profile.name}/{name}.png", named, screen_of(scene, state), title, look.lang, look.theme)
            )
    listed = {"size": [profile.screen.width_px, profile.screen.height_px], "pictures": [one.row() for one in made]}
    (out / f"{profile.name}.json").write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    return [out / one.path for one in made]
