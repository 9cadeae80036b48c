"""The link over a real broker: a request stays until the hall's own reply, whatever happens in between."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6

from firmware_cfg.profile import Profile
from firmware_cfg.scale_catalogue import scaled
from kiosk.catalogue import from_wire
from kiosk.catalogue_copy import CatalogueCopy
from kiosk.events import CatalogueChanged, HelpChanged, LinkChanged, NearChanged, OutlookChanged, Replied
from kiosk.link import Link
from kiosk.near_copy import NearCopy
from kiosk.outbox import Outbox
from kiosk.resend import PATIENCE_HELP
from queue_server.broker import Broker
from queue_server.wire import messages as wire
from queue_server.wire import topics

pytestmark = pytest.mark.wire

Eventually = Callable[[Callable[[], bool], str], None]
PAPER_LOW = wire.Peripheral(name="printer", condition="degraded", since=datetime(2025, 3, 3, tzinfo=UTC), reason="low")


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(profile: Profile) -> Iterator[Outbox]:
    outbox = Outbox(profile.var.path / "outbox.db")
    yield outbox
    outbox.close()


@pytest.fixture
def link(profile: Profile, outbox: Outbox, inbox: Any, clock: Clock) -> Iterator[Link]:
    link = Link(profile, outbox, inbox, clock=clock, jitter=lambda: 0.0)
    yield link
    link.stop()


def take() -> wire.TakeTicket:
    return wire.TakeTicket(id=str(uuid6.uuid7()), matters=["M034"], token="t" * 22)


def no(request: wire.AnyRequest, code: str = "hall-closed") -> wire.RefusedReply:
    return wire.RefusedReply(id=request.id, code=code, zh="请到窗口。", en="Please go to a window.")


def request_topic(profile: Profile) -> str:
    return topics.request(profile.kiosk.hall, profile.kiosk.id)


def reply_topic(profile: Profile) -> str:
    return topics.response(profile.kiosk.hall, profile.kiosk.id)


def test_a_request_is_answered_and_the_answer_bears_the_session_that_asked(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, outbox: Outbox, eventually: Eventually
) -> None:
    link.start()
    server = server_end()
    request = take()
    link.send(profile.kiosk.hall, request, "citizen-1")
    eventually(lambda: server.bodies(request_topic(profile)) != [], "the request reaches the hall's topic")
    assert server.bodies(request_topic(profile))[0] == {
        "kind": "take-ticket", "id": request.id, "matters": ["M034"], "token": "t" * 22,
    }  # fmt: skip
    server.say(reply_topic(profile), no(request))
    session, replied = inbox.expect(Replied)
    assert session == "citizen-1"
    assert replied.reply == no(request)
    assert outbox.pending() == []


def test_a_second_answer_to_the_same_request_is_not_told_twice(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, eventually: Eventually
) -> None:
    link.start()
    inbox.expect(LinkChanged, lambda e: e.up)
    server = server_end()
    first, second = take(), take()
    link.send(profile.kiosk.hall, first, "citizen-1")
    server.say(reply_topic(profile), no(first))
    server.say(reply_topic(profile), no(first))
    inbox.expect(Replied)
    link.send(profile.kiosk.hall, second, "citizen-2")
    server.say(reply_topic(profile), no(second))
    session, replied = inbox.expect(Replied)
    assert (session, replied.reply.id) == ("citizen-2", second.id)


def test_an_acknowledgement_of_the_broker_is_not_an_answer(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, outbox: Outbox, eventually: Eventually
) -> None:
    link.start()
    server = server_end()
    request = take()
    link.send(profile.kiosk.hall, request, "citizen-1")
    eventually(lambda: len(server.bodies(request_topic(profile))) >= 2, "it is sent again though the broker had it")
    assert [held.request_id for held in outbox.pending()] == [request.id]
    assert len({body["id"] for body in server.bodies(request_topic(profile))}) == 1


def test_a_server_that_cannot_answer_now_is_asked_again(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, outbox: Outbox, eventually: Eventually
) -> None:
    link.start()
    server = server_end()
    request = take()
    link.send(profile.kiosk.hall, request, "citizen-1")
    eventually(lambda: server.bodies(request_topic(profile)) != [], "the request is there")
    server.say(reply_topic(profile), no(request, "hall-elsewhere"))
    eventually(lambda: len(server.bodies(request_topic(profile))) >= 2, "it is asked again")
    server.say(reply_topic(profile), no(request))
    assert inbox.expect(Replied)[1].reply.code == "hall-closed"


@pytest.mark.crash
def test_kill_9_of_the_broker_loses_no_request(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, eventually: Eventually
) -> None:
    link.start()
    inbox.expect(LinkChanged, lambda e: e.up)
    first = take()
    link.send(profile.kiosk.hall, first, "citizen-1")  # acknowledged by a broker that is about to forget it
    mosquitto.kill()
    inbox.expect(LinkChanged, lambda e: not e.up)
    second = take()
    link.send(profile.kiosk.hall, second, "citizen-2")
    (mosquitto.plan.directory / "mosquitto.db").unlink(missing_ok=True)
    mosquitto.start()
    server = server_end()
    inbox.expect(LinkChanged, lambda e: e.up)
    eventually(
        lambda: {body["id"] for body in server.bodies(request_topic(profile))} == {first.id, second.id},
        "both requests come after the broker is back",
    )
    for request in (first, second):
        server.say(reply_topic(profile), no(request))
    assert {inbox.expect(Replied)[1].reply.id, inbox.expect(Replied)[1].reply.id} == {first.id, second.id}


def test_a_request_survives_the_kiosk_itself(
    mosquitto: Broker, server_end: Any, profile: Profile, inbox: Any, eventually: Eventually
) -> None:
    request = take()
    before = Outbox(profile.var.path / "outbox.db")
    before.put(
        profile.kiosk.hall, request.id, msgspec.json.encode(request), datetime.now(UTC),
        session="citizen-1", keep=timedelta(minutes=10),
    )  # fmt: skip
    before.close()
    after = Outbox(profile.var.path / "outbox.db")
    link = Link(profile, after, inbox)
    link.start()
    server = server_end()
    eventually(lambda: server.bodies(request_topic(profile)) != [], "the next life sends it")
    server.say(reply_topic(profile), no(request))
    assert inbox.expect(Replied)[0] == "citizen-1"
    link.stop()
    after.close()


def test_a_request_that_nobody_waits_for_is_dropped(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, outbox: Outbox, clock: Clock,
    eventually: Eventually,
) -> None:  # fmt: skip
    link.start()
    request = take()
    link.send(profile.kiosk.hall, request, "citizen-1")
    eventually(lambda: outbox.pending() != [] and outbox.pending()[0].sent, "it was sent")
    clock.ahead = timedelta(minutes=11)
    eventually(lambda: outbox.pending() == [], "it is let go")


def test_each_connection_is_born_and_its_will_speaks_for_it_alone(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, eventually: Eventually
) -> None:
    birth_topic = topics.site_up(profile.kiosk.site, profile.kiosk.id, "birth")
    state_topic = topics.state(profile.kiosk.site, profile.kiosk.id)
    server = server_end()
    link.set_peripherals([PAPER_LOW])
    link.start()
    eventually(lambda: len(server.bodies(state_topic)) == 1, "it says that it is ready")
    (birth,) = server.bodies(birth_topic)
    born = msgspec.convert(birth, wire.Birth)
    assert (born.owner, born.owner_phone) == (profile.kiosk.owner, profile.kiosk.owner_phone)
    assert [p.name for p in born.peripherals] == ["printer"]
    assert born.catalogue_version
    assert server.bodies(state_topic)[0]["state"] == "ready"
    assert server.bodies(state_topic)[0]["session"] == born.session

    # Somebody takes our place for a moment: the broker sends the will of the old connection, we come back anew.
    with closing(socket.create_connection(("127.0.0.1", profile.broker.port))) as rival:
        rival.sendall(_connect(profile))
        eventually(lambda: "lost" in [b["state"] for b in server.bodies(state_topic)], "the will is sent")
    eventually(lambda: len(server.bodies(birth_topic)) >= 2, "it is born again")
    lost = next(body for body in server.bodies(state_topic) if body["state"] == "lost")
    assert lost["session"] == born.session
    assert server.bodies(birth_topic)[-1]["session"] != born.session


def _connect(profile: Profile) -> bytes:
    """An MQTT CONNECT with the kiosk's own name and word."""
    password = profile.broker.read_password()
    assert password is not None
    body = b"\x00\x04MQTT\x04\xc2\x00\x05"
    for text in (profile.kiosk.id, profile.broker.user, password.reveal()):
        body += len(text).to_bytes(2, "big") + text.encode()
    return bytes((0x10, len(body))) + body


