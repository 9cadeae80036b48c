"""The kiosk's one line to the halls: requests out of the outbox, replies and news into the inbox.

One thread owns the connection; everybody else only leaves things for it. Each connection is a new *session* of
the terminal: the will (``lost``) and the birth carry its name, so that a late will cannot end a newer
connection. A request goes out when it is put and again, at growing intervals, until the *hall's* reply is
here; the reply reaches the inbox stamped with the citizen's session that asked. The wire is MQTT 3.1.1, QoS 1,
with Nagle's delay switched off; brokers are tried in turn with a jittered back-off.

Used by ``app``: ``start``, ``send``, ``end_session``, ``set_peripherals``, ``set_screen``, ``stop``.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
import queue
import random
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from firmware_cfg.catalogue import CATALOGUE
from firmware_cfg.profile import Profile
from kiosk.events import CatalogueChanged, Event, LinkChanged, OutlookChanged, Replied, Stamped
from kiosk.outbox import Held, Outbox
from queue_server.wire import messages as wire
from queue_server.wire import topics

log = logging.getLogger(__name__)

HEARTBEAT_S = 25.0
KEEPALIVE_S = 20
CONNECT_S = 5.0
SOONEST_BEAT_S = 0.5
"""A flapping device must not flood: news of peripherals goes out at most so often."""
FIRST_RESEND_S, LONGEST_RESEND_S = 1.5, 10.0
FIRST_REST_S, LONGEST_REST_S = 0.5, 30.0
PATIENCE = timedelta(minutes=10)
"""How long a citizen's request is worth an answer."""
PATIENCE_OFFLINE = timedelta(days=7)
"""A ticket already printed off-line must reach the hall, however late."""
TRANSIENT = frozenset({"hall-elsewhere", "busy"})
"""Refusals that the server did not keep: the same request asked again may get its ticket."""

_encode = msgspec.json.Encoder().encode
_reply = msgspec.json.Decoder(wire.AnyReply)
_outlook = msgspec.json.Decoder(wire.Outlook)
_catalogue = msgspec.json.Decoder(wire.Catalogue)


@dataclass
class _Due:
    """When a held request goes out next (monotonic seconds), and how often it has."""

    at: float = 0.0
    times: int = 0


