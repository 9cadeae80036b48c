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
    waiting = int(why.get("waiting", 0))
    among_zh, among_en = f"本窗口可办的 {waiting} 人中", f"of the {waiting} this window can serve"
    found = _reason(why, waiting)
    if found is None:
        return f"{zh}（规则 {why.get('policy', '?')}）。", f"{en} (policy {why.get('policy', '?')})."
    return f"{among_zh}，{found[0]}：{zh}。", f"Because {among_en}, {found[1]}: {en}."


def _reason(why: Why, waiting: int) -> Pair | None:
    match why.get("readiness"):
        case "held-back":
            return "没有其他人可叫，回来的号提前呼叫", "nobody else was ready, so a returned number was called"
        case "early":
            return (
                "没有其他人可叫，预约时段未到先行呼叫",
                "nobody else was ready, so a booking was called early",
            )
        case _:
            pass
    match why.get("policy"):
        case "sla" if int(why.get("past_never_s", 0)) < 0:
            left = _minutes(-int(why["past_never_s"]))
            return (
                f"再过 {left} 分钟他就到现场号最长等候的底线，先于所有人呼叫",
                f"it is {left} min from the line behind which no walk-in may be left, so it goes before everybody",
            )
        case "sla" if "past_never_s" in why:
            past = _minutes(int(why["past_never_s"]))
            return (
                f"他已越过现场号最长等候的底线 {past} 分钟，先于所有人呼叫",
                f"it is {past} min past the line behind which no walk-in may be left, so it goes before everybody",
            )
        case "sla":
            return _joined(_urgency(why, waiting), _light(why), _margin(why), _others_earlier(why), _break_near(why))
        case "rollout":
            return _joined(
                ("推演接下来一小时，先叫他超时的人最少", "trying out the coming hour, fewest promises break this way"),
                _others_earlier(why),
            )
        case "fifo":
            return "他来得最早", "it came first"
        case "appointments-first":
            return (
                "按预约、优先、现场的次序，同类先到先叫",
                "bookings before priority before walk-ins, each as they came",
            )
        case "edf":
            return "承诺时间最早", "its promise runs out first"
        case "earliest-promise-first":
            return _joined(("承诺时间最早", "its promise runs out first"), _not_ready(why))
        case _:
            return None


def _joined(*parts: Pair | None) -> Pair:
    said = [part for part in parts if part is not None]
    return "，".join(zh for zh, _ in said), ", ".join(en for _, en in said)


def _urgency(why: Why, waiting: int) -> Pair:
    """What weighed most: the promise, the never-line behind it, or the wait itself."""
    if waiting == 1:
        return "只有他在等", "nobody else waits"
    parts = {name: float(why.get(name, 0)) for name in ("for_limit", "for_never", "for_wait")}
    match max(parts, key=lambda name: parts[name]):
        case "for_limit":
            return "他的承诺时间最紧", "its promise is the most pressing"
        case "for_never" if int(why.get("left_s", 0)) < 0:
            return "他已超时，不能再拖", "its promise is broken already and it must not wait much longer"
        case "for_never":
            return "再拖下去会等得过久", "it would soon have waited far too long"
        case _:
            return "没有更急的人，他等得较久", "nobody is in greater need and it has waited longer"


def _light(why: Why) -> Pair | None:
    """What let it go before others as urgent: a short visit, or a matter few windows can serve."""
    minutes, mean = float(why.get("service_min", 0)), float(why.get("mean_min", 0))
    short = None
    if 0 < minutes < 0.75 * mean:
        short = (f"办理较快（约 {minutes:.0f} 分钟）", f"its visit is short (about {minutes:.0f} min)")
    scarce = ("能办此事项的窗口较少", "few windows can serve its matter") if why.get("scarce") else None
    return _joined(short, scarce) if short or scarce else None


def _margin(why: Why) -> Pair | None:
    """How far it stands before the next, in words."""
    mine, after, number = float(why.get("index", 0)), float(why.get("next_index", 0)), why.get("next")
    if number is None or "next_index" not in why:
        return None
    if after < 0.5 * mine:
        return f"比下一位 {number} 急得多", f"well ahead of {number}, the next"
    if after < 0.9 * mine:
        return f"比下一位 {number} 更急", f"ahead of {number}, the next"
    return f"与下一位 {number} 相差很小", f"only just ahead of {number}, the next"


def _others_earlier(why: Why) -> Pair | None:
    passed = int(why.get("passed", 0))
    if not passed:
        return None
    return (
        f"另有 {passed} 人承诺更早，但这样叫超时的人更少",
        f"{passed} with earlier promises wait, for fewer promises break this way",
    )


def _break_near(why: Why) -> Pair | None:
    long_ones = int(why.get("break_near", 0))
    if not long_ones:
        return None
    return (
        f"本窗口即将暂停，办理时间长的 {long_ones} 人留给其他窗口",
        f"{long_ones} with long visits are left to other windows, for this one's break is near",
    )


def _not_ready(why: Why) -> Pair | None:
    passed = int(why.get("passed", 0))
    if not passed:
        return None
    return f"另有 {passed} 人承诺更早但暂不能叫", f"{passed} with earlier promises were not ready"


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
