"""Server-sent events: what changed in a hall reaches every open page within a second, and costs little.

The desk's thread only rings a bell (``Hub.hall_moved``): it marks the hall dirty and wakes the loop once,
however many tickets a batch held. Each open page has one ``LiveStream``; when its bell rings, it renders its
small view anew from the immutable hall and sends it only if it differs from the last one sent. Between
changes a ``beat`` with the server's time tells the page that the line stands. A page that went away is
dropped at once: the bell is taken down in a ``finally`` of the response itself, not of a generator, which
the framework would leave hanging (litestar issue 3772).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

from queue_server.desk import HallElsewhere

_EPOCH = datetime.fromtimestamp(0, UTC)
FLEET = "\0fleet"
"""The topic under which the list of terminals is announced; no hall can be called so."""


class Shown(NamedTuple):
    """An event to send. ``key`` is what makes it different from the last one: the data without its time stamp."""

    event: str
    data: str
    key: bytes | str
    last: bool = False
    """Nothing comes after it: the stream ends."""


MOVED = Shown("over", "", "over", last=True)
"""The page is to load anew: its ticket's day has ended, or another server has the hall and it is sent there."""

Render = Callable[[], Awaitable[Shown]]
"""What the page should show now."""


class Hub:
    """Bells of open pages by topic (a hall's id, or FLEET). Thread-safe only in ``ring``."""

    def __init__(self) -> None:
        self._bells: dict[str, set[asyncio.Event]] = {}
        self._dirty: set[str] = set()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closing = False

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """The server's loop runs: from now on rings are passed to it."""
        self._loop = loop
        self.closing = False

    def close(self) -> None:
        """End every stream, so that the server can stop without waiting for browsers."""
        self.closing = True
        for bells in self._bells.values():
            for bell in bells:
                bell.set()
        self._loop = None

    def ring(self, topic: str) -> None:
        """Something moved. Any thread; never blocks, never raises."""
        loop = self._loop
        if loop is None or topic not in self._bells:
            return  # nobody looks: who begins to look hangs up a bell first and reads the hall after that
        with self._lock:
            first = not self._dirty
            self._dirty.add(topic)
        if first:
            with contextlib.suppress(RuntimeError):  # the loop has just ended: nobody is looking
                loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        with self._lock:
            dirty, self._dirty = self._dirty, set()
        for topic in dirty:
            for bell in self._bells.get(topic, ()):
                bell.set()

    @contextlib.contextmanager
    def listening(self, topic: str) -> Iterator[asyncio.Event]:
        """A bell for ``topic``, taken down whatever happens."""
        bell = asyncio.Event()
        self._bells.setdefault(topic, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[topic]
            bells.discard(bell)
            if not bells:
                del self._bells[topic]

    def open_streams(self) -> int:
        return sum(len(bells) for bells in self._bells.values())


def shown(view: msgspec.Struct, event: str = "view") -> Shown:
    """A view with a field ``now`` as an event that counts as new only if anything else in it changed."""
    still = msgspec.json.encode(msgspec.structs.replace(view, now=_EPOCH))
    return Shown(event, msgspec.json.encode(view).decode(), still)


def frame(event: str, data: str) -> bytes:
    """One server-sent event (WHATWG HTML §9.2.6); line breaks in ``data`` become several data lines."""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {event}\n{lines}\n".encode()


class LiveStream(ASGIResponse):
    """An endless response: ``render`` at once, at every ring, and at least every ``beat_s``.

    ``gap_s`` is the shortest time between two renderings of one page: it bounds the work under load and
    stays well under the promised second.
    """

    def __init__(
        self, hub: Hub, topic: str, render: Render, now: Callable[[], str], *, beat_s: float = 4.0, gap_s: float = 0.25
    ) -> None:
        super().__init__(
            media_type="text/event-stream; charset=utf-8",
            headers={"cache-control": "no-store", "x-accel-buffering": "no", "connection": "keep-alive"},
            status_code=200,
        )
        self._hub, self._topic, self._render, self._now = hub, topic, render, now
        self._beat_s, self._gap_s = beat_s, gap_s

    _should_set_content_length = False

    async def send_body(self, send: Send, receive: Receive) -> None:
        gone = asyncio.ensure_future(self._gone(receive))
        try:
            with self._hub.listening(self._topic) as bell:
                await self._run(send, bell, gone)
        finally:
            gone.cancel()

    async def _run(self, send: Send, bell: asyncio.Event, gone: asyncio.Future[None]) -> None:
        async def push(chunk: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

        await push(b"retry: 1500\n\n")
        last: bytes | str | None = None
        while not gone.done() and not self._hub.closing:
            bell.clear()
            try:
                shown = await self._render()
            except HallElsewhere:
                shown = MOVED
            await push(frame("beat", self._now()) if shown.key == last else frame(shown.event, shown.data))
            last = shown.key
            if shown.last:
                break
            ringing = asyncio.ensure_future(bell.wait())
            try:
                either: set[asyncio.Future[Any]] = {ringing, gone}
                await asyncio.wait(either, timeout=self._beat_s, return_when=asyncio.FIRST_COMPLETED)
                if ringing.done() and not gone.done():
                    await asyncio.wait({gone}, timeout=self._gap_s)
            finally:
                ringing.cancel()
        if not gone.done():
            await push(b"", more=False)

    @staticmethod
    async def _gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
