"""Tells a phone when its ticket's turn is near: three ahead, being called, missed. Who asked for it, and nobody else.

What was asked for lies in ``people.phones`` and goes with its ticket. The desk only rings: which hall moved. A thread
looks at the tickets of that hall whose citizens wait elsewhere, and puts what there is to say to the gateway, each
occasion under an id of its own: one whose answer was lost is tried again and sent once. What has become old meanwhile
("three ahead" of somebody who is being called) is not sent at all. While the gateway is away nothing is lost but time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from queue_server.adapters.texts import Gateway, GatewayAway, Message, Undeliverable
from queue_server.desk import Desk, HallElsewhere, HallMoved, UnknownHall
from queue_server.domain import estimate
from queue_server.domain.calendar import clock_text
from queue_server.domain.model import State, Ticket
from queue_server.domain.state import Hall
from queue_server.people.masking import mask_phone
from queue_server.people.phones import BadPhone, PhoneBook, Waiting
from queue_server.people.sealing import Damaged
from queue_server.sealed import DoorRefused
from queue_server.ticket_paths import ticket_at
from queue_server.wire import messages as wire
from queue_server.wire.door_words import Wording
from queue_server.wire.text_words import CALLED, MISSED, NEXT, SOON, TextCode

log = logging.getLogger(__name__)

SOON_AHEAD = 3
"""product.md §4.5."""
AGAIN_S = 5.0
"""So long after the gateway was away it is tried again."""
LOOK_EVERY_S = 30.0
"""A slot comes near without anything that moves the hall."""
BEFORE_SLOT = timedelta(minutes=10)
"""Who is booked is not called before the slot: "three ahead" says nothing until then."""
_HERE = frozenset({State.WAITING, State.PAUSED, State.MISSED})
"""Worth a message: neither called nor over."""
_ALIVE = _HERE | {State.CALLED, State.SERVING}


class Texter:
    """``take`` from any thread but the desk's; the messages go out on a thread from ``start`` to ``stop``."""

    def __init__(self, desk: Desk, book: PhoneBook, gateway: Gateway, clock: Callable[[], datetime]) -> None:
        self._desk, self._book, self._gateway, self._clock = desk, book, gateway, clock
        self._rung = threading.Condition()
        self._wanted: set[str] = set()
        """Halls in which somebody wants to be told: the desk rings for no other."""
        self._due: set[str] = set()
        self._failed: set[str] = set()
        """Tickets whose message failed last: they come after all others, so that one holds up nobody but itself."""
        self._away = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="texter", daemon=True)

    def start(self) -> None:
        self._wanted = self._book.halls()
        self._due = set(self._wanted)
        self._desk.listen(self._moved)
        self._desk.on_ownership(self._gained)
        self._thread.start()

    def stop(self) -> None:
        with self._rung:
            self._stopping = True
            self._rung.notify()
        self._thread.join()

    def take(self, asked: wire.TextMe, hall: Hall) -> wire.TextedReply:
        """Keep the phone for its ticket. Raises DoorRefused: ``unknown-ticket``, or a ``TextCode``."""
        ticket = ticket_at(hall, asked.path)
        if ticket is None:
            raise DoorRefused("unknown-ticket")
        if ticket.state not in _HERE:
            raise DoorRefused(TextCode.TICKET_OVER)
        try:
            phone = self._book.opened(asked.box)
            self._book.keep(hall.plan.id, ticket.id, phone, asked.lang, self._clock())
        except BadPhone as bad:
            raise DoorRefused(bad.code) from None
        self._ring(hall.plan.id, wanted=True)
        return wire.TextedReply(id=asked.id, masked=mask_phone(phone))

    # --- on the desk's thread: ring, nothing more -----------------------------------------------------------------

    def _moved(self, moved: HallMoved) -> None:
        if moved.hall_id in self._wanted:
            self._ring(moved.hall_id)

    def _gained(self, hall: str, owned: bool) -> None:  # noqa: FBT001  (the desk's signature)
        if owned:
            self._ring(hall, wanted=True)  # another server may have been asked: look once

    def _ring(self, hall: str, *, wanted: bool = False) -> None:
        with self._rung:
            if wanted:
                self._wanted = self._wanted | {hall}
            self._due.add(hall)
            self._rung.notify()

    # --- its own thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._rung:
                if not self._due or self._away:
                    self._rung.wait(AGAIN_S if self._away else LOOK_EVERY_S)
                if self._stopping:
                    return
                due, self._due = self._due or set(self._wanted), set()
            self.turn(due)

    def turn(self, halls: set[str]) -> None:
        """Look at ``halls`` and tell what there is to tell; what could not be told is due again."""
        away = False
        for hall in sorted(halls):
            try:
                self._look(self._desk.hall(hall))
            except (HallElsewhere, UnknownHall):
                continue  # its owner tells
            except (GatewayAway, sa.exc.SQLAlchemyError) as error:
                away = True
                self._due.add(hall)
                if not self._away:
                    log.warning("text messages have to wait (%s)", type(error).__name__)
            except Exception as fault:  # noqa: BLE001  (a message that cannot be made must not end the server)
                log.error("no text messages of %s: %s", hall, type(fault).__name__)  # noqa: TRY400  (no values)
        if self._away and not away:
            log.info("text messages go out again")
        self._away = away

    def _look(self, hall: Hall) -> None:
        waiting = sorted(self._book.of_hall(hall.plan.id), key=lambda one: one.ticket in self._failed)
        over = []
        for one in waiting:
            ticket = hall.tickets.get(one.ticket)
            if ticket is None or ticket.business_date != hall.business_date or ticket.state not in _ALIVE:
                over.append(one.ticket)
                continue
            found = occasion(hall, ticket, self._clock())
            if found is not None and found[0] not in one.told:
                self._tell(hall, one, *found)
        if over:
            self._book.forget(hall.plan.id, over)
            self._failed.difference_update(over)
        if len(over) == len(waiting):
            with self._rung:
                if hall.plan.id not in self._due:  # nobody has asked meanwhile
                    self._wanted = self._wanted - {hall.plan.id}

    def _tell(self, hall: Hall, one: Waiting, which: str, text: tuple[str, str]) -> None:
        try:
            phone = self._book.number(hall.plan.id, one.ticket)
        except Damaged:
            phone = None
        if phone is not None:
            said = text[0] if one.lang.startswith("zh") else text[1]
            try:
                self._gateway.send(Message(f"{hall.plan.id}/{one.ticket}/{which}", phone, said))
            except Undeliverable:
                log.warning("a text message for %s cannot be delivered", one.ticket)
            except GatewayAway:
                self._failed.add(one.ticket)
                raise
        self._failed.discard(one.ticket)
        self._book.told(hall.plan.id, one, which)


