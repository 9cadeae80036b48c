"""What a terminal hears when it asks a hall over the real broker, in order and out of order."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import uuid6
from nacl.public import PublicKey, SealedBox

from queue_server.wire import messages as wire
from queue_server.wire import topics
from queue_server.wire.sentences import sentence

pytestmark = pytest.mark.wire

if TYPE_CHECKING:
    from conftest import Rig

HALL, OTHER = "hall-000", "hall-001"
KIOSK = "kiosk-000"
TOKEN = "T" * 22
"""Of what is refused: no ticket bears it."""


def new_id() -> str:
    return str(uuid6.uuid7())


def new_token() -> str:
    """One token is one visit: each test has its own."""
    return secrets.token_urlsafe(16)


def take(**more: Any) -> wire.TakeTicket:
    return wire.TakeTicket(id=new_id(), matters=["M001"], token=new_token(), **more)


def sealed(rig: Rig, number: str, name: str) -> str:
    plain = msgspec.json.encode({"number": number, "name": name})
    return base64.b64encode(SealedBox(PublicKey(rig.server.vault.public_key())).encrypt(plain)).decode()


def test_a_ticket_is_given_with_all_that_is_printed_on_it(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    reply = kiosk.ask(HALL, take())
    assert isinstance(reply, wire.TicketReply)
    assert reply.number[0] == reply.group
    assert len(reply.number) == 4
    assert reply.ticket == f"{reply.business_date}-{reply.number}"
    assert reply.path == f"/t/{HALL}/{reply.business_date:%Y%m%d}/{reply.number}/{reply.token}"
    assert reply.promised_by > reply.checked_in_at
    assert reply.wait_min_low <= reply.wait_min_high
    assert (reply.hall_zh, reply.group_zh != "") == ("0号大厅", True)


def test_the_same_request_again_brings_the_very_same_answer(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    request = take()
    first = kiosk.ask(HALL, request)
    seq = rig.server.desk.hall(HALL).seq
    assert kiosk.ask(HALL, request) == first
    assert rig.server.desk.hall(HALL).seq == seq


def test_a_sensitive_matter_prints_no_group_that_tells(rig: Rig) -> None:
    sensitive = next(m for m in rig.city.plans.halls[HALL].matters.values() if m.sensitive)
    kiosk = rig.terminal(KIOSK, HALL)
    reply = kiosk.ask(HALL, wire.TakeTicket(id=new_id(), matters=[sensitive.id], token=new_token()))
    assert (reply.group_zh, reply.group_en) == ("综合", "General")


def test_progress_is_told_over_the_broker_and_changes_nothing(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    ticket = kiosk.ask(HALL, take())
    seq = rig.server.desk.hall(HALL).seq
    by_code = kiosk.ask(HALL, wire.AskProgress(id=new_id(), path=ticket.path))
    assert by_code.ticket.number == ticket.number
    assert by_code.ticket.state == "waiting"
    unknown = kiosk.ask(HALL, wire.AskProgress(id=new_id(), number="Z999"))
    assert (unknown.code, "Z999" in unknown.zh) == ("unknown-number", True)
    record = wire.AskRecord(id=new_id(), matter="M021", person=sealed(rig, "11010519491231002X", "张三"))
    assert kiosk.ask(HALL, record).code == "card-again"
    assert rig.server.desk.hall(HALL).seq == seq


def slot_soon(rig: Rig, kiosk: Any, matter: str) -> datetime:
    """The first free slot from now on: near enough to check in at once. The hall's day is far from its end."""
    day = datetime.now(ZoneInfo(rig.city.plans.halls[HALL].tz)).date()
    reply = kiosk.ask(HALL, wire.AskSlots(id=new_id(), matters=[matter], day=day))
    assert isinstance(reply, wire.SlotsReply), reply
    return min(slot.start for slot in reply.slots if slot.free > 0)


def bookable(rig: Rig) -> str:
    return next(m.id for m in rig.city.plans.halls[HALL].matters.values() if m.bookable and m.skill is None)


