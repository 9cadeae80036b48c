# mypy: allow-subclassing-any
# (Kivy ships no types)
"""The one place where the kiosk is put together: profile -> devices and link -> flow -> screens.

One inbox. Threads put stamped events in; the UI's clock takes them out, one step of the flow each, and carries
out the effects. An event of a previous citizen is dropped here, except answers and ends of print jobs, which the
flow knows by their own ids. Time enters as ``Ticked`` once a second; fresh identifiers are made here.
"""

from __future__ import annotations

import logging
import queue
import secrets
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import uuid6

from devices.errors import DeviceError
from devices.printer.profile import ProfileError
from firmware_cfg.profile import Profile
from kiosk.backlight import Backlight
from kiosk.effects import EndSession, IssueOffline
from kiosk.events import (
    DeviceChanged,
    Event,
    Focused,
    KeyPressed,
    OfflineNotGiven,
    PrintEnded,
    Replied,
    Stamped,
    Ticked,
    Touched,
)
from kiosk.flow import Fresh, State, opening, step
from kiosk.fonts import fonts_folder, prepare_fonts
from kiosk.hall_clock import HallClock
from kiosk.hands import Hands
from kiosk.identity import BadServerKey
from kiosk.link import Link
from kiosk.narrator import Narrator
from kiosk.outbox import Outbox
from kiosk.own_numbers import OwnNumbers
from kiosk.probe import Probe
from kiosk.site import site_of
from kiosk.stopwatch import watch_frames
from kiosk.views import View, dressed, page_view
from kiosk.views.keypad import meant
from kiosk.views.reading import read
from kiosk.voice import Speaker
from kiosk.watchdog import Watchdog
from kiosk.window import one_provider, set_up
from kiosk.workbench import Workbench
from kiosk.workers import Workers

DRAIN_HZ = 20
TICK_S = 1.0
SPEAKER_TICKS = 4
"""A loudspeaker that is gone, or there again, is noticed within five seconds."""
BATCH = 50
"""Events taken from the inbox at once: a flood must not keep the screen from being drawn."""

LAID_OUT = 2
"""Rounds without a change after which every control has been drawn in its place."""

EXITS = {"restart": 75, "service": 76}
"""How the process ends by itself: the unit starts it again after the first and leaves it alone after the second."""

log = logging.getLogger("kiosk")


def fresh_ids() -> Fresh:
    """A UUIDv7 for a request, 128 random bits for a ticket's token, and short names for session and job."""
    return Fresh(
        session=secrets.token_hex(8),
        request=str(uuid6.uuid7()),
        token=secrets.token_urlsafe(16),
        job=secrets.token_hex(8),
    )


class Kiosk:
    """State, one step of the flow for each event, and what is shown of it; ``hands`` carry out what it asks.

    Knows no Kivy: ``stage`` only has to show and forget.
    """

    def __init__(
        self,
        profile: Profile,
        stage: Any,
        inbox: queue.SimpleQueue[Stamped],
        link: Link,
        workers: Workers,
        workbench: Workbench,
        leave: Callable[[str], None] = lambda _how: None,
        own: OwnNumbers | None = None,
    ) -> None:
        """``leave(how)`` ends the program, ``restart`` or ``service``."""
        self._stage = stage
        self._inbox = inbox
        self._link = link
        self._own = own
        self._speaker = Speaker(profile.speech)
        self._narrator = Narrator(self._speaker)
        self.hands = Hands(link, workers, self._narrator, workbench, leave)
        self._backlight = Backlight()
        self._probe = Probe.from_environment()
        self._view: View | None = None
        self._still = 0
        self._ticks = 0
        now = datetime.now(UTC)
        self.state: State = opening(site_of(profile), now, fresh_ids().session)
        self._look_for_speaker()

    def touched(self, action: str, value: str) -> None:
        """A control was released: speech stops, and the flow steps at once."""
        self._narrator.hush()
        self.take(Focused(int(value)) if action == "focus" else Touched(action, value))
        self.show()

    def tick(self, *_: object) -> None:
        self._ticks += 1
        if self._ticks % SPEAKER_TICKS == 0:
            self._look_for_speaker()
        self.take(Ticked(datetime.now(UTC), time.monotonic()))
        self.show()

    def _look_for_speaker(self) -> None:
        works = self._speaker.probe()
        if works != self.state.kiosk.speaks:
            self.take(DeviceChanged("speaker", "ok" if works else "absent"))

    def drain(self, *_: object) -> None:
        """Everything that has come, a batch at most."""
        for _count in range(BATCH):
            try:
                stamped = self._inbox.get_nowait()
            except queue.Empty:
                break
            late = stamped.session is not None and stamped.session != self.state.session.id
            if not late or isinstance(stamped.event, Replied | PrintEnded):
                if isinstance(stamped.event, KeyPressed):
                    self._narrator.hush()  # a key interrupts speech as a touch does
                self.take(stamped.event)
        else:
            log.info("the inbox is filling")
        self.show()

    def take(self, event: Event) -> None:
        """One step of the flow and its effects."""
        before = self.state.session.id
        if isinstance(event, KeyPressed):
            event = meant(self.state, event, page_view(self.state))
        self.state, effects = step(self.state, event, datetime.now(UTC), fresh_ids())
        for effect in effects:
            match effect:
                case EndSession():
                    self.hands.next_session(self.state.session.id)
                    self.show()
                    self._stage.forget()
                case IssueOffline():
                    self.take(self._issued(effect, before))
                case _:
                    self.hands.do(effect, before)

    def _issued(self, wish: IssueOffline, session: str) -> Event:
        """At once, on this thread: between the number on the disk and the number on the screen nothing may come."""
        if self._own is None:
            return OfflineNotGiven(wish.request, "no-numbers", wish.replaces)
        return self._own.issue(wish, session)

    def show(self) -> None:
        """Draw what has changed, and say it where the citizen wants to hear it."""
        now = self._look()
        if now == self._view:
            self._still += 1
            if self._still == LAID_OUT:
                self._report()
            return
        self._still = 0
        if type(now) is not type(self._view):
            self._link.set_screen(type(self.state.session.page).__name__)
        self._view = now
        self._backlight.set(dim=bool(getattr(now, "resting", False)))
        self._stage.show(now)

    def _look(self) -> View:
        """The page as it is drawn now; where the citizen wants to hear it, what is new of it is said."""
        page, session = page_view(self.state), self.state.session
        if not (session.voice or session.focus >= 0 or self._narrator.listened_to):
            return page
        reading = read(self.state, page)
        return dressed(self.state, page, reading, self._narrator.follow(reading))

    def _report(self) -> None:
        """Tell the robot finger, once what is shown stands where it belongs."""
        if not self._probe.wanted:
            return
        height = self._stage.height
        self._probe.write(
            type(self.state.session.page).__name__,
            (
                (key.button.action, key.button.value, (key.x, height - key.y - key.height, key.width, key.height))
                for key in self._stage.targets()
            ),
        )

    def close(self) -> None:
        self._narrator.hush()


