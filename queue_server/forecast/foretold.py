"""What the forecast has published, for every page, screen and answer to read: a few frozen numbers, never a wait.

The line publishes one ``Table`` a hall after each look ahead; whoever shows a wait reads it from any thread. A table
counts for a minute; without a fresh one, or where it cannot say, the hall's own sum (``domain.estimate``) is shown, so
a forecasting process that has died is not missed by anybody but the health page. The answer to a new ticket is
looked up by what it is (windows that serve it, kind, class), because the desk waits for no simulation; what it says is
recorded with the answer, and remembered until the call shows how right it was.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from queue_server.domain import estimate, pace
from queue_server.domain.answers import Answer, TicketAnswer
from queue_server.domain.estimate import GroupOutlook, Outlook
from queue_server.domain.model import Kind, Matter, Place, State, Ticket
from queue_server.domain.state import Hall
from queue_server.forecast.hindsight import Accuracy, Hindsight
from queue_server.forecast.keys import nearest_ahead, probe_key
from queue_server.forecast.scene import Cure
from queue_server.forecast.span import Span

logger = logging.getLogger(__name__)

FRESH_S = 60.0
"""A table older than this is not shown any more."""


@dataclass(frozen=True, slots=True)
class Risk:
    """P(W > L) of one who waits, and what would lower it, the best first."""

    p_late: float
    cures: tuple[Cure, ...] = ()


class Level(NamedTuple):
    """What somebody would wait whose matter takes ``service_min``, and P(W > L)."""

    service_min: float
    span: Span
    late: float


@dataclass(frozen=True, slots=True)
class Table:
    """One hall's forecast of ``at``. ``waits`` as shown, ``probes`` as simulated: minutes from ``at`` to the call."""

    at: datetime
    waits: Mapping[str, Span]
    probes: Mapping[str, tuple[Level, ...]]
    """By ``probe_key``: the wait of somebody who came now, for shorter and longer matters."""
    risks: Mapping[str, Risk] = field(default_factory=dict)
    took_ms: float = 0.0

    def probe(self, key: str, service_min: float) -> Level | None:
        """Somebody who came now with a matter of so many minutes: between the levels that were tried."""
        levels = self.probes.get(key)
        if not levels:
            return None
        low, high = levels[0], levels[-1]
        if service_min <= low.service_min or not high.span.known:
            return low
        if service_min >= high.service_min:
            return high
        share = math.log(service_min / low.service_min) / math.log(high.service_min / low.service_min)
        p50, p90 = (a + (b - a) * share for a, b in zip(low.span, high.span, strict=True))
        return Level(service_min, Span(p50, p90), low.late + (high.late - low.late) * share)


