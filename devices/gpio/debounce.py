"""Timestamped edges in, changes out: what a contact means, without any clock or pin.

A key that goes down bounces for milliseconds, a worn one flutters, a loose wire never rests. ``Contact`` believes a
level only after it has lasted ``debounce_s`` without a single edge, in either direction; a level that lasts always
comes out, one that does not never does. The end of an input may be held off longer (``hold_off_s``): a presence
sensor that loses somebody for a second has not lost them. Edges may be lost, doubled, or stamped out of order;
what the pin reads is told by ``look`` and mends whatever was missed. A contact that finds no rest, or that changes
faster than any hand, is ``chattering``: it says nothing more until it is calm, and its owner can report it.

All times are seconds of one monotonic clock. Memory is bounded.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

CHATTER_S = 2.0
"""So long without ``debounce_s`` of rest is chatter. A bouncing key needs a hundredth of it."""

FLURRY_CHANGES, FLURRY_S = 60, 4.0
"""So many changes within so many seconds are no hand's: seven and a half presses each second, on and on."""

CALM_S = 1.0
"""After a flurry: so long without an edge, and the contact is believed again."""


@dataclass(frozen=True, slots=True)
class Change:
    """The contact's level changed to ``active`` at ``at_s``, and has lasted long enough since to be believed."""

    active: bool
    at_s: float


class Contact:
    """One input's state, from the level ``active`` that it had at ``at_s``, which is believed at once."""

    def __init__(self, *, active: bool, at_s: float, debounce_s: float, hold_off_s: float = 0.0) -> None:
        self._debounce_s = debounce_s
        self._lasting_s = {True: debounce_s, False: max(debounce_s, hold_off_s)}
        self._raw = self._believed = self._told = active
        self._told_at_s = at_s
        self._edge_s = at_s  # when the last edge came
        self._now_s = at_s  # time never goes back, whatever the stamps say
        self._unrest_s: float | None = None  # since when there was never debounce_s without an edge
        self._changes: deque[float] = deque(maxlen=FLURRY_CHANGES)
        self._flurry = False

    @property
    def active(self) -> bool:
        """What was told last."""
        return self._told

    @property
    def held_s(self) -> float:
        """How long it has been active by now, 0.0 when it is not."""
        return self._now_s - self._told_at_s if self._told else 0.0

    @property
    def settled(self) -> bool:
        """Whether the pin's level is the one that was told, and no edge is pending."""
        return self._raw is self._told and self._unrest_s is None

    @property
    def chattering(self) -> bool:
        """Whether the contact finds no rest, or changes faster than any hand."""
        return self._flurry or (self._unrest_s is not None and self._now_s - self._unrest_s >= CHATTER_S)

    @property
    def due_s(self) -> float | None:
        """When ``until`` must be called next if no edge comes before; None when nothing is pending."""
        due = []
        if self._raw is not self._believed:
            due.append(self._edge_s + self._lasting_s[self._raw])
        if self._unrest_s is not None:
            due.append(self._edge_s + self._debounce_s)
        if self._flurry:
            due.append(self._edge_s + CALM_S)
        return min(due, default=None)

    def edge(self, *, active: bool, at_s: float) -> list[Change]:
        """The pin went to ``active`` at ``at_s``; return what has become certain until then.

        A stamp before the last one counts as equal to it: edges are taken in the order in which they come.
        """
        changes = self.until(at_s)
        self._raw = active  # also when it was so already: then the edge between the two was lost
        self._edge_s = self._now_s
        if self._unrest_s is None:
            self._unrest_s = self._now_s
        return changes

    def look(self, *, active: bool, at_s: float) -> list[Change]:
        """The pin was read as ``active`` at ``at_s``: an edge if that is news, else nothing but time passing."""
        return self.until(at_s) if active is self._raw else self.edge(active=active, at_s=at_s)

    def until(self, now_s: float) -> list[Change]:
        """Let time pass; return the change that has become certain, if any. Earlier times change nothing."""
        self._now_s = now_s = max(now_s, self._now_s)
        quiet_s = now_s - self._edge_s
        if quiet_s >= self._debounce_s:
            self._unrest_s = None
        if self._flurry and quiet_s >= CALM_S:
            self._flurry = False
            self._changes.clear()
        if self._raw is not self._believed and quiet_s >= self._lasting_s[self._raw]:
            self._believed = self._raw
            self._changes.append(self._edge_s)
            full = len(self._changes) == FLURRY_CHANGES
            self._flurry = self._flurry or (full and self._changes[-1] - self._changes[0] <= FLURRY_S)
        if self._flurry or self._believed is self._told:
            return []
        self._told, self._told_at_s = self._believed, self._edge_s
        return [Change(self._told, self._told_at_s)]
