"""The technician's lock: a secret of this terminal, the codes that open it, and what too many wrong ones cost.

The secret is made at the first start and goes up with each birth, sealed to the server; codes are checked here, so
that a technician comes in while the network is down. Each code opens once, and none that is older than the last.
Five wrong ones in a row close the lock for a quarter of an hour, over a restart and over a clock that is set: it is
never closed for longer from now. The file holds counts and times, never a code.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from nacl.public import PublicKey, SealedBox

from firmware_cfg import one_time
from firmware_cfg.sign import BadKey, seed_at
from kiosk.durable import write_whole
from kiosk.events import CodeTried

log = logging.getLogger(__name__)

TRIES = 5
CLOSED_FOR = timedelta(minutes=15)


@dataclass
class _State:
    step: int = 0
    wrong: int = 0
    closed_until: datetime | None = field(default=None)


class TechnicianLock:
    """Of one terminal; the UI's thread owns it. ``clock`` is aware UTC."""

    def __init__(self, folder: Path, server_key: bytes, clock: Callable[[], datetime]) -> None:
        """A folder that takes no secret leaves the lock closed for good: nobody comes in without a code."""
        self._path = folder / "technician.json"
        self._clock = clock
        self.sealed = ""
        """The secret for the server, base64; the same as long as the program runs."""
        try:
            self._secret = seed_at(folder / "technician.key")
        except (BadKey, OSError) as error:
            log.error("no technician can come in: %s", error)  # noqa: TRY400  (one line says it)
            self._secret = b""
        else:
            self.sealed = base64.b64encode(SealedBox(PublicKey(server_key)).encrypt(self._secret)).decode("ascii")
        self._state = self._read()

    @property
    def closed(self) -> bool:
        return self._left() > timedelta()

    def try_code(self, typed: str) -> CodeTried:
        """What a typed code does: ``open``, ``wrong``, ``used`` (it has opened before), or ``locked``."""
        if self.closed:
            return self._locked()
        step = one_time.step_of_code(self._secret, typed, self._clock()) if self._secret else None
        if step is not None and step > self._state.step:
            self._state = _State(step=step)
            self._write()
            return CodeTried("open")
        if step is not None:
            return CodeTried("used", left=TRIES - self._state.wrong)
        self._state.wrong += 1
        if self._state.wrong >= TRIES:
            self._state.wrong = 0
            self._state.closed_until = self._clock() + CLOSED_FOR
        self._write()
        return self._locked() if self.closed else CodeTried("wrong", left=TRIES - self._state.wrong)

    def _locked(self) -> CodeTried:
        return CodeTried("locked", left=max(1, -(-int(self._left().total_seconds()) // 60)))

    def _left(self) -> timedelta:
        until = self._state.closed_until
        return timedelta() if until is None else min(until - self._clock(), CLOSED_FOR)

    def _read(self) -> _State:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_State)
        except FileNotFoundError:
            return _State()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            # Somebody who can write here is inside already; who only broke it shall not gain five more tries.
            log.error("%s cannot be read: the lock is closed for a while", self._path)  # noqa: TRY400
            return _State(closed_until=self._clock() + CLOSED_FOR)

    def _write(self) -> None:
        try:
            write_whole(self._path, msgspec.json.encode(self._state))
        except OSError as error:
            log.error("the technician's lock cannot be kept: %s", type(error).__name__)  # noqa: TRY400
