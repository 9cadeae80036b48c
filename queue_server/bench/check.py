"""Compares what terminals were told with what is stored. A figure from a run that differs is not a figure.

Read from the tables after the run: every acknowledged request has, as its stored first answer, the very ticket
that the terminal was told; every such ticket has its row; no ticket was given to two requests; and there is no
ticket in the tables that nobody was told of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from queue_server.bench.load import Outcome
from queue_server.domain.answers import TicketAnswer
from queue_server.domain.messages import TicketCalled
from queue_server.store import tables
from queue_server.store.codec import read_answer, read_event
from queue_server.store.database import open_engine

AT_ONCE = 500

Told = tuple[str, str, str]
"""Hall, ticket id (``DATE-NUMBER``), number."""


def differences(database_url: str, outcome: Outcome) -> list[str]:
    """What does not agree in one run, in words; empty when all does."""
    found: list[str] = []
    if outcome.unanswered:
        found.append(f"{outcome.unanswered} requests were never answered")
    if outcome.refused:
        found.append(f"refused: {outcome.refused}")
    told = outcome.acknowledged
    stored, rows = _stored(database_url, told.keys(), {ticket[11:] for _, ticket, _ in told.values()})
    missing = sum(1 for request in told if request not in stored)
    if missing:
        found.append(f"{missing} acknowledged requests are not stored")
    other = sum(1 for request, ticket in told.items() if request in stored and stored[request] != ticket)
    if other:
        found.append(f"{other} requests were told otherwise than is stored")
    twice = sum(1 for times in Counter(told.values()).values() if times > 1)
    if twice:
        found.append(f"{twice} tickets were given to two requests")
    lost = sum(1 for hall, ticket, _ in told.values() if (hall, ticket) not in rows)
    if lost:
        found.append(f"{lost} acknowledged tickets have no row")
    return found


def call_differences(database_url: str, called: Collection[tuple[str, str]]) -> list[str]:
    """The same of call-next: each stored once as it was told, nobody called to two windows, none untold."""
    e = tables.events.c
    engine = open_engine(database_url)
    try:
        with engine.connect() as connection:
            query = sa.select(e.hall, e.body).where(e.kind == TicketCalled.__name__)
            stored = Counter(
                (row.hall, event.ticket_id[11:])
                for row in connection.execute(query)
                if isinstance(event := read_event(TicketCalled.__name__, row.body), TicketCalled)
            )
    finally:
        engine.dispose()
    told = Counter(called)
    found = []
    if twice := sum(1 for times in stored.values() if times > 1):
        found.append(f"{twice} tickets were called twice")
    if stored != told:
        found.append(
            f"{sum((told - stored).values())} calls told but not stored, {sum((stored - told).values())} untold"
        )
    return found


def stored_tickets(database_url: str) -> int:
    """How many tickets there are in all."""
    engine = open_engine(database_url)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(tables.tickets)) or 0)
    finally:
        engine.dispose()


def _stored(
    database_url: str, requests: Collection[str], numbers: Collection[str]
) -> tuple[dict[str, Told], set[tuple[str, str]]]:
    r, t = tables.replies.c, tables.tickets.c
    answers: dict[str, Told] = {}
    rows: set[tuple[str, str]] = set()
    engine = open_engine(database_url)
    try:
        with engine.connect() as connection:
            for some in _parts(requests):
                query = sa.select(r.request_id, r.hall, r.kind, r.body).where(r.request_id.in_(some))
                for request, hall, kind, body in connection.execute(query):
                    answer = read_answer(kind, body)
                    if isinstance(answer, TicketAnswer):
                        answers[request] = (hall, answer.ticket_id, answer.number)
            for some in _parts(numbers):
                query = sa.select(t.hall, t.business_date, t.number).where(t.number.in_(some))
                rows.update((row.hall, f"{row.business_date}-{row.number}") for row in connection.execute(query))
    finally:
        engine.dispose()
    return answers, rows


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
