"""The words of a service hall, as frozen records.

A *hall* is a queue with its windows: the unit that has one writer. It knows its *matters* (what a
citizen can come for), its *counters* (windows) and the *rules* under which it promises waiting times.
A *ticket* is one visit: one number, one or several matters (一件事), one promise. Times are aware UTC;
durations end in ``_s`` (seconds) or ``_min``. Personal data never stands here: a person is an opaque
``person_ref`` that only the vault can resolve.

``Hall`` itself, the state that ``decide`` reads and ``evolve`` returns, lives in ``state.py``; the rules and their
defaults in ``rules.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from queue_server.domain.rules import Rules

ALL_SKILLS = "*"
"""In ``Counter.skills``: a 综合 window, which may serve every matter."""


class MatterClass(StrEnum):
    """The two classes of the policy: 一般事项 and 复杂事项 (沪府办发〔2022〕1号 四(三))."""

    GENERAL = "general"
    COMPLEX = "complex"


class Kind(StrEnum):
    """How a citizen comes to the hall; with the matter's class it decides the promise."""

    APPOINTMENT = "appointment"
    PRIORITY = "priority"
    WALK_IN = "walk-in"


class Place(StrEnum):
    """Where the citizen sits: in the hall, or at an outlet, served through a remote window."""

    HERE = "here"
    REMOTE = "remote"


class State(StrEnum):
    """A ticket's state (product.md §4.0). An appointment before check-in is an ``Appointment``."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PAUSED = "paused"
    MISSED = "missed"
    DONE = "done"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"


class Booking(StrEnum):
    """An appointment's state before it becomes a ticket."""

    BOOKED = "booked"
    CHECKED_IN = "checked-in"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Outcome(StrEnum):
    """What became of the matter at the window; required to finish (R046)."""

    ACCEPTED = "accepted"  # 受理
    RECEIVED = "received"  # 收件(收受分离)
    SUPPLEMENT = "supplement"  # 补正
    DEFERRED = "deferred"  # 容缺受理
    DECLINED = "declined"  # 不予受理
    CONSULTED = "consulted"  # 咨询


@dataclass(frozen=True, slots=True)
class Matter:
    """One entry of the catalogue.

    ``group`` is the letter printed before the number. ``skill`` is what a window needs to serve it;
    None means every window may. ``service_min`` is the catalogue's norm, minutes at the window.
    ``sensitive`` matters (救助, 助残) are shown as 综合 on paper and phone (product.md §4.9).
    """

    id: str
    name_zh: str
    name_en: str
    group: str
    group_zh: str
    group_en: str
    matter_class: MatterClass
    skill: str | None
    service_min: float
    bookable: bool = True
    remote_ok: bool = True
    sensitive: bool = False
    proxy_ok: bool = True
    """Somebody else may come for it (代办)."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One stretch of opening, local time; ``closes`` 00:00 means the end of the day."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class CounterPlan:
    """A window as the hall is furnished: its id (what is called out), skills, whether it serves remote citizens."""

    id: str
    name_zh: str
    name_en: str
    skills: frozenset[str] = frozenset({ALL_SKILLS})
    remote_ok: bool = True
    breaks: tuple[Hours, ...] = ()
    """Planned, local time; the window goes to its break when the clerk presses the key."""
    shifts: tuple[Hours, ...] = ()
    """When it is planned to be at work, local time, its breaks among it; empty: whenever the hall is open."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which dates the hall is open and when.

    ``week`` holds seven tuples, Monday first. ``holidays`` are closed whatever the weekday;
    ``workdays`` (调休) are weekend dates worked with ``workday_hours``.
    """

    week: tuple[tuple[Hours, ...], ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    workday_hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class HallPlan:
    """How a hall is furnished: configuration, read by ``decide``, never by ``evolve``."""

    id: str
    site: str
    name_zh: str
    name_en: str
    address_zh: str
    tz: str
    calendar: Calendar
    counters: dict[str, CounterPlan]
    matters: dict[str, Matter]
    area_zh: str = "等候区"
    area_en: str = "Waiting area"
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised to the citizen: the first call by ``due``. Made once, never changed."""

    kind: Kind
    matter_class: MatterClass
    start: datetime
    limit_s: int
    never_s: int
    amber_at: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """One visit. ``number`` is unique per hall, group and business date; ``id`` is ``DATE-NUMBER``.

    ``due`` is the current target that dispatch works to: the promise's own, moved by pauses, replaced
    after a no-show (``soft`` is then true) while ``promise`` keeps the first word given.
    ``wait_net_s`` is set at the first call: first call - max(check-in, slot start) - pauses;
    ``wait_gross_s``: first call - check-in (product.md §4.1).
    """

    id: str
    number: str
    group: str
    business_date: date
    seq: int
    """Order of arrival in this hall's log, the tie-breaker of every choice."""
    matters: tuple[str, ...]
    skills: tuple[str, ...]
    """What a window needs for all matters together, sorted; empty: any window."""
    service_min: float
    kind: Kind
    matter_class: MatterClass
    place: Place
    token: str
    lang: str
    checked_in_at: datetime
    promise: Promise
    state: State
    due: datetime
    person_ref: str | None = None
    appointment_id: str | None = None
    slot_start: datetime | None = None
    priority_reason: str | None = None
    offline: bool = False
    clock_uncertainty_s: int = 0
    soft: bool = False
    amber: bool = False
    broken: bool = False
    called_at: datetime | None = None
    """Of the latest calling, its first announcement."""
    announced_at: datetime | None = None
    calls: int = 0
    """Announcements of the latest calling, 1 after call-next."""
    first_called_at: datetime | None = None
    wait_net_s: int | None = None
    wait_gross_s: int | None = None
    counter: str | None = None
    only_counter: str | None = None
    not_before_call: int = 0
    """Ready only after the hall's ``calls`` counter has reached this, unless nobody else is ready."""
    paused_at: datetime | None = None
    paused_s: int = 0
    pauses: int = 0
    misses: int = 0
    missed_at: datetime | None = None
    transfers: int = 0
    identity_at: datetime | None = None
    accepted_at: datetime | None = None
    service_amber: bool = False
    service_over: bool = False
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    proxy: str = ""
    """What whoever came is to the person whose matter it is (child, outlet ...); empty: the person came."""
    agent_ref: str | None = None
    """Who came for ``person_ref``."""
    authorisation: str = ""
    """The number of an outlet's record of who may act for whom."""
    unmet: str = ""
    """Taken off line by somebody who said to be booked: why no booking was matched (``claims.Unmet``)."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A place in a slot. ``code`` is what the citizen types or scans to check in (no personal meaning)."""

    id: str
    code: str
    matters: tuple[str, ...]
    slot_start: datetime
    state: Booking
    booked_at: datetime
    origin: str
    """on-site, phone, online or city: how the booking was made."""
    person_ref: str | None = None
    ticket_id: str | None = None
    moved_from: str | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """A window today: who sits there, since when, and whom it serves."""

    id: str
    staff: str | None = None
    opened_at: datetime | None = None
    paused: bool = False
    ticket_id: str | None = None

    @property
    def is_open(self) -> bool:
        return self.staff is not None


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers reserved for one kiosk: ``first`` to ``last`` of ``group``; ``used`` have come back as tickets."""

    id: str
    kiosk: str
    group: str
    business_date: date
    first: int
    last: int
    leased_at: datetime
    used: frozenset[int] = frozenset()
