"""A later time instead of a number now: days, slots, a card on the way, somebody faster, a link that is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from kiosk import events
from kiosk.effects import Print, Send
from kiosk.events import CardRead, CodeRead, Event, Replied, Touched
from kiosk.flow import pages
from kiosk.flow.asking import QUESTION_S
from kiosk.resend import PATIENCE_QUESTION
from kiosk.scenes import CARD, NOW, TAKE, Walk, outlook, refused, ticket
from kiosk.scenes.booking import MONDAY, booked_reply, days_reply, marked_catalogue, slot, slots_reply, waiting_reply
from kiosk.views import CodeView, ConfirmView, ListView, MessageView, view
from queue_server.wire import messages as wire
from tests.kiosk.hearing import heard

Go = Callable[..., Walk]
TUESDAY = MONDAY + timedelta(days=1)
AT_NINE = slot(TUESDAY, 9)
OTHER_CARD = CardRead("李*", "5678", "YW5vdGhlcg")


def sent(walked: Walk, kind: type = object) -> list[wire.AnyRequest]:
    return [x.request for x in walked.effects if isinstance(x, Send) and isinstance(x.request, kind)]


def printed(walked: Walk) -> list[str]:
    slips = [effect.slip for effect in walked.effects if isinstance(effect, Print)]
    return ["\n".join(getattr(item, "text", getattr(item, "data", "")) for item in slip.items) for slip in slips]


def page(walked: Walk) -> pages.Page:
    return walked.state.session.page


def at_days(walk: Go, *before: Event) -> Walk:
    walked = walk([*before, *TAKE[:2], Touched("book")], ends_on=pages.Asking)
    return walked(Replied(days_reply(walked.wish)))


def at_slots(walk: Go, *before: Event) -> Walk:
    walked = at_days(walk, *before)(Touched("day", TUESDAY.isoformat()))
    return walked(Replied(slots_reply(walked.wish)))


def at_confirm(walk: Go, *before: Event) -> Walk:
    return at_slots(walk, *before)(Touched("slot", AT_NINE.isoformat()))


# --- the way there -----------------------------------------------------------------------------------------


def test_a_time_is_booked_without_any_paper_of_the_citizen(walk: Go) -> None:
    walked = at_confirm(walk)(Touched("book-now"))
    days, slots, book = sent(walked)
    assert isinstance(days, wire.AskDays)
    assert isinstance(slots, wire.AskSlots)
    assert (slots.matters, slots.day) == (["M034"], TUESDAY)
    assert isinstance(book, wire.Book)
    assert (book.matters, book.slot_start, book.person, book.origin) == (["M034"], AT_NINE, None, "on-site")
    walked(Replied(booked_reply(walked.wish)))
    assert isinstance(page(walked), pages.Booked)
    assert len(printed(walked)) == 1
    for word in ("2047 1234", "http://127.0.0.1:8080/b/demo/ap7hQ2/20471234", "09:15", "社会保障卡申领"):
        assert word in printed(walked)[0]


def test_back_leads_the_way_it_came(walk: Go) -> None:
    walked = at_confirm(walk)
    kinds = []
    for _ in range(5):
        kinds.append(type(page(walked)))
        walked(Touched("back"))
    assert kinds == [pages.BookConfirm, pages.Slots, pages.Days, pages.Confirm, pages.Hot]


def test_a_question_can_be_dropped_and_its_answer_changes_nothing(walk: Go) -> None:
    walked = walk([*TAKE[:2], Touched("book")])
    wish = walked.wish
    walked(Touched("back"))
    assert isinstance(page(walked), pages.Confirm)
    walked(Replied(days_reply(wish)))
    assert isinstance(page(walked), pages.Confirm)


def test_a_booking_on_its_way_cannot_be_gone_back_from(walk: Go) -> None:
    walked = at_confirm(walk)(Touched("book-now"), Touched("back"))
    assert isinstance(page(walked), pages.Asking)


def test_tapping_many_times_books_once(walk: Go) -> None:
    walked = at_confirm(walk)(*(Touched("book-now") for _ in range(7)))
    reply = booked_reply(walked.wish)
    walked(Replied(reply), Replied(reply))
    assert len(sent(walked, wire.Book)) == len(printed(walked)) == 1


@pytest.mark.parametrize("day", ["2026-11-20", "2026-12-31", "", "x"])
def test_a_day_without_places_or_unknown_leads_nowhere(walk: Go, day: str) -> None:
    walked = at_days(walk)(Touched("day", day))
    assert isinstance(page(walked), pages.Days)


def test_a_slot_that_is_full_cannot_be_chosen(walk: Go) -> None:
    walked = at_slots(walk)
    full = next(one for one in slots_reply("x").slots if not one.free)
    walked(Touched("slot", full.start.isoformat()))
    assert isinstance(page(walked), pages.Slots)


def test_help_opened_meanwhile_stays_above_the_answer(walk: Go) -> None:
    walked = walk([*TAKE[:2], Touched("book"), Touched("help")])
    walked(Replied(days_reply(walked.wish)))
    assert isinstance(page(walked), pages.Help)
    walked(Touched("back"))
    assert isinstance(page(walked), pages.Days)


# --- a card on the way -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reach", [at_days, at_slots, at_confirm])
def test_a_card_laid_down_while_booking_is_for_the_booking(walk: Go, reach: Callable[[Go], Walk]) -> None:
    walked = reach(walk)
    before = type(page(walked))
    walked(CARD)
    assert type(page(walked)) is before
    assert sent(walked, wire.CheckIn) == []
    assert walked.state.session.person == CARD.person
    assert "c2VhbGVk" not in repr(walked.state)


def test_the_card_goes_with_the_booking_and_its_name_shows_five_seconds(walk: Go) -> None:
    walked = at_confirm(walk)(CARD)
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert "张* 尾号 1234" in shown.detail
    later = view(walked.wait(6).state)
    assert isinstance(later, MessageView)
    assert "张" not in later.detail
    walked(Touched("book-now"))
    (book,) = sent(walked, wire.Book)
    assert book.person == CARD.person  # type: ignore[union-attr]


def test_who_laid_down_a_card_may_still_book_without_it(walk: Go) -> None:
    walked = at_confirm(walk)(CARD, Touched("book-nameless"))
    (book,) = sent(walked, wire.Book)
    assert book.person is None  # type: ignore[union-attr]


def test_the_card_that_found_no_booking_is_remembered_for_the_new_one(walk: Go) -> None:
    walked = walk([CARD])
    walked(Replied(refused(walked.wish, "no-appointment", "没有", "none")), Touched("book"))
    assert isinstance(page(walked), pages.Hot)
    assert walked.state.session.later
    walked(TAKE[1], Touched("book"))
    walked(Replied(days_reply(walked.wish)), Touched("day", TUESDAY.isoformat()))
    walked(Replied(slots_reply(walked.wish)), Touched("slot", AT_NINE.isoformat()), Touched("book-now"))
    (book,) = sent(walked, wire.Book)
    assert book.person == CARD.person  # type: ignore[union-attr]


def test_a_typed_number_goes_back_to_the_booking(walk: Go) -> None:
    walked = at_confirm(walk)(Touched("type-number"), events.TypedProgress(18), events.TypedRead("1234", "sealed"))
    assert isinstance(page(walked), pages.BookConfirm)
    assert walked.state.session.person == "sealed"
    assert sent(walked, wire.CheckIn) == []


def test_a_card_that_is_not_read_is_said_where_it_is_wanted(walk: Go) -> None:
    walked = at_confirm(walk)(events.CardTrouble("replace-card"))
    assert isinstance(page(walked), pages.BookConfirm)
    assert page(walked).trouble == "replace-card"  # type: ignore[union-attr]
    walked(CARD)
    assert page(walked).trouble == ""  # type: ignore[union-attr]


def test_the_next_persons_card_ends_a_booking_that_is_done(walk: Go) -> None:
    walked = at_confirm(walk)(Touched("book-now"))
    walked(Replied(booked_reply(walked.wish)))
    job = page(walked).job  # type: ignore[union-attr]
    walked(OTHER_CARD)
    assert isinstance(page(walked), pages.Booked), "not while the slip is printing"
    walked(events.PrintEnded(job, "printed"), OTHER_CARD)
    assert isinstance(page(walked), pages.Start)
    assert walked.state.session.person is None


# --- no, and other troubles --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["slot-full", "no-such-slot"])
def test_when_somebody_was_faster_the_other_slots_are_shown_at_once(walk: Go, code: str) -> None:
    walked = at_confirm(walk)(CARD, Touched("book-now"))
    walked(Replied(refused(walked.wish, code, "满", "full")))
    assert isinstance(page(walked), pages.Asking)
    assert sent(walked)[-1].day == TUESDAY  # type: ignore[union-attr]
    walked(Replied(slots_reply(walked.wish)))
    assert isinstance(page(walked), pages.Slots)
    shown = view(walked.state)
    assert isinstance(shown, ListView)
    assert shown.heading.startswith("刚才的时段已被约走")
    assert walked.state.session.person == CARD.person, "the card need not be laid down again"
    walked(Touched("back"))
    assert isinstance(page(walked), pages.Days)


def test_who_has_booked_that_day_already_is_shown_when(walk: Go) -> None:
    walked = at_confirm(walk)(CARD, Touched("book-now"))
    no = refused(walked.wish, "already-booked", "您已约过", "You have one")
    walked(Replied(msgspec.structs.replace(no, facts={"slot": "2026-11-24 10:30"})))
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert shown.large == "11月24日 周二 10:30"
    walked(Touched("book"))
    assert isinstance(sent(walked)[-1], wire.AskDays)


def test_a_full_day_has_its_waiting_list_and_the_nearest_other(walk: Go) -> None:
    walked = at_days(walk)(Touched("day", MONDAY.isoformat()))
    full = page(walked)
    assert isinstance(full, pages.NoPlaces)
    assert full.nearest == slot(TUESDAY, 9, 15)
    walked(Touched("nearest"))
    assert isinstance(page(walked), pages.BookConfirm)
    walked(Touched("back"), CARD, Touched("wait"))
    request = sent(walked)[-1]
    assert isinstance(request, wire.JoinWaitingList)
    assert (request.day, request.person) == (MONDAY, CARD.person)
    walked(Replied(waiting_reply(walked.wish)))
    assert isinstance(page(walked), pages.OnList)
    assert "http://127.0.0.1:8080/w/demo/w7hQ2/99127734" in printed(walked)[0]


def test_a_lost_link_keeps_the_one_wish_and_says_so(walk: Go) -> None:
    walked = at_confirm(walk)(Touched("book-now"), events.LinkChanged(up=False)).wait(30)
    assert "不会重复预约" in heard(walked.state)
    walked(events.LinkChanged(up=True))
    walked(Replied(booked_reply(walked.wish)))
    assert isinstance(page(walked), pages.Booked)
    assert len(sent(walked, wire.Book)) == 1


def test_a_question_without_an_answer_is_given_up_in_a_minute_and_can_be_asked_again(walk: Go) -> None:
    assert PATIENCE_QUESTION.total_seconds() == QUESTION_S
    walked = walk([*TAKE[:2], Touched("book")])
    for _ in range(2):
        walked.wait(40)(Touched("more-time"))
    assert page(walked) == pages.Trouble("no-answer")
    walked(Touched("back"))
    assert isinstance(page(walked), pages.Confirm)


def test_who_leaves_before_the_answer_gets_the_slip_printed(walk: Go) -> None:
    walked = at_confirm(walk)(Touched("book-now"))
    wish = walked.wish
    walked(events.LinkChanged(up=False)).wait(8)(Touched("leave"), events.LinkChanged(up=True))
    reply = booked_reply(wish)
    walked(Replied(reply), Replied(reply))
    assert isinstance(page(walked), pages.Start)
    assert len(printed(walked)) == 1
    assert walked.state.kiosk.notice is not None
    assert walked.state.kiosk.notice.what == "booking"


def test_an_answer_from_before_a_restart_is_printed_as_a_reprint(walk: Go) -> None:
    walked = walk([Replied(booked_reply("01939f3c-0000-7000-8000-00000000ffff"))], ends_on=pages.Start)
    assert "补打 REPRINT" in printed(walked)[0]


@pytest.mark.parametrize(("result", "again"), [("printed", 0), ("failed", 1), ("unknown", 1)])
def test_a_slip_in_doubt_is_printed_once_more(walk: Go, result: str, again: int) -> None:
    walked = at_confirm(walk)(Touched("book-now"))
    walked(Replied(booked_reply(walked.wish)))
    for _ in range(2):
        walked(events.PrintEnded(page(walked).job, result), Touched("reprint"))  # type: ignore[union-attr]
    assert len(printed(walked)) == 1 + again


def test_a_sensitive_matter_is_not_named_on_paper(walk: Go) -> None:
    walked = at_confirm(walk)(Touched("book-now"))
    walked(Replied(msgspec.structs.replace(booked_reply(walked.wish), matters=["M048"])))
    assert "低保" not in printed(walked)[0]
    assert "最低生活" not in printed(walked)[0]
    assert "综合" in printed(walked)[0]


# --- the ways beside a number ------------------------------------------------------------------------------


def actions(walked: Walk) -> set[str]:
    shown = view(walked.state)
    assert isinstance(shown, ConfirmView)
    return {button.action for button in (*shown.actions, *shown.ways)}


def test_only_what_is_possible_is_offered(walk: Go) -> None:
    assert actions(walk(TAKE[:2])) == {"take", "take-without-paper", "missing", "book", "proxy"}
    assert "book" not in actions(walk([events.LinkChanged(up=False), *TAKE[:2]]))
    assert "book" not in actions(walk([Touched("take-ticket"), Touched("matter", "M074")])), "one does not book help"
    assert "missing" not in actions(walk([Touched("take-ticket"), Touched("matter", "M071")])), "nothing to bring"


def test_after_hours_a_time_is_booked_and_no_number_taken(walk: Go) -> None:
    closed = events.OutlookChanged(outlook(is_open=False))
    walked = walk([closed, Touched("book"), TAKE[1]], ends_on=pages.Confirm)
    assert not actions(walked) & {"take", "take-without-paper"}
    walked(Touched("take"), Touched("take-without-paper"))
    assert sent(walked) == []
    walked(Touched("book"))
    assert isinstance(sent(walked)[-1], wire.AskDays)


@pytest.mark.parametrize(
    ("place", "staffed", "offered"), [("", 3, False), ("视频窗口", 0, False), ("视频窗口", 1, True)]
)
def test_video_is_offered_where_there_is_a_place_for_it_and_somebody_at_it(
    new_walk: Callable[[], Walk], place: str, staffed: int, *, offered: bool
) -> None:
    walked = new_walk()
    kiosk = walked.state.kiosk
    site = replace(kiosk.site, remote_zh=place, remote_en=place and "the video window")
    walked.state = replace(walked.state, kiosk=replace(kiosk, site=site))
    walked(events.OutlookChanged(msgspec.structs.replace(outlook(), remote_open=staffed)), *TAKE[:2])
    assert ("take-remote" in actions(walked)) is offered
    walked(Touched("take-remote"))
    assert [request.place for request in sent(walked, wire.TakeTicket)] == (["remote"] if offered else [])
    if offered:
        walked(Replied(ticket(walked.wish)))
        assert "视频窗口" in printed(walked)[0]
        assert "二号等候区" not in printed(walked)[0]


def test_an_older_server_says_nothing_of_video_and_none_is_offered(walk: Go) -> None:
    assert "take-remote" not in actions(walk(TAKE[:2]))


def test_with_something_missing_there_are_three_ways(walk: Go) -> None:
    walked = walk([*TAKE[:2], Touched("missing")], ends_on=pages.Missing)
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert [button.action for button in shown.actions] == ["take", "book", "checklist"]
    walked(Touched("checklist"))
    code = view(walked.state)
    assert isinstance(code, CodeView)
    assert code.qr == "http://127.0.0.1:8080/m/M034?hall=demo&lang=zh"
    walked(Touched("back"), Touched("take"))
    assert isinstance(sent(walked)[-1], wire.TakeTicket)


def test_what_need_not_be_handed_in_says_why_and_what_may_follow_says_so(walk: Go) -> None:
    shown = view(walk([events.CatalogueChanged(marked_catalogue()), *TAKE[:2]]).state)
    assert isinstance(shown, ConfirmView)
    assert [(line.text, line.free, line.later) for line in shown.materials] == [
        ("身份证", False, False),
        ("证件照（可容缺，以后补）", False, True),
        ("户口簿（免交，有电子证照）", True, False),
    ]


def test_an_older_catalogue_still_has_its_checklist(walk: Go) -> None:
    old = marked_catalogue()
    matters = [msgspec.structs.replace(m, papers=[], materials_zh=["身份证", "户口簿(免交)"]) for m in old.matters]
    old = msgspec.structs.replace(old, matters=matters)
    shown = view(walk([events.CatalogueChanged(old), *TAKE[:2]]).state)
    assert isinstance(shown, ConfirmView)
    assert [(line.text, line.free) for line in shown.materials] == [("身份证", False), ("户口簿（免交）", True)]


# --- checking in -------------------------------------------------------------------------------------------


def test_a_code_of_another_hall_is_asked_for_by_its_own_id_and_answered_with_where_to_go(walk: Go) -> None:
    walked = walk([CodeRead("http://127.0.0.1:8080/b/other/ap-7/20471234")], ends_on=pages.Asking)
    (request,) = sent(walked)
    assert isinstance(request, wire.CheckIn)
    assert (request.appointment, request.code) == ("ap-7", None)
    no = refused(walked.wish, "wrong-hall", "您预约的是二厅", "Hall Two")
    walked(
        Replied(msgspec.structs.replace(no, facts={"hall": "二厅", "hall_en": "Hall Two", "address": "示例路 2 号"}))
    )
    shown = view(walked.state)
    assert isinstance(shown, MessageView)
    assert (shown.large, "示例路 2 号" in shown.detail) == ("二厅", True)


@pytest.mark.parametrize("up", [True, False])
def test_a_hall_that_nobody_here_knows_is_said_to_be_another(walk: Go, *, up: bool) -> None:
    walked = walk([events.LinkChanged(up=up), CodeRead("http://127.0.0.1:8080/b/other/ap-7/20471234")])
    if up:
        walked(Replied(refused(walked.wish, "unknown-appointment", "", "")))
    assert page(walked) == pages.Trouble("other-hall")


def test_the_third_wrong_number_leads_to_a_person(walk: Go) -> None:
    walked = walk([Touched("check-in"), Touched("type-number")])
    walked(events.TypedTrouble("bad-number"), events.TypedTrouble("too-short"), events.TypedTrouble("bad-date"))
    assert isinstance(page(walked), pages.TypeNumber), "too short is not wrong"
    walked(events.TypedTrouble("bad-number"))
    assert page(walked) == pages.Trouble("typed-thrice", 3)


def test_the_third_card_that_is_not_read_leads_to_a_person_first(walk: Go) -> None:
    first = [view(walk([events.CardTrouble("replace-card")] * n).state) for n in (1, 2, 3)]
    assert [shown.actions[0].action for shown in first] == ["type-number", "type-number", "help"]  # type: ignore[union-attr]


def test_who_came_too_late_is_offered_the_next_slot(walk: Go) -> None:
    walked = walk([CARD])
    later = NOW + timedelta(minutes=75)
    reply = msgspec.structs.replace(ticket(walked.wish), late=True, slot_start=NOW, next_slot=later)
    walked(Replied(reply), Touched("book-next"))
    assert page(walked) == pages.BookConfirm(("M034",), later, ticket="A023")
    walked(Touched("book-now"))
    walked(Replied(booked_reply(walked.wish)))
    shown = view(walked.state)
    assert isinstance(shown, CodeView)
    assert any("A023" in line for line in shown.lines), "the number of today still stands"
