"""The panel beside the screen: its keys, its door, and who stands before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from kiosk import events
from kiosk.effects import Buzz, EndSession, PanelLights, Print, Repeat, Send, TypeKey, WantCodes
from kiosk.events import CodeRead, DeviceChanged, Event, KeyPressed, LinkChanged, PanelChanged, Replied, Touched
from kiosk.flow import pages
from kiosk.flow.helping import CALL_S
from kiosk.flow.panel import REST_S
from kiosk.scenes import CARD, TAKE, Walk, ticket
from kiosk.views import MessageView, StartView, view

NewWalk = Callable[[], Walk]
Go = Callable[..., Walk]

OPEN, CLOSED = PanelChanged("door", active=True), PanelChanged("door", active=False)
BROKEN, WHOLE = PanelChanged("tamper", active=True), PanelChanged("tamper", active=False)
THERE, GONE = PanelChanged("presence", active=True), PanelChanged("presence", active=False)


def keys(pressed: str) -> list[Event]:
    return [KeyPressed(key) for key in pressed]


def page(walked: Walk) -> pages.Page:
    return walked.state.session.page


def done(walked: Walk, kind: type) -> list[object]:
    return [effect for effect in walked.effects if isinstance(effect, kind)]


def lights(walked: Walk) -> PanelLights:
    """What burns now: the last that was told."""
    told = done(walked, PanelLights)
    assert all(one != other for one, other in pairwise(told)), "the same was told twice"
    return told[-1] if told else PanelLights()  # type: ignore[return-value]


# --- calling somebody --------------------------------------------------------------------------------------


def test_the_call_key_opens_help_lights_the_lamp_and_sounds_once(walk: Go) -> None:
    walked = walk([KeyPressed("call")], ends_on=pages.Help)
    assert lights(walked).calling
    assert done(walked, Buzz) == [Buzz()]


@pytest.mark.parametrize("way", [[], TAKE[:1], TAKE[:2], [CARD], [Touched("check-in"), Touched("type-number")]])
def test_a_call_leads_back_to_where_one_was(walk: Go, way: list[Event]) -> None:
    was = page(walk(way))
    walked = walk([*way, KeyPressed("call"), Touched("back")])
    assert page(walked) == was
    assert lights(walked).calling, "somebody is still to come"


def test_the_lamp_goes_out_when_somebody_has_come(walk: Go) -> None:
    walked = walk([*TAKE[:2], KeyPressed("call"), Touched("help-came")], ends_on=pages.Confirm)
    assert not lights(walked).calling


def test_the_lamp_goes_out_by_itself_after_five_minutes(walk: Go) -> None:
    walked = walk([KeyPressed("call")]).wait(CALL_S - 2)
    assert lights(walked).calling, "the citizen's session has timed out, the call has not"
    assert isinstance(page(walked), pages.Start)
    walked.wait(4)
    assert not lights(walked).calling


def test_the_screen_calls_as_the_key_does_and_only_where_a_call_would_reach_anybody(
    walk: Go, new_walk: NewWalk
) -> None:
    assert lights(walk([Touched("help"), Touched("call")])).calling
    walked = new_walk()(LinkChanged(up=False), DeviceChanged("panel", "absent"), Touched("help"), Touched("call"))
    assert done(walked, PanelLights) == done(walked, Buzz) == []
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert "call" not in {button.action for button in shown.actions}


def test_a_panel_that_comes_back_is_told_what_burns(walk: Go) -> None:
    walked = walk([KeyPressed("call"), DeviceChanged("panel", "absent", "device-lost")])
    walked.effects.clear()
    walked(DeviceChanged("panel", "ok"))
    assert done(walked, PanelLights) == [PanelLights(calling=True)]


def test_a_call_from_a_hidden_screen_keeps_it_hidden_behind_help(walk: Go) -> None:
    walked = walk([*TAKE[:2], Touched("cover"), KeyPressed("call")], ends_on=pages.Help)
    walked(Touched("back"))
    assert isinstance(page(walked), pages.Covered)


def test_zero_opens_help_and_once_more_calls(walk: Go) -> None:
    walked = walk(keys("0"), ends_on=pages.Help)
    assert not done(walked, Buzz)
    walked(*keys("0"))
    assert isinstance(page(walked), pages.Help)
    assert lights(walked).calling


# --- the keypad --------------------------------------------------------------------------------------------


def test_the_raised_dot_switches_speech_and_its_light(new_walk: NewWalk) -> None:
    walked = new_walk()
    site = replace(walked.state.kiosk.site, speech=True)
    walked.state = replace(walked.state, kiosk=replace(walked.state.kiosk, site=site))
    walked(KeyPressed("speech"))
    assert walked.state.session.voice
    assert lights(walked).speaking
    walked(KeyPressed("speech"))
    assert not walked.state.session.voice
    assert not lights(walked).speaking
    walked(KeyPressed("speech"), events.Idle())
    assert not lights(walked).speaking, "the next citizen finds it off"


def test_a_terminal_that_cannot_speak_does_not_pretend_to(walk: Go) -> None:
    walked = walk([KeyPressed("speech")])
    assert not walked.state.session.voice
    assert done(walked, PanelLights) == []


def test_digits_enter_the_number_while_the_number_pad_is_shown(walk: Go) -> None:
    walked = walk([Touched("check-in"), Touched("type-number"), *keys("1101*#")], ends_on=pages.TypeNumber)
    assert [x.key for x in walked.effects if isinstance(x, TypeKey)] == ["clear", "1", "1", "0", "1", "X", "enter"]


def test_four_six_and_zero_are_digits_on_the_pad_and_the_call_key_is_not(walk: Go) -> None:
    walked = walk([Touched("check-in"), Touched("type-number"), *keys("460")], ends_on=pages.TypeNumber)
    assert [x.key for x in walked.effects if isinstance(x, TypeKey)][1:] == ["4", "6", "0"]
    assert done(walked, Repeat) == []
    walked(KeyPressed("call"))
    assert isinstance(page(walked), pages.Help)


def test_a_booking_code_is_typed_on_the_keypad(walk: Go) -> None:
    walked = walk([Touched("check-in"), Touched("type-code"), *keys("204712349*#")], ends_on=pages.Asking)
    (send,) = [x for x in walked.effects if isinstance(x, Send)]
    assert send.request.code == "20471234"  # type: ignore[union-attr]


def test_four_goes_back_and_six_says_it_once_more(walk: Go) -> None:
    walked = walk([Touched("take-ticket"), Touched("themes"), *keys("4")], ends_on=pages.Hot)
    walked(*keys("6"))
    assert done(walked, Repeat) == [Repeat()]
    assert isinstance(page(walked), pages.Hot)
    walked(*keys("4"))
    assert isinstance(page(walked), pages.Start)
    walked(*keys("4"))
    assert isinstance(page(walked), pages.Start)


@pytest.mark.parametrize("key", "123456789*#")
def test_no_key_leads_out_of_a_wish_that_is_on_its_way(walk: Go, key: str) -> None:
    walk([*TAKE, KeyPressed(key)], ends_on=pages.Asking)


@pytest.mark.parametrize("key", "12357890*#")
def test_a_key_is_as_good_an_answer_to_still_there_as_a_touch(walk: Go, key: str) -> None:
    walked = walk(TAKE[:2]).wait(65)
    assert isinstance(page(walked), pages.StillThere)
    walked(KeyPressed(key)).wait(50)
    assert isinstance(page(walked), pages.Confirm), "it did nothing else, and all the time is given again"


def test_a_call_answers_still_there_too(walk: Go) -> None:
    walked = walk(TAKE[:2]).wait(65)(KeyPressed("call"), Touched("back"))
    assert isinstance(page(walked), pages.Confirm)


# --- door and tamper loop ----------------------------------------------------------------------------------


@pytest.mark.parametrize("forced", [OPEN, BROKEN])
@pytest.mark.parametrize("way", [[], TAKE[:2], TAKE, [CARD], [Touched("check-in"), Touched("type-number")]])
def test_an_open_door_ends_the_session_at_once(walk: Go, way: list[Event], forced: Event) -> None:
    walked = walk([Touched("language"), Touched("set-language", "en"), Touched("elder"), *way])
    session = walked.state.session.id
    walked(forced)
    assert walked.effects[-1] == EndSession()
    assert isinstance(page(walked), pages.Shut)
    now = walked.state.session
    assert now.id != session
    assert (now.card, now.wish, now.trail, now.lang, now.elder) == (None, None, (), "zh-Hans", False)


def test_the_page_says_why_and_who_answers_for_it_and_offers_no_way_in(walk: Go) -> None:
    for forced, said in ((OPEN, "机门已打开"), (BROKEN, "正在检查")):
        walked = walk([forced])
        shown = view(walked.state)
        assert isinstance(shown, MessageView)
        assert said in shown.sentence
        assert shown.large == walked.state.kiosk.site.owner_phone
        assert walked.state.kiosk.site.owner in shown.detail
        assert shown.frame.bar == ()
        assert [button.action for button in shown.actions] == ["language"]


def test_nothing_is_begun_while_the_door_is_open(walk: Go) -> None:
    walked = walk([OPEN])
    before = len(walked.effects)
    walked(CARD, CodeRead("20471234"), events.CardTrouble("replace-card"), *TAKE, Touched("home"), Touched("voice"))
    walked(Touched("help"), Touched("more"), Touched("cover"), *keys("0123456789*#"))
    assert isinstance(page(walked), pages.Shut)
    assert [x for x in walked.effects[before:] if not isinstance(x, Repeat)] == []


def test_who_is_told_in_another_language_is_forgotten_like_anybody(walk: Go) -> None:
    walked = walk([OPEN, Touched("language")], ends_on=pages.Shut)
    assert walked.state.session.lang == "en"
    walked.wait(70)
    assert isinstance(page(walked), pages.Shut)
    assert walked.state.session.lang == "zh-Hans"


def test_help_can_be_called_before_a_closed_terminal(walk: Go) -> None:
    walked = walk([OPEN, KeyPressed("call")], ends_on=pages.Shut)
    assert lights(walked).calling


def test_closed_again_it_begins_anew(walk: Go) -> None:
    walked = walk([*TAKE[:2], OPEN, BROKEN, CLOSED], ends_on=pages.Shut)
    session = walked.state.session.id
    walked(WHOLE)
    assert page(walked) == pages.Start()
    assert walked.state.session.id != session
    walked(*TAKE)
    assert isinstance(page(walked), pages.Asking)


def test_a_card_that_lies_there_when_the_door_closes_is_read_for_nobody(walk: Go) -> None:
    walked = walk([OPEN, CARD, CLOSED, CARD], ends_on=pages.CardLeft)
    assert done(walked, Send) == []
    assert walked.state.kiosk.card_left


def test_a_number_asked_for_before_the_door_opened_is_printed_when_it_comes(walk: Go) -> None:
    walked = walk(TAKE)
    wish = walked.wish
    walked(OPEN, Replied(ticket(wish)))
    assert isinstance(page(walked), pages.Shut)
    assert len(done(walked, Print)) == 1


def test_a_panel_that_is_away_says_nothing_of_its_door(walk: Go) -> None:
    """A terminal whose panel has died must not stay closed for ever; the fleet has been told of both."""
    walked = walk([OPEN, DeviceChanged("panel", "absent", "device-lost")])
    assert page(walked) == pages.Start()
    walked(DeviceChanged("panel", "ok"), OPEN)
    assert isinstance(page(walked), pages.Shut)


# --- presence ----------------------------------------------------------------------------------------------


def rests(walked: Walk) -> bool:
    shown = view(walked.state)
    return isinstance(shown, StartView) and shown.resting


def test_a_first_page_before_which_nobody_stands_rests_and_wakes_without_a_surprise(new_walk: NewWalk) -> None:
    walked = new_walk()(GONE).wait(REST_S - 1)
    assert not rests(walked)
    walked.wait(2)
    assert rests(walked)
    resting = view(walked.state)
    session, effects = walked.state.session, len(walked.effects)
    walked(THERE)
    assert not rests(walked)
    assert replace(resting, resting=False) == view(walked.state), "it is only drawn brighter"
    assert walked.state.session == session
    assert len(walked.effects) == effects


def test_a_touch_on_a_resting_page_does_what_it_says(new_walk: NewWalk) -> None:
    walked = new_walk()(GONE).wait(REST_S + 5)(Touched("take-ticket"))
    assert isinstance(page(walked), pages.Hot)
    assert not rests(walked)


def test_without_a_sensor_nothing_rests(new_walk: NewWalk) -> None:
    assert not rests(new_walk().wait(REST_S * 3))
    assert not rests(new_walk()(GONE, DeviceChanged("panel", "absent")).wait(REST_S * 3))


@pytest.mark.parametrize("way", [TAKE[:2], TAKE, [CARD], [Touched("language")]])
def test_who_comes_and_goes_changes_nobodys_page(walk: Go, way: list[Event]) -> None:
    walked = walk(way)
    session = walked.state.session
    walked(GONE, THERE, GONE, THERE)
    assert walked.state.session == session


# --- the scan light ----------------------------------------------------------------------------------------


def test_codes_are_wanted_only_while_one_could_be_used(walk: Go) -> None:
    walked = walk(TAKE)
    assert done(walked, WantCodes) == [WantCodes(wanted=False)]
    walked(Replied(ticket(walked.wish)), Touched("home"))
    assert done(walked, WantCodes) == [WantCodes(wanted=False), WantCodes(wanted=True)]
    walked(Touched("take-ticket"), Touched("cover"), Touched("uncover"), OPEN, CLOSED)
    assert [x.wanted for x in done(walked, WantCodes)] == [False, True] * 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", [[], TAKE[:2], TAKE, [CARD], [Touched("help")], [Touched("cover")], [OPEN]])
@pytest.mark.parametrize("event", [KeyPressed("F13"), KeyPressed(""), PanelChanged("smoke", active=True)])
def test_what_no_panel_of_ours_sends_changes_no_page(walk: Go, way: list[Event], event: Event) -> None:
    walked = walk(way)
    was = page(walked), walked.state.session.id
    walked(event)
    assert (page(walked), walked.state.session.id) == was
