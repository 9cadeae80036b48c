"""Orders to terminals as staff read them: what was told to whom, who has answered, and what is not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from queue_server.http.words import Pair
from queue_server.orders import Issued
from queue_server.wire import messages as wire

ANSWER_WITHIN = timedelta(seconds=30)
"""An order without an answer by then is said to be unanswered; it may still be carried out until it expires."""

DANGERS: dict[str, Pair] = {
    "fire": ("火警疏散", "Fire: leave the building"),
    "closing": ("提前关门", "Closing early"),
    "other": ("自拟通知", "Own notice"),
    "over": ("解除", "Over"),
}
MODES: dict[str, Pair] = {
    "open": ("恢复服务", "Open"),
    "closed": ("停止服务", "Closed"),
    "maintenance": ("进入维护", "Maintenance"),
}
REFUSALS: dict[str, Pair] = {
    "expired": ("已过期；请核对终端时钟", "Expired; check the terminal's clock"),
    "replayed": ("比已执行的旧", "Older than what it did last"),
}
NOTES: dict[str, Pair] = {
    "technician-in": ("维护人员进入", "Technician came in"),
    "technician-out": ("维护结束", "Technician left"),
    "technician-locked": ("连续输错维护码，已锁定 15 分钟", "Wrong codes; locked for 15 min"),
    "paper-changed": ("已换纸卷", "Paper roll changed"),
    "restarting": ("重新启动", "Restarting"),
    "to-service": ("退出到系统维护", "Left to the system"),
}


class OrderLine(msgspec.Struct, frozen=True):
    what_zh: str
    what_en: str
    at: str
    level: str
    state_zh: str
    state_en: str


class EmergencyLine(msgspec.Struct, frozen=True):
    """What stands at a site; ``silent`` are the terminals that have not answered."""

    what_zh: str
    what_en: str
    zh: str
    en: str
    since: str
    until: str
    done: int
    total: int
    silent: list[str]


class SiteLine(msgspec.Struct, frozen=True):
    id: str
    name_zh: str
    name_en: str
    devices: int
    emergency: EmergencyLine | None


def words_of(order: wire.AnyOrder) -> Pair:
    match order:
        case wire.Emergency(danger=danger, zh=zh, en=en):
            known_zh, known_en = DANGERS[danger]
            return (f"{known_zh}：{zh}", f"{known_en}: {en}") if zh else (known_zh, known_en)
        case wire.SetMode(mode=mode):
            return MODES[mode]
        case _:
            return ("重启软件", "Restart the software")


def order_line(issued: Issued, device: str, now: datetime, wall: Callable[[datetime], str]) -> OrderLine:
    """One order and what this terminal said to it."""
    zh, en = words_of(issued.order)
    answer = issued.answers.get(device)
    if answer is not None and answer.state == "done":
        level, said = "ok", (f"已执行 {wall(answer.at)}", f"Done {wall(answer.at)}")
    elif answer is not None:
        why_zh, why_en = REFUSALS.get(answer.reason, (answer.reason, answer.reason))
        level, said = "bad", (f"未执行：{why_zh}", f"Not done: {why_en}")
    elif now >= issued.order.expires_at:
        level, said = "bad", ("已过期，未确认", "Expired without an answer")
    elif now - issued.order.issued_at >= ANSWER_WITHIN:
        level, said = "warn", ("30 秒内未确认，终端上线后执行", "Not answered; carried out when it is back")
    else:
        level, said = "info", ("已发送，等待确认", "Sent, waiting for its answer")
    return OrderLine(zh, en, wall(issued.order.issued_at), level, *said)


def emergency_line(issued: Issued, audience: list[str], wall: Callable[[datetime], str]) -> EmergencyLine:
    order = issued.order
    zh, en = (order.zh, order.en) if isinstance(order, wire.Emergency) else ("", "")
    what_zh, what_en = DANGERS[order.danger] if isinstance(order, wire.Emergency) else words_of(order)
    done = [device for device in audience if (a := issued.answers.get(device)) is not None and a.state == "done"]
    return EmergencyLine(
        what_zh=what_zh,
        what_en=what_en,
        zh=zh,
        en=en,
        since=wall(order.issued_at),
        until=wall(order.expires_at),
        done=len(done),
        total=len(audience),
        silent=[device for device in audience if device not in done],
    )
