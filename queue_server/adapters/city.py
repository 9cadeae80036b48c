"""The city's booking platform (统一预约平台): what crosses between it and us, and how its wishes become commands.

The platform keeps a booking *open* until it has our result, so it asks again whatever got lost; a booking's ``ref``
names the command and the appointment, so asking again books nothing twice. It may carry a person only as a box
sealed to the vault's key. Our results carry the check-in code or the refusal with its sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Protocol

import msgspec

from queue_server import translate
from queue_server.domain import calendar, messages
from queue_server.domain.answers import Answer, BookedAnswer, DoneAnswer, RefusedAnswer
from queue_server.domain.errors import Code
from queue_server.domain.model import Appointment, Booking
from queue_server.domain.places import DaySold, slots_of
from queue_server.domain.promises import Want, want
from queue_server.domain.state import Hall
from queue_server.people.vault import Identity, VaultError
from queue_server.wire import messages as wire
from queue_server.wire.booking_words import why_not
from queue_server.wire.sentences import DoorCode, sentence

PREFIX = "city-"
Ref = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="the platform's own number")]


class Wished(msgspec.Struct, kw_only=True, frozen=True):
    """One open wish of the platform. ``cancel`` needs ``ref`` and ``hall`` only; ``moves``: another ``ref``."""

    ref: Ref
    hall: Annotated[str, msgspec.Meta(max_length=64)]
    action: Literal["book", "cancel"] = "book"
    matters: list[wire.MatterId] = []
    slot_start: wire.Instant | None = None
    person: wire.Sealed | None = None
    moves: Ref | None = None


class Result(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What became of it. ``code`` is the check-in code of a booking; ``refused`` a stable code with its sentence."""

    ref: str
    hall: str
    action: str
    ok: bool
    code: str = ""
    slot_start: datetime | None = None
    refused: str = ""
    zh: str = ""
    en: str = ""


class SlotOffer(msgspec.Struct, frozen=True, omit_defaults=True):
    start: datetime
    free: int
    why: str = ""
    zh: str = ""
    en: str = ""


class DaySlots(msgspec.Struct, kw_only=True, frozen=True):
    """The slots of one day for all matters that are alike in length and windows."""

    day: str
    matters: list[str]
    slots: list[SlotOffer]


class Platform(Protocol):
    """The other end: the real platform's client, or the simulator's. Each raises CityAway when it is not reached."""

    def open_wishes(self) -> list[Wished]: ...
    def answer(self, results: list[Result]) -> None: ...
    def publish_slots(self, hall: str, days: list[DaySlots]) -> None: ...
    def publish_states(self, hall: str, states: Mapping[str, str]) -> None: ...


class Persons(Protocol):
    """The part of the vault that is needed here."""

    def open(self, sealed_b64: str) -> Identity: ...
    def remember(self, identity: Identity, needed_until: datetime | None = None) -> str: ...


class CityAway(ConnectionError):  # noqa: N818  (named for the condition)
    """The platform was not reached, or said something else than it should; the text names no person."""


class Unfit(ValueError):  # noqa: N818  (named for the condition)
    """A wish that cannot be put to the hall; ``code`` is what the platform is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def command(wished: Wished, hall: Hall, vault: Persons, new_code: Callable[[Hall], str]) -> messages.Command:
    """The command of a wish; the same ``ref`` makes the same command id. Raises Unfit."""
    if wished.action == "cancel":
        return messages.CancelAppointment(
            id=f"{PREFIX}cancel-{wished.ref}", by="city", appointment_id=PREFIX + wished.ref
        )
    start = wished.slot_start
    if start is None or not translate.SANE[0] < start < translate.SANE[1]:
        raise Unfit(Code.BAD_VALUE)
    moved = None if wished.moves is None else hall.appointments.get(PREFIX + wished.moves)
    ref = None if moved is None else moved.person_ref
    if wished.person is not None and moved is None:
        try:
            ref = vault.remember(vault.open(wished.person), needed_until=start)
        except VaultError:
            raise Unfit(DoorCode.BAD_SEAL) from None
    return messages.BookSlot(
        id=f"{PREFIX}book-{wished.ref}",
        by="city",
        appointment_id=PREFIX + wished.ref,
        code=new_code(hall),
        matters=tuple(wished.matters),
        slot_start=start.astimezone(UTC),
        origin="city",
        person_ref=ref,
        replaces=None if wished.moves is None else PREFIX + wished.moves,
    )


def result(wished: Wished, answer: Answer, hall: Hall) -> Result:
    """What the platform is told. A wish that was granted before, however long ago, is granted."""
    mine = hall.appointments.get(PREFIX + wished.ref)
    match answer:
        case BookedAnswer(appointment=booked):
            return _granted(wished, booked)
        case DoneAnswer() if wished.action == "cancel":
            return Result(ref=wished.ref, hall=wished.hall, action=wished.action, ok=True)
        case RefusedAnswer(code=Code.BAD_VALUE, facts={"field": "appointment_id"}) if mine is not None:
            return _granted(wished, mine)
        case RefusedAnswer(code=Code.NO_APPOINTMENT) if wished.action == "cancel" and _is_cancelled(mine):
            return Result(ref=wished.ref, hall=wished.hall, action=wished.action, ok=True)
        case RefusedAnswer(code=code, facts=facts):
            return refused(wished, code, facts)
        case _:
            return refused(wished, DoorCode.INTERNAL)


def refused(wished: Wished, code: str, facts: Mapping[str, str | int] | None = None) -> Result:
    zh, en = sentence(code, facts)
    return Result(ref=wished.ref, hall=wished.hall, action=wished.action, ok=False, refused=str(code), zh=zh, en=en)


def _granted(wished: Wished, booked: Appointment) -> Result:
    return Result(
        ref=wished.ref,
        hall=wished.hall,
        action=wished.action,
        ok=True,
        code=booked.code,
        slot_start=booked.slot_start,
    )


def _is_cancelled(appointment: Appointment | None) -> bool:
    return appointment is not None and appointment.state is Booking.CANCELLED


def states(hall: Hall) -> dict[str, str]:
    """What has become of the platform's bookings that the hall remembers: booked, checked-in, cancelled, expired."""
    return {
        a.id.removeprefix(PREFIX): a.state.value
        for a in hall.appointments.values()
        if a.origin == "city" and a.id.startswith(PREFIX)
    }


def offered(hall: Hall, now: datetime) -> list[DaySlots]:
    """Every slot to come within the horizon, for each kind of matter, with the reason where it is not offered."""
    plan = hall.plan
    kinds: dict[tuple[tuple[str, ...], float], tuple[Want, list[str]]] = {}
    for matter in plan.matters.values():
        wanted = want(plan, (matter.id,))
        if matter.bookable and hall.floor.able(wanted.skills, remote=False):
            kinds.setdefault((wanted.skills, wanted.service_min), (wanted, []))[1].append(matter.id)
    day = calendar.business_date(plan, now)
    last = calendar.open_days_ahead(plan, day, plan.rules.booking_horizon_days)
    listed = []
    while day <= last:
        starts = [] if hall.day_closed and day == hall.business_date else [s for s in slots_of(hall, day) if s > now]
        sold = DaySold(hall, day)
        for wanted, ids in kinds.values() if starts else ():
            slots = []
            for start in starts:
                found = sold.room(wanted, start)
                words = why_not(found.why) if found.why else ("", "")
                slots.append(SlotOffer(start, found.free, found.why or "", *words))
            listed.append(DaySlots(day=day.isoformat(), matters=ids, slots=slots))
        day += timedelta(days=1)
    return listed
