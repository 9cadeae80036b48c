"""The offices' records over their wire: what comes back is a box for one reader, and every trouble is one condition."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from kiosk.identity import seal
from queue_server.adapters.records import Line, OfficeAway, Record, TooLong, boxed
from queue_server.adapters.records_http import HttpOffice
from queue_server.adapters.records_sim import TOKEN, RecordsSim, serve
from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.desk import Desk
from queue_server.domain import messages
from queue_server.inquiries import Inquiries
from queue_server.people.keys import load_keys
from queue_server.people.vault import Identity, Vault
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog
from queue_server.wire import messages as wire

HALL, KIOSK = "xinghe-hall", "kiosk-01"
MORNING = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
TOKEN_OF_TICKET = "T" * 22
ZHANG = Identity("张晓梅", "110199199207152022")  # an invented person of the bench
LI = Identity("李德昂", "110199195803121013")  # of whom nothing is on record
WANG = Identity("王开国", "110199194910011077")  # whose record is another's
LOOK_UPS = {"M014": "sensitive", "M021": "plain"}


@dataclass
class Rig:
    sim: RecordsSim
    desk: Desk
    vault: Vault
    inquiries: Inquiries
    clock: SetClock
    folder: Path
    reader: PrivateKey = field(default_factory=PrivateKey.generate)
    replies: list[bytes] = field(default_factory=list)

    def sealed(self, who: Identity) -> str:
        return seal(self.vault.public_key(), who.number, who.name, reply=bytes(self.reader.public_key))

    def ask(self, request: wire.AskProgress | wire.AskRecord) -> Any:
        reply = self.inquiries.answer(request, HALL, KIOSK)
        self.replies.append(msgspec.json.encode(reply))
        return reply

    def record(self, who: Identity = ZHANG, matter: str = "M021", **more: Any) -> Any:
        return self.ask(wire.AskRecord(id=new_id(), matter=matter, person=self.sealed(who), **more))

    def progress(self, **by: Any) -> Any:
        return self.ask(wire.AskProgress(id=new_id(), **by))

    def do(self, command: messages.Command) -> Any:
        return self.desk.ask(HALL, command).result(10)[0]

    def ticket(self) -> Any:
        return self.do(messages.TakeTicket(id=new_id(), by="kiosk:k", matters=("M034",), token=TOKEN_OF_TICKET))


def new_id() -> str:
    return str(uuid6.uuid7())


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    clock, sim = SetClock(MORNING), RecordsSim()
    engine = open_engine(f"sqlite:///{tmp_path / 'halls.db'}")
    side = open_engine(f"sqlite:///{tmp_path / 'side.db'}")
    desk = Desk(EventLog(engine), load_plans().halls, clock)
    desk.start()
    vault = Vault(side, load_keys(tmp_path / "secrets"), clock)
    with serve(sim) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        office = HttpOffice(f"http://127.0.0.1:{server.server_address[1]}", TOKEN)
        inquiries = Inquiries(desk, vault, clock, office, look_ups=LOOK_UPS)
        yield Rig(sim, desk, vault, inquiries, clock, tmp_path)
        inquiries.stop()
        server.shutdown()
        thread.join()
    desk.stop()
    engine.dispose()
    side.dispose()


# --- records ------------------------------------------------------------------------------------------------------


def test_a_record_comes_as_a_box_that_only_the_asking_reader_opens(rig: Rig) -> None:
    reply = rig.record()
    assert isinstance(reply, wire.RecordReply)
    opened = msgspec.json.decode(SealedBox(rig.reader).decrypt(_raw(reply.box)), type=Record)
    assert opened.lines[1].value == ZHANG.number
    assert len(msgspec.json.encode(reply)) < wire.MAX_BYTES
    with pytest.raises(Exception, match="error"):
        SealedBox(PrivateKey.generate()).decrypt(_raw(reply.box))


def test_a_sensitive_record_needs_a_consent_of_its_own(rig: Rig) -> None:
    assert rig.record(matter="M014").code == "consent-missing"
    assert rig.sim.asked == []
    assert isinstance(rig.record(matter="M014", consent="separate"), wire.RecordReply)


@pytest.mark.parametrize(
    ("who", "code"), [(LI, "nothing-on-record"), (WANG, "other-person"), (Identity("", ZHANG.number), "card-again")]
)
def test_who_has_no_record_or_no_card_is_told_what_to_do(rig: Rig, who: Identity, code: str) -> None:
    assert rig.record(who).code == code


def test_what_is_not_looked_up_at_terminals_is_not(rig: Rig) -> None:
    assert rig.record(matter="M040").code == "not-looked-up"


def test_a_person_sealed_without_a_reader_gets_no_record(rig: Rig) -> None:
    person = seal(rig.vault.public_key(), ZHANG.number, ZHANG.name)
    assert rig.ask(wire.AskRecord(id=new_id(), matter="M021", person=person)).code == "card-again"


def test_a_paused_office_says_who_and_until_when(rig: Rig) -> None:
    rig.sim.faults["paused"] = 1
    reply = rig.record()
    assert reply.code == "office-away"
    assert "星河市数据共享平台" in reply.zh
    assert reply.facts["back"] in reply.en


@pytest.mark.parametrize("fault", ["fail", "rubbish"])
def test_an_office_that_answers_nonsense_is_away(rig: Rig, fault: str) -> None:
    rig.sim.faults[fault] = 1
    assert rig.record().code == "office-away"
    assert isinstance(rig.record(), wire.RecordReply)


def test_without_an_office_it_is_away(rig: Rig) -> None:
    alone = Inquiries(rig.desk, rig.vault, rig.clock, look_ups=LOOK_UPS)
    request = wire.AskRecord(id=new_id(), matter="M021", person=rig.sealed(ZHANG))
    reply = alone.answer(request, HALL, KIOSK)
    alone.stop()
    assert isinstance(reply, wire.RefusedReply)
    assert reply.code == "office-away"


def test_the_same_question_again_asks_the_office_once(rig: Rig) -> None:
    request = wire.AskRecord(id=new_id(), matter="M021", person=rig.sealed(ZHANG))
    told: list[Any] = []
    answered = threading.Semaphore(0)

    def tell(reply: Any) -> None:
        told.append(reply)
        answered.release()

    for _ in range(5):
        rig.inquiries.submit(request, HALL, KIOSK, tell)
    for _ in range(5):
        assert answered.acquire(timeout=20)
    assert len({reply.box for reply in told}) == 1
    assert rig.sim.asked == ["/api/records/M021"]


@pytest.mark.parametrize(
    "address", ["http://records.example", "ftp://127.0.0.1", "records", "http://127.0.0.1.example:80"]
)
def test_a_person_is_sent_in_the_clear_to_this_machine_alone(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        HttpOffice(address, TOKEN)


def test_a_record_longer_than_a_box_is_refused(rig: Rig) -> None:
    line = Line(label_zh="行" * 60, label_en="line", value="值" * 60, kind="open")
    record = Record(title_zh="", title_en="", as_of=MORNING, lines=[line] * 60)
    with pytest.raises(TooLong):
        boxed(record, bytes(rig.reader.public_key))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.text(min_size=6, max_size=40), min_size=1, max_size=6))
def test_no_value_of_a_record_stands_in_the_clear_anywhere(
    rig: Rig, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, values: list[str]
) -> None:
    """Whatever the office says, wire, log and databases hold none of it; nor does anything that prints."""
    caplog.set_level(logging.DEBUG)
    secrets = [f"秘密{n}{value}" for n, value in enumerate(values)]
    lines = [{"label_zh": "一", "label_en": "one", "value": s[:200], "kind": "open"} for s in secrets]
    monkeypatch.setattr(
        rig.sim,
        "record",
        lambda *_: {"title_zh": "题", "title_en": "t", "as_of": MORNING.isoformat(), "lines": lines},
    )
    reply = rig.record()
    assert isinstance(reply, wire.RecordReply)
    opened = msgspec.json.decode(SealedBox(rig.reader).decrypt(_raw(reply.box)), type=Record)
    assert [line.value for line in opened.lines] == [s[:200] for s in secrets]
    everywhere = b"".join(rig.replies) + caplog.text.encode() + repr((opened, opened.lines, reply)).encode()
    everywhere += b"".join(path.read_bytes() for path in rig.folder.rglob("*") if path.is_file())
    for s in secrets:
        assert s.encode() not in everywhere
        assert json.dumps(s)[1:-1].encode() not in everywhere
    for part in (ZHANG.number.encode(), ZHANG.name.encode()):
        assert part not in everywhere


def _raw(box: str) -> bytes:
    return base64.b64decode(box)


# --- progress -----------------------------------------------------------------------------------------------------


def test_a_tickets_code_and_its_typed_number_say_how_far_it_is(rig: Rig) -> None:
    ticket = rig.ticket()
    path = f"/t/{HALL}/{ticket.business_date:%Y%m%d}/{ticket.number}/{TOKEN_OF_TICKET}"
    by_code, by_number = rig.progress(path=path).ticket, rig.progress(number=ticket.number).ticket
    assert by_code == by_number
    assert (by_code.state, by_code.number, by_code.ahead) == ("waiting", ticket.number, 0)
    assert set(msgspec.to_builtins(by_number)) <= {
        "number", "state", "ahead", "wait_min_low", "wait_min_high", "nobody", "area_zh", "area_en", "window_zh",
        "window_en", "until",
    }  # fmt: skip


def test_a_ticket_is_followed_to_its_window_and_past_it(rig: Rig) -> None:
    ticket = rig.ticket()
    rig.do(messages.OpenCounter(id=new_id(), by="wang", counter="1", staff="wang"))
    rig.do(messages.CallNext(id=new_id(), by="wang", counter="1"))
    called = rig.progress(number=ticket.number).ticket
    assert (called.state, bool(called.window_zh)) == ("called", True)


def test_a_cancelled_ticket_says_so(rig: Rig) -> None:
    ticket = rig.ticket()
    rig.do(messages.CancelTicket(id=new_id(), by="phone", ticket_id=f"{ticket.business_date}-{ticket.number}"))
    assert rig.progress(number=ticket.number).ticket.state == "cancelled"


def test_a_paused_ticket_says_until_when(rig: Rig) -> None:
    ticket = rig.ticket()
    rig.do(messages.PauseTicket(id=new_id(), by="phone", ticket_id=f"{ticket.business_date}-{ticket.number}"))
    assert rig.progress(number=ticket.number).ticket.until - rig.clock() >= timedelta(minutes=30)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path[:-1] + "x",
        lambda path: path.replace("A0", "B0"),
        lambda path: path.replace(HALL, "other-hall"),
        lambda _path: "/t/x",
    ],
)
def test_a_code_that_is_not_quite_right_finds_nothing(rig: Rig, spoil: Callable[[str], str]) -> None:
    ticket = rig.ticket()
    path = f"/t/{HALL}/{ticket.business_date:%Y%m%d}/{ticket.number}/{TOKEN_OF_TICKET}"
    assert rig.progress(path=spoil(path)).code == "unknown-number"


def test_an_unknown_number_is_not_guessed_and_guessing_is_slowed(rig: Rig) -> None:
    codes = [rig.progress(number=f"Z{n:03d}").code for n in range(12)]
    assert codes[:10] == ["unknown-number"] * 10
    assert codes[-1] == "too-many-tries"
    reply = rig.inquiries.answer(wire.AskProgress(id=new_id(), number="Z001"), HALL, "kiosk-02")
    assert isinstance(reply, wire.RefusedReply)
    assert reply.code == "unknown-number"  # the next terminal is not punished


def test_a_case_says_its_state_and_what_to_do_next(rig: Rig) -> None:
    (case,) = rig.progress(case="20261120000025").cases
    assert (case.tail, case.state) == ("0025", "supplement")
    assert case.next_zh
    assert case.owner_phone
    assert rig.progress(case="20261120000099").code == "unknown-case"


def test_a_card_finds_its_cases_and_a_stranger_none(rig: Rig) -> None:
    reply = rig.progress(person=rig.sealed(ZHANG))
    assert (reply.ticket, len(reply.cases)) == (None, 2)
    assert rig.progress(person=rig.sealed(LI)).code == "no-case"
    assert rig.progress(person="rubbish").code == "bad-seal"


def test_one_way_of_asking_at_a_time(rig: Rig) -> None:
    assert rig.progress().code == "who-is-it"
    assert rig.progress(number="A001", case="20261120000025").code == "who-is-it"


def test_a_case_of_an_office_that_is_away_is_not_said_to_be_unknown(rig: Rig) -> None:
    rig.sim.faults["fail"] = 1
    assert rig.progress(case="20261120000025").code == "office-away"


def test_a_typed_number_of_a_date_long_past_is_not_found(rig: Rig) -> None:
    ticket = rig.ticket()
    past = date(2026, 11, 1)
    assert rig.progress(path=f"/t/{HALL}/{past:%Y%m%d}/{ticket.number}/{TOKEN_OF_TICKET}").code == "unknown-number"


def test_office_away_carries_no_values() -> None:
    assert "***" not in str(OfficeAway("paused"))