def test_a_goodbye_is_no_loss(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, eventually: Eventually
) -> None:
    state_topic = topics.state(profile.kiosk.site, profile.kiosk.id)
    server = server_end()
    link.start()
    eventually(lambda: server.bodies(state_topic) != [], "ready")
    link.stop()
    eventually(lambda: len(server.bodies(state_topic)) >= 2, "it says goodbye")
    late = server_end()
    eventually(lambda: late.bodies(state_topic) != [], "the state is retained")
    assert [body["state"] for body in late.bodies(state_topic)] == ["disconnected"]


def test_a_heartbeat_comes_in_its_time_and_at_once_when_a_device_changes(
    mosquitto: Broker, profile: Profile, outbox: Outbox, inbox: Any, server_end: Any, eventually: Eventually
) -> None:
    beat_topic = topics.site_up(profile.kiosk.site, profile.kiosk.id, "hb")
    server = server_end()
    link = Link(profile, outbox, inbox, heartbeat_s=3600.0)
    link.start()
    inbox.expect(LinkChanged, lambda e: e.up)
    link.set_screen("choose")
    link.set_peripherals([PAPER_LOW])
    eventually(lambda: server.bodies(beat_topic) != [], "a change is told at once")
    (beat,) = server.bodies(beat_topic)
    assert beat["peripherals"][0]["reason"] == "low"
    assert beat["screen"] == "choose"
    link.stop()

    quick = Link(profile, outbox, inbox, heartbeat_s=0.05)
    quick.start()
    eventually(lambda: len(server.bodies(beat_topic)) >= 4, "heartbeats come")
    quick.stop()
    beats = [msgspec.convert(body, wire.Heartbeat) for body in server.bodies(beat_topic)[1:]]
    assert [beat.seq for beat in beats] == list(range(1, len(beats) + 1))