def run_kiosk(profile: Profile) -> int:
    """Run until the process is told to end: 0, one of ``EXITS``, or 2 if the terminal cannot be put together."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    screen, var = profile.screen, profile.var.path
    var.mkdir(parents=True, exist_ok=True)
    fonts = prepare_fonts(fonts_folder(var))
    set_up(var / "kivy", screen.width_px, screen.height_px, fonts, fullscreen=screen.fullscreen)

    inbox: queue.SimpleQueue[Stamped] = queue.SimpleQueue()
    outbox = Outbox(var / "outbox.db")
    own = OwnNumbers(profile, outbox, HallClock(var / "hall-clock.json"), lambda news: inbox.put(Stamped(None, news)))
    link = Link(profile, outbox, inbox, own=own)
    try:
        workers = Workers(profile, inbox, link.set_peripherals)
        workbench = Workbench(profile, link, outbox, workers, inbox)
    except (BadServerKey, ProfileError, DeviceError) as error:
        outbox.close()
        log.error("%s", error)  # noqa: TRY400  (the sentence says it all)
        return 2

    # Kivy is imported only now: set_up must come first.
    from kivy.app import App  # noqa: PLC0415
    from kivy.clock import Clock  # noqa: PLC0415
    from kivy.core.window import Window  # noqa: PLC0415

    from kiosk.motion import weigh_frames  # noqa: PLC0415
    from kiosk.stage import Stage  # noqa: PLC0415

    class HallApp(App):
        """Kivy's own main loop around ``Kiosk``. ``code`` is what the process ends with."""

        code = 0

        def build(self) -> Any:
            stage = Stage(screen.width_px, screen.height_px, screen.pitch_mm, self.touched)
            self.kiosk = Kiosk(profile, stage, inbox, link, workers, workbench, self.leave, own)
            workers.start(self.kiosk.state.session.id)
            link.start()
            own.start(link)
            one_provider()
            watch_frames(Window, stage)
            weigh_frames(Window, stage.frame_cost)
            self.kiosk.tick()
            Window.bind(on_flip=lambda *_: watchdog.drawn())
            Clock.schedule_interval(self.kiosk.drain, 1 / DRAIN_HZ)
            Clock.schedule_interval(self.kiosk.tick, TICK_S)
            Clock.schedule_interval(lambda _s: self.alive(stage), TICK_S)
            Clock.schedule_once(lambda _s: watchdog.ready())
            return stage

        def alive(self, stage: Any) -> None:
            """Feed the watchdog, and have a frame drawn for the next time."""
            if watchdog.feed(time.monotonic()):
                stage.canvas.ask_update()

        def touched(self, action: str, value: str) -> None:
            self.kiosk.touched(action, value)

        def leave(self, how: str) -> None:
            """At the next frame, so that what was asked for before has gone out."""
            log.info("ending: %s", how)
            self.code = EXITS[how]
            Clock.schedule_once(lambda _s: self.stop())

        def on_stop(self) -> None:
            self.kiosk.close()

    watchdog = Watchdog()
    app = HallApp()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Clock.schedule_once(lambda _s: app.stop()))
    try:
        app.run()
    finally:
        watchdog.ending()
        workers.stop()
        own.stop()
        link.stop()
        outbox.close()
    return app.code
