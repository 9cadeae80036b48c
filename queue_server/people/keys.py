"""The vault's three secrets, made at the first start, each in a file that only the server may read.

``people-master`` wraps the key of each person, ``people-lookup`` keys the hash by which a number is found,
``people-box`` opens what kiosks seal; its public half, ``people-box.pub``, is what a kiosk is given. A file
that others can read, or that holds a sample, stops the server: better no service than a readable vault.
Whoever loses these files loses the persons; whoever copies database *and* files has them (README of
deployment: back them up apart).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from nacl.public import PrivateKey

KEY_BYTES = 32
_NAMES = ("people-master", "people-lookup", "people-box")


class BadKeys(RuntimeError):  # noqa: N818  (named for the condition)
    """A key file must not be used: ``code`` is ``readable-by-others``, ``not-a-key``, ``sample`` or ``unreadable``."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Keys:
    """32 bytes each; never printed."""

    master: bytes = field(repr=False)
    lookup: bytes = field(repr=False)
    box: PrivateKey = field(repr=False)

    def public_key(self) -> bytes:
        """What kiosks seal to (X25519, 32 bytes); may be shown to anybody."""
        return bytes(self.box.public_key)


def load_keys(directory: Path) -> Keys:
    """The keys under ``directory`` (``var/secrets``), made there if this is the first start. Raises BadKeys."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    master, lookup, box = (_key(directory / name) for name in _NAMES)
    keys = Keys(master, lookup, PrivateKey(box))
    public = directory / "people-box.pub"
    if not public.exists() or public.read_text(encoding="ascii").strip() != keys.public_key().hex():
        _write(public, keys.public_key().hex(), 0o644, replace=True)
    return keys


def _key(path: Path) -> bytes:
    if not path.exists():
        _write(path, secrets.token_hex(KEY_BYTES), 0o600, replace=False)
    try:
        if path.stat().st_mode & 0o077:
            raise BadKeys("readable-by-others", f"{path} can be read by others; run: chmod 600 {path}")
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys("unreadable", f"{path} cannot be read ({type(error).__name__})") from None
    if not re.fullmatch(rf"[0-9a-fA-F]{{{KEY_BYTES * 2}}}", text):
        raise BadKeys("not-a-key", f"{path} does not hold {KEY_BYTES} bytes in hexadecimal")
    key = bytes.fromhex(text)
    if _is_sample(key):
        raise BadKeys("sample", f"{path} holds a sample key; delete it before the first start and one is made")
    return key


def _is_sample(key: bytes) -> bool:
    """Repeated, counted or typed bytes: nothing that 32 random bytes would ever be."""
    steps = {(later - earlier) % 256 for earlier, later in itertools.pairwise(key)}
    return len(set(key)) < 16 or len(steps) <= 2 or all(32 <= byte < 127 for byte in key)


def _write(path: Path, text: str, mode: int, *, replace: bool) -> None:
    """Whole or not at all, on the disk before it is used; of two servers starting at once, one's key stands."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
