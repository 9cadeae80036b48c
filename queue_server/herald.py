"""Tells boards, kiosks and terminals how the halls stand: retained messages, rebuilt whenever a broker comes up.

The desk only rings: which hall moved, and whether its calls or lamps did. This thread reads the immutable hall and
publishes; calls and lamps at once, how full the hall is at most every two seconds a hall, so that a rush does not
become a flood. The waiting range also moves with time alone, so each open hall is told anew now and then.
Nothing here is the truth: a broker that loses it all gets it all again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import msgspec

from queue_server import translate
from queue_server.desk import Desk, HallElsewhere, HallMoved
from queue_server.domain import calendar, strain, told
from queue_server.domain.model import HallPlan
from queue_server.domain.state import Hall, staffed
from queue_server.domain.watch import HelpCall
from queue_server.forecast.foretold import PLAIN, Foretold
from queue_server.neighbours import Neighbours
from queue_server.plans import Plans
from queue_server.wire import messages as wire
from queue_server.wire import topics

log = logging.getLogger(__name__)

OUTLOOK_EVERY_S = 2.0
REFRESH_EVERY_S = 30.0

Hot = Callable[[HallPlan, datetime, Sequence[str]], Sequence[str]]
"""The most wanted matters of a hall at this hour; last, the catalogue's own list."""

Told = wire.Calls | wire.Lamps | wire.Outlook

_encode = msgspec.json.Encoder().encode


