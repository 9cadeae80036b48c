"""AES-256-GCM for what is kept of people: nonce before cipher, and every record bound to the row it stands in."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Damaged(ValueError):  # noqa: N818  (named for the condition)
    """A record that its key does not open, or that stands in another's row."""


def encrypt(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """``plain`` under ``key`` (32 bytes); ``bound_to`` keeps one record from standing in another's row."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def decrypt(key: bytes, data: bytes, bound_to: str) -> bytes:
    """What ``encrypt`` was given. Raises Damaged."""
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise Damaged("a record does not open with its key") from None
