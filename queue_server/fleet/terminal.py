"""One terminal as the server knows it, and the rules by which notes and silence change it. Pure.

A terminal gives itself a new *session* at each start and names it in birth, heartbeat and will. The broker
may deliver an old will after a new birth (a half-open connection is noticed late), so whatever bears a
session that a newer one has replaced changes nothing: a stale will cannot end a newer session. A retained
note is the broker's memory, not a sign of life. Silence of ``SILENCE`` by the server's clock is ``lost``.

The key with which a terminal signs is believed when it is first seen; a changed one is an alarm and worth nothing
until a person confirms it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from queue_server.wire import messages as wire

SILENCE = timedelta(seconds=75)
"""Three missed heartbeats (mqtt.md §4)."""
DRIFT_S = 10.0
"""A clock off by less is right."""
REMEMBERED = 8
"""So many replaced sessions are remembered; an older one cannot be in flight any more."""
NOTES = 20
LOCKED = timedelta(minutes=15)
"""As long as a terminal takes no code after five wrong ones (``kiosk.technician_lock``), it stands as an alarm."""
LIVE: frozenset[str] = frozenset({"init", "ready", "alert", "sleeping"})


class NoOwner(ValueError):  # noqa: N818  (named for the condition)
    """A terminal without a named person and telephone that answer for it cannot be registered."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What was agreed about a terminal before it was put up. ``owner`` is 第一责任人."""

    id: str
    site: str
    halls: tuple[str, ...]
    owner: str
    owner_phone: str
    place_zh: str = ""

    def __post_init__(self) -> None:
        if not self.owner.strip() or not self.owner_phone.strip():
            raise NoOwner(f"terminal {self.id!r} has no named owner with a telephone")


@dataclass(frozen=True, slots=True)
class DeviceView:
    """What is known of one terminal now.

    ``state``: a Homie state, or ``never-seen``. ``since``: when that began; ``last_seen``: the last sign of
    life; both by the server's clock. ``reason`` of a ``lost``: ``will`` or ``silence``.
    """

    registration: Registration
    state: str = "never-seen"
    since: datetime | None = None
    last_seen: datetime | None = None
    session: str | None = None
    replaced: tuple[str, ...] = ()
    reason: str = ""
    model: str = ""
    version: str = ""
    profile: str = ""
    catalogue_version: str = ""
    screen: str = ""
    outbox: int = 0
    heartbeat_seq: int = 0
    peripherals: tuple[wire.Peripheral, ...] = ()
    drift_s: float = 0.0
    """How far the terminal's clock is ahead of the server's, by its last heartbeat."""
    notes: tuple[wire.TerminalNote, ...] = ()
    """What it reported to technicians, the last first."""
    key: str = ""
    """The public key by which its off-line tickets are believed: the first it showed, or the last confirmed one."""
    offered_key: str = ""
    """Another key that it shows now; believed only once a technician has confirmed it."""

    @property
    def id(self) -> str:
        return self.registration.id

    @property
    def drift(self) -> timedelta:
        return timedelta(seconds=self.drift_s)

    @property
    def alive(self) -> bool:
        return self.state in LIVE

    @property
    def trouble(self) -> tuple[wire.Peripheral, ...]:
        """The peripherals that are not well."""
        return tuple(p for p in self.peripherals if p.condition not in ("ok", "starting"))


def reported(view: DeviceView, note: wire.TerminalNote, now: datetime) -> DeviceView:
    """Something for technicians, kept with the server's time of it; the broker may bring it twice."""
    if any(known.code == note.code and known.at == note.at for known in view.notes):
        return view
    return replace(view, last_seen=now, notes=(note, *view.notes)[:NOTES])


def alarms(view: DeviceView, now: datetime) -> tuple[str, ...]:
    """Codes of what somebody should look at beside the peripherals: wrong codes typed until it locked itself."""
    locked = any(
        note.code == "technician-locked" and timedelta() <= now - _ours(view, note.at) < LOCKED for note in view.notes
    )
    return ("technician-locked",) if locked else ()


