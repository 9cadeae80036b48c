"""The key under the server's orders to terminals: made at the first start, beside the vault's.

``server-sign`` holds the seed and can be read by the server alone; ``server-sign.pub`` is what a terminal is given
(``kiosk.server_sign_file`` of its profile). Whoever replaces the seed must bring the new public key to every
terminal: until then they carry out nothing.
"""

from __future__ import annotations

from pathlib import Path

from firmware_cfg.sign import BadKey, public_of, read_key, seed_at

NAME = "server-sign"


def signing_key(directory: Path) -> bytes:
    """The seed under ``directory`` (``var/secrets``), made there at the first start, its public half beside it.

    Raises BadKey, also where others can read it.
    """
    path = directory / NAME
    seed = seed_at(path)
    if path.stat().st_mode & 0o077:
        raise BadKey(f"{path} can be read by others; run: chmod 600 {path}")
    public = directory / f"{NAME}.pub"
    if not public.exists() or read_key(public) != public_of(seed):
        draft = public.with_suffix(".new")
        draft.write_text(public_of(seed).hex() + "\n", encoding="ascii")
        draft.chmod(0o644)
        draft.replace(public)
    return seed
