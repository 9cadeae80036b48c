"""Looking something up: what becomes of who asks for progress, and of who wants an office's record of themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import events
from kiosk.aloud import aloud
from kiosk.effects import EndSession, OpenRecord, Print, PrintRecord, Send, ShowRecord
from kiosk.events import CodeRead, RecordLine, RecordOpened, RecordTrouble, RecordWhole, Replied, Touched
from kiosk.flow import Site, pages
from kiosk.scenes import CARD, TOKEN, Walk
from kiosk.scenes.service import (
    AGREED,
    ASKED,
    MASKED,
    TO_PLAIN,
    TO_SENSITIVE,
    WHOLE,
    case_progress,
    looked_up,
    said_no,
    ticket_progress,
)
from kiosk.views import FactsView, ListView, MessageView, SearchView, view
from queue_server.wire import messages as wire
from tests.kiosk.hearing import by_ear, heard

Go = Callable[..., Walk]
PATH = f"/t/demo/20261120/A023/{TOKEN}"
TO_WAYS = (Touched("services"), Touched("progress"))
TYPED = (*TO_WAYS, Touched("type-ticket"), *(Touched("key", x) for x in ("A", "0", "2", "3", "enter")))


def sent(walked: Walk) -> list[wire.AnyRequest]:
    return [effect.request for effect in walked.effects if isinstance(effect, Send)]


def asked_progress(walked: Walk) -> wire.AskProgress:
    (request,) = sent(walked)
    assert isinstance(request, wire.AskProgress)
    return request


def answer(walked: Walk, **found: object) -> Walk:
    return walked(Replied(wire.ProgressReply(id=walked.wish, **found)))  # type: ignore[arg-type]


# --- progress -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), TO_WAYS, (Touched("take-ticket"),), (Touched("check-in"),)])
def test_a_tickets_code_asks_for_its_progress_from_wherever_codes_are_read(
    walk: Go, before: tuple[Touched, ...]
) -> None:
    walked = walk([*before, CodeRead(f"http://127.0.0.1:8080{PATH}")], ends_on=pages.Asking)
    assert asked_progress(walked).path == PATH


def test_a_tickets_code_with_what_a_phone_adds_is_still_the_ticket(walk: Go) -> None:
    walked = walk([CodeRead(f"https://hall.example/q{PATH}?lang=en&big=1")], ends_on=pages.Asking)
    assert asked_progress(walked).path == PATH


def test_a_number_is_typed_as_its_letter_and_its_digits(walk: Go) -> None:
    walked = walk(TYPED, ends_on=pages.Asking)
    assert asked_progress(walked).number == "A023"


def test_a_letter_no_number_begins_with_and_too_few_digits_do_nothing(walk: Go) -> None:
    walk([*TO_WAYS, Touched("type-ticket"), Touched("key", "Z")], ends_on=pages.TypeTicket)
    keys = [Touched("key", x) for x in ("A", "0", "2", "enter")]
    walked = walk([*TO_WAYS, Touched("type-ticket"), *keys], ends_on=pages.TypeTicket)
    assert walked.state.session.page == pages.TypeTicket("A", "02")
    assert sent(walked) == []


def test_the_letter_is_taken_back_after_the_digits(walk: Go) -> None:
    keys = [Touched("key", x) for x in ("A", "0", "erase", "erase")]
    walked = walk([*TO_WAYS, Touched("type-ticket"), *keys])
    assert walked.state.session.page == pages.TypeTicket()


def test_a_case_number_is_digits_only(walk: Go) -> None:
    keys = [Touched("key", x) for x in ("2", "A", *"026112000", "0017", *"0017", "enter")]
    walked = walk([*TO_WAYS, Touched("type-case"), *keys], ends_on=pages.Asking)
    assert asked_progress(walked).case == "20261120000017"


def test_a_card_on_the_pages_of_progress_asks_and_checks_nobody_in(walk: Go) -> None:
    walked = walk([*TO_WAYS, CARD], ends_on=pages.Asking)
    assert asked_progress(walked).person == CARD.person


def test_the_answer_stands_where_the_question_was_and_back_leads_there(walk: Go) -> None:
    walked = answer(walk(TYPED), ticket=ticket_progress())
    shown = view(walked.state)
    assert isinstance(shown, FactsView)
    assert shown.waiting is not None
    assert shown.waiting.people == 5
    walked(Touched("back"))
    assert isinstance(walked.state.session.page, pages.TypeTicket)


def test_who_is_called_sees_the_window_large(walk: Go) -> None:
    shown = view(answer(walk(TYPED), ticket=ticket_progress("called")).state)
    assert isinstance(shown, FactsView)
    assert "3号窗口" in shown.large


def test_of_several_the_citizen_chooses(walk: Go) -> None:
    walked = answer(walk([*TO_WAYS, CARD]), ticket=ticket_progress(), cases=[case_progress(), case_progress("ready")])
    assert isinstance(view(walked.state), ListView)
    walked(Touched("found", "2"))
    shown = view(walked.state)
    assert isinstance(shown, FactsView)
    assert "领取" in shown.state
    walked(Touched("back"), Touched("found", "7"))
    assert isinstance(view(walked.state), ListView)


def test_nothing_found_says_what_to_check_and_leads_back_to_typing(walk: Go) -> None:
    walked = walk(TYPED)
    walked(Replied(said_no(walked.wish, "unknown-number", number="A023")))
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert "A023" in shown.sentence
    walked(Touched("type-ticket"))
    assert walked.state.session.page == pages.TypeTicket()


def test_without_the_line_nothing_is_asked_and_nothing_guessed(walk: Go) -> None:
    walked = walk([events.LinkChanged(up=False), CodeRead(f"http://127.0.0.1:8080{PATH}")], ends_on=pages.CannotLookUp)
    assert sent(walked) == []


def test_a_question_without_an_answer_is_dropped_after_half_a_minute(walk: Go) -> None:
    walked = walk(TYPED).wait(31)
    assert walked.state.session.page == pages.Trouble("no-inquiry")
    assert walked.state.session.wish is None


def test_an_answer_under_the_cover_stays_under_it(walk: Go) -> None:
    walked = walk([*TYPED, Touched("cover")])
    walked(Replied(wire.ProgressReply(id=_wish(walked), ticket=ticket_progress())))
    assert isinstance(walked.state.session.page, pages.Covered)
    walked(Touched("uncover"))
    assert isinstance(walked.state.session.page, pages.Progress)


def _wish(walked: Walk) -> str:
    wish = walked.state.session.wish
    return wish.id if wish is not None else ""


def test_an_answer_to_who_has_left_is_nobodys(walk: Go) -> None:
    walked = walk(TYPED)
    wish = walked.wish
    walked(Touched("leave"), Replied(wire.ProgressReply(id=wish, ticket=ticket_progress())))
    assert isinstance(walked.state.session.page, pages.Start)


# --- finding what can be looked up ----------------------------------------------------------------------------------


LETTERS = (*TO_PLAIN[:2], Touched("search"))


def choices(walked: Walk) -> list[tuple[str, str]]:
    shown = view(walked.state)
    assert isinstance(shown, SearchView | ListView)
    tiles = shown.hits if isinstance(shown, SearchView) else (*shown.tiles, *shown.side)
    return [(button.action, button.value) for button in tiles]


def test_the_list_leads_to_letters_which_find_only_what_can_be_looked_up(walk: Go) -> None:
    walked = walk(TO_PLAIN[:2], ends_on=pages.LookUps)
    assert ("search", "") in choices(walked)
    matters = walked.state.kiosk.catalogue.matters
    for letter in ("search", "s", "b"):
        walked(Touched("search") if letter == "search" else Touched("key", letter))
        assert choices(walked)
        assert all(action == "look-up" and matters[value].look_up != "no" for action, value in choices(walked))


def test_what_letters_find_leads_to_the_look_up_and_never_to_a_ticket(walk: Go) -> None:
    found = walk([*LETTERS, Touched("key", "y"), Touched("show-found")], ends_on=pages.Found)
    (_, name), *_ = choices(found)
    found(Touched("matter", name))
    assert isinstance(found.state.session.page, pages.Found)
    found(Touched("look-up", name))
    assert found.state.session.page == pages.Consent(name)
    found(Touched("disagree"))
    assert isinstance(found.state.session.page, pages.LookUps)


def test_where_nothing_fits_no_number_is_offered_but_what_is_often_looked_up_and_a_person(walk: Go) -> None:
    nonsense = [Touched("key", "q")] * 20
    found = walk([*LETTERS, *nonsense, Touched("show-found")], ends_on=pages.Found)
    assert [action for action, _ in choices(found)] == ["look-up", "look-up", "look-up", "help"]


def test_on_the_small_panel_the_letters_stand_first_on_the_first_leaf() -> None:
    site = Site("demo", "演示", "http://h", "街道", "021-0", "全天", compact=True)
    walked = Walk(site).ready()(*TO_PLAIN[:2])
    assert choices(walked)[0] == ("search", "")
    walked(Touched("search"), Touched("key", "7"), Touched("show-found"))
    assert {action for action, _ in choices(walked)} <= {"look-up", "page"}


# --- a record -----------------------------------------------------------------------------------------------------


def test_nothing_is_asked_before_the_citizen_has_agreed(walk: Go) -> None:
    walked = walk([*TO_PLAIN, CARD], ends_on=pages.Consent)
    assert sent(walked) == []
    walked(Touched("disagree"))
    assert isinstance(walked.state.session.page, pages.LookUps)
    assert sent(walked) == []


def test_who_agrees_lays_the_card_and_is_looked_up(walk: Go) -> None:
    walk(AGREED, ends_on=pages.LayCard)
    walked = walk(ASKED, ends_on=pages.Asking)
    (request,) = sent(walked)
    assert request == wire.AskRecord(id=walked.wish, matter="M021", person=CARD.person)


def test_a_sensitive_record_is_agreed_to_twice(walk: Go) -> None:
    walked = walk([*TO_SENSITIVE, Touched("agree")], ends_on=pages.Consent)
    assert walked.state.session.page == pages.Consent("M014", separate=True)
    walked(Touched("agree"), CARD)
    (request,) = sent(walked)
    assert isinstance(request, wire.AskRecord)
    assert request.consent == "separate"


def test_yes_and_no_are_drawn_alike(walk: Go) -> None:
    shown = view(walk(TO_PLAIN).state)
    assert isinstance(shown, MessageView)
    no, yes = shown.actions
    assert (no.action, yes.action, no.tone) == ("disagree", "agree", yes.tone)


def test_a_card_that_lies_already_is_not_asked_for_again(walk: Go) -> None:
    walked = walk([*TO_PLAIN, CARD, Touched("agree")], ends_on=pages.Asking)
    assert len(sent(walked)) == 1


def test_a_card_that_was_taken_away_is_asked_for(walk: Go) -> None:
    walk([*TO_PLAIN, CARD, events.CardGone(), Touched("agree")], ends_on=pages.LayCard)


def test_a_card_that_cannot_be_read_is_wanted_still_and_checks_nobody_in_afterwards(walk: Go) -> None:
    walked = walk([*AGREED, events.CardTrouble("replace-card")], ends_on=pages.LayCard)
    walked(CARD)
    (request,) = sent(walked)
    assert isinstance(request, wire.AskRecord)


def test_the_box_goes_to_the_reading_process_and_masked_lines_come_back(walk: Go) -> None:
    walked = looked_up(walk(ASKED))
    assert OpenRecord("Ym94") in walked.effects
    shown = view(walked.state)
    assert isinstance(shown, FactsView)
    assert [fact.text for fact in shown.facts[:2]] == ["张*", "**************1234"]
    assert "星号" in by_ear(walked.state)
    assert "*" not in by_ear(walked.state)


def test_all_is_shown_after_a_warning_for_ten_seconds_and_not_read_aloud(walk: Go) -> None:
    walked = looked_up(walk(ASKED))(Touched("show-whole"))
    assert ShowRecord() not in walked.effects
    assert isinstance(view(walked.state), MessageView)
    walked(Touched("show-now"), RecordWhole(WHOLE))
    shown = view(walked.state)
    assert isinstance(shown, FactsView)
    assert "58,350.00" in [fact.unread for fact in shown.facts]
    assert "58,350.00" not in heard(walked.state)
    walked.wait(10)
    assert _whole(walked) == ()


@pytest.mark.parametrize("touch", ["cover", "help", "language", "hide", "print"])
def test_a_page_that_is_not_shown_any_more_holds_no_whole_line(walk: Go, touch: str) -> None:
    walked = looked_up(walk(ASKED))(Touched("show-whole"), Touched("show-now"), RecordWhole(WHOLE))
    assert _whole(walked)
    walked(Touched(touch))
    assert _whole(walked) == ()


def _whole(walked: Walk) -> tuple[RecordLine, ...]:
    session = walked.state.session
    held = [page.whole for page in (*session.trail, session.page) if isinstance(page, pages.Record)]
    return tuple(line for lines in held for line in lines)


def test_whole_lines_that_come_too_late_are_not_taken(walk: Go) -> None:
    walked = looked_up(walk(ASKED))(Touched("show-whole"), Touched("show-now"), Touched("cover"), RecordWhole(WHOLE))
    assert _whole(walked) == ()


def test_a_result_that_nobody_touches_is_covered_in_fifteen_seconds(walk: Go) -> None:
    walked = looked_up(walk(ASKED)).wait(14)
    assert isinstance(walked.state.session.page, pages.Record)
    walked.wait(2)
    assert isinstance(walked.state.session.page, pages.Covered)
    walked(Touched("uncover"))
    assert isinstance(walked.state.session.page, pages.Record)


def test_the_paper_is_written_by_the_reading_process_and_taken_away(walk: Go) -> None:
    walked = looked_up(walk(ASKED))(Touched("print"), Touched("print"))
    jobs = [effect for effect in walked.effects if isinstance(effect, PrintRecord)]
    assert len(jobs) == 1
    assert not [effect for effect in walked.effects if isinstance(effect, Print)]
    walked(events.PrintEnded(jobs[0].job, "printed"))
    assert walked.state.session.page == pages.TakeAway("M021", jobs[0].job)
    walked(Touched("taken"))
    assert walked.state.session.page == pages.Rate(pages.Visit("job", jobs[0].job))
    walked(Touched("skip"))
    assert EndSession() in walked.effects


def test_paper_that_did_not_come_leads_to_a_window(walk: Go) -> None:
    walked = looked_up(walk(ASKED))(Touched("print"))
    (job,) = [effect.job for effect in walked.effects if isinstance(effect, PrintRecord)]
    walked(events.PrintEnded(job, "failed", "jam"), Touched("take-ticket"))
    assert isinstance(walked.state.session.page, pages.Confirm)
    assert walked.state.session.page.matters == ("M021",)


def test_without_paper_a_window_is_offered_and_no_print(walk: Go) -> None:
    walked = looked_up(walk([*ASKED, events.DeviceChanged("printer", "degraded", "paper-out")]))
    shown = view(walked.state)
    assert isinstance(shown, FactsView)
    assert "print" not in {action.action for action in shown.actions}
    walked(Touched("print"))
    assert not [effect for effect in walked.effects if isinstance(effect, PrintRecord)]


@pytest.mark.parametrize("code", ["office-away", "nothing-on-record", "other-person", "record-too-long"])
def test_no_record_is_said_in_a_sentence_with_a_number_instead(walk: Go, code: str) -> None:
    walked = walk(ASKED)
    walked(Replied(said_no(walked.wish, code)))
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert shown.actions[0].action == "take-ticket"
    walked(Touched("take-ticket"))
    assert isinstance(walked.state.session.page, pages.Confirm)


def test_a_box_that_does_not_open_shows_nothing(walk: Go) -> None:
    walked = walk(ASKED)
    walked(Replied(wire.RecordReply(id=walked.wish, matter="M021", box="x")), RecordTrouble("bad-box"))
    assert walked.state.session.page == pages.CannotLookUp("unopened", "M021")
    walked(Touched("again"))
    assert isinstance(walked.state.session.page, pages.Consent)


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        (events.LinkChanged(up=False), "offline"),
        (events.DeviceChanged("idcard", "absent", "no-answer"), "reader"),
    ],
)
def test_what_cannot_be_looked_up_now_is_said_before_anything_is_asked(
    walk: Go, happened: events.Event, why: str
) -> None:
    walked = walk([*TO_PLAIN[:2], happened, TO_PLAIN[2]], ends_on=pages.CannotLookUp)
    assert walked.state.session.page == pages.CannotLookUp(why, "M021")  # type: ignore[arg-type]
    walked(Touched("take-ticket"))
    assert isinstance(walked.state.session.page, pages.Confirm)


def test_who_would_take_a_number_for_it_is_offered_it_here(walk: Go) -> None:
    confirm = [Touched("take-ticket"), Touched("matter", "M021")]
    walked = walk([*confirm, Touched("self-service")], ends_on=pages.Consent)
    assert sent(walked) == []
    walk([*confirm, events.DeviceChanged("idcard", "absent", "x"), Touched("self-service")], ends_on=pages.Confirm)


def test_a_second_card_on_a_result_begins_nothing(walk: Go) -> None:
    walked = looked_up(walk(ASKED))
    walked(events.CardGone(), replace(CARD, person="b3RoZXI="), CodeRead("12345678"))
    assert isinstance(walked.state.session.page, pages.Record)
    assert len(sent(walked)) == 1


def test_the_end_of_the_session_forgets_record_and_card(walk: Go) -> None:
    walked = looked_up(walk(ASKED))(Touched("show-whole"), Touched("show-now"), RecordWhole(WHOLE))
    walked(events.CardGone(), Touched("home"))
    left = repr(walked.state) + "".join(str(getattr(walked.state.session, name)) for name in ("laid", "card", "trail"))
    assert walked.state.session.laid == ""
    assert "58,350.00" not in left
    assert isinstance(walked.state.session.page, pages.Start)


def test_a_record_of_who_has_left_is_opened_by_nobody(walk: Go) -> None:
    walked = walk(ASKED)
    wish = walked.wish
    walked(
        events.CardGone(),
        Touched("home"),
        Replied(wire.RecordReply(id=wish, matter="M021", box="x")),
        RecordOpened(MASKED),
    )
    assert isinstance(walked.state.session.page, pages.Start)
    assert not [effect for effect in walked.effects if isinstance(effect, OpenRecord)]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["cover", "uncover", "show-whole", "show-now", "hide", "print", "whole", "tick", "back"]))
)
def test_whatever_is_touched_a_whole_line_is_only_in_the_page_that_is_shown(touches: list[str]) -> None:
    site = Site("demo", "演示大厅", "http://127.0.0.1:8080", "演示街道", "021-0000 0000", "周一至周五")
    walked = looked_up(Walk(site).ready()(*ASKED))
    for touch in touches:
        if touch == "whole":
            walked(RecordWhole(WHOLE))
        elif touch == "tick":
            walked.wait(11)
        else:
            walked(Touched(touch))
        behind = [page for page in walked.state.session.trail if isinstance(page, pages.Record)]
        assert not any(page.whole for page in behind)
        assert "58,350.00" not in heard(walked.state)


@pytest.mark.parametrize(("shown", "said"), [("张*", "星号"), ("****1234", "星号"), ("正常", "正常")])
def test_masked_signs_are_spoken_as_masked(shown: str, said: str) -> None:
    assert aloud(shown, "zh-Hans") == said
