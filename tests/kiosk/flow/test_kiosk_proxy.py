"""替别人办 as walks: who for whom, both cards, what may be missing, and what must be done in person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk import events
from kiosk.effects import Send, TypeKey
from kiosk.events import CardGone, CardRead, CardTrouble, CodeRead, Event, Idle, Touched, TypedRead
from kiosk.flow import pages
from kiosk.scenes import TAKE, Walk
from queue_server.wire import messages as wire
from queue_server.wire.people import RELATIONS
from tests.kiosk.hearing import heard

Go = Callable[..., Walk]
MINE = CardRead("张*", "1234", "sealed-mine", mark="a")
THEIRS = CardRead("李*", "5678", "sealed-theirs", mark="b")
ENTER = Touched("key", "enter")


def page(walked: Walk) -> pages.Page:
    return walked.state.session.page


def taken(walked: Walk) -> wire.ForOther:
    """What the hall was asked for, which is one number and nothing else."""
    (request,) = (e.request for e in walked.effects if isinstance(e, Send))
    assert isinstance(request, wire.TakeTicket)
    assert request.for_other is not None
    return request.for_other


@pytest.fixture
def begun(walk: Go) -> Callable[..., Walk]:
    def go(relation: str, *happened: Event) -> Walk:
        return walk([*TAKE[:2], Touched("proxy"), Touched("relation", relation), *happened])

    return go


@pytest.mark.parametrize("relation", [name for name in RELATIONS if name != "outlet"])
def test_both_cards_one_after_the_other_and_then_the_number(begun: Callable[..., Walk], relation: str) -> None:
    walked = begun(relation, MINE, CardGone(), THEIRS)
    assert isinstance(page(walked), pages.ProxyReady)
    said = heard(walked.state)
    assert "张* 尾号 1234" in said
    assert "李* 尾号 5678" in said
    walked(Touched("take"))
    assert taken(walked) == wire.ForOther(relation=relation, agent="sealed-mine", person="sealed-theirs")  # type: ignore[arg-type]
    assert isinstance(page(walked), pages.Asking)


def test_nothing_of_the_two_outlives_the_way(begun: Callable[..., Walk]) -> None:
    walked = begun("child", MINE, CardGone(), THEIRS, CardGone())
    assert "sealed" not in repr(walked.state)
    assert "张" not in repr(walked.state.session)
    walked(Touched("back"), Touched("back"), Touched("back"))
    assert isinstance(page(walked), pages.Confirm)
    assert walked.state.session.proxy is None
    walked = begun("child", MINE, CardGone(), Idle())
    assert walked.state.session.proxy is None


def test_either_can_be_typed(begun: Callable[..., Walk]) -> None:
    walked = begun("spouse", Touched("their-number"))
    assert isinstance(page(walked), pages.ProxyNumber)
    assert walked.effects[-1] == TypeKey("clear")
    walked(Touched("key", "3"), events.TypedProgress(1), events.TypedTrouble("bad-number"))
    assert "号码不对" in heard(walked.state)
    walked(TypedRead("1234", "typed-mine", mark="a"))
    assert page(walked) == pages.ProxyCard(("M034",), "person")
    walked(Touched("their-number"), TypedRead("5678", "typed-theirs", mark="b"), Touched("take"))
    assert taken(walked) == wire.ForOther(relation="spouse", agent="typed-mine", person="typed-theirs")


@pytest.mark.parametrize("again", [[CardGone(), MINE], [Touched("their-number"), TypedRead("1234", "x", mark="a")]])
def test_the_same_person_twice_is_said_and_not_taken(begun: Callable[..., Walk], again: list[Event]) -> None:
    walked = begun("child", MINE, *again)
    assert page(walked) == pages.ProxyCard(("M034",), "person", "same-card")
    assert "同一个人" in heard(walked.state)
    walked(CardGone(), THEIRS)
    assert isinstance(page(walked), pages.ProxyReady)


def test_ones_own_card_that_still_lies_there_is_not_taken_for_the_other(begun: Callable[..., Walk]) -> None:
    walked = begun("child", MINE, Touched("help"), Touched("help"))
    assert page(walked) == pages.ProxyCard(("M034",), "person")


def test_a_card_laid_down_early_is_taken_when_its_turn_comes_and_begins_no_check_in(walk: Go) -> None:
    walked = walk([*TAKE[:2], Touched("proxy"), MINE])
    assert isinstance(page(walked), pages.ProxyRelation)
    walked(Touched("relation", "child"))
    assert page(walked) == pages.ProxyCard(("M034",), "person")
    walked(CardGone(), Touched("help"), THEIRS)
    assert isinstance(page(walked), pages.Help)
    walked(Touched("back"))
    assert isinstance(page(walked), pages.ProxyReady)
    assert [e for e in walked.effects if isinstance(e, Send)] == []


@pytest.mark.parametrize("happened", [CodeRead("20471234"), CardTrouble("bad-number"), CardTrouble("replace-card")])
def test_trouble_is_said_on_the_page_and_no_code_starts_anything(begun: Callable[..., Walk], happened: Event) -> None:
    walked = begun("child", happened)
    now = page(walked)
    assert isinstance(now, pages.ProxyCard)
    assert now.trouble == getattr(happened, "code", "")
    walked(MINE)
    assert page(walked) == pages.ProxyCard(("M034",), "person")


def test_without_their_card_the_number_is_given_and_the_window_checks(begun: Callable[..., Walk]) -> None:
    walked = begun("relative", MINE, Touched("without"), Touched("go-on"))
    assert "没带证件，窗口核对" in heard(walked.state)
    walked(Touched("take-without-paper"))
    assert taken(walked) == wire.ForOther(relation="relative", agent="sealed-mine")


def test_without_their_card_an_authorisation_may_stand_in(begun: Callable[..., Walk]) -> None:
    permit = [Touched("key", key) for key in "2026071"]
    walked = begun("trustee", MINE, Touched("without"), Touched("permit"), *permit, ENTER, Touched("take"))
    assert taken(walked) == wire.ForOther(relation="trustee", agent="sealed-mine", authorisation="2026071")


def test_the_outlets_agent_shows_an_authorisation_and_the_residents_card(begun: Callable[..., Walk]) -> None:
    walked = begun("outlet", *(Touched("key", key) for key in "20260"), ENTER)
    assert isinstance(page(walked), pages.ProxyPermit), "too short"
    walked(Touched("key", "7"), Touched("key", "x"), ENTER, THEIRS, Touched("take"))
    assert taken(walked) == wire.ForOther(relation="outlet", person="sealed-theirs", authorisation="202607")


def test_for_a_child_only_a_parent_or_guardian_acts(begun: Callable[..., Walk]) -> None:
    walked = begun("relative", MINE, CardGone(), replace(THEIRS, minor=True))
    assert isinstance(page(walked), pages.ProxyMinor)
    assert "户口簿" in heard(walked.state)
    walked(Touched("go-on"))
    assert "户口簿" in heard(walked.state)
    walked(Touched("take"))
    assert taken(walked).relation == "parent"
    assert isinstance(page(begun("parent", MINE, CardGone(), replace(THEIRS, minor=True))), pages.ProxyReady)


def test_a_child_acts_for_nobody(begun: Callable[..., Walk]) -> None:
    walked = begun("child", replace(MINE, minor=True))
    assert page(walked) == pages.ProxyCard(("M034",), "agent", "agent-minor")
    assert page(walked(CardGone(), THEIRS)) == pages.ProxyCard(("M034",), "person")


def test_what_must_be_done_in_person_says_why_and_what_else(walk: Go) -> None:
    walked = walk([Touched("take-ticket"), Touched("matter", "M060"), Touched("proxy")])
    assert isinstance(page(walked), pages.NotForOthers)
    assert "区档案馆" in heard(walked.state)
    walked(Touched("back"))
    assert isinstance(page(walked), pages.Confirm)


def test_off_line_the_number_says_nothing_of_it_and_so_the_citizen_must(begun: Callable[..., Walk]) -> None:
    walked = begun("child", MINE, CardGone(), THEIRS)(events.LinkChanged(up=False))
    assert "请告诉窗口您是代办" in heard(walked.state)


def test_the_time_out_asks_here_too_and_a_card_answers_it(begun: Callable[..., Walk]) -> None:
    walked = begun("child").wait(61)
    assert isinstance(page(walked), pages.StillThere)
    walked(MINE)
    assert page(walked) == pages.ProxyCard(("M034",), "person")
    walked.wait(95)
    assert walked.state.session.proxy is None
    assert isinstance(page(walked), pages.CardLeft)
