"""The load: many kiosks on many halls in one process of its own, closed loop or open loop.

Closed loop: so many requests are always under way; a reply sends the next. Open loop: requests go out at
their own random moments (Poisson, fixed seed) whatever the server does, and a latency counts from the moment
the request *should* have gone, so that a stalled server cannot hide its stall (coordinated omission).
The same kiosks ask the echo responder and the queue server: only the filter on the other end differs.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from queue_server import mqtt_packets as packets
from queue_server.wire import messages as wire
from queue_server.wire import topics

GRACE_S = 20.0
"""How long after the last request an answer is waited for."""
TICK_S = 0.0005


@dataclass(frozen=True, slots=True)
class Terminal:
    """One kiosk: its hall, its name and password on the broker."""

    hall: str
    device: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Load:
    """What one run asks. ``rate`` None: closed loop with ``window`` requests under way in all."""

    host: str
    port: int
    terminals: tuple[Terminal, ...]
    matter: str
    seconds: float
    rate: float | None = None
    window: int = 400
    warm_up_s: float = 1.0
    seed: int = 1


@dataclass(slots=True)
class Outcome:
    """What came of a run. ``acknowledged``: request id -> (hall, ticket id, number); latencies in ms, after warm-up.

    ``per_second`` counts replies between the end of the warm-up and the last request.
    """

    acknowledged: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    unanswered: int = 0
    repeated: int = 0
    per_second: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    late_ms: float = 0.0
    """p99 of how late the generator itself was: beyond a few ms it is the bottleneck and the run is void."""


class _Seen(msgspec.Struct):
    kind: str
    id: str
    number: str = ""
    ticket: str = ""
    code: str = ""


_seen = msgspec.json.Decoder(_Seen)
_ZERO = time.time_ns() - time.perf_counter_ns()
_TOKEN = "bench" + "0" * 17  # 22 signs, one for all: the bench's tickets carry nothing to protect


class RequestIds:
    """UUIDv7 without asking the system each time: milliseconds, then 74 bits that begin at random and count."""

    def __init__(self, seed: int) -> None:
        self._count = random.Random(f"{seed}-{time.time_ns()}").getrandbits(60)

    def __call__(self) -> str:
        self._count = (self._count + 1) & ((1 << 62) - 1)
        count = self._count
        head = f"{(time.perf_counter_ns() + _ZERO) // 1_000_000:012x}"
        tail = f"{count:016x}"
        return f"{head[:8]}-{head[8:]}-7000-8{tail[1:4]}-{tail[4:]}"


class Kiosk(asyncio.Protocol):
    """One terminal's connection. ``on_reply`` gets each payload that comes down."""

    def __init__(self, load: Load, terminal: Terminal, run: _Run) -> None:
        self._load, self._terminal, self._run = load, terminal, run
        self._inward = packets.Inward()
        self._topic = packets.text(topics.request(terminal.hall, terminal.device))
        self._mid = 0
        self._out: list[bytes] = []
        self._writing = False
        self.hall = terminal.hall
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (a TCP connection's)
        self.transport = transport
        device = self._terminal.device
        transport.write(packets.connect(f"bench-{device}", device, self._terminal.password))

    def data_received(self, data: bytes) -> None:
        for kind, flags, body in self._inward.feed(data):
            if kind == packets.PUBLISH:
                _, mid, payload = packets.published(flags, body)
                if mid:
                    self.write(packets.puback(mid))
                self._run.replied(self, payload)
            elif kind == packets.CONNACK:
                if body[1]:
                    self.ready.set_exception(ConnectionRefusedError(f"the broker says {body[1]}"))
                    return
                self.write(packets.subscribe(1, topics.response(self._terminal.hall, self._terminal.device)))
            elif kind == packets.SUBACK:
                self.ready.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionResetError("the broker closed the connection"))

    def ask(self, payload: bytes) -> None:
        self._mid = self._mid % 65_535 + 1
        self.write(packets.publish(self._topic, self._mid, payload))

    def write(self, data: bytes) -> None:
        """Collected until the loop's next turn: a burst is one system call."""
        self._out.append(data)
        if not self._writing:
            self._writing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._writing = False
        if self.transport is not None and not self.lost:
            self.transport.write(b"".join(self._out))
        self._out.clear()


