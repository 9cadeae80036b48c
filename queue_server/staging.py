"""Deciding a batch, before anything is written.

A draft is one hall's part of a batch: it starts from the committed hall and each command sees what the ones
before it did. Nothing outside the draft changes, so a draft that could not be committed is simply thrown away.
A command that makes the rules stumble (a fault of ours, not a refusal) is answered ``internal`` and logged
without its values; the others of its batch go on.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from queue_server.domain.answers import Answer, RefusedAnswer
from queue_server.domain.errors import Refused
from queue_server.domain.hall import answer, decide, evolve
from queue_server.domain.messages import Command, Event, Tick
from queue_server.domain.state import Hall
from queue_server.rooms import Room
from queue_server.store.slices import Slice

logger = logging.getLogger(__name__)

INTERNAL = RefusedAnswer(code="internal")
ELSEWHERE = RefusedAnswer(code="hall-elsewhere")
"""Both are not first answers: they are not kept, and the same request may succeed later."""


Finish = Callable[[Hall, Answer], Answer]
"""A last hand to an answer before it is recorded: the forecast's range for a new ticket. Reads, never waits."""


def as_it_is(_hall: Hall, reply: Answer) -> Answer:
    return reply


@dataclass(frozen=True, slots=True)
class Asked:
    """A command put to a hall.

    ``answered(answer, repeated)`` is called once, after the commit; ``repeated`` says it is a first answer given
    again. ``settled()`` is called once after all answers of the batch: acknowledge to the broker there.
    Both run on the desk's thread and must only enqueue.
    """

    hall: str
    command: Command
    answered: Callable[[Answer, bool], None]
    settled: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Draft:
    """One hall's part of a batch, decided and not yet committed."""

    room: Room
    part: Slice
    before: Hall
    hall: Hall
    first: dict[str, Answer]
    """Answers by request id: those kept in the log before, and this draft's own."""
    finish: Finish = as_it_is
    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[Asked, Answer, bool]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, room: Room, first: dict[str, Answer], finish: Finish = as_it_is) -> Draft:
        return cls(room, Slice(name, room.epoch, room.hall.seq), room.hall, room.hall, first, finish)

    def stage(self, asked: Asked, now: datetime) -> None:
        """Decide one command; never raises."""
        self.asked.append(asked)
        command = asked.command
        request = None if type(command) is Tick else command.id
        if request is not None and request in self.first:
            self.answers.append((asked, self.first[request], True))
            return
        before = self.hall
        if before.now is not None and now < before.now:
            now = before.now
        steps: list[tuple[Event, Hall]] = []
        try:
            try:
                hall = before
                events = decide(before, command, now)
                for event in events:
                    hall = evolve(hall, event)
                    steps.append((event, hall))
                reply = self.finish(hall, answer(hall, command, events))
            except Refused as refused:
                hall = before
                steps.clear()
                reply = refusal(refused)
            self.part.add(request, now, steps, before, None if request is None else reply)
        except Exception as fault:  # noqa: BLE001  (whatever it is, the other commands must not suffer)
            report_poison(command, fault)
            self.answers.append((asked, INTERNAL, False))
            return
        self.hall = hall
        self.events += [event for event, _ in steps]
        self.answers.append((asked, reply, False))
        if request is not None:
            self.first[request] = reply


def refusal(refused: Refused) -> RefusedAnswer:
    return RefusedAnswer(code=refused.code.value, facts=dict(refused.facts), choices=refused.choices)


def report_poison(command: Command, fault: BaseException) -> None:
    """Say which rule stumbled and where, without any value of the command or the message (either may be personal)."""
    frames = traceback.extract_tb(fault.__traceback__)[-3:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    logger.error("%s made the hall stumble: %s at %s", type(command).__name__, type(fault).__name__, where)
