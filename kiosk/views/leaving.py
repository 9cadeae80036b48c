"""Something lies here: a picture that is understood from afar, what to take, and what happens to it otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow import State
from kiosk.flow.leaving import CALL_ZH
from kiosk.text import Words
from kiosk.views.parts import Button, Frame, frame


@dataclass(frozen=True, slots=True)
class LeftView:
    """``icon`` fills the picture; ``actions`` are for somebody else who comes meanwhile. Whose card it is stands
    nowhere.
    """

    frame: Frame
    icon: str
    sentence: str
    detail: str
    actions: tuple[Button, ...]


def card_left(state: State, w: Words) -> LeftView:
    left = state.kiosk.left_card
    sentence, detail = w(CALL_ZH), w("卡还在读卡区")
    if left is not None and left.told:
        sentence = w("这里有一张遗留的身份证")
        detail = w("是您的请取走，不是请勿动") + "\n"
        if left.known:
            detail += w("已通知工作人员来取")
        else:
            detail += w("正在通知工作人员") if state.kiosk.link_up else w("网络中断，请告诉工作人员")
    actions = (Button("serve-others", w("我要办事"), icon="home", sub=w("不是我的卡")),)
    top = frame(state, w, w("请取走证件"), hidden_bar=True)
    return LeftView(top, "card-up", sentence, detail, actions)
