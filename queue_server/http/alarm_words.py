"""The words of alarms, risks and cures, to staff; Chinese and English. Pure: records in, pairs of sentences out."""

from __future__ import annotations

from queue_server.domain.escalation_rules import OF_THE_SERVICE, AlarmKind, To
from queue_server.domain.model import HallPlan
from queue_server.domain.watch import Alarm, Cure
from queue_server.http.words import Pair

KINDS: dict[AlarmKind, Pair] = {
    AlarmKind.AMBER: ("快到承诺时间，还没叫到", "The promised time is near, not called yet"),
    AlarmKind.AT_RISK: ("预计可能超过承诺", "May wait beyond the promise"),
    AlarmKind.LIKELY: ("预计很可能超过承诺", "Likely to wait beyond the promise"),
    AlarmKind.BROKEN: ("已超过承诺时间，还没叫到", "Past the promised time, not called yet"),
    AlarmKind.SERVICE_AMBER: ("办理已 {amber} 分钟", "Service has taken {amber} min"),
    AlarmKind.SERVICE_OVER: ("办理超过 {limit} 分钟", "Service over {limit} min"),
    AlarmKind.HELP_AMBER: ("有人求助，还没有应答", "A call for help is not answered yet"),
    AlarmKind.HELP_OVER: ("求助超过 {help} 秒没有应答", "A call for help unanswered for over {help} s"),
    AlarmKind.CARD_LEFT: ("自助机上有遗留的身份证，请去收好", "An identity card was left on a terminal"),
    AlarmKind.PRINT_LEFT: ("自助机上有没取走的打印件，请去收好", "A print-out was left at a terminal"),
    AlarmKind.NO_WINDOW: ("有人等候，没有窗口开放", "People wait and no window is open"),
    AlarmKind.ALL_PAUSED: ("有人等候，所有窗口都在暂停", "People wait and every window is on a break"),
    AlarmKind.NO_SKILL: ("有人等候，在岗的没有人能办", "People wait whom nobody at work can serve"),
}
PEOPLE: dict[To, Pair] = {
    To.LAMP: ("窗口灯", "Lamp"),
    To.COUNTER: ("窗口", "Window"),
    To.MANAGER: ("值班长", "Manager"),
    To.DISTRICT: ("区级", "District"),
}
CLEARED: dict[str, Pair] = {
    "called": ("已叫到", "called"),
    "gone": ("号已结束", "ticket ended"),
    "accepted": ("材料已收", "materials accepted"),
    "finished": ("已办结", "finished"),
    "transferred": ("已转窗", "transferred"),
    "answered": ("已应答", "answered"),
    "ended": ("求助已结束", "call ended"),
    "eased": ("已恢复", "eased"),
    "taken": ("已取走", "taken away"),
    "worse": ("已升级为更严重的告警", "a worse alarm took its place"),
}
REASONS: dict[str, Pair] = {
    "no-window-open": ("没有窗口开放", "no window is open"),
    "no-window-with-skill": ("能办的窗口没有人在岗", "nobody who serves it is at work"),
    "paused-windows": ("能办的窗口都在暂停", "every window for it is on a break"),
}
_CURES: dict[str, Pair] = {
    "open-window": ("开放{window}", "Open {window_en}"),
    "lend-skill": ("让{window}兼办{skill}", "Let {window_en} serve {skill}, too"),
    "move-break": ("推迟{window}的休息", "Put off the break of {window_en}"),
    "offer-slot": ("请市民改约 {argument}", "Offer the citizen the slot at {argument}"),
    "offer-hall": ("请市民去 {argument}", "Offer the citizen another hall: {argument}"),
}


def window_names(plan: HallPlan, counter: str | None) -> Pair:
    known = plan.counters.get(counter or "")
    return (known.name_zh, known.name_en) if known else (counter or "", counter or "")


def kind_words(plan: HallPlan, kind: AlarmKind) -> Pair:
    rules = plan.rules
    numbers = {
        "amber": rules.service_amber_s // 60,
        "limit": rules.service_limit_s // 60,
        "help": rules.help_limit_s,
    }
    zh, en = KINDS[kind]
    return zh.format_map(numbers), en.format_map(numbers)


def subject_words(plan: HallPlan, alarm: Alarm, place_zh: str = "") -> Pair:
    """What it is about: a number, with its window during service; a terminal and where it stands; skills."""
    if alarm.number:
        if alarm.kind in OF_THE_SERVICE:
            window_zh, window_en = window_names(plan, alarm.counter)
            return f"{alarm.number} · {window_zh}", f"{alarm.number}, {window_en}"
        return alarm.number, alarm.number
    if alarm.kiosk is not None:
        return f"{alarm.kiosk} {place_zh}".strip(), alarm.kiosk
    return "、".join(alarm.skills), ", ".join(alarm.skills)


def cure_words(plan: HallPlan, cure: Cure) -> Pair:
    """What would keep the promise, with what it was tried to give; a kind nobody knows stands as it is."""
    zh, en = _CURES.get(cure.kind, (f"{cure.kind} {{argument}}", f"{cure.kind} {{argument}}"))
    counter, _, skill = cure.argument.partition(":")
    window_zh, window_en = window_names(plan, counter)
    facts = {"window": window_zh, "window_en": window_en, "skill": skill, "argument": cure.argument}
    before, after = f"{100 * cure.p_before:.0f}%", f"{100 * cure.p_after:.0f}%"
    return (
        f"可试：{zh.format_map(facts)}（超时可能 {before} → {after}）",
        f"Try: {en.format_map(facts)} (risk {before} to {after})",
    )
