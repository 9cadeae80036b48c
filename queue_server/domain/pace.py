"""How long a matter really takes here: learned from each visit that ends, shrunk to the catalogue's norm.

The catalogue gives every matter a norm. The hall may be slower or quicker as a whole, a matter may be misjudged,
a morning may run slower than an afternoon, one window quicker than another. Each of these is a *tempo*: a
factor on what the coarser ones say, the mean of what was seen, with some visits' worth of "as expected" mixed
in, so that the first long visit moves little and a few dozen move it all the way. Old visits fade slowly.

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
    return _shrunk(tempos.get(HALL, _UNSEEN), PRIOR)


def of_matter(tempos: Tempos, matter: str) -> float:
    """On top of the hall's."""
    return _shrunk(tempos.get(f"matter:{matter}", _UNSEEN), PRIOR)


def of_hour(tempos: Tempos, hour: int) -> float:
    """On top of hall and matter: 1 until there is enough to go by. ``hour`` is the hall's local one."""
    return _fine(tempos.get(f"hour:{hour:02d}", _UNSEEN))


def of_window(tempos: Tempos, counter: str) -> float:
    """On top of hall and matter: 1 until there is enough to go by."""
    return _fine(tempos.get(f"window:{counter}", _UNSEEN))


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
    shared = sum(own * of_matter(tempos, m) for m, own in zip(matters, norms_min, strict=True)) / norm
    factor = of_hall(tempos) * shared * of_hour(tempos, hour)
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
    hall = of_hall(tempos)
    shares = [own / norm for own in norms_min]
    known = hall * sum(share * of_matter(tempos, m) for m, share in zip(matters, shares, strict=True))
    visits = [(HALL, seen, 1.0)]
    visits += [(f"matter:{m}", seen / hall, share) for m, share in zip(matters, shares, strict=True)]
    visits.append((f"hour:{hour:02d}", seen / (known * of_window(tempos, counter)), 1.0))
    visits.append((f"window:{counter}", seen / (known * of_hour(tempos, hour)), 1.0))
    for name, factor, share in visits:
        after[name] = after.get(name, _UNSEEN).after(factor, share)
    return after


def _shrunk(tempo: Tempo, prior: float) -> float:
    return (tempo.total + prior) / (tempo.seen + prior)


def _fine(tempo: Tempo) -> float:
    return _shrunk(tempo, PRIOR_FINE) if tempo.seen >= PRIOR_FINE else 1.0


def _cut(factor: float) -> float:
    return min(max(factor, LEAST), MOST)
