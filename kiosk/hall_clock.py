"""What o'clock the hall has, also without it: the check-in on an off-line ticket counts by this clock.

The terminal's wall clock may be wrong and may jump; only its monotonic clock (since boot, sleep included) runs
evenly. So the hall's own time, heard at each connection and now and then, is *anchored* to the monotonic clock, and
from then on only that is read. Every 10 s the pair is kept on the disk, with the boot it belongs to:

* the application was restarted: same boot, the anchor still holds, nothing is lost;
* the machine was restarted and its wall clock went on (a clock chip, or set by the network): the wall clock is as
  wrong as it was before, and by so much it is corrected;
* the machine was restarted and its wall clock did not go on, or stands behind the last tick: how long it was off
  cannot be known. The time is the last tick and what has passed since the boot: a check-in is never too late, and is
  marked as open-ended. As soon as the hall is heard again, the tickets of this boot are put right (``blocks``).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk.durable import write_whole

log = logging.getLogger(__name__)

TICK_S = 10.0
WORTH_S = 2.0
"""An answer about the time that took longer says too little."""
DRIFT = 1e-4
"""Of a clock chip without power, a generous bound (20 ppm are usual)."""
NEVER_HEARD_S = 86_400
"""The uncertainty of a terminal that has never heard the hall: it has no block of numbers either."""


class Tick(msgspec.Struct, frozen=True):
    """What is kept on the disk: seconds, the hall's time and the wall's since 1970."""

    boot: str
    since_boot_s: float
    hall_s: float
    wall_s: float
    uncertainty_s: int
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """``at`` is aware UTC, off by at most ``uncertainty_s``; ``open_ended``: it may be later by any span."""

    at: datetime
    uncertainty_s: int
    open_ended: bool = False


def since_boot() -> float:
    """Seconds since the machine started, sleep included; never jumps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def this_boot() -> str:
    """The kernel's name for the time since its last start; empty where it gives none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def wall_goes_on() -> bool:
    """Whether the wall clock ran while the machine was off: it has a clock chip, or the network has set it."""
    return Path("/dev/rtc0").exists() or Path("/run/systemd/timesync/synchronized").exists()


class HallClock:
    """Any thread may read; ``tick`` and ``heard`` from wherever they happen."""

    def __init__(
        self,
        path: Path,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = since_boot,
        boot: str | None = None,
        goes_on: Callable[[], bool] = wall_goes_on,
    ) -> None:
        self._path = path
        self._wall = wall
        self.monotonic = monotonic
        self.boot = this_boot() if boot is None else boot
        self._kept_at: float | None = None
        self._anchor = self._begin(_kept(path), goes_on)

    def _begin(self, last: Tick | None, goes_on: Callable[[], bool]) -> Tick:
        now, wall = self.monotonic(), self._wall()
        if last is None:
            return Tick(self.boot, now, wall, wall, NEVER_HEARD_S)
        if last.boot == self.boot and last.since_boot_s <= now:
            return last
        off_s = wall - last.wall_s
        if off_s >= now and goes_on():  # the last tick was before this boot: at least so much has passed
            unsure = last.uncertainty_s + math.ceil(off_s * DRIFT)
            return Tick(self.boot, now, last.hall_s + off_s, wall, unsure, last.open_ended)
        log.warning("the clock did not go on while the machine was off: check-ins are marked with that")
        return Tick(self.boot, now, last.hall_s + now, wall, last.uncertainty_s, open_ended=True)

    def read(self, since_boot_s: float | None = None) -> Reading:
        """The hall's time now, or at another moment of this boot."""
        anchor = self._anchor
        at_s = anchor.hall_s + ((self.monotonic() if since_boot_s is None else since_boot_s) - anchor.since_boot_s)
        return Reading(datetime.fromtimestamp(at_s, UTC), anchor.uncertainty_s, anchor.open_ended)

    def heard(self, hall: datetime, took_s: float) -> bool:
        """The hall said its time, in answer to a question of ``took_s`` ago. Whether that was worth something."""
        if not 0.0 <= took_s <= WORTH_S:
            return False
        now = self.monotonic()
        hall_s = hall.timestamp() + took_s / 2
        self._anchor = Tick(self.boot, now, hall_s, self._wall(), math.ceil(took_s / 2) if took_s > 0.5 else 0)
        self._kept_at = None
        self.tick()
        return True

    def tick(self) -> None:
        """Keep the time on the disk, at most every 10 s. A disk that takes nothing is said once a tick, no more."""
        now = self.monotonic()
        if self._kept_at is not None and now - self._kept_at < TICK_S:
            return
        self._kept_at = now
        anchor = self._anchor
        hall_s = anchor.hall_s + (now - anchor.since_boot_s)
        last = Tick(self.boot, now, hall_s, self._wall(), anchor.uncertainty_s, anchor.open_ended)
        try:
            write_whole(self._path, msgspec.json.encode(last))
        except OSError as error:
            log.error("the clock's tick cannot be kept: %s", type(error).__name__)  # noqa: TRY400  (one line says it)


def _kept(path: Path) -> Tick | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Tick)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
