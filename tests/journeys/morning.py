"""A morning that a hall has lived: citizens come, clerks call, some wait too long; every step a real command.

Told to a desk on a clock that is set by hand, so that pages and pictures find a hall full of people as four
hours of service would have left it. Nothing is written around the rules.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import uuid6

from queue_server.clock import SetClock
from queue_server.config import load_plans
from queue_server.desk import Desk
from queue_server.domain import messages as m
from queue_server.domain.answers import Answer, CalledAnswer
from queue_server.domain.model import HallPlan, MatterClass, Outcome
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog

HOURS = 2.5
QUARTER = timedelta(minutes=15)
PRIORITIES = ("age-80", "age-80", "age-80", "disabled", "pregnant", "soldier-family")


@dataclass
class Morning:
    """``ask`` puts a command to the hall; ``every_s`` is the mean time between two citizens who come unbooked."""

    ask: Callable[[m.Command], Answer]
    clock: SetClock
    plan: HallPlan
    every_s: float
    chance: random.Random = field(default_factory=lambda: random.Random(4))
    booked: int = 40
    """Places booked ahead, all over the morning."""
    closed: tuple[str, ...] = ()
    """Windows that stay shut."""

    def live(self, start: datetime, end: datetime) -> None:
        self._order = count()
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._start, self._end = start, end
        self.clock.set(start)
        for n in range(self.booked):
            self._book(n)
        for window in self.plan.counters:
            if window not in self.closed:
                self._at(start, lambda now, w=window: self._sit_down(w, now))
        self._at(start, self._comes)
        self._after(start, 300, self._calls_for_help)
        while self._due and self._due[0][0] <= end:
            moment, _, act = heapq.heappop(self._due)
            self.clock.set(moment)
            act(moment)
        self.clock.set(end)

    def _at(self, moment: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._order), act))

    def _after(self, now: datetime, seconds: float, act: Callable[[datetime], None]) -> None:
        self._at(now + timedelta(seconds=seconds), act)

    def _who(self, by: str) -> dict[str, str]:
        return {"id": str(uuid6.uuid7()), "by": by}

    def _matter(self) -> str:
        complex_one = self.chance.random() < 0.25
        wanted = MatterClass.COMPLEX if complex_one else MatterClass.GENERAL
        return self.chance.choice([x.id for x in self.plan.matters.values() if x.matter_class is wanted and x.bookable])

    # --- citizens ----------------------------------------------------------------------------------------

    def _book(self, n: int) -> None:
        quarters = int((self._end - self._start) / QUARTER)
        first = self._start + (datetime.min.replace(tzinfo=UTC) - self._start) % QUARTER
        slot = first + QUARTER * (1 + n * quarters // self.booked)
        code, name = f"{n:08d}", f"booking-{n}"
        wish = m.BookSlot(
            **self._who("phone"), appointment_id=name, code=code, matters=(self._matter(),), slot_start=slot
        )
        self.ask(wish)
        if self.chance.random() < 0.9:
            self._at(slot + timedelta(seconds=self.chance.gauss(-240, 300)), lambda _now: self._checks_in(code))

    def _checks_in(self, code: str) -> None:
        self.ask(m.CheckIn(**self._who("kiosk:kiosk-01"), token=f"booked{code:0>16}", code=code))

    def _comes(self, now: datetime) -> None:
        reason = self.chance.choice(PRIORITIES) if self.chance.random() < 0.12 else None
        token = f"walkin{self.chance.randrange(10**15):016d}"
        matters = (self._matter(),)
        self.ask(m.TakeTicket(**self._who("kiosk:kiosk-01"), matters=matters, token=token, priority_reason=reason))
        self._after(now, self.chance.expovariate(1 / self.every_s), self._comes)

    def _calls_for_help(self, now: datetime) -> None:
        call = m.CallHelp(**self._who("kiosk:kiosk-01"), kiosk="kiosk-01", screen="Hot")
        self.ask(call)
        comes = self.chance.uniform(12, 70)
        self._after(now, comes, lambda _at: self.ask(m.AnswerHelp(**self._who("staff:s1"), help_id=call.id)))
        ended = {"help_id": call.id, "solved": self.chance.random() < 0.9}
        self._after(now, comes + 120, lambda _at: self.ask(m.EndHelp(**self._who("staff:s1"), **ended)))
        self._after(now, self.chance.expovariate(1 / 700) + 300, self._calls_for_help)

    # --- clerks ------------------------------------------------------------------------------------------

    def _sit_down(self, window: str, now: datetime) -> None:
        self.ask(m.OpenCounter(**self._who(f"staff:s{window}"), counter=window, staff=f"s{window}"))
        self._after(now, self.chance.uniform(5, 60), lambda at: self._calls(window, at))

    def _calls(self, window: str, now: datetime) -> None:
        key = {"counter": window}
        answer = self.ask(m.CallNext(**self._who(f"staff:s{window}"), **key))
        if not isinstance(answer, CalledAnswer):
            self._after(now, 30, lambda at: self._calls(window, at))
            return
        if self.chance.random() < 0.04:
            for turn in (20, 40):
                self._after(now, turn, lambda _at: self.ask(m.CallAgain(**self._who(f"staff:s{window}"), **key)))
            self._after(now, 70, lambda _at: self.ask(m.MarkNoShow(**self._who(f"staff:s{window}"), **key)))
            self._after(now, 80, lambda at: self._calls(window, at))
            return
        takes = min(2400.0, self.chance.lognormvariate(6.1, 0.55))
        self._after(now, 35, lambda _at: self.ask(m.BeginIdentityCheck(**self._who(f"staff:s{window}"), **key)))
        self._after(now, 35 + takes, lambda _at: self.ask(m.AcceptMaterials(**self._who(f"staff:s{window}"), **key)))
        self._after(now, 55 + takes, lambda at: self._finishes(window, at, over=takes > 1200))

    def _finishes(self, window: str, now: datetime, *, over: bool) -> None:
        outcome = self.chance.choice(list(Outcome))
        visit = {"counter": window, "outcome": outcome, "reason": "explaining" if over else None}
        self.ask(m.Finish(**self._who(f"staff:s{window}"), **visit))
        self._after(now, self.chance.uniform(5, 25), lambda at: self._calls(window, at))


def lived(var: Path, plans: Path, every_s: float = 285.0) -> None:
    """Two and a half hours that end now, in the store that a server of ``plans`` will find under ``var``."""
    var.mkdir(parents=True, exist_ok=True)
    city, end = load_plans(plans), datetime.now(UTC)
    name, plan = next(iter(city.halls.items()))
    engine, clock = open_engine(f"sqlite:///{var / 'halls.db'}"), SetClock(end - timedelta(hours=HOURS))
    desk = Desk(EventLog(engine), city.halls, clock, server_id="server-1")
    desk.start()
    windows = list(plan.counters)
    hall = Morning(lambda c: desk.ask(name, c).result(10)[0], clock, plan, every_s, booked=28, closed=(windows[-1],))
    hall.live(end - timedelta(hours=HOURS), end)
    desk.stop()
    engine.dispose()
