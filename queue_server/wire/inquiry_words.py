"""The words of inquiries: nothing found, asked too often, an office that does not answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from queue_server.wire.door_words import Wording


class InquiryCode(StrEnum):
    """Why an inquiry has no answer. The value crosses the wire and is stable."""

    UNKNOWN_NUMBER = "unknown-number"
    UNKNOWN_CASE = "unknown-case"
    NO_CASE = "no-case"
    TOO_MANY_TRIES = "too-many-tries"
    OFFICE_AWAY = "office-away"
    NOTHING_ON_RECORD = "nothing-on-record"
    OTHER_PERSON = "other-person"
    RECORD_TOO_LONG = "record-too-long"
    NOT_LOOKED_UP = "not-looked-up"
    CONSENT_MISSING = "consent-missing"
    CARD_AGAIN = "card-again"


INQUIRY_WORDS: Final[dict[str, tuple[Wording, ...]]] = {
    InquiryCode.UNKNOWN_NUMBER: (
        (
            "今天没有 {number} 这个号。请核对号票上的字母、数字和日期，是不是本大厅的号。",
            "There is no number {number} today. Please check letter, digits and date, and whether it is of this hall.",
        ),
        (
            "没有找到这张号票。请核对日期，是不是本大厅今天的号。",
            "This ticket was not found. Please check whether it is of this hall and of today.",
        ),
    ),
    InquiryCode.UNKNOWN_CASE: (
        (
            "没有查到这个办件编号。请核对受理凭证上的编号；今天刚交的，要明天才能查到。",
            (
                "No case with this number was found. Please check it on your receipt;"
                " what was handed in today can be looked up tomorrow."
            ),
        ),
    ),
    InquiryCode.NO_CASE: (
        (
            "没有查到您今天的号票和在办的事。请输入号码或办件编号再查，或问工作人员。",
            "No ticket of today and no open case of yours was found. You may type a ticket or case number.",
        ),
    ),
    InquiryCode.TOO_MANY_TRIES: (
        (
            "这台机器查询次数太多，请过一分钟再试，或问工作人员。",
            "There were too many tries at this terminal. Please wait a minute, or ask the staff.",
        ),
    ),
    InquiryCode.OFFICE_AWAY: (
        (
            "{office}的系统暂停，预计 {back} 恢复。请先取号，到窗口办。",
            (
                "The system of {office_en} is paused and expected back at {back}."
                " Please take a number and ask at a window."
            ),
        ),
        (
            "对方系统暂停，现在查不到。请先取号，到窗口办。",
            "The office's system does not answer now. Please take a number and ask at a window.",
        ),
    ),
    InquiryCode.NOTHING_ON_RECORD: (
        (
            "没有查到您的这项记录。可能还没有登记，请取号到窗口核实。",
            "There is nothing on record about you here. It may not be entered yet; a window can check.",
        ),
    ),
    InquiryCode.OTHER_PERSON: (
        (
            "证件上的人和记录里的人对不上，不能显示。请本人带证件再查，或取号到窗口核实。",
            (
                "The card and the record do not belong to the same person, so nothing is shown."
                " Please use the person's own card, or ask at a window."
            ),
        ),
    ),
    InquiryCode.RECORD_TOO_LONG: (
        (
            "记录太长，这台机器打印不下，请取号到窗口打印。",
            "The record is too long for this terminal. Please take a number and have it printed at a window.",
        ),
    ),
    InquiryCode.NOT_LOOKED_UP: (
        (
            "这件事不能在自助机上查询，请取号到窗口办。",
            "This cannot be looked up at a terminal. Please take a number and ask at a window.",
        ),
    ),
    InquiryCode.CONSENT_MISSING: (
        (
            "这项记录属于敏感信息，请您单独同意后再查询。",
            "This record is sensitive. Please agree to this look-up separately first.",
        ),
    ),
    InquiryCode.CARD_AGAIN: (
        (
            "请把身份证再放一次。",
            "Please lay the identity card down once more.",
        ),
    ),
}
