"""The desk: the one place where halls change. One thread, many halls, one inbox.

Every door (MQTT, HTTP, the timekeeper) puts commands into the inbox; the desk takes what has gathered, decides
all of it, appends all of it in ONE transaction, and only then tells anybody: first the answers, then the
listeners, then the doors that everything is settled. While a commit is under way the next batch gathers, so
the busier the hall the more tickets share a flush of the disk.

Nothing is answered before it is on disk. If the database is away the desk keeps the batch and tries again; if
another writer was quicker it loads the hall again and decides again; if its lease is gone it says so and stops
deciding for that hall. Reading never goes through the inbox: ``hall`` hands any thread the last committed,
immutable hall.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue

from queue_server import failpoints
from queue_server.darkroom import Darkroom, Picture
from queue_server.domain.answers import Answer
from queue_server.domain.hall import replay
from queue_server.domain.messages import Command, DayClosed, Event, Tick
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall
from queue_server.rooms import HallElsewhere, Room, Rooms, UnknownHall
from queue_server.staging import ELSEWHERE, INTERNAL, Asked, Draft, Finish, as_it_is
from queue_server.store.errors import HallMovedOn, LeaseLost, StoreDown, Unstorable
from queue_server.store.leases import Leases
from queue_server.store.log import EventLog, Fault

__all__ = ["Asked", "Desk", "HallElsewhere", "HallMoved", "UnknownHall"]

logger = logging.getLogger(__name__)

BATCH = 400
"""Commands in one transaction at most."""
_BACK_OFF_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_ROUNDS = 3
"""How often a group is decided anew together before its commands are tried one by one."""


@dataclass(frozen=True, slots=True)
class HallMoved:
    """One hall's part of a committed batch (or what another writer had added): oldest event first."""

    hall_id: str
    events: tuple[Event, ...]
    before: Hall
    after: Hall


@dataclass(slots=True)
class _Group:
    """Commands to be decided together. ``rounds``: how often they were already; ``alone``: one by one now."""

    asked: list[Asked]
    rounds: int = 0
    alone: bool = False


class _Stop:
    pass


