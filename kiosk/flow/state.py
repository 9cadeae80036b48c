"""What the kiosk knows, in two halves: what stays, and what belongs to one citizen and is forgotten.

``Kiosk`` outlives sessions: the site's facts, the catalogue, the hall's outlook, devices, link, time, and
wishes whose citizens have left before the answer came (they hold request ids and no person). ``Session`` is
one citizen; ending it is replacing it. Only ``Session.card`` and a pending ``Wish`` touch a person, both
without a ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from kiosk.catalogue import Catalogue
from kiosk.flow.facts import (
    DEVICES,
    Card,
    Claim,
    Fresh,
    Helping,
    Laid,
    Lang,
    LeftCard,
    Notice,
    Proxy,
    Site,
    Wish,
)
from kiosk.flow.pages import Page, Start
from queue_server.wire import messages as wire

__all__ = [
    "CALM_VOLUME",
    "DEVICES",
    "ELDER_TIMES",
    "KEPT_ANSWERS",
    "STOPPED",
    "TRAIL_MAX",
    "TRIES",
    "VOLUMES",
    "Card",
    "Claim",
    "Fresh",
    "Helping",
    "Kiosk",
    "Laid",
    "Lang",
    "LeftCard",
    "Notice",
    "Proxy",
    "Session",
    "Site",
    "State",
    "Wish",
    "opening",
]

ELDER_TIMES = 2
"""长者专版: every limit twice as long."""
VOLUMES, CALM_VOLUME = 5, 2
"""Steps of loudness, and the one with which every session begins (at most 65 dBA, EN 301 549 5.1.3.12)."""
TRAIL_MAX = 24
TRIES = 3
"""After so many cards that could not be read, or numbers that were wrong, a person is better than a fourth."""
KEPT_ANSWERS = 64
STOPPED = frozenset({
    *("paper-out", "cover-open", "cutter", "printer-fault", "overheated", "offline"),
    *("camera-dark", "camera-frozen", "decoder-died"),
})  # fmt: skip
"""Why a printer that is there does not print, and a camera sees nothing."""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """``devices``: name -> condition (ok, degraded, starting, absent); ``reasons`` beside it."""

    site: Site
    now: datetime
    monotonic_s: float = 0.0
    catalogue: Catalogue = field(default_factory=Catalogue)
    outlook: wire.Outlook | None = None
    near: wire.Near | None = None
    """Where else, as it was last told, perhaps before a restart."""
    devices: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    link_up: bool = False
    link_known: bool = False
    """The link has said of itself whether it is up; a terminal that is just starting has not."""
    down_since_s: float | None = None
    silent: bool = False
    """There is a line, and the hall does not answer."""
    heard_s: float | None = None
    """When the hall last said anything at all, on the monotonic clock; None: not since there is a line."""
    own_numbers: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the terminal's own that are good now, by letter."""
    left: tuple[Wish, ...] = ()
    answered: tuple[str, ...] = ()
    notice: Notice | None = None
    card_lies: bool = False
    """A card was read and has not been taken away."""
    card_left: bool = False
    """It was still there when its session ended: nothing is read until it is gone."""
    left_card: LeftCard | None = None
    """And since when, and who knows of it."""
    inputs: Mapping[str, bool] = field(default_factory=dict)
    """What the panel last said of door, tamper and presence; empty while there is no panel to say it."""
    alone_since_s: float | None = None
    """Since when nobody stands before the terminal; None: somebody does, or nothing looks."""
    called_until_s: float | None = None
    """Help was called; until then the panel's lamp calls, unless somebody comes."""
    helping: Helping | None = None
    """The call over the wire, beside the lamp; None where there is none, or the link was down."""
    help_rung: int = 0
    """How often help has been called without an answer: 1 the second ring is out, 2 other ways are offered."""

    began_s: float | None = None
    """When this program began, on the monotonic clock; None before its first tick."""
    log_level: str = "INFO"
    emergency: wire.Emergency | None = None
    """What the server has ordered to be shown in the place of everything; never ``over``."""
    mode: Literal["open", "closed", "maintenance"] = "open"
    leaving: Literal["", "restart", "service"] = ""
    """The program is to end so as soon as nobody is served."""
    leaving_order: str = ""
    """The server's order for it, to be acknowledged then."""

    def works(self, device: str) -> bool:
        condition = self.devices.get(device)
        return device in self.site.fitted and condition in {"ok", "degraded"} and not self._stopped(device)

    def lost(self, device: str) -> bool:
        """Fitted, and of no use now: worth a word to citizens. What was never fitted is not missed."""
        return device in self.site.fitted and (self.devices.get(device) == "absent" or self._stopped(device))

    def _stopped(self, device: str) -> bool:
        """A printer without paper, a camera with its lens covered: there, but only for the technician."""
        return self.devices.get(device) == "degraded" and self.reasons.get(device) in STOPPED

    @property
    def speaks(self) -> bool:
        """There is a voice, and a speaker for it; a speaker may come and go like any device."""
        return self.site.speech and self.devices.get("speaker", "ok") == "ok"

    @property
    def reads_codes(self) -> bool:
        """By the scanner or the camera: one is enough."""
        return self.works("scanner") or self.works("camera")

    @property
    def forced(self) -> bool:
        """The housing is open, or its loop is broken."""
        return self.inputs.get("door", False) or self.inputs.get("tamper", False)

    @property
    def shut(self) -> bool:
        """Nobody is served: the housing is open, or the server has ordered so."""
        return self.forced or self.mode != "open"


