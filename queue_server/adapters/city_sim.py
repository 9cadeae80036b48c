"""A city platform to play with: the other end of the wire, written from ``docs/city-platform.md`` alone.

It keeps wishes open until a result comes, and can be told to misbehave: to lose the next results it was sent (as
a broken line would), to fail, to answer rubbish. ``python -m queue_server.adapters.city_sim --port 8095`` runs it;
``POST /sim/wishes`` makes a wish, ``POST /sim/faults`` switches, ``GET /sim`` shows everything.
"""

from __future__ import annotations

import argparse
import re
from http.server import ThreadingHTTPServer
from typing import Any

from queue_server.adapters.sim_http import JsonHandler, Simulated, listening

TOKEN = "city-sim"  # noqa: S105  (a simulator's, not a secret)


class CitySim(Simulated):
    """The platform's state, behind one lock. ``faults``: lose-results, fail, rubbish: how often each still happens."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self.wishes: dict[str, dict[str, Any]] = {}
        """Open wishes by action and ref, oldest first."""
        self.results: list[dict[str, Any]] = []
        self.slots: dict[str, list[dict[str, Any]]] = {}
        self.states: dict[str, dict[str, str]] = {}

    def wish(self, **fields: Any) -> None:
        """A citizen of the city wants something."""
        with self.lock:
            self.wishes[f"{fields.get('action', 'book')}/{fields['ref']}"] = fields

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
    return listening(_Handler, sim, port)


class _Handler(JsonHandler):
    sim: CitySim

    def do_GET(self) -> None:  # noqa: N802  (http.server's name)
        if self.path == "/sim":
            self.send(200, self.sim.shown())
        elif self.path == "/api/wishes" and self._allowed():
            with self.sim.lock:
                wishes = list(self.sim.wishes.values())[:200]
            self.send(200, {"wishes": wishes})

    def do_POST(self) -> None:  # noqa: N802  (http.server's name)
        body = self.body()
        if self.path == "/sim/wishes":
            self.sim.wish(**body)
            self.send(200, {})
        elif self.path == "/sim/faults":
            self.sim.switch(body)
            self.send(200, {})
        elif self.path == "/api/results" and self._allowed():
            if self.sim.has("lose-results"):
                self.close_connection = True  # the line breaks before anything is noted
                return
            self.sim.take(body["results"])
            self.send(200, {})

    def do_PUT(self) -> None:  # noqa: N802  (http.server's name)
        body = self.body()
        found = re.fullmatch(r"/api/halls/([A-Za-z0-9_-]+)/(slots|states)", self.path)
        if not self._allowed():
            return
        if found is None:
            self.send(404, {})
            return
        hall, what = found.groups()
        with self.sim.lock:
            if what == "slots":
                self.sim.slots[hall] = body["days"]
            else:
                self.sim.states[hall] = body["states"]
        self.send(200, {})

    def _allowed(self) -> bool:
        if not self.bearer():
            return False
        if self.sim.has("fail"):
            self.send(503, {})
            return False
        return not self.rubbish()


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
