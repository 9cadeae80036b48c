"""Which orders of the server count: signed, for us, not expired, newer than the last; and kept over a restart."""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_cfg.sign import public_of, sign
from kiosk.orders import Orders
from queue_server.wire import messages as wire
from queue_server.wire.orders import PURPOSE

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SEED = bytes(range(32))


def signed(order: wire.AnyOrder, *, seed: bytes = SEED, purpose: str = PURPOSE) -> bytes:
    body = msgspec.json.encode(order)
    signature = base64.b64encode(sign(seed, purpose, body)).decode()
    return msgspec.json.encode(wire.SignedOrder(body=body.decode(), signature=signature))


def an_order(make: Any = wire.Emergency, serial: int = 10, **more: Any) -> wire.AnyOrder:
    head = {"id": f"o{serial}", "site": "xinghe", "device": "*", "serial": serial}
    if make is wire.Emergency:
        head["danger"] = "fire"
    times = {"issued_at": NOON, "expires_at": NOON + timedelta(hours=1)}
    order: wire.AnyOrder = make(**(head | times | more))
    return order


class Desk:
    """One terminal's ear, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.folder = folder
        (folder / "server.pub").write_text(public_of(SEED).hex())
        self.orders = self.again()

    def again(self) -> Orders:
        """After a restart."""
        path, key = self.folder / "orders.json", self.folder / "server.pub"
        self.orders = Orders(path, key, "xinghe", "kiosk-01", lambda: self.now)
        return self.orders


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_signed_order_is_taken_and_stands_after_a_restart_until_it_expires(desk: Desk) -> None:
    news, answer = desk.orders.take(signed(an_order()))
    assert news is not None
    assert answer is None, "it is acknowledged when it was carried out"
    assert [one.order for one in desk.again().first()] == [news.order]
    desk.now += timedelta(hours=1)
    assert desk.again().first() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"not json \xff",
        b"[" * 20_000,
        msgspec.json.encode(an_order()),
        signed(an_order(), seed=bytes(reversed(range(32)))),
        signed(an_order(), purpose="offline-ticket"),
        signed(an_order(site="elsewhere")),
        signed(an_order(device="kiosk-02")),
        signed(an_order(v=2)),
        signed(an_order()).replace(b"fire", b"over"),
    ],
    ids=[
        "empty",
        "nothing",
        "noise",
        "deep",
        "plain",
        "other-key",
        "other-use",
        "site",
        "device",
        "version",
        "changed",
    ],
)
def test_what_is_not_signed_or_not_for_us_has_no_answer_and_one_line(
    desk: Desk, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert desk.orders.take(body) == (None, None)
    assert len(caplog.records) == 1
    assert "fire" not in caplog.text, "nothing of its content"
    assert desk.again().first() == []


def test_an_expired_or_older_order_is_refused_with_the_reason(desk: Desk) -> None:
    desk.now = NOON + timedelta(hours=2)
    _, answer = desk.orders.take(signed(an_order()))
    assert answer == wire.Ack(id="o10", state="refused", at=desk.now, reason="expired")
    desk.now = NOON
    assert desk.orders.take(signed(an_order(serial=12)))[0] is not None
    _, answer = desk.orders.take(signed(an_order(serial=11)))
    assert answer is not None
    assert answer.reason == "replayed"


def test_a_replay_after_a_restart_is_refused_too(desk: Desk) -> None:
    first, over = signed(an_order(serial=1)), signed(an_order(serial=2, danger="over"))
    desk.orders.take(first)
    desk.orders.take(over)
    news, answer = desk.again().take(first)
    assert news is None
    assert answer is not None
    assert answer.reason == "replayed"


def test_what_the_broker_keeps_is_said_to_be_done_and_changes_nothing(desk: Desk) -> None:
    body = signed(an_order())
    desk.orders.take(body)
    news, answer = desk.again().take(body)
    assert news is None
    assert answer is not None
    assert answer.state == "done"


def test_an_emergency_that_was_kept_counts_although_a_restart_came_first(desk: Desk) -> None:
    """The broker may bring what it keeps after what it queued: serials are compared within a kind."""
    assert desk.orders.take(signed(an_order(wire.Restart, 20)))[0] is not None
    assert desk.orders.take(signed(an_order(serial=10)))[0] is not None


def test_a_clock_that_was_set_back_brings_no_old_order_to_life(desk: Desk) -> None:
    late = NOON + timedelta(days=2)
    desk.now = late
    desk.orders.take(signed(an_order(wire.Restart, 20, issued_at=late, expires_at=late + timedelta(minutes=9))))
    desk.now = NOON
    _, answer = desk.again().take(signed(an_order()))
    assert answer is not None
    assert answer.reason == "expired"


def test_without_the_servers_key_it_serves_and_obeys_nobody(tmp_path: Path) -> None:
    orders = Orders(tmp_path / "orders.json", tmp_path / "none.pub", "xinghe", "kiosk-01", lambda: NOON)
    assert orders.take(signed(an_order())) == (None, None)


def test_a_file_that_somebody_changed_shuts_nothing(desk: Desk) -> None:
    desk.orders.take(signed(an_order()))
    path = desk.folder / "orders.json"
    path.write_bytes(path.read_bytes().replace(b"fire", b"oops"))
    assert desk.again().first() == []
    path.write_bytes(b"\x00" * 40)
    assert desk.again().first() == []


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode), st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_bytes_make_it_obey_or_fall(tmp_path: Path, noise: bytes, place: int, byte: int) -> None:
    """Noise, and a good order with one byte changed."""
    desk = Desk(tmp_path)
    good = bytearray(signed(an_order()))
    changed = bytes(good[: place % len(good)]) + bytes([byte]) + bytes(good[place % len(good) + 1 :])
    for body in (noise, changed):
        news, _ = desk.orders.take(body)
        assert news is None or news.order == an_order()
    (tmp_path / "orders.json").unlink(missing_ok=True)
