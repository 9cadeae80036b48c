"""The vault: opens what a kiosk sealed, keeps what the law needs, and can forget a person for good.

A person's record is AES-256-GCM under a key of that person alone; this key lies in a row of its own, wrapped
by the master key. Forgetting deletes the key's row: whatever copy of the record remains, in a backup or on a
worn-out disk, is noise from then on. A number is found by its HMAC-SHA256, so that neither table nor index
holds one. Whoever sees a whole name or number stands in the access log with a reason.

Every failure is a VaultError with a code; neither it nor any ``repr`` holds a name or number.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from queue_server.people.keys import Keys
from queue_server.people.masking import Masked, Style, mask_name
from queue_server.people.numbers import BadNumber, check, normalise
from queue_server.people.sealing import Damaged, decrypt, encrypt
from queue_server.people.tables import people, people_access, people_keys, people_vault

RETENTION = timedelta(days=30)
"""How long a person is kept after the last visit (product.md §4.10, PIPL 19: the shortest time that serves)."""
MAX_SEALED_CHARS = 4096
MAX_NAME_CHARS = 60
_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}


class VaultError(Exception):
    """``code``: ``bad-seal`` (not sealed to this server, or changed), ``bad-person`` (what was sealed is no

    person), a code of BadNumber, ``unknown-person``, ``forgotten``, ``no-reason``, ``reason-names-person``,
    ``damaged`` (a record that its key does not open) or ``wrong-keys`` (the key files are not this vault's).
    """

    def __init__(self, code: str, sentence: str = "") -> None:
        self.code = code
        super().__init__(f"{code}: {sentence}" if sentence else code)


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who somebody is. ``name`` is empty where only a number was typed. Prints as ``Identity(***)``."""

    name: str
    number: str

    def __repr__(self) -> str:
        return "Identity(***)"


@dataclass(frozen=True, slots=True)
class Access:
    """One look at a whole name and number."""

    at: datetime
    by: str
    why: str
    ref: str


class _Sealed(msgspec.Struct, forbid_unknown_fields=False, omit_defaults=True):
    """``reply``: the asking process's public key, in hexadecimal; never kept."""

    number: str
    name: str = ""
    reply: str = ""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Vault:
    """The persons of one database. Any thread; each call is one transaction of its own.

    Raises VaultError("wrong-keys") when the database was begun with other keys: better than a vault that
    silently knows nobody.
    """

    def __init__(self, engine: sa.Engine, keys: Keys, clock: Callable[[], datetime] = _utc_now) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        tables = [people, people_keys, people_access, people_vault]
        people.metadata.create_all(engine, tables=tables)
        self._check_keys()

    def public_key(self) -> bytes:
        """What kiosks seal persons to: 32 bytes, X25519."""
        return self._keys.public_key()

    def open(self, sealed_b64: str) -> Identity:
        """What a kiosk sealed, checked as if nobody had checked it before. Raises VaultError."""
        return self.open_for_reply(sealed_b64)[0]

    def open_for_reply(self, sealed_b64: str) -> tuple[Identity, bytes | None]:
        """The same, with the public key (X25519) to which an answer may be sealed, if there is one."""
        if len(sealed_b64) > MAX_SEALED_CHARS:
            raise VaultError("bad-seal", "too long")
        try:
            sealed = base64.b64decode(sealed_b64, validate=True)
            plain = SealedBox(self._keys.box).decrypt(sealed)
        except (binascii.Error, ValueError, TypeError, CryptoError):
            # "from None": an exception's chain must not carry the blob into a log.
            raise VaultError("bad-seal", "not sealed to this server, or changed on the way") from None
        try:
            person = msgspec.json.decode(plain, type=_Sealed)
            number = check(person.number, self._clock().date())
        except BadNumber as bad:
            raise VaultError(bad.code) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise VaultError("bad-person", "what was sealed is not a person") from None
        name = " ".join(person.name.split())
        # Rare characters of names lie in every plane and in private areas: only controls are no part of a name.
        if len(name) > MAX_NAME_CHARS or any(unicodedata.category(char) in _CONTROLS for char in name):
            raise VaultError("bad-person", "the name is too long or holds controls")
        return Identity(name, number), _reply_key(person.reply)

    def remember(self, identity: Identity, needed_until: datetime | None = None) -> str:
        """The person's opaque ref, the same as long as the person is not forgotten.

        ``needed_until`` is the visit for which the person is kept (a slot's start); None: now. It only ever
        moves later. A name that was unknown or has changed is taken over.
        """
        lookup = self._lookup(identity.number)
        now = _seconds(self._clock())
        until = max(now, _seconds(needed_until) if needed_until is not None else now)
        for _ in range(3):
            try:
                with self._engine.begin() as connection:
                    ref = self._ref(connection, lookup)
                    if ref is not None:
                        self._renew(connection, ref, identity, until)
                        return ref
                    return self._insert(connection, lookup, identity, now, until)
            except sa.exc.IntegrityError:
                continue  # another thread or server remembered this person first: find theirs
        raise VaultError("damaged", "the person can neither be found nor kept")

    def find(self, number: str) -> str | None:
        """The ref of the person with this number, None if not known (or forgotten)."""
        with self._engine.begin() as connection:
            return self._ref(connection, self._lookup(normalise(number)))

    def masked(self, ref: str, style: Style) -> Masked:
        """What may be shown without a reason. Raises VaultError unknown-person or forgotten."""
        with self._engine.begin() as connection:
            identity = self._read(connection, ref)
        return Masked(mask_name(identity.name, style), identity.number[-4:])

    def reveal(self, ref: str, by: str, why: str) -> Identity:
        """The whole name and number, once it is on record that ``by`` saw them at this time for this reason.

        Raises VaultError ``no-reason`` without both words, ``reason-names-person`` where the reason would
        carry the person into the log, unknown-person, forgotten.
        """
        by, why = by.strip(), " ".join(why.split())
        if not by or not why or len(by) > 64 or len(why) > 200:
            raise VaultError("no-reason", "who looks (at most 64 characters) and why (at most 200) are required")
        with self._engine.begin() as connection:
            identity = self._read(connection, ref)
            if identity.number in normalise(why) or (identity.name and identity.name in why):
                raise VaultError("reason-names-person", "the reason must not hold the name or number")
            entry = {"at": _seconds(self._clock()), "by": by, "why": why, "ref": ref}
            connection.execute(sa.insert(people_access).values(**entry))
        return identity

    def accesses(self, ref: str | None = None) -> list[Access]:
        """The access log, the latest last; of one person or of all."""
        query = sa.select(people_access).order_by(people_access.c.id)
        if ref is not None:
            query = query.where(people_access.c.ref == ref)
        with self._engine.begin() as connection:
            rows = connection.execute(query).all()
        return [Access(datetime.fromtimestamp(row.at, UTC), row.by, row.why, row.ref) for row in rows]

    def forget(self, ref: str) -> None:
        """Delete the person's key and hash; from then on nobody can read or find the record. Twice is once.

        Raises VaultError unknown-person.
        """
        with self._engine.begin() as connection:
            self._overwrite_deleted(connection)
            if connection.execute(sa.select(people.c.ref).where(people.c.ref == ref)).first() is None:
                raise VaultError("unknown-person")
            self._forget(connection, [ref])
        self._truncate_log()

    def forget_due(self, now: datetime) -> list[str]:
        """Forget everyone whose last visit lies RETENTION back; returns their refs. To be run daily."""
        with self._engine.begin() as connection:
            self._overwrite_deleted(connection)
            due = people.c.needed_until <= _seconds(now - RETENTION)
            query = sa.select(people.c.ref).where(due, people.c.forgotten_at.is_(None)).order_by(people.c.ref)
            refs = list(connection.execute(query).scalars())
            self._forget(connection, refs)
        if refs:
            self._truncate_log()
        return refs

    # --- one transaction's parts --------------------------------------------------------------------------

    def _check_keys(self) -> None:
        fingerprint = hmac.new(self._keys.master, b"jiaohao people vault" + self._keys.lookup, hashlib.sha256)
        mine = fingerprint.hexdigest()
        for _ in range(2):
            try:
                with self._engine.begin() as connection:
                    begun = connection.execute(sa.select(people_vault.c.fingerprint)).scalar()
                    if begun is None:
                        connection.execute(sa.insert(people_vault).values(id=1, fingerprint=mine))
                        return
                    break
            except sa.exc.IntegrityError:
                continue  # two servers began the vault at once: read what the other wrote
        if begun != mine:
            raise VaultError("wrong-keys", "the key files are not those with which this vault was begun")

    def _lookup(self, number: str) -> bytes:
        return hmac.digest(self._keys.lookup, number.encode(), "sha256")

    @staticmethod
    def _ref(connection: sa.Connection, lookup: bytes) -> str | None:
        return connection.execute(sa.select(people.c.ref).where(people.c.lookup == lookup)).scalar()

    def _insert(self, connection: sa.Connection, lookup: bytes, identity: Identity, now: int, until: int) -> str:
        ref = "p" + secrets.token_urlsafe(16)
        key = AESGCM.generate_key(256)
        row = {"ref": ref, "lookup": lookup, "record": encrypt(key, _plain(identity), ref)}
        connection.execute(sa.insert(people).values(**row, remembered_at=now, needed_until=until))
        wrapped = encrypt(self._keys.master, key, f"key {ref}")
        connection.execute(sa.insert(people_keys).values(ref=ref, wrapped=wrapped))
        return ref

    def _renew(self, connection: sa.Connection, ref: str, identity: Identity, until: int) -> None:
        if identity.name and self._read(connection, ref) != identity:
            record = encrypt(self._key(connection, ref), _plain(identity), ref)
            connection.execute(sa.update(people).where(people.c.ref == ref).values(record=record))
        later = sa.update(people).where(people.c.ref == ref, people.c.needed_until < until)
        connection.execute(later.values(needed_until=until))

    def _key(self, connection: sa.Connection, ref: str) -> bytes:
        wrapped = connection.execute(sa.select(people_keys.c.wrapped).where(people_keys.c.ref == ref)).scalar()
        if wrapped is None:
            raise VaultError("forgotten")
        return _decrypt(self._keys.master, wrapped, f"key {ref}")

    def _read(self, connection: sa.Connection, ref: str) -> Identity:
        row = connection.execute(sa.select(people.c.record).where(people.c.ref == ref)).first()
        if row is None:
            raise VaultError("unknown-person")
        key = self._key(connection, ref)
        person = msgspec.json.decode(_decrypt(key, row.record or b"", ref), type=_Sealed)
        return Identity(person.name, person.number)

    def _forget(self, connection: sa.Connection, refs: list[str]) -> None:
        # The ref stays, with the time, as proof that the person was forgotten; it leads nowhere.
        connection.execute(sa.delete(people_keys).where(people_keys.c.ref.in_(refs)))
        emptied = {"lookup": None, "record": None, "forgotten_at": _seconds(self._clock())}
        forgotten = sa.update(people).where(people.c.ref.in_(refs), people.c.forgotten_at.is_(None))
        connection.execute(forgotten.values(**emptied))

    def _overwrite_deleted(self, connection: sa.Connection) -> None:
        if self._engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")  # freed pages are zeroed, not only unlinked

    def _truncate_log(self) -> None:
        """On SQLite the write-ahead log still holds older pages: fold it in. Busy readers only delay it."""
        if self._engine.dialect.name == "sqlite":
            with contextlib.closing(self._engine.raw_connection()) as connection:  # outside of any transaction
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _reply_key(text: str) -> bytes | None:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return None
    return key if len(key) == 32 and any(key) else None


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _plain(identity: Identity) -> bytes:
    return msgspec.json.encode(_Sealed(identity.number, identity.name))


def _decrypt(key: bytes, data: bytes, bound_to: str) -> bytes:
    try:
        return decrypt(key, data, bound_to)
    except Damaged as damaged:
        raise VaultError("damaged", str(damaged)) from None
