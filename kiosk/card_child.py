"""The reading process: the only one in which a card or a typed number exists, for one citizen.

``python -m kiosk.card_child --port P --baud auto --server-key HEX|FILE`` waits, everything imported, until it is
told to ``start``; then it opens the reader. What it says on standard output is masked text and a box that only
the server opens; the screen's process never holds more. It is killed when the citizen's session ends, and its
memory goes with it: no core dump, no debugger, and it dies with its parent.

One JSON object a line, both ways::

    in    {"do": "start", "card_lies": false, "rate": null, "power": false, "cycled_s": null}
                                                              open the reader; as the last process left it
          {"do": "key", "key": "7"}                           0-9 or X, of the number pad
          {"do": "erase"}  {"do": "clear"}  {"do": "enter"}  {"do": "end"}
          {"do": "phone"}                                     from now on a telephone number is typed, until "clear"
          {"do": "record", "box"}  {"do": "record-whole"}     what an office knows, in a box for this process
          {"do": "record-slip", "job", "lang", "title_zh", "title_en", "place", "at"}
    out   {"say": "ready"}
          {"say": "health", "condition", "since", "reason", "model", "rate"}
          {"say": "hangs"}                                    its power should be cycled now
          {"say": "card", "masked_name", "last4", "person", "expired", "mark", "minor"}
          {"say": "card-trouble", "code"}  {"say": "card-gone"}
          {"say": "typed", "length", "shown"}  {"say": "typed-ok", "last4", "person", "mark", "minor"}
          {"say": "typed-trouble", "code"}  {"say": "phone-ok", "masked", "phone"}
          {"say": "record", "lines": [[label_zh, label_en, masked, true]]}  {"say": "record-trouble", "code"}
          {"say": "record-whole", "lines"}  {"say": "record-slip", "job", "items"}      only when asked for

``mark`` is the same for the same number and says nothing else: keyed by random bytes of this process, so that it is
worth nothing outside of one session. ``minor``: under 14 today (身份证法 and guardianship rules for proxies).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import IO, Any

from devices.events import CardGone, CardSeen, CardTrouble, Condition, DeviceEvent, Health
from devices.idcard.driver import Reader, open_reader
from devices.power import PowerPolicy
from devices.supervisor import Supervisor
from devices.transport import node_watch
from kiosk.identity import BadServerKey, mask_name, seal, server_key
from kiosk.record_box import RecordBox
from kiosk.typed import Pad, Say, mark, under_age

LIFTED_AFTER_S = 3.0
"""A card that the last process left lying and this one has not found after so long has been taken away.

(Or its module answers "no card" until it is: either way it must be laid down again.)
"""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


class CardReading:
    """The reader from ``start`` on: its driver's events become lines that may leave this process."""

    def __init__(
        self, port: str, baud: str, key: bytes, say: Say, today: Callable[[], date], reply: bytes = b""
    ) -> None:
        """``reply``: the public key of this process, to which an answer about the card's owner may be sealed."""
        self._reply = reply
        self._port = port
        self._baud = baud
        self._key = key
        self._say = say
        self._today = today
        self._reader: Reader | None = None
        self._unsure: threading.Timer | None = None
        self._lies = False
        self._lock = threading.Lock()

    def start(self, *, card_lies: bool, rate: int | None, power: bool = False, cycled_s: float | None = None) -> None:
        """Open the reader and keep it open. ``rate`` is where the last process found it.

        ``power``: somebody can cycle its power and did so last at ``cycled_s`` (monotonic); a hang is then said.
        """
        self._lies = card_lies
        if not self._port:
            return
        first = rate if self._baud == "auto" else int(self._baud)

        def opened() -> Reader:
            self._reader = open_reader(self._port, baud=first)
            return self._reader

        Supervisor(
            "idcard",
            opened,
            self._heard,
            watch=node_watch(self._port),
            power_cycle=self._hangs if power else None,
            power=PowerPolicy(last_cycle_s=cycled_s),
        ).start()

    def _hangs(self) -> bool:
        """The command is not run here: it must outlive this process, which may be killed at any moment."""
        self._say({"say": "hangs"})
        return True

    def _heard(self, event: DeviceEvent) -> None:
        match event:
            case Health():
                self._say(_health(event, self._reader.baud if self._reader else None))
                if event.condition is Condition.OK and self._lies and self._unsure is None:
                    self._unsure = threading.Timer(LIFTED_AFTER_S, self._lifted)
                    self._unsure.daemon = True
                    self._unsure.start()
            case CardSeen(card=card):
                self._found()
                name = card.name or card.english_name
                self._say({
                    "say": "card",
                    "masked_name": mask_name(name),
                    "last4": card.last4,
                    "person": seal(self._key, card.number, name, reply=self._reply),
                    "expired": card.expired(self._today()),
                    "mark": mark(card.number),
                    "minor": under_age(card.born, self._today()),
                })  # fmt: skip
            case CardTrouble(code=code):
                self._found()
                self._say({"say": "card-trouble", "code": code})
            case CardGone():
                self._found()
                self._say({"say": "card-gone"})
            case _:
                pass

    def _found(self) -> None:
        with self._lock:
            self._lies = False

    def _lifted(self) -> None:
        with self._lock:
            lies, self._lies = self._lies, False
        if lies:
            self._say({"say": "card-gone"})