@dataclass(frozen=True, slots=True)
class Session:
    """``trail``: the pages behind this one. ``touched_s``: the last sign of life, on the monotonic clock."""

    id: str
    page: Page = field(default_factory=Start)
    trail: tuple[Page, ...] = ()
    lang: Lang = "zh-Hans"
    elder: bool = False
    contrast: bool = False
    """高对比: white and yellow on black."""
    low: bool = False
    """低位: everything to be touched in the lower half of the tall panel."""
    voice: bool = False
    reader: bool = False
    """读屏 was chosen, by key, control or hold: then the voice also says how to go on without seeing."""
    focus: int = -1
    """Which of the page's controls the keypad stands on, in reading order; -1: none, the page is read as a whole."""
    leaf: int = 0
    """Which leaf of a page of words is shown on the small panel, from 0; the view knows how many there are."""
    volume: int = CALM_VOLUME
    dark: bool = False
    """The screen is blank while voice and keypad go on."""
    touched_s: float = 0.0
    wish: Wish | None = None
    card: Card | None = field(default=None, repr=False)
    card_troubles: int = 0
    person: str | None = field(default=None, repr=False)
    """Who laid down a card or typed a number: the box that the server alone opens."""
    later: bool = False
    """Came to book, and not to wait now."""
    hot: tuple[str, ...] | None = None
    """The matters that stood first when this citizen began to choose; None: they have not (``wanted``)."""
    proxy: Proxy | None = field(default=None, repr=False)
    """Only on the way of 替别人办."""
    claim: Claim | None = field(default=None, repr=False)
    """Only on the way from ``SaysBooked`` to a number."""
    laid: str = field(default="", repr=False)
    """The sealed box of the card that lies on the reader now; empty when it is taken away."""


@dataclass(frozen=True, slots=True)
class State:
    kiosk: Kiosk
    session: Session

    def go(self, page: Page) -> State:
        """To ``page``, this one behind it."""
        trail = (*self.session.trail, self.session.page)[-TRAIL_MAX:]
        return replace(self, session=replace(self.session, page=page, trail=trail))

    def swap(self, page: Page) -> State:
        """To ``page`` in place of this one."""
        return replace(self, session=replace(self.session, page=page))

    def back(self) -> State:
        """One page back; from the first page nowhere."""
        if not self.session.trail:
            return self.swap(Start())
        return replace(self, session=replace(self.session, page=self.session.trail[-1], trail=self.session.trail[:-1]))

    @property
    def place(self) -> str:
        """Names the page one is on, leaf and all: where it changes, everything is read anew."""
        session, page = self.session, self.session.page
        leaf = (getattr(page, "page", 0), getattr(page, "times", 0), session.leaf)
        return f"{session.id}/{len(session.trail)}/{type(page).__name__}/{leaf}"

    def with_leaf(self, leaf: int) -> State:
        return replace(self, session=replace(self.session, leaf=max(0, leaf)))

    @property
    def idle_s(self) -> float:
        return self.kiosk.site.idle_s * (ELDER_TIMES if self.session.elder else 1)

    @property
    def warning_s(self) -> float:
        return self.kiosk.site.warning_s * (ELDER_TIMES if self.session.elder else 1)


def opening(site: Site, now: datetime, session: str) -> State:
    """A kiosk that has just been switched on: nothing is known but its site."""
    return State(Kiosk(site=site, now=now), Session(id=session))
