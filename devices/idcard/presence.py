"""Whether what lies on the reader is new; the only judgement in the whole driver, and pure.

After a good read some modules answer "no card" while it still lies there, others go on finding it. So a single
miss does not mean that the card was lifted, nor a find that another person came. A stay begins with a read and
ends after three misses in a row; within a stay, and shortly after it, the same number is no news.
"""

from __future__ import annotations

MISSES = 3
SAME_CARD_S = 2.0  # a module that flickers between found and not found renews this with every read
AGAIN_S = 1.5  # a card that failed but is found without a miss is tried again after this

_NEVER = float("inf")


class Presence:
    """Times are monotonic seconds. Of the last card only a hash is kept, salted by the process."""

    def __init__(self, same_card_s: float = SAME_CARD_S, again_s: float = AGAIN_S) -> None:
        self._same_card_s = same_card_s
        self._again_s = again_s
        self._lying = False
        self._misses = 0
        self._last = 0
        self._last_at_s = -_NEVER
        self._again_at_s = _NEVER

    @property
    def empty(self) -> bool:
        """Whether nothing was found so many times in a row that nothing lies there, read or not."""
        return self._misses >= MISSES

    def wants_reading(self, now_s: float) -> bool:
        """A card is found: whether to read it. Not if nothing has changed since it was read."""
        return not self._lying or self._misses > 0 or now_s >= self._again_at_s

    def read(self, number: str, now_s: float) -> bool:
        """A card was read: whether that is news."""
        seen = hash(number)
        within_stay = self._lying or now_s - self._last_at_s < self._same_card_s
        self._last, was, self._last_at_s = seen, self._last, now_s
        self._lying, self._misses, self._again_at_s = True, 0, _NEVER
        return seen != was or not within_stay

    def failed(self, now_s: float) -> bool:
        """A card could not be used: whether to say so. Said once until it is lifted or read."""
        news = not self._lying or self._again_at_s == _NEVER
        self._last = 0  # whoever is read next is news
        self._lying, self._misses, self._again_at_s = True, 0, now_s + self._again_s
        return news

    def missed(self) -> bool:
        """No card was found: whether that ends a stay."""
        self._misses = min(self._misses + 1, MISSES)
        if not self._lying or self._misses < MISSES:
            return False
        self._lying, self._again_at_s = False, _NEVER
        return True
