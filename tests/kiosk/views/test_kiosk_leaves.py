"""The small panel's leaves: all of a page stands on them, each fits its card, and every next step is on one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk import events
from kiosk.events import Touched
from kiosk.flow import Site, State
from kiosk.scenes import CARD, TAKE, Walk, scenes, ticket
from kiosk.text import NAMES, words
from kiosk.views import (
    Button,
    CodeView,
    ConfirmView,
    FactsView,
    LeafView,
    ListView,
    MessageView,
    TicketView,
    View,
    view,
    whole_page,
)
from kiosk.views.choose import packed
from kiosk.views.leaves import BESIDE, LINES, LONE_EM, WIDE_EM, Line, divided, lines_of, waited
from kiosk.views.parts import Waiting

SMALL = Site("demo", "Demo kiosk", "http://127.0.0.1:8080", "Demo street", "021-0000 0000", "Mon to Fri", compact=True)
STATES = scenes(SMALL)
LOOKS = [(lang, elder) for lang in NAMES for elder in (False, True)]


def looked(state: State, lang: str, *, elder: bool) -> State:
    return replace(state, session=replace(state.session, lang=lang, elder=elder, leaf=0))  # type: ignore[arg-type]


def leaves(state: State) -> Iterator[View]:
    """Every leaf of the page of ``state``."""
    first = view(state)
    yield first
    for leaf in range(1, getattr(first, "leaves", 1)):
        yield view(state.with_leaf(leaf))


def drawn(page: View) -> str:
    """What stands on a leaf, without its blanks: a sentence may go on on the next."""
    lines = page.lines if isinstance(page, LeafView) else ()
    return "".join("".join(line.drawn.split()) for line in lines)


@pytest.mark.parametrize(("lang", "elder"), LOOKS)
def test_every_leaf_fits_its_card_in_the_least_letters_of_what_is_needed(lang: str, *, elder: bool) -> None:
    for name, state in STATES.items():
        for page in leaves(looked(state, lang, elder=elder)):
            if isinstance(page, LeafView):
                high = sum(lines_of(line, WIDE_EM if page.actions else LONE_EM) for line in page.lines)
                assert high <= LINES, (name, page.lines)
                assert len(page.actions) <= (BESIDE if page.lines else 4), name


@pytest.mark.parametrize("lang", NAMES)
def test_nothing_of_a_page_is_left_out(lang: str) -> None:
    """Its sentences, its lines, its notes: on one leaf or another."""
    for name, state in STATES.items():
        seen = looked(state, lang, elder=False)
        whole = whole_page(seen, words(lang))
        match whole:
            case MessageView():
                wanted = [whole.sentence, whole.large, whole.detail]
            case FactsView():
                facts = [part for fact in whole.facts for part in (fact.label, fact.text or fact.unread)]
                wanted = [whole.large, whole.state, whole.note, *facts]
            case ConfirmView():
                wanted = [whole.name, whole.heading, *(paper.text for paper in whole.materials)]
            case CodeView():
                wanted = [whole.large if whole.large_note else "", *whole.lines]
            case TicketView():
                wanted = [whole.note, whole.kind, whole.promise, whole.away]
            case ListView() if not whole.tiles:
                wanted = [whole.note]
            case _:
                continue
        told = "".join(drawn(page) for page in leaves(seen))
        assert [part for part in wanted if "".join(part.split()) not in told] == [], name


@pytest.mark.parametrize("lang", NAMES)
def test_every_next_step_of_a_page_stands_on_a_leaf(lang: str) -> None:
    for name, state in STATES.items():
        seen = looked(state, lang, elder=False)
        whole = whole_page(seen, words(lang))
        if isinstance(whole, MessageView | FactsView | ConfirmView | CodeView | TicketView):
            offered = {button.action for page in leaves(seen) for button in page.actions}  # type: ignore[union-attr]
            missing = {button.action for button in whole.actions} - offered
            assert missing <= {"leave"}, name  # the last leaf of a ticket may leave the end of it to the first


def test_yes_and_no_to_what_is_read_stand_beside_each_other_and_behind_all_that_is_asked() -> None:
    for lang, elder in LOOKS:
        pages = list(leaves(looked(STATES["consent-sensitive"], lang, elder=elder)))
        *before, last = ({button.action for button in page.actions} for page in pages)  # type: ignore[union-attr]
        assert last == {"disagree", "agree"}
        assert not any(actions & {"disagree", "agree"} for actions in before)


def test_what_helps_most_is_on_the_first_leaf_and_what_is_out_of_use_is_not() -> None:
    first = view(STATES["confirm"])
    assert isinstance(first, LeafView)
    assert [button.action for button in first.actions] == ["take", "leaf"]
    paperless = view(STATES["confirm-no-paper"])
    assert isinstance(paperless, LeafView)
    assert [button.action for button in paperless.actions] == ["take-without-paper", "leaf"]


def test_back_leads_a_leaf_back_before_it_leaves_the_page() -> None:
    walk = Walk(SMALL).ready()(*TAKE[:2])
    walk(Touched("leaf", "1"))
    assert walk.state.session.leaf == 1
    page = walk.state.session.page
    walk(Touched("back"))
    assert (walk.state.session.leaf, walk.state.session.page) == (0, page)
    walk(Touched("back"))
    assert walk.state.session.page != page


def test_a_page_begins_with_its_first_leaf_and_a_language_begins_it_anew() -> None:
    walk = Walk(SMALL).ready()(*TAKE[:2], Touched("leaf", "1"))
    walk(Touched("missing"))
    assert walk.state.session.leaf == 0
    walk(Touched("leaf", "1"), Touched("elder"))
    assert walk.state.session.leaf == 0


def test_news_of_a_page_leave_its_leaf_as_it_is() -> None:
    walk = Walk(SMALL).ready()(*TAKE)
    walk(events.Replied(ticket(walk.wish)), Touched("leaf", "1"))
    walk(events.PrintEnded(walk.job, "printed")).wait(3)
    assert walk.state.session.leaf == 1


def test_from_a_ticket_that_is_done_one_may_still_come_back_to_its_number() -> None:
    walk = Walk(SMALL).ready()(CARD)
    walk(events.Replied(ticket(walk.wish, booked=True)))
    assert not view(walk.state).frame.bar[0].enabled
    walk(Touched("leaf", "1"))
    assert view(walk.state).frame.bar[0].enabled
    walk(Touched("back"))
    assert isinstance(view(walk.state), TicketView)


def test_a_long_sentence_goes_on_on_the_next_leaf_after_a_stop() -> None:
    sentence = "第一句话说的是这件事情的来由。第二句话说的是应当怎么办。第三句话说的是到哪里去问。第四句话说完了。" * 2
    parts = [line.words for leaf in divided((Line("", sentence),)) for line in leaf]
    assert "".join(parts) == sentence
    assert all(part.endswith("。") for part in parts)
    assert all(lines_of(Line("", part), WIDE_EM) <= LINES for part in parts)


def test_a_wait_is_one_line_or_two_and_never_torn() -> None:
    short = Waiting(5, 8, 15, "前面 5 人", "几乎不用等")
    assert [line.words for line in waited(short, None, 12)] == ["前面 5 人  几乎不用等"]
    assert [line.words for line in waited(short, None, 8)] == ["前面 5 人", "几乎不用等"]


def test_a_list_holds_four_names_or_two_that_are_long() -> None:
    state = STATES["choose"]
    short, long = Button("matter", "敬老卡申领"), Button("matter", "听力、言语残疾人信息卡套餐服务申请")
    assert [len(leaf) for leaf in packed(state, (short,) * 9)] == [4, 4, 1]
    assert [len(leaf) for leaf in packed(state, (short, long, *(short,) * 5))] == [2, 4, 1]
    assert packed(state, ()) == ((),)
