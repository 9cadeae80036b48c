"""好差评 as walks: no default, reasons after the choice, nothing sent before 提交, and gone after fifteen seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk import events
from kiosk.effects import EndSession, Send
from kiosk.events import CodeRead, LinkChanged, Replied, Touched
from kiosk.flow import pages, rating
from kiosk.flow.rating import LEAVES_S
from kiosk.scenes import TAKE, TOKEN, Walk, scenes
from kiosk.views import RateView, view
from queue_server.wire import messages as wire
from queue_server.wire.people import BAD, REASONS
from tests.kiosk.hearing import heard

NewWalk = Callable[[], Walk]
CODE = CodeRead(f"http://127.0.0.1:8080/t/demo/20261120/A023/{TOKEN}")


def page(walked: Walk) -> pages.Page:
    return walked.state.session.page


def sent(walked: Walk) -> list[wire.Rate]:
    return [e.request for e in walked.effects if isinstance(e, Send) and isinstance(e.request, wire.Rate)]


@pytest.fixture
def ways(new_walk: NewWalk) -> Walk:
    """At the question which visit."""
    walked = new_walk()
    walked.state = walked.state.go(pages.RateWays())
    return walked


def typed(keys: str) -> list[events.Event]:
    return [Touched("key", "enter" if key == "=" else key) for key in keys]


def choose(walked: Walk, level: int, *reasons: str) -> Walk:
    walked(Touched("level", str(level))).wait(1)
    return walked(*(Touched("reason", reason) for reason in reasons))


def test_the_five_words_stand_in_their_order_none_of_them_chosen_and_skip_is_their_equal(ways: Walk) -> None:
    now = view(ways(CODE).state)
    assert isinstance(now, RateView)
    assert [c.label for c in now.choices] == ["非常满意", "满意", "基本满意", "不满意", "非常不满意", "跳过"]
    assert {c.tone for c in now.choices} == {"plain"}
    assert all(c.icon for c in now.choices)


def test_a_scanned_ticket_is_rated_with_its_reasons(ways: Walk) -> None:
    ways(CODE)
    choose(ways, 2, "unkind", "long-wait")(Touched("submit"))
    (rate,) = sent(ways)
    assert (rate.of, rate.subject, rate.token) == ("ticket", "2026-11-20-A023", TOKEN)
    assert (rate.level, rate.reasons) == (2, ["long-wait", "unkind"])
    assert "正在送出" in heard(ways.state)
    ways(Replied(wire.RatedReply(id=rate.id)))
    assert "专人处理" in heard(ways.state)


def test_a_typed_number_is_of_today_and_proves_nothing(ways: Walk) -> None:
    ways(Touched("rate-number"), *typed("5A0B23="))
    assert isinstance(page(ways), pages.Rate), "a digit first and a second letter mean nothing"
    choose(ways, 5)(Touched("submit"))
    (rate,) = sent(ways)
    assert (rate.subject, rate.token, rate.reasons) == ("2026-11-20-A023", None, [])


def test_a_number_is_erased_and_a_short_one_not_entered(ways: Walk) -> None:
    ways(Touched("rate-number"), *typed("A02="), Touched("key", "erase"), Touched("key", "erase"))
    assert page(ways) == pages.RateNumber("A")
    ways(Touched("key", "clear"))
    assert page(ways) == pages.RateNumber("")


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("https://example.org/", "not-a-ticket"),
        ("20471234", "not-a-ticket"),
        (f"http://127.0.0.1:8080/t/other/20261120/A023/{TOKEN}", "other-hall"),
    ],
)
def test_another_code_is_said_to_be_none_and_starts_nothing(ways: Walk, text: str, trouble: str) -> None:
    ways(CodeRead(text))
    assert page(ways) == pages.RateWays(trouble)
    assert [e for e in ways.effects if isinstance(e, Send)] == []
    ways(CODE)
    assert isinstance(page(ways), pages.Rate)


def test_a_double_tap_chooses_once_and_sends_nothing(ways: Walk) -> None:
    ways(CODE, Touched("level", "1"), Touched("submit"), Touched("reason", "long-wait"), Touched("skip"))
    assert isinstance(page(ways), pages.RateReasons)
    assert page(ways).chosen == frozenset()  # type: ignore[union-attr]
    ways.wait(1)(Touched("submit"), Touched("submit"))
    assert len(sent(ways)) == 1


def test_a_reason_is_taken_back_and_one_of_another_level_is_none(ways: Walk) -> None:
    choose(ways(CODE), 5, "quick", "quick", "unkind", "clear")(Touched("submit"))
    assert sent(ways)[0].reasons == ["clear"]


def test_the_level_may_be_chosen_anew(ways: Walk) -> None:
    choose(ways(CODE), 5)(Touched("back"))
    choose(ways, 3)(Touched("submit"))
    assert [rate.level for rate in sent(ways)] == [3]


@pytest.mark.parametrize("level", [None, 1, 5])
def test_skip_and_silence_leave_it_unrated(new_walk: NewWalk, level: int | None) -> None:
    for skip in (True, False):
        walked = new_walk()
        walked.state = rating.of_job(walked.state, "job-17")
        if level is not None:
            choose(walked, level)
        if skip:
            walked(Touched("skip"))
        else:
            walked.wait(LEAVES_S - 2)
            assert not isinstance(page(walked), pages.Start)
            walked.wait(2)
        assert page(walked) == pages.Start()
        assert sent(walked) == []
        assert isinstance(walked.effects[-1], EndSession)


def test_elders_have_twice_the_time(ways: Walk) -> None:
    ways(CODE, Touched("elder")).wait(LEAVES_S + 5)
    assert isinstance(page(ways), pages.Rate)
    ways.wait(LEAVES_S)
    assert page(ways) == pages.Start()


def test_without_a_line_it_is_kept_and_said_so(ways: Walk) -> None:
    choose(ways(CODE, LinkChanged(up=False)), 4)(Touched("submit"))
    assert len(sent(ways)) == 1, "into the outbox, which keeps it for days"
    assert "已存在本机" in heard(ways.state)


def test_what_the_hall_says_against_it_is_shown(ways: Walk) -> None:
    choose(ways(CODE), 4)(Touched("submit"))
    no = wire.RefusedReply(id=sent(ways)[0].id, code="already-rated", zh="已经评价过了。", en="Rated already.")
    assert "已经评价过了" in heard(ways(Replied(no)).state)


def test_an_answer_that_comes_after_they_left_shows_nothing(ways: Walk) -> None:
    choose(ways(CODE), 4)(Touched("submit"), Touched("leave"))
    ways(Replied(wire.RatedReply(id=sent(ways)[0].id)))
    assert page(ways) == pages.Start()
    assert ways.state.kiosk.notice is None


def test_no_card_and_no_code_disturbs_the_question(ways: Walk) -> None:
    ways(CODE, events.CardRead("张*", "1234", "c2VhbGVk"), CodeRead("20471234"))
    assert isinstance(page(ways), pages.Rate)


def test_every_reason_has_words_and_the_bad_levels_are_the_last_two() -> None:
    from kiosk.views.rating import _REASONS, LEVELS  # noqa: PLC0415  (its private table)

    assert {reason for reasons in REASONS.values() for reason in reasons} == set(_REASONS)
    assert [level for level in LEVELS if level <= BAD] == [2, 1]


def test_a_tickets_code_on_the_first_page_leads_to_its_progress_and_from_a_visit_that_is_done_to_its_rating(
    new_walk: NewWalk,
) -> None:
    walked = new_walk()(CODE)
    assert isinstance(page(walked), pages.Asking)
    walked.state = scenes(walked.state.kiosk.site)["progress-done"]
    walked(Touched("rate"), CODE)
    assert isinstance(page(walked), pages.Rate)


def test_no_second_question_above_one_or_above_a_ticket(walk: Callable[..., Walk]) -> None:
    walked = walk([*TAKE, Touched("rate")])
    assert isinstance(page(walked), pages.Asking)