class Desk:
    """Decides for the halls of ``plans`` whose leases this server holds.

    ``server_id`` must be the same after a restart and different for each server on one database;
    ``server_url`` is where others may send what they are asked for our halls. A hall's snapshot is taken every
    ``snapshot_every`` events (or half as many as it has tickets, if that is more) and when its day closes.
    ``finish``: see ``staging``.
    """

    def __init__(
        self,
        log: EventLog,
        plans: Mapping[str, HallPlan],
        clock: Callable[[], datetime],
        *,
        server_id: str = "server",
        server_url: str = "",
        lease_ttl_s: float = 6.0,
        beat_s: float = 2.0,
        snapshot_every: int = 2000,
        finish: Finish = as_it_is,
    ) -> None:
        self.log = log
        self.plans = dict(plans)
        self._clock = clock
        self._snapshot_every = snapshot_every
        self._finish = finish
        self._inbox: SimpleQueue[Asked | Picture | _Stop] = SimpleQueue()
        self._listeners: list[Callable[[HallMoved], None]] = []
        self._darkroom = Darkroom(self._inbox.put)
        leases = Leases(log.engine, server_id, server_url, self.plans, lease_ttl_s)
        self._rooms = Rooms(log, self.plans, leases, beat_s)
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._opened: Future[None] = Future()
        self._stopping = threading.Event()

    # --- for every thread ----------------------------------------------------------------------------

    def start(self) -> None:
        """Take the leases, load the halls, begin. Returns when they are loaded; raises StoreDown if they cannot be."""
        self.log.create()
        self._darkroom.start()
        self._thread.start()
        try:
            self._opened.result()
        except BaseException:
            self._darkroom.stop()
            raise

    def stop(self) -> None:
        """Finish what is in the inbox, give the leases back, end. Commands put later are never answered."""
        self._inbox.put(_Stop())
        self._stopping.set()
        self._thread.join()
        self._darkroom.stop()

    def submit(self, asked: Asked) -> None:
        """Put a command into the inbox."""
        self._inbox.put(asked)

    def ask(self, hall: str, command: Command) -> Future[tuple[Answer, bool]]:
        """Put a command and get its ``(answer, repeated)`` as a future, for callers that wait."""
        future: Future[tuple[Answer, bool]] = Future()
        self._inbox.put(Asked(hall, command, lambda reply, repeated: future.set_result((reply, repeated))))
        return future

    def hall(self, hall_id: str) -> Hall:
        """The hall as last committed. Raises UnknownHall, HallElsewhere."""
        room = self._rooms.open.get(hall_id)
        if room is not None:
            return room.hall
        if hall_id not in self.plans:
            raise UnknownHall(hall_id)
        raise HallElsewhere(hall_id, self._rooms.elsewhere.get(hall_id, ""))

    def owns(self, hall_id: str) -> bool:
        return hall_id in self._rooms.open

    def halls(self) -> tuple[str, ...]:
        """The ids of the halls this server decides for now."""
        return tuple(self._rooms.open)

    def listen(self, tell: Callable[[HallMoved], None]) -> None:
        """Call ``tell`` after each commit that changed a hall, on the desk's thread; it must only enqueue."""
        self._listeners.append(tell)

    def on_ownership(self, tell: Callable[[str, bool], None]) -> None:
        """Call ``tell(hall_id, owned)`` when a hall is gained (and loaded) or lost, on the desk's thread."""
        self._rooms.on_ownership(tell)

    # --- the desk's own thread -----------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._rooms.beat()
        except Exception as fault:  # noqa: BLE001  (start() raises it)
            self._opened.set_exception(fault)
            return
        self._opened.set_result(None)
        running = True
        while running:
            batch, pictures, running = self._gather()
            try:
                if batch:
                    self._handle(batch)
                for picture in pictures:
                    self._keep(picture)
                if running and self._rooms.beat_in_s() == 0:
                    self._rooms.beat()
            except StoreDown as down:
                logger.warning("the database is away (%s); next try with the next beat", down)
            except Exception:
                logger.exception("the desk stumbled over a batch; its commands stay unanswered and will be sent again")
        try:
            self._rooms.leave()
        except StoreDown as down:
            logger.warning("leases not given back (%s); they run out by themselves", down)

    def _gather(self) -> tuple[list[Asked], list[Picture], bool]:
        """Wait for something to do, then take what has gathered."""
        batch: list[Asked] = []
        pictures: list[Picture] = []
        get = self._inbox.get
        try:
            item = get(timeout=self._rooms.beat_in_s())
            while True:
                if type(item) is Asked:
                    batch.append(item)
                    if len(batch) == BATCH:
                        break
                elif type(item) is Picture:
                    pictures.append(item)
                else:
                    return batch, pictures, False
                item = get(block=False)
        except Empty:
            pass
        return batch, pictures, True

    def _handle(self, batch: list[Asked]) -> None:
        """Decide, commit and answer a batch, however often it takes."""
        now = self._clock()
        groups = deque([_Group(batch)])
        failures = 0
        while groups:
            group = groups.popleft()
            try:
                again = self._attempt(group, now)
            except StoreDown as down:
                again = [group]
                delay = _BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)]
                if failures == 0:
                    logger.warning("the database is away (%s): nothing is answered until it is back", down)
                failures += 1
                if self._stopping.wait(delay):
                    logger.warning("stopped with the database away: the last batch stays unanswered")
                    return
            else:
                failures = 0
            groups.extendleft(reversed(again))

    def _attempt(self, group: _Group, now: datetime) -> list[_Group]:
        """One transaction; returns what has to be decided anew. Raises StoreDown with nothing told to anybody."""
        drafts, strangers = self._stage(group.asked, now)
        parts = [draft.part for draft in drafts.values()]
        faults = self.log.append(parts, _before_commit)
        done = [draft for name, draft in drafts.items() if name not in faults]
        for draft in done:
            draft.room.hall = draft.hall
        failpoints.hit(failpoints.AFTER_COMMIT)
        answers: list[tuple[Asked, Answer, bool]] = [(asked, ELSEWHERE, False) for asked in strangers]
        again: list[_Group] = []
        for name, fault in faults.items():
            self._stumbled(group, drafts[name], name, fault, answers, again)
        for draft in done:
            answers += draft.answers
        self._tell(answers, done)
        return again

    def _stage(self, batch: Iterable[Asked], now: datetime) -> tuple[dict[str, Draft], list[Asked]]:
        rooms = self._rooms.open
        ours: list[Asked] = []
        strangers: list[Asked] = []
        for asked in batch:
            (ours if asked.hall in rooms else strangers).append(asked)
        first: dict[str, dict[str, Answer]] = {}
        requests = [(a.hall, a.command.id) for a in ours if type(a.command) is not Tick]
        for (name, request), reply in self.log.first_answers(requests).items():
            first.setdefault(name, {})[request] = reply
        drafts: dict[str, Draft] = {}
        for asked in ours:
            name = asked.hall
            draft = drafts.get(name)
            if draft is None:
                draft = drafts[name] = Draft.of(name, rooms[name], first.get(name, {}), self._finish)
            draft.stage(asked, now)
        return drafts, strangers

    def _stumbled(
        self,
        group: _Group,
        draft: Draft,
        name: str,
        fault: Fault,
        answers: list[tuple[Asked, Answer, bool]],
        again: list[_Group],
    ) -> None:
        """What becomes of the commands of a hall whose slice was not committed."""
        match fault:
            case StoreDown():
                if len(group.asked) == len(draft.asked):
                    raise fault
                again.append(_Group(draft.asked, group.rounds, group.alone))
            case LeaseLost():
                self._rooms.lose(name)
                answers += [(asked, ELSEWHERE, False) for asked in draft.asked]
            case HallMovedOn() if self._catch_up(name, draft.room) or group.rounds < _ROUNDS:
                again.append(_Group(draft.asked, group.rounds + 1, group.alone))
            case HallMovedOn() | Unstorable():
                if len(draft.asked) > 1:
                    again += [_Group([asked], alone=True) for asked in draft.asked]
                else:
                    asked = draft.asked[0]
                    logger.error("%s cannot be stored: %s", type(asked.command).__name__, type(fault).__name__)
                    answers.append((asked, INTERNAL, False))

    def _tell(self, answers: list[tuple[Asked, Answer, bool]], done: list[Draft]) -> None:
        for asked, reply, repeated in answers:
            try:
                asked.answered(reply, repeated)
            except Exception:
                logger.exception("a door could not take an answer")
        for draft in done:
            if draft.events:
                name = draft.part.hall
                self._announce(name, draft.room, draft.events, draft.before)
        failpoints.hit(failpoints.AFTER_REPLY)
        for asked, _, _ in answers:
            try:
                asked.settled()
            except Exception:
                logger.exception("a door could not take that its command is settled")

    def _announce(self, name: str, room: Room, events: list[Event], before: Hall) -> None:
        moved = HallMoved(name, tuple(events), before, room.hall)
        for tell in self._listeners:
            try:
                tell(moved)
            except Exception:
                logger.exception("a listener could not take what happened")
        room.unpictured += len(events)
        enough = max(self._snapshot_every, len(room.hall.tickets) // 2)
        if room.unpictured >= enough or any(type(event) is DayClosed for event in events):
            room.unpictured = 0
            self._darkroom.develop(name, room.hall)

    def _catch_up(self, name: str, room: Room) -> bool:
        """Apply what the log has beyond our hall; say whether there was anything."""
        before = room.hall
        events = self.log.events_after(name, before.seq)
        if events:
            room.hall = replay(before, events)
            self._announce(name, room, events, before)
        return bool(events)

    def _keep(self, picture: Picture) -> None:
        self.log.keep_snapshot(picture.hall, picture.seq, picture.at, picture.body)


def _before_commit() -> None:
    failpoints.hit(failpoints.BEFORE_COMMIT)