def texted(texter: Texter | None, asked: wire.TextMe, hall: Hall) -> wire.TextedReply:
    """``Texter.take``, where there is one. Raises DoorRefused."""
    if texter is None:
        raise DoorRefused(TextCode.NO_TEXTS)
    return texter.take(asked, hall)


def occasion(hall: Hall, ticket: Ticket, now: datetime) -> tuple[str, tuple[str, str]] | None:
    """What its citizen should be told of ``ticket`` now: the occasion's name, and the words. None: nothing."""
    plan = hall.plan
    facts: dict[str, str | int] = {"hall": plan.name_zh, "hall_en": plan.name_en, "number": ticket.number}
    match ticket.state:
        case State.WAITING:
            ahead = estimate.ahead(hall, ticket.id)
            if ahead > SOON_AHEAD or (ticket.slot_start is not None and now < ticket.slot_start - BEFORE_SLOT):
                return None
            return ("next", _words(NEXT, facts)) if ahead == 0 else ("soon", _words(SOON, {**facts, "ahead": ahead}))
        case State.CALLED:
            window = plan.counters.get(ticket.counter or "")
            names: dict[str, str | int] = {
                "window": window.name_zh if window else "",
                "window_en": window.name_en if window else "",
            }
            return f"called-{ticket.transfers}-{_stamp(ticket.called_at)}", _words(CALLED, facts | names)
        case State.MISSED if ticket.missed_at is not None:
            until = clock_text(plan, ticket.missed_at + timedelta(seconds=plan.rules.return_window_s))
            return f"missed-{_stamp(ticket.missed_at)}", _words(MISSED, {**facts, "until": until})
    return None


def _words(wording: Wording, facts: dict[str, str | int]) -> tuple[str, str]:
    return wording[0].format_map(facts), wording[1].format_map(facts)


def _stamp(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp())
