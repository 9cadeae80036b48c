"""Somebody is booked, and the hall cannot be heard: a number of the terminal's own is their check-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import events
from kiosk.effects import IssueOffline, Print, Send
from kiosk.events import BlocksChanged, CodeRead, LinkChanged, OfflineNotGiven, OutlookChanged, Replied, Touched
from kiosk.flow import Site, pages
from kiosk.flow.offline import LINK_DOWN_S, NO_ANSWER_S
from kiosk.scenes import CARD, TAKE, Walk, outlook, ticket
from kiosk.scenes.offline import given as own_number
from kiosk.views import TicketView, view
from queue_server.wire import messages as wire

NewWalk = Callable[[], Walk]
BLOCKS = BlocksChanged({"A": 30, "N": 9})
DOWN, UP = LinkChanged(up=False), LinkChanged(up=True)
CODE = CodeRead("http://127.0.0.1:8080/b/demo/ap-1/12345678")
NUMBER = (Touched("check-in"), Touched("type-number"), events.TypedRead("1234", "c2VhbGVk"))
BY_CODE, BY_PERSON = wire.Claim(code="12345678"), wire.Claim(person="c2VhbGVk")


@pytest.fixture
def cut_off(new_walk: NewWalk) -> Walk:
    return new_walk()(BLOCKS, DOWN)


def wished(walked: Walk) -> list[IssueOffline]:
    return [effect for effect in walked.effects if isinstance(effect, IssueOffline)]


def sent(walked: Walk) -> list[wire.AnyRequest]:
    return [effect.request for effect in walked.effects if isinstance(effect, Send)]


def page(walked: Walk) -> pages.Page:
    return walked.state.session.page


# --- the line is known to be down ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "claim"), [((CARD,), BY_PERSON), ((CODE,), BY_CODE), (NUMBER, BY_PERSON)], ids=["card", "code", "number"]
)
def test_however_one_checks_in_one_touch_gives_a_number_that_carries_the_word(
    cut_off: Walk, how: tuple[events.Event, ...], claim: wire.Claim
) -> None:
    cut_off(*how)
    assert page(cut_off) == pages.SaysBooked()
    cut_off(Touched("take"))
    (wish,) = wished(cut_off)
    assert (wish.claim, wish.replaces) == (claim, "")
    assert wish.matters == (cut_off.state.kiosk.catalogue.of_role("enquiry"),)
    assert sent(cut_off) == []


def test_the_matter_can_be_chosen_first(cut_off: Walk) -> None:
    cut_off(CARD, *TAKE)
    (wish,) = wished(cut_off)
    assert (wish.matters, wish.claim) == (("M034",), BY_PERSON)


def test_who_goes_back_to_the_first_page_is_a_walk_in_again(cut_off: Walk) -> None:
    cut_off(CODE, Touched("back"))
    assert cut_off.state.session.claim is None
    cut_off(*TAKE)
    assert wished(cut_off)[0].claim is None


def test_without_a_number_left_the_desk_is_named(new_walk: NewWalk) -> None:
    walked = new_walk()(DOWN, CARD)
    assert page(walked) == pages.Trouble("check-in-offline")
    assert "OFF-1" in view(walked.state).detail  # type: ignore[union-attr]
    assert walked.state.session.claim is None


def test_nothing_of_the_person_is_in_the_state_in_words_or_kept(cut_off: Walk) -> None:
    cut_off(CARD)
    assert "c2VhbGVk" not in repr(cut_off.state)
    cut_off(Touched("take"))
    assert "c2VhbGVk" not in repr(cut_off.effects)
    cut_off(events.Idle())
    assert all(wish.claim is None and wish.for_other is None for wish in cut_off.state.kiosk.left)


# --- it goes down under the question ------------------------------------------------------------------------


@pytest.mark.parametrize(("happens", "after_s"), [((DOWN,), LINK_DOWN_S), ((), NO_ANSWER_S)], ids=["down", "silent"])
def test_a_check_in_that_is_not_answered_can_be_had_as_a_number_of_the_same_visit(
    new_walk: NewWalk, happens: tuple[events.Event, ...], after_s: float
) -> None:
    walked = new_walk()(BLOCKS, CODE, *happens)
    (asked,) = sent(walked)
    walked.wait(after_s)
    assert page(walked) == pages.SaysBooked()
    walked(Touched("take"))
    (wish,) = wished(walked)
    assert isinstance(asked, wire.CheckIn)
    assert (wish.replaces, wish.token, wish.claim) == (asked.id, asked.token, BY_CODE)
    assert wish.request != asked.id
    walked(own_number(walked))
    assert isinstance(page(walked), pages.Given)


def test_an_answer_that_comes_meanwhile_is_shown(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, CODE, DOWN)
    asked = walked.wish
    walked.wait(LINK_DOWN_S)(Touched("back"))
    assert page(walked) == pages.SaysBooked()  # it is still under way
    walked(UP, Replied(ticket(asked, booked=True)))
    shown = page(walked)
    assert isinstance(shown, pages.Given)
    assert shown.own == ""


def test_an_answer_that_was_quicker_than_the_number_is_shown(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, CODE, DOWN)
    asked = walked.wish
    walked.wait(LINK_DOWN_S)(Touched("take"))
    (wish,) = wished(walked)
    walked(OfflineNotGiven(wish.request, "answered", wish.replaces), Replied(ticket(asked, booked=True)))
    assert isinstance(page(walked), pages.Given)
    assert len(wished(walked)) == 1


def test_a_hall_that_is_heard_again_is_asked_for_the_check_in(new_walk: NewWalk) -> None:
    """Once: what is under way goes on, what never was is asked now."""
    walked = new_walk()(BLOCKS, CODE, DOWN).wait(LINK_DOWN_S)(UP, Touched("take"))
    assert isinstance(page(walked), pages.Asking)
    assert (len(sent(walked)), wished(walked)) == (1, [])
    walked = new_walk()(BLOCKS, DOWN, CODE, UP, OutlookChanged(outlook()), Touched("take"))
    (asked,) = sent(walked)
    assert isinstance(asked, wire.CheckIn)
    assert (asked.code, wished(walked)) == ("12345678", [])


# --- what is said -------------------------------------------------------------------------------------------


def shown(walked: Walk) -> TicketView:
    found = view(walked.state)
    assert isinstance(found, TicketView)
    return found


def slip(walked: Walk) -> str:
    printed = [effect for effect in walked.effects if isinstance(effect, Print)][-1]
    return "\n".join(getattr(item, "text", "") for item in printed.slip.items)


def test_paper_and_page_say_that_it_will_be_matched_and_the_code_says_nothing(cut_off: Walk) -> None:
    cut_off(CODE, Touched("take"))
    cut_off(own_number(cut_off))
    assert shown(cut_off).note == "已算签到，联网后对上预约"
    assert "已算签到，联网后对上您的预约" in slip(cut_off)
    assert "12345678" not in shown(cut_off).qr


@pytest.mark.parametrize(
    ("booked", "note"),
    [
        ("met", "已对上 10:15 的预约"),
        ("late", "已过预约时间，按现场取号"),
        ("early", "比 10:15 的预约早，已先排上"),
        ("unmet", "没有对上预约，请告诉窗口"),
    ],
)
def test_what_has_become_of_it_is_shown_when_the_hall_is_back(cut_off: Walk, booked: Any, note: str) -> None:
    cut_off(CODE, Touched("take"))
    own = own_number(cut_off)
    slot = None if booked == "unmet" else own.checked_in_at
    cut_off(own, UP)
    told = wire.RecordedReply(
        id=own.request, number=own.number, ticket="t", printed=own.number, booked=booked, slot_start=slot
    )
    cut_off(Replied(told))
    assert shown(cut_off).note == note


# --- for somebody else --------------------------------------------------------------------------------------


def test_a_number_for_somebody_else_carries_who_and_for_whom(cut_off: Walk) -> None:
    theirs = replace(CARD, masked_name="李*", last4="5678", person="dGhlaXJz", mark="b")
    cut_off(*TAKE[:2], Touched("proxy"), Touched("relation", "child"), replace(CARD, mark="a"), events.CardGone())
    cut_off(theirs, Touched("take"))
    (wish,) = wished(cut_off)
    assert wish.for_other == wire.ForOther(relation="child", agent="c2VhbGVk", person="dGhlaXJz")
    cut_off(own_number(cut_off))
    assert "代办" in shown(cut_off).kind
    assert "代办" in slip(cut_off)


def test_a_number_in_place_of_an_unheard_question_carries_it_too(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, *TAKE[:2], Touched("proxy"), Touched("relation", "outlet"))
    walked(*(Touched("key", key) for key in ("2", "0", "2", "6", "0", "7", "1", "enter")), CARD, Touched("take"), DOWN)
    walked.wait(LINK_DOWN_S)
    (wish,) = wished(walked)
    assert wish.for_other == wire.ForOther(relation="outlet", person="c2VhbGVk", authorisation="2026071")


# --- in any order -------------------------------------------------------------------------------------------

_ANYTHING = st.sampled_from([
    *((one,) for one in (CARD, CODE, UP, DOWN, BLOCKS, BlocksChanged({}), OutlookChanged(outlook()), events.Idle())),
    *((Touched(action),) for action in ("take", "take", "take-ticket", "back", "leave", "home", "help", "check-in")),
    *(("wait",), ("long",), ("reply",), ("quicker",), TAKE, TAKE[1:]),
    *((BLOCKS, DOWN, CARD), (BLOCKS, UP, OutlookChanged(outlook()), CODE, DOWN, "wait"), (BLOCKS, UP, CODE, "long")),
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(happened=st.lists(_ANYTHING, max_size=12))
def test_in_any_order_a_question_is_answered_or_replaced_once_and_no_word_outlives_its_way(
    happened: list[tuple[Any, ...]],
) -> None:
    """The outbox as ``blocks`` keeps it: what has been answered is not replaced, and what was replaced is gone."""
    walked = Walk(Site("demo", "演示", "http://h", "街道", "021-0", "全天")).ready()(BLOCKS)
    held: set[str] = set()
    told: set[str] = set()
    quicker = False
    for event in chain.from_iterable(happened):
        done = len(walked.effects)
        match event:
            case "wait" | "long":
                walked.wait(3 if event == "wait" else 12)
            case "reply":
                if walked.wish in held:
                    held.discard(walked.wish)
                    told.add(walked.wish)
                    walked(Replied(ticket(walked.wish, booked=True)))
            case "quicker":
                quicker = True
            case _:
                walked(event)
        for effect in walked.effects[done:]:
            if isinstance(effect, Send):
                assert effect.request.id not in held | told
                held.add(effect.request.id)
            elif isinstance(effect, IssueOffline):
                assert not effect.replaces or effect.replaces in held | told
                if effect.replaces and (quicker or effect.replaces not in held):
                    held.discard(effect.replaces)
                    told.add(effect.replaces)
                    walked(OfflineNotGiven(effect.request, "answered", effect.replaces))
                    walked(Replied(ticket(effect.replaces, booked=True)))
                else:
                    held.discard(effect.replaces)
                    walked(own_number(walked))
                assert isinstance(page(walked), pages.Given)
                quicker = False
        session = walked.state.session
        on_the_way = any(isinstance(one, pages.SaysBooked) for one in (*session.trail, session.page))
        assert (session.claim is None) or on_the_way
        assert all(wish.claim is None for wish in walked.state.kiosk.left)
        assert view(walked.state)
