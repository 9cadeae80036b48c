"""Signatures that need no network: a terminal's under its off-line tickets, a server's under its commands.

Ed25519 (RFC 8032) by libsodium. A key is 32 bytes: the seed lies as hexadecimal digits in a file of mode 0600, the
public key in the same way in a file that may be read. What is signed always begins with a *purpose*, so that a
signature given for one use is worth nothing for another.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

KEY_BYTES = 32
SIGNATURE_BYTES = 64
_HEX = re.compile(r"[0-9a-f]{64}")


class BadKey(ValueError):  # noqa: N818  (named for the condition)
    """A key's file is missing, unreadable, or does not hold 64 hexadecimal digits."""


def seed_at(path: Path) -> bytes:
    """The seed that lies at ``path``; a new one is made and kept there first where there is none.

    Raises BadKey, OSError.
    """
    if path.exists():
        return read_key(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    seed = os.urandom(KEY_BYTES)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(seed.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # whole or not at all, and never over another's
    except FileExistsError:
        return read_key(path)
    finally:
        draft.unlink()
    return seed


def read_key(path: Path) -> bytes:
    """The 32 bytes that lie at ``path`` as hexadecimal digits. Raises BadKey."""
    try:
        text = path.read_text(encoding="ascii").strip().lower()
    except (OSError, UnicodeDecodeError) as error:
        raise BadKey(f"the key {path} cannot be read ({type(error).__name__})") from None
    if not _HEX.fullmatch(text):
        raise BadKey(f"{path} does not hold a key of {KEY_BYTES} bytes in hexadecimal")
    return bytes.fromhex(text)


def public_of(seed: bytes) -> bytes:
    """The public key, 32 bytes, that belongs to ``seed``."""
    return bytes(SigningKey(seed).verify_key)


def sign(seed: bytes, purpose: str, body: bytes) -> bytes:
    """The signature, 64 bytes, under ``body`` for ``purpose``."""
    return SigningKey(seed).sign(_whole(purpose, body)).signature


def is_signed(public: bytes, purpose: str, body: bytes, signature: bytes) -> bool:
    """Whether the owner of ``public`` has signed ``body`` for ``purpose``; False for anything malformed, too."""
    try:
        VerifyKey(public).verify(_whole(purpose, body), signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


def _whole(purpose: str, body: bytes) -> bytes:
    return purpose.encode("ascii") + b"\0" + body
