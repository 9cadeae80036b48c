"""What the doors themselves refuse, before a hall is asked: the codes and their words. See ``words``."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

Wording = tuple[str, str]


class DoorCode(StrEnum):
    """What a door refuses before the hall is asked; the hall's own codes are ``domain.errors.Code``."""

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    WRONG_VERSION = "wrong-version"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_DEVICE = "unknown-device"
    UNKNOWN_HALL = "unknown-hall"
    DEVICE_NOT_ALLOWED = "device-not-allowed"
    HALL_ELSEWHERE = "hall-elsewhere"
    BAD_SEAL = "bad-seal"
    WHO_IS_IT = "who-is-it"
    BAD_SIGNATURE = "bad-signature"
    BUSY = "busy"
    NOT_SIGNED_IN = "not-signed-in"
    NOT_YOUR_ROLE = "not-your-role"
    NOT_FOUND = "not-found"
    INTERNAL = "internal"
    NOT_DONE = "not-done"
    ALREADY_RATED = "already-rated"
    RATING_TOO_LATE = "rating-too-late"


DOOR_WORDS: Final[dict[str, tuple[Wording, ...]]] = {
    DoorCode.MALFORMED: (
        (
            "请求没有读懂，请重试；仍不行，请到综合窗口。",
            "The request could not be read. Please try again, or go to the general window.",
        ),
    ),
    DoorCode.TOO_LARGE: (
        (
            "请求太大，没有处理，请减少内容后重试，或到综合窗口。",
            "The request was too large and was not handled. Please try again with less, or go to the general window.",
        ),
    ),
    DoorCode.WRONG_VERSION: (
        (
            "这台终端的软件版本不对，请到另一台终端或综合窗口，并告知工作人员更新。",
            (
                "This terminal's software version does not fit. Please use another terminal or the general window,"
                " and tell the staff that it needs an update."
            ),
        ),
    ),
    DoorCode.UNKNOWN_KIND: (
        (
            "系统不认识这种请求，请返回首页重试，或到综合窗口。",
            "This kind of request is not known. Please start again, or go to the general window.",
        ),
    ),
    DoorCode.UNKNOWN_DEVICE: (
        (
            "这台终端没有登记，请使用另一台终端，或到综合窗口。",
            "This terminal is not registered. Please use another one, or go to the general window.",
        ),
    ),
    DoorCode.UNKNOWN_HALL: (
        (
            "没有这个大厅，请返回首页重选，或到综合窗口。",
            "There is no such hall. Please start again, or go to the general window.",
        ),
    ),
    DoorCode.DEVICE_NOT_ALLOWED: (
        (
            "这台终端不能为该大厅取号，请使用该大厅的终端，或到综合窗口。",
            "This terminal may not speak for that hall. Please use one of that hall, or go to the general window.",
        ),
    ),
    DoorCode.HALL_ELSEWHERE: (
        (
            "该大厅正在切换服务器，请过几秒再试。",
            "This hall is moving to another server. Please try again in a few seconds.",
        ),
    ),
    DoorCode.BAD_SEAL: (
        (
            "证件信息没有读好，请把证件再放一次；仍不行，请到综合窗口。",
            "The card was not read well. Please lay it down once more, or go to the general window.",
        ),
    ),
    DoorCode.WHO_IS_IT: (
        (
            "请刷身份证、扫预约码或输入号码，任选一种方式签到。",
            "Please check in one way only: by card, by booking code or by typed number.",
        ),
    ),
    DoorCode.BAD_SIGNATURE: (
        (
            "这张离线号票的签名不对，请到综合窗口核对。",
            "The signature of this off-line ticket is wrong. Please have it checked at the general window.",
        ),
    ),
    DoorCode.BUSY: (
        ("现在请求太多，请过几秒再试。", "There are too many requests now. Please try again in a few seconds."),
    ),
    DoorCode.NOT_SIGNED_IN: (("请先登录，再操作。", "Please sign in first."),),
    DoorCode.NOT_YOUR_ROLE: (
        (
            "您的岗位不能做这一步，请找有权限的同事。",
            "Your role may not do this. Please ask a colleague who may.",
        ),
    ),
    DoorCode.NOT_FOUND: (
        ("没有找到这一页，请从首页重新进入。", "This page was not found. Please start again from the first page."),
    ),
    DoorCode.NOT_DONE: (
        (
            "{number} 还没有办完，请办完后再评价。",
            "{number} is not done yet. Please rate it when it is.",
        ),
        ("这个号还没有办完，请办完后再评价。", "This visit is not done yet. Please rate it when it is."),
    ),
    DoorCode.ALREADY_RATED: (
        (
            "这次服务已经评价过了，谢谢您；有话要说，请到综合窗口。",
            "This visit has been rated already, thank you. If there is more to say, please go to the general window.",
        ),
    ),
    DoorCode.RATING_TOO_LATE: (
        (
            "评价期限已过；有意见请到综合窗口，或拨打 12345。",
            "The time for rating this visit is over. Please tell the general window, or call 12345.",
        ),
    ),
    DoorCode.INTERNAL: (
        (
            "系统出了问题，没有完成，请稍后重试，或到综合窗口。",
            (
                "Something went wrong on our side and nothing was done. Please try again later,"
                " or go to the general window."
            ),
        ),
    ),
}
