"""What stays behind: a card on the reader, and a citizen who has gone quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from kiosk import events
from kiosk.effects import Buzz, EndSession, PanelLights, Send, Speak
from kiosk.events import CardGone, DeviceChanged, Idle, LinkChanged, Replied, Touched
from kiosk.flow import pages
from kiosk.flow.leaving import RING_FOR_S
from kiosk.scenes import CARD, TAKE, Walk, ticket
from kiosk.views import LeftView, TimeoutView, view
from queue_server.wire import messages as wire
from tests.kiosk.hearing import heard

NewWalk = Callable[[], Walk]
Go = Callable[..., Walk]


def page(walked: Walk) -> pages.Page:
    return walked.state.session.page


def done(walked: Walk, kind: type) -> list[object]:
    return [effect for effect in walked.effects if isinstance(effect, kind)]


def reports(walked: Walk) -> list[wire.ReportLeft]:
    return [e.request for e in walked.effects if isinstance(e, Send) and isinstance(e.request, wire.ReportLeft)]


def shown(walked: Walk) -> LeftView:
    now = view(walked.state)
    assert isinstance(now, LeftView)
    return now


@pytest.fixture
def lying(walk: Go) -> Walk:
    """Somebody has taken a number with their card and gone without it."""
    walked = walk([CARD])
    walked(Replied(ticket(walked.wish)))
    walked(events.PrintEnded(walked.job, "printed"), Touched("leave"))
    walked.effects.clear()
    return walked


def test_a_card_left_behind_is_called_after_every_five_seconds_for_half_a_minute(lying: Walk) -> None:
    lying.wait(RING_FOR_S - 1)
    assert isinstance(page(lying), pages.CardLeft)
    assert len(done(lying, Buzz)) == 6
    assert {e.text for e in done(lying, Speak)} == {"请取走您的身份证"}  # type: ignore[attr-defined]
    assert reports(lying) == []


def test_then_the_hall_is_told_once_without_saying_whose_it_is(lying: Walk) -> None:
    lying.wait(RING_FOR_S + 60)
    (report,) = reports(lying)
    assert (report.what, report.gone) == ("card", False)
    assert len(done(lying, Buzz)) == 6
    assert "正在通知" in shown(lying).detail
    lying(Replied(wire.LeftReply(id=report.id)))
    assert "已通知工作人员" in shown(lying).detail
    assert "张*" not in heard(lying.state)
    assert "1234" not in heard(lying.state)
    assert lying.state.session.card is None


def test_the_lamp_calls_as_long_as_it_rings(walk: Go) -> None:
    walked = walk([CARD, Idle()])
    lamps = [e.calling for e in done(walked, PanelLights)]  # type: ignore[attr-defined]
    assert lamps == [True]
    walked.wait(RING_FOR_S + 1)
    assert [e.calling for e in done(walked, PanelLights)] == [True, False]  # type: ignore[attr-defined]


def test_when_the_card_is_taken_a_new_session_begins(lying: Walk) -> None:
    session = lying.state.session.id
    lying.wait(10)(CardGone())
    assert page(lying) == pages.Start()
    assert lying.state.session.id != session
    assert isinstance(lying.effects[-1], EndSession)
    assert reports(lying) == [], "nobody was told, so nobody needs to hear that it is over"
    lying(CARD)
    assert isinstance(page(lying), pages.Asking)


def test_the_hall_hears_when_it_is_over(lying: Walk) -> None:
    lying.wait(RING_FOR_S + 1)(CardGone())
    assert [report.gone for report in reports(lying)] == [False, True]


def test_somebody_else_is_served_by_touch_and_reminded(lying: Walk) -> None:
    lying.wait(7)(Touched("serve-others"))
    assert page(lying) == pages.Start()
    assert view(lying.state).frame.strip is not None
    rings = len(done(lying, Buzz))
    lying(*TAKE, CARD)
    assert isinstance(page(lying), pages.Asking)
    asked = [e.request for e in done(lying, Send)]  # type: ignore[attr-defined]
    assert [type(request) for request in asked] == [wire.TakeTicket], "the card is read for nobody"
    lying.wait(RING_FOR_S)
    assert len(done(lying, Buzz)) == rings, "the new citizen is not rung at"
    assert len(reports(lying)) == 1
    lying(Idle())
    assert isinstance(page(lying), pages.CardLeft), "it still lies there"
    lying.wait(40)
    assert len(done(lying, Buzz)) == rings
    assert len(reports(lying)) == 1


def test_it_is_called_after_in_the_owners_language_and_served_in_nobodys(walk: Go) -> None:
    walked = walk([Touched("language"), Touched("set-language", "en"), CARD, Idle()]).wait(1)
    assert done(walked, Speak)[-1] == Speak("Please take your ID card", "en")
    walked(Touched("serve-others"))
    assert walked.state.session.lang == "zh-Hans"


def test_without_panel_or_line_the_screen_says_what_is_so(new_walk: NewWalk) -> None:
    walked = new_walk()(DeviceChanged("panel", "absent"), LinkChanged(up=False), CARD, Idle()).wait(RING_FOR_S + 1)
    assert done(walked, Buzz) == []
    assert "网络中断" in shown(walked).detail
    assert len(reports(walked)) == 1, "it lies in the outbox until the line is back"


# --- time running out -----------------------------------------------------------------------------------------


def test_the_question_comes_with_sound_and_voice_and_can_be_put_off_without_limit(walk: Go) -> None:
    walked = walk(TAKE[:2])
    for _ in range(5):
        walked.effects.clear()
        walked.wait(61)
        assert isinstance(page(walked), pages.StillThere)
        assert done(walked, Buzz) == [Buzz()]
        assert done(walked, Speak) == [Speak("还需要时间吗？", "zh-Hans")]
        walked.wait(20)(Touched("more-time"))
        assert isinstance(page(walked), pages.Confirm)


def test_who_has_the_voice_on_hears_the_page_itself(new_walk: NewWalk) -> None:
    walked = Walk(replace(new_walk().state.kiosk.site, speech=True)).ready()
    walked(DeviceChanged("speaker", "ok"), *TAKE[:2], Touched("voice")).wait(61)
    assert walked.state.session.voice
    assert done(walked, Speak) == []


def test_elders_have_twice_the_time_and_a_ring_that_empties_in_steps(walk: Go) -> None:
    walked = walk([*TAKE[:2], Touched("elder")]).wait(119)
    assert isinstance(page(walked), pages.Confirm)
    walked.wait(2)
    shares = []
    for _ in range(58):
        now = view(walked.wait(1).state)
        assert isinstance(now, TimeoutView)
        shares.append(now.share)
    assert len(set(shares)) == 6
    assert all(one >= other for one, other in pairwise(shares))
    walked.wait(3)
    assert page(walked) == pages.Start()
    assert not walked.state.session.elder
