"""What a code says, and whether it is news: rules that serial engines and the camera share.

The data of a code is whatever bytes it holds: UTF-8, or GB18030 from older systems, or neither, which is refused
rather than guessed. ``Sieve`` lets through what is news. No I/O and no clock: times come as arguments, monotonic
seconds. What people hold before a window is nobody's business afterwards: the sieve remembers salted hashes,
never texts.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from typing import Literal

LONGEST = 512  # bytes of one code, and characters of its text
SAME_CODE_S = 2.5
FLOOD_CODES = 8  # more than this many codes ..
FLOOD_S = 2.0  # .. within this time is no person showing codes
CALM_S = 1.0  # a flood is over after so long without any code

Trouble = Literal["too-long", "unreadable-text", "flood"]

_NOT_SHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks that only steer the drawing, line separators


def text_of(data: bytes) -> str | None:
    """Return the text of a code's bytes without control characters; None if it is neither UTF-8 nor GB18030.

    Also None where nothing is left, and where the bytes are GB18030 only by stretching it: private or unassigned
    characters, which no code in use holds.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            return None
        if any(unicodedata.category(character) in {"Co", "Cn"} for character in text):
            return None
    return "".join(c for c in text if unicodedata.category(c) not in _NOT_SHOWN)[:LONGEST].strip() or None


class Sieve:
    """Lets through what is news: not a code that is still held before the window, and no floods.

    A code is news again when it has not been seen for ``SAME_CODE_S``, also where two lie before the window and are
    read in turns. More than ``FLOOD_CODES`` new ones within ``FLOOD_S`` are a flood: told once, then nothing at all
    until ``CALM_S`` have passed without a code of any kind. A code that was held through a flood is told when it
    is taken away for that long and shown again. So a listener hears at most ``FLOOD_CODES + 1`` events a ``CALM_S``,
    and what is kept is bounded.
    """

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}  # what was told, by its hash, and when it was seen last
        self._passed_at_s: deque[float] = deque()
        self._calm_at_s: float | None = None

    def flooded(self, now_s: float) -> bool:
        """Whether a flood is on at ``now_s``."""
        if self._calm_at_s is not None and now_s >= self._calm_at_s:
            self._calm_at_s = None
            self._passed_at_s.clear()
        return self._calm_at_s is not None

    def passes(self, text: str, now_s: float) -> bool | Literal["flood"]:
        """Whether ``text`` at ``now_s`` is to be told: True, False, or ``"flood"`` once when a flood begins."""
        if self.flooded(now_s):
            self._calm_at_s = now_s + CALM_S
            return False
        key = hash(text)
        repeated = now_s - self._seen.pop(key, float("-inf")) < SAME_CODE_S
        self._seen[key] = now_s  # last in the order: the first is the one longest unseen
        if repeated:
            return False
        if len(self._seen) > FLOOD_CODES + 1:
            del self._seen[next(iter(self._seen))]
        self._passed_at_s.append(now_s)
        while now_s - self._passed_at_s[0] >= FLOOD_S:
            self._passed_at_s.popleft()
        if len(self._passed_at_s) > FLOOD_CODES:
            self._calm_at_s = now_s + CALM_S
            self._seen.clear()
            return "flood"
        return True
