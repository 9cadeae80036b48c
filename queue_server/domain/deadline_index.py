"""The deadline index: how urgent it is to call one who waits, as a formula over plain numbers (sla.md §2).

A promise has two lines: the limit, and the never-line behind it. As either comes near, urgency rises, the
faster the shorter the hall's mean service is; once a line is passed that part is lost and no longer pulls,
so that those who can still be kept are not given up for those who cannot. Waiting itself counts a little, a
scarce skill adds a bonus, and short services go before long ones, because they hold the others up less.

    v = w*eps*W/L + [W <= L]*w*exp(-(L - W)/(k1*m)) + ([W <= L2]*w2*exp(-(L2 - W)/(k2*m)) or w2*eta)
    v *= 1 + bonus if the ticket needs a skill;      index = v / p^gamma        (largest is called)

All times are minutes. ``formula`` is nothing but floats, so that whoever compiles it compiles this very text.
The index is compared in whole units of a billionth: the last bit of an exponential decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import exp
from typing import NamedTuple

from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.model import Ticket

UNIT = 1e-9
"""The index is rounded to whole units of this before two are compared."""
LEAST_SERVICE_MIN = 0.5
MOST_SERVICE_MIN = 1440.0
"""What a service is taken to last at least and at most, whatever is expected of it."""
LEAST_LIMIT_MIN = 1 / 60
TICK = 1e-8
"""Minutes: less than the microsecond by which two moments can differ, more than a float loses on the way."""
NOT_KNOWN_MIN = 10.0
"""Where there is no number at all."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


class Candidate(NamedTuple):
    """What dispatch needs to know of one who waits. Minutes, moments counted from 1970 UTC."""

    due_min: float
    limit_min: float
    never_min: float
    """Both from the start of the wait."""
    service_min: float
    kind: str
    scarce: bool
    slot_min: float
    """The slot's beginning; -inf without one."""
    checked_in_min: float
    not_before_call: int
    soft: bool
    seq: int
    ticket_id: str


class Parts(NamedTuple):
    """One index and what it is made of, each part already with bonus and divisor. All but ``units`` for reading."""

    units: int
    limit: float
    never: float
    waited: float


def service(minutes: float) -> float:
    """Expected minutes as the index takes them: never zero, endless or no number."""
    if not minutes >= LEAST_SERVICE_MIN:
        return LEAST_SERVICE_MIN if minutes < LEAST_SERVICE_MIN else NOT_KNOWN_MIN
    return min(minutes, MOST_SERVICE_MIN)


def minutes(moment: datetime) -> float:
    """Minutes since 1970 UTC: the time line of dispatch."""
    return (moment - _EPOCH) / _MINUTE


def candidate_of(ticket: Ticket) -> Candidate:
    """The ticket as dispatch weighs it: the word given decides, not what is configured today."""
    promise = ticket.promise
    return Candidate(
        due_min=minutes(ticket.due),
        limit_min=max(promise.limit_s / 60, LEAST_LIMIT_MIN),
        never_min=promise.never_s / 60,
        service_min=service(ticket.service_min),
        kind=ticket.kind.value,
        scarce=bool(ticket.skills),
        slot_min=-math.inf if ticket.slot_start is None else minutes(ticket.slot_start),
        checked_in_min=minutes(ticket.checked_in_at),
        not_before_call=ticket.not_before_call,
        soft=ticket.soft,
        seq=ticket.seq,
        ticket_id=ticket.id,
    )


def formula(
    waited: float,
    limit: float,
    never: float,
    minutes: float,
    mean: float,
    weight: float,
    k1: float,
    k2: float,
    eta: float,
    eps: float,
    gamma: float,
    w2: float,
    bonus: float,
) -> float:
    """The index. ``limit``, ``minutes``, ``mean``, ``k1`` and ``k2`` are positive; ``bonus`` 0 for no scarce skill."""
    v = weight * eps * waited / limit
    if waited <= limit + TICK:
        v += weight * exp((waited - limit) / (k1 * mean))
    if waited <= never + TICK:
        v += w2 * exp((waited - never) / (k2 * mean))
    else:
        v += w2 * eta
    return v * (1.0 + bonus) / math.pow(minutes, gamma)


def waited(one: Candidate, now_min: float) -> float:
    """W = L - (due - now): pauses, transfers and returns have moved the due time and so the wait."""
    return one.limit_min - (one.due_min - now_min)


def indices(rules: DispatchRules, those: Iterable[Candidate], now_min: float, mean_min: float) -> list[int]:
    """The index of each, in units, while the hall's mean expected service is ``mean_min``."""
    of_kind = {kind: (weight, rules.k1_of(kind)) for kind, weight in rules.weights.items()}
    k2, eta, eps, gamma, w2, bonus = rules.k2, rules.eta, rules.eps, rules.gamma, rules.w2, rules.scarce_bonus
    found = []
    for due, limit, never, minutes, kind, scarce, _, _, _, _, _, _ in those:  # all in one go: 500 may wait
        weight, k1 = of_kind[kind]
        wait = limit - (due - now_min)
        gain = bonus if scarce else 0.0
        value = formula(wait, limit, never, minutes, mean_min, weight, k1, k2, eta, eps, gamma, w2, gain)
        found.append(round(value / UNIT))
    return found


def parts(rules: DispatchRules, one: Candidate, now_min: float, mean_min: float) -> Parts:
    """The same index with its three parts: nearness of the limit, of the never-line, and the wait itself."""
    wait, weight, k1 = waited(one, now_min), rules.weights[one.kind], rules.k1_of(one.kind)
    scale = (1 + (rules.scarce_bonus if one.scarce else 0.0)) / math.pow(one.service_min, rules.gamma)
    to_limit, to_never = one.limit_min - wait, one.never_min - wait
    limit = weight * exp(-to_limit / (k1 * mean_min)) if to_limit >= -TICK else 0.0
    never = rules.w2 * (exp(-to_never / (rules.k2 * mean_min)) if to_never >= -TICK else rules.eta)
    return Parts(
        units=indices(rules, [one], now_min, mean_min)[0],
        limit=round(limit * scale, 6),
        never=round(never * scale, 6),
        waited=round(weight * rules.eps * wait / one.limit_min * scale, 6),
    )


def past_never(one: Candidate, now_min: float) -> float:
    """Minutes by which the never-line has been passed; not above zero before it and on it."""
    past = waited(one, now_min) - one.never_min
    return past if past > TICK else min(past, 0.0)
