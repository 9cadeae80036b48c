"""The scenes of the page 语言与显示; every other scene is shown in five languages by those who vary them."""

from __future__ import annotations

from kiosk.events import Touched
from kiosk.flow import Site, State
from kiosk.scenes.walk import TAKE, Walk


def languages(site: Site) -> dict[str, State]:
    def walk(*touches: Touched) -> State:
        return Walk(site).ready()(*touches).state

    choose = Touched("language")
    return {
        "settings": walk(*TAKE[:2], choose),
        "settings-last-leaf": walk(choose, Touched("page", "9")),
        "settings-in-japanese": walk(choose, Touched("set-language", "ja"), choose),
    }
