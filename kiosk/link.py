"""The kiosk's one line to the halls: requests out of the outbox, replies and news into the inbox.

One thread owns the connection; everybody else only leaves things for it. Each connection is a new *session* of
the terminal: the will (``lost``) and the birth carry its name, so that a late will cannot end a newer
connection. A request goes out when it is put and again, at growing intervals, until the *hall's* reply is
here: the broker's acknowledgement proves nothing. The reply reaches the inbox stamped with the citizen's
session that asked. Brokers are tried in turn with a jittered back-off.

Used by ``app``: ``start``, ``send``, ``drop_unsent``, ``set_peripherals``, ``set_screen``, ``stop``.
"""

from __future__ import annotations

import logging
import queue
import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from firmware_cfg.profile import Profile
from kiosk.asked_time import AskedTime
from kiosk.events import CatalogueChanged, Event, HelpChanged, LinkChanged, OutlookChanged, Replied, Stamped
from kiosk.kept_copies import KeptCopies
from kiosk.mqtt_line import CONNECT_S, MqttLine, Wake
from kiosk.outbox import Outbox
from kiosk.own_numbers import OwnNumbers
from kiosk.resend import TRANSIENT, Resends, patience, rest_s
from kiosk.site_talk import SiteTalk
from kiosk.terminal import birth, essence
from queue_server.wire import messages as wire
from queue_server.wire import topics
from queue_server.wire.sentences import sentence

log = logging.getLogger(__name__)

HEARTBEAT_S = 25.0
SOONEST_BEAT_S = 0.5  # a flapping device must not flood: news of peripherals goes out at most so often
FAREWELL_S = 1.0

