"""Memory that forgets: what the kiosk's process lets go of is overwritten at once.

Python and C give memory back without wiping it, so a masked name, or a page that was drawn with it, would lie in the
heap until somebody else needs the room (GB/T 22239: residual information protection). glibc overwrites what is freed
when ``MALLOC_PERTURB_`` is set, and with ``PYTHONMALLOC=malloc`` every string of Python's is its to free. Both are
read when a process starts; one that was started without them starts itself anew, under the same process id.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

ENVIRONMENT = {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "165"}


def forgets(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process was started so that it overwrites what it frees."""
    return all(environment.get(name) == value for name, value in ENVIRONMENT.items())


def start_forgetful() -> None:
    """Go on in a process that overwrites what it frees; returns only in one that does."""
    if not forgets():
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **ENVIRONMENT})  # noqa: S606  (ourselves)
