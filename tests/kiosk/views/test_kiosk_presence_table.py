"""The 2^5 table: whatever of reader, printer, scanner, camera and panel is there, somebody can still be served.

For each of the 32 combinations, absent in both ways a device can be (never fitted; fitted and unplugged), on both
panels: the first page offers a way that is walked to its end here, what cannot be used is not offered, and what is
missing is said. The same table with real processes and simulators is ``tests/journeys/test_presence_table.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import combinations

import pytest

from kiosk import events
from kiosk.effects import Print, Send
from kiosk.events import CodeRead, DeviceChanged, Idle, KeyPressed, LinkChanged, Replied, Touched
from kiosk.flow import Site, pages
from kiosk.flow.state import DEVICES
from kiosk.scenes import CARD, Walk, ticket
from kiosk.views import Button, ConfirmView, LeafView, StartView, View, view
from queue_server.wire import messages as wire
from tests.kiosk.hearing import heard

PRESENT = [frozenset(some) for count in range(6) for some in combinations(DEVICES, count)]
HOW = ("not-fitted", "unplugged")
SITE = Site("demo", "演示大厅", "http://127.0.0.1:8080", "演示街道", "021-0000 0000", "全天")

TABLE = [
    pytest.param(
        present, how, compact, id=f"{'+'.join(sorted(present)) or 'nothing'}-{how}-{'7in' if compact else '21in'}"
    )
    for present in PRESENT
    for how in HOW
    for compact in (False, True)
]


def kiosk(present: frozenset[str], how: str, *, compact: bool) -> Walk:
    """A terminal at its first page, told of its devices as ``Workers`` tells."""
    site = replace(SITE, compact=compact, fitted=present if how == "not-fitted" else frozenset(DEVICES))
    walked = Walk(site).ready()
    reason = "not-fitted" if how == "not-fitted" else "port-missing"
    return walked(*(DeviceChanged(device, "absent", reason) for device in DEVICES if device not in present))


def offered(page: object) -> Iterator[Button]:
    """Every control of a view that can be touched."""
    if isinstance(page, Button):
        if page.enabled:
            yield page
    elif isinstance(page, tuple):
        for part in page:
            yield from offered(part)
    elif is_dataclass(page):
        for field in fields(page):
            yield from offered(getattr(page, field.name))


def actions(page: View) -> set[str]:
    return {button.action for button in offered(page)}


def touch(walked: Walk, action: str) -> View:
    """Touch what is offered, and nothing else."""
    button = next((x for x in offered(view(walked.state)) if x.action == action), None)
    assert button is not None, f"{action} is not offered on {view(walked.state)}"
    walked(Touched(button.action, button.value))
    return view(walked.state)


def sent(walked: Walk) -> list[wire.AnyRequest]:
    return [effect.request for effect in walked.effects if isinstance(effect, Send)]


def start(walked: Walk) -> StartView:
    page = view(walked.state)
    assert isinstance(page, StartView)
    return page


def test_the_table_is_whole() -> None:
    assert len(PRESENT) == len(set(PRESENT)) == 32
    assert len(TABLE) == 128


@pytest.mark.parametrize(("present", "how", "compact"), TABLE)
def test_by_touch_a_number_is_always_to_be_had(present: frozenset[str], how: str, *, compact: bool) -> None:
    walked = kiosk(present, how, compact=compact)
    touch(walked, "take-ticket")
    touch(walked, "matter")
    confirm = view(walked.state)
    assert isinstance(confirm, LeafView if compact else ConfirmView)
    paper = "printer" in present
    offered = actions(confirm) | actions(view(walked.state.with_leaf(99)))
    assert offered & {"take", "take-without-paper"} == (
        {"take", "take-without-paper"} if paper else {"take-without-paper"}
    )
    assert [x.action for x in confirm.actions if x.tone == "primary" and x.enabled] == [
        "take" if paper else "take-without-paper"
    ]
    touch(walked, "take" if paper else "take-without-paper")
    walked(Replied(ticket(walked.wish)))
    given = walked.state.session.page
    assert isinstance(given, pages.Given)
    assert given.ticket.number in view(walked.state).number  # type: ignore[union-attr]
    assert bool([x for x in walked.effects if isinstance(x, Print)]) is paper


@pytest.mark.parametrize(("present", "how", "compact"), TABLE)
def test_by_typing_a_booking_is_always_checked_in(present: frozenset[str], how: str, *, compact: bool) -> None:
    walked = kiosk(present, how, compact=compact)
    touch(walked, "check-in")
    touch(walked, "type-code")
    for digit in "20471234":
        walked(Touched("key", digit))
    walked(Touched("key", "enter"))
    assert [type(x) for x in sent(walked)] == [wire.CheckIn]
    walked = kiosk(present, how, compact=compact)
    touch(walked, "check-in")
    touch(walked, "type-number")
    walked(events.TypedRead("1234", "sealed"))
    assert [type(x) for x in sent(walked)] == [wire.CheckIn]


@pytest.mark.parametrize(("present", "how", "compact"), TABLE)
def test_ways_without_a_touch_are_advertised_if_and_only_if_they_work(
    present: frozenset[str], how: str, *, compact: bool
) -> None:
    walked = kiosk(present, how, compact=compact)
    card, code = "idcard" in present, bool(present & {"scanner", "camera"})
    page = start(walked)
    lost = page.frame.strip.text if page.frame.strip else ""  # says what does not work, which is no advertisement
    advertised = heard(walked.state).replace(lost, "") + page.frame.title
    assert ("身份证" in advertised) is card
    assert any(word in advertised for word in ("扫码", "预约码")) is code
    if card:
        walked = kiosk(present, how, compact=compact)(CARD)
        assert [type(x) for x in sent(walked)] == [wire.CheckIn]
    if code:
        walked = kiosk(present, how, compact=compact)(CodeRead("20471234"))
        assert [type(x) for x in sent(walked)] == [wire.CheckIn]
    if not (card or code):
        assert "输入" in advertised, "the way that remains for a booking is named"


@pytest.mark.parametrize(("present", "how", "compact"), TABLE)
def test_what_is_missing_is_said(present: frozenset[str], how: str, *, compact: bool) -> None:
    page = start(kiosk(present, how, compact=compact))
    said = page.frame.strip.text if page.frame.strip else ""
    if how == "not-fitted":
        assert said == "", "nobody misses what this terminal never had"
        if "printer" not in present:
            assert any("不打印" in hint.text for hint in page.hints)
        return
    lost = {
        "打印": "printer" not in present,
        "读卡": "idcard" not in present,
        "扫码": not present & {"scanner", "camera"},
    }
    assert {word for word in lost if word in said} == {word for word, is_lost in lost.items() if is_lost}
    if "panel" not in present and not any(lost.values()):
        assert "呼叫键" in said


@pytest.mark.parametrize(("present", "how", "compact"), TABLE)
def test_somebody_can_always_be_asked(present: frozenset[str], how: str, *, compact: bool) -> None:
    walked = kiosk(present, how, compact=compact)
    page = touch(walked, "help")
    assert walked.state.kiosk.site.owner_phone in heard(walked.state)
    assert "call" in actions(page), "over the line, with a panel or without"
    page = touch(walked(LinkChanged(up=False), Idle()), "help")
    assert ("call" in actions(page)) is ("panel" in present)
    if "panel" in present:
        walked(KeyPressed("call"))
        assert "已亮灯" in heard(walked.state)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("present", PRESENT, ids=lambda some: "+".join(sorted(some)) or "nothing")
def test_what_comes_back_is_offered_again_at_once(present: frozenset[str], how: str) -> None:
    """Unplugged only: what was never fitted does not come."""
    walked = kiosk(present, how, compact=False)
    walked(*(DeviceChanged(device, "ok") for device in DEVICES))
    page = start(walked)
    if how == "unplugged":
        assert page == start(kiosk(frozenset(DEVICES), how, compact=False))
    else:
        assert page == start(kiosk(present, how, compact=False))
