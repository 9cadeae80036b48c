"""Who reaches what on the broker. MQTT 3.1.1 never says that something was denied: what counts is what arrives."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import msgspec
import pytest
import uuid6

from queue_server import broker
from queue_server.bench.city import free_port
from queue_server.wire import messages as wire
from queue_server.wire import topics

pytestmark = pytest.mark.wire

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig

A, B = "kiosk-000", "kiosk-001"
HALL_A, HALL_B = "hall-000", "hall-001"
TOKEN = "T" * 22


def take() -> bytes:
    return msgspec.json.encode(wire.TakeTicket(id=str(uuid6.uuid7()), matters=["M001"], token=TOKEN))


def test_nobody_asks_in_the_name_of_another(rig: Rig) -> None:
    b, a = rig.terminal(B, HALL_B), rig.terminal(A, HALL_A)
    before = rig.server.desk.hall(HALL_B)
    a.publish(topics.request(HALL_B, B), take())
    assert isinstance(a.ask(HALL_A, take()), wire.TicketReply), "what was sent before has passed through the broker"
    assert rig.server.desk.hall(HALL_B) is before
    b.pump()
    assert b.inbox == []


def test_nobody_reads_the_replies_of_another(rig: Rig) -> None:
    a, b = rig.terminal(A, HALL_A), rig.terminal(B, HALL_B)
    a.subscribe(topics.response(HALL_B, B), "jh/1/+/+/+/down/rsp", "jh/1/+/+/+/up/req", "#")
    assert isinstance(b.ask(HALL_B, take()), wire.TicketReply)
    assert isinstance(a.ask(HALL_A, take()), wire.TicketReply)
    strange = [topic for topic, _, _ in a.inbox if B in topic or topic.endswith("/up/req")]
    assert strange == []


def test_nobody_speaks_for_a_hall(rig: Rig) -> None:
    a, b = rig.terminal(A, HALL_A), rig.terminal(B, HALL_B)
    b.subscribe(topics.public(HALL_B, "calls"))
    a.publish(topics.public(HALL_B, "calls"), b'{"seq":1,"calls":[],"forged":true}', retain=True)
    a.publish(topics.response(HALL_B, B), b'{"forged":true}')
    assert isinstance(a.ask(HALL_A, take()), wire.TicketReply)
    assert isinstance(b.ask(HALL_B, take()), wire.TicketReply)
    assert not any(b"forged" in payload for _, payload, _ in b.inbox)


def test_nobody_ends_the_session_of_another(rig: Rig) -> None:
    a = rig.terminal(A, HALL_A)
    site = rig.city.plans.devices[B].site
    before = rig.server.fleet.device(B)
    a.publish(topics.state(site, B), msgspec.json.encode(wire.StateNote(state="lost", session="s1")), retain=True)
    assert isinstance(a.ask(HALL_A, take()), wire.TicketReply)
    assert rig.server.fleet.device(B) == before


@pytest.mark.parametrize(("user", "word"), [(A, "wrong"), ("nobody", "x" * 30), ("server", "server"), ("", "")])
def test_a_wrong_password_does_not_get_in(rig: Rig, user: str, word: str) -> None:
    assert rig.knock(user, word) in (4, 5)


def test_nobody_gets_in_without_a_name(rig: Rig) -> None:
    with socket.create_connection(("127.0.0.1", rig.city.mqtt_port), timeout=5) as line:
        line.sendall(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04anon")
        assert line.recv(4) == b"\x20\x02\x00\x05"


def test_the_files_are_the_owners_alone(rig: Rig) -> None:
    secrets = [broker.password_file(rig.city.directory, user) for user in (A, broker.SERVER_USER)]
    for file in [*secrets, rig.city.directory / "broker" / "passwords", rig.city.directory / "broker" / "acl"]:
        assert file.stat().st_mode & 0o077 == 0, file
    hashed = (rig.city.directory / "broker" / "passwords").read_text()
    assert all(file.read_text().strip() not in hashed for file in secrets)


@pytest.mark.parametrize("sample", ["", "server", "changeme", "change-me-change-me-change-me", "x" * 40, "short"])
def test_a_sample_secret_is_refused(tmp_path: Path, sample: str) -> None:
    file = broker.password_file(tmp_path, "server")
    file.parent.mkdir(parents=True)
    file.write_text(sample)
    file.chmod(0o600)
    with pytest.raises(broker.BrokerError, match="sample"):
        broker.password(tmp_path, "server")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    word = broker.password(tmp_path, "server")
    assert broker.password(tmp_path, "server") == word, "made once"
    broker.password_file(tmp_path, "server").chmod(0o644)
    with pytest.raises(broker.BrokerError, match="chmod 600"):
        broker.password(tmp_path, "server")


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(broker.BrokerError) as told:
            broker.embedded(tmp_path, ["k"], port=port).start()
    assert str(port) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_terminal_cannot_be_called_server(tmp_path: Path) -> None:
    with pytest.raises(broker.BrokerError, match="server"):
        broker.embedded(tmp_path, ["server"], port=free_port()).start()
