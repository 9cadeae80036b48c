"""Orders of the server, walked: an emergency ends everything at once, the others wait for who is there."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk import events
from kiosk.effects import Acknowledge, Buzz, EndSession, Leave, Print, Speak
from kiosk.events import CardRead, DeviceChanged, KeyPressed, PanelChanged, Touched
from kiosk.flow import Fresh, Site, step
from kiosk.flow.orders import SAY_EVERY_S
from kiosk.flow.pages import Asking, Emergency, Given, Shut, Start
from kiosk.scenes import CARD, NOW, TAKE, Walk, scenes, ticket
from kiosk.scenes.orders import order
from kiosk.views import view
from queue_server.wire import messages as wire

SITE = Site("xinghe-hall", "示例大厅", "http://127.0.0.1:8080", "林工", "021-0000-0001", "每天", speech=True)
FIRE = order(wire.Emergency, danger="fire")
OVER = order(wire.Emergency, 2, danger="over")
FRESH = Fresh("next", "01939f3c-0000-7000-8000-0000000fffff", "t" * 22, "jx")


def ready(*happened: Any) -> Walk:
    return Walk(SITE).ready()(*happened)


def said(walk: Walk) -> list[str]:
    return [effect.lang for effect in walk.effects if isinstance(effect, Speak)]


def test_a_fire_ends_whatever_was_going_on_and_keeps_nothing_of_it() -> None:
    for name, state in scenes(SITE).items():
        after, effects = step(state, FIRE, NOW, FRESH)
        assert isinstance(after.session.page, Emergency), name
        assert after.session.id == "next", name
        assert (after.session.card, after.session.wish, after.session.trail) == (None, None, ()), name
        assert effects.index(EndSession()) < effects.index(Acknowledge("order-1")), name


def test_nothing_can_be_touched_read_or_typed_until_it_is_over() -> None:
    walk = ready(*TAKE, FIRE)
    before = view(walk.state)
    for event in (Touched("take-ticket"), Touched("home"), CARD, events.CodeRead("12345678"), KeyPressed("4")):
        walk(event)
        assert view(walk.state) == before
    walk(events.CardGone(), OVER)
    assert isinstance(walk.state.session.page, Start)
    assert walk.effects[-1] == Acknowledge("order-2")


def test_both_languages_are_seen_at_once_and_said_in_turn() -> None:
    walk = ready(FIRE)
    shown = view(walk.state)
    assert shown.zh == "请立即离开"  # type: ignore[union-attr]
    assert shown.en == "Leave the building now"  # type: ignore[union-attr]
    walk.wait(4 * SAY_EVERY_S)
    assert said(walk) == ["zh-Hans", "en", "zh-Hans", "en", "zh-Hans"]


def test_who_chose_english_before_sees_the_same() -> None:
    assert view(ready(Touched("language"), Touched("set-language", "en"), FIRE).state) == view(ready(FIRE).state)


def test_the_buzzer_sounds_where_there_is_a_panel() -> None:
    walk = ready(FIRE)
    assert Buzz() in walk.effects
    bare = ready(DeviceChanged("panel", "absent"), FIRE)
    assert Buzz() not in bare.effects


def test_it_ends_by_itself_when_it_expires_and_survives_a_lost_link() -> None:
    walk = ready(order(wire.Emergency, danger="closing", minutes=1), events.LinkChanged(up=False)).wait(59)
    assert isinstance(walk.state.session.page, Emergency)
    walk.wait(2)
    assert isinstance(walk.state.session.page, Start)


def test_a_ticket_that_is_on_its_way_is_still_printed_for_who_had_to_go() -> None:
    walk = ready(*TAKE)
    assert isinstance(walk.state.session.page, Asking)
    wish = walk.wish
    walk(FIRE, events.Replied(ticket(wish)))
    assert isinstance(walk.state.session.page, Emergency)
    assert any(isinstance(effect, Print) for effect in walk.effects)


def test_a_print_that_ends_meanwhile_changes_nothing() -> None:
    walk = ready(*TAKE)
    walk(events.Replied(ticket(walk.wish)))
    job = walk.job
    walk(FIRE, events.PrintEnded(job, "printed"))
    assert isinstance(walk.state.session.page, Emergency)


def test_an_open_door_does_not_hide_it_and_is_said_afterwards() -> None:
    walk = ready(FIRE, PanelChanged("door", active=True))
    assert isinstance(walk.state.session.page, Emergency)
    walk(OVER)
    assert isinstance(walk.state.session.page, Shut)


def test_the_key_still_calls_for_help() -> None:
    walk = ready(FIRE, KeyPressed("call"))
    assert isinstance(walk.state.session.page, Emergency)
    assert walk.state.kiosk.called_until_s is not None


def test_a_card_that_was_left_on_the_reader_is_said_afterwards() -> None:
    walk = ready(CardRead("张*", "1234", "c2VhbGVk"), FIRE, OVER)
    assert walk.state.kiosk.card_left


@pytest.mark.parametrize("mode", ["closed", "maintenance"])
def test_a_terminal_closes_at_once_when_nobody_is_there_and_opens_again(mode: str) -> None:
    walk = ready(order(wire.SetMode, mode=mode))
    assert isinstance(walk.state.session.page, Shut)
    walk(Touched("take-ticket"), CARD, events.CardGone())
    assert isinstance(walk.state.session.page, Shut)
    walk(order(wire.SetMode, 2, mode="open"))
    assert isinstance(walk.state.session.page, Start)


def test_a_citizen_may_finish_before_it_closes() -> None:
    walk = ready(*TAKE)
    walk(order(wire.SetMode, mode="closed"), events.Replied(ticket(walk.wish)))
    assert isinstance(walk.state.session.page, Given)
    walk(Touched("home"))
    assert isinstance(walk.state.session.page, Shut)


def test_a_panel_that_comes_back_opens_no_closed_terminal() -> None:
    walk = ready(order(wire.SetMode, mode="closed"), DeviceChanged("panel", "absent"))
    assert isinstance(walk.state.session.page, Shut)


def test_a_restart_waits_for_the_citizen_and_is_acknowledged_when_it_happens() -> None:
    walk = ready(*TAKE)
    walk(order(wire.Restart), events.Replied(ticket(walk.wish))).wait(5)
    assert Leave("restart") not in walk.effects
    walk(Touched("home")).wait(1)
    assert [effect for effect in walk.effects if isinstance(effect, Acknowledge | Leave)] == [
        Acknowledge("order-1"),
        Leave("restart"),
    ]
    walk.wait(3)
    assert walk.effects.count(Leave("restart")) == 1


def test_a_restart_with_nobody_there_is_at_once() -> None:
    assert ready(order(wire.Restart)).effects[-1] == Leave("restart")


def test_lifting_what_does_not_stand_disturbs_nobody() -> None:
    walk = ready(*TAKE, OVER)
    assert isinstance(walk.state.session.page, Asking)


def test_every_danger_has_words_in_both_languages() -> None:
    for name in ("emergency-fire", "emergency-closing", "emergency-other"):
        shown = view(scenes(SITE)[name])
        assert shown.zh  # type: ignore[union-attr]
        assert shown.en  # type: ignore[union-attr]
