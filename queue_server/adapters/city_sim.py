"""A city platform to play with: the other end of the wire, written from ``docs/city-platform.md`` alone.

It keeps wishes open until a result comes, and can be told to misbehave: to lose the next results it was sent (as
a broken line would), to fail, to answer rubbish. ``python -m queue_server.adapters.city_sim --port 8095`` runs it;
``POST /sim/wishes`` makes a wish, ``POST /sim/faults`` switches, ``GET /sim`` shows everything.
"""

from __future__ import annotations

import argparse
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "city-sim"  # noqa: S105  (a simulator's, not a secret)


class CitySim:
    """The platform's state, behind one lock. ``faults``: lose-results, fail, rubbish: how often each still happens."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.wishes: dict[str, dict[str, Any]] = {}
        """Open wishes by action and ref, oldest first."""
        self.results: list[dict[str, Any]] = []
        self.slots: dict[str, list[dict[str, Any]]] = {}
        self.states: dict[str, dict[str, str]] = {}
        self.faults: dict[str, int] = {}
        self.lock = threading.Lock()

    def wish(self, **fields: Any) -> None:
        """A citizen of the city wants something."""
        with self.lock:
            self.wishes[f"{fields.get('action', 'book')}/{fields['ref']}"] = fields

    def has(self, fault: str) -> bool:
        with self.lock:
            left = self.faults.get(fault, 0)
            self.faults[fault] = max(0, left - 1)
            return left > 0

    def take(self, results: list[dict[str, Any]]) -> None:
        with self.lock:
            for result in results:
                self.wishes.pop(f"{result['action']}/{result['ref']}", None)
                self.results.append(result)

    def shown(self) -> dict[str, Any]:
        with self.lock:
            return {
                "wishes": list(self.wishes.values()),
                "results": list(self.results),
                "halls": sorted(self.slots),
                "states": dict(self.states),
                "faults": dict(self.faults),
            }


def serve(sim: CitySim, port: int = 0) -> ThreadingHTTPServer:
    """A server on 127.0.0.1, listening; run its ``serve_forever``."""
    handler = type("Handler", (_Handler,), {"sim": sim})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


class _Handler(BaseHTTPRequestHandler):
    sim: CitySim

    def do_GET(self) -> None:
        if self.path == "/sim":
            self._send(200, self.sim.shown())
        elif self.path == "/api/wishes" and self._allowed():
            with self.sim.lock:
                wishes = list(self.sim.wishes.values())[:200]
            self._send(200, {"wishes": wishes})

    def do_POST(self) -> None:
        body = self._body()
        if self.path == "/sim/wishes":
            self.sim.wish(**body)
            self._send(200, {})
        elif self.path == "/sim/faults":
            with self.sim.lock:
                self.sim.faults.update(body)
            self._send(200, {})
        elif self.path == "/api/results" and self._allowed():
            if self.sim.has("lose-results"):
                self.close_connection = True  # the line breaks before anything is noted
                return
            self.sim.take(body["results"])
            self._send(200, {})

    def do_PUT(self) -> None:
        body = self._body()
        found = re.fullmatch(r"/api/halls/([A-Za-z0-9_-]+)/(slots|states)", self.path)
        if not self._allowed():
            return
        if found is None:
            self._send(404, {})
            return
        hall, what = found.groups()
        with self.sim.lock:
            if what == "slots":
                self.sim.slots[hall] = body["days"]
            else:
                self.sim.states[hall] = body["states"]
        self._send(200, {})

    def _allowed(self) -> bool:
        if self.headers.get("authorization") != f"Bearer {self.sim.token}":
            self._send(401, {})
            return False
        if self.sim.has("fail"):
            self._send(503, {})
            return False
        if self.sim.has("rubbish"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>maintenance</html>")
            return False
        return True

    def _body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))) or b"{}")

    def _send(self, status: int, body: Any) -> None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Say nothing: a wish may carry a person's box."""


def main() -> int:
    parser = argparse.ArgumentParser(description="a simulated city booking platform")
    parser.add_argument("--port", type=int, default=8095)
    parser.add_argument("--token", default=TOKEN)
    chosen = parser.parse_args()
    with serve(CitySim(chosen.token), chosen.port) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
