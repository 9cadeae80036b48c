"""A server process for the tests: a real desk and timekeeper; commands come in by lines, answers go out by lines.

    desk_child.py URL SERVER_ID TTL_S BEAT_S HALL...

In: ``{"hall", "id", "do": "take" | "sit" | "call" | "serve", "counter"}``. Out: first ``{"ready": [halls]}``,
then per command ``{"id", "kind", "repeated", ...}``, and ``{"hall", "owned"}`` as halls come and go.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from functools import partial
from typing import Any

import demo_hall as demo

from queue_server.clock import SystemClock
from queue_server.desk import Asked, Desk
from queue_server.domain.answers import Answer
from queue_server.domain.messages import Command
from queue_server.store.database import open_engine
from queue_server.store.log import EventLog
from queue_server.timekeeper import Timekeeper

_lock = threading.Lock()


def say(**words: Any) -> None:
    with _lock:
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()


def command_of(asked: dict[str, str]) -> Command:
    made: Command
    match asked["do"]:
        case "take":
            made = demo.take()
        case "sit":
            made = demo.sit(asked["counter"])
        case "call":
            made = demo.call(asked["counter"])
        case "identity":
            made = demo.check_identity(asked["counter"])
        case "accept":
            made = demo.accept(asked["counter"])
        case "finish":
            made = demo.finish(asked["counter"])
        case other:
            raise ValueError(other)
    return replace(made, id=asked["id"])


def answered(request: str, answer: Answer, repeated: bool) -> None:  # noqa: FBT001  (the desk calls it so)
    facts = {name: getattr(answer, name, None) for name in ("ticket_id", "number", "code")}
    say(id=request, kind=type(answer).__name__, repeated=repeated, **facts)


def main() -> None:
    url, server, ttl_s, beat_s, *halls = sys.argv[1:]
    plans = {name: demo.plan(name) for name in halls}
    clock = SystemClock()
    desk = Desk(
        EventLog(open_engine(url)),
        plans,
        clock,
        server_id=server,
        server_url=f"http://{server}",
        lease_ttl_s=float(ttl_s),
        beat_s=float(beat_s),
        snapshot_every=200,
    )
    timekeeper = Timekeeper(desk, clock)
    desk.on_ownership(lambda hall, owned: say(hall=hall, owned=owned))
    desk.start()
    timekeeper.start()
    say(ready=list(desk.halls()))
    for line in sys.stdin:
        asked = json.loads(line)

        desk.submit(Asked(asked["hall"], command_of(asked), partial(answered, asked["id"])))
    timekeeper.stop()
    desk.stop()


if __name__ == "__main__":
    main()
