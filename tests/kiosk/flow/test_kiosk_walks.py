"""What becomes of a citizen who touches, lays down a card, shows a code, waits, or goes away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import events
from kiosk.effects import EndSession, Print, Send, TypeKey
from kiosk.events import CardRead, CodeRead, Event, Idle, Replied, Touched
from kiosk.flow import Site, pages
from kiosk.flow.asking import PATIENCE_S
from kiosk.flow.state import DEVICES
from kiosk.resend import PATIENCE
from kiosk.scenes import CARD, NOW, TAKE, Walk, refused, ticket
from kiosk.views import view
from queue_server.wire import messages as wire
from tests.kiosk.hearing import heard

NewWalk = Callable[[], Walk]
Go = Callable[..., Walk]


def sent(walked: Walk) -> list[wire.AnyRequest]:
    return [effect.request for effect in walked.effects if isinstance(effect, Send)]


def printed(walked: Walk) -> list[Print]:
    return [effect for effect in walked.effects if isinstance(effect, Print)]


def texts(effect: Print) -> str:
    return "\n".join(getattr(item, "text", "") for item in effect.slip.items)


# --- taking a number ---------------------------------------------------------------------------------------


def test_three_touches_from_the_first_page_ask_for_a_number(walk: Go) -> None:
    walked = walk(TAKE, ends_on=pages.Asking)
    (request,) = sent(walked)
    assert isinstance(request, wire.TakeTicket)
    assert request.matters == ["M034"]
    assert len(request.token) >= 22


def test_any_matter_is_reached_through_its_theme(walk: Go) -> None:
    walk(
        [Touched("take-ticket"), Touched("themes"), Touched("theme", "档案"), Touched("matter", "M052")],
        ends_on=pages.Confirm,
    )


def test_a_searched_matter_takes_five_touches_beside_its_letters(walk: Go) -> None:
    letters = [Touched("key", letter) for letter in "sbk"]
    happened = [Touched("take-ticket"), Touched("search"), *letters, Touched("show-found")]
    walked = walk([*happened, Touched("matter", "M034"), Touched("take")], ends_on=pages.Asking)
    assert len(sent(walked)) == 1


def test_tapping_take_many_times_asks_once(walk: Go) -> None:
    walked = walk([*TAKE, *(Touched("take") for _ in range(9))], ends_on=pages.Asking)
    assert len(sent(walked)) == 1


def test_the_number_is_shown_and_printed_once(walk: Go) -> None:
    walked = walk(TAKE)
    reply = ticket(walked.wish)
    walked(Replied(reply), Replied(reply), Replied(reply))
    assert isinstance(walked.state.session.page, pages.Given)
    assert walked.state.session.page.printing == "printing"
    assert len(printed(walked)) == 1


def test_without_paper_nothing_is_printed(walk: Go) -> None:
    walked = walk([*TAKE[:2], Touched("take-without-paper")])
    walked(Replied(ticket(walked.wish)))
    assert isinstance(walked.state.session.page, pages.Given)
    assert printed(walked) == []


@pytest.mark.parametrize(
    ("condition", "reason"),
    [("absent", "port-missing"), ("degraded", "paper-out"), ("degraded", "cover-open"), ("degraded", "cutter")],
)
def test_a_lost_printer_does_not_lose_the_number(walk: Go, condition: str, reason: str) -> None:
    walked = walk([*TAKE, events.DeviceChanged("printer", condition, reason)])
    walked(Replied(ticket(walked.wish)))
    assert isinstance(walked.state.session.page, pages.Given)
    assert printed(walked) == []


@pytest.mark.parametrize("reason", ["paper-low", "not-answering"])
def test_a_printer_that_only_complains_still_prints(walk: Go, reason: str) -> None:
    walked = walk([*TAKE, events.DeviceChanged("printer", "degraded", reason)])
    walked(Replied(ticket(walked.wish)))
    assert len(printed(walked)) == 1


def test_a_matter_that_is_not_in_the_catalogue_cannot_be_chosen(walk: Go) -> None:
    walk([Touched("take-ticket"), Touched("matter", "M999")], ends_on=pages.Hot)


def test_looking_up_what_to_bring_leads_on_to_a_number(walk: Go) -> None:
    walk([Touched("services"), Touched("guide"), Touched("matter", "M034"), Touched("take")], ends_on=pages.Confirm)
    walked = walk(
        [Touched("services"), Touched("guide"), Touched("matter", "M034"), Touched("take-ticket"), Touched("take")]
    )
    assert len(sent(walked)) == 1


# --- printing ----------------------------------------------------------------------------------------------


def given_ticket(walk: Go) -> Walk:
    walked = walk(TAKE)
    return walked(Replied(ticket(walked.wish)))


@pytest.mark.parametrize(("result", "again"), [("printed", 0), ("sent", 1), ("failed", 1), ("unknown", 1)])
def test_a_reprint_is_offered_once_and_only_in_doubt(walk: Go, result: str, again: int) -> None:
    walked = given_ticket(walk)
    walked(events.PrintEnded(walked.job, result), Touched("reprint"))
    walked(events.PrintEnded(walked.job, result), Touched("reprint"))
    assert len(printed(walked)) == 1 + again
    if again:
        assert "补打" in texts(printed(walked)[1])
    assert "补打" not in texts(printed(walked)[0])


def test_no_reprint_while_the_first_is_under_way(walk: Go) -> None:
    walked = given_ticket(walk)
    walked(Touched("reprint"))
    assert len(printed(walked)) == 1


def test_the_end_of_a_foreign_print_job_changes_nothing(walk: Go) -> None:
    walked = given_ticket(walk)
    walked(events.PrintEnded("another", "failed"))
    assert isinstance(walked.state.session.page, pages.Given)
    assert walked.state.session.page.printing == "printing"


# --- checking in -------------------------------------------------------------------------------------------


def test_a_card_on_the_reader_checks_in_without_a_touch(walk: Go) -> None:
    walked = walk([CARD], ends_on=pages.Asking)
    (request,) = sent(walked)
    assert isinstance(request, wire.CheckIn)
    assert request.person == CARD.person


@pytest.mark.parametrize(
    "scanned",
    ["20471234", "http://127.0.0.1:8080/b/demo/ap-7/20471234", "https://hall.example.org/x/b/demo/a/20471234"],
)
def test_a_code_at_the_scanner_checks_in_without_a_touch(walk: Go, scanned: str) -> None:
    walked = walk([CodeRead(scanned)], ends_on=pages.Asking)
    (request,) = sent(walked)
    assert isinstance(request, wire.CheckIn)
    assert request.code == "20471234"


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("https://example.org/pay?x=1", "foreign-code"),
        ("任意文字", "foreign-code"),
        ("x" * 500, "foreign-code"),
        ("", "foreign-code"),
    ],
)
def test_a_code_that_is_no_booking_is_explained_and_not_sent(walk: Go, scanned: str, code: str) -> None:
    walked = walk([CodeRead(scanned)], ends_on=pages.Trouble)
    assert walked.state.session.page.code == code
    assert sent(walked) == []


def test_a_typed_number_goes_to_the_reading_process_key_by_key(walk: Go) -> None:
    walked = walk([Touched("check-in"), Touched("type-number"), Touched("key", "1"), Touched("key", "X")])
    assert [x.key for x in walked.effects if isinstance(x, TypeKey)] == ["clear", "1", "X"]
    walked(events.TypedProgress(2))
    assert walked.state.session.page == pages.TypeNumber(length=2)
    walked(Touched("key", "enter"), events.TypedTrouble("too-short"))
    assert walked.state.session.page == pages.TypeNumber(length=2, trouble="too-short")
    walked(events.TypedRead("1234", "sealed"))
    (request,) = sent(walked)
    assert isinstance(request, wire.CheckIn)
    assert request.person == "sealed"


def test_leaving_the_number_pad_clears_what_was_typed(walk: Go) -> None:
    walked = walk([Touched("check-in"), Touched("type-number"), Touched("key", "1"), Touched("back")])
    assert isinstance(walked.state.session.page, pages.CheckInWays)
    assert walked.effects[-1] == TypeKey("clear")


def test_a_typed_booking_code_checks_in(walk: Go) -> None:
    keys = [Touched("key", digit) for digit in "204712349"]
    walked = walk([Touched("check-in"), Touched("type-code"), *keys, Touched("key", "erase"), Touched("key", "enter")])
    (request,) = sent(walked)
    assert isinstance(request, wire.CheckIn)
    assert request.code == "20471234"


def test_too_short_a_code_is_not_sent(walk: Go) -> None:
    walked = walk([Touched("check-in"), Touched("type-code"), Touched("key", "2"), Touched("key", "enter")])
    assert isinstance(walked.state.session.page, pages.TypeCode)
    assert sent(walked) == []


def test_of_several_appointments_one_is_chosen_under_a_new_wish(walk: Go) -> None:
    walked = walk([CARD])
    first = walked.wish
    choices = [wire.Choice(appointment=f"ap{n}", slot_start=NOW, matters=["M034"]) for n in range(3)]
    walked(Replied(refused(first, "several-appointments", "", "", choices)), Touched("appointment", "ap9"))
    assert isinstance(walked.state.session.page, pages.Several)
    walked(Touched("appointment", "ap1"))
    assert [getattr(x, "appointment", None) for x in sent(walked)] == [None, "ap1"]
    assert walked.wish != first


def test_a_card_without_a_booking_leads_to_a_walk_in_number(walk: Go) -> None:
    walked = walk([CARD])
    walked(Replied(refused(walked.wish, "no-appointment", "没有预约。", "No appointment.")))
    assert isinstance(walked.state.session.page, pages.Refusal)
    walked(Touched("take-ticket"), *TAKE[1:])
    assert isinstance(sent(walked)[-1], wire.TakeTicket)


def test_a_card_that_cannot_be_read_leads_to_typing(walk: Go) -> None:
    walked = walk([events.CardTrouble("replace-card")] * 3, ends_on=pages.Trouble)
    assert walked.state.session.page.times == 3
    walked(Touched("type-number"))
    assert isinstance(walked.state.session.page, pages.TypeNumber)


def test_nothing_is_read_while_the_hall_is_being_asked(walk: Go) -> None:
    walked = walk([*TAKE, CARD, CodeRead("20471234"), events.CardTrouble("replace-card")], ends_on=pages.Asking)
    assert len(sent(walked)) == 1


def test_the_next_persons_card_ends_a_finished_session(walk: Go) -> None:
    walked = given_ticket(walk)
    walked(events.PrintEnded(walked.job, "printed"), CARD)
    assert isinstance(walked.state.session.page, pages.Start)
    assert walked.effects[-1] == EndSession()
    walked(CARD)  # their own reading process reads it again
    assert isinstance(walked.state.session.page, pages.Asking)


def test_a_card_left_behind_is_read_for_nobody_until_it_is_gone(walk: Go) -> None:
    walked = walk([CARD, Idle(), CARD], ends_on=pages.CardLeft)
    assert len(sent(walked)) == 1
    assert walked.state.kiosk.card_left
    walked(events.CardGone(), CARD)
    assert isinstance(walked.state.session.page, pages.Asking)


# --- a slow hall, a lost link, a citizen who leaves ---------------------------------------------------------


def test_a_slow_hall_lets_the_citizen_leave_and_prints_when_it_answers(walk: Go) -> None:
    walked = walk([*TAKE, events.LinkChanged(up=False)]).wait(20)
    wish = walked.wish
    walked(Touched("leave"))
    assert isinstance(walked.state.session.page, pages.Start)
    walked(events.LinkChanged(up=True), Replied(ticket(wish)), Replied(ticket(wish)))
    assert len(printed(walked)) == 1
    assert walked.state.kiosk.notice is not None
    walked(events.PrintEnded(printed(walked)[0].job, "printed"))
    assert walked.state.kiosk.notice.result == "printed"
    walked.wait(61)
    assert walked.state.kiosk.notice is None


def test_back_does_not_lead_out_of_a_wish_that_is_on_its_way(walk: Go) -> None:
    walk([*TAKE, Touched("back"), Touched("back")], ends_on=pages.Asking)


def test_a_wish_that_is_not_answered_in_ten_minutes_is_said_to_be_lost(walk: Go) -> None:
    assert PATIENCE.total_seconds() == PATIENCE_S
    walked = walk(TAKE)
    for _ in range(11):
        walked.wait(55)(Touched("voice"))
    assert walked.state.session.page == pages.Trouble("no-answer")
    assert walked.wish == ""


def test_an_answer_to_a_wish_before_a_restart_is_printed_as_a_reprint(new_walk: NewWalk) -> None:
    walked = new_walk()(Replied(ticket("01939f3c-0000-7000-8000-0000000000ff")))
    assert isinstance(walked.state.session.page, pages.Start)
    (effect,) = printed(walked)
    assert "补打" in texts(effect)


def test_an_answer_while_the_screen_is_hidden_stays_hidden(walk: Go) -> None:
    walked = walk([*TAKE])
    wish = walked.wish
    walked(Touched("cover"), Replied(ticket(wish)))
    assert isinstance(walked.state.session.page, pages.Covered)
    walked(Touched("uncover"))
    assert isinstance(walked.state.session.page, pages.Given)


def test_an_answer_of_an_unexpected_kind_is_said_to_be_trouble(walk: Go) -> None:
    walked = walk(TAKE)
    walked(Replied(wire.SlotsReply(id=walked.wish, day=NOW.date(), slots=[])))
    assert isinstance(walked.state.session.page, pages.Trouble)


# --- time --------------------------------------------------------------------------------------------------


def test_silence_asks_first_and_ends_only_after_the_warning(walk: Go) -> None:
    walked = walk(TAKE[:2]).wait(59)
    assert isinstance(walked.state.session.page, pages.Confirm)
    walked.wait(2)
    assert isinstance(walked.state.session.page, pages.StillThere)
    walked.wait(28)
    assert isinstance(walked.state.session.page, pages.StillThere)
    session = walked.state.session.id
    walked.wait(3)
    assert isinstance(walked.state.session.page, pages.Start)
    assert walked.state.session.id != session


def test_time_can_be_put_off_without_limit(walk: Go) -> None:
    walked = walk(TAKE[:2])
    for _ in range(30):
        walked.wait(75)
        assert isinstance(walked.state.session.page, pages.StillThere)
        walked(Touched("more-time"))
        assert isinstance(walked.state.session.page, pages.Confirm)


def test_the_elder_version_waits_twice_as_long(walk: Go) -> None:
    walked = walk([Touched("elder"), *TAKE[:2]]).wait(118)
    assert isinstance(walked.state.session.page, pages.Confirm)
    walked.wait(3)
    assert isinstance(walked.state.session.page, pages.StillThere)
    walked.wait(57)
    assert isinstance(walked.state.session.page, pages.StillThere)


def test_nobody_is_thrown_out_while_a_ticket_is_printing(walk: Go) -> None:
    walked = given_ticket(walk).wait(70)
    assert isinstance(walked.state.session.page, pages.Given)


def test_an_untouched_first_page_is_left_alone(new_walk: NewWalk) -> None:
    walked = new_walk().wait(300)
    assert not any(isinstance(effect, EndSession) for effect in walked.effects)


def test_a_language_left_behind_is_put_back(new_walk: NewWalk) -> None:
    walked = new_walk()(Touched("language"), Touched("set-language", "en"), Touched("elder")).wait(220)
    assert walked.state.session.lang == "zh-Hans"
    assert not walked.state.session.elder


def test_a_card_answers_the_question_whether_one_is_there(walk: Go) -> None:
    walked = walk(TAKE[:1]).wait(65)
    assert isinstance(walked.state.session.page, pages.StillThere)
    walked(CARD)
    assert isinstance(walked.state.session.page, pages.Asking)


# --- everywhere --------------------------------------------------------------------------------------------

EVERYWHERE = [
    *([*TAKE[:n]] for n in range(4)),
    [Touched("check-in")],
    [Touched("check-in"), Touched("type-number")],
    [Touched("check-in"), Touched("type-code"), Touched("key", "1")],
    [Touched("take-ticket"), Touched("search"), Touched("key", "s")],
    [CodeRead("https://example.org/")],
]


@pytest.mark.parametrize("happened", EVERYWHERE, ids=lambda x: "-".join(e.action for e in x if isinstance(e, Touched)))
def test_the_language_changes_anywhere_and_the_page_stays(walk: Go, happened: list[Event]) -> None:
    walked = walk(happened)
    page = walked.state.session.page
    walked(Touched("language"))
    assert isinstance(walked.state.session.page, pages.Settings)
    walked(Touched("set-language", "en"))
    assert (walked.state.session.page, walked.state.session.lang) == (page, "en")
    walked(Touched("elder"))
    assert (walked.state.session.page, walked.state.session.elder) == (page, True)


@pytest.mark.parametrize("happened", EVERYWHERE, ids=lambda x: "-".join(e.action for e in x if isinstance(e, Touched)))
def test_help_and_hiding_lead_back_to_where_one_was(walk: Go, happened: list[Event]) -> None:
    walked = walk(happened)
    page = walked.state.session.page
    walked(Touched("help"), Touched("help"), Touched("cover"), Touched("uncover"))
    assert walked.state.session.page == page


@pytest.mark.parametrize("happened", EVERYWHERE, ids=lambda x: "-".join(e.action for e in x if isinstance(e, Touched)))
def test_the_end_forgets_everything(walk: Go, happened: list[Event]) -> None:
    walked = walk([Touched("language"), Touched("elder"), *happened, CARD, events.CardGone()])
    walked(Idle())
    session = walked.state.session
    assert session.id.startswith("s")
    for field in fields(session):
        if field.name not in {"id", "touched_s"}:
            kind = type(session)
            assert getattr(session, field.name) == getattr(kind(id="x"), field.name), field.name
    assert walked.effects[-1] == EndSession()


def test_back_from_each_page_ends_at_the_first(walk: Go) -> None:
    walked = walk([Touched("take-ticket"), Touched("themes"), Touched("theme", "社保"), Touched("matter", "M034")])
    seen = []
    for _ in range(4):
        walked(Touched("back"))
        seen.append(type(walked.state.session.page))
    assert seen == [pages.InTheme, pages.Themes, pages.Hot, pages.Start]


def test_sealed_persons_are_never_printed_by_a_log(walk: Go) -> None:
    walked = walk([CardRead("张*", "1234", "SEALEDBOX")])
    assert "SEALEDBOX" not in repr(walked.state)
    assert "1234" not in repr(walked.state)
    assert "张" not in repr(walked.state.session)


_ANY_EVENT = st.one_of(
    st.builds(
        Touched,
        st.sampled_from(
            [
                "take-ticket",
                "check-in",
                "guide",
                "themes",
                "theme",
                "search",
                "key",
                "show-found",
                "matter",
                "page",
                "take",
                "take-without-paper",
                "type-number",
                "type-code",
                "appointment",
                "reprint",
                "leave",
                "home",
                "back",
                "help",
                "more",
                "cover",
                "uncover",
                "more-time",
                "language",
                "elder",
                "voice",
                "call",
                "help-came",
                "nonsense",
            ]
        ),
        st.sampled_from(["", "M034", "M999", "社保", "1", "9", "a", "enter", "erase", "ap1", "-5", "99999999", "²"]),
    ),
    st.just(CARD),
    st.sampled_from(["replace-card", "bad-number", "什么"]).map(events.CardTrouble),
    st.just(events.CardGone()),
    st.text(max_size=60).map(CodeRead),
    st.integers(0, 18).map(events.TypedProgress),
    st.sampled_from(["bad-number", "new-code"]).map(events.TypedTrouble),
    st.just(events.TypedRead("1234", "sealed")),
    st.booleans().map(events.LinkChanged),
    st.sampled_from(["call", "speech", *"0123456789*#", "F1"]).map(events.KeyPressed),
    st.integers(-3, 40).map(events.Focused),
    st.builds(events.PanelChanged, st.sampled_from(["door", "tamper", "presence"]), st.booleans()),
    st.tuples(st.sampled_from(DEVICES), st.sampled_from(["ok", "absent", "degraded"])).map(
        lambda pair: events.DeviceChanged(*pair)
    ),
    st.just(Idle()),
    st.sampled_from(["wait", "reply", "refuse", "printed"]),
)


@settings(max_examples=150, deadline=None)
@given(happened=st.lists(_ANY_EVENT, max_size=40), compact=st.booleans())
def test_whatever_happens_there_is_a_page_and_its_words(happened: list[Any], *, compact: bool) -> None:
    site = Site("demo", "演示", "http://h", "街道", "021-0", "全天", compact=compact, speech=True)
    walked = Walk(site).ready()
    asked = 0
    for event in happened:
        match event:
            case "wait":
                walked.wait(35)
            case "reply":
                walked(Replied(ticket(walked.wish or "none")))
            case "refuse":
                walked(Replied(refused(walked.wish or "none", "no-appointment", "没有。", "None.")))
            case "printed":
                walked(events.PrintEnded(walked.job, "printed"))
            case _:
                walked(event)
        shown = view(walked.state)
        assert is_dataclass(shown)
        assert heard(walked.state)
        assert len(walked.state.session.trail) <= 24
        asked = len(sent(walked))
    ids = [request.id for request in sent(walked)]
    assert len(set(ids)) == len(ids) == asked
    jobs = [effect.job for effect in printed(walked)]
    assert all(one != other for one, other in pairwise(jobs))
