"""短信提醒: which phone shall be told of the ticket; first and last digits are shown, the four between never."""

from __future__ import annotations

from kiosk.flow import State, pages
from kiosk.flow.texting import PLACES
from kiosk.text import Words
from kiosk.views.checkin import PadView, pad
from kiosk.views.parts import Button, frame

_TROUBLES = {
    "bad-phone": "手机号是 1 开头的 11 位数字",
    "ticket-over": "已经叫到您，不用短信了",
    "phone-busy": "这个手机号在等的号太多，请换一个",
}


def type_phone(state: State, page: pages.TypePhone, w: Words) -> PadView:
    compact, whole = state.kiosk.site.compact, page.length == PLACES
    rows = ("12345<", "67890#") if compact else ("123", "456", "789", "#0<")
    prompt = w("手机号，叫号前发短信，办完即删")
    if page.request:
        prompt = w("正在登记，请稍候")
    return PadView(
        frame=frame(state, w, w("短信提醒"), caption=w("不会丢号，也可以不填")),
        prompt=prompt,
        shown=page.masked if page.request else grouped(page.shown + "○" * max(0, PLACES - page.length)),
        trouble=w(_TROUBLES.get(page.trouble, "没有登记成功，请再试或扫码看进度")) if page.trouble else "",
        keys=pad(rows, w, compact=compact),
        enter=Button("key", w("确认"), value="enter", icon="check", tone="primary", enabled=whole and not page.request),
    )


def grouped(places: str) -> str:
    """``138 ●●●● 5678``: as people read their own number."""
    return f"{places[:3]} {places[3:7]} {places[7:]}".strip()