def _health(event: Health, rate: int | None) -> dict[str, Any]:
    return {
        "say": "health",
        "condition": str(event.condition),
        "since": event.since.astimezone(UTC).isoformat(),
        "reason": event.reason,
        "model": event.model,
        "rate": rate,
    }


def guard(parent: int) -> None:
    """No core, no debugger, no reading of our memory by another process of this user; death with ``parent``."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_DUMPABLE, 0), (_PR_SET_PDEATHSIG, int(signal.SIGKILL))):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # it died before the line above could hear of it
        os._exit(0)


def _private_stdout() -> IO[str]:
    """Our line to the parent, out of reach of a stray print; descriptor 1 goes where it can do no harm."""
    sys.stdout.flush()
    line = os.dup(1)
    os.set_inheritable(line, False)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(line, "w", encoding="utf-8", buffering=1)


def _silent_about_values(kind: type[BaseException], _error: BaseException | None, trace: TracebackType | None) -> None:
    """A mistake of ours says its kind and place; its message might quote a card."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    sys.stderr.write(f"reading process: {kind.__name__}{place}\n")


def _thread_fell(fell: threading.ExceptHookArgs) -> None:
    _silent_about_values(fell.exc_type, fell.exc_value, fell.exc_traceback)


def converse(lines: IO[str], reading: CardReading, typed: Pad, records: RecordBox) -> None:
    """Carry out what is asked, line by line, until ``end`` or the end of input. What is not understood is passed by."""
    started = False
    for line in lines:
        try:
            asked = json.loads(line)
        except ValueError:
            continue
        match asked:
            case {"do": "start"} if not started:
                started = True
                rate, cycled_s = asked.get("rate"), asked.get("cycled_s")
                reading.start(
                    card_lies=asked.get("card_lies") is True,
                    rate=rate if isinstance(rate, int) and rate > 0 else None,
                    power=asked.get("power") is True,
                    cycled_s=float(cycled_s) if isinstance(cycled_s, int | float) else None,
                )
            case {"do": "key", "key": str(pressed)}:
                typed.take(pressed)
            case {"do": "erase"}:
                typed.erase()
            case {"do": "clear"}:
                typed.clear()
            case {"do": "enter"}:
                typed.enter()
            case {"do": "phone"}:
                typed.phone()
            case {"do": "record", "box": str(box)}:
                records.open(box)
            case {"do": "record-whole"}:
                records.whole()
            case {"do": "record-slip"}:
                records.slip(asked)
            case {"do": "end"}:
                return
            case _:
                pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 0 when told to end or when the parent goes; 2 without a usable server key."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.card_child", description=__doc__)
    parser.add_argument("--port", default="", help="the card reader; empty: none, only the number pad")
    parser.add_argument("--baud", default="auto")
    parser.add_argument("--server-key", required=True, help="64 hexadecimal digits, or a file that holds them")
    parser.add_argument("--parent", type=int, default=os.getppid(), help="the process with which this one dies")
    options = parser.parse_args(arguments)
    guard(options.parent)
    sys.excepthook = _silent_about_values
    threading.excepthook = _thread_fell
    try:
        key = server_key(options.server_key)
    except BadServerKey as error:
        sys.stderr.write(f"reading process: {error}\n")
        return 2
    out = _private_stdout()
    lock = threading.Lock()

    def say(words: Mapping[str, Any]) -> None:
        try:
            with lock:
                out.write(json.dumps(words, ensure_ascii=False) + "\n")
        except OSError:  # nobody listens any more
            os._exit(0)

    def today() -> date:
        return datetime.now().astimezone().date()

    typed = Pad(key, say, today)
    records = RecordBox(say)
    reading = CardReading(options.port, options.baud, key, say, today, records.public)
    say({"say": "ready"})
    converse(sys.stdin, reading, typed, records)
    os._exit(0)  # at once: no thread may linger with what it read


if __name__ == "__main__":
    sys.exit(main())
