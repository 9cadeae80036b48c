"""短信提醒: a phone for a ticket, typed covered, asked once, and never in the way of the number itself."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk import events
from kiosk.effects import Send, TypeKey
from kiosk.events import PhoneRead, Replied, Touched, TypedProgress, TypedTrouble
from kiosk.flow.pages import Covered, Given, StillThere, TypePhone
from kiosk.scenes import TAKE, Walk, outlook, ticket
from kiosk.views import view
from queue_server.wire import messages as wire

WHOLE = TypedProgress(11, "138●●●●5678")
READ = PhoneRead("138****5678", "sealed")


@pytest.fixture
def given(new_walk: Any) -> Walk:
    walked: Walk = new_walk()(*TAKE)
    walked(Replied(ticket(walked.wish)))
    return walked(events.PrintEnded(walked.job, "printed"))


def sent(walked: Walk) -> wire.TextMe:
    (request,) = [e.request for e in walked.effects if isinstance(e, Send) and isinstance(e.request, wire.TextMe)]
    return request


def offers(walked: Walk) -> bool:
    shown: Any = view(walked.state)
    return "text-me" in {button.action for button in shown.actions}


def shows(walked: Walk, words: str) -> bool:
    return words in repr(view(walked.state))


def test_a_phone_is_typed_asked_for_once_and_said_on_the_ticket(given: Walk) -> None:
    assert offers(given)
    given(Touched("text-me"))
    assert given.effects[-1] == TypeKey("phone")
    given(Touched("key", "1"), WHOLE)
    assert shows(given, "138 ●●●● 5678")
    given(Touched("key", "enter"), READ)
    asked = sent(given)
    assert (asked.box, asked.path, asked.lang) == ("sealed", given.state.session.trail[-1].ticket.path, "zh-Hans")  # type: ignore[union-attr]
    given(Touched("key", "enter"), READ, Touched("key", "5"))
    assert sent(given) is asked, "a second tap asks no second time"
    given(Replied(wire.TextedReply(id=asked.id, masked="138****5678")))
    assert isinstance(given.state.session.page, Given)
    assert shows(given, "138****5678")
    assert not offers(given)


def test_a_number_that_is_none_is_said_under_the_field_and_may_be_corrected(given: Walk) -> None:
    given(Touched("text-me"), TypedProgress(11, "128●●●●5678"), Touched("key", "enter"), TypedTrouble("bad-phone"))
    assert shows(given, "手机号是 1 开头的 11 位数字")
    given(Touched("key", "erase"))
    assert not shows(given, "手机号是 1 开头的 11 位数字")
    given(Touched("key", "clear"))
    assert given.effects[-1] == TypeKey("phone"), "cleared, and still a phone that is typed"


def test_a_twelfth_digit_does_nothing(given: Walk) -> None:
    given(Touched("text-me"), WHOLE)
    before = len(given.effects)
    given(Touched("key", "9"))
    assert len(given.effects) == before


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("phone-busy", "这个手机号在等的号太多"),
        ("ticket-over", "已经叫到您"),
        ("busy-for-ever", "没有登记成功"),
    ],
)
def test_a_refusal_is_said_and_the_ticket_stands_behind_it(given: Walk, code: str, words: str) -> None:
    given(Touched("text-me"), WHOLE, READ)
    given(Replied(wire.RefusedReply(id=sent(given).id, code=code, zh="x", en="x")))
    assert shows(given, words)
    assert given.effects[-1] == TypeKey("phone")
    given(Touched("back"))
    assert isinstance(given.state.session.page, Given)
    assert given.effects[-1] == TypeKey("clear"), "the reading process forgets what was typed"


def test_an_answer_that_does_not_come_is_not_waited_for(given: Walk) -> None:
    given(Touched("text-me"), WHOLE, READ)
    late = sent(given)
    given.wait(16)
    assert shows(given, "没有登记成功")
    given(Replied(wire.TextedReply(id=late.id, masked="138****5678")))
    assert isinstance(given.state.session.page, TypePhone), "a late answer turns no page"


def test_an_answer_behind_a_cover_waits_there(given: Walk) -> None:
    given(Touched("text-me"), WHOLE, READ, Touched("cover"))
    given(Replied(wire.TextedReply(id=sent(given).id, masked="138****5678")))
    assert isinstance(given.state.session.page, Covered)
    given(Touched("uncover"))
    assert isinstance(given.state.session.page, Given)
    assert shows(given, "138****5678")


def test_where_no_message_can_be_sent_none_is_offered(given: Walk) -> None:
    given(events.OutlookChanged(outlook(texts=False)))
    assert not offers(given)
    given(Touched("text-me"))
    assert isinstance(given.state.session.page, Given)
    given(events.OutlookChanged(outlook()), events.LinkChanged(up=False))
    assert not offers(given)


def test_time_runs_out_over_the_pad_as_everywhere_and_nothing_of_the_phone_is_left(given: Walk) -> None:
    given(Touched("text-me"), WHOLE)
    given.wait(61)
    assert isinstance(given.state.session.page, StillThere)
    given.wait(31)
    assert "138" not in repr(given.state)
    assert given.state.session.trail == ()
