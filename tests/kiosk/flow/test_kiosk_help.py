"""Calling a person: the hall is asked, and the page says what has come of it, no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.effects import Buzz, PanelLights, Send
from kiosk.events import (
    DeviceChanged,
    Event,
    HelpChanged,
    Idle,
    KeyPressed,
    LinkChanged,
    OutlookChanged,
    Replied,
    Touched,
)
from kiosk.flow import pages
from kiosk.flow.helping import AGAIN_S, CALL_S, HEARD_S, OTHER_WAYS_S
from kiosk.scenes import TAKE, Walk, outlook
from kiosk.views import MessageView, view
from kiosk.views.reading import read
from kiosk.views.telling import Told, tell
from queue_server.wire import messages as wire
from queue_server.wire.sentences import sentence
from tests.kiosk.hearing import heard

NewWalk = Callable[[], Walk]
Go = Callable[..., Walk]
BY_TOUCH = [Touched("help"), Touched("call")]


def sent(walked: Walk, kind: type) -> list[wire.AnyRequest]:
    return [e.request for e in walked.effects if isinstance(e, Send) and isinstance(e.request, kind)]


def said(walked: Walk) -> str:
    return heard(walked.state)


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


# --- nobody is left waiting for nobody ----------------------------------------------------------------------


def test_the_count_runs_and_the_voice_does_not_say_it_anew_each_second(walk: Go) -> None:
    walked = answered(walk(BY_TOUCH)).wait(12)
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert "0:12" in shown.large
    told = tell(Told(), read(walked.state, shown)).told
    walked.wait(3)
    later = view(walked.state)
    assert later != shown
    assert tell(told, read(walked.state, later)).phrases == ()


def test_who_comes_is_said_by_the_window(walk: Go) -> None:
    walked = answered(walk(BY_TOUCH))
    walked(HelpChanged("c1", coming=True, who_zh="3号窗口", who_en="Window 3"))
    assert "3号窗口的工作人员马上就来" in said(walked)
    walked.wait(50)
    assert "马上就来" in said(walked), "who is on the way is not rung for again"
    assert len(sent(walked, wire.CallHelp)) == 1


def test_after_45_seconds_it_rings_again_and_says_so(walk: Go) -> None:
    walked = answered(walk(BY_TOUCH)).wait(AGAIN_S)
    first, second = sent(walked, wire.CallHelp)
    assert isinstance(second, wire.CallHelp)
    assert (first.again, second.again) == (False, True)  # type: ignore[union-attr]
    assert [e for e in walked.effects if isinstance(e, Buzz)] == [Buzz()] * 2
    assert "已再次呼叫" in said(walked)
    walked.wait(10)
    assert len(sent(walked, wire.CallHelp)) == 2


def test_after_a_minute_the_telephone_and_a_helpers_number_are_offered(walk: Go) -> None:
    walked = answered(walk([*TAKE[:2], *BY_TOUCH])).wait(OTHER_WAYS_S)
    assert "021-0000 0000" in said(walked)
    assert "还没有人来" in said(walked)
    assert [b.action for b in view(walked.state).actions] == ["help-ticket", "call", "help-cancel"]  # type: ignore[union-attr]
    walked.wait(50)
    assert isinstance(walked.state.session.page, pages.Help), "there is time to read it"
    walked(Touched("help-ticket"))
    page = walked.state.session.page
    assert isinstance(page, pages.Confirm)
    assert [walked.state.kiosk.catalogue.matters[m].role for m in page.matters] == ["help"]


def test_who_calls_anew_waits_anew(walk: Go) -> None:
    walked = answered(walk(BY_TOUCH)).wait(OTHER_WAYS_S)(Touched("call"))
    assert "已呼叫工作人员" in said(walked)
    assert "0:00" in view(walked.state).large  # type: ignore[union-attr]


def test_no_second_number_is_offered_beside_one_that_is_on_its_way_or_given(walk: Go) -> None:
    walked = walk(TAKE)
    answered(walked(*BY_TOUCH)).wait(OTHER_WAYS_S)
    assert "取帮办号" not in said(walked)
    walked(Touched("help-ticket"))
    assert isinstance(walked.state.session.page, pages.Help)


def test_a_call_is_taken_back(walk: Go) -> None:
    walked = answered(walk([*TAKE[:2], *BY_TOUCH]))(Touched("help-cancel"))
    assert isinstance(walked.state.session.page, pages.Confirm)
    (over,) = sent(walked, wire.EndHelp)
    assert over.because == "withdrawn"  # type: ignore[union-attr]
    assert walked.state.kiosk.called_until_s is None
    walked.wait(50)
    assert len(sent(walked, wire.CallHelp)) == 1


def test_at_night_the_page_does_not_promise_anybody(new_walk: NewWalk) -> None:
    closed = OutlookChanged(outlook(is_open=False))
    assert "大厅没有工作人员" in said(new_walk()(closed, Touched("help")))
    assert "可能没有人来" in said(answered(new_walk()(closed, *BY_TOUCH)))
    walked = answered(new_walk()(closed, *BY_TOUCH)).wait(OTHER_WAYS_S)
    assert "取帮办号" not in said(walked)
    assert "请打电话" in said(walked)


def test_a_line_that_comes_back_carries_the_second_ring(walk: Go) -> None:
    walked = walk([LinkChanged(up=False), KeyPressed("call"), LinkChanged(up=True)]).wait(AGAIN_S)
    assert len(sent(walked, wire.CallHelp)) == 1
    assert "已再次呼叫" in said(walked)
