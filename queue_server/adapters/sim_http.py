"""What the simulated systems of the city share: JSON over HTTP on 127.0.0.1, a bearer's token, faults that wear off."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Simulated:
    """``faults``: how often each still happens. ``lock`` guards them, and what the system itself keeps."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.faults: dict[str, int] = {}
        self.lock = threading.Lock()

    def has(self, fault: str) -> bool:
        """Whether ``fault`` happens now; then it happens once less."""
        with self.lock:
            left = self.faults.get(fault, 0)
            self.faults[fault] = max(0, left - 1)
            return left > 0

    def switch(self, faults: dict[str, int]) -> None:
        with self.lock:
            self.faults.update(faults)


class JsonHandler(BaseHTTPRequestHandler):
    """Reads and sends JSON; ``bearer`` and ``rubbish`` answer by themselves where they say so."""

    sim: Any

    def bearer(self) -> bool:
        """Whether the caller has the token; who has not is answered 401."""
        known = self.headers.get("authorization") == f"Bearer {self.sim.token}"
        if not known:
            self.send(401, {})
        return known

    def rubbish(self) -> bool:
        """The fault of that name: a page that is no JSON has been answered."""
        if not self.sim.has("rubbish"):
            return False
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>maintenance</html>")
        return True

    def body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))) or b"{}")

    def send(self, status: int, body: Any) -> None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Say nothing: a body may hold a person."""


def listening(handler: type[JsonHandler], sim: Simulated, port: int) -> ThreadingHTTPServer:
    """A server on 127.0.0.1, listening; run its ``serve_forever``."""
    return ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (handler,), {"sim": sim}))
