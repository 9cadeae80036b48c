"""Questions that change nothing: how far a ticket or a case is, and what an office has on record.

They are answered on a few threads of their own, because an office may take seconds and a hall must never wait for
one. A terminal asks again until it is answered; the question that is under way, or was answered a moment ago, is not
put to the office twice. Guesses are slowed per terminal. What an office says of a person goes into a box for the
process that asked and nowhere else: no log line, no table, no exception carries it.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

from queue_server import translate
from queue_server.adapters.records import (
    NothingOnRecord,
    Office,
    OfficeAway,
    OtherPerson,
    TooLong,
    boxed,
    told,
)
from queue_server.desk import Desk, HallElsewhere
from queue_server.domain import estimate, strain
from queue_server.domain.calendar import clock_text
from queue_server.domain.model import State, Ticket
from queue_server.domain.state import Hall
from queue_server.forecast.foretold import PLAIN, Foretold
from queue_server.limits import Bucket
from queue_server.people.vault import Identity, VaultError
from queue_server.ticket_paths import ticket_at
from queue_server.wire import messages as wire
from queue_server.wire.inquiry_words import InquiryCode
from queue_server.wire.sentences import DoorCode

log = logging.getLogger(__name__)

Inquiry = wire.AskProgress | wire.AskRecord
Tell = Callable[[wire.AnyReply | None], None]
"""None: another server has the hall; it answers."""

WORKERS = 4
KEPT = 256
"""Answers remembered, so that a question asked again is answered alike and no office is asked twice."""
CASES_SHOWN = 4
_KEEP_ASKING = frozenset({DoorCode.BUSY, DoorCode.HALL_ELSEWHERE})


class Opens(Protocol):
    """The part of the vault that is needed here."""

    def open_for_reply(self, sealed_b64: str) -> tuple[Identity, bytes | None]: ...
    def find(self, number: str) -> str | None: ...


class Inquiries:
    """``submit`` from any thread, never blocks; ``answer`` blocks as long as an office takes."""

    def __init__(
        self,
        desk: Desk,
        vault: Opens,
        clock: Callable[[], datetime],
        office: Office | None = None,
        foretold: Foretold = PLAIN,
        look_ups: Mapping[str, str] | None = None,
    ) -> None:
        """``look_ups``: matter id -> ``plain`` or ``sensitive``. Without an ``office`` only tickets are known."""
        self._desk, self._vault, self._clock = desk, vault, clock
        self._office, self._foretold = office, foretold
        self._look_ups = look_ups or {}
        self._tries = Bucket(10, 6)
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str], list[Tell]] = {}
        self._answered: OrderedDict[tuple[str, str], wire.AnyReply] = OrderedDict()
        self._away = False
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="inquiries")

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, request: Inquiry, hall_id: str, device: str, tell: Tell) -> None:
        """Answer on a thread of ours; the same question asked again meanwhile is answered with it."""
        key = (device, request.id)
        with self._lock:
            known = self._answered.get(key)
            if known is None and key in self._waiting:
                self._waiting[key].append(tell)
                return
            if known is None:
                self._waiting[key] = [tell]
        if known is not None:
            tell(known)
        else:
            self._pool.submit(self._work, key, request, hall_id, device)

    def _work(self, key: tuple[str, str], request: Inquiry, hall_id: str, device: str) -> None:
        reply: wire.AnyReply | None
        try:
            reply = self.answer(request, hall_id, device)
        except HallElsewhere:
            reply = None
        with self._lock:
            waiting = self._waiting.pop(key, [])
            if reply is not None and getattr(reply, "code", "") not in _KEEP_ASKING:
                self._answered[key] = reply
                while len(self._answered) > KEPT:
                    self._answered.popitem(last=False)
        for tell in waiting:
            tell(reply)

    def answer(self, request: Inquiry, hall_id: str, device: str) -> wire.AnyReply:
        """The reply. Raises HallElsewhere and UnknownHall, and nothing else."""
        hall = self._desk.hall(hall_id)
        try:
            return self._found(request, hall, device)
        except Exception as fault:  # noqa: BLE001  (its text could hold what an office said of a person)
            at = traceback.extract_tb(fault.__traceback__)[-1]
            log.error("an inquiry stumbled: %s at %s:%s", type(fault).__name__, at.filename, at.lineno)  # noqa: TRY400
            return translate.refused(request.id, DoorCode.INTERNAL)

    def _found(self, request: Inquiry, hall: Hall, device: str) -> wire.AnyReply:
        try:
            if isinstance(request, wire.AskRecord):
                return self._record(request)
            return self._progress(request, hall, device)
        except OfficeAway as away:
            self._note_away(away)
            back = "" if away.back_at is None else clock_text(hall.plan, away.back_at)
            facts = {"office": away.office_zh, "office_en": away.office_en or away.office_zh, "back": back}
            return translate.refused(request.id, InquiryCode.OFFICE_AWAY, {k: v for k, v in facts.items() if v})
        except VaultError as error:
            code = InquiryCode.CARD_AGAIN if isinstance(request, wire.AskRecord) else DoorCode.BAD_SEAL
            log.info("a sealed person cannot be used: %s", error.code)
            return translate.refused(request.id, code)

    # --- progress ---------------------------------------------------------------------------------------------

    def _progress(self, request: wire.AskProgress, hall: Hall, device: str) -> wire.AnyReply:
        given = (request.path, request.number, request.case, request.person)
        if sum(one is not None for one in given) != 1:
            return translate.refused(request.id, DoorCode.WHO_IS_IT)
        if request.person is not None:
            return self._of_person(request.id, request.person, hall)
        if not self._tries.open(device):
            return translate.refused(request.id, InquiryCode.TOO_MANY_TRIES)
        if request.case is not None:
            cases = self._asked().case(request.case)
            if cases:
                return wire.ProgressReply(id=request.id, cases=[told(case) for case in cases[:CASES_SHOWN]])
            self._tries.miss(device)
            return translate.refused(request.id, InquiryCode.UNKNOWN_CASE)
        ticket = ticket_at(hall, request.path) if request.path is not None else _today(hall, request.number or "")
        if ticket is not None:
            return wire.ProgressReply(id=request.id, ticket=self._ticket(hall, ticket))
        self._tries.miss(device)
        facts: dict[str, str | int] = {"number": request.number} if request.number else {}
        return translate.refused(request.id, InquiryCode.UNKNOWN_NUMBER, facts)

    def _of_person(self, request_id: str, sealed: str, hall: Hall) -> wire.AnyReply:
        identity, _ = self._vault.open_for_reply(sealed)
        ref = self._vault.find(identity.number)
        theirs = [t for t in hall.tickets.values() if ref is not None and t.person_ref == ref]
        latest = max((t for t in theirs if t.business_date == hall.business_date), key=lambda t: t.seq, default=None)
        try:
            cases = self._asked().cases_of(identity)
        except OfficeAway:
            if latest is None:
                raise
            cases = []  # half an answer is better than none
        if latest is None and not cases:
            return translate.refused(request_id, InquiryCode.NO_CASE)
        ticket = None if latest is None else self._ticket(hall, latest)
        return wire.ProgressReply(id=request_id, ticket=ticket, cases=[told(case) for case in cases[:CASES_SHOWN]])

    def _ticket(self, hall: Hall, ticket: Ticket) -> wire.TicketProgress:
        """What the hall's board could show of the number: nothing of whose it is or what for."""
        plan, now, state = hall.plan, self._clock(), ticket.state
        waits = state is State.WAITING
        low, high = translate.minutes(*self._foretold.wait_range(hall, ticket.id, now)) if waits else (0, 0)
        window = plan.counters.get(ticket.counter or "") if state in {State.CALLED, State.SERVING} else None
        until = None
        if state is State.PAUSED and ticket.paused_at is not None:
            until = ticket.paused_at + timedelta(seconds=plan.rules.pause_limit_s)
        elif state is State.MISSED and ticket.missed_at is not None:
            until = ticket.missed_at + timedelta(seconds=plan.rules.return_window_s)
        return wire.TicketProgress(
            number=ticket.number,
            state=state.value,
            ahead=estimate.ahead(hall, ticket.id) if waits else 0,
            wait_min_low=low,
            wait_min_high=high,
            nobody=strain.nobody_for_ticket(hall, ticket) if waits else "",
            window_zh=window.name_zh if window else "",
            window_en=window.name_en if window else "",
            area_zh=plan.area_zh,
            area_en=plan.area_en,
            until=until,
        )

    # --- records ----------------------------------------------------------------------------------------------

    def _record(self, request: wire.AskRecord) -> wire.AnyReply:
        kind = self._look_ups.get(request.matter)
        if kind is None:
            return translate.refused(request.id, InquiryCode.NOT_LOOKED_UP)
        if kind == "sensitive" and request.consent != "separate":
            return translate.refused(request.id, InquiryCode.CONSENT_MISSING)
        identity, reply_key = self._vault.open_for_reply(request.person)
        if reply_key is None or not identity.name:
            return translate.refused(request.id, InquiryCode.CARD_AGAIN)  # typed, not laid down: no proof of who asks
        try:
            box = boxed(self._asked().record(request.matter, identity), reply_key)
        except NothingOnRecord:
            return translate.refused(request.id, InquiryCode.NOTHING_ON_RECORD)
        except OtherPerson:
            return translate.refused(request.id, InquiryCode.OTHER_PERSON)
        except TooLong:
            return translate.refused(request.id, InquiryCode.RECORD_TOO_LONG)
        self._away = False
        return wire.RecordReply(id=request.id, matter=request.matter, box=box)

    def _asked(self) -> Office:
        if self._office is None:
            raise OfficeAway("not connected")
        return self._office

    def _note_away(self, away: OfficeAway) -> None:
        """Once: an office that is closed for the night fills no log."""
        if not self._away:
            log.warning("the offices' records are away (%s)", away)
        self._away = True


def _today(hall: Hall, number: str) -> Ticket | None:
    return None if hall.business_date is None else hall.tickets.get(f"{hall.business_date.isoformat()}-{number}")
