"""What an emergency says, in Chinese and English at once: for whoever stands there, drawn and spoken alike. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.text import full_width, words

if TYPE_CHECKING:
    from kiosk.flow.state import Site
    from queue_server.wire import messages as wire

Pair = tuple[str, str]
"""A short sentence to be read from afar, and what to do."""

_SAID: dict[str, Pair] = {
    "fire": ("请立即离开", "发生火警，请从最近的安全出口离开，不要乘电梯"),
    "closing": ("大厅即将关闭", "今天提前关门，请离开。已取的号请改日再办，或拨打 {phone}"),
    "other": ("", "请听从现场工作人员的安排"),
}


ALONE_ZH, ALONE_EN = 24, 60
"""A longer sentence of one's own has the whole room."""


def sentences(emergency: wire.Emergency, site: Site) -> tuple[Pair, Pair]:
    """(Chinese, English)."""
    short, long = _SAID.get(emergency.danger, _SAID["other"])
    said = []
    for lang, own in (("zh-Hans", full_width(emergency.zh)), ("en", emergency.en)):
        w = words(lang)
        alone = len(emergency.zh) > ALONE_ZH or len(emergency.en) > ALONE_EN
        said.append((own or (w(short) if short else ""), "" if alone else w(long, phone=site.owner_phone)))
    return said[0], said[1]
