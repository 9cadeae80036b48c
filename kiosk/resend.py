"""When a request that has no answer yet goes out again. Pure: times are monotonic seconds, jitter an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

FIRST_S, LONGEST_S = 1.5, 10.0


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
