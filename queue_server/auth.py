"""Who may sit at the consoles: staff accounts, their roles, their sessions, and the tokens of terminals.

There is no default password. While no account exists, ``first_secret`` makes a one-time invitation that the
server prints at start; whoever holds it opens ``/staff/setup`` and becomes the first account, with every
role. Later accounts are invited by a manager in the same way, so nobody ever knows another's password. An
account may be bound to some halls; who is bound invites colleagues for these alone.
Passwords are kept as argon2id, invitations, sessions and terminal tokens as SHA-256 of 256 random bits.
A session locks when nobody has touched the console for ``idle_s`` and ends after ``life_s``. Every sign-in,
failure, lock and change is a line in the audit table: who, when, what; never a password or a citizen.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from queue_server.accounts import Account, AuthRefused, Role, Session, account_of, bind, halls_of, roles_of
from queue_server.staff_tables import accounts, audit, halls, invitations, sessions, terminal_tokens

__all__ = ["Account", "Auth", "AuthRefused", "Role", "Session"]

MIN_PASSWORD = 10
MAX_PASSWORD = 200
_NAME = re.compile(r"^[A-Za-z0-9._-]{2,32}$")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Auth:
    """Staff accounts and sessions in ``engine``'s database. Every method blocks on it: call from a thread.

    ``clock`` gives aware UTC. ``idle_s``: a console untouched for that long is locked. ``life_s``: a session
    ends however busy. ``failures`` wrong passwords in a row bar an account for ``bar_s``.
    """

    def __init__(
        self,
        engine: sa.Engine,
        clock: Callable[[], datetime],
        *,
        idle_s: float = 180.0,
        life_s: float = 12 * 3600.0,
        failures: int = 5,
        bar_s: float = 300.0,
        invitation_s: float = 24 * 3600.0,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.engine = engine
        self.idle_s = idle_s
        self.life_s = life_s
        self._clock = clock
        self._failures = failures
        self._bar_s = bar_s
        self._invitation_s = invitation_s
        self._hasher = hasher or PasswordHasher()  # the library's default is argon2id, RFC 9106 low-memory
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def _now(self) -> float:
        return self._clock().astimezone(UTC).timestamp()

    def _log(self, connection: sa.Connection, account: str, what: str, detail: str = "") -> None:
        connection.execute(sa.insert(audit).values(at=self._now(), account=account, what=what, detail=detail[:128]))

    # --- accounts ------------------------------------------------------------------------------------

    def first_secret(self) -> str | None:
        """A fresh one-time secret while there is no account, else None. Only its hash is kept.

        An earlier secret that was never used stops working, so a restart prints the only valid one.
        """
        with self.engine.begin() as connection:
            if connection.scalar(sa.select(sa.func.count()).select_from(accounts)):
                return None
            connection.execute(sa.delete(invitations).where(invitations.c.first))
            return self._invitation(connection, frozenset(Role), first=True)

    def invite(self, by: Account, roles: frozenset[Role], bound: frozenset[str] = frozenset()) -> str:
        """A one-time secret for a new colleague with ``roles`` in the halls ``bound`` (none: those of ``by``).

        Shown once. Raises AuthRefused: no-roles, not-your-hall.
        """
        if not roles:
            raise AuthRefused("no-roles")
        if not all(by.works_in(hall) for hall in bound):
            raise AuthRefused("not-your-hall")
        with self.engine.begin() as connection:
            self._log(connection, by.id, "invited", ",".join(sorted(roles)))
            secret = self._invitation(connection, roles, first=False)
            bind(connection, _digest(secret), bound or by.halls)
            return secret

    def _invitation(self, connection: sa.Connection, roles: frozenset[Role], *, first: bool) -> str:
        secret = secrets.token_urlsafe(24)
        expires = self._now() + self._invitation_s if not first else self._now() + 365 * 86_400
        row = {"secret": _digest(secret), "roles": ",".join(sorted(roles)), "first": first, "expires": expires}
        connection.execute(sa.insert(invitations).values(row))
        return secret

    def accept(self, secret: str, name: str, display: str, password: str) -> Account:
        """Turn an invitation into an account; the secret is spent.

        Raises AuthRefused: bad-secret, bad-name, weak-password (under 10 characters, or the name), name-taken.
        """
        if not _NAME.match(name):
            raise AuthRefused("bad-name")
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or password.lower() == name.lower():
            raise AuthRefused("weak-password")
        hashed = self._hasher.hash(password)
        with self.engine.begin() as connection:
            row = connection.execute(
                sa.delete(invitations)
                .where(invitations.c.secret == _digest(secret.strip()), invitations.c.expires > self._now())
                .returning(invitations.c.roles)
            ).first()
            if row is None:
                raise AuthRefused("bad-secret")
            if connection.scalar(sa.select(accounts.c.id).where(accounts.c.name == name)):
                raise AuthRefused("name-taken")  # rolls back: the invitation is not spent
            bound = halls_of(connection, _digest(secret.strip()))
            account = Account(
                secrets.token_hex(6), name, display.strip()[:64] or name, roles_of(row.roles), halls=bound
            )
            connection.execute(
                sa.insert(accounts).values(
                    id=account.id,
                    name=name,
                    display=account.display,
                    roles=row.roles,
                    password=hashed,
                    failures=0,
                    barred_until=0.0,
                    active=True,
                )
            )
            connection.execute(sa.delete(halls).where(halls.c.holder == _digest(secret.strip())))
            bind(connection, account.id, bound)
            self._log(connection, account.id, "account-made", row.roles)
        return account

    def everyone(self) -> list[Account]:
        with self.engine.begin() as connection:
            bound: dict[str, set[str]] = {}
            for holder, hall in connection.execute(sa.select(halls.c.holder, halls.c.hall)):
                bound.setdefault(holder, set()).add(hall)
            rows = connection.execute(sa.select(accounts).order_by(accounts.c.name)).all()
        return [account_of(row, frozenset(bound.get(row.id, ()))) for row in rows]

    def retire(self, by: Account, account_id: str) -> None:
        """Close an account and all its sessions; nobody can retire themselves, nor a colleague of another hall.

        Raises AuthRefused: unknown-account.
        """
        with self.engine.begin() as connection:
            if not by.keeps(halls_of(connection, account_id)):
                raise AuthRefused("unknown-account")
            found = connection.execute(
                sa.update(accounts).where(accounts.c.id == account_id, accounts.c.id != by.id).values(active=False)
            )
            if not found.rowcount:
                raise AuthRefused("unknown-account")
            connection.execute(sa.delete(sessions).where(sessions.c.account == account_id))
            self._log(connection, by.id, "retired", account_id)

    def note(self, account: Account, what: str, detail: str = "") -> None:
        """One line of audit."""
        with self.engine.begin() as connection:
            self._log(connection, account.id, what, detail)

    # --- sessions ------------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str) -> tuple[str, Session]:
        """The cookie's token and the session. Raises AuthRefused: bad-sign-in, account-locked.

        An unknown name costs the same time and gives the same answer as a wrong password.
        """
        account = self._proven(name, password)
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now = self._now()
        with self.engine.begin() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.made < now - self.life_s))
            connection.execute(
                sa.insert(sessions).values(
                    token=_digest(token), account=account.id, csrf=csrf, made=now, touched=now, locked=False
                )
            )
            self._log(connection, account.id, "signed-in")
        return token, Session(account, csrf, locked=False)

    def _proven(self, name: str, password: str) -> Account:
        with self.engine.begin() as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.name == name)).first()
        known = row is not None and row.active
        try:
            # the bar is read before the password: an attacker learns nothing from a right guess meanwhile
            if row is not None and row.barred_until > self._now():
                raise AuthRefused("account-locked")
            self._hasher.verify(row.password if row is not None and known else self._nobody, password[:MAX_PASSWORD])
        except (VerificationError, InvalidHashError):
            self._failed(row.id if row is not None else "", name)
            raise AuthRefused("bad-sign-in") from None
        if row is None or not known:
            raise AuthRefused("bad-sign-in")
        with self.engine.begin() as connection:
            connection.execute(sa.update(accounts).where(accounts.c.id == row.id).values(failures=0, barred_until=0.0))
            return account_of(row, halls_of(connection, row.id))

    def _failed(self, account_id: str, name: str) -> None:
        with self.engine.begin() as connection:
            self._log(connection, account_id, "sign-in-failed", name if account_id else "unknown name")
            if not account_id:
                return
            count = connection.scalar(
                sa.update(accounts)
                .where(accounts.c.id == account_id)
                .values(failures=accounts.c.failures + 1)
                .returning(accounts.c.failures)
            )
            if count is not None and count >= self._failures:
                bar = {"failures": 0, "barred_until": self._now() + self._bar_s}
                connection.execute(sa.update(accounts).where(accounts.c.id == account_id).values(bar))
                self._log(connection, account_id, "account-locked")

    def session(self, token: str, *, touch: bool = False) -> Session | None:
        """Whose session this is, or None if unknown or over. ``touch``: somebody is at the console now."""
        now = self._now()
        with self.engine.begin() as connection:
            row = connection.execute(
                sa.select(accounts, sessions.c.csrf, sessions.c.made, sessions.c.touched, sessions.c.locked)
                .join(sessions, sessions.c.account == accounts.c.id)
                .where(sessions.c.token == _digest(token))
            ).first()
            if row is None or not row.active or row.made < now - self.life_s:
                return None
            locked = row.locked or row.touched < now - self.idle_s
            if locked and not row.locked:
                self._set(connection, token, locked=True)
                self._log(connection, row.id, "console-locked", "idle")
            elif touch and not locked and row.touched < now - 1:
                self._set(connection, token, touched=now)
            account = account_of(row, halls_of(connection, row.id))
        return Session(account, row.csrf, locked=bool(locked))

    def _set(self, connection: sa.Connection, token: str, **values: object) -> None:
        connection.execute(sa.update(sessions).where(sessions.c.token == _digest(token)).values(**values))

    def lock(self, token: str) -> None:
        with self.engine.begin() as connection:
            self._set(connection, token, locked=True)

    def unlock(self, token: str, password: str) -> Session:
        """Open a locked console again. Raises AuthRefused: bad-sign-in, account-locked."""
        session = self.session(token)
        if session is None:
            raise AuthRefused("bad-sign-in")
        self._proven(session.account.name, password)
        with self.engine.begin() as connection:
            self._set(connection, token, locked=False, touched=self._now())
            self._log(connection, session.account.id, "console-unlocked")
        return Session(session.account, session.csrf, locked=False)

    def sign_out(self, token: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.token == _digest(token)))

    # --- third-party terminals -----------------------------------------------------------------------

    def issue_terminal_token(self, by: Account, device: str) -> str:
        """A new bearer token for a registered terminal's HTTP calls, shown once; the terminal's older ones die."""
        token = secrets.token_urlsafe(32)
        with self.engine.begin() as connection:
            connection.execute(sa.delete(terminal_tokens).where(terminal_tokens.c.device == device))
            row = {"token": _digest(token), "device": device, "made": self._now()}
            connection.execute(sa.insert(terminal_tokens).values(row))
            self._log(connection, by.id, "terminal-token", device)
        return token

    def terminal(self, token: str) -> str | None:
        """The device id this bearer token speaks for, or None."""
        with self.engine.begin() as connection:
            return connection.scalar(
                sa.select(terminal_tokens.c.device).where(terminal_tokens.c.token == _digest(token))
            )

    def recent(self, limit: int = 50) -> list[tuple[datetime, str, str, str]]:
        """The latest audit lines: when, account id, what, detail."""
        with self.engine.begin() as connection:
            rows = connection.execute(sa.select(audit).order_by(audit.c.id.desc()).limit(limit)).all()
        return [(datetime.fromtimestamp(r.at, UTC), r.account, r.what, r.detail) for r in rows]
