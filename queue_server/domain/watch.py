"""What the hall watches beside its tickets: alarms, calls for help, risks, and states of the whole hall.

``Watch`` is that part of a hall; like the hall it is frozen and only succeeded, and only ``evolve`` makes the
next one. Open alarms stand on a shelf with two orders beside it: which are about the same subject, and which
of them goes further next if nobody acknowledges it. Nothing here names a citizen: tickets by number, places by
the terminal's id.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from queue_server.domain.escalation_rules import AlarmKind, To
from queue_server.domain.line import Line
from queue_server.domain.shelf import Shelf

SYSTEM = "system"
"""Who causes what follows by itself."""
PAST_ALARMS = 30
"""Cleared alarms that can still be looked at; all of them stand in the log."""


@dataclass(frozen=True, slots=True)
class Cure:
    """What would keep the promise, tried in simulation.

    ``kind``: ``open-window`` (argument: the window), ``lend-skill`` (window:skill), ``move-break`` (the window),
    ``offer-slot`` (its start, local), ``offer-hall`` (the hall). The shares are of futures in which the ticket waits
    too long, without and with it.
    """

    kind: str
    argument: str
    p_before: float
    p_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """``subject``: a ticket's id, a call for help's id, or the key of the hall's state.

    ``raised_at`` is the true time. ``level`` 1 as raised, 2 once escalated; ``to`` is everybody told so far.
    """

    id: str
    n: int
    """Counts the hall's alarms: their order."""
    kind: AlarmKind
    subject: str
    raised_at: datetime
    to: tuple[To, ...]
    level: int = 1
    number: str = ""
    counter: str | None = None
    """The window it is about, if it is about one."""
    kiosk: str | None = None
    skills: tuple[str, ...] = ()
    reason: str = ""
    p_late: float | None = None
    cure: Cure | None = None
    escalates_at: datetime | None = None
    """If nobody has acknowledged it until then."""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    cleared_at: datetime | None = None
    cleared_because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpCall:
    """Somebody at ``kiosk`` asks for a person. ``screen`` is the page's name, never what stands on it."""

    id: str
    kiosk: str
    called_at: datetime
    screen: str = ""
    lang: str = "zh-Hans"
    amber: bool = False
    over: bool = False
    answered_by: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftThing:
    """``what`` (card, print) lies at ``kiosk`` and its owner has gone."""

    id: str
    kiosk: str
    what: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """A state of the hall in which people wait and nobody can serve them. ``alarmed``: it has been told."""

    key: str
    kind: AlarmKind
    since: datetime
    counts_from: datetime
    """``since``, or when the doors open next: before that nobody is expected at a window."""
    skills: tuple[str, ...] = ()
    alarmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What has been told of a ticket's risk. ``level`` None: it is over, and remembered for the damping."""

    ticket_id: str
    level: AlarmKind | None
    p_late: float
    raised_at: datetime
    at_risk_times: int = 0
    likely_times: int = 0
    below_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """The watched part of a hall. ``raised`` counts all alarms there ever were."""

    raised: int = 0
    alarms: Shelf[str, Alarm] = field(default_factory=Shelf)
    past: tuple[Alarm, ...] = ()
    """The latest cleared, newest first."""
    help: dict[str, HelpCall] = field(default_factory=dict)
    """Calls that have not ended."""
    left: dict[str, LeftThing] = field(default_factory=dict)
    """Things that still lie where they were left."""
    strains: dict[str, Strain] = field(default_factory=dict)
    quiet: dict[str, datetime] = field(default_factory=dict)
    """When an alarm about this state of the hall was last cleared."""
    risks: Shelf[str, Risk] = field(default_factory=Shelf)

    # Orders kept from the above.
    about: Shelf[str, tuple[str, ...]] = field(default_factory=Shelf)
    """Open alarms per subject, in order."""
    escalating: Line = field(default_factory=Line)
    """``(escalates_at, n, id)`` of those nobody has acknowledged."""
    easing: Line = field(default_factory=Line)
    """``(below_since, 0, ticket)`` of the risks that have fallen."""

    def of(self, subject: str) -> tuple[Alarm, ...]:
        """The open alarms about ``subject``."""
        return tuple(self.alarms[name] for name in self.about.get(subject, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPicture:
    """A watch as plain records, for the hall's snapshot."""

    raised: int = 0
    alarms: tuple[Alarm, ...] = ()
    past: tuple[Alarm, ...] = ()
    help: tuple[HelpCall, ...] = ()
    left: tuple[LeftThing, ...] = ()
    strains: tuple[Strain, ...] = ()
    quiet: dict[str, datetime] = field(default_factory=dict)
    risks: tuple[Risk, ...] = ()


def pictured(watch: Watch) -> WatchPicture:
    return WatchPicture(
        raised=watch.raised,
        alarms=tuple(sorted(watch.alarms.values(), key=lambda a: a.n)),
        past=watch.past,
        help=tuple(sorted(watch.help.values(), key=lambda h: (h.called_at, h.id))),
        left=tuple(sorted(watch.left.values(), key=lambda x: (x.since, x.id))),
        strains=tuple(sorted(watch.strains.values(), key=lambda s: s.key)),
        quiet=dict(sorted(watch.quiet.items())),
        risks=tuple(sorted(watch.risks.values(), key=lambda r: r.ticket_id)),
    )


def watch_of(picture: WatchPicture) -> Watch:
    watch = Watch(
        past=picture.past,
        help={h.id: h for h in picture.help},
        left={x.id: x for x in picture.left},
        strains={s.key: s for s in picture.strains},
        quiet=dict(picture.quiet),
    )
    for alarm in picture.alarms:
        watch = with_alarm(watch, alarm)
    for risk in picture.risks:
        watch = with_risk(watch, risk)
    return replace(watch, raised=picture.raised)


# --- the one way in and out of each order ------------------------------------------------------------------


def with_alarm(watch: Watch, new: Alarm) -> Watch:
    """``new`` in place of what stood under its id, or added."""
    old = watch.alarms.get(new.id)
    about = watch.about
    if old is None:
        about = about.put(new.subject, (*about.get(new.subject, ()), new.id))
    return replace(
        watch,
        raised=max(watch.raised, new.n),
        alarms=watch.alarms.put(new.id, new),
        about=about,
        escalating=_moved(watch.escalating, _escalation(old), _escalation(new)),
    )


def without_alarm(watch: Watch, cleared: Alarm) -> Watch:
    """``cleared`` goes from the open ones to the past."""
    rest = tuple(name for name in watch.about.get(cleared.subject, ()) if name != cleared.id)
    return replace(
        watch,
        alarms=watch.alarms.drop(cleared.id),
        about=watch.about.put(cleared.subject, rest) if rest else watch.about.drop(cleared.subject),
        escalating=_moved(watch.escalating, _escalation(watch.alarms.get(cleared.id)), None),
        past=(cleared, *watch.past)[:PAST_ALARMS],
    )


def with_risk(watch: Watch, new: Risk) -> Watch:
    old = watch.risks.get(new.ticket_id)
    return replace(
        watch, risks=watch.risks.put(new.ticket_id, new), easing=_moved(watch.easing, _ease(old), _ease(new))
    )


def without_risk(watch: Watch, ticket_id: str) -> Watch:
    old = watch.risks.get(ticket_id)
    return replace(watch, risks=watch.risks.drop(ticket_id), easing=_moved(watch.easing, _ease(old), None))


Entry = tuple[datetime, int, str]


def _escalation(alarm: Alarm | None) -> Entry | None:
    if alarm is None or alarm.escalates_at is None or alarm.acknowledged_at is not None:
        return None
    return (alarm.escalates_at, alarm.n, alarm.id)


def _ease(risk: Risk | None) -> Entry | None:
    return None if risk is None or risk.below_since is None else (risk.below_since, 0, risk.ticket_id)


def _moved(line: Line, old: Entry | None, new: Entry | None) -> Line:
    if old == new:
        return line
    if old is not None:
        line = line.leave(old)
    return line if new is None else line.join(new)
