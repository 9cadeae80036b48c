"""A phone is told that its turn is near: once for each occasion, whatever the gateway does, and then forgotten."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uuid6
from nacl.public import PublicKey, SealedBox

from queue_server.adapters.texts import GatewayAway, HttpGateway, Message, Undeliverable
from queue_server.adapters.texts_sim import TOKEN, TextsSim, serve
from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.desk import Desk
from queue_server.domain import messages as m
from queue_server.domain.model import Outcome
from queue_server.people.keys import load_keys
from queue_server.people.phones import LEFT_BEHIND, PhoneBook
from queue_server.sealed import DoorRefused
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog
from queue_server.texter import Texter, texted
from queue_server.wire import messages as wire
from queue_server.wire.paths import ticket_path

HALL = "xinghe-hall"
MORNING = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
PHONE = "13800005678"  # invented


def new_id() -> str:
    return str(uuid6.uuid7())


@dataclass
class Rig:
    sim: TextsSim
    desk: Desk
    book: PhoneBook
    key: bytes
    texter: Texter
    clock: SetClock
    folder: Path

    def do(self, command: m.Command) -> Any:
        return self.desk.ask(HALL, command).result(10)[0]

    def ticket(self) -> Any:
        given = self.do(m.TakeTicket(id=new_id(), by="kiosk:k", matters=("M034",), token=new_id()))
        return self.desk.hall(HALL).tickets[given.ticket_id]

    def sealed(self, phone: str) -> str:
        return base64.b64encode(SealedBox(PublicKey(self.key)).encrypt(json.dumps({"phone": phone}).encode())).decode()

    def wants(self, ticket: Any, phone: str = PHONE, lang: str = "zh-Hans", token: str = "") -> wire.TextedReply:
        path = ticket_path(HALL, ticket.business_date, ticket.number, token or ticket.token)
        asked = wire.TextMe(id=new_id(), path=path, box=self.sealed(phone), lang=lang)  # type: ignore[arg-type]
        return self.texter.take(asked, self.desk.hall(HALL))

    def code(self, ticket: Any, **more: Any) -> str:
        with pytest.raises(DoorRefused) as no:
            self.wants(ticket, **more)
        return str(no.value.code)

    def look(self) -> list[str]:
        """One look at the hall; everything that has been sent up to now."""
        self.texter.turn({HALL})
        return [message["text"] for message in self.sim.sent]

    def window(self) -> None:
        self.do(m.OpenCounter(id=new_id(), by="staff:mei", counter="2", staff="mei"))

    def call(self) -> str:
        return str(self.do(m.CallNext(id=new_id(), by="staff:mei", counter="2")).number)

    def serve_out(self) -> None:
        who: dict[str, Any] = {"by": "staff:mei", "counter": "2"}
        self.do(m.BeginIdentityCheck(id=new_id(), **who))
        self.do(m.AcceptMaterials(id=new_id(), **who))
        self.do(m.Finish(id=new_id(), outcome=Outcome.ACCEPTED, **who))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    clock, sim = SetClock(MORNING), TextsSim()
    engine = open_engine(f"sqlite:///{tmp_path / 'halls.db'}")
    side = open_engine(f"sqlite:///{tmp_path / 'side.db'}")
    desk = Desk(EventLog(engine), load_plans().halls, clock)
    desk.start()
    keys = load_keys(tmp_path / "secrets")
    book = PhoneBook(side, keys)
    with serve(sim) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        gateway = HttpGateway(f"http://127.0.0.1:{server.server_address[1]}", TOKEN)
        texter = Texter(desk, book, gateway, clock)
        yield Rig(sim, desk, book, keys.public_key(), texter, clock, tmp_path)
        server.shutdown()
        thread.join()
    desk.stop()
    engine.dispose()
    side.dispose()


def test_who_waits_elsewhere_hears_of_three_ahead_then_of_the_call_and_is_forgotten(rig: Rig) -> None:
    rig.window()
    before = [rig.ticket() for _ in range(5)]
    mine = rig.ticket()
    assert rig.wants(mine).masked == "138****5678"
    assert rig.look() == [], "five are ahead"
    for _ in before[:2]:
        rig.call()
        rig.serve_out()
    first = rig.look()
    assert len(first) == 1
    assert mine.number in first[0]
    assert "3 人" in first[0]
    assert rig.look() == first, "each occasion is told once"
    while rig.call() != mine.number:
        rig.serve_out()
    told = rig.look()
    assert "2号" in told[-1] or "2 号" in told[-1]
    assert "正在叫您的号" in told[-1]
    assert all(message["to"] == PHONE for message in rig.sim.sent)
    rig.serve_out()
    assert rig.look() == told, "nothing more to say"
    assert rig.book.of_hall(HALL) == []
    assert PHONE.encode() not in b"".join(file.read_bytes() for file in rig.folder.glob("*.db*"))


def test_a_foreigner_is_told_in_english(rig: Rig) -> None:
    rig.window()
    mine = rig.ticket()
    rig.wants(mine, lang="ko")
    rig.call()
    assert rig.look()[-1].startswith("[")
    assert "being called" in rig.look()[-1]


def test_whose_number_was_called_in_vain_hears_until_when_it_counts(rig: Rig) -> None:
    rig.window()
    mine = rig.ticket()
    rig.wants(mine)
    rig.call()
    hall = rig.desk.hall(HALL)
    for _ in range(hall.plan.rules.calls_before_no_show - 1):
        rig.clock.set(rig.clock() + timedelta(seconds=hall.plan.rules.call_gap_s + 1))
        rig.do(m.CallAgain(id=new_id(), by="staff:mei", counter="2"))
    rig.clock.set(rig.clock() + timedelta(seconds=hall.plan.rules.call_gap_s + 1))
    rig.do(m.MarkNoShow(id=new_id(), by="staff:mei", counter="2"))
    assert "过号" in rig.look()[-1]


def test_the_numbers_that_are_none_and_the_tickets_that_are_not_ones_own(rig: Rig) -> None:
    mine = rig.ticket()
    for wrong in ("1380000567", "138000056789", "12800005678", "1380000567x", "", "１３８０００００００１"):
        assert rig.code(mine, phone=wrong) == "bad-phone"
    assert rig.code(mine, token="T" * 22) == "unknown-ticket"
    rig.window()
    rig.call()
    assert rig.code(mine) == "ticket-over"
    assert rig.book.of_hall(HALL) == []


def test_a_box_that_is_not_for_this_server_is_a_bad_seal(rig: Rig) -> None:
    ticket = rig.ticket()
    path = ticket_path(HALL, ticket.business_date, ticket.number, ticket.token)
    for box in ("", "bm90IGEgYm94", "*", "A" * 4096):
        with pytest.raises(DoorRefused) as no:
            rig.texter.take(wire.TextMe(id=new_id(), path=path, box=box), rig.desk.hall(HALL))
        assert no.value.code == "bad-seal"


def test_the_last_number_given_counts(rig: Rig) -> None:
    rig.window()
    mine = rig.ticket()
    rig.wants(mine, phone="13900000001")
    rig.wants(mine)
    rig.call()
    rig.look()
    assert {message["to"] for message in rig.sim.sent} == {PHONE}


def test_one_phone_waits_for_three_tickets_and_no_more(rig: Rig) -> None:
    for _ in range(3):
        rig.wants(rig.ticket())
    assert rig.code(rig.ticket()) == "phone-busy"


def test_a_gateway_that_is_away_costs_time_and_no_message(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.window()
    mine = rig.ticket()
    rig.sim.switch({"away": 1, "rubbish": 1, "deaf": 1})
    rig.wants(mine)
    with caplog.at_level(logging.INFO):
        for _ in range(4):
            rig.look()
    assert len(rig.look()) == 1, "sent once, though one answer was lost"
    assert list(rig.sim.tries.values()) == [2]
    assert [record.getMessage() for record in caplog.records if "text messages" in record.getMessage()] == [
        "text messages have to wait (GatewayAway)",
        "text messages go out again",
    ]
    assert PHONE not in caplog.text


def test_what_has_become_old_while_the_gateway_was_away_is_not_sent(rig: Rig) -> None:
    rig.window()
    mine = rig.ticket()
    rig.wants(mine)
    rig.sim.switch({"away": 1})
    rig.look()
    rig.call()
    assert [text for text in rig.look() if "正在叫" not in text] == []


def test_a_number_to_which_nothing_is_delivered_is_tried_once(rig: Rig) -> None:
    rig.window()
    mine = rig.ticket()
    rig.wants(mine, phone="13800000000")
    assert rig.look() == []
    rig.sim.switch({"away": 9})
    assert rig.look() == []
    assert rig.sim.faults["away"] == 9, "it was not put to the gateway again"


def test_a_number_over_which_the_gateway_stumbles_holds_up_nobody_else(rig: Rig) -> None:
    rig.window()
    first, second = rig.ticket(), rig.ticket()
    rig.wants(first, phone="13800009999")
    rig.wants(second)
    rig.look()
    assert any(second.number in text for text in rig.look())
    assert all(message["to"] == PHONE for message in rig.sim.sent)


def test_it_tells_by_itself_when_the_hall_moves_and_also_after_a_restart(rig: Rig) -> None:
    rig.window()
    mine = rig.ticket()
    rig.wants(mine)
    rig.texter.start()
    try:
        rig.call()
        arrived = threading.Event()
        for _ in range(400):
            if any("正在叫" in message["text"] for message in rig.sim.sent):
                arrived.set()
                break
            arrived.wait(0.05)
        assert arrived.is_set()
    finally:
        rig.texter.stop()


def test_what_a_crash_has_left_is_removed(rig: Rig) -> None:
    rig.wants(rig.ticket())
    assert rig.book.forget_due(MORNING + LEFT_BEHIND - timedelta(seconds=1)) == 0
    assert rig.book.forget_due(MORNING + LEFT_BEHIND) == 1
    assert rig.book.halls() == set()


def test_a_server_without_a_gateway_says_so(rig: Rig) -> None:
    ticket = rig.ticket()
    path = ticket_path(HALL, ticket.business_date, ticket.number, ticket.token)
    with pytest.raises(DoorRefused) as no:
        texted(None, wire.TextMe(id=new_id(), path=path, box="x"), rig.desk.hall(HALL))
    assert no.value.code == "no-texts"


@pytest.mark.parametrize("base", ["ftp://x", "http://gateway.example", "nothing", "http://10.0.0.1:80"])
def test_numbers_go_over_https_alone(base: str) -> None:
    with pytest.raises(ValueError, match="https"):
        HttpGateway(base, "word")


def test_the_gateways_wire(rig: Rig) -> None:
    message = Message("a/b/c", PHONE, "text")
    assert PHONE not in repr(message)
    wrong = HttpGateway(rig.texter._gateway._base, "wrong")  # type: ignore[attr-defined]
    assert "wrong" not in repr(wrong)
    with pytest.raises(GatewayAway):
        wrong.send(message)
    with pytest.raises(Undeliverable):
        rig.texter._gateway.send(Message("d", "13800000000", "text"))
    with pytest.raises(GatewayAway):
        HttpGateway("http://127.0.0.1:1", "word").send(message)
