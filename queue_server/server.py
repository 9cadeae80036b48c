"""One server process, put together: every part made once, started in one order, stopped in the reverse.

The order is the list in ``Server.start``: the database before the desk, the desk before the timekeeper and the
doors, the doors last; so nothing asks what does not stand yet, and at the end no new wish comes in while the
last ones are written. HTTP runs in the main thread, everything else in a thread of its own. A thread that
dies of a fault ends the process: a server that answers but has forgotten its clocks is worse than none, and
whoever started it starts it again.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import uuid6

from firmware_cfg.catalogue import load_catalogue
from queue_server import broker, health, outside, shipped_catalogue
from queue_server.auth import Auth
from queue_server.cases import Ratings
from queue_server.catalogue_file import CatalogueFile
from queue_server.clock import Clock, SystemClock
from queue_server.config import Settings
from queue_server.desk import Desk
from queue_server.fleet import Fleet
from queue_server.forecast.foretold import Foretold
from queue_server.forecast.line import Line
from queue_server.forecast.memory import Memory
from queue_server.forecast.process import Process
from queue_server.herald import Herald
from queue_server.http import app
from queue_server.mqtt import MqttDoor
from queue_server.orders import Commander, TechnicianCodes, signing_key
from queue_server.people.keys import load_keys
from queue_server.people.phones import PhoneBook
from queue_server.people.retention import Retention
from queue_server.people.vault import Vault
from queue_server.plans import Plans
from queue_server.rollouts.beside import Beside
from queue_server.sheets import advisor
from queue_server.sheets.keeper import InAProcess, SheetKeeper
from queue_server.store.database import metadata, open_engine
from queue_server.store.forgetting import OldAnswers
from queue_server.store.log import EventLog
from queue_server.store.reports import Reports
from queue_server.timekeeper import Timekeeper
from queue_server.wanted import Wanted
from queue_server.web import Web
from queue_server.wire import messages as wire

log = logging.getLogger(__name__)

SWITCH_S = 0.005
"""How long a thread may keep the interpreter when others want it. The desk gives it up by itself at every statement
and commit; cut off in between, it and the broker's thread only take it from each other (a tenth more tickets than
with 1 ms, the same latency)."""
GATHER_AFTER = (50_000, 20, 50)
"""Thresholds of the garbage collector: records make no cycles, so looking often only costs time."""


class PortTaken(RuntimeError):  # noqa: N818  (named for the condition)
    """Somebody else listens where this server should; the text is one line."""


class Server:
    """A server that can be started once. ``run`` returns when it was told to end."""

    def __init__(self, settings: Settings, plans: Plans, clock: Clock | None = None) -> None:
        """Make every part; nothing runs yet.

        Raises BrokerError (a sample secret), BadKeys, VaultError, NoOwner or a database error.
        """
        self.settings = settings
        self.plans = plans
        self.clock = clock or SystemClock()
        user = settings.mqtt_user
        self._password = broker.refuse_sample(settings.mqtt_password or broker.password(settings.var, user), user)
        self.engine = open_engine(settings.database_url)
        same = settings.side_database_url == settings.database_url
        self.side = self.engine if same else open_engine(settings.side_database_url)
        metadata.create_all(self.side)
        self.log = EventLog(self.engine)
        keys = load_keys(settings.var / "secrets")
        self.vault = Vault(self.side, keys, self.clock)
        self.commander = Commander(
            self.side, plans, signing_key(settings.var / "secrets"), self.clock, lambda: str(uuid6.uuid7())
        )
        self.codes = TechnicianCodes(self.side, keys, self.clock)
        self.phones = PhoneBook(self.side, keys)
        self.retention = Retention(
            {
                "persons": lambda now: len(self.vault.forget_due(now)),
                "phones": self.phones.forget_due,
                "answers": OldAnswers(self.engine).forget_due,
            },
            self.clock,
        )
        self.auth = Auth(self.side, self.clock)
        self.ratings = Ratings(self.side, self.clock)
        self.fleet = Fleet(self.side, plans, self.clock)
        self.foretold = Foretold()
        self.desk = Desk(
            self.log,
            plans.halls,
            self.clock,
            server_id=settings.server_id,
            server_url=settings.public_url,
            finish=self.foretold.shown,
        )
        self.forecast: Line | None = None
        if settings.forecasts:
            process = Process(cache=settings.var / "compiled")
            self.forecast = Line(self.desk, self.foretold, self.clock, self.side, process)
        self.rollouts = self._beside() if settings.rollouts else None
        self.timekeeper = Timekeeper(self.desk, self.clock)
        self.inquiries = outside.inquiries(settings, self.desk, self.vault, self.clock, self.foretold)
        self.texter = outside.texter(settings, self.desk, self.phones, self.clock)
        self.mqtt = MqttDoor(
            self.desk,
            plans,
            self.fleet,
            self.vault,
            self.ratings,
            clock=self.clock,
            new_id=lambda: str(uuid6.uuid7()),
            inquiries=self.inquiries,
            texter=self.texter,
        )
        self.wanted = Wanted(Reports(self.engine), plans.halls, self.clock)
        self.herald = Herald(
            self.desk,
            plans,
            self.clock,
            self.mqtt.publish,
            shipped_catalogue.catalogue(load_catalogue()),
            self.foretold,
            self.wanted.tiles,
            texts=self.texter is not None,
        )
        self.catalogue_file = CatalogueFile(
            settings.var / "catalogue.json",
            {name for hall in plans.halls.values() for name in hall.matters},
            load_catalogue().version,
            self.herald.put_catalogue,
        )
        self.commander.speak_through(self.mqtt.publish)
        self.herald.on_rebuild(self.commander.rebuild)
        self.fleet.pass_on(self._terminal_says)
        staffing = advisor.InAProcess(settings.var, settings.plans_path, settings.database_url)
        self.advisor = advisor.Advisor(staffing, self.clock)
        self.http = app.build(
            desk=self.desk,
            vault=self.vault,
            auth=self.auth,
            fleet=self.fleet,
            plans=plans,
            settings=settings,
            clock=self.clock,
            foretold=self.foretold,
            advisor=self.advisor,
            rollouts=self.rollouts,
            inquiries=self.inquiries,
            texter=self.texter,
            commander=self.commander,
            codes=self.codes,
            ratings=self.ratings,
        )
        compute = InAProcess(settings.var, settings.plans_path, settings.database_url)
        self.sheets = SheetKeeper(self.desk, compute, self.clock, lambda: str(uuid6.uuid7()))
        if self.forecast is not None:
            self.forecast.listen(lambda hall, _report: self.http.state.door.hub.ring(hall))
        self.http.state.door.refresh_sheets = self.sheets.refresh
        self.city = outside.city_line(settings, self.desk, self.vault, self.clock)
        self._stops: list[tuple[str, Callable[[], None]]] = []
        self._web: Web | None = None
        self._fault = False

    def _terminal_says(self, device: str, note: wire.Birth | wire.Ack) -> None:
        """On the fleet's thread: what orders and codes need of a terminal's own words."""
        if isinstance(note, wire.Ack):
            self.commander.acked(device, note)
            return
        self.codes.take(device, note.technician)
        self.commander.born(device)

    def run(self) -> int:
        """Start everything, serve until SIGTERM or SIGINT, stop everything. Exit code 1 after a thread's fault.

        Raises PortTaken before anything is started, StoreDown if the database cannot be reached.
        """
        with contextlib.closing(self._listen()) as listening:
            self._web = Web(health.before(self.http, self.health), self.http.state.door.hub.close)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._end)
            threading.excepthook = self._thread_died
            try:
                sys.setswitchinterval(SWITCH_S)
                self.start()
                gc.collect()
                gc.freeze()  # what was loaded stays: do not look through it again
                gc.set_threshold(*GATHER_AFTER)
                self._say_hello()
                self._web.run([listening])
            finally:
                self.stop()
        return 1 if self._fault else 0

    def start(self) -> None:
        """Start every part but HTTP, in order. What was started when one fails is stopped by ``stop``."""
        settings = self.settings

        def connect() -> None:
            client = f"jiaohao-{settings.server_id}"
            host, port = settings.mqtt_host, settings.mqtt_port
            self.mqtt.start(host, port, settings.mqtt_user, self._password, client, self.herald)

        parts: tuple[tuple[str, Callable[[], None], Callable[[], None]], ...] = (
            ("database", self.log.create, self._close_databases),
            ("fleet", self.fleet.start, self.fleet.stop),
            ("desk", self.desk.start, self.desk.stop),
            ("timekeeper", self.timekeeper.start, self.timekeeper.stop),
            ("wanted", self.wanted.start, self.wanted.stop),
            ("herald", self.herald.start, self.herald.stop),
            ("inquiries", lambda: None, self.inquiries.stop),
            ("mqtt", connect, self.mqtt.stop),
            ("catalogue", self.catalogue_file.start, self.catalogue_file.stop),
            ("retention", self.retention.start, self.retention.stop),
            ("sheets", self.sheets.start, self.sheets.stop),
            ("advisor", self.advisor.start, self.advisor.stop),
        )
        if self.forecast is not None:
            parts = (*parts, ("forecast", self.forecast.start, self.forecast.stop))
        if self.city is not None:
            parts = (*parts, ("city", self.city.start, self.city.stop))
        if self.texter is not None:
            parts = (*parts, ("texter", self.texter.start, self.texter.stop))
        if self.rollouts is not None:
            parts = (*parts, ("rollouts", self.rollouts.start, self.rollouts.stop))
        for name, start, stop in parts:
            self._stops.append((name, stop))
            log.debug("starting %s", name)
            start()

    def stop(self) -> None:
        """Stop what was started, in reverse. Each part gets its turn whatever happened to the others."""
        while self._stops:
            name, stop = self._stops.pop()
            try:
                stop()
            except Exception:
                log.exception("%s did not stop in order", name)

    def health(self) -> health.Health:
        """How this server is, now."""
        alive = {thread.name for thread in threading.enumerate()}
        fallen = [
            name for name in ("desk", "timekeeper", "fleet", "herald", "mqtt", "mqtt-persons") if name not in alive
        ]
        return health.Health(
            ok=not fallen,
            broker=self.mqtt.connected,
            fallen=fallen,
            server=self.settings.server_id,
            forecast=self.forecast.state if self.forecast is not None else "estimate",
        )

    def _beside(self) -> Beside:
        """Rollouts know of a hall what its forecast has learned."""

        def memory(hall_id: str) -> Memory | None:
            hindsight = self.foretold.hindsights.get(hall_id)
            return None if hindsight is None else hindsight.memory

        return Beside(memory, cache=self.settings.var / "compiled")

    def _listen(self) -> socket.socket:
        settings = self.settings
        # IPPROTO_TCP by name: asyncio takes Nagle's delay off only then (44 ms an answer)
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.http_host, settings.http_port))
        except OSError as error:
            listening.close()
            raise PortTaken(
                f"port {settings.http_port} on {settings.http_host} cannot be used for the pages: {error.strerror}"
            ) from None
        listening.listen(256)
        return listening

    def _say_hello(self) -> None:
        """The first start's one-time secret goes to whoever started the server, never into a log file."""
        secret = self.auth.first_secret()
        if secret is not None:
            sys.stdout.write(
                f"first sign-in: {self.settings.public_url}/staff/setup with the one-time secret {secret}\n"
            )
        sys.stdout.flush()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        if self._web is not None:
            self._web.should_exit = True

    def _thread_died(self, died: threading.ExceptHookArgs) -> None:
        name = died.thread.name if died.thread else "?"
        log.critical("the thread %s died; this server ends", name, exc_info=died.exc_value)
        self._fault = True
        if self._web is not None:
            self._web.should_exit = True

    def _close_databases(self) -> None:
        self.side.dispose()
        self.engine.dispose()
