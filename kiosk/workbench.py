"""What a technician asks of the terminal, done: the lock, the tests, a new roll, what is known of the network.

Answers go to the inbox as events, like everything else. Nothing of a citizen passes here: their session was over
before the technician came in.
"""

from __future__ import annotations

import logging
import queue
import socket
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime

from firmware_cfg.profile import Profile
from kiosk.effects import AskFacts, Inspect, LogLevel, NewPaper, Report, TechnicianEffect, TryCode
from kiosk.events import Event, FactsFound, Stamped
from kiosk.identity import server_key
from kiosk.link import Link
from kiosk.outbox import Outbox
from kiosk.technician_lock import TechnicianLock
from kiosk.workers import Workers

log = logging.getLogger(__name__)


class Workbench:
    """``link.technician`` is set here: the lock's sealed secret goes up with each birth."""

    def __init__(
        self, profile: Profile, link: Link, outbox: Outbox, workers: Workers, inbox: queue.SimpleQueue[Stamped]
    ) -> None:
        """Raises ``kiosk.identity.BadServerKey``."""
        key = server_key(profile.kiosk.server_key_file)
        self._lock = TechnicianLock(profile.var.path, key, lambda: datetime.now(UTC))
        link.technician = self._lock.sealed
        self._profile, self._link, self._outbox, self._workers, self._inbox = profile, link, outbox, workers, inbox

    def do(self, effect: TechnicianEffect) -> None:
        match effect:
            case TryCode(code=code):
                self._tell(self._lock.try_code(code))
            case Inspect(device=device):
                self._workers.inspect(device)
            case NewPaper():
                self._workers.new_roll()
            case AskFacts():
                # A broker's name is looked up, and a name server that is away takes its time: never the screen's.
                threading.Thread(target=self._find_facts, name="facts", daemon=True).start()
            case LogLevel(level=level):
                logging.getLogger().setLevel(level)
                log.info("the log's level is %s", level)
            case Report(code=code):
                self._link.site.note(code)

    def _find_facts(self) -> None:
        self._tell(FactsFound(self._facts()))

    def _facts(self) -> tuple[tuple[str, str], ...]:
        """(what, value): address, broker, link_s, outbox. ``link_s`` is empty while the link is down."""
        broker = self._profile.broker
        host, port = broker.addresses[0]
        since_s = self._link.up_since_s
        return (
            ("address", _own_address(host, port)),
            ("broker", f"{host}:{port}"),
            ("link_s", "" if since_s is None else str(int(time.monotonic() - since_s))),
            ("outbox", str(len(self._outbox.pending()))),
        )

    def _tell(self, event: Event) -> None:
        self._inbox.put(Stamped(None, event))


def _own_address(host: str, port: int) -> str:
    """The address from which this terminal would speak to ``host``; nothing is sent."""
    with suppress(OSError), closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.connect((host, port))
        return str(probe.getsockname()[0])
    return ""
