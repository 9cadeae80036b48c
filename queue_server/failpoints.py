"""Where the server may be told to die, so that tests can kill it at the worst moment and not merely near it.

``JIAOHAO_FAILPOINT=name:n`` makes the process send itself SIGKILL when it passes the named point for the
n-th time: no clean-up runs, as when the power goes. Without the variable a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass

BEFORE_COMMIT = "before-commit"
"""The batch's rows are written, their transaction is not committed."""
AFTER_COMMIT = "after-commit-before-reply"
"""The batch is on disk, nobody has been told."""
AFTER_REPLY = "after-reply-before-ack"
"""The answers were handed to the doors, the broker has not been acknowledged."""

NAMES = frozenset({BEFORE_COMMIT, AFTER_COMMIT, AFTER_REPLY})


class UnknownFailpoint(ValueError):  # noqa: N818  (named for the condition)
    """``JIAOHAO_FAILPOINT`` is not ``name:n`` with a known name and n >= 1."""


@dataclass(slots=True)
class Armed:
    """The point that will kill, and how many passes are left before it does."""

    name: str
    left: int


def parse(text: str) -> Armed | None:
    """Read ``name:n`` (n from 1); empty text arms nothing. Raises UnknownFailpoint."""
    if not text:
        return None
    name, _, count = text.partition(":")
    if name not in NAMES or not count.isdecimal() or int(count) < 1:
        known = ", ".join(sorted(NAMES))
        raise UnknownFailpoint(f"JIAOHAO_FAILPOINT={text!r}: want NAME:N with N >= 1 and NAME one of {known}")
    return Armed(name, int(count))


def armed_by(environ: Mapping[str, str]) -> Armed | None:
    return parse(environ.get("JIAOHAO_FAILPOINT", ""))


_armed = armed_by(os.environ)


def hit(name: str) -> None:
    """Pass the point ``name``; does not return if it is the armed one and its count is up."""
    if _armed is None or _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
