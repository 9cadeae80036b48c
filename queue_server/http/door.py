"""What every route needs, in one place: the desk to ask, the vault, the staff list, the pages' templates.

``Door.ask`` is the only way a command leaves this door. The desk answers on its own thread; the answer is
passed to the loop, so no request ever blocks another. ``Door.hall`` is the immutable hall as it stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import anyio
import jinja2
import uuid6
from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath

from queue_server.auth import Auth
from queue_server.cases import Ratings
from queue_server.config import Settings
from queue_server.desk import Asked, Desk
from queue_server.domain.answers import Answer, RefusedAnswer
from queue_server.domain.messages import CallNext, Command
from queue_server.domain.state import Hall
from queue_server.fleet import Fleet
from queue_server.forecast.foretold import PLAIN, Foretold
from queue_server.http import words
from queue_server.http.help_book import HelpBook
from queue_server.http.live import Hub
from queue_server.http.voice import Voice
from queue_server.http.why import Why, WhyBook, recorded
from queue_server.inquiries import Inquiries
from queue_server.limits import Limits
from queue_server.orders import Commander, TechnicianCodes
from queue_server.people.vault import Vault
from queue_server.plans import Plans
from queue_server.rollouts.beside import Beside
from queue_server.sheets.advisor import Advisor
from queue_server.store.errors import StoreDown
from queue_server.store.reports import Reports
from queue_server.texter import Texter
from queue_server.wire.sentences import sentence

HERE = Path(__file__).parent
ANSWER_WITHIN_S = 15.0


class Busy(HTTPException):
    """The desk did not answer in time; the same command id may safely be sent again."""

    status_code = 503


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as a page shows it: the stable code and one sentence in both languages."""

    code: str
    zh: str
    en: str


def refusal(answer: RefusedAnswer) -> Refusal:
    return said(answer.code, answer.facts)


def said(code: str, facts: dict[str, str | int] | None = None) -> Refusal:
    zh, en = sentence(code, facts or {})
    return Refusal(code, zh, en)


def _templates() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["words"] = words
    return env


@dataclass
class Door:
    """Shared by all routes of one server; made by ``app.build``."""

    desk: Desk
    vault: Vault
    auth: Auth
    fleet: Fleet
    plans: Plans
    settings: Settings
    clock: Callable[[], datetime]
    reports: Reports
    foretold: Foretold = PLAIN
    advisor: Advisor | None = None
    rollouts: Beside | None = None
    inquiries: Inquiries | None = None
    texter: Texter | None = None
    commander: Commander | None = None
    """Gives orders to terminals; None: this server gives none."""
    codes: TechnicianCodes | None = None
    ratings: Ratings | None = None
    refresh_sheets: Callable[[str], None] = lambda _hall: None
    """Ask for a hall's booking sheets to be made anew."""
    hub: Hub = field(default_factory=Hub)
    limits: Limits = field(default_factory=Limits)
    whys: WhyBook = field(default_factory=WhyBook)
    helps: HelpBook = field(default_factory=HelpBook)
    voice: Voice = field(default_factory=Voice)
    templates: jinja2.Environment = field(default_factory=_templates)

    def hall(self, hall_id: str) -> Hall:
        """The hall as it stands. Raises NotFoundException for a hall that is not configured here."""
        if hall_id not in self.plans.halls:
            raise NotFoundException("unknown hall")
        return self.desk.hall(hall_id)

    async def why(self, hall_id: str, ticket_id: str) -> Why | None:
        """Why the ticket was called: as announced, or as the log has it where that was before this server's start."""
        known = self.whys.of(hall_id, ticket_id)
        if known is not None:
            return known
        try:
            found = await anyio.to_thread.run_sync(recorded, self.reports, hall_id, ticket_id)
        except StoreDown:
            return None  # the console works on; the sentence comes with a later view
        return None if found is None else self.whys.fill(hall_id, ticket_id, found)

    def stamp(self) -> str:
        """The server's time, as pages set their clocks by it."""
        return self.clock().isoformat(timespec="milliseconds")

    def local(self, hall_id: str, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.plans.halls[hall_id].tz))

    def hhmm(self, hall_id: str, at: datetime) -> str:
        """Wall-clock time in the hall."""
        return f"{self.local(hall_id, at):%H:%M}"

    async def advised(self, hall_id: str, command: Command) -> Command:
        """A call-next with what a look ahead advises, if the server makes any and it is back in time."""
        if self.rollouts is None or not isinstance(command, CallNext):
            return command
        advice = await anyio.to_thread.run_sync(self.rollouts.advice, self.hall(hall_id), command.counter, self.clock())
        return replace(command, advice=advice)

    async def ask(self, hall_id: str, command: Command) -> Answer:
        """The hall's answer to ``command``, after it is durable. Raises Busy after 15 s."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Answer] = loop.create_future()

        def tell(answer: Answer) -> None:
            if not told.done():
                told.set_result(answer)

        def answered(answer: Answer, _repeated: bool) -> None:  # noqa: FBT001  (the desk's signature)
            loop.call_soon_threadsafe(tell, answer)

        self.desk.submit(Asked(hall_id, command, answered, lambda: None))
        try:
            return await asyncio.wait_for(told, ANSWER_WITHIN_S)
        except TimeoutError:
            raise Busy("the hall did not answer in time") from None

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response[str]:
        """One rendered page. Pages of people and queues are never kept by a browser or proxy."""
        return Response(
            self.render(template, **context),
            status_code=status,
            media_type="text/html; charset=utf-8",
            headers={"cache-control": "no-store"},
        )

    def render(self, template: str, **context: Any) -> str:
        return self.templates.get_template(template).render(door=self, **context)


TheDoor: TypeAlias = NamedDependency[Door]
"""How a route asks for the door."""
Part: TypeAlias = FromPath[str]
"""A part of a route's path."""


def new_id() -> str:
    """A command id made by the server for a wish that came without one (RFC 9562, UUIDv7)."""
    return str(uuid6.uuid7())
