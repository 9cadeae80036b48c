"""Calling a person: the hall is asked, and the page says what has come of it, no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.effects import Buzz, PanelLights, Send
from kiosk.events import DeviceChanged, Event, HelpChanged, Idle, KeyPressed, LinkChanged, Replied, Touched
from kiosk.flow import pages
from kiosk.flow.helping import CALL_S, HEARD_S
from kiosk.scenes import TAKE, Walk
from kiosk.views import view
from queue_server.wire import messages as wire
from queue_server.wire.sentences import sentence

NewWalk = Callable[[], Walk]
Go = Callable[..., Walk]
BY_TOUCH = [Touched("help"), Touched("call")]


def sent(walked: Walk, kind: type) -> list[wire.AnyRequest]:
    return [e.request for e in walked.effects if isinstance(e, Send) and isinstance(e.request, kind)]


def said(walked: Walk) -> str:
    return view(walked.state).spoken


def answered(walked: Walk, state: str = "called") -> Walk:
    """The hall's reply to the call."""
    call = sent(walked, wire.CallHelp)[-1].id
    zh, en = sentence(f"help-{state}")
    return walked(Replied(wire.HelpReply(id=call, call=call, state=state, zh=zh, en=en)))  # type: ignore[arg-type]


@pytest.mark.parametrize("way", [[KeyPressed("call")], BY_TOUCH])
def test_a_call_by_key_or_touch_asks_the_hall_once(walk: Go, way: list[Event]) -> None:
    walked = walk([*TAKE[:2], *way])
    (call,) = sent(walked, wire.CallHelp)
    assert isinstance(call, wire.CallHelp)
    assert call.screen in {"Confirm", "Help"}, "the page's name, never what stands on it"
    assert "正在呼叫工作人员" in said(walked)
    assert "已呼叫工作人员" in said(answered(walked))
    walked(KeyPressed("call"))
    assert len(sent(walked, wire.CallHelp)) == 1, "who presses again means the same call"


def test_somebody_comes_and_then_has_come(walk: Go) -> None:
    walked = answered(walk([*TAKE[:2], KeyPressed("call")]))
    call = sent(walked, wire.CallHelp)[0].id
    walked(HelpChanged(call, coming=True))
    assert "马上就来" in said(walked)
    walked(Touched("help-came"))
    assert isinstance(walked.state.session.page, pages.Confirm), "back to where one was"
    (over,) = sent(walked, wire.EndHelp)
    assert isinstance(over, wire.EndHelp)
    assert over.call == call
    assert walked.state.kiosk.called_until_s is None


def test_a_helper_who_says_that_it_is_done_puts_out_the_lamp(walk: Go) -> None:
    walked = answered(walk([KeyPressed("call")]))
    walked(HelpChanged("x", coming=True), HelpChanged())
    assert isinstance(walked.state.session.page, pages.Start)
    assert [e for e in walked.effects if isinstance(e, PanelLights)][-1] == PanelLights()


def test_without_a_line_the_lamp_calls_and_the_page_does_not_claim_more(walk: Go) -> None:
    walked = walk([LinkChanged(up=False), KeyPressed("call")])
    assert sent(walked, wire.CallHelp) == []
    assert "已亮灯叫人" in said(walked)
    assert [e for e in walked.effects if isinstance(e, Buzz)] == [Buzz()]


@pytest.mark.parametrize("panel", ["ok", "absent"])
def test_a_call_that_the_hall_does_not_answer_is_said_to_be_unheard_and_may_be_made_anew(
    new_walk: NewWalk, panel: str
) -> None:
    walked = new_walk()(DeviceChanged("panel", panel), *BY_TOUCH).wait(HEARD_S + 1)
    assert ("已亮灯叫人" if panel == "ok" else "没有接通工作人员") in said(walked)
    assert "没有接通" in said(walked)
    walked(Touched("call"))
    assert len(sent(walked, wire.CallHelp)) == 2
    assert "已呼叫工作人员" in said(answered(walked)), "late, and still true"


def test_a_hall_that_refuses_leaves_nobody_waiting_for_nobody(walk: Go) -> None:
    walked = walk([KeyPressed("call")])
    call = sent(walked, wire.CallHelp)[0].id
    walked(Replied(wire.RefusedReply(id=call, code="internal", zh="", en="")))
    assert "已亮灯叫人" in said(walked)
    assert isinstance(walked.state.session.page, pages.Help)


def test_the_call_outlives_the_citizens_session_and_ends_by_itself(walk: Go) -> None:
    walked = answered(walk([KeyPressed("call"), Idle()]))
    assert walked.state.kiosk.helping is not None
    assert isinstance(walked.state.session.page, pages.Start)
    walked.wait(CALL_S + 1)
    assert walked.state.kiosk.helping is None


def test_a_call_from_before_a_restart_is_taken_up_again(walk: Go) -> None:
    walked = walk([HelpChanged("c1", coming=True), Touched("help")])
    assert "马上就来" in said(walked)
    walked(Touched("help-came"))
    assert [over.call for over in sent(walked, wire.EndHelp)] == ["c1"]  # type: ignore[union-attr]
