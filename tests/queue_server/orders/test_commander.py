"""Orders to terminals: signed, in order, sent again, and never taken for done; codes that only one terminal knows."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from nacl.public import PublicKey, SealedBox

from firmware_cfg import one_time
from firmware_cfg.sign import BadKey, is_signed, public_of, read_key
from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.orders import Commander, TechnicianCodes, signing_key, tables
from queue_server.people.keys import load_keys
from queue_server.store.database import metadata, open_engine
from queue_server.wire import messages as wire
from queue_server.wire import orders as wire_orders

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SITE, KIOSK = "xinghe", "kiosk-01"


@dataclass
class Post:
    """What was published."""

    sent: list[tuple[str, bytes, bool]] = field(default_factory=list)

    def __call__(self, topic: str, payload: bytes, retain: bool) -> None:  # noqa: FBT001
        self.sent.append((topic, payload, retain))

    def orders(self) -> list[wire.AnyOrder]:
        signed = [msgspec.json.decode(payload, type=wire.SignedOrder) for _, payload, _ in self.sent]
        return [msgspec.json.decode(one.body, type=wire.AnyOrder) for one in signed]


@dataclass
class Room:
    commander: Commander
    post: Post
    clock: SetClock
    public: bytes
    engine: sa.Engine


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    engine = open_engine(f"sqlite:///{tmp_path / 'side.db'}")
    metadata.create_all(engine)
    clock, post, ids = SetClock(NOON), Post(), iter(range(10**6))
    seed = signing_key(tmp_path / "secrets")
    commander = Commander(engine, load_plans(), seed, clock, lambda: f"order-{next(ids)}")
    commander.speak_through(post)
    yield Room(commander, post, clock, public_of(seed), engine)
    engine.dispose()


def test_the_key_is_made_once_and_only_the_server_may_read_it(tmp_path: Path) -> None:
    seed = signing_key(tmp_path)
    assert signing_key(tmp_path) == seed
    assert read_key(tmp_path / "server-sign.pub") == public_of(seed)
    (tmp_path / "server-sign").chmod(0o644)
    with pytest.raises(BadKey, match="chmod 600"):
        signing_key(tmp_path)


def test_an_emergency_is_signed_retained_and_for_everybody_of_the_site(room: Room) -> None:
    room.commander.emergency("staff", SITE, "fire")
    ((topic, payload, retain),) = room.post.sent
    assert (topic, retain) == (f"jh/1/site/{SITE}/{KIOSK}/down/cmd", True)
    signed = msgspec.json.decode(payload, type=wire.SignedOrder)
    assert is_signed(room.public, wire_orders.PURPOSE, signed.body.encode(), base64.b64decode(signed.signature))
    (order,) = room.post.orders()
    assert isinstance(order, wire.Emergency)
    assert (order.danger, order.device, order.site) == ("fire", "*", SITE)
    assert order.expires_at == NOON + timedelta(hours=4)


def test_serials_grow_even_within_a_millisecond_and_when_the_clock_goes_back(room: Room) -> None:
    room.commander.emergency("staff", SITE, "closing")
    room.commander.restart("staff", KIOSK)
    room.clock.forward(hours=-3)
    room.commander.set_mode("staff", KIOSK, "closed")
    serials = [order.serial for order in room.post.orders()]
    assert serials == sorted(set(serials))


def test_an_own_sentence_needs_both_languages_and_what_no_terminal_takes_is_not_sent(room: Room) -> None:
    for zh, en in (("请到一楼", ""), ("请" * 49, "Go down"), ("请\n走", "Go"), ("请走", "x" * 121)):
        with pytest.raises(ValueError, match=r"languages|Expected|match"):
            room.commander.emergency("staff", SITE, "other", zh, en)
    assert room.post.sent == []
    with pytest.raises(KeyError):
        room.commander.emergency("staff", "nowhere", "fire")


def test_it_stands_until_it_is_lifted_or_expires(room: Room) -> None:
    assert room.commander.standing(SITE) is None
    room.commander.emergency("staff", SITE, "closing")
    assert room.commander.standing(SITE) is not None
    room.commander.emergency("staff", SITE, "over")
    assert room.commander.standing(SITE) is None
    room.commander.emergency("staff", SITE, "fire")
    room.clock.forward(hours=4)
    assert room.commander.standing(SITE) is None


def test_a_broker_that_forgot_everything_gets_the_last_emergency_again(room: Room) -> None:
    room.commander.rebuild()
    assert room.post.sent == []
    room.commander.emergency("staff", SITE, "fire")
    first = room.post.sent.pop()
    room.commander.rebuild()
    assert room.post.sent == [first]


def test_only_a_terminals_own_word_counts_and_done_stays_done(room: Room) -> None:
    order = room.commander.restart("staff", KIOSK).order
    room.commander.acked("another", wire.Ack(id=order.id, state="done", at=NOON))
    assert room.commander.recent(KIOSK)[0].answers == {}
    room.commander.acked(KIOSK, wire.Ack(id=order.id, state="refused", at=NOON, reason="expired"))
    assert room.commander.recent(KIOSK)[0].answers[KIOSK].reason == "expired"
    room.commander.acked(KIOSK, wire.Ack(id=order.id, state="done", at=NOON))
    room.commander.acked(KIOSK, wire.Ack(id=order.id, state="refused", at=NOON, reason="replayed"))
    assert room.commander.recent(KIOSK)[0].answers[KIOSK].state == "done"


def test_a_terminal_that_comes_back_is_told_again_whether_it_shall_serve(room: Room) -> None:
    order = room.commander.set_mode("staff", KIOSK, "maintenance").order
    room.post.sent.clear()
    room.commander.born(KIOSK)
    assert [one.id for one in room.post.orders()] == [order.id]
    assert room.post.sent[0][2] is False, "an open door is not retained: its serial would be old some day"
    room.commander.acked(KIOSK, wire.Ack(id=order.id, state="done", at=NOON))
    room.post.sent.clear()
    room.commander.born(KIOSK)
    assert room.post.sent == []


# --- one-time codes --------------------------------------------------------------------------------------


def test_the_console_shows_the_terminals_code_by_the_terminals_clock(room: Room, tmp_path: Path) -> None:
    keys, secret = load_keys(tmp_path / "secrets"), bytes(range(32))
    codes = TechnicianCodes(room.engine, keys, room.clock)
    assert codes.code(KIOSK) is None
    sealed = base64.b64encode(SealedBox(PublicKey(keys.public_key())).encrypt(secret)).decode()
    codes.take(KIOSK, sealed)
    fast = timedelta(minutes=7, seconds=20)
    code = codes.code(KIOSK, fast)
    assert code is not None
    assert one_time.step_of_code(secret, code.digits, NOON + fast) is not None
    assert code.left_s == 40
    with room.engine.begin() as connection:
        kept = connection.scalar(sa.select(tables.secrets.c.sealed))
    assert secret not in kept
    assert TechnicianCodes(room.engine, keys, room.clock).code(KIOSK, fast) == code, "known after a restart"


@pytest.mark.parametrize("sealed", ["", "no base64 at all", base64.b64encode(b"x" * 80).decode()])
def test_what_is_not_sealed_to_this_server_changes_nothing(room: Room, tmp_path: Path, sealed: str) -> None:
    codes = TechnicianCodes(room.engine, load_keys(tmp_path / "secrets"), room.clock)
    codes.take(KIOSK, sealed)
    assert codes.code(KIOSK) is None