def test_what_the_hall_publishes_reaches_the_inbox_and_nonsense_does_not(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any
) -> None:
    link.start()
    inbox.expect(LinkChanged, lambda e: e.up)
    server = server_end()
    outlook_topic = topics.public(profile.kiosk.hall, "outlook")
    at = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
    good = wire.Outlook(at=at, open=True, waiting=12, wait_min_low=8, wait_min_high=15, groups=[])
    for nonsense in (b"", b"{", b"\xff\xfe", b"[]", b'{"at": 5}', b"[" * 5000):
        server.say(outlook_topic, nonsense)
        server.say(reply_topic(profile), nonsense)
    server.say(outlook_topic, msgspec.structs.replace(good, v=99))
    server.say(outlook_topic, good, retain=True)
    assert inbox.expect(OutlookChanged) == (None, OutlookChanged(good))
    assert not [s for s in inbox.everything() if isinstance(s.event, Replied | OutlookChanged)]


def test_of_the_halls_lamps_only_this_terminals_call_is_told_and_only_when_it_changes(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any
) -> None:
    link.start()
    inbox.expect(LinkChanged, lambda e: e.up)
    server, topic, me = server_end(), topics.public(profile.kiosk.hall, "lamps"), profile.kiosk.id
    lamp = wire.Lamp(counter="1", colour="red", blinking=True)
    other, mine = wire.HelpLamp("kiosk-99", "c9", coming=True), wire.HelpLamp(me, "c1", coming=False)
    for help_ in ([other], [other, mine], [mine], [mine, other], [wire.HelpLamp(me, "c1", coming=True)], [other]):
        server.say(topic, wire.Lamps(counters=[lamp], help=help_), retain=True)
    inbox.expect(HelpChanged, lambda e: e == HelpChanged())
    told = [stamped.event for stamped in inbox.everything() if isinstance(stamped.event, HelpChanged)]
    assert told == [HelpChanged("c1", coming=False), HelpChanged("c1", coming=True)]


