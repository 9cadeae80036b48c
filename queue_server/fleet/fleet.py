"""The fleet's one thread: takes notes from the terminals, watches for silence, keeps and tells.

The MQTT door hands over each note as it came (``heard``) and goes on; here it is decoded, the rules of
``terminal`` are applied, changed rows are written to the side database and listeners are told. A note that
cannot be read, or from a terminal that is not registered at that site, is one log line and nothing else.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from queue_server.fleet import tables, terminal
from queue_server.fleet.terminal import DeviceView, Registration
from queue_server.plans import Plans
from queue_server.wire import messages as wire
from queue_server.wire import reading
from queue_server.wire.topics import SiteNote

log = logging.getLogger(__name__)

SEEN_KEPT_EVERY = timedelta(seconds=60)
"""``last_seen`` alone is written at most so often."""
LOOK_EVERY_S = 1.0
CONFIRM_S = 10.0

Listener = Callable[[DeviceView], None]
Hearer = Callable[[str, wire.Birth | wire.Ack], None]
N = TypeVar("N", wire.Birth, wire.Heartbeat, wire.StateNote, wire.Ack, wire.TerminalNote)

_birth = msgspec.json.Decoder(wire.Birth)
_heartbeat = msgspec.json.Decoder(wire.Heartbeat)
_state = msgspec.json.Decoder(wire.StateNote)
_ack = msgspec.json.Decoder(wire.Ack)
_log = msgspec.json.Decoder(wire.TerminalNote)


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """A technician's word on a terminal's key."""

    device: str
    key: str
    done: Future[bool] = field(default_factory=Future)


class Fleet:
    """Every registered terminal. ``devices`` and ``heard`` may be called from any thread."""

    def __init__(self, engine: sa.Engine, plans: Plans, clock: Callable[[], datetime]) -> None:
        """Raises NoOwner for a terminal for which nobody answers."""
        self._engine = engine
        self._clock = clock
        self._registrations = [
            Registration(d.id, d.site, d.halls, d.owner, d.owner_phone, d.place_zh) for d in plans.devices.values()
        ]
        self._views: dict[str, DeviceView] = {r.id: DeviceView(r) for r in self._registrations}
        self._kept: dict[str, DeviceView] = {}
        self._inbox: queue.SimpleQueue[tuple[SiteNote, bytes, bool] | _Confirmed | None] = queue.SimpleQueue()
        self._listeners: list[Listener] = []
        self._hearers: list[Hearer] = []
        self._listening_since = clock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read what was known and begin to listen. The table must exist (``metadata.create_all``)."""
        self._views = tables.load(self._engine, self._registrations)
        self._kept = dict(self._views)
        self._listening_since = self._clock()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is known and end the thread."""
        if self._thread is not None:
            self._inbox.put(None)
            self._thread.join()
            self._thread = None

    def devices(self) -> list[DeviceView]:
        """Every registered terminal, by site and id."""
        return sorted(self._views.values(), key=lambda view: (view.registration.site, view.id))

    def device(self, device: str) -> DeviceView | None:
        return self._views.get(device)

    def listen(self, listener: Listener) -> None:
        """``listener(view)`` is called on the fleet's thread whenever a terminal's view changed; it must not block."""
        self._listeners.append(listener)

    def pass_on(self, hearer: Hearer) -> None:
        """``hearer(device, note)`` gets each birth and each answer to an order, on the fleet's thread."""
        self._hearers.append(hearer)

    def heard(self, note: SiteNote, body: bytes, *, retained: bool = False) -> None:
        """What came up from a site, undecoded."""
        self._inbox.put((note, body, retained))

    def confirm_key(self, device: str, key: str) -> bool:
        """A technician says that the key ``device`` offers, and no other, is its own; returns when it is so.

        False where it does not offer that key (any more).
        """
        said = _Confirmed(device, key)
        self._inbox.put(said)
        return said.done.result(CONFIRM_S)

    def _run(self) -> None:
        while True:
            try:
                got = self._inbox.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                self._look_for_silence()
                continue
            if got is None:
                self._keep(self._views.values())
                return
            if isinstance(got, _Confirmed):
                self._confirm(got)
            else:
                self._take(*got)
            if self._inbox.empty():
                self._look_for_silence()

    def _take(self, note: SiteNote, body: bytes, retained: bool) -> None:  # noqa: FBT001  (as queued)
        view = self._views.get(note.device)
        if view is None or view.registration.site != note.site:
            log.warning("note %s from a terminal not registered at site %s: %s", note.what, note.site, note.device)
            return
        if len(body) > wire.MAX_BYTES:
            log.warning("note %s of %s is too large: %d bytes", note.what, note.device, len(body))
            return
        now = self._clock()
        try:
            match note.what:
                case "birth":
                    birth = _of_our_version(_birth.decode(body))
                    after = terminal.born(view, birth, now)
                    self._pass(view.id, birth)
                case "hb":
                    after = terminal.beat(view, _of_our_version(_heartbeat.decode(body)), now)
                case "state":
                    if not body:
                        return  # a retained state was cleared
                    after = terminal.noted(view, _of_our_version(_state.decode(body)), now, retained=retained)
                case "log":
                    after = terminal.reported(view, _of_our_version(_log.decode(body)), now)
                case _:
                    self._pass(view.id, _of_our_version(_ack.decode(body)))
                    return
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            # only the place of the mistake: the value may be anything
            log.warning("note %s of %s cannot be read: %s", note.what, note.device, reading.place(error))
            return
        self._put(view, after)

    def _pass(self, device: str, note: wire.Birth | wire.Ack) -> None:
        for hearer in self._hearers:
            try:
                hearer(device, note)
            except sa.exc.SQLAlchemyError as error:
                # a terminal's answer comes again with its next birth; the fleet must not end with the database
                log.error("a note of %s could not be kept: %s", device, type(error).__name__)  # noqa: TRY400

    def _confirm(self, said: _Confirmed) -> None:
        before = self._views.get(said.device)
        after = None if before is None else terminal.confirmed(before, said.key)
        if before is not None and after is not None:
            self._put(before, after)
        said.done.set_result(after is not before)

    def _look_for_silence(self) -> None:
        now = self._clock()
        for view in list(self._views.values()):
            self._put(view, terminal.silent(view, now, self._listening_since))

    def _put(self, before: DeviceView, after: DeviceView) -> None:
        if after == before:
            return
        self._views[after.id] = after
        if after.offered_key not in ("", before.offered_key):
            log.error("terminal %s shows another key than before: not believed until it is confirmed", after.id)
        kept = self._kept.get(after.id)
        if kept is None or _worth_keeping(kept, after):
            self._keep([after])
        for listener in self._listeners:
            listener(after)

    def _keep(self, views: Iterable[DeviceView]) -> None:
        rows = list(views)
        try:
            tables.save(self._engine, rows)
        except sa.exc.SQLAlchemyError as error:
            log.error("the terminals' states could not be written: %s", type(error).__name__)  # noqa: TRY400
            return  # the next change tries again: what is live is not in the table but in the notes
        self._kept.update((view.id, view) for view in rows)


def _worth_keeping(kept: DeviceView, now: DeviceView) -> bool:
    if (kept.state, kept.session, kept.version, kept.notes) != (now.state, now.session, now.version, now.notes):
        return True
    if (kept.key, kept.offered_key) != (now.key, now.offered_key):
        return True
    return now.last_seen is not None and (kept.last_seen is None or now.last_seen - kept.last_seen >= SEEN_KEPT_EVERY)


def _of_our_version(note: N) -> N:
    if note.v != wire.VERSION:
        raise ValueError(f"version {note.v}")
    return note
