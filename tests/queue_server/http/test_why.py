"""Why this one: the recorded reason read as one sentence, for every way a call can have come about."""

from __future__ import annotations

import pytest

from queue_server.http.why import Why, explain

FACTS: Why = {"kind": "walk-in", "left_s": 600, "waited_s": 1200, "readiness": "ready", "passed": 0, "waiting": 3}
INDEX: Why = {
    "policy": "sla",
    **FACTS,
    "index": 0.4,
    "for_limit": 0.3,
    "for_never": 0.06,
    "for_wait": 0.04,
    "service_min": 8.0,
    "mean_min": 9.0,
    "scarce": 0,
    "next": "A012",
    "next_index": 0.3,
}


@pytest.mark.parametrize(
    ("why", "zh", "en"),
    [
        (
            INDEX,
            "本窗口可办的 3 人中，他的承诺时间最紧，比下一位 A012 更急",
            "its promise is the most pressing, ahead of A012",
        ),
        ({**INDEX, "next_index": 0.1}, "比下一位 A012 急得多", "well ahead of A012"),
        ({**INDEX, "next_index": 0.39}, "与下一位 A012 相差很小", "only just ahead of A012"),
        ({**INDEX, "for_limit": 0.01, "for_wait": 0.2}, "没有更急的人，他等得较久", "nobody is in greater need"),
        ({**INDEX, "for_limit": 0.0, "for_never": 0.3, "left_s": -90}, "他已超时，不能再拖", "broken already"),
        ({**INDEX, "for_limit": 0.0, "for_never": 0.3}, "再拖下去会等得过久", "it would soon have waited far too long"),
        ({**INDEX, "service_min": 4.0}, "办理较快（约 4 分钟）", "its visit is short (about 4 min)"),
        ({**INDEX, "scarce": 1}, "能办此事项的窗口较少", "few windows can serve its matter"),
        ({**INDEX, "passed": 2}, "另有 2 人承诺更早，但这样叫超时的人更少", "2 with earlier promises wait"),
        ({**FACTS, "policy": "sla", "waiting": 1}, "只有他在等", "nobody else waits"),
        (
            {**FACTS, "policy": "sla", "past_never_s": 300},
            "底线 5 分钟，先于所有人呼叫",
            "5 min past the line",
        ),
        (
            {**FACTS, "policy": "sla", "past_never_s": -180},
            "再过 3 分钟他就到现场号最长等候的底线，先于所有人呼叫",
            "3 min from the line",
        ),
        ({**INDEX, "readiness": "held-back"}, "回来的号提前呼叫", "a returned number was called"),
        ({**FACTS, "policy": "sla", "readiness": "early"}, "预约时段未到先行呼叫", "a booking was called early"),
        ({**FACTS, "policy": "rollout"}, "推演接下来一小时，先叫他超时的人最少", "trying out the coming hour"),
        ({**FACTS, "policy": "fifo"}, "他来得最早", "it came first"),
        ({**FACTS, "policy": "appointments-first"}, "按预约、优先、现场的次序", "bookings before priority"),
        ({**FACTS, "policy": "edf"}, "承诺时间最早", "its promise runs out first"),
        (
            {**FACTS, "policy": "earliest-promise-first", "passed": 1},
            "承诺时间最早，另有 1 人承诺更早但暂不能叫",
            "its promise runs out first, 1 with earlier promises were not ready",
        ),
        ({**FACTS, "policy": "named", "reason": "shown-at-window"}, "点名呼叫，市民持号票到窗", "Called by its number"),
        ({**FACTS, "policy": "of-2030"}, "（规则 of-2030）", "(policy of-2030)"),
    ],
)
def test_every_call_is_explained_in_one_sentence(why: Why, zh: str, en: str) -> None:
    said_zh, said_en = explain(why)
    assert zh in said_zh
    assert en in said_en
    assert said_zh.count("。") == 1
    assert said_en.count(". ") == 0
    assert said_zh.endswith("。")
    assert "已等 20 分钟" in said_zh
    assert "0.4" not in said_zh + said_en, "a clerk reads words, not the index"
