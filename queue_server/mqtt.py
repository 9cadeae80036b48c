"""The MQTT door: terminals ask, the hall answers, and nothing is taken off the broker before it is on disk.

A request comes up on the line's thread, is read and put to the desk, and that is all that happens to it
there. The desk commits, then hands the answer back; the line's thread sends the reply and only then
acknowledges the request to the broker. A person in a request is a sealed box: such requests go through a
second thread, because the vault asks a database; so do ratings, which are kept beside the hall. Whatever is wrong
with a message, the terminal gets a code and a sentence where an id can be read, else the log gets a line without
the content; either way it is taken off the broker, so that one bad message is not delivered for ever.

Only the halls that this server owns are subscribed. A request for a hall that has just moved to another
server is let go in silence: the other server hears it too, or the terminal asks again.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache, partial
from typing import Protocol

import msgspec

from queue_server import failpoints, questions, translate
from queue_server.broker_line import BrokerLine, Handle
from queue_server.cases import Ratings
from queue_server.desk import Asked, Desk, HallElsewhere
from queue_server.domain.answers import Answer, RefusedAnswer
from queue_server.domain.state import Hall
from queue_server.elsewhere import right_hall
from queue_server.fleet import Fleet
from queue_server.inquiries import Inquiries
from queue_server.plans import Plans
from queue_server.sealed import DoorRefused, Persons
from queue_server.texter import Texter, texted
from queue_server.wire import messages as wire
from queue_server.wire import reading, topics
from queue_server.wire.sentences import DoorCode, Facts

log = logging.getLogger(__name__)

_PROBED = failpoints.armed_by(os.environ) is not None

_encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=4096)
def _parse(topic: bytes) -> topics.HallRequest | topics.SiteNote:
    return topics.parse(topic.decode("utf-8", "replace"))


@lru_cache(maxsize=4096)
def _response(where: topics.HallRequest) -> str:
    return topics.response(where.hall, where.device)


class Retained(Protocol):
    """Who knows what boards, kiosks and terminals should find on the broker: see ``herald``."""

    def rebuild(self) -> None:
        """The broker may have lost what was published: publish it anew. Must not block."""


class Wish:
    """One request under way: what was asked, by whom, and how to take it off the broker."""

    __slots__ = ("answer", "door", "handle", "request", "where")

    def __init__(self, door: MqttDoor, where: topics.HallRequest, request: wire.AnyRequest, handle: Handle) -> None:
        self.door = door
        self.where = where
        self.request = request
        self.handle = handle
        self.answer: Answer | None = None

    def answered(self, answer: Answer, _repeated: bool) -> None:  # noqa: FBT001  (the desk's signature)
        self.answer = answer
        self.door.put(self)

    def settled(self) -> None:
        self.door.put(self.handle)


class Note:
    """Something ready to be published."""

    __slots__ = ("handle", "payload", "retain", "topic")

    def __init__(self, topic: str, payload: bytes, *, retain: bool = False, handle: Handle | None = None) -> None:
        self.topic = topic
        self.payload = payload
        self.retain = retain
        self.handle = handle


class MqttDoor:
    """The door of one server. ``publish`` from any thread; ``start`` after the desk has started."""

    def __init__(
        self,
        desk: Desk,
        plans: Plans,
        fleet: Fleet,
        vault: Persons,
        ratings: Ratings,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        inquiries: Inquiries | None = None,
        texter: Texter | None = None,
    ) -> None:
        self._desk = desk
        self._plans = plans
        self._fleet = fleet
        self._vault = vault
        self._ratings = ratings
        self._clock = clock
        self._new_id = new_id
        self._inquiries = inquiries
        self._texter = texter
        self._line: BrokerLine | None = None
        self._retained: Retained | None = None
        self._out: deque[Wish | Note | Handle] = deque()
        self._moves: deque[tuple[str, bool]] = deque()
        self._sealed: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()
        self._opener = threading.Thread(target=self._open_sealed, name="mqtt-persons", daemon=True)
        self._may_speak = {(hall, device.id) for device in plans.devices.values() for hall in device.halls}

    def start(self, host: str, port: int, user: str, password: str, client_id: str, retained: Retained) -> None:
        """Connect and stay connected. ``client_id`` names this server's kept session with the broker."""
        self._retained = retained
        self._desk.on_ownership(self._ownership)
        self._opener.start()
        self._line = BrokerLine(host, port, user, password, topics.checked(client_id), self)
        self._line.start()

    def stop(self) -> None:
        """Send what is answered, say good-bye. What is still unanswered stays with the broker."""
        if self._line is not None:
            self._sealed.put(None)
            self._opener.join()
            self._line.stop()

    @property
    def connected(self) -> bool:
        return self._line is not None and self._line.connected

    def publish(self, topic: str, payload: bytes, retain: bool = True) -> None:  # noqa: FBT001, FBT002  (MQTT's word)
        """Publish; dropped while there is no broker, because ``Retained.rebuild`` follows anyway."""
        if self.connected:
            self.put(Note(topic, payload, retain=retain))

    def put(self, what: Wish | Note | Handle) -> None:
        """Give the line something to do: to answer, to publish, or just to acknowledge. Any thread, never blocks."""
        self._out.append(what)
        if self._line is not None:
            self._line.wake()

    # --- on the line's thread ---------------------------------------------------------------------------

    def up(self) -> None:
        """Connected (again): hear our halls and all sites, and put back what the broker may have lost."""
        assert self._line is not None  # noqa: S101  (the line calls us)
        own = [hall for hall in self._plans.halls if self._desk.owns(hall)]
        self._line.unsubscribe([topics.hall_requests(hall) for hall in self._plans.halls if hall not in own])
        self._line.subscribe([topics.all_site_up(), topics.all_states(), *map(topics.hall_requests, own)])
        if self._retained is not None:
            self._retained.rebuild()

    def busy(self) -> bool:
        return bool(self._moves or (self._out and self._line is not None and self._line.room()))

    def work(self) -> None:
        """Send replies and notes, then acknowledge the requests that were answered."""
        line, out = self._line, self._out
        if line is None or not (out or self._moves):
            return
        while self._moves:
            hall, owned = self._moves.popleft()
            (line.subscribe if owned else line.unsubscribe)([topics.hall_requests(hall)])
        done: list[Handle] = []
        replied = False
        while out and line.room():
            match out.popleft():
                case Wish() as wish:
                    replied = self._reply(line, wish) or replied
                case Note() as note:
                    line.publish(note.topic, note.payload, retain=note.retain)
                    if note.handle is not None:
                        done.append(note.handle)
                case Handle() as handle:
                    done.append(handle)
        if replied and _PROBED:
            line.flush()  # the point lies between reply and acknowledgement, so the reply must be out
            failpoints.hit(failpoints.AFTER_REPLY)
        for handle in done:
            line.ack(handle)

    def message(self, topic: bytes, payload: bytes, handle: Handle, *, retained: bool) -> None:
        """One message from the broker. Reads it and hands it on; never raises."""
        try:
            where = _parse(topic)
        except topics.BadTopic:
            log.warning("a message on a topic that is not ours, %d bytes", len(payload))
            self.put(handle)
            return
        if isinstance(where, topics.SiteNote):
            self._fleet.heard(where, payload, retained=retained)
            self.put(handle)
            return
        try:
            request = reading.read(payload)
        except reading.Unreadable as bad:
            log.warning("%s from %s for %s %s", bad.code, where.device, where.hall, bad.where)
            if bad.id is None:
                self.put(handle)
            else:
                self._refuse(where, bad.id, bad.code, handle)
            return
        if (where.hall, where.device) not in self._may_speak:
            known = where.device in self._plans.devices
            code = DoorCode.DEVICE_NOT_ALLOWED if known else DoorCode.UNKNOWN_DEVICE
            log.warning("%s: %s for %s", code, where.device, where.hall)
            self._refuse(where, request.id, code, handle)
            return
        if self._inquiries is not None and isinstance(request, wire.AskProgress | wire.AskRecord):
            self._inquiries.submit(request, where.hall, where.device, partial(self._told, where, handle))
            return
        wish = Wish(self, where, request, handle)
        if isinstance(request, wire.Rate | wire.TextMe) or translate.needs_vault(request):
            self._sealed.put(wish)
        else:
            self._ask_safely(wish, DoorCode.INTERNAL)

    def _told(self, where: topics.HallRequest, handle: Handle, reply: wire.AnyReply | None) -> None:
        """An inquiry is answered, on a thread of its own; None: by another server."""
        if reply is None:
            self.put(handle)
        else:
            self._answer(where, reply, handle)

    # --- on the line's thread, or on the one that opens sealed persons --------------------------------------

    def _ask(self, wish: Wish) -> None:
        """Put the wish to the desk, or answer it here if it is a question."""
        request = wish.request
        try:
            hall = self._desk.hall(wish.where.hall)
            if isinstance(request, wire.AskDays | wire.AskSlots | wire.AskTime):
                self._answer(wish.where, questions.ask(request, hall, self._clock()), wish.handle)
                return
            if isinstance(request, wire.Rate):
                self._ratings.take(request, hall, wish.where.device)
                self._answer(wish.where, wire.RatedReply(id=request.id), wish.handle)
                return
            if isinstance(request, wire.TextMe):
                self._answer(wish.where, texted(self._texter, request, hall), wish.handle)
                return
            command = translate.to_command(request, hall, wish.where.device, self._vault, self._new_id)
            command = right_hall(command, hall, self._our_halls())
        except HallElsewhere:
            self.put(wish.handle)
        except DoorRefused as no:
            self._refuse(wish.where, request.id, no.code, wish.handle, no.facts)
        else:
            self._desk.submit(Asked(wish.where.hall, command, wish.answered, wish.settled))

    def _our_halls(self) -> Iterator[Hall]:
        """One after the other, and none before it is asked for: only a check-in looks at other halls."""
        for name in self._desk.halls():
            yield self._desk.hall(name)

    def _open_sealed(self) -> None:
        while (wish := self._sealed.get()) is not None:
            # the vault's database may be away: the terminal shall ask again
            self._ask_safely(wish, DoorCode.BUSY)

    def _ask_safely(self, wish: Wish, otherwise: DoorCode) -> None:
        """``_ask``; a fault of ours is answered and logged by its place, and does not end the thread.

        It would: the broker delivers an unanswered message again, and one request could end every server.
        """
        try:
            self._ask(wish)
        except Exception as fault:  # noqa: BLE001  (whatever it is, see above)
            at = traceback.extract_tb(fault.__traceback__)[-1]
            log.error(  # noqa: TRY400  (a fault's text could hold what a person sent)
                "%s stumbled: %s at %s:%s", type(wish.request).__name__, type(fault).__name__, at.filename, at.lineno
            )
            self._refuse(wish.where, wish.request.id, otherwise, wish.handle)

    def _refuse(
        self, where: topics.HallRequest, request_id: str, code: str, handle: Handle, facts: Facts | None = None
    ) -> None:
        self._answer(where, translate.refused(request_id, code, facts), handle)

    def _answer(self, where: topics.HallRequest, reply: wire.AnyReply, handle: Handle) -> None:
        self.put(Note(_response(where), _encode(reply), handle=handle))

    def _reply(self, line: BrokerLine, wish: Wish) -> bool:
        """Send the answer of ``wish``; False if there is none to send."""
        answer = wish.answer
        if answer is None or (isinstance(answer, RefusedAnswer) and answer.code == DoorCode.HALL_ELSEWHERE):
            return False
        where = wish.where
        try:
            hall = self._desk.hall(where.hall)
        except HallElsewhere:
            return False  # it moved a moment ago; asked again, its new owner gives this very answer
        line.publish(_response(where), _encode(translate.to_reply(wish.request.id, answer, hall)))
        return True

    def _ownership(self, hall: str, owned: bool) -> None:  # noqa: FBT001  (the desk's signature)
        self._moves.append((hall, owned))
        if self._line is not None:
            self._line.wake()