def test_the_days_that_can_be_booked_are_told_with_their_first_slot(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    reply = kiosk.ask(HALL, wire.AskDays(id=new_id(), matters=[bookable(rig)]))
    assert isinstance(reply, wire.DaysReply), reply
    assert 7 <= len(reply.days) <= 8
    assert all((day.free > 0) == (day.first is not None) == (not day.why) for day in reply.days)
    assert {day.why for day in reply.days if day.why} <= reply.reasons.keys()
    no = kiosk.ask(HALL, wire.AskDays(id=new_id(), matters=["M999"]))
    assert isinstance(no, wire.RefusedReply)
    assert no.code == "unknown-matter"


def test_a_booking_is_made_and_checked_in_by_its_code(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    matter = bookable(rig)
    slot = slot_soon(rig, kiosk, matter)
    booked = kiosk.ask(HALL, wire.Book(id=new_id(), matters=[matter], slot_start=slot))
    assert isinstance(booked, wire.BookedReply), booked
    assert booked.slot_start == slot
    ticket = kiosk.ask(HALL, wire.CheckIn(id=new_id(), token=new_token(), code=booked.code))
    assert isinstance(ticket, wire.TicketReply), ticket
    assert (ticket.ticket_kind, ticket.slot_start) == ("appointment", slot)


def test_a_person_checks_in_by_card_and_is_nowhere_but_in_the_vault(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    matter = bookable(rig)
    number, name = "11010519491231002X", "测试甲"
    slot = slot_soon(rig, kiosk, matter)
    box = sealed(rig, number, name)
    booked = kiosk.ask(HALL, wire.Book(id=new_id(), matters=[matter], slot_start=slot, person=box))
    assert isinstance(booked, wire.BookedReply), booked
    ticket = kiosk.ask(HALL, wire.CheckIn(id=new_id(), token=new_token(), person=sealed(rig, number, "")))
    assert isinstance(ticket, wire.TicketReply), ticket
    everything = b"".join(payload for _, payload, _ in kiosk.inbox)
    assert number.encode() not in everything
    assert name.encode() not in everything
    for file in rig.city.directory.glob("*.db*"):
        assert number.encode() not in file.read_bytes(), file.name
        assert name.encode() not in file.read_bytes(), file.name


def test_who_has_two_appointments_is_asked_which(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    number = "110101199003078398"
    plan = rig.city.plans.halls[HALL]
    matters = [m.id for m in plan.matters.values() if m.bookable and m.skill is None][:2]
    for matter in matters:
        slot = slot_soon(rig, kiosk, matter)
        request = wire.Book(id=new_id(), matters=[matter], slot_start=slot, person=sealed(rig, number, "测试丙"))
        assert isinstance(kiosk.ask(HALL, request), wire.BookedReply)
    which = kiosk.ask(HALL, wire.CheckIn(id=new_id(), token=new_token(), person=sealed(rig, number, "")))
    assert isinstance(which, wire.RefusedReply)
    assert which.code == "several-appointments"
    assert {choice.matters[0] for choice in which.choices} == set(matters)
    chosen = which.choices[1]
    ticket = kiosk.ask(HALL, wire.CheckIn(id=new_id(), token=new_token(), appointment=chosen.appointment))
    assert isinstance(ticket, wire.TicketReply), ticket
    assert ticket.matters == chosen.matters


def test_a_check_in_at_the_wrong_hall_is_told_the_right_one(rig: Rig) -> None:
    kiosk, other = rig.terminal(KIOSK, HALL), rig.terminal("kiosk-001", OTHER)
    matter = bookable(rig)
    person = "440524188001010014"
    slot = slot_soon(rig, kiosk, matter)
    wish = wire.Book(id=new_id(), matters=[matter], slot_start=slot, person=sealed(rig, person, "测试丁"))
    booked = kiosk.ask(HALL, wish)
    assert isinstance(booked, wire.BookedReply), booked
    seq = rig.server.desk.hall(OTHER).seq
    for request in (
        wire.CheckIn(id=new_id(), token=new_token(), code=booked.code),
        wire.CheckIn(id=new_id(), token=new_token(), person=sealed(rig, person, "")),
    ):
        reply = other.ask(OTHER, request)
        assert isinstance(reply, wire.RefusedReply), reply
        assert reply.code == "wrong-hall"
        assert rig.city.plans.halls[HALL].name_zh in reply.zh
        assert rig.city.plans.halls[HALL].name_en in reply.en
    assert rig.server.desk.hall(OTHER).seq == seq, "nothing has happened in the other hall"


def test_somebody_never_seen_has_no_appointment(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    box = sealed(rig, "110101199003071874", "测试乙")
    reply = kiosk.ask(HALL, wire.CheckIn(id=new_id(), token=new_token(), person=box))
    assert reply.code == "no-appointment"


@pytest.mark.parametrize("box", ["", "bm90IGEgYm94", "*", "A" * 4096])
def test_a_box_that_is_not_for_this_server_is_a_bad_seal(rig: Rig, box: str) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    assert kiosk.ask(HALL, wire.CheckIn(id=new_id(), token=new_token(), person=box)).code == "bad-seal"


def test_numbers_are_leased_and_come_back_as_tickets(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    matter = rig.city.plans.halls[HALL].matters["M001"]
    block = kiosk.ask(HALL, wire.LeaseBlock(id=new_id(), group=matter.group, size=5))
    assert isinstance(block, wire.BlockReply), block
    assert block.last - block.first == 4
    given = wire.OfflineTicket(
        id=new_id(), block=block.block, group=block.group, number=block.first, matters=["M001"], token=new_token(),
        checked_in_at=datetime.now(UTC),
    )  # fmt: skip
    recorded = kiosk.ask(HALL, given)
    assert isinstance(recorded, wire.RecordedReply), recorded
    assert recorded.number.startswith(block.group)
    assert int(recorded.number[1:]) == block.first


def lent(rig: Rig, hall: str = HALL, kiosk: str = KIOSK) -> tuple[Any, wire.BlockReply, str]:
    """A terminal with two numbers of its own, and a matter that can be booked."""
    terminal = rig.terminal(kiosk, hall)
    matter = bookable(rig)
    group = rig.city.plans.halls[hall].matters[matter].group
    block = terminal.ask(hall, wire.LeaseBlock(id=new_id(), group=group, size=2))
    assert isinstance(block, wire.BlockReply), block
    return terminal, block, matter


def own(block: wire.BlockReply, number: int, matter: str, **more: Any) -> wire.OfflineTicket:
    return wire.OfflineTicket(
        id=new_id(), block=block.block, group=block.group, number=number, matters=[matter], token=new_token(),
        checked_in_at=datetime.now(UTC), **more,
    )  # fmt: skip


def test_an_off_line_ticket_is_matched_with_a_booking_by_code_or_by_card(rig: Rig) -> None:
    kiosk, block, matter = lent(rig)
    number = "320311197707060018"
    slot = slot_soon(rig, kiosk, matter)
    mine = wire.Book(id=new_id(), matters=[matter], slot_start=slot, person=sealed(rig, number, "测试戊"))
    by_card = kiosk.ask(HALL, mine)
    by_code = kiosk.ask(HALL, wire.Book(id=new_id(), matters=[matter], slot_start=slot_soon(rig, kiosk, matter)))
    claims = (wire.Claim(person=sealed(rig, number, "")), wire.Claim(code=by_code.code))
    for at, (claim, booked) in enumerate(zip(claims, (by_card, by_code), strict=True)):
        recorded = kiosk.ask(HALL, own(block, block.first + at, matter, claim=claim))
        assert isinstance(recorded, wire.RecordedReply), recorded
        assert (recorded.booked, recorded.slot_start) == ("met", booked.slot_start)
        assert rig.server.desk.hall(HALL).appointments[booked.appointment].ticket_id == recorded.ticket
    for file in rig.city.directory.glob("*.db*"):
        assert number.encode() not in file.read_bytes(), file.name


def test_an_off_line_ticket_is_recorded_whatever_is_said_of_a_person(rig: Rig) -> None:
    """A box that does not open, twice over: the number has been given."""
    kiosk, block, matter = lent(rig)
    other = wire.ForOther(relation="child", agent="bm90IGEgYm94", person=sealed(rig, "110101194912310024", "测试己"))
    said = own(block, block.first, matter, claim=wire.Claim(person="bm90IGEgYm94"), for_other=other)
    recorded = kiosk.ask(HALL, said)
    assert isinstance(recorded, wire.RecordedReply), recorded
    ticket = rig.server.desk.hall(HALL).tickets[recorded.ticket]
    assert (recorded.booked, ticket.unmet) == ("unmet", "unreadable")
    assert (ticket.proxy, ticket.agent_ref, ticket.person_ref is not None) == ("child", None, True)


def test_a_booking_of_another_hall_is_noted_on_the_off_line_ticket(rig: Rig) -> None:
    there, (kiosk, block, matter) = rig.terminal(KIOSK, HALL), lent(rig, OTHER, "kiosk-001")
    slot = slot_soon(rig, there, matter)
    booked = there.ask(HALL, wire.Book(id=new_id(), matters=[matter], slot_start=slot))
    recorded = kiosk.ask(OTHER, own(block, block.first, matter, claim=wire.Claim(code=booked.code)))
    assert isinstance(recorded, wire.RecordedReply), recorded
    assert rig.server.desk.hall(OTHER).tickets[recorded.ticket].unmet == "other-hall"


# --- what is wrong gets a code and a sentence, a line in the log, and changes nothing ----------------------


def body(**more: Any) -> dict[str, Any]:
    return {"v": 1, "kind": "take-ticket", "id": new_id(), "matters": ["M001"], "token": TOKEN} | more


WRONG = [
    pytest.param(body(token="short"), "malformed", id="token too short"),
    pytest.param(body(matters=[]), "malformed", id="no matter"),
    pytest.param(body(matters="M001"), "malformed", id="matters is no list"),
    pytest.param(body(matters=["张三 110105"]), "malformed", id="a matter that is no id"),
    pytest.param({"id": "Q7"}, "malformed", id="nearly nothing"),
    pytest.param(body(v=2), "wrong-version", id="newer version"),
    pytest.param(body(v="1"), "wrong-version", id="version is no number"),
    pytest.param(body(kind="take-all"), "unknown-kind", id="unknown kind"),
    pytest.param(body(pad="x" * 20_000), "too-large", id="oversized"),
    pytest.param(body(matters=["M999"]), "unknown-matter", id="a matter that does not exist"),
    pytest.param(
        {"kind": "check-in", "id": new_id(), "token": TOKEN, "code": "1", "appointment": "a"},
        "who-is-it",
        id="both ways",
    ),
    pytest.param({"kind": "check-in", "id": new_id(), "token": TOKEN}, "who-is-it", id="no way to check in"),
    pytest.param(
        {"kind": "book", "id": new_id(), "matters": ["M001"], "slot_start": "2026-11-20T10:00:00"},
        "malformed",
        id="a time without offset",
    ),
    pytest.param(
        {"kind": "book", "id": new_id(), "matters": ["M001"], "slot_start": "0001-01-01T00:00:00+14:00"},
        "bad-value",
        id="a time before all time",
    ),
    pytest.param(
        {"kind": "ask-slots", "id": new_id(), "matters": ["M001"], "day": "9999-12-31"}, "beyond-horizon", id="far day"
    ),
    pytest.param({"kind": "lease-block", "id": new_id(), "group": "I", "size": 5}, "bad-value", id="no such letter"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG)
def test_a_wrong_message_gets_a_code_and_a_sentence(
    rig: Rig, caplog: pytest.LogCaptureFixture, wrong: dict[str, Any], code: str
) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    before = rig.server.desk.hall(HALL)
    reply = kiosk.ask(HALL, wrong)
    assert isinstance(reply, wire.RefusedReply), reply
    assert reply.code == code
    assert (reply.zh, reply.en) == sentence(code, reply.facts)
    assert rig.server.desk.hall(HALL) is before, "no state change"
    said = caplog.text
    assert "张三" not in said
    assert "M999" not in said
    assert TOKEN not in said


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe\x00", b"null", b"[" * 10_000, b'{"id": 7}', b'{"id": "' + b"x" * 90 + b'"}', b"x" * 300_000],
    ids=["empty", "cut off", "no utf-8", "null", "nested", "id is a number", "id too long", "huge"],
)
def test_what_has_no_id_is_a_line_in_the_log_and_taken_off_the_broker(
    rig: Rig, caplog: pytest.LogCaptureFixture, raw: bytes
) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    before = rig.server.desk.hall(HALL).seq
    kiosk.publish(topics.request(HALL, KIOSK), raw)
    assert isinstance(kiosk.ask(HALL, take()), wire.TicketReply), "the door goes on"
    assert rig.server.desk.hall(HALL).seq > before
    lines = [r.getMessage() for r in caplog.records if r.name == "queue_server.mqtt"]
    assert len(lines) == 1
    assert KIOSK in lines[0]
    assert "xxx" not in lines[0]


def test_a_terminal_may_not_ask_a_hall_that_is_not_its_own(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, OTHER)
    before = rig.server.desk.hall(OTHER)
    assert kiosk.ask(OTHER, take()).code == "device-not-allowed"
    assert rig.server.desk.hall(OTHER) is before


def test_a_terminal_that_is_not_registered_is_told_so(rig: Rig) -> None:
    stranger = rig.terminal("stranger", HALL)
    before = rig.server.desk.hall(HALL)
    assert stranger.ask(HALL, take()).code == "unknown-device"
    assert rig.server.desk.hall(HALL) is before


def test_a_fault_of_ours_is_answered_and_the_door_goes_on(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One request that makes the rules stumble would otherwise be delivered again for ever, and end every server."""

    def stumble(*_: object) -> None:
        raise KeyError("张三")

    kiosk = rig.terminal(KIOSK, HALL)
    day = datetime.now(ZoneInfo(rig.city.plans.halls[HALL].tz)).date()
    with monkeypatch.context() as broken:
        broken.setattr("queue_server.questions.booking.day_offer", stumble)
        reply = kiosk.ask(HALL, wire.AskSlots(id=new_id(), matters=["M001"], day=day))
    assert reply.code == "internal"
    assert "张三" not in caplog.text
    assert "KeyError" in caplog.text
    assert isinstance(kiosk.ask(HALL, take()), wire.TicketReply)


def test_a_vault_that_is_away_asks_the_terminal_to_come_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OSError("disk gone")

    kiosk = rig.terminal(KIOSK, HALL)
    box = sealed(rig, "11010519491231002X", "测试甲")
    with monkeypatch.context() as broken:
        broken.setattr(rig.server.vault, "find", away)
        reply = kiosk.ask(HALL, wire.CheckIn(id=new_id(), token=new_token(), person=box))
    assert reply.code == "busy"


def test_a_number_for_somebody_else_keeps_references_and_tells_the_terminal_nothing_of_them(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    other = wire.ForOther(
        relation="child",
        agent=sealed(rig, "11010519491231002X", "李明"),
        person=sealed(rig, "11010519491231002X", "李明"),
    )
    reply = kiosk.ask(HALL, take(for_other=other))
    assert isinstance(reply, wire.TicketReply)
    assert reply.for_other
    ticket = rig.server.desk.hall(HALL).tickets[reply.ticket]
    assert ticket.proxy == "child"
    assert ticket.agent_ref
    assert ticket.person_ref
    assert "李明" not in msgspec.json.encode(reply).decode()
    assert isinstance(kiosk.ask(HALL, take(for_other=wire.ForOther(relation="child"))), wire.TicketReply)
    bad = kiosk.ask(HALL, take(for_other=wire.ForOther(relation="child", person="bm90IHNlYWxlZA==")))
    assert bad.code == "bad-seal"


def test_a_rating_and_a_card_left_behind_are_answered(rig: Rig) -> None:
    kiosk = rig.terminal(KIOSK, HALL)
    waiting = kiosk.ask(HALL, take())
    assert kiosk.ask(HALL, wire.Rate(id=new_id(), subject=waiting.ticket, level=5)).code == "not-done"
    rate = wire.Rate(id=new_id(), of="job", subject="job-17", level=1, reasons=["not-done"])
    assert isinstance(kiosk.ask(HALL, rate), wire.RatedReply)
    assert isinstance(kiosk.ask(HALL, rate), wire.RatedReply), "asked again, the same answer"
    again = kiosk.ask(HALL, wire.Rate(id=new_id(), of="job", subject="job-17", level=5))
    assert again.code == "already-rated"
    assert isinstance(kiosk.ask(HALL, wire.ReportLeft(id=new_id(), what="card")), wire.LeftReply)
    assert [one.what for one in rig.server.desk.hall(HALL).watch.left.values()] == ["card"]
    assert isinstance(kiosk.ask(HALL, wire.ReportLeft(id=new_id(), what="card", gone=True)), wire.LeftReply)
    assert not rig.server.desk.hall(HALL).watch.left
