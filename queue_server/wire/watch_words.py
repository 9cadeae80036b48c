"""The words about help, alarms, and a hall in which nobody can serve you now. See ``words``."""

from __future__ import annotations

from typing import Final

from queue_server.wire.door_words import Wording

HELP: Final = {"called": "help-called", "coming": "help-coming", "ended": "help-ended"}
"""State of a call for help -> the code of its sentence to the citizen."""

WATCH_WORDS: Final[dict[str, tuple[Wording, ...]]] = {
    # --- to a citizen: the honest word when a wait cannot be foreseen -----------------------------------
    "no-window-open": (
        (
            "现在没有窗口开放，等候时间暂时无法预计；请留意叫号，或到咨询台询问。",
            ("No window is open now, so the wait cannot be told. Please listen for your number, or ask at the desk."),
        ),
    ),
    "paused-windows": (
        (
            "能办这项业务的窗口都在暂停，等候时间会更长；请留意叫号，或到咨询台询问。",
            (
                "Every window for this matter is on a break, so the wait will be longer."
                " Please listen for your number, or ask at the desk."
            ),
        ),
    ),
    "no-window-with-skill": (
        (
            "能办这项业务的窗口现在没有人在岗，等候时间暂时无法预计；请到咨询台询问，或预约其他时间。",
            (
                "Nobody who serves this matter is at work now, so the wait cannot be told."
                " Please ask at the desk, or book another time."
            ),
        ),
    ),
    # --- to a citizen who called for help --------------------------------------------------------------
    "help-called": (
        (
            "已呼叫工作人员，请在这里稍候。",
            "The staff have been called. Please wait here.",
        ),
    ),
    "help-coming": (("工作人员马上就来，请在这里稍候。", "Somebody is on the way. Please wait here."),),
    "help-ended": (
        (
            "帮办已结束，需要时请再次呼叫。",
            "This call for help is over. Please call again if you need somebody.",
        ),
    ),
    # --- to staff --------------------------------------------------------------------------------------
    "unknown-alarm": (("没有找到这条告警，请刷新列表。", "This alarm was not found. Please load the list again."),),
    "unknown-help": (("这次求助已经结束，请刷新列表。", "This call for help is over. Please load the list again."),),
    "help-taken": (("已有同事去帮忙，请看下一条。", "A colleague is on the way there. Please look at the next one."),),
}
