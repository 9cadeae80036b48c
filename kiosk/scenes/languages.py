"""The scenes of the page 语言与显示, and of finding what nobody finds by touch.

Every other scene is shown in five languages by those who vary them.
"""

from __future__ import annotations

from kiosk.events import Touched
from kiosk.flow import Site, State
from kiosk.scenes.walk import TAKE, Walk


def languages(site: Site) -> dict[str, State]:
    def walk(*touches: Touched) -> State:
        return Walk(site).ready()(*touches).state

    choose, search = Touched("language"), (Touched("take-ticket"), Touched("search"))
    lost = "74384999999" if site.compact else "shehuixxxxzz"
    return {
        "settings": walk(*TAKE[:2], choose),
        "settings-last-leaf": walk(choose, Touched("page", "9")),
        "search-characters": walk(*search, *(Touched("key", key) for key in ("7432" if site.compact else "shebao"))),
        "found-nothing": walk(*search, *(Touched("key", key) for key in lost), Touched("show-found")),
        "settings-in-japanese": walk(choose, Touched("set-language", "ja"), choose),
    }
