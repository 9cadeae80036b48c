"""What is shown of a forecast: fresh ones, else the plain sums; a new ticket's answer never waits for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from queue_server.domain import estimate
from queue_server.domain.answers import TicketAnswer
from queue_server.domain.hall import answer
from queue_server.domain.messages import CheckIn, TakeTicket
from queue_server.domain.model import Kind
from queue_server.forecast.child import report
from queue_server.forecast.foretold import FRESH_S, Foretold, Table
from queue_server.forecast.hindsight import Hindsight
from queue_server.forecast.line import table_of
from queue_server.herald import outlook_of
from queue_server.http.alarms_view import console_alarms
from queue_server.http.board import board_view
from queue_server.http.counter_view import counter_view
from queue_server.http.ticket_view import ticket_view

MakeMorning = Callable[..., Any]


def busy(morning: MakeMorning) -> Any:
    """One window, one citizen at it, four waiting."""
    here = morning({"1": ("*",), "2": ()})
    here.open("1")
    here.take()
    here.call("1")
    for _ in range(4):
        here.take()
    return here


def published(here: Any) -> Foretold:
    foretold = Foretold()
    foretold.hindsights["hall"] = Hindsight()
    foretold.publish("hall", table_of(here.hall, foretold.hindsights["hall"], report(here.scene())))
    return foretold


def last_answer(here: Any, kind: Any, **fields: Any) -> TicketAnswer:
    command = kind(id="x", by="kiosk:k1", token="t" * 22, **fields)
    before = len(here.events)
    here.do(kind, token="t" * 22, **fields)
    given = answer(here.hall, command, here.events[before:])
    assert isinstance(given, TicketAnswer)
    return given


def test_a_fresh_forecast_is_shown_and_an_old_one_is_not(morning: MakeMorning) -> None:
    here = busy(morning)
    foretold = published(here)
    ticket = next(iter(foretold.table("hall", here.now).waits))  # type: ignore[union-attr]  # just published
    span = foretold.table("hall", here.now).waits[ticket]  # type: ignore[union-attr]
    assert foretold.wait_range(here.hall, ticket, here.now) == (round(span.p50 * 60), round(span.p90 * 60))
    here.wait(0.5)
    low, _ = foretold.wait_range(here.hall, ticket, here.now)
    assert low == max(0, round(span.p50 * 60 - 30)), "half a minute has passed"
    here.now += timedelta(seconds=FRESH_S)
    assert foretold.wait_range(here.hall, ticket, here.now) == estimate.wait_range(here.hall, ticket, here.now)
    assert foretold.outlook(here.hall, here.now) == estimate.outlook(here.hall, here.now)


def test_board_kiosk_phone_and_window_show_the_forecast(morning: MakeMorning) -> None:
    here = busy(morning)
    foretold = published(here)
    ours = next(g for g in foretold.outlook(here.hall, here.now).groups if g.group == "A")
    for groups in (outlook_of(here.hall, here.now, foretold).groups, board_view(here.hall, here.now, foretold).groups):
        assert next(g for g in groups if g.group == "A").waiting == 4
    assert board_view(here.hall, here.now, foretold).groups[0].low == ours.wait_p50_s // 60
    ticket = here.hall.tickets[max(here.hall.tickets)]
    watch = console_alarms(here.hall, "1", {}, "staff:1")
    console = counter_view(here.hall, "1", "1", here.now, None, watch, foretold=foretold)
    assert console.next[0].wait_zh.startswith("约 ")
    assert counter_view(here.hall, "1", "1", here.now, None, watch).next[0].wait_zh == ""
    view = ticket_view(here.hall, ticket, here.now, foretold)
    assert view.low == foretold.wait_range(here.hall, ticket.id, here.now)[0] // 60


def test_a_new_ticket_is_answered_from_the_last_look(morning: MakeMorning) -> None:
    here = busy(morning)
    foretold = published(here)
    plain = last_answer(here, TakeTicket, matters=("card",))
    shown = foretold.shown(here.hall, plain)
    assert isinstance(shown, TicketAnswer)
    matter = here.plan.matters["card"]
    span, _ = foretold.walk_in(here.hall, matter, here.now)  # type: ignore[misc]  # just published
    assert (shown.wait_p50_s, shown.wait_p90_s) == (round(span.p50 * 60), round(span.p90 * 60))
    assert replace(shown, wait_p50_s=0, wait_p90_s=0) == replace(plain, wait_p50_s=0, wait_p90_s=0)
    assert foretold.hindsights["hall"].given[plain.ticket_id].by_forecast


def test_without_a_fresh_look_the_answer_is_the_plain_sum_and_still_measured(morning: MakeMorning) -> None:
    here = busy(morning)
    foretold = published(here)
    here.now += timedelta(seconds=FRESH_S + 1)
    plain = last_answer(here, TakeTicket, matters=("card",))
    assert foretold.shown(here.hall, plain) is plain
    assert not foretold.hindsights["hall"].given[plain.ticket_id].by_forecast
    assert Foretold().shown(here.hall, plain) is plain, "a hall nothing is known of"


def test_a_booked_citizen_who_is_early_is_told_the_time_from_now(morning: MakeMorning) -> None:
    here = busy(morning)
    code = here.book(here.now + timedelta(minutes=30))
    here.wait(18)
    foretold = published(here)
    shown = foretold.shown(here.hall, last_answer(here, CheckIn, code=code))
    assert isinstance(shown, TicketAnswer)
    assert 0 <= shown.wait_p50_s <= shown.wait_p90_s
    assert shown.wait_p90_s >= 12 * 60 or shown.wait_p50_s < 10 * 60, "from the slot, or called early"


def test_a_forecast_that_stumbles_costs_no_ticket(morning: MakeMorning) -> None:
    here = busy(morning)
    foretold = published(here)
    foretold.publish("hall", Table(here.now, {}, {"broken": None}, {}))  # type: ignore[dict-item]  # the point of it
    foretold.hindsights["hall"].stretch.pop(Kind.WALK_IN)
    plain = last_answer(here, TakeTicket, matters=("card",))
    assert foretold.shown(here.hall, plain) is plain
