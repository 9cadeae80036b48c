"""The keys of the search: letters in the order in which one knows them, and characters that they may mean."""

from __future__ import annotations

from kiosk.flow import State, pages
from kiosk.text import Words
from kiosk.views.parts import Button

_QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALPHABET = ("abcdefg", "hijklmn", "opqrstu", "vwxyz")
_PHONE = (("2", "3", "4", "5"), ("6", "7", "8", "9"))
_PHONE_LETTERS = {
    "2": "ABC", "3": "DEF", "4": "GHI", "5": "JKL", "6": "MNO", "7": "PQRS", "8": "TUV", "9": "WXYZ",
}  # fmt: skip


def keys(state: State, w: Words) -> tuple[tuple[Button, ...], ...]:
    erase = Button("key", w("删除"), value="erase", icon="erase")
    if state.kiosk.site.compact:
        rows = tuple(tuple(Button("key", _PHONE_LETTERS[x], value=x) for x in row) for row in _PHONE)
        return ((*rows[0], erase), rows[1])
    letters = _ALPHABET if state.session.elder else _QWERTY
    rows = tuple(tuple(Button("key", x.upper(), value=x) for x in row) for row in letters)
    return (*rows[:-1], (*rows[-1], erase))


SIGNS = 7
"""Characters offered in one row of the tall panel, each in a target of its own; in 长者专版 fewer."""


def signs(state: State, page: pages.Searching, w: Words) -> tuple[Button, ...]:
    """Only for who reads them, and not in 低位, where there is no room for one more row."""
    session = state.session
    if state.kiosk.site.compact or session.low or not w.lang.startswith("zh"):
        return ()
    offered = state.kiosk.catalogue.index.signs_for(page.typed)[: SIGNS - 2 if session.elder else SIGNS]
    return tuple(Button("sign", w.data(sign), value=sign) for sign in offered)
