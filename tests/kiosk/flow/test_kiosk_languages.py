"""Changing the language: from anywhere, back to where one was, with all that had been begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from kiosk import events
from kiosk.events import Event, Touched
from kiosk.flow import pages
from kiosk.flow.settings import LANGS, NEXT
from kiosk.scenes import CARD, TAKE, Walk, ticket
from kiosk.text import NAMES
from queue_server.wire import messages as wire

Go = Callable[..., Walk]
OPEN = events.PanelChanged("door", active=True)


def test_every_language_of_the_wire_has_its_own_name() -> None:
    assert tuple(NAMES) == LANGS == get_args(wire.Lang)


@pytest.mark.parametrize("lang", LANGS)
def test_a_language_is_two_touches_away_and_leads_back(walk: Go, lang: str) -> None:
    walked = walk([*TAKE[:2]])
    before = walked.state.session
    walked(Touched("language"), Touched("set-language", lang))
    assert walked.state.session == replace(before, lang=lang)


def test_who_opens_the_page_by_mistake_is_one_touch_from_where_they_were(walk: Go) -> None:
    for way_back in ("language", "back"):
        walked = walk([*TAKE[:2]])
        before = walked.state.session
        walked(Touched("language"), Touched(way_back))
        assert walked.state.session == before


def test_going_back_from_it_to_the_first_page_forgets_nothing(walk: Go) -> None:
    walked = walk([Touched("elder"), Touched("language"), Touched("back")], ends_on=pages.Start)
    assert walked.state.session.elder


def test_a_language_that_nobody_speaks_here_changes_nothing(walk: Go) -> None:
    walked = walk([Touched("language"), Touched("set-language", "tlh")], ends_on=pages.Settings)
    assert walked.state.session.lang == "zh-Hans"


def test_a_ticket_that_comes_meanwhile_is_shown(walk: Go) -> None:
    walked = walk([*TAKE, Touched("language")])
    walked(events.Replied(ticket(walked.wish)))
    assert isinstance(walked.state.session.page, pages.Given)


def test_the_ticket_is_still_there_after_another_language(walk: Go) -> None:
    walked = walk([*TAKE])
    walked(events.Replied(ticket(walked.wish)))
    walked(Touched("language"), Touched("set-language", "ko"))
    assert isinstance(walked.state.session.page, pages.Given)
    assert walked.state.session.lang == "ko"


@pytest.mark.parametrize("happened", [CARD, events.CodeRead("20471234")])
def test_a_card_or_code_on_the_page_checks_in(walk: Go, happened: Event) -> None:
    walk([Touched("language"), happened], ends_on=pages.Asking)


def test_the_request_says_the_language(walk: Go) -> None:
    walked = walk([Touched("language"), Touched("set-language", "ja"), *TAKE])
    assert walked.state.session.wish is not None
    assert walked.state.session.wish.lang == "ja"


def test_a_closed_terminal_says_it_in_each_language_in_turn(walk: Go) -> None:
    walked = walk([OPEN])
    said = []
    for _ in LANGS:
        said.append(walked.state.session.lang)
        walked(Touched("language"))
        assert isinstance(walked.state.session.page, pages.Shut)
    assert sorted(said) == sorted(LANGS)
    assert walked.state.session.lang == "zh-Hans"
    assert sorted(NEXT) == sorted(NEXT.values()) == sorted(LANGS)