class Link:
    """From ``start`` to ``stop``. All methods may be called from any thread and return at once."""

    def __init__(
        self,
        profile: Profile,
        outbox: Outbox,
        inbox: queue.SimpleQueue[Stamped],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._profile = profile
        self._outbox = outbox
        self._inbox = inbox
        self._clock = clock
        self._monotonic = monotonic
        self._jitter = jitter
        self._heartbeat_s = heartbeat_s
        kiosk = profile.kiosk
        self._state_topic = topics.state(kiosk.site, kiosk.id)
        self._reply_topic = topics.response(kiosk.hall, kiosk.id)
        self._outlook_topic = topics.public(kiosk.hall, "outlook")
        self._catalogue_topic = topics.site_down(kiosk.site, kiosk.id, "cat")
        self._catalogue_copy = profile.var.path / "catalogue.json"
        self._catalogue_version = ""
        self._lock = threading.Lock()  # guards what others leave for the thread: the next four
        self._peripherals: list[wire.Peripheral] = []
        self._news = False
        self._screen = ""
        self._fresh: list[str] = []
        self._due: dict[str, _Due] = {}
        self._stop = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._thread: threading.Thread | None = None
        self._up = False
        self._subscribed = 0
        self._session = ""
        self._beats = 0
        self._last_words = ""

    @property
    def up(self) -> bool:
        """Whether a broker has us and our subscriptions; the flow hears of it as LinkChanged."""
        return self._up

    def start(self) -> None:
        """Hand the last good catalogue (or the shipped one) to the inbox, and begin to connect."""
        self._first_catalogue()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 8.0) -> None:
        """Say goodbye to the broker and end the thread."""
        self._stop.set()
        self._nudge()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._wake_read = self._wake_write = -1

    def send(self, hall: str, request: wire.AnyRequest, session: str) -> None:
        """Hold the request on the disk, then send it until it is answered. ``session``: who asks."""
        keep = PATIENCE_OFFLINE if isinstance(request, wire.OfflineTicket) else PATIENCE
        self._outbox.put(hall, request.id, _encode(request), self._clock(), session=session, keep=keep)
        with self._lock:
            self._fresh.append(request.id)
        self._nudge()

    def end_session(self, session: str) -> None:
        """The citizen has gone: what has not left this kiosk is not asked any more."""
        self._outbox.drop_unsent(session)
        self._nudge()

    def set_peripherals(self, peripherals: Sequence[wire.Peripheral]) -> None:
        """How the devices are now; told at once if a condition, reason or paper level differs."""
        with self._lock:
            self._news = self._news or _essence(peripherals) != _essence(self._peripherals)
            self._peripherals = list(peripherals)
        self._nudge()

    def set_screen(self, screen: str) -> None:
        """The screen's name, for the next heartbeat; never what stands on it."""
        with self._lock:
            self._screen = screen[:32]

    # --- the thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        addresses = self._profile.broker.addresses
        while not self._stop.is_set():
            host, port = addresses[failures % len(addresses)]
            try:
                lasted = self._connection(host, port)
            except (OSError, ValueError) as error:
                lasted = False
                self._say(f"the broker {host}:{port} cannot be reached ({type(error).__name__}: {error})")
            self._set_up(up=False)
            failures = 1 if lasted else failures + 1
            if failures % len(addresses) == 0 or lasted:  # the others are tried at once, then we rest
                self._rest(failures)

    def _rest(self, failures: int) -> None:
        longest = min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(failures - 1, 10))
        self._stop.wait(longest * (0.5 + 0.5 * self._jitter()))

    def _connection(self, host: str, port: int) -> bool:
        """One connection from its beginning to its end. Returns whether it ever worked."""
        self._session = secrets.token_hex(8)
        self._subscribed = 0
        client = self._client()
        client.connect(host, port, keepalive=KEEPALIVE_S)
        began = self._monotonic()
        next_beat, soonest_beat = began, began
        worked = False
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._wake_read, selectors.EVENT_READ)
            while not self._stop.is_set():
                line = client.socket()
                if line is None:
                    break
                now = self._monotonic()
                if self._up and not worked:
                    worked = True
                    self._announce(client)
                    next_beat = now + self._heartbeat_s
                elif worked:
                    with self._lock:
                        news = self._news
                    if now >= next_beat or (news and now >= soonest_beat):
                        self._beat(client)
                        next_beat, soonest_beat = now + self._heartbeat_s, now + SOONEST_BEAT_S
                    self._resend(client, now)
                elif now - began > CONNECT_S:
                    self._say(f"the broker {host}:{port} does not answer")
                    break
                self._wait(waiting, client, line)
        if worked and self._stop.is_set():
            self._goodbye(client)
        with suppress(OSError, ValueError):
            client.disconnect()
        _close(client)
        return worked

    def _wait(self, waiting: selectors.BaseSelector, client: mqtt.Client, line: Any) -> None:
        """Until bytes come, somebody left something, or a quarter of a second has gone."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.want_write() else 0)
        waiting.register(line, events)
        try:
            ready = waiting.select(0.25)
        finally:
            with suppress(KeyError, ValueError):
                waiting.unregister(line)
        for key, mask in ready:
            if key.fileobj == self._wake_read:
                with suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
                continue
            if mask & selectors.EVENT_READ:
                client.loop_read()
            if mask & selectors.EVENT_WRITE:
                client.loop_write()
        client.loop_misc()

    def _client(self) -> mqtt.Client:
        """A client for one connection: what it has in flight dies with it, the outbox knows better."""
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._profile.kiosk.id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages_set(1000)
        password = self._profile.broker.read_password()
        if password is not None:
            client.username_pw_set(self._profile.broker.user, password.reveal())
        will = wire.StateNote(state="lost", session=self._session)
        client.will_set(self._state_topic, _encode(will), qos=1, retain=True)
        client.on_socket_open = _no_delay
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._say(f"the broker refused us: {reason}")
            return
        news = (self._reply_topic, self._outlook_topic, self._catalogue_topic)
        client.subscribe([(topic, 1) for topic in news])

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, _reasons: object, _properties: object
    ) -> None:
        self._set_up(up=True)

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if not self._stop.is_set():
            self._say(f"the link is down: {reason}")

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            if message.topic == self._reply_topic:
                self._on_reply(_reply.decode(message.payload))
            elif message.topic == self._outlook_topic:
                outlook = _outlook.decode(message.payload)
                if outlook.v == wire.VERSION:
                    self._tell(OutlookChanged(outlook))
            elif message.topic == self._catalogue_topic and message.payload:
                self._on_catalogue(bytes(message.payload))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            log.warning("what came on %s cannot be read: %s", message.topic, error)

    def _on_reply(self, reply: wire.AnyReply) -> None:
        if reply.v != wire.VERSION:
            log.warning("a reply of version %s is not understood", reply.v)
            return
        if isinstance(reply, wire.RefusedReply) and reply.code in TRANSIENT:
            log.info("request %s is asked again: %s", reply.id, reply.code)
            return
        session = self._outbox.done(reply.id)
        self._due.pop(reply.id, None)
        if session is not None:  # else a second answer to the same request
            self._inbox.put(Stamped(session, Replied(reply)))

    def _on_catalogue(self, payload: bytes) -> None:
        catalogue = _catalogue.decode(payload)
        if catalogue.v != wire.VERSION or catalogue.version == self._catalogue_version:
            return
        draft = self._catalogue_copy.with_suffix(".new")
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(payload)
            draft.replace(self._catalogue_copy)
        except OSError as error:
            log.warning("the catalogue cannot be kept: %s", error)
        self._catalogue_version = catalogue.version
        self._tell(CatalogueChanged(catalogue))

    def _first_catalogue(self) -> None:
        for path in (self._catalogue_copy, CATALOGUE):
            try:
                catalogue = _catalogue.decode(path.read_bytes())
            except FileNotFoundError:
                continue
            except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
                log.warning("%s cannot be used: %s", path, error)
                continue
            self._catalogue_version = catalogue.version
            self._tell(CatalogueChanged(catalogue))
            return

    def _announce(self, client: mqtt.Client) -> None:
        """A new connection: birth, state, and everything without an answer again."""
        kiosk = self._profile.kiosk
        with self._lock:
            peripherals, self._news = self._peripherals, False
        birth = wire.Birth(
            session=self._session,
            at=self._clock(),
            model=_model(),
            version=_version(),
            profile=self._profile.name[:64],
            owner=kiosk.owner,
            owner_phone=kiosk.owner_phone,
            peripherals=peripherals,
            catalogue_version=self._catalogue_version,
        )
        client.publish(topics.site_up(kiosk.site, kiosk.id, "birth"), _encode(birth), qos=1)
        self._state(client, "ready")
        self._beats = 0
        self._due = {held.request_id: _Due() for held in self._outbox.pending()}

    def _state(self, client: mqtt.Client, state: wire.DeviceState) -> None:
        note = wire.StateNote(state=state, session=self._session, at=self._clock())
        client.publish(self._state_topic, _encode(note), qos=1, retain=True)

    def _beat(self, client: mqtt.Client) -> None:
        kiosk = self._profile.kiosk
        with self._lock:
            peripherals, screen, self._news = self._peripherals, self._screen, False
        self._beats += 1
        beat = wire.Heartbeat(
            session=self._session,
            seq=self._beats,
            at=self._clock(),
            screen=screen,
            outbox=len(self._outbox.pending()),
            peripherals=peripherals,
        )
        client.publish(topics.site_up(kiosk.site, kiosk.id, "hb"), _encode(beat), qos=1)

    def _resend(self, client: mqtt.Client, now: float) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, []
        for request_id in fresh:
            self._due.setdefault(request_id, _Due())
        if not any(due.at <= now for due in self._due.values()):
            return
        for request_id in self._outbox.drop_old(self._clock()):
            log.warning("request %s was never answered and is dropped", request_id)
        held = {entry.request_id: entry for entry in self._outbox.pending()}
        self._due = {request_id: due for request_id, due in self._due.items() if request_id in held}
        for request_id, due in self._due.items():
            if due.at <= now:
                self._publish(client, held[request_id])
                due.times += 1
                pause = min(LONGEST_RESEND_S, FIRST_RESEND_S * 2.0 ** (due.times - 1))
                due.at = now + pause * (1.0 + 0.25 * self._jitter())

    def _publish(self, client: mqtt.Client, entry: Held) -> None:
        self._outbox.mark_sent(entry.request_id)
        client.publish(topics.request(entry.hall, self._profile.kiosk.id), entry.body, qos=1)

    def _goodbye(self, client: mqtt.Client) -> None:
        self._state(client, "disconnected")
        until = self._monotonic() + 1.0
        while client.want_write() and client.socket() is not None and self._monotonic() < until:
            client.loop_write()

    def _set_up(self, *, up: bool) -> None:
        if up != self._up:
            self._up = up
            if up:
                self._last_words = ""
            self._tell(LinkChanged(up))

    def _tell(self, event: Event) -> None:
        self._inbox.put(Stamped(None, event))

    def _say(self, words: str) -> None:
        """Once: a broker that is away for a night fills no log."""
        if words != self._last_words:
            self._last_words = words
            log.warning("%s", words)

    def _nudge(self) -> None:
        with suppress(BlockingIOError, OSError):
            os.write(self._wake_write, b"x")


def _essence(peripherals: Sequence[wire.Peripheral]) -> list[tuple[object, ...]]:
    """What is worth a heartbeat of its own: not the counters, not a time."""
    return [(p.name, p.condition, p.reason, p.model, p.paper_percent) for p in peripherals]


def _no_delay(_client: mqtt.Client, _data: object, line: Any) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _close(client: mqtt.Client) -> None:
    line = client.socket()
    if line is not None:
        with suppress(OSError):
            line.close()


def _model() -> str:
    """The board's own name on a Raspberry Pi, else the machine's kind."""
    with suppress(OSError):
        return Path("/proc/device-tree/model").read_text(encoding="utf-8").strip("\x00 \n")[:64]
    return f"{platform.system()} {platform.machine()}"[:64]


def _version() -> str:
    try:
        return importlib.metadata.version("jiaohao")[:64]
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
