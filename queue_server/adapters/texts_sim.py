"""A message gateway to play with: the other end of the wire, written from ``docs/text-messages.md`` alone.

It sends nothing and keeps what it was given, for ``GET /`` (a page) and ``GET /api/messages``. A number ending in 0000
is none that it delivers to, one ending in 9999 makes it stumble each time. ``POST /sim/faults`` switches ``away`` and
``rubbish``, and ``deaf``: it takes the message and its answer is lost. Run by
``python -m queue_server.adapters.texts_sim --port 8097``.
"""

from __future__ import annotations

import argparse
import html
import os
from http.server import ThreadingHTTPServer
from typing import Any

from queue_server.adapters.sim_http import JsonHandler, Simulated, listening

TOKEN = "texts-sim"  # noqa: S105  (a simulator's, not a secret)
NOBODY, STUMBLES = "0000", "9999"


class TextsSim(Simulated):
    """``sent``: every message once, in order; ``tries``: how often each id was put to it."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__(token)
        self.sent: list[dict[str, str]] = []
        self.tries: dict[str, int] = {}

    def take(self, message: dict[str, str]) -> None:
        with self.lock:
            self.tries[message["id"]] = self.tries.get(message["id"], 0) + 1
            if self.tries[message["id"]] == 1:
                self.sent.append(message)


def serve(sim: TextsSim, port: int = 0) -> ThreadingHTTPServer:
    return listening(_Handler, sim, port)


class _Handler(JsonHandler):
    sim: TextsSim

    def do_GET(self) -> None:  # noqa: N802  (http.server's name)
        if self.path == "/api/messages":
            self.send(200, {"sent": self.sim.sent})
        elif self.path == "/":
            self._page()
        else:
            self.send(404, {})

    def do_POST(self) -> None:  # noqa: N802  (http.server's name)
        body = self.body()
        if self.path == "/sim/faults":
            self.sim.switch(body)
            self.send(200, {})
        elif self.path != "/api/messages":
            self.send(404, {})
        elif not self.bearer() or self.rubbish():
            return
        elif self.sim.has("away") or str(body["to"]).endswith(STUMBLES):
            self.send(503, {})
        elif str(body["to"]).endswith(NOBODY):
            self.send(422, {})
        else:
            self.sim.take({name: str(body[name]) for name in ("id", "to", "text")})
            self.send(503 if self.sim.has("deaf") else 200, {})

    def _page(self) -> None:
        """What a phone would have shown, the latest first."""
        lines = "".join(f"<li><b>{html.escape(m['to'])}</b> {html.escape(m['text'])}" for m in reversed(self.sim.sent))
        page = (
            f"<!doctype html><meta charset=utf-8><title>短信模拟 messages</title><h1>短信 Messages</h1><ol>{lines}</ol>"
        )
        raw = page.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def main() -> int:
    parser = argparse.ArgumentParser(description="a simulated gateway for text messages")
    parser.add_argument("--port", type=int, default=8097)
    parser.add_argument("--token", default=os.environ.get("JIAOHAO_TEXTS_TOKEN", TOKEN))
    chosen: Any = parser.parse_args()
    with serve(TextsSim(chosen.token), chosen.port) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