def _ours(view: DeviceView, at: datetime) -> datetime:
    """The terminal's time by our clock."""
    return at - timedelta(seconds=view.drift_s)


def born(view: DeviceView, birth: wire.Birth, now: datetime) -> DeviceView:
    """The terminal (re)connected and said all about itself. A birth of a replaced session is stale."""
    if birth.session in view.replaced:
        return view
    view = _in_session(view, birth.session, now)
    return replace(
        _state(view, "ready", now),
        last_seen=now,
        model=birth.model,
        version=birth.version,
        profile=birth.profile,
        catalogue_version=birth.catalogue_version,
        peripherals=tuple(birth.peripherals),
        drift_s=_drift_s(birth.at, now),
        key=view.key or birth.key,
        offered_key=birth.key if view.key not in ("", birth.key) else "",
    )


def confirmed(view: DeviceView, key: str) -> DeviceView:
    """A technician has stood before the terminal: the key it offers is its own. Any other key changes nothing."""
    return replace(view, key=key, offered_key="") if key and key == view.offered_key else view


def beat(view: DeviceView, heartbeat: wire.Heartbeat, now: datetime) -> DeviceView:
    """A sign of life. One whose birth was missed (the server was away) is taken at its word."""
    if heartbeat.session in view.replaced:
        return view
    view = _in_session(view, heartbeat.session, now)
    if heartbeat.seq < view.heartbeat_seq:
        return replace(view, last_seen=now)  # overtaken by a later one: alive, but its news is old
    return replace(
        view if view.alive else _state(view, "ready", now),
        last_seen=now,
        heartbeat_seq=heartbeat.seq,
        screen=heartbeat.screen,
        outbox=heartbeat.outbox,
        catalogue_version=heartbeat.catalogue_version or view.catalogue_version,
        peripherals=tuple(heartbeat.peripherals) or view.peripherals,
        drift_s=_drift_s(heartbeat.at, now),
    )


def noted(view: DeviceView, note: wire.StateNote, now: datetime, *, retained: bool) -> DeviceView:
    """The terminal's own word on its state, or its will (``lost``).

    An ending counts only for the present session; a beginning may name a new one.
    """
    if note.session in view.replaced:
        return view
    if note.state in LIVE:
        if retained:
            return view  # memory: whether it lives, its heartbeats will say
        return replace(_state(_in_session(view, note.session, now), note.state, now), last_seen=now)
    if view.session is not None and note.session != view.session:
        return view
    reason = "will" if note.state == "lost" else ""
    return _state(replace(view, session=note.session), note.state, now, reason)


def silent(view: DeviceView, now: datetime, listening_since: datetime) -> DeviceView:
    """Lost, if nothing was heard for ``SILENCE`` although the server was listening."""
    if not view.alive or now < deadline(view, listening_since):
        return view
    return _state(view, "lost", now, "silence")


def deadline(view: DeviceView, listening_since: datetime) -> datetime:
    """When silence ends a living terminal: a server that was away first gives it its full time."""
    return max(view.last_seen or listening_since, listening_since) + SILENCE


def _in_session(view: DeviceView, session: str, now: datetime) -> DeviceView:
    if session == view.session:
        return view
    replaced = (*view.replaced, view.session)[-REMEMBERED:] if view.session else view.replaced
    fresh = replace(view, session=session, replaced=replaced, heartbeat_seq=0)
    return replace(fresh, state="ready", since=now, reason="")


def _state(view: DeviceView, state: str, now: datetime, reason: str = "") -> DeviceView:
    if view.state == state:
        return view
    return replace(view, state=state, since=now, reason=reason)


def _drift_s(at: datetime, now: datetime) -> float:
    """Whole seconds: a difference that only the way made is none, and no news."""
    drift = (at - now).total_seconds()
    return 0.0 if abs(drift) < DRIFT_S else float(round(drift))
