"""A technician's one-time code: what the console shows and a terminal without a network can check.

As RFC 6238 (time-based one-time passwords), with HMAC-SHA-256, a step of 60 s and 8 digits; the secret is made by
the terminal and known to it and its server alone. Pure: time is an argument.
"""

from __future__ import annotations

import hmac
from datetime import datetime

STEP_S = 60
DIGITS = 8
SLACK_STEPS = 1
"""A code of the step before or after is taken too: clocks differ, and reading and typing take time."""
SECRET_BYTES = 32


def step_of(now: datetime) -> int:
    """The number of the step that holds ``now``."""
    return int(now.timestamp()) // STEP_S


def code_at(secret: bytes, step: int) -> str:
    """The code of one step (RFC 4226 §5.3, dynamic truncation)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big", signed=True), "sha256")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of_code(secret: bytes, typed: str, now: datetime) -> int | None:
    """The step near ``now`` whose code was typed; None for any other text. Takes the same time for each."""
    here, found = step_of(now), None
    for step in range(here - SLACK_STEPS, here + SLACK_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), typed.encode("utf-8", "replace")):
            found = step
    return found
