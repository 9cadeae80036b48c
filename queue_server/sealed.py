"""The sealed boxes of a request, opened: from here on a person is an opaque reference, and nobody knows more.

Asks the vault's database, so the doors do it off their own thread (``translate.needs_vault``). ``DoorRefused`` is
what cannot even be put to the hall; a ticket that has been given already cannot be refused, so that of its boxes
"nobody known" is an answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from queue_server.domain import messages
from queue_server.domain.claims import Unmet
from queue_server.people.vault import Identity, VaultError
from queue_server.wire import messages as wire
from queue_server.wire.sentences import DoorCode


class Persons(Protocol):
    """The part of the vault that a door needs."""

    def open(self, sealed_b64: str) -> Identity: ...
    def remember(self, identity: Identity, needed_until: datetime | None = None) -> str: ...
    def find(self, number: str) -> str | None: ...


class DoorRefused(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """The door says no before the hall is asked; nothing is stored."""

    def __init__(self, code: str, facts: dict[str, str | int] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts or {}


def known(vault: Persons, sealed: str) -> str:
    """The reference of somebody who has been here before. Who was never remembered has no booking either."""
    ref = vault.find(_opened(vault, sealed).number)
    if ref is None:
        raise DoorRefused("no-appointment")
    return ref


def remembered(vault: Persons, sealed: str, visit: datetime) -> str:
    """Kept for the visit that is being booked; the time to forget runs from there."""
    return vault.remember(_opened(vault, sealed), needed_until=visit)


def here(vault: Persons, sealed: str | None) -> str | None:
    """Somebody who is served today: kept from now on, as after any visit."""
    return None if sealed is None else vault.remember(_opened(vault, sealed))


def here_if_readable(vault: Persons, sealed: str | None) -> str | None:
    """The same for a ticket that has been given already: a box that does not open is left to the window."""
    try:
        return here(vault, sealed)
    except DoorRefused:
        return None


def claimed(vault: Persons, claim: wire.Claim | None) -> messages.Claim | None:
    """Whose booking it is said to be. A ticket that has been given cannot be refused, so that nobody is an answer."""
    if claim is None or claim.code is not None or claim.person is None:
        return None if claim is None else messages.Claim(code=claim.code)
    try:
        ref = vault.find(_opened(vault, claim.person).number)
    except DoorRefused:
        return messages.Claim(unmet=Unmet.UNREADABLE)
    return messages.Claim(person_ref=ref)


def _opened(vault: Persons, sealed: str) -> Identity:
    try:
        return vault.open(sealed)
    except VaultError:
        raise DoorRefused(DoorCode.BAD_SEAL) from None
