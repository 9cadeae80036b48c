"""When a request that has no answer yet goes out again, and how long it is worth that.

Pure: times are monotonic seconds, jitter an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from queue_server.wire import messages as wire

FIRST_S, LONGEST_S = 1.5, 10.0
TRANSIENT = frozenset({"hall-elsewhere", "busy"})
"""Refusals that the server did not keep: the same request asked again may get its ticket."""
PATIENCE = timedelta(minutes=10)
"""How long a citizen's request is worth an answer."""
PATIENCE_HELP = timedelta(seconds=60)
"""A call for help that reached nobody by then was said to have reached nobody: it must not call them later."""
PATIENCE_QUESTION = timedelta(seconds=60)
"""Days and slots as they were a minute ago are of no use to anybody."""
PATIENCE_OFFLINE = timedelta(days=7)
"""A ticket already printed off-line must reach the hall, however late."""
PATIENCE_RATING = timedelta(days=7)
"""A rating was given by somebody who has gone long since; the hall takes it for fifteen days."""
_PATIENCE: dict[type[wire.Request], timedelta] = {
    wire.OfflineTicket: PATIENCE_OFFLINE,
    wire.CallHelp: PATIENCE_HELP,
    wire.Rate: PATIENCE_RATING,
    wire.AskDays: PATIENCE_QUESTION,
    wire.TextMe: PATIENCE_QUESTION / 2,
    wire.AskSlots: PATIENCE_QUESTION,
    **dict.fromkeys((wire.AskProgress, wire.AskRecord), PATIENCE_QUESTION / 2),
}


FIRST_REST_S, LONGEST_REST_S = 0.5, 6.0
"""Own numbers wait in the outbox: a broker that is back is found soon, and jitter keeps kiosks from coming at once."""


def rest_s(rounds: int, jitter: float) -> float:
    """How long to leave all brokers alone after ``rounds`` in vain; ``jitter`` from 0 to 1."""
    longest = min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(max(rounds - 1, 0), 10))
    return longest * (0.5 + 0.5 * jitter)


def patience(request: wire.AnyRequest) -> timedelta:
    """How long ``request`` is kept and asked again."""
    return _PATIENCE.get(type(request), PATIENCE)


@dataclass(slots=True)
class _Due:
    at_s: float = 0.0
    times: int = 0


class Resends:
    """The waiting request ids in the order in which they came; each goes out at once, then ever more rarely."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        """``jitter`` gives 0 to 1 and lengthens a pause by up to a quarter, so that kiosks do not speak in chorus."""
        self._jitter = jitter
        self._waiting: dict[str, _Due] = {}

    def restart(self, ids: Iterable[str]) -> None:
        """A new connection: everything that waits goes out now."""
        self._waiting = {name: _Due() for name in ids}

    def add(self, name: str) -> None:
        self._waiting.setdefault(name, _Due())

    def answered(self, name: str) -> None:
        self._waiting.pop(name, None)

    def keep_only(self, ids: Iterable[str]) -> None:
        """What is not held any more is not sent any more."""
        held = set(ids)
        self._waiting = {name: due for name, due in self._waiting.items() if name in held}

    def due(self, now_s: float) -> list[str]:
        return [name for name, due in self._waiting.items() if due.at_s <= now_s]

    def sent(self, name: str, now_s: float) -> None:
        due = self._waiting[name]
        pause = min(LONGEST_S, FIRST_S * 2.0**due.times)
        due.times = min(due.times + 1, 30)
        due.at_s = now_s + pause * (1.0 + 0.25 * self._jitter())
