"""What the hall can refuse, each with a code that the doors translate into a sentence.

A refusal changes nothing. ``Refused`` carries the code and the few facts that its sentence needs; the
sentences themselves, Chinese and English, stand in ``queue_server.wire.sentences`` so that every door
says the same.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why a command was refused. The value crosses the wire and is stable."""

    UNKNOWN_MATTER = "unknown-matter"
    NO_MATTER = "no-matter"
    NOT_BOOKABLE = "not-bookable"
    NOT_REMOTE = "not-remote"
    NOT_FOR_OTHERS = "not-for-others"
    HALL_CLOSED = "hall-closed"
    WRONG_HALL = "wrong-hall"
    NUMBERS_EXHAUSTED = "numbers-exhausted"
    UNKNOWN_TICKET = "unknown-ticket"
    WRONG_STATE = "wrong-state"
    UNKNOWN_COUNTER = "unknown-counter"
    COUNTER_CLOSED = "counter-closed"
    COUNTER_TAKEN = "counter-taken"
    COUNTER_BUSY = "counter-busy"
    COUNTER_IDLE = "counter-idle"
    COUNTER_PAUSED = "counter-paused"
    NOT_YOUR_COUNTER = "not-your-counter"
    NOBODY_WAITING = "nobody-waiting"
    NO_SKILL = "no-skill"
    TOO_SOON = "too-soon"
    TOO_FEW_CALLS = "too-few-calls"
    RETURN_TOO_LATE = "return-too-late"
    PAUSE_USED = "pause-used"
    IDENTITY_FIRST = "identity-first"
    MATERIALS_FIRST = "materials-first"
    OUTCOME_MISSING = "outcome-missing"
    REASON_MISSING = "reason-missing"
    UNKNOWN_APPOINTMENT = "unknown-appointment"
    NO_APPOINTMENT = "no-appointment"
    SEVERAL_APPOINTMENTS = "several-appointments"
    APPOINTMENT_USED = "appointment-used"
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"
    WRONG_DAY = "wrong-day"
    NO_SUCH_SLOT = "no-such-slot"
    SLOT_FULL = "slot-full"
    BEYOND_HORIZON = "beyond-horizon"
    ALREADY_BOOKED = "already-booked"
    BOOKING_BLOCKED = "booking-blocked"
    PLACE_FREE = "place-free"
    ALREADY_WAITING = "already-waiting"
    WAITING_LIST_FULL = "waiting-list-full"
    UNKNOWN_WISH = "unknown-wish"
    OFFER_OVER = "offer-over"
    BAD_SHEET = "bad-sheet"
    TOO_MANY_BLOCKS = "too-many-blocks"
    BAD_BLOCK_SIZE = "bad-block-size"
    BAD_VALUE = "bad-value"
    UNKNOWN_ALARM = "unknown-alarm"
    UNKNOWN_HELP = "unknown-help"
    HELP_TAKEN = "help-taken"


class Refused(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """The hall says no. ``facts`` are the values its sentence names (never personal data).

    Times among the facts are ``YYYY-MM-DD HH:MM`` (or ``HH:MM`` where the day goes without saying), in
    the hall's own time. ``choices`` are appointment ids, with
    several-appointments only.
    """

    def __init__(self, code: Code, **facts: str | int) -> None:
        super().__init__(code.value, facts)
        self.code = code
        self.facts = facts
        self.choices: tuple[str, ...] = ()

    def choose(self, choices: tuple[str, ...]) -> Refused:
        """The same refusal, with what may be chosen from."""
        self.choices = choices
        return self