class _Run:
    """One run under way."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.outcome = Outcome()
        self.kiosks: list[Kiosk] = []
        self._ids = RequestIds(load.seed)
        self._waiting: dict[str, tuple[float, Kiosk]] = {}
        self._asking = True
        self._drained = asyncio.Event()
        self._measure_from = 0.0
        self._measure_to = 0.0
        self._replies = 0
        self._late: list[float] = []
        self._matters = [load.matter]

    async def go(self) -> Outcome:
        load = self.load
        loop = asyncio.get_running_loop()
        for terminal in load.terminals:
            _, kiosk = await loop.create_connection(partial(Kiosk, load, terminal, self), load.host, load.port)
            await kiosk.ready
            self.kiosks.append(kiosk)
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        self._measure_from = start + load.warm_up_s
        self._measure_to = self._measure_from + load.seconds
        await (self._closed() if load.rate is None else self._open(start, load.rate))
        self._asking = False
        if self._waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), GRACE_S)
        gc.enable()
        for kiosk in self.kiosks:
            if kiosk.transport is not None:
                kiosk.transport.write(packets.DISCONNECT)
                kiosk.transport.close()
        outcome = self.outcome
        outcome.unanswered = len(self._waiting)
        outcome.per_second = self._replies / load.seconds
        outcome.late_ms = percentile(self._late, 99)
        return outcome

    async def _closed(self) -> None:
        each = max(1, self.load.window // len(self.kiosks))
        for kiosk in self.kiosks:
            for _ in range(each):
                self._ask(kiosk, time.perf_counter())
        await asyncio.sleep(self._measure_to - time.perf_counter())

    async def _open(self, start: float, rate: float) -> None:
        chance = random.Random(self.load.seed)
        due = deque[float]()
        at = start
        while at < self._measure_to:
            at += chance.expovariate(rate)
            due.append(at)
        turn = 0
        while due:
            now = time.perf_counter()
            while due and due[0] <= now:
                meant = due.popleft()
                self._late.append((now - meant) * 1000)
                self._ask(self.kiosks[turn % len(self.kiosks)], meant)
                turn += 1
            if due:
                await asyncio.sleep(max(0.0, min(TICK_S, due[0] - time.perf_counter())))

    def _ask(self, kiosk: Kiosk, meant: float) -> None:
        request_id = self._ids()
        request = wire.TakeTicket(id=request_id, matters=self._matters, token=_TOKEN)
        self._waiting[request_id] = (meant, kiosk)
        self.outcome.asked += 1
        kiosk.ask(msgspec.json.encode(request))

    def replied(self, kiosk: Kiosk, payload: bytes) -> None:
        now = time.perf_counter()
        seen = _seen.decode(payload)
        found = self._waiting.pop(seen.id, None)
        if found is None:
            self.outcome.repeated += 1
            return
        if seen.kind == "refused":
            self.outcome.refused[seen.code] = self.outcome.refused.get(seen.code, 0) + 1
        else:
            self.outcome.acknowledged[seen.id] = (kiosk.hall, seen.ticket, seen.number)
        meant = found[0]
        if self._measure_from <= now < self._measure_to:
            self._replies += 1
        if self._measure_from <= meant < self._measure_to:
            self.outcome.latencies_ms.append((now - meant) * 1000)
        if not self._asking:
            if not self._waiting:
                self._drained.set()
        elif self.load.rate is None:
            self._ask(kiosk, now)


def percentile(values: Sequence[float], share: float) -> float:
    """The ``share``-th percentile, by nearest rank; 0 of nothing."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(len(values) * share / 100) - 1)]


def run(load: Load) -> Outcome:
    """Run ``load`` in this process. Raises OSError when the broker cannot be reached."""
    return asyncio.run(_Run(load).go())
