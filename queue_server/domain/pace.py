"""How long a matter really takes here: learned from each visit that ends, shrunk to the catalogue's norm.

The catalogue gives every matter a norm. The hall may be slower or quicker as a whole, a matter may be misjudged,
a morning may run slower than an afternoon, one window quicker than another. Each of these has its *tempo*: the
mean of what its visits took, as a factor on their norms, with some visits' worth of what the coarser one says
mixed in (the norm for the hall, the hall for a matter, everybody for an hour or a window). So the first long visit
moves little and a few dozen move it nearly all the way. Old visits fade slowly.

What counts is how long the citizen held the window, from the call to the end, whatever the outcome: that is how
long the next one waits. A visit is cut to a quarter and to four times its norm, for a clerk forgets to press a
key; one that was transferred teaches nothing, for neither window saw the whole of it. Several matters of one
visit (一件事) are each taught the same tempo by their share of the norm.

Tempos are state of the hall, moved by ``evolve`` alone from what the event says: a replay learns the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from queue_server.domain import calendar
from queue_server.domain.model import HallPlan

LEAST, MOST = 0.25, 4.0
"""Of the norm: what one visit may say, and what all tempos together may come to."""
FADE = 0.995
"""What is left of a visit's say at the next one of its kind: about two hundred visits are remembered."""
PRIOR = 20.0
"""Visits' worth of "as expected" in the tempo of the hall and of a matter."""
PRIOR_FINE = 30.0
"""The same for an hour of the day and for a window, which also need so many visits before they count at all."""

HALL = "hall"


@dataclass(frozen=True, slots=True)
class Tempo:
    """``seen``: visits, faded; ``total``: the sum of their factors, faded alike."""

    seen: float = 0.0
    total: float = 0.0

    def after(self, factor: float, share: float) -> Tempo:
        """With one more visit, of which ``share`` belongs here."""
        return Tempo(self.seen * FADE + share, self.total * FADE + share * factor)


Tempos = Mapping[str, Tempo]
_UNSEEN = Tempo()


def of_hall(tempos: Tempos) -> float:
    return _shrunk(tempos.get(HALL, _UNSEEN), PRIOR, 1.0)


def of_matter(tempos: Tempos, matter: str) -> float:
    """The hall's own, until there are visits for this matter."""
    return _shrunk(tempos.get(f"matter:{matter}", _UNSEEN), PRIOR, of_hall(tempos))


def of_hour(tempos: Tempos, hour: int) -> float:
    """On top of the matter's: 1 until there is enough to go by. ``hour`` is the hall's local one."""
    return _beside_all(tempos, f"hour:{hour:02d}")


def of_window(tempos: Tempos, counter: str) -> float:
    """On top of the matter's: 1 until there is enough to go by."""
    return _beside_all(tempos, f"window:{counter}")


def norms_of(plan: HallPlan, matters: Sequence[str]) -> tuple[float, ...]:
    """The catalogue's norm of each matter; empty where it does not know one of them."""
    known = plan.matters
    return tuple(known[m].service_min for m in matters) if all(m in known for m in matters) else ()


def of_visit(plan: HallPlan, tempos: Tempos, matters: Sequence[str], otherwise_min: float, now: datetime) -> float:
    """Minutes to expect of a visit for ``matters``; ``otherwise_min`` in a hall that does not learn, or cannot."""
    norms = norms_of(plan, matters) if plan.rules.learn_service else ()
    return expected_min(tempos, matters, norms, calendar.local_hour(plan, now)) if norms else otherwise_min


def expected_min(
    tempos: Tempos, matters: Sequence[str], norms_min: Sequence[float], hour: int, counter: str | None = None
) -> float:
    """Minutes at the window for all ``matters`` together, to a hundredth; ``counter`` where it is known."""
    norm = sum(norms_min)
    if norm <= 0:
        return norm
    factor = _of_matters(tempos, matters, norms_min) * of_hour(tempos, hour)
    if counter is not None:
        factor *= of_window(tempos, counter)
    return round(norm * _cut(factor), 2)


def learned(
    tempos: Tempos, matters: Sequence[str], norms_min: Sequence[float], occupied_s: int, hour: int, counter: str
) -> dict[str, Tempo]:
    """The tempos after one visit that held ``counter`` for ``occupied_s``."""
    norm = sum(norms_min)
    after = dict(tempos)
    if norm <= 0 or len(matters) != len(norms_min):
        return after
    seen = _cut(occupied_s / 60 / norm)
    besides = seen * of_hall(tempos) / _of_matters(tempos, matters, norms_min)
    visits = [
        (HALL, seen, 1.0),
        (f"hour:{hour:02d}", besides / of_window(tempos, counter), 1.0),
        (f"window:{counter}", besides / of_hour(tempos, hour), 1.0),
    ]
    visits += [(f"matter:{m}", seen, own / norm) for m, own in zip(matters, norms_min, strict=True)]
    for name, factor, share in visits:
        after[name] = after.get(name, _UNSEEN).after(factor, share)
    return after


def _of_matters(tempos: Tempos, matters: Sequence[str], norms_min: Sequence[float]) -> float:
    """Of the whole visit: the mean of its matters' tempos, each by its share of the norm."""
    return sum(own * of_matter(tempos, m) for m, own in zip(matters, norms_min, strict=True)) / sum(norms_min)


def _shrunk(tempo: Tempo, prior: float, towards: float) -> float:
    return (tempo.total + prior * towards) / (tempo.seen + prior)


def _beside_all(tempos: Tempos, name: str) -> float:
    """A tempo as a factor on the mean of all visits."""
    tempo, everybody = tempos.get(name, _UNSEEN), tempos.get(HALL, _UNSEEN)
    if tempo.seen < PRIOR_FINE or everybody.total <= 0:
        return 1.0
    mean = everybody.total / everybody.seen
    return _shrunk(tempo, PRIOR_FINE, mean) / mean


def _cut(factor: float) -> float:
    return min(max(factor, LEAST), MOST)
