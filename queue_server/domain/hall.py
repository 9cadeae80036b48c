"""The hall's one door: ``decide`` what a command does, ``evolve`` by what happened, ``answer`` who asked.

``decide`` reads the hall and its rules and returns events, or raises ``Refused``; it changes nothing.
``evolve`` is total and reads no rule: the log replayed gives the same hall whatever is configured today.
The rules themselves stand by area: ``issuing`` and ``offline`` (numbers), ``booking``, ``calling``, ``away``,
``serving``, ``lapses`` (what runs out by itself, and the day); who is next is ``dispatch``'s word alone.

    hall = empty(plan)
    for event in decide(hall, command, now):
        hall = evolve(hall, event)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from queue_server.domain import (
    away,
    booking,
    calling,
    escalation,
    found,
    helping,
    issuing,
    lapses,
    offline,
    risks,
    serving,
    waiting_list,
)
from queue_server.domain.answering import answer, refusal
from queue_server.domain.evolving import evolve
from queue_server.domain.messages import (
    AcceptMaterials,
    AcknowledgeAlarm,
    AnswerHelp,
    BeginIdentityCheck,
    BookSlot,
    CallAgain,
    CallHelp,
    CallNext,
    CallTicket,
    CancelAppointment,
    CancelTicket,
    CheckIn,
    CloseCounter,
    CloseDay,
    Command,
    EndHelp,
    Event,
    Finish,
    JoinWaitingList,
    LeaseBlock,
    LeaveWaitingList,
    MarkNoShow,
    NoteRisk,
    OpenCounter,
    PauseCounter,
    PauseTicket,
    RecordOfflineTicket,
    ReportLeft,
    ResumeCounter,
    ResumeTicket,
    ReturnAfterNoShow,
    SetBookingSheet,
    TakeTicket,
    Tick,
    Transfer,
)
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall, furnish

__all__ = ["Hall", "answer", "decide", "empty", "evolve", "refusal", "replay"]


def empty(plan: HallPlan) -> Hall:
    """The hall of ``plan`` before anything has happened in it."""
    return furnish(plan)


def replay(hall: Hall, events: Sequence[Event]) -> Hall:
    """The hall after ``events``, in the log's order."""
    for event in events:
        hall = evolve(hall, event)
    return hall


def decide(hall: Hall, command: Command, now: datetime) -> list[Event]:
    """The events that ``command`` causes at ``now`` (aware UTC), in order; raises Refused and changes nothing.

    First comes whatever ran out before (with its true time), a new day's border included; then the
    command's own events at ``max(now, hall.now)``, so that the time of commands never runs backwards. Each is
    followed by the alarms that it raises or clears.
    """
    if hall.now is not None and hall.now > now:
        now = hall.now
    events, hall = lapses.settle(hall, now)
    events += escalation.with_alarms(hall, _DECIDE[type(command)](hall, command, now))
    return events


_DECIDE: Mapping[type[Command], Callable[[Hall, Any, datetime], list[Event]]] = {
    TakeTicket: issuing.take_ticket,
    CheckIn: issuing.check_in,
    LeaseBlock: issuing.lease_block,
    RecordOfflineTicket: offline.record_offline_ticket,
    BookSlot: booking.book_slot,
    CancelAppointment: booking.cancel_appointment,
    JoinWaitingList: waiting_list.join,
    LeaveWaitingList: waiting_list.leave,
    SetBookingSheet: waiting_list.set_sheet,
    CancelTicket: away.cancel_ticket,
    ReturnAfterNoShow: away.return_after_no_show,
    PauseTicket: away.pause_ticket,
    ResumeTicket: away.resume_ticket,
    OpenCounter: calling.open_counter,
    CloseCounter: calling.close_counter,
    PauseCounter: calling.pause_counter,
    ResumeCounter: calling.resume_counter,
    CallNext: calling.call_next,
    CallTicket: calling.call_ticket,
    CallAgain: calling.call_again,
    MarkNoShow: calling.mark_no_show,
    BeginIdentityCheck: serving.begin_identity_check,
    AcceptMaterials: serving.accept_materials,
    Finish: serving.finish,
    Transfer: serving.transfer,
    CallHelp: helping.call_help,
    AnswerHelp: helping.answer_help,
    EndHelp: helping.end_help,
    ReportLeft: found.report_left,
    NoteRisk: risks.note_risk,
    AcknowledgeAlarm: escalation.acknowledge,
    CloseDay: lapses.close_day,
    Tick: lapses.tick,
}