def test_a_call_for_help_that_reached_nobody_calls_nobody_later(link: Link, outbox: Outbox, profile: Profile) -> None:
    """No broker: the page has long said that nobody was called."""
    call = wire.CallHelp(id=str(uuid6.uuid7()))
    link.send(profile.kiosk.hall, call, "s1")
    (held,) = outbox.pending()
    assert outbox.drop_old(held.at + PATIENCE_HELP) == [call.id]


def test_the_last_good_catalogue_is_there_before_any_link(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, outbox: Outbox
) -> None:
    link.start()
    session, shipped = inbox.expect(CatalogueChanged)
    assert session is None
    assert len(shipped.catalogue.matters) == 77
    inbox.expect(LinkChanged, lambda e: e.up)
    topic = topics.site_down(profile.kiosk.site, profile.kiosk.id, "cat")
    own = msgspec.structs.replace(shipped.catalogue, version="of-this-site", hot=["M071"])
    server = server_end()
    server.say(topic, b"{}")
    server.say(topic, own)
    assert inbox.expect(CatalogueChanged)[1].catalogue == own
    link.stop()

    copy = CatalogueCopy(profile.var.path / "catalogue.json")
    assert copy.first() == own
    (profile.var.path / "catalogue.json").write_bytes(b"{torn")
    assert copy.first() == shipped.catalogue


def test_where_else_to_go_is_known_after_a_restart_without_a_link(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, outbox: Outbox
) -> None:
    topic = topics.site_down(profile.kiosk.site, profile.kiosk.id, "near")
    near = wire.Near(kiosks=[wire.NearKiosk("kiosk-02", "示例中心", "Example Centre", "二楼", 640)])
    link.start()
    inbox.expect(LinkChanged, lambda e: e.up)
    server = server_end()
    for nonsense in (b"", b"{", b"[]", msgspec.json.encode(msgspec.structs.replace(near, v=99))):
        server.say(topic, nonsense)
    server.say(topic, near, retain=True)
    assert inbox.expect(NearChanged) == (None, NearChanged(near))
    link.stop()
    mosquitto.kill()

    again = Link(profile, outbox, inbox)
    again.start()
    assert inbox.expect(NearChanged) == (None, NearChanged(near))
    again.stop()
    path = profile.var.path / "near.json"
    path.write_bytes(b"{torn")
    assert NearCopy(path).first() is None


