"""Which screen of the product's table (K0 to K15) each page belongs to, by its kind; for the gallery's headings."""

from __future__ import annotations

from types import MappingProxyType

from kiosk.flow import State

SCREENS: MappingProxyType[str, str] = MappingProxyType(
    {
        "K0": "Start",
        "K1": "Choose a matter",
        "K2": "Check in",
        "K3": "Checklist and how to go on (K3, K4)",
        "K5": "Ticket",
        "K6": "Book",
        "K7": "Self-service",
        "K8": "Progress",
        "K9": "For someone else",
        "K10": "Help",
        "K11": "Rating",
        "K12": "Time-out",
        "K13": "Card or print left",
        "K14": "Technician",
        "K15": "Emergency",
        "all": "Everywhere: language and display, more, cover, troubles, shut",
    }
)

_PAGES: MappingProxyType[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("Start", "Attract"), "K0"),
        **dict.fromkeys(("Hot", "Themes", "InTheme", "Searching", "Found"), "K1"),
        **dict.fromkeys(
            ("CheckInWays", "TypeNumber", "TypeCode", "Asking", "Several", "Refusal", "Trouble", "SaysBooked"), "K2"
        ),
        "Confirm": "K3",
        "Given": "K5",
        "Help": "K10",
        "StillThere": "K12",
    }
)
_NAMES: MappingProxyType[str, str] = MappingProxyType({"card-left": "K13", "print-left": "K13"})
_MODULES: MappingProxyType[str, str] = MappingProxyType({"booking": "K6", "technician": "K14"})


def screen_of(scene: str, state: State) -> str:
    """K number of a scene: by its name, else by its page, else by the module of its page; "all" for the rest."""
    for start, number in _NAMES.items():
        if scene.startswith(start):
            return number
    page = type(state.session.page)
    return _PAGES.get(page.__name__) or _MODULES.get(page.__module__.rpartition(".")[2], "all")
