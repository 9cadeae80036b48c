"""What crosses the wire comes back the same, and what is not of its form is refused."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.wire import catalogue
from queue_server.wire import messages as wire

TOKEN = "A" * 22
ID = "0198c0de-0000-7000-8000-000000000001"

times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]))
request_ids = (
    st.integers(0, 2**128 - 1)
    .map(lambda n: f"{n:032x}")
    .map(lambda h: f"{h[:8]}-{h[8:12]}-7{h[13:16]}-{h[16:20]}-{h[20:]}")
)
tokens = st.from_regex(r"[A-Za-z0-9_-]{22,64}", fullmatch=True)
short_ids = st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True)
matters = st.lists(short_ids, min_size=1, max_size=10)
langs = st.sampled_from(get_args(wire.Lang))
places = st.sampled_from(["here", "remote"])

requests = st.one_of(
    st.builds(
        wire.TakeTicket,
        id=request_ids,
        matters=matters,
        token=tokens,
        place=places,
        lang=langs,
        priority_reason=st.none() | st.sampled_from(get_args(wire.PriorityReason)),
    ),
    st.builds(wire.CheckIn, id=request_ids, token=tokens, code=st.text(max_size=64), lang=langs, place=places),
    st.builds(wire.CheckIn, id=request_ids, token=tokens, person=st.text(max_size=200)),
    st.builds(wire.AskDays, id=request_ids, matters=matters),
    st.builds(wire.AskSlots, id=request_ids, matters=matters, day=st.dates()),
    st.builds(wire.Book, id=request_ids, matters=matters, slot_start=times, person=st.none() | st.text(max_size=99)),
    st.builds(wire.TextMe, id=request_ids, path=st.from_regex(r"/t/[a-z]{3,9}/[0-9]{8}/A023/x", fullmatch=True)),
    st.builds(wire.AskProgress, id=request_ids, number=st.from_regex(r"[A-Z][0-9]{3,5}", fullmatch=True)),
    st.builds(wire.AskProgress, id=request_ids, path=st.from_regex(r"/t/[a-z]{3,9}/[0-9]{8}/A023/x", fullmatch=True)),
    st.builds(wire.AskRecord, id=request_ids, matter=short_ids, person=st.text(max_size=99)),
    st.builds(wire.LeaseBlock, id=request_ids, group=st.sampled_from("ABZ"), size=st.integers(1, 500)),
    st.builds(
        wire.OfflineTicket,
        id=request_ids,
        block=short_ids,
        group=st.sampled_from("ABZ"),
        number=st.integers(1, 99_999),
        matters=matters,
        token=tokens,
        checked_in_at=times,
        clock_uncertainty_s=st.integers(0, 86_400 * 30),
    ),
)


@given(requests)
def test_a_request_comes_back_the_same(request: wire.AnyRequest) -> None:
    assert msgspec.json.decode(msgspec.json.encode(request), type=wire.AnyRequest) == request


replies = st.one_of(
    st.builds(
        wire.RefusedReply,
        id=request_ids,
        code=st.text(max_size=20),
        zh=st.text(),
        en=st.text(),
        facts=st.dictionaries(st.text(max_size=9), st.integers(-9, 9) | st.text(max_size=9), max_size=3),
        choices=st.lists(st.builds(wire.Choice, appointment=short_ids, slot_start=times, matters=matters), max_size=2),
    ),
    st.builds(
        wire.SlotsReply,
        id=request_ids,
        day=st.dates(),
        slots=st.lists(st.builds(wire.Slot, start=times, free=st.integers(0, 99)), max_size=4),
    ),
    st.builds(
        wire.BlockReply,
        id=request_ids,
        block=short_ids,
        group=st.sampled_from("AB"),
        business_date=st.dates(),
        first=st.integers(1, 999),
        last=st.integers(1, 999),
    ),
    st.builds(wire.RecordedReply, id=request_ids, number=st.text(max_size=5), ticket=st.text(max_size=20)),
    st.builds(
        wire.TicketReply,
        id=request_ids,
        number=st.just("A023"),
        group=st.just("A"),
        group_zh=st.text(max_size=9),
        group_en=st.text(max_size=9),
        ticket=st.just("2026-11-20-A023"),
        business_date=st.dates(),
        token=tokens,
        matters=matters,
        ticket_kind=st.sampled_from(["appointment", "priority", "walk-in"]),
        checked_in_at=times,
        promised_by=times,
        ahead=st.integers(0, 999),
        wait_min_low=st.integers(0, 99),
        wait_min_high=st.integers(0, 99),
        hall_zh=st.text(max_size=9),
        hall_en=st.text(max_size=9),
        area_zh=st.text(max_size=9),
        area_en=st.text(max_size=9),
        path=st.text(max_size=99),
        slot_start=st.none() | times,
        late=st.booleans(),
    ),
)


@given(replies)
def test_a_reply_comes_back_the_same(reply: wire.AnyReply) -> None:
    assert msgspec.json.decode(msgspec.json.encode(reply), type=wire.AnyReply) == reply


def take(**changes: Any) -> dict[str, Any]:
    return {"kind": "take-ticket", "v": 1, "id": ID, "matters": ["M001"], "token": TOKEN} | changes


@pytest.mark.parametrize(
    "body",
    [
        take(id="not-a-uuid"),
        take(id="0198c0de-0000-4000-8000-000000000001"),  # version 4: not time-ordered
        take(id=ID + "\n"),
        take(token="short"),
        take(token=TOKEN + "\n"),
        take(token="+" * 22),
        take(matters=[]),
        take(matters=["M001"] * 11),
        take(matters=["../etc"]),
        take(matters="M001"),
        take(lang="xx"),
        take(priority_reason="rich"),
        take(kind="take-everything"),
        take(place=None),
        {"kind": "lease-block", "id": ID, "group": "AA"},
        {"kind": "lease-block", "id": ID, "group": "A", "size": 501},
        {"kind": "lease-block", "id": ID, "group": "A", "size": True},
        {"kind": "ask-progress", "id": ID, "number": "A023; drop"},
        {"kind": "ask-progress", "id": ID, "path": "/t/../../etc/passwd"},
        {"kind": "ask-progress", "id": ID, "case": "12345"},
        {"kind": "ask-record", "id": ID, "matter": "M001"},
        {"kind": "ask-slots", "id": ID, "matters": ["M001"], "day": "2026-13-01"},
        [],
        None,
        7,
    ],
)
def test_a_body_of_the_wrong_form_is_refused(body: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=wire.AnyRequest)


def test_a_newer_terminal_may_send_more_fields() -> None:
    body = msgspec.json.encode(take(mood="fine"))
    assert isinstance(msgspec.json.decode(body, type=wire.AnyRequest), wire.TakeTicket)


def test_a_server_that_does_not_count_its_windows_leaves_the_kiosk_without_a_count_not_with_none_open() -> None:
    body = {"at": "2026-11-20T02:15:00Z", "open": True, "waiting": 0, "wait_min_low": 5, "wait_min_high": 15}
    older = msgspec.json.decode(msgspec.json.encode({**body, "groups": []}), type=wire.Outlook)
    assert older.windows_open is None
    said = msgspec.json.decode(msgspec.json.encode({**body, "groups": [], "windows_open": 0}), type=wire.Outlook)
    assert said.windows_open == 0


def test_no_message_has_a_place_for_a_name_a_number_or_a_phone_of_a_citizen() -> None:
    """``owner`` and ``owner_phone`` are of the one who answers for a terminal, printed on the terminal itself."""
    kinds = [
        kind
        for kind in vars(wire).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ != catalogue.__name__
    ]
    assert len(kinds) > 20
    fields = {field.name for kind in kinds for field in msgspec.structs.fields(kind)}
    assert not {f for f in fields - {"owner_phone"} if f in {"name", "phone", "id_number", "card"} or "phone" in f} - {
        "name"  # of a peripheral
    }
    assert [k.__name__ for k in kinds if "name" in {f.name for f in msgspec.structs.fields(k)}] == ["Peripheral"]


def test_a_message_cannot_be_changed_once_made() -> None:
    call = wire.Call(number="A001", counter="3", at=datetime(2026, 11, 20, tzinfo=UTC))
    with pytest.raises(AttributeError):
        call.number = "A002"  # type: ignore[misc]  # the very mistake under test
