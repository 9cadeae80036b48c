"""The hall cannot be heard: numbers of the terminal's own, never two for one, and nothing that only the hall knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kiosk import events
from kiosk.effects import IssueOffline, Print, Send
from kiosk.events import BlocksChanged, LinkChanged, OfflineNotGiven, OutlookChanged, Replied, Touched
from kiosk.flow import pages
from kiosk.flow.offline import LINK_DOWN_S, NO_ANSWER_S
from kiosk.scenes import NOW, TAKE, TOKEN, Walk, outlook, ticket
from kiosk.scenes.offline import given
from kiosk.views import TicketView, view
from queue_server.wire import messages as wire

NewWalk = Callable[[], Walk]
BLOCKS = BlocksChanged({"A": 30, "B": 9})
DOWN, UP = LinkChanged(up=False), LinkChanged(up=True)


def wished(walked: Walk) -> list[IssueOffline]:
    return [effect for effect in walked.effects if isinstance(effect, IssueOffline)]


def sent(walked: Walk) -> list[wire.AnyRequest]:
    return [effect.request for effect in walked.effects if isinstance(effect, Send)]


def slip(walked: Walk) -> str:
    printed = [effect for effect in walked.effects if isinstance(effect, Print)][-1]
    return "\n".join(getattr(item, "text", "") for item in printed.slip.items)


def shown(walked: Walk) -> Any:
    page = view(walked.state)
    assert isinstance(page, TicketView)
    return page


@pytest.fixture
def cut_off(new_walk: NewWalk) -> Walk:
    """The link is gone; there are blocks."""
    return new_walk()(BLOCKS, DOWN)


# --- when ---------------------------------------------------------------------------------------------------


def test_with_the_link_down_a_number_is_given_at_once_and_nothing_is_asked(cut_off: Walk) -> None:
    cut_off(*TAKE)
    (wish,) = wished(cut_off)
    assert (wish.matters, wish.letter, wish.token, wish.replaces) == (("M034",), "A", TOKEN, "")
    assert sent(cut_off) == []
    cut_off(given(cut_off))
    assert isinstance(cut_off.state.session.page, pages.Given)
    assert shown(cut_off).number == "A017"


def test_a_link_that_goes_down_under_a_question_gives_a_number_in_its_place(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, *TAKE, DOWN)
    (asked,) = sent(walked)
    walked.wait(LINK_DOWN_S - 1)
    assert wished(walked) == []
    walked.wait(1)
    (wish,) = wished(walked)
    assert isinstance(asked, wire.TakeTicket)
    assert (wish.replaces, wish.token) == (asked.id, asked.token)
    assert wish.request != asked.id
    walked(given(walked))
    assert isinstance(walked.state.session.page, pages.Given)


def test_a_link_that_comes_back_in_time_is_waited_for(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, *TAKE, DOWN).wait(LINK_DOWN_S - 1)(UP).wait(NO_ANSWER_S - LINK_DOWN_S - 1)
    assert wished(walked) == []
    walked(Replied(ticket(walked.wish)))
    assert isinstance(walked.state.session.page, pages.Given)


def test_a_hall_that_does_not_answer_is_not_waited_for_again(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, *TAKE).wait(NO_ANSWER_S)
    walked(given(walked), Touched("leave"), *TAKE)
    assert [bool(wish.replaces) for wish in wished(walked)] == [True, False]
    assert len(sent(walked)) == 1
    walked(given(walked, "A018"), Touched("leave"), OutlookChanged(outlook()), *TAKE)
    assert len(sent(walked)) == 2  # it is heard again


def test_while_the_hall_answers_no_own_number_is_used_up(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS)
    for _ in range(5):
        walked(*TAKE).wait(NO_ANSWER_S - 1)
        walked(Replied(ticket(walked.wish)), Touched("leave"))
    assert wished(walked) == []


def test_a_terminal_that_is_just_starting_asks_first(new_walk: NewWalk) -> None:
    walked = new_walk()
    fresh = Walk(walked.state.kiosk.site)(events.CatalogueChanged(_catalogue()), BLOCKS, *TAKE)
    assert len(sent(fresh)) == 1
    fresh.wait(LINK_DOWN_S)
    assert len(wished(fresh)) == 1


def _catalogue() -> wire.Catalogue:
    from kiosk.scenes import shipped_catalogue  # noqa: PLC0415

    return shipped_catalogue()


# --- never two ----------------------------------------------------------------------------------------------


def test_an_answer_that_was_quicker_is_shown_and_no_number_given(new_walk: NewWalk) -> None:
    """The outbox decided for the answer, which is still in the inbox."""
    walked = new_walk()(BLOCKS, *TAKE)
    first = walked.wish
    walked.wait(NO_ANSWER_S)
    (wish,) = wished(walked)
    walked(OfflineNotGiven(wish.request, "answered", wish.replaces), Replied(ticket(first)))
    page = walked.state.session.page
    assert isinstance(page, pages.Given)
    assert page.own == ""
    assert len(wished(walked)) == 1


def test_tapping_and_waiting_on_gives_one_number(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, *TAKE, DOWN, *(Touched("take") for _ in range(5))).wait(60)
    assert len(wished(walked)) == 1


def test_a_number_for_somebody_else_is_not_shown(cut_off: Walk) -> None:
    cut_off(*TAKE)
    stranger = events.OfflineGiven("another", "A", "A099", given(cut_off).day, NOW, "/o/demo/x")
    cut_off(stranger)
    assert isinstance(cut_off.state.session.page, pages.Asking)


# --- what is said -------------------------------------------------------------------------------------------


def test_ticket_and_slip_say_nothing_that_only_the_hall_knows(cut_off: Walk) -> None:
    cut_off(*TAKE)
    cut_off(given(cut_off))
    page = shown(cut_off)
    assert page.frame.strip.text == "离线取号，号码有效"
    assert (page.waiting.low, page.waiting.high, page.waiting.known) == (0, 0, False)
    assert page.qr.startswith("http://127.0.0.1:8080/o/demo/1.kiosk-01.")
    assert "12 人" in page.promise  # what was last heard, with its time
    paper = slip(cut_off)
    assert "离线号票" in paper
    assert "Offline ticket" in paper
    assert "前叫到您" not in paper
    assert page.qr in paper


def test_the_first_page_says_that_numbers_are_still_given_or_where_they_are(new_walk: NewWalk) -> None:
    walked = new_walk()(BLOCKS, DOWN)
    assert view(walked.state).frame.strip.text == "网络中断，离线取号可用"  # type: ignore[union-attr]
    walked(BlocksChanged({}))
    assert view(walked.state).frame.strip.text == "网络中断，取号请到咨询台"  # type: ignore[union-attr]


def test_with_no_number_left_the_desk_is_named_with_a_code(new_walk: NewWalk) -> None:
    walked = new_walk()(DOWN, *TAKE)
    assert walked.state.session.page == pages.Trouble("no-own-number")
    assert "OFF-1" in view(walked.state).detail  # type: ignore[union-attr]
    assert (wished(walked), sent(walked)) == ([], [])


@pytest.mark.parametrize("code", ["no-numbers", "internal"])
def test_a_store_that_gives_nothing_sends_to_the_desk(cut_off: Walk, code: str) -> None:
    cut_off(*TAKE)
    cut_off(OfflineNotGiven(wished(cut_off)[0].request, code))
    assert cut_off.state.session.page == pages.Trouble("no-own-number")


def test_a_question_under_way_goes_on_where_no_number_is_left(new_walk: NewWalk) -> None:
    walked = new_walk()(*TAKE, DOWN).wait(30)
    assert isinstance(walked.state.session.page, pages.Asking)
    walked(UP, Replied(ticket(walked.wish)))
    assert isinstance(walked.state.session.page, pages.Given)


# --- and the hall is back -----------------------------------------------------------------------------------


def recorded(walked: Walk, number: str) -> Replied:
    wish = wished(walked)[-1]
    return Replied(wire.RecordedReply(id=wish.request, number=number, ticket=f"2026-11-20-{number}", printed="A017"))


def test_the_page_says_that_the_hall_knows_the_ticket(cut_off: Walk) -> None:
    cut_off(*TAKE)
    cut_off(given(cut_off), UP, recorded(cut_off, "A017"))
    assert "已同步" in shown(cut_off).kind
    assert cut_off.state.kiosk.notice is None


def test_a_disputed_number_is_corrected_on_screen_and_paper(cut_off: Walk) -> None:
    cut_off(*TAKE)
    cut_off(given(cut_off), UP, recorded(cut_off, "A052"))
    assert shown(cut_off).number == "A052"
    assert "A052" in slip(cut_off)


def test_a_disputed_number_of_somebody_who_has_left_is_told_on_the_first_page(cut_off: Walk) -> None:
    cut_off(*TAKE)
    cut_off(given(cut_off), UP, Touched("leave"), recorded(cut_off, "A052"))
    strip = view(cut_off.state).frame.strip  # type: ignore[union-attr]
    assert strip.text == "号码 A017 已改为 A052，请留意"
