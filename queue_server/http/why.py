"""Why this one: the recorded reason of a call, as one sentence a clerk or an auditor can read.

The numbers come from the call event's ``why`` record (``domain.dispatch``); nothing is decided again here.
``WhyBook`` keeps the latest records of each hall, as they are announced, for consoles that are opened later;
what was called before this server started is ``recorded`` in the log.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date

from queue_server.domain.messages import Event, TicketCalled
from queue_server.http.words import KINDS, Pair
from queue_server.store.reports import Reports

Why = Mapping[str, str | int | float]
KEEP = 2_000
NAMED: dict[str, Pair] = {"shown-at-window": ("市民持号票到窗", "the ticket was shown at the window")}


def _minutes(seconds: float) -> int:
    return int(abs(seconds)) // 60


def explain(why: Why) -> Pair:
    """The sentence, Chinese and English. Unknown policies are named as they stand."""
    kind_zh, kind_en = KINDS.get(str(why.get("kind")), ("", ""))
    left, waited = int(why.get("left_s", 0)), int(why.get("waited_s", 0))
    if left >= 0:
        due_zh, due_en = f"离承诺时间还有 {_minutes(left)} 分钟", f"{_minutes(left)} min left of its promise"
    else:
        due_zh, due_en = f"已超过承诺时间 {_minutes(left)} 分钟", f"{_minutes(left)} min past its promise"
    zh = f"{kind_zh}号，已等 {_minutes(waited)} 分钟，{due_zh}"
    en = f"{kind_en}, waited {_minutes(waited)} min, {due_en}"
    if why.get("policy") == "named":
        reason = str(why.get("reason", ""))
        reason_zh, reason_en = NAMED.get(reason, (reason, reason))
        return f"点名呼叫，{reason_zh}：{zh}。", f"Called by its number because {reason_en}: {en}."
    if why.get("policy") != "earliest-promise-first":
        return f"{zh}（规则 {why.get('policy', '?')}）。", f"{en} (policy {why.get('policy', '?')})."
    waiting = int(why.get("waiting", 0))
    among_zh, among_en = f"本窗口可办的 {waiting} 人中", f"of the {waiting} this window can serve"
    match why.get("readiness"):
        case "held-back":
            note_zh, note_en = (
                "没有其他人可叫，回来的号提前呼叫",
                "nobody else was ready, so a returned number was called",
            )
        case "early":
            note_zh, note_en = (
                "没有其他人可叫，预约时段未到先行呼叫",
                "nobody else was ready, so a booking was called before its slot",
            )
        case _:
            note_zh, note_en = "承诺时间最早", "its promise runs out first"
    passed = int(why.get("passed", 0))
    if passed:
        note_zh += f"（另有 {passed} 人承诺更早但暂不能叫）"
        note_en += f" ({passed} with earlier promises were not ready)"
    return f"{among_zh}{note_zh}：{zh}。", f"Because {among_en}, {note_en}: {en}."


def recorded(reports: Reports, hall: str, ticket_id: str) -> Why | None:
    """The reason of the ticket's latest call, from the hall's log. Blocks; raises StoreDown."""
    day, _, number = ticket_id.rpartition("-")
    past = reports.history(hall, date.fromisoformat(day), number)
    return next((h.event.why for h in reversed(past) if isinstance(h.event, TicketCalled)), None)


class WhyBook:
    """The latest reasons by (hall, ticket). Written on the desk's thread, read from any."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Why] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, hall: str, events: tuple[Event, ...] | list[Event]) -> None:
        calls = [event for event in events if isinstance(event, TicketCalled)]
        if not calls:
            return
        with self._lock:
            for call in calls:
                self._known[hall, call.ticket_id] = call.why
                self._known.move_to_end((hall, call.ticket_id))
            while len(self._known) > KEEP:
                self._known.popitem(last=False)

    def keep(self, hall: str, ticket_id: str, why: Why) -> None:
        """The same, from the answer to a press: answers come before announcements."""
        with self._lock:
            self._known[hall, ticket_id] = why

    def fill(self, hall: str, ticket_id: str, why: Why) -> Why:
        """The same, as read from the log: whatever was announced meanwhile is newer and stays. Returns what stands."""
        with self._lock:
            return self._known.setdefault((hall, ticket_id), why)

    def of(self, hall: str, ticket_id: str) -> Why | None:
        with self._lock:
            return self._known.get((hall, ticket_id))
