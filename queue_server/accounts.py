"""Who works here: an account with its roles and halls, and a session of it; ``auth`` says who may have one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from queue_server.staff_tables import halls


class Role(StrEnum):
    """What an account may do; it may hold several."""

    CLERK = "clerk"  # 窗口
    MANAGER = "manager"  # 值班长
    TECHNICIAN = "technician"  # 运维


class AuthRefused(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """``code``: bad-secret, bad-name, name-taken, weak-password, bad-sign-in, account-locked, no-roles,
    not-your-hall or unknown-account.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    """``name`` signs in; ``display`` is what colleagues read. ``id`` is what events say: ``staff:ID``."""

    id: str
    name: str
    display: str
    roles: frozenset[Role]
    active: bool = True
    halls: frozenset[str] = frozenset()
    """Empty: every hall of the city."""

    def works_in(self, hall: str) -> bool:
        return not self.halls or hall in self.halls

    def keeps(self, halls: frozenset[str]) -> bool:
        """Whether an account bound to ``halls`` lies within this manager's own."""
        return not self.halls or (bool(halls) and halls <= self.halls)


@dataclass(frozen=True, slots=True)
class Session:
    """``locked``: signed in, but the console must be unlocked by password before anything else."""

    account: Account
    csrf: str
    locked: bool


def roles_of(text: str) -> frozenset[Role]:
    return frozenset(Role(part) for part in text.split(",") if part)


def account_of(row: sa.Row[tuple[object, ...]], bound: frozenset[str]) -> Account:
    values = row._mapping  # noqa: SLF001  (SQLAlchemy's public spelling of a row as a mapping)
    active = bool(values["active"])
    return Account(values["id"], values["name"], values["display"], roles_of(values["roles"]), active, bound)


def halls_of(connection: sa.Connection, holder: str) -> frozenset[str]:
    return frozenset(connection.scalars(sa.select(halls.c.hall).where(halls.c.holder == holder)))


def bind(connection: sa.Connection, holder: str, bound: frozenset[str]) -> None:
    if bound:
        connection.execute(sa.insert(halls), [{"holder": holder, "hall": hall} for hall in sorted(bound)])
