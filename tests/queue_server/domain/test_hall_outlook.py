"""Who is next, how many calls before mine, how long; and snapshots that msgspec can carry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from queue_server.domain import dispatch, estimate
from queue_server.domain.alarms import all_wakes
from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.messages import (
    EVENTS,
    BeginIdentityCheck,
    CheckIn,
    LeaseBlock,
    PauseCounter,
    PauseTicket,
    RecordOfflineTicket,
    ResumeTicket,
)
from queue_server.domain.snapshot import Snapshot, freeze, thaw

# --- dispatch


def test_whose_line_is_near_goes_first(scene: Any) -> None:
    complex_one = scene.take("housing")  # half an hour at the window, due in 60 min
    scene.wait(minutes=5)
    walk_in = scene.take()  # due in 30
    scene.wait(minutes=5)
    priority = scene.take(priority_reason="disabled")  # due in 15
    scene.open("1")
    order = [c.ticket.id for c in dispatch.preview(scene.hall, "1", scene.now, 5)]
    assert order == [priority.id, walk_in.id, complex_one.id]


def test_a_hall_may_call_the_earliest_promise_first(make_scene: Any) -> None:
    scene = make_scene(dispatch=DispatchRules(policy="edf"))
    lost = scene.take("housing", priority_reason="disabled")
    scene.wait(minutes=40)
    scene.take("elder-card", priority_reason="disabled")
    scene.open("1")
    assert scene.call("1").id == lost.id


def test_equal_promises_go_by_arrival(scene: Any) -> None:
    tickets = [scene.take() for _ in range(5)]
    assert [c.ticket.id for c in dispatch.preview(scene.hall, "1", scene.now, 3)] == [t.id for t in tickets[:3]]


def test_the_preview_is_what_then_happens(scene: Any) -> None:
    scene.open("1")
    away = scene.take()
    scene.do(PauseTicket, ticket_id=away.id)
    appointment = scene.book("09:45")
    scene.do(CheckIn, token="t" * 22, appointment_id=appointment.id)
    for matters in (("housing",), ("elder-card",), ("medical",)):
        scene.take(*matters)
    scene.do(ResumeTicket, ticket_id=away.id)
    said = [c.ticket.number for c in dispatch.preview(scene.hall, "1", scene.now, 10)]
    called = []
    for _ in said:
        called.append(scene.call("1").number)
        scene.hall = thaw(freeze(scene.hall), scene.plan)
        scene.miss("1")
    # The waits in between change nothing before the slot begins.
    assert called == said
    assert len(said) == 5


def test_every_call_says_why(make_scene: Any) -> None:
    rules = DispatchRules(k1_walk_in=0.33, k2=0.8, eta=0.34, eps=0.1, gamma=0.61, w2=4, scarce_bonus=0.26)
    scene = make_scene(dispatch=rules)
    scene.open("3")
    scene.take("housing")
    scene.wait(minutes=4)
    scene.take("medical")
    scene.wait(minutes=3, milliseconds=600)
    scene.call("3")
    assert scene.last.why == {
        "policy": "sla",
        "kind": "walk-in",
        "due": "2026-03-02T01:34:00+00:00",
        "left_s": 1619,
        "waited_s": 180,
        "readiness": "ready",
        "passed": 0,
        "waiting": 1,
        "index": 0.013669211,
        "for_limit": 0.00518,
        "for_never": 0.005385,
        "for_wait": 0.003103,
        "service_min": 10.0,
        "mean_min": 20.0,
        "scarce": 1,
    }


def test_nobody_for_this_window(scene: Any) -> None:
    scene.take("housing")
    assert dispatch.choose(scene.hall, "3", scene.now) is None
    assert dispatch.preview(scene.hall, "3", scene.now, 3) == []
    assert dispatch.choose(scene.hall, "no such window", scene.now) is None


# --- people ahead


def test_ahead_counts_earlier_promises(scene: Any) -> None:
    scene.open("1")
    house = scene.take("housing")
    first = scene.take()
    second = scene.take()
    assert [estimate.ahead(scene.hall, t.id) for t in (first, second, house)] == [0, 1, 2]
    priority = scene.take(priority_reason="age-80")
    assert [estimate.ahead(scene.hall, t.id) for t in (priority, first, second, house)] == [0, 1, 2, 3]
    scene.call("1")
    assert estimate.ahead(scene.hall, priority.id) == 0
    assert estimate.ahead(scene.hall, first.id) == 0
    assert estimate.ahead(scene.hall, "unknown") == 0
    assert estimate.wait_range(scene.hall, priority.id, scene.now) == (0, 0)


def test_who_needs_another_window_is_not_ahead(scene: Any) -> None:
    scene.open("2", "3")
    scene.do(PauseCounter, counter="2")
    scene.take("housing")
    medical = scene.take("medical")
    assert estimate.ahead(scene.hall, medical.id) == 0


def test_a_crowd_for_one_window_does_not_fill_the_others(scene: Any) -> None:
    scene.open("1", "2", "3")
    for _ in range(9):
        scene.take("medical")  # flows to all three: every window may serve it
    plain = scene.take("elder-card")
    assert estimate.ahead(scene.hall, plain.id) == 9
    for _ in range(4):
        scene.take("housing")  # windows 1 and 2 only; promised later than all above
    last = scene.take("medical")
    assert estimate.ahead(scene.hall, last.id) == 10


def test_a_narrow_crowd_leaves_the_other_windows_free(scene: Any) -> None:
    scene.open("1", "3")
    for _ in range(6):
        scene.take("housing", priority_reason="disabled")  # window 1 only, due in 30 min
    plain = scene.take("residence", "housing", priority_reason="age-80")
    free = scene.take("elder-card")
    assert estimate.ahead(scene.hall, plain.id) == 6
    assert estimate.ahead(scene.hall, free.id) == 0  # window 3 takes it at once
    assert estimate.wait_range(scene.hall, free.id, scene.now)[0] == 0


def test_a_narrow_crowd_pushes_the_others_to_the_free_window(scene: Any) -> None:
    scene.open("1", "3")
    for _ in range(4):
        scene.take("housing", priority_reason="disabled")  # window 1 only
        scene.take("elder-card", priority_reason="disabled")  # flows to window 3
    last = scene.take("elder-card")
    assert estimate.ahead(scene.hall, last.id) == 8


def test_more_windows_shorter_wait_and_the_range_is_in_order(scene: Any) -> None:
    tickets = [scene.take() for _ in range(12)]
    last = tickets[-1].id
    none_open = estimate.wait_range(scene.hall, last, scene.now)
    scene.open("1")
    one = estimate.wait_range(scene.hall, last, scene.now)
    scene.open("2")
    two = estimate.wait_range(scene.hall, last, scene.now)
    assert two[0] < one[0] <= none_open[0] + 1000
    assert all(0 < low < high for low, high in (none_open, one, two))
    # 11 calls before it, two windows of 8 min of which both are free for the first two
    assert 30 * 60 < two[0] < 45 * 60
    assert [estimate.ahead(scene.hall, t.id) for t in tickets] == list(range(12))


def test_an_idle_window_means_no_wait(scene: Any) -> None:
    scene.open("1")
    ticket = scene.take()
    assert estimate.wait_range(scene.hall, ticket.id, scene.now) == (0, 0)
    scene.call("1")
    second = scene.take()
    low, high = estimate.wait_range(scene.hall, second.id, scene.now)
    assert 0 < low < 8 * 60 < high


def test_before_the_slot_nobody_is_promised_a_call(scene: Any) -> None:
    scene.open("1")
    appointment = scene.book("10:00")
    given = scene.ask(CheckIn, token="t" * 22, appointment_id=appointment.id)
    assert (given.wait_p50_s, given.wait_p90_s) == (3600, 3600)


def test_the_outlook_of_the_hall(scene: Any) -> None:
    scene.open("1", "2", "3")
    for matters in ("elder-card", "residence", "medical"):
        scene.take(matters)
    found = estimate.outlook(scene.hall, scene.now)
    assert (found.is_open, found.waiting, found.next_opening) == (True, 3, None)
    assert [(g.group, g.waiting) for g in found.groups] == [("A", 2), ("B", 1), ("C", 0), ("D", 0)]
    assert all(g.wait_p50_s <= g.wait_p90_s for g in found.groups)
    assert found.wait_p90_s == max(g.wait_p90_s for g in found.groups)
    scene.at("18:00")
    closed = estimate.outlook(scene.hall, scene.now)
    assert not closed.is_open
    assert closed.next_opening == scene.local("08:30") + timedelta(days=1)


def test_an_empty_hall_has_an_outlook(scene: Any) -> None:
    found = estimate.outlook(scene.hall, scene.now)
    assert (found.waiting, found.is_open) == (0, True)
    assert all_wakes(scene.hall) == ()


# --- snapshots


def test_a_snapshot_survives_its_encoding(scene: Any) -> None:
    scene.open("1", "2")
    away = scene.take()
    scene.do(PauseTicket, ticket_id=away.id)
    scene.do(LeaseBlock, block_id="b1", kiosk="k1", group="A", size=4)
    scene.do(
        RecordOfflineTicket,
        block_id="b1",
        kiosk="k1",
        group="A",
        number=3,
        matters=("elder-card",),
        token="o" * 22,
        checked_in_at=scene.now,
    )
    scene.book("16:00", person_ref="p1")
    scene.take("medical")
    scene.call("1")
    scene.do(BeginIdentityCheck, counter="1")
    scene.at("09:00", scene.hall.business_date + timedelta(days=1))
    scene.open("2")
    scene.take()
    scene.call("2")
    for codec in (msgspec.json, msgspec.msgpack):
        encoded = codec.encode(freeze(scene.hall))
        back = codec.decode(encoded, type=Snapshot)
        assert back == freeze(scene.hall)
        assert thaw(back, scene.plan) == scene.hall


def test_every_event_survives_its_encoding(scene: Any) -> None:
    scene.open("1")
    scene.take()
    scene.call("1")
    scene.book("16:00")
    scene.do(LeaseBlock, block_id="b1", kiosk="k1", group="A", size=4)
    for event in scene.log:
        assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event
        assert type(event) in EVENTS
