"""Whom an alarm is told, and what follows if nobody takes it on. All of it is configuration of a hall.

Each kind has a *step*: ``to`` whom it goes at once, within how many seconds somebody has to acknowledge it,
and whom it goes to *then*. A step without anybody raises no alarm (what happened stands in the log all the
same). States of the whole hall are damped: they count only once they have lasted ``after_s``, and come back at
most every ``again_after_s``. Risks are damped by ``RiskRules``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class To(StrEnum):
    """Who is told."""

    LAMP = "lamp"  # the lamp of the window it is about; of every open one, if it is about the hall
    COUNTER = "counter"  # the consoles of those windows
    MANAGER = "manager"  # 值班长
    DISTRICT = "district"


class AlarmKind(StrEnum):
    """What an alarm is about: a ticket's wait, its service, a call for help, or the hall as a whole."""

    AMBER = "amber"
    AT_RISK = "at-risk"
    LIKELY = "likely"
    BROKEN = "broken"
    SERVICE_AMBER = "service-amber"
    SERVICE_OVER = "service-over"
    HELP_AMBER = "help-amber"
    HELP_OVER = "help-over"
    CARD_LEFT = "card-left"
    PRINT_LEFT = "print-left"
    NO_WINDOW = "no-window"
    ALL_PAUSED = "all-paused"
    NO_SKILL = "no-skill"


RISKS = (AlarmKind.AT_RISK, AlarmKind.LIKELY)
"""In order: how likely it is that a promise breaks."""
OF_THE_WAIT = frozenset({AlarmKind.AMBER, *RISKS, AlarmKind.BROKEN})
OF_THE_SERVICE = frozenset({AlarmKind.SERVICE_AMBER, AlarmKind.SERVICE_OVER})
OF_HELP = frozenset({AlarmKind.HELP_AMBER, AlarmKind.HELP_OVER})
OF_THINGS = frozenset({AlarmKind.CARD_LEFT, AlarmKind.PRINT_LEFT})
OF_THE_HALL = frozenset({AlarmKind.NO_WINDOW, AlarmKind.ALL_PAUSED, AlarmKind.NO_SKILL})
RED = frozenset({AlarmKind.LIKELY, AlarmKind.BROKEN, AlarmKind.SERVICE_OVER, AlarmKind.HELP_OVER}) | OF_THE_HALL
"""Shown red; all others amber."""
WORSE_THAN: dict[AlarmKind, frozenset[AlarmKind]] = {
    AlarmKind.LIKELY: frozenset({AlarmKind.AT_RISK}),
    AlarmKind.BROKEN: frozenset({AlarmKind.AMBER, *RISKS}),
    AlarmKind.SERVICE_OVER: frozenset({AlarmKind.SERVICE_AMBER}),
    AlarmKind.HELP_OVER: frozenset({AlarmKind.HELP_AMBER}),
}
"""The alarms that a worse one about the same subject takes the place of."""


@dataclass(frozen=True, slots=True)
class Step:
    """One kind's way. ``acknowledge_within_s`` 0: it never goes further.

    ``after_s`` and ``again_after_s`` are for states of the hall only (``OF_THE_HALL``).
    """

    to: tuple[To, ...]
    acknowledge_within_s: int = 0
    then: tuple[To, ...] = ()
    after_s: int = 0
    again_after_s: int = 0


@dataclass(frozen=True, slots=True)
class RiskRules:
    """When a forecast is a risk, and how its flapping is damped.

    From ``at_risk`` on a ticket is at risk, from ``likely`` on it is likely to wait too long (sla.md §3). A risk
    is over once it has stayed below ``clear_below`` for ``clear_after_s``. The same level of the same ticket is
    raised again no sooner than ``again_after_s`` after the last time, and at most ``most_times`` in all.
    """

    at_risk: float = 0.3
    likely: float = 0.5
    clear_below: float = 0.2
    clear_after_s: int = 120
    again_after_s: int = 600
    most_times: int = 2


_LAMP_COUNTER = (To.LAMP, To.COUNTER)
_AND_MANAGER = (To.LAMP, To.COUNTER, To.MANAGER)
_DISTRICT = (To.DISTRICT,)
STEPS: dict[AlarmKind, Step] = {
    AlarmKind.AMBER: Step((To.LAMP,)),
    AlarmKind.AT_RISK: Step((To.MANAGER,)),
    AlarmKind.LIKELY: Step((To.COUNTER, To.MANAGER)),
    AlarmKind.BROKEN: Step(_AND_MANAGER, 300, _DISTRICT),
    AlarmKind.SERVICE_AMBER: Step(_LAMP_COUNTER),
    AlarmKind.SERVICE_OVER: Step(_AND_MANAGER, 300, _DISTRICT),
    AlarmKind.HELP_AMBER: Step(_LAMP_COUNTER),
    AlarmKind.HELP_OVER: Step(_AND_MANAGER, 120, _DISTRICT),
    AlarmKind.CARD_LEFT: Step((To.COUNTER, To.MANAGER)),
    AlarmKind.PRINT_LEFT: Step((To.COUNTER,)),
    AlarmKind.NO_WINDOW: Step((To.MANAGER,), 300, _DISTRICT, after_s=60, again_after_s=600),
    AlarmKind.ALL_PAUSED: Step((To.COUNTER, To.MANAGER), 300, _DISTRICT, after_s=120, again_after_s=600),
    AlarmKind.NO_SKILL: Step((To.COUNTER, To.MANAGER), 600, _DISTRICT, after_s=180, again_after_s=900),
}


@dataclass(frozen=True, slots=True)
class EscalationRules:
    """Every kind's step, and how risks are damped."""

    steps: dict[AlarmKind, Step] = field(default_factory=lambda: dict(STEPS))
    risk: RiskRules = field(default_factory=RiskRules)