_encode = msgspec.json.Encoder().encode
_reply = msgspec.json.Decoder(wire.AnyReply)
_outlook = msgspec.json.Decoder(wire.Outlook)
_lamps = msgspec.json.Decoder(wire.Lamps)


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
        connect_s: float = CONNECT_S,
        own: OwnNumbers | None = None,
    ) -> None:
        self._profile = profile
        self._outbox = outbox
        self._inbox = inbox
        self._clock = clock
        self._monotonic = monotonic
        self._jitter = jitter
        self._heartbeat_s = heartbeat_s
        self._connect_s = connect_s
        self._own = own
        self._time = AskedTime(own, topics.request(profile.kiosk.hall, profile.kiosk.id))
        kiosk = profile.kiosk
        self._state_topic = topics.state(kiosk.site, kiosk.id)
        self._birth_topic = topics.site_up(kiosk.site, kiosk.id, "birth")
        self._beat_topic = topics.site_up(kiosk.site, kiosk.id, "hb")
        self._reply_topic = topics.response(kiosk.hall, kiosk.id)
        self._outlook_topic = topics.public(kiosk.hall, "outlook")
        self._lamps_topic = topics.public(kiosk.hall, "lamps")
        self._help = HelpChanged()
        self._kept = KeptCopies(profile)
        self._lock = threading.Lock()  # guards what others leave for the thread: the next four
        self._peripherals: list[wire.Peripheral] = []
        self._news = False
        self._screen = ""
        self._fresh: list[str] = []
        self._resends = Resends(jitter)
        self._wake = Wake()
        self.site = SiteTalk(profile, clock, self._wake)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._up: bool | None = None  # nothing known yet: the first failure is news, too
        self.up_since_s: float | None = None  # monotonic; None while there is no connection
        self.technician = ""  # the secret of the codes, sealed to the server: goes up with each birth
        self._session = ""
        self._beats = 0
        self._last_words = ""

    @property
    def up(self) -> bool:
        """Whether a broker has us and our subscriptions; the flow hears of it as LinkChanged."""
        return bool(self._up)

    def start(self) -> None:
        """Begin: first the last good catalogue (or the shipped one) goes to the inbox, then a broker is looked for."""
        for order in self.site.orders.first():
            self._tell(order)
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 8.0) -> None:
        """Say goodbye to the broker and end the thread. Twice is once."""
        self._stop.set()
        self._wake.call()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None
        self._wake.close()

    def send(self, hall: str, request: wire.AnyRequest, session: str) -> None:
        """Hold the request on the disk, then send it until it is answered. ``session``: who asks.

        A disk that takes nothing (full, worn out) is an answer too: the citizen is sent to a window.
        """
        keep = patience(request)
        try:
            self._outbox.put(hall, request.id, _encode(request), self._clock(), session=session, keep=keep)
        except sqlite3.Error as error:
            log.error("the outbox takes no request: %s", error)  # noqa: TRY400  (one line says it)
            zh, en = sentence("internal")
            refused = wire.RefusedReply(id=request.id, code="internal", zh=zh, en=en)
            self._inbox.put(Stamped(session, Replied(refused)))
            return
        self.held(request.id)

    def held(self, request_id: str) -> None:
        """Somebody else has put a request into the outbox: send it like any other."""
        with self._lock:
            self._fresh.append(request_id)
        self._wake.call()

    def drop_unsent(self, session: str) -> None:
        """Do not ask any more what ``session`` asked and no broker has had; for a citizen who went elsewhere."""
        self._outbox.drop_unsent(session)

    def set_peripherals(self, peripherals: Sequence[wire.Peripheral]) -> None:
        """How the devices are now; told at once if a condition, reason, model or paper level differs."""
        with self._lock:
            self._news = self._news or essence(peripherals) != essence(self._peripherals)
            self._peripherals = list(peripherals)
        self._wake.call()

    def set_screen(self, screen: str) -> None:
        """The screen's name, for the next heartbeat; never what stands on it."""
        with self._lock:
            self._screen = screen[:32]

    # --- the thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        for known in self._kept.first():
            self._tell(known)
        failures = 0
        addresses = self._profile.broker.addresses
        while not self._stop.is_set():
            host, port = addresses[failures % len(addresses)]
            try:
                lasted = self._connection(host, port)
            except OSError as error:
                lasted = False
                self._say(f"the broker {host}:{port} cannot be reached ({type(error).__name__}: {error})")
            except Exception as error:  # noqa: BLE001  whatever a broker or the disk does, the link comes back
                lasted = False
                self._say(f"the connection to {host}:{port} broke ({type(error).__name__}: {error})")
            self._set_up(up=False)
            failures = 0 if lasted else failures + 1
            if failures % len(addresses) == 0:  # the others are tried at once, then we rest
                self._stop.wait(rest_s(failures // len(addresses), self._jitter()))

    def _connection(self, host: str, port: int) -> bool:
        """One connection from its beginning to its end. Returns whether it ever worked."""
        self._session = secrets.token_hex(8)
        broker = self._profile.broker
        line = MqttLine(
            self._profile.kiosk.id,
            broker.user,
            broker.read_password(),
            (self._state_topic, _encode(wire.StateNote(state="lost", session=self._session))),
            (self._reply_topic, self._outlook_topic, self._lamps_topic, *self._kept.topics, self.site.order_topic),
            self._heard,
        )
        try:
            line.connect(host, port)
            began = self._monotonic()
            while not line.ready:
                if not line.alive or self._stop.is_set() or self._monotonic() - began > self._connect_s:
                    self._say(f"the broker {host}:{port} does not take us ({line.why})")
                    return False
                line.wait(self._wake, 0.25)
            self._announce(line)
            self._serve(line)
            if self._stop.is_set():
                self.site.send(line)
                self._state(line, "disconnected")
            else:
                self._say(f"the line to {host}:{port} ended ({line.why})")
            return True
        finally:
            line.close(self._wake, FAREWELL_S if self._stop.is_set() else 0.0)

    def _serve(self, line: MqttLine) -> None:
        """Heartbeats and requests in their time, until the line ends or we do."""
        beat_at, soonest_at = self._monotonic() + self._heartbeat_s, 0.0
        while line.alive and not self._stop.is_set():
            now = self._monotonic()
            with self._lock:
                news = self._news
            if now >= beat_at or (news and now >= soonest_at):
                self._beat(line)
                beat_at, soonest_at = now + self._heartbeat_s, now + SOONEST_BEAT_S
            self.site.send(line)
            if self._time.due(now):
                self._time.ask(line, now)
            self._send_due(line, now)
            line.wait(self._wake, max(0.0, min(0.25, beat_at - self._monotonic())))

    def _announce(self, line: MqttLine) -> None:
        """A new connection: birth, state, and everything without an answer again."""
        with self._lock:
            peripherals, self._news = self._peripherals, False
        own = {"key": self._own.key if self._own else "", "technician": self.technician}
        note = birth(self._profile, self._session, self._clock(), peripherals, self._kept.version, **own)
        line.publish(self._birth_topic, _encode(note))
        self._state(line, "ready")
        self._beats = 0
        self._set_up(up=True)
        self._time.ask(line, self._monotonic())
        self._time.wait(line, self._wake, self._stop, self._monotonic)
        self._resends.restart(held.request_id for held in self._outbox.pending())

    def _state(self, line: MqttLine, state: wire.DeviceState) -> None:
        note = wire.StateNote(state=state, session=self._session, at=self._clock())
        line.publish(self._state_topic, _encode(note), retain=True)

    def _beat(self, line: MqttLine) -> None:
        with self._lock:
            peripherals, screen, self._news = self._peripherals, self._screen, False
        self._beats += 1
        beat = wire.Heartbeat(
            session=self._session,
            seq=self._beats,
            at=self._clock(),
            screen=screen,
            outbox=len(self._outbox.pending()),
            catalogue_version=self._kept.version,
            peripherals=peripherals,
        )
        line.publish(self._beat_topic, _encode(beat))

    def _send_due(self, line: MqttLine, now: float) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, []
        for request_id in fresh:
            self._resends.add(request_id)
        if not self._resends.due(now):
            return
        for request_id in self._outbox.drop_old(self._clock()):
            log.warning("request %s was never answered and is dropped", request_id)
        held = {entry.request_id: entry for entry in self._outbox.pending()}
        self._resends.keep_only(held)
        for request_id in self._resends.due(now):
            self._outbox.mark_sent(request_id)
            entry = held[request_id]
            line.publish(topics.request(entry.hall, self._profile.kiosk.id), entry.body)
            self._resends.sent(request_id, now)

    # --- what comes -----------------------------------------------------------------------------------------

    def _heard(self, topic: str, body: bytes) -> None:
        try:
            if topic == self._reply_topic:
                self._on_reply(_reply.decode(body))
            elif topic == self._outlook_topic:
                outlook = _outlook.decode(body)
                if outlook.v == wire.VERSION:
                    self._tell(OutlookChanged(outlook))
            elif topic == self._lamps_topic:
                self._on_lamps(_lamps.decode(body))
            elif topic == self.site.order_topic and (order := self.site.heard(body)):
                self._tell(order)
            elif topic in self._kept.topics and body and (news := self._kept.heard(topic, body)):
                self._tell(news)
                if isinstance(news, CatalogueChanged):
                    with self._lock:
                        self._news = True
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            log.warning("what came on %s cannot be read: %s", topic, error)

    def _on_lamps(self, lamps: wire.Lamps) -> None:
        """Of all the hall's lamps only this terminal's call for help, and only when it has changed."""
        own = next((lamp for lamp in lamps.help if lamp.kiosk == self._profile.kiosk.id), None)
        news = HelpChanged() if own is None else HelpChanged(own.call, own.coming, own.who_zh, own.who_en)
        if lamps.v == wire.VERSION and news != self._help:
            self._help = news
            self._tell(news)

    def _on_reply(self, reply: wire.AnyReply) -> None:
        if reply.v != wire.VERSION:
            log.warning("a reply of version %s is not understood", reply.v)
            return
        if isinstance(reply, wire.RefusedReply) and reply.code in TRANSIENT:
            log.info("request %s is asked again: %s", reply.id, reply.code)
            return
        if isinstance(reply, wire.TimeReply):
            self._time.heard(reply, self._monotonic())
            return
        if isinstance(reply, wire.BlockReply) and self._own is not None:
            self._own.lent(reply)  # with it goes its request
        session = self._outbox.done(reply.id)
        self._resends.answered(reply.id)
        lease = self._own is not None and self._own.refused(session or "", self._monotonic())
        if session is not None and not lease:  # else a second answer to the same request
            self._inbox.put(Stamped(session, Replied(reply)))

    def _set_up(self, *, up: bool) -> None:
        if up != self._up:
            self._up, self.up_since_s = up, self._monotonic() if up else None
            self._last_words = "" if up else self._last_words
            self._tell(LinkChanged(up))

    def _tell(self, event: Event) -> None:
        if self._own is not None:
            self._own.know(event)
        self._inbox.put(Stamped(None, event))

    def _say(self, words: str) -> None:
        """Once: a broker that is away for a night fills no log."""
        if words != self._last_words and not self._stop.is_set():
            self._last_words = words
            log.warning("%s", words)
