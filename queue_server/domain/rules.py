"""The rules of a hall: every one with its default, all of them configuration (``[site.hall.rules]`` of its TOML).

A hall promises waiting times under these numbers. They are read by ``decide`` and never by ``evolve``: what was
promised stands with the ticket, whatever is configured later.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from queue_server.domain.dispatch_rules import DispatchRules
from queue_server.domain.escalation_rules import EscalationRules


@dataclass(frozen=True, slots=True)
class Limit:
    """The promise for one (kind, class): ``limit_s`` to the first call, and the line never crossed lightly."""

    limit_s: int
    never_s: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule of product.md §4.1 with its default. All of it is configuration of a hall.

    The limits of appointments are policy (10 and 30 minutes, 沪府办发〔2022〕1号 四(三)); those of
    walk-ins and priority are the site's own soft targets (sla.md §1).
    """

    limits: dict[str, Limit] = field(
        default_factory=lambda: {
            "appointment-general": Limit(600, 1200),
            "appointment-complex": Limit(1800, 3600),
            "priority-general": Limit(900, 1800),
            "priority-complex": Limit(1800, 3600),
            "walk-in-general": Limit(1800, 5400),
            "walk-in-complex": Limit(3600, 7200),
        }
    )
    amber_share: float = 0.7
    service_limit_s: int = 1200
    service_amber_s: int = 900
    help_amber_s: int = 45
    help_limit_s: int = 60
    """A call for help is answered within a minute (沪府办 双100: 1分钟响应)."""
    help_kept_s: int = 1800
    """A call that nobody answers, or that nobody says is over, ends by itself after so long."""
    late_after_s: int = 900
    early_check_in_s: int = 3600
    calls_before_no_show: int = 3
    call_gap_s: int = 20
    return_window_s: int = 1800
    return_behind: int = 2
    pauses_per_ticket: int = 1
    pause_limit_s: int = 3600
    slot_s: int = 900
    slot_quota: float = 0.85
    slot_capacity: int | None = None
    """Places per slot; None: from windows, mean service time and ``slot_quota``."""
    booking_horizon_days: int = 7
    """Working days ahead that can be booked."""
    cancel_until_s: int = 1800
    walk_in_load: float = 0.45
    """Of the windows' minutes, what walk-ins are expected to take as long as the hall has no history."""
    sheet_floor: float = 1.0
    """Of the minutes that walk-ins leave free, the share that a booking sheet sells in any case."""
    waiting_list_hold_s: int = 900
    """How long a place that was given back is held for whoever waits for it."""
    waiting_list_notice_s: int = 1800
    """A slot that begins sooner is offered to nobody: they could not be here in time."""
    waiting_list_size: int = 40
    no_show_limit: int = 3
    no_show_window_days: int = 30
    no_show_block_days: int = 14
    block_size: int = 50
    blocks_per_kiosk: int = 2
    """Open number blocks that one kiosk may hold per group and day."""
    dispatch: DispatchRules = field(default_factory=DispatchRules)
    """Who is called next."""
    escalation: EscalationRules = field(default_factory=EscalationRules)
    learn_service: bool = True
    """Whether the minutes expected at a window are learned from the visits that end (``pace``)."""
