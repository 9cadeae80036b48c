"""Seals a person to the server, and says what of a person the screen may show. Used by the reading process alone.

The box is libsodium's sealed box (X25519, XSalsa20-Poly1305) to the server's public key: this kiosk can close it
and never open it again. The text inside is padded, so that the length of the box does not tell a name's.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from nacl.public import PublicKey, SealedBox

KEY_BYTES = 32
PAD_BYTES = 512
_HEX = re.compile(r"[0-9a-fA-F]{64}")


class BadServerKey(ValueError):  # noqa: N818  (named for the condition)
    """The server's public key is missing or is none; without it no card can be read for the hall."""


def server_key(hex_or_file: str | Path) -> bytes:
    """The server's public key, 32 bytes: from 64 hexadecimal digits, or from a file that holds them.

    Raises BadServerKey.
    """
    text = str(hex_or_file)
    if not _HEX.fullmatch(text):
        path = Path(text)
        try:
            text = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadServerKey(f"the server's public key {path} cannot be read ({type(error).__name__})") from None
        if not _HEX.fullmatch(text):
            raise BadServerKey(f"{path} does not hold the server's public key ({KEY_BYTES} bytes in hexadecimal)")
    key = bytes.fromhex(text)
    if not any(key):
        raise BadServerKey("the server's public key is all zero: a sample, not a key")
    return key


def seal(key: bytes, number: str, name: str = "", *, reply: bytes = b"") -> str:
    """A person for the wire: base64 of the sealed box around ``{"number", "name", "reply"}``, padded to 512 bytes.

    ``reply``: the public key to which an answer about this person may be sealed; inside, so that nobody on the way can
    put another in its place.
    """
    return _box(key, {"number": number, "name": name} | ({"reply": reply.hex()} if reply else {}))


def seal_phone(key: bytes, phone: str) -> str:
    """A telephone number for the wire, in a box that looks like any other: ``{"phone"}``, padded to 512 bytes."""
    return _box(key, {"phone": phone})


def _box(key: bytes, held: dict[str, str]) -> str:
    plain = json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()
    padded = plain.ljust(-(-len(plain) // PAD_BYTES) * PAD_BYTES)
    return base64.b64encode(SealedBox(PublicKey(key)).encrypt(padded)).decode("ascii")


def mask_name(name: str) -> str:
    """``张*``: the first character and a star; empty where no name is known."""
    return f"{name[:1]}*" if name else ""