class Foretold:
    """Every hall's latest table, and the record of how right they were. An empty one shows the plain sums."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self.hindsights: dict[str, Hindsight] = {}

    def publish(self, hall_id: str, table: Table) -> None:
        self._tables[hall_id] = table

    def withdraw(self, hall_id: str) -> None:
        """The hall is another server's now."""
        self._tables.pop(hall_id, None)
        self.hindsights.pop(hall_id, None)

    def table(self, hall_id: str, now: datetime) -> Table | None:
        """The hall's forecast if it is fresh."""
        table = self._tables.get(hall_id)
        return table if table is not None and abs((now - table.at).total_seconds()) <= FRESH_S else None

    def accuracy(self, hall_id: str, days: int = 0) -> Mapping[Kind, Accuracy]:
        """How right the waits shown have been, per kind: today and the last ``days`` days."""
        return self.hindsights.get(hall_id, Hindsight()).accuracy(days)

    # --- what is shown ------------------------------------------------------------------------------------

    def wait_range(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[int, int]:
        """P50 and P90 seconds from ``now`` to the first call, as ``estimate.wait_range``."""
        return self.fresh(hall, ticket_id, now) or estimate.wait_range(hall, ticket_id, now)

    def fresh(self, hall: Hall, ticket_id: str, now: datetime) -> tuple[int, int] | None:
        """The same by simulation alone; None without a fresh forecast of it."""
        table = self.table(hall.plan.id, now)
        span = None if table is None else table.waits.get(ticket_id)
        ticket = hall.tickets.get(ticket_id)
        waits = ticket is not None and ticket.state is State.WAITING
        if table is None or span is None or not span.known or not waits:
            return None
        gone = max(0.0, (now - table.at).total_seconds())
        return max(0, round(span.p50 * 60 - gone)), max(0, round(span.p90 * 60 - gone))

    def outlook(self, hall: Hall, now: datetime) -> Outlook:
        """As ``estimate.outlook``, each group's wait being that of a walk-in who came now."""
        plain = estimate.outlook(hall, now)
        table = self.table(hall.plan.id, now)
        if table is None:
            return plain
        first: dict[str, Matter] = {}
        for matter in hall.plan.matters.values():
            first.setdefault(matter.group, matter)
        groups = tuple(self._group(hall, table, group, first.get(group.group)) for group in plain.groups)
        return replace(
            plain,
            groups=groups,
            wait_p50_s=min((g.wait_p50_s for g in groups), default=0),
            wait_p90_s=max((g.wait_p90_s for g in groups), default=0),
        )

    def walk_in(self, hall: Hall, matter: Matter, now: datetime) -> tuple[Span, float] | None:
        """What somebody who came now for ``matter`` would wait, and P(W > L); None without a fresh forecast."""
        table = self.table(hall.plan.id, now)
        if table is None:
            return None
        skills = () if matter.skill is None else (matter.skill,)
        windows = hall.floor.able(skills, remote=False)
        expected = pace.of_visit(hall.plan, hall.tempos, (matter.id,), matter.service_min, now)
        found = table.probe(probe_key(windows, Kind.WALK_IN, matter.matter_class), expected)
        return None if found is None else (self._stretched(hall.plan.id, Kind.WALK_IN, found.span), found.late)

    def _group(self, hall: Hall, table: Table, plain: GroupOutlook, matter: Matter | None) -> GroupOutlook:
        found = None if matter is None else self.walk_in(hall, matter, table.at)
        if found is None or not found[0].known:
            return plain
        return replace(plain, wait_p50_s=round(found[0].p50 * 60), wait_p90_s=round(found[0].p90 * 60))

    def _stretched(self, hall_id: str, kind: Kind, span: Span) -> Span:
        hindsight = self.hindsights.get(hall_id)
        return span if hindsight is None else hindsight.shown(kind, span)

    # --- the answer to a new ticket, on the desk's thread ---------------------------------------------------

    def shown(self, hall: Hall, reply: Answer) -> Answer:
        """``reply`` with the forecast's range where there is one. Never raises: a number comes before its forecast."""
        if type(reply) is not TicketAnswer:
            return reply
        try:
            return self._answer(hall, reply)
        except Exception as fault:  # noqa: BLE001  (the ticket is given whatever the forecast does)
            logger.error("no forecast for a new ticket: %s", type(fault).__name__)  # noqa: TRY400  (no values)
            return reply

    def _answer(self, hall: Hall, reply: TicketAnswer) -> TicketAnswer:
        ticket = hall.tickets.get(reply.ticket_id)
        hindsight = self.hindsights.get(hall.plan.id)
        if ticket is None or hindsight is None:
            return reply
        now = ticket.checked_in_at
        ahead = 0.0 if ticket.slot_start is None else max(0.0, (ticket.slot_start - now).total_seconds() / 60)
        table = self.table(hall.plan.id, now)
        found = None if table is None else table.probe(_key(hall, ticket, ahead), ticket.service_min)
        if found is None or not found.span.known:
            plain = Span(max(0.0, reply.wait_p50_s / 60 - ahead), max(0.0, reply.wait_p90_s / 60 - ahead))
            hindsight.gave(ticket.id, plain, plain, by_forecast=False)
            return reply
        tried = nearest_ahead(ahead) if ticket.kind is Kind.APPOINTMENT else 0.0
        raw = Span(max(0.0, found.span.p50 - tried), max(0.0, found.span.p90 - tried))
        shown = hindsight.shown(ticket.kind, raw)
        hindsight.gave(ticket.id, raw, shown, by_forecast=True)
        low, high = (
            early if early < tried else waited + ahead for early, waited in zip(found.span, shown, strict=True)
        )
        return replace(reply, wait_p50_s=round(low * 60), wait_p90_s=round(max(low, high) * 60))


def _key(hall: Hall, ticket: Ticket, ahead: float) -> str:
    windows = hall.floor.able(ticket.skills, remote=ticket.place is Place.REMOTE)
    return probe_key(windows, ticket.kind, ticket.matter_class, ahead)


PLAIN = Foretold()
"""Nothing was published: the plain sums."""
