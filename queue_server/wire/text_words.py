"""The words of text messages: why there will be none, and what they say."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from queue_server.wire.door_words import Wording


class TextCode(StrEnum):
    """Why no text message can be promised. The value crosses the wire and is stable."""

    NO_TEXTS = "no-texts"
    BAD_PHONE = "bad-phone"
    TICKET_OVER = "ticket-over"
    PHONE_BUSY = "phone-busy"


TEXT_WORDS: Final[dict[str, tuple[Wording, ...]]] = {
    TextCode.NO_TEXTS: (
        (
            "这个大厅不发短信，请扫号票上的码看进度，或留意叫号。",
            "This hall sends no text messages. Please scan the code on your ticket, or listen for your number.",
        ),
    ),
    TextCode.BAD_PHONE: (
        (
            "手机号是 1 开头的 11 位数字，请检查后重新输入。",
            "A mobile number has 11 digits and begins with 1. Please check it and type it again.",
        ),
    ),
    TextCode.TICKET_OVER: (
        (
            "这个号已经叫到或办结，不用再发短信，请看大屏或问工作人员。",
            "This number has been called or is done; no message is needed. Please look at the board or ask the staff.",
        ),
    ),
    TextCode.PHONE_BUSY: (
        (
            "这个手机号已经在等几个号的短信，请换一个手机号，或扫码看进度。",
            "This phone already waits for messages of several numbers. Please give another one, or scan the code.",
        ),
    ),
}

SOON: Final[Wording] = (
    "【{hall}】您的号 {number} 前面还有 {ahead} 人，请回到等候区。",
    "[{hall_en}] Number {number}: {ahead} ahead of you. Please come back to the waiting area.",
)
NEXT: Final[Wording] = (
    "【{hall}】您的号 {number} 就是下一个，请在等候区等候叫号。",
    "[{hall_en}] Number {number} is next. Please wait in the waiting area.",
)
CALLED: Final[Wording] = (
    "【{hall}】正在叫您的号 {number}，请到{window}。",
    "[{hall_en}] Number {number} is being called. Please go to {window_en}.",
)
MISSED: Final[Wording] = (
    "【{hall}】您的号 {number} 已过号，{until} 前回来找工作人员，号仍有效。",
    "[{hall_en}] Number {number} was called and missed. Come to the staff before {until}: it is still valid.",
)
