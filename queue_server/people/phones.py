"""Telephone numbers: one for one ticket, opened for nothing but the message it was given for, gone with the ticket.

product.md §4.10 allows 24 hours after the visit; here the row goes when the visit is over. What a crash leaves behind
goes with the daily look of ``retention``. Neither an exception nor a ``repr`` holds a number.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from queue_server.people.keys import Keys
from queue_server.people.sealing import decrypt, encrypt
from queue_server.people.tables import phones
from queue_server.wire.texting import PHONE

TICKETS_A_PHONE = 3
"""A family's numbers may go to one phone; more would be somebody else's nuisance [E]."""
LEFT_BEHIND = timedelta(hours=36)
"""No ticket lives longer than its day: an older row was left by a crash."""
_PHONE = re.compile(PHONE)


class BadPhone(Exception):  # noqa: N818  (named for the condition)
    """``code``: ``bad-seal``, ``bad-phone``, or ``phone-busy`` (it waits for several tickets already)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket whose citizen wants to be told; ``told``: the occasions that are behind it."""

    ticket: str
    lang: str
    told: frozenset[str]


class _Typed(msgspec.Struct):
    phone: str


class PhoneBook:
    """Any thread; each call is one transaction. ``clock`` is aware UTC."""

    def __init__(self, engine: sa.Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys
        phones.metadata.create_all(engine, tables=[phones])

    def opened(self, sealed_b64: str) -> str:
        """What a terminal sealed, looked at as if nobody had looked before. Raises BadPhone."""
        try:
            plain = SealedBox(self._keys.box).decrypt(base64.b64decode(sealed_b64, validate=True))
            phone = msgspec.json.decode(plain, type=_Typed).phone
        except (binascii.Error, ValueError, TypeError, CryptoError):
            raise BadPhone("bad-seal") from None
        if not _PHONE.match(phone):
            raise BadPhone("bad-phone")
        return phone

    def keep(self, hall: str, ticket: str, phone: str, lang: str, now: datetime) -> None:
        """``phone`` for this ticket, in the place of an earlier one. Raises BadPhone("phone-busy")."""
        lookup = hmac.digest(self._keys.lookup, b"phone " + phone.encode(), "sha256")
        row = {
            "number": encrypt(self._keys.master, phone.encode(), _row(hall, ticket)),
            "lookup": lookup,
            "lang": lang,
            "asked_at": int(now.timestamp()),
        }
        here = (phones.c.hall == hall) & (phones.c.ticket == ticket)
        with self._engine.begin() as connection:
            others = sa.select(sa.func.count()).where(phones.c.lookup == lookup, ~here)
            if (connection.execute(others).scalar() or 0) >= TICKETS_A_PHONE:
                raise BadPhone("phone-busy")
            if connection.execute(sa.update(phones).where(here).values(row)).rowcount == 0:
                connection.execute(sa.insert(phones).values(hall=hall, ticket=ticket, told="", **row))

    def of_hall(self, hall: str) -> list[Waiting]:
        wanted = sa.select(phones.c.ticket, phones.c.lang, phones.c.told).where(phones.c.hall == hall)
        with self._engine.begin() as connection:
            rows = connection.execute(wanted.order_by(phones.c.ticket)).all()
        return [Waiting(row.ticket, row.lang, frozenset(filter(None, row.told.split(",")))) for row in rows]

    def halls(self) -> set[str]:
        """Where somebody wants to be told."""
        with self._engine.begin() as connection:
            return set(connection.execute(sa.select(phones.c.hall).distinct()).scalars())

    def number(self, hall: str, ticket: str) -> str | None:
        """To send it a message, and for nothing else. None where the row has gone. Raises ``sealing.Damaged``."""
        here = (phones.c.hall == hall) & (phones.c.ticket == ticket)
        with self._engine.begin() as connection:
            sealed = connection.execute(sa.select(phones.c.number).where(here)).scalar()
        return None if sealed is None else decrypt(self._keys.master, sealed, _row(hall, ticket)).decode()

    def told(self, hall: str, waiting: Waiting, occasion: str) -> None:
        here = (phones.c.hall == hall) & (phones.c.ticket == waiting.ticket)
        told = ",".join(sorted({*waiting.told, occasion}))
        with self._engine.begin() as connection:
            connection.execute(sa.update(phones).where(here).values(told=told))

    def forget(self, hall: str, tickets: Iterable[str]) -> None:
        """The tickets are over: their numbers are overwritten, not only unlinked."""
        self._delete((phones.c.hall == hall) & phones.c.ticket.in_(list(tickets)))

    def forget_due(self, now: datetime) -> int:
        """What a crash has left behind; returns how many. To be run daily."""
        return self._delete(phones.c.asked_at <= int((now - LEFT_BEHIND).timestamp()))

    def _delete(self, which: sa.ColumnElement[bool]) -> int:
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            return connection.execute(sa.delete(phones).where(which)).rowcount


def _row(hall: str, ticket: str) -> str:
    return f"phone {hall} {ticket}"
