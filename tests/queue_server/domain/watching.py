"""Random hands for what the hall watches, and what must hold of every alarm. Part of the hall's machine."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Callable
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from queue_server.domain.escalation_rules import OF_THE_HALL, OF_THE_SERVICE, OF_THE_WAIT, AlarmKind
from queue_server.domain.messages import (
    AcknowledgeAlarm,
    AlarmCleared,
    AlarmEscalated,
    AlarmRaised,
    AnswerHelp,
    CallHelp,
    Command,
    EndHelp,
    Event,
    HelpAmber,
    HelpOver,
    NoteRisk,
    PromiseAmber,
    PromiseAtRisk,
    PromiseBroken,
    ServiceAmber,
    ServiceOver,
)
from queue_server.domain.model import State
from queue_server.domain.state import Hall

TOLD_OF = (PromiseAmber, PromiseBroken, ServiceAmber, ServiceOver, HelpAmber, HelpOver, PromiseAtRisk)


class WatchRules(RuleBasedStateMachine):
    hall: Hall
    log: list[Event]
    now: datetime
    ask: Callable[..., None]

    def some_ticket(self, pick: int, *states: State) -> str:
        raise NotImplementedError

    @rule(kiosk=st.sampled_from(["k1", "k2"]))
    def somebody_calls_for_help(self, kiosk: str) -> None:
        self.ask(CallHelp, by=f"kiosk:{kiosk}", kiosk=kiosk)

    @rule(pick=st.integers(0, 9), kind=st.sampled_from([AnswerHelp, EndHelp]))
    def somebody_helps(self, pick: int, kind: type[Command]) -> None:
        calls = sorted(self.hall.watch.help)
        self.ask(kind, by=f"staff:clerk-{pick % 2}", help_id=calls[pick % len(calls)] if calls else "none")

    @rule(pick=st.integers(0, 9))
    def somebody_acknowledges(self, pick: int) -> None:
        known = sorted(self.hall.watch.alarms)
        self.ask(AcknowledgeAlarm, by="manager:m", alarm_id=known[pick % len(known)] if known else "a0")

    @rule(pick=st.integers(0, 9), p_late=st.sampled_from([0.0, 0.1, 0.25, 0.4, 0.9]))
    def the_forecast_speaks(self, pick: int, p_late: float) -> None:
        level = AlarmKind.LIKELY if p_late >= 0.5 else AlarmKind.AT_RISK if p_late >= 0.3 else None
        self.ask(NoteRisk, ticket_id=self.some_ticket(pick, State.WAITING), level=level, p_late=p_late)

    def each_alarm_follows_its_event_once(self) -> None:
        """Never lost: whatever is to be told is followed at once by its one alarm, with the same true time."""
        for event, after in zip(self.log, [*self.log[1:], None], strict=True):
            if isinstance(event, TOLD_OF):
                assert isinstance(after, AlarmRaised)
                assert after.at == after.alarm.raised_at == event.at
        raised = [e.alarm for e in self.log if isinstance(e, AlarmRaised)]
        assert [alarm.n for alarm in raised] == list(range(1, len(raised) + 1))
        once = Count((a.kind, a.subject) for a in raised if a.kind in {"amber", "broken", "help-amber", "help-over"})
        assert not once or max(once.values()) == 1
        told = sum(isinstance(e, TOLD_OF) for e in self.log)
        assert told == sum(alarm.kind not in OF_THE_HALL for alarm in raised)

    def each_is_cleared_and_escalated_at_most_once(self) -> None:
        for kind in (AlarmCleared, AlarmEscalated):
            count = Count(e.alarm_id for e in self.log if isinstance(e, kind))
            assert not count or max(count.values()) == 1
        open_ones = {e.alarm.id for e in self.log if isinstance(e, AlarmRaised)} - {
            e.alarm_id for e in self.log if isinstance(e, AlarmCleared)
        }
        assert open_ones == set(self.hall.watch.alarms)

    @invariant()
    def an_open_alarm_has_its_cause(self) -> None:
        watch: Any = self.hall.watch
        for alarm in watch.alarms.values():
            assert alarm in watch.of(alarm.subject)
            if alarm.kind in OF_THE_WAIT:
                ticket = self.hall.tickets[alarm.subject]
                assert ticket.first_called_at is None
                assert ticket.state in {State.WAITING, State.PAUSED}
            elif alarm.kind in OF_THE_SERVICE:
                assert self.hall.tickets[alarm.subject].state is State.SERVING
            elif alarm.kind in OF_THE_HALL:
                assert watch.strains[alarm.subject].alarmed
            else:
                assert watch.help[alarm.subject].answered_at is None
        assert {entry[2] for entry in watch.escalating} == {
            a.id for a in watch.alarms.values() if a.escalates_at is not None and a.acknowledged_at is None
        }