class Herald:
    """``publish(topic, payload)`` must accept calls from any thread and never block."""

    def __init__(
        self,
        desk: Desk,
        plans: Plans,
        clock: Callable[[], datetime],
        publish: Callable[[str, bytes], None],
        catalogue: wire.Catalogue,
        foretold: Foretold = PLAIN,
        hot: Hot = lambda _plan, _now, _own: (),
        *,
        texts: bool = False,
    ) -> None:
        """``texts``: phones can be told by text message."""
        self._desk = desk
        self._plans = plans
        self._clock = clock
        self._publish = publish
        self._foretold = foretold
        self._hot = hot
        self._texts = texts
        self._neighbours = Neighbours(plans)
        self._catalogue = wire.packed(catalogue)
        self._own_hot = tuple(catalogue.hot)
        self._catalogue_due = False
        self._lock = threading.Condition()
        self._calls_due: set[str] = set()
        self._lamps_due: set[str] = set()
        self._outlook_due: dict[str, float] = {}
        """Hall -> not before this monotonic moment."""
        self._told_at: dict[str, float] = {}
        self._whole = False
        self._also: list[Callable[[], None]] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="herald", daemon=True)

    def start(self) -> None:
        self._desk.listen(self._moved)
        self._desk.on_ownership(self._ownership)
        self._thread.start()

    def stop(self) -> None:
        with self._lock:
            self._stopping = True
            self._lock.notify()
        self._thread.join()

    def on_rebuild(self, step: Callable[[], None]) -> None:
        """``step()`` also publishes something anew when a broker comes up, on this thread; it may block."""
        self._also.append(step)

    def rebuild(self) -> None:
        """A broker came up: everything anew. Any thread."""
        with self._lock:
            self._whole = True
            self._lock.notify()

    def put_catalogue(self, catalogue: wire.Catalogue) -> None:
        """Another catalogue for every terminal. Raises ValueError for one that is too large. Any thread."""
        body = wire.packed(catalogue)
        with self._lock:
            self._catalogue, self._catalogue_due = body, True
            self._own_hot = tuple(catalogue.hot)
            self._lock.notify()

    # --- on the desk's thread: ring, nothing more ---------------------------------------------------------

    def _moved(self, moved: HallMoved) -> None:
        hall = moved.hall_id
        before, after = moved.before, moved.after
        called = before.recent_calls is not after.recent_calls
        lit = before.watch is not after.watch or (after.watch.alarms and before.counters is not after.counters)
        if not called and not lit and hall in self._outlook_due:
            return  # it will be told anyway
        with self._lock:
            if called:
                self._calls_due.add(hall)
            if lit:
                self._lamps_due.add(hall)
            self._outlook_due.setdefault(hall, self._told_at.get(hall, 0.0) + OUTLOOK_EVERY_S)
            self._lock.notify()

    def _ownership(self, hall: str, owned: bool) -> None:  # noqa: FBT001  (the desk's signature)
        if owned:
            with self._lock:
                self._calls_due.add(hall)
                self._lamps_due.add(hall)
                self._outlook_due[hall] = 0.0
                self._lock.notify()

    # --- the thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        refresh_at = time.monotonic() + REFRESH_EVERY_S
        while True:
            with self._lock:
                now = time.monotonic()
                while not (
                    self._stopping
                    or self._whole
                    or self._catalogue_due
                    or self._calls_due
                    or self._lamps_due
                    or now >= refresh_at
                ):
                    next_at = min([refresh_at, *self._outlook_due.values()])
                    if next_at <= now:
                        break
                    self._lock.wait(next_at - now)
                    now = time.monotonic()
                if self._stopping:
                    return
                whole, self._whole = self._whole, False
                another, self._catalogue_due = self._catalogue_due, False
                refresh = whole or now >= refresh_at
                if refresh:
                    refresh_at = now + REFRESH_EVERY_S
                    self._outlook_due.update(dict.fromkeys(self._plans.halls, 0.0))
                if whole:
                    self._calls_due.update(self._plans.halls)
                    self._lamps_due.update(self._plans.halls)
                lamps, self._lamps_due = self._lamps_due, set()
                calls, self._calls_due = self._calls_due, set()
                outlooks = [hall for hall, at in self._outlook_due.items() if at <= now]
                for hall in outlooks:
                    del self._outlook_due[hall]
                    self._told_at[hall] = now
            if whole or another:
                self._publish_catalogues()
            if whole:
                self._take_steps()
            for hall in calls:
                self._tell(hall, "calls", calls_of)
            for hall in lamps:
                self._tell(hall, "lamps", lamps_of)
            for hall in outlooks:
                self._tell(hall, "outlook", self._outlook)
            if refresh:
                self._take(partial(self._tell_neighbours, anew=whole))

    def _outlook(self, hall: Hall) -> wire.Outlook:
        now = self._clock()
        found = outlook_of(hall, now, self._foretold, self._hot(hall.plan, now, self._own_hot))
        return msgspec.structs.replace(found, texts=self._texts)

    def _tell_neighbours(self, *, anew: bool) -> None:
        now = self._clock()
        shut = {name for name in self._plans.halls if self._shut(name, now)}
        for topic, body in self._neighbours.news(now, shut, anew=anew):
            self._publish(topic, body)

    def _shut(self, name: str, now: datetime) -> bool:
        """Whether the day of this hall was ended by hand. Of another server's hall only the plan is known."""
        try:
            hall = self._desk.hall(name)
        except HallElsewhere:
            return False
        return hall.day_closed and hall.business_date == calendar.business_date(hall.plan, now)

    def _tell(self, hall: str, what: topics.HallPub, say: Callable[[Hall], Told]) -> None:
        try:
            body = _encode(say(self._desk.hall(hall)))
        except HallElsewhere:
            return  # its owner tells
        except Exception as fault:  # noqa: BLE001  (a board that stands still must not end the server)
            log.error("no %s of %s: %s", what, hall, type(fault).__name__)  # noqa: TRY400  (no values)
            return
        self._publish(topics.public(hall, what), body)

    def _take_steps(self) -> None:
        for step in self._also:
            self._take(step)

    def _take(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as fault:  # noqa: BLE001  (the others are told all the same)
            log.error("not published anew: %s", type(fault).__name__)  # noqa: TRY400  (no values)

    def _publish_catalogues(self) -> None:
        for device in self._plans.devices.values():
            self._publish(topics.site_down(device.site, device.id, "cat"), self._catalogue)


def calls_of(hall: Hall) -> wire.Calls:
    """The board's lines, the latest first. Numbers only."""
    return wire.Calls(
        seq=hall.seq,
        calls=[
            wire.Call(number=call.number, counter=call.counter, at=call.at, times=call.times, lang=call.lang)
            for call in hall.recent_calls
        ],
    )


def lamps_of(hall: Hall) -> wire.Lamps:
    """Every lamp that burns, and how it is with each terminal's call for help."""
    return wire.Lamps(
        counters=[
            wire.Lamp(counter=name, colour="red" if lamp.red else "amber", blinking=lamp.blinking)
            for name, lamp in told.lamps(hall).items()
        ],
        help=[_help_lamp(hall, call) for call in hall.watch.help.values()],
    )


def _help_lamp(hall: Hall, call: HelpCall) -> wire.HelpLamp:
    """Who comes is told by the window where they sit, never by name."""
    who = told.comes_from(hall, call)
    plan = None if who is None else hall.plan.counters.get(who)
    return wire.HelpLamp(
        kiosk=call.kiosk,
        call=call.id,
        coming=call.answered_at is not None,
        who_zh="" if plan is None else plan.name_zh,
        who_en="" if plan is None else plan.name_en,
    )


def outlook_of(hall: Hall, now: datetime, foretold: Foretold = PLAIN, hot: Sequence[str] = ()) -> wire.Outlook:
    """How full the hall is, per letter, with ranges in whole minutes."""
    found = foretold.outlook(hall, now)
    groups = []
    unserved = strain.nobody_for_groups(hall) if found.is_open else {}
    names = {matter.group: (matter.group_zh, matter.group_en) for matter in hall.plan.matters.values()}
    for group in found.groups:
        low, high = translate.minutes(group.wait_p50_s, group.wait_p90_s)
        zh, en = names[group.group]
        nobody = unserved.get(group.group, "")
        groups.append(wire.GroupOutlook(group.group, zh, en, group.waiting, low, high, nobody))
    low, high = translate.minutes(found.wait_p50_s, found.wait_p90_s)
    return wire.Outlook(
        at=found.at,
        open=found.is_open,
        waiting=found.waiting,
        wait_min_low=low,
        wait_min_high=high,
        groups=groups,
        next_opening=found.next_opening,
        windows_open=staffed(hall).bit_count(),
        nobody=unserved.get("", ""),
        remote_open=(staffed(hall) & hall.floor.able((), remote=True)).bit_count(),
        hot=list(hot),
    )
