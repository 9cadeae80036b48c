"""The line to the city's booking platform: a thread that fetches its wishes, puts them to the halls, and answers.

Only the halls this server decides for are served; the others' wishes stay open for their own servers. While the
platform is away nothing is lost: its wishes stay open there, and what it should know of us is sent anew when it is
back. What is free is published at most once a minute a hall, what became of its bookings when a hall has moved.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLate
from datetime import datetime

from queue_server import translate
from queue_server.adapters import city
from queue_server.adapters.city import CityAway, Persons, Platform, Result, Unfit, Wished
from queue_server.desk import Desk, HallElsewhere, HallMoved, UnknownHall
from queue_server.domain.answers import RefusedAnswer
from queue_server.people.vault import VaultError
from queue_server.wire.sentences import DoorCode

log = logging.getLogger(__name__)

EVERY_S = 5.0
SLOTS_EVERY_S = 60.0
ANSWER_WITHIN_S = 15.0


class CityLine:
    """From ``start`` to ``stop``. ``now_s`` is a monotonic clock."""

    def __init__(
        self,
        desk: Desk,
        platform: Platform,
        vault: Persons,
        clock: Callable[[], datetime],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk, self._platform, self._vault, self._clock = desk, platform, vault, clock
        self._now_s = now_s
        self._moved: set[str] = set()
        """Halls whose bookings may have changed since the platform heard of them."""
        self._slots_at: dict[str, float] = {}
        self._away = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        desk.listen(self._hear)

    def start(self) -> None:
        self._moved.update(self._desk.halls())
        self._thread = threading.Thread(target=self._run, name="city", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _hear(self, moved: HallMoved) -> None:
        """On the desk's thread: note it, no more."""
        if moved.before.appointments is not moved.after.appointments or moved.before.book is not moved.after.book:
            self._moved.add(moved.hall_id)

    # --- its own thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ended.wait(EVERY_S):
            self.turn()

    def turn(self) -> int:
        """One round: wishes, then what the platform should know. Returns how many wishes were answered."""
        try:
            results = [r for wished in self._platform.open_wishes() if (r := self._ask(wished)) is not None]
            if results:
                self._platform.answer(results)
            self._publish()
        except CityAway as away:
            if not self._away:
                log.warning("the city's booking platform is away (%s)", away)
            self._away = True
            self._moved.update(self._desk.halls())
            return 0
        if self._away:
            log.info("the city's booking platform is back")
        self._away = False
        return len(results)

    def _ask(self, wished: Wished) -> Result | None:
        """The hall's result; None where another server must give it, or nobody could now."""
        try:
            hall = self._desk.hall(wished.hall)
            command = city.command(wished, hall, self._vault, translate.new_code)
            answer, _ = self._desk.ask(wished.hall, command).result(ANSWER_WITHIN_S)
        except UnknownHall:
            return city.refused(wished, DoorCode.UNKNOWN_HALL)
        except Unfit as unfit:
            return city.refused(wished, unfit.code)
        except (HallElsewhere, VaultError, TooLate):
            return None
        if isinstance(answer, RefusedAnswer) and answer.code in {DoorCode.HALL_ELSEWHERE, DoorCode.INTERNAL}:
            return None
        return city.result(wished, answer, self._desk.hall(wished.hall))

    def _publish(self) -> None:
        for name in sorted(self._moved):
            try:
                hall = self._desk.hall(name)
            except (HallElsewhere, UnknownHall):
                self._moved.discard(name)
                continue
            self._platform.publish_states(name, city.states(hall))
            if self._now_s() - self._slots_at.get(name, -SLOTS_EVERY_S) < SLOTS_EVERY_S:
                continue  # its slots follow within the minute
            self._moved.discard(name)
            self._platform.publish_slots(name, city.offered(hall, self._clock()))
            self._slots_at[name] = self._now_s()