@pytest.mark.parametrize("count", [1000, 5000])
def test_a_large_catalogue_comes_through_the_broker_and_the_heartbeat_says_so(
    mosquitto: Broker, link: Link, server_end: Any, profile: Profile, inbox: Any, count: int, eventually: Eventually,
) -> None:  # fmt: skip
    link.start()
    inbox.expect(LinkChanged, lambda e: e.up)
    large = msgspec.convert({**scaled(count), "themes": None}, wire.Catalogue)
    server = server_end()
    server.say(topics.site_down(profile.kiosk.site, profile.kiosk.id, "cat"), wire.packed(large))
    news = inbox.expect(CatalogueChanged, lambda e: e.catalogue.version == large.version)[1]
    assert len(from_wire(news.catalogue).find(large.matters[-1].initials)) >= 1
    beat = topics.site_up(profile.kiosk.site, profile.kiosk.id, "hb")
    eventually(
        lambda: any(body["catalogue_version"] == large.version for body in server.bodies(beat)),
        "a heartbeat with the version",
    )
    link.stop()
    assert CatalogueCopy(profile.var.path / "catalogue.json").first() == large


@pytest.mark.parametrize(
    ("version", "matters"), [("0-older", True), ("1-without-a-matter", False)], ids=["older", "empty"]
)
def test_an_older_or_an_empty_catalogue_is_refused_and_the_last_good_one_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, version: str, *, matters: bool
) -> None:
    copy = CatalogueCopy(tmp_path / "catalogue.json")
    shipped = copy.first()
    other = msgspec.structs.replace(shipped, version=version, matters=shipped.matters if matters else [])
    assert copy.take(wire.packed(other)) is None
    assert copy.version == shipped.version
    assert "is refused" in caplog.text
    assert CatalogueCopy(tmp_path / "catalogue.json").first() == shipped


def test_with_no_broker_at_all_the_kiosk_starts_and_says_so(
    link: Link, profile: Profile, inbox: Any, outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    eventually: Eventually,
) -> None:  # fmt: skip
    link.start()
    inbox.expect(CatalogueChanged)
    link.send(profile.kiosk.hall, take(), "citizen-1")
    eventually(lambda: "cannot be reached" in caplog.text, "the log says why")
    assert not link.up
    assert len(outbox.pending()) == 1


def test_a_dead_broker_is_passed_over_for_the_next(
    mosquitto: Broker, profile: Profile, outbox: Outbox, inbox: Any
) -> None:
    with socket.socket() as deaf:  # takes the connection and never says a word
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        threading.Thread(target=_swallow, args=(deaf,), daemon=True).start()
        port = deaf.getsockname()[1]
        elsewhere = _with_brokers(profile, port, f"127.0.0.1:{mosquitto.plan.port}")
        link = Link(elsewhere, outbox, inbox, connect_s=0.3)
        link.start()
        inbox.expect(LinkChanged, lambda e: e.up)
        link.stop()


def _swallow(deaf: socket.socket) -> None:
    held = []
    while True:
        try:
            held.append(deaf.accept()[0])
        except OSError:
            for line in held:
                line.close()
            return


def _with_brokers(profile: Profile, port: int, *others: str) -> Profile:
    return dataclasses.replace(profile, broker=dataclasses.replace(profile.broker, port=port, others=others))


def test_a_disk_that_takes_nothing_sends_the_citizen_to_a_window(
    link: Link, profile: Profile, inbox: Any, outbox: Outbox
) -> None:
    outbox._db.execute("PRAGMA max_page_count = 1")  # no page more: as a full disk
    request = msgspec.structs.replace(take(), matters=["M" + "0" * 31] * 10)
    session = "s" * 64
    replied = None
    while replied is None:
        link.send(profile.kiosk.hall, request, session)
        request = msgspec.structs.replace(request, id=str(uuid6.uuid7()))
        replied = next((s for s in inbox.everything() if isinstance(s.event, Replied)), None)
    assert replied.session == session
    assert isinstance(replied.event.reply, wire.RefusedReply)
    assert replied.event.reply.zh


def test_no_descriptor_is_left_behind(mosquitto: Broker, profile: Profile, outbox: Outbox, inbox: Any) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        link = Link(profile, outbox, inbox)
        link.start()
        inbox.expect(LinkChanged, lambda e: e.up)
        link.stop()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
