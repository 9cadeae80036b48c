"""Clerks at the windows: each presses call-next, identity check, finish, and again, over the shipped HTTP API.

Signed in as a person would be: with the one-time secret of the first start, a session cookie and the session's
token. Eight connections at once; each goes round its own windows.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

from queue_server.bench.load import RequestIds

# of a server that lives for one benchmark
ACCOUNT, PASSWORD = "bench", "bench-at-the-window-1"
AT_ONCE = 8


class ClerkError(RuntimeError):
    """The console did not let us work; the text says what it answered."""


@dataclass(slots=True)
class Calls:
    """What came of it. ``called``: (hall, number) of each call-next, in no order."""

    called: list[tuple[str, str]] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    per_second: float = 0.0
    presses_per_second: float = 0.0


class Console:
    """One connection of a signed-in clerk."""

    def __init__(self, host: str, port: int) -> None:
        self._line = http.client.HTTPConnection(host, port, timeout=30)
        self._cookie = ""
        self._csrf = ""

    def _send(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        headers = {"Cookie": self._cookie, "X-CSRF": self._csrf}
        if kind:
            headers["Content-Type"] = kind
        self._line.request(method, path, body, headers)
        response = self._line.getresponse()
        data = response.read()
        for value in response.headers.get_all("Set-Cookie") or []:
            self._cookie = value.partition(";")[0]
        return response.status, data

    def sign_in(self, path: str, **form: str) -> None:
        """POST ``/staff/setup`` (first) or ``/staff/sign-in``. Raises ClerkError."""
        status, data = self._send(
            "POST", path, urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        if status != http.HTTPStatus.SEE_OTHER:
            raise ClerkError(f"{path}: {status}: {data[:200]!r}")
        _, page = self._send("GET", "/staff")
        found = re.search(rb'name="csrf"\s+(?:content|value)="([^"]+)"', page)
        if found is None:
            raise ClerkError("the staff page has no token")
        self._csrf = found[1].decode()

    def here(self) -> None:
        """Somebody touches the console, so that it does not lock itself. Raises ClerkError."""
        status, data = self._send("POST", "/staff/here")
        if status != http.HTTPStatus.NO_CONTENT:
            raise ClerkError(f"/staff/here: {status}: {data[:200]!r}")

    def close(self) -> None:
        self._line.close()

    def press(self, hall: str, counter: str, action: str, press_id: str, **more: str) -> tuple[str, str]:
        """``(number, refusal code)`` of one key."""
        path = f"/api/staff/halls/{hall}/counters/{counter}/{action}"
        body = json.dumps({"id": press_id, **more}).encode()
        status, data = self._send("POST", path, body, "application/json")
        if status not in (http.HTTPStatus.OK, http.HTTPStatus.CONFLICT):
            raise ClerkError(f"{action}: {status}: {data[:200]!r}")
        answer = json.loads(data)
        return answer.get("number") or "", (answer.get("refused") or {}).get("code", "")


def work(host: str, port: int, secret: str, windows: list[tuple[str, str]], seconds: float) -> Calls:
    """Open the windows and call for ``seconds``. Raises ClerkError, OSError."""
    Console(host, port).sign_in("/staff/setup", secret=secret, name=ACCOUNT, display="Bench", password=PASSWORD)
    calls = Calls()
    lock = threading.Lock()
    troubles: list[Exception] = []
    presses = 0
    start = threading.Barrier(AT_ONCE + 1)

    def clerk(n: int) -> None:
        nonlocal presses
        ids = RequestIds(n)
        mine = windows[n::AT_ONCE]
        try:
            console = Console(host, port)
            console.sign_in("/staff/sign-in", name=ACCOUNT, password=PASSWORD)
            for hall, counter in mine:
                console.press(hall, counter, "open", ids())
        except Exception as error:  # noqa: BLE001  (told to the caller below)
            troubles.append(error)
            start.abort()
            return
        start.wait()
        deadline = time.perf_counter() + seconds
        turn = 0
        try:
            while time.perf_counter() < deadline:
                hall, counter = mine[turn % len(mine)]
                turn += 1
                began = time.perf_counter()
                number, refusal = console.press(hall, counter, "call-next", ids())
                took_ms = (time.perf_counter() - began) * 1000
                with lock:
                    calls.latencies_ms.append(took_ms)
                    if refusal:
                        calls.refused[refusal] = calls.refused.get(refusal, 0) + 1
                    else:
                        calls.called.append((hall, number))
                console.press(hall, counter, "identity", ids())
                console.press(hall, counter, "finish", ids(), outcome="consulted")
                with lock:
                    presses += 3
        except Exception as error:  # noqa: BLE001  (told to the caller below)
            troubles.append(error)

    threads = [threading.Thread(target=clerk, args=(n,)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    try:
        start.wait(60)
        began = time.perf_counter()
    except threading.BrokenBarrierError:
        pass
    for thread in threads:
        thread.join()
    if troubles:
        raise ClerkError(str(troubles[0])) from troubles[0]
    took = time.perf_counter() - began
    calls.per_second = len(calls.called) / took
    calls.presses_per_second = presses / took
    return calls
