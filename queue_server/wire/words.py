"""The table behind ``sentences``: each code with its wordings, Chinese and English.

A code may have several wordings; the first one whose named facts are all at hand is taken, so the last
needs none. Mend the words freely, never a code: codes cross the wire and are kept in the log.
"""

from __future__ import annotations

from typing import Final

from queue_server.wire.booking_words import BOOKING_WORDS
from queue_server.wire.door_words import DOOR_WORDS, Wording
from queue_server.wire.inquiry_words import INQUIRY_WORDS
from queue_server.wire.offline_words import PAPER_WORDS
from queue_server.wire.text_words import TEXT_WORDS
from queue_server.wire.watch_words import WATCH_WORDS

_DESK_ZH: Final = "请到综合窗口，工作人员会帮您办。"
_DESK_EN: Final = "Please go to the general window; the staff will help you."

_HALL_WORDS: dict[str, tuple[Wording, ...]] = {
    # --- taking a ticket -------------------------------------------------------------------------------
    "unknown-matter": (
        (
            "本大厅没有这个事项，请返回重选，或到综合窗口询问。",
            "This hall does not offer that matter. Please go back and choose again, or ask at the general window.",
        ),
    ),
    "no-matter": (
        ("还没有选择事项，请先选择要办的事项。", "No matter is chosen yet. Please choose what you came for."),
    ),
    "not-bookable": (
        (
            "这个事项不用预约，请到大厅直接取号。",
            "This matter needs no appointment. Please take a number when you come to the hall.",
        ),
    ),
    "not-remote": (
        (
            "这个事项不能在远程窗口办理，请到受理大厅取号。",
            "This matter cannot be done by video. Please take a number at the service hall.",
        ),
    ),
    "not-for-others": (
        (
            "这件事须本人来办，不能代办；请本人来，或到综合窗口询问。",
            "The person must come for this in person. Please ask at the general window what else is possible.",
        ),
    ),
    "hall-closed": (
        (
            "大厅现在不开放，下次开放时间 {next_opening}，您可以预约那时来办。",
            "The hall is closed now and opens again at {next_opening}. You can book a time then.",
        ),
        (
            "大厅现在不开放，请在开放时间来，或预约一个时间。",
            "The hall is closed now. Please come during opening hours, or book a time.",
        ),
    ),
    "wrong-hall": (
        (
            "您预约的是{hall}，地址：{address}。请到那里办理，或在这里现场取号。",
            "Your appointment is at {hall_en} ({address}). Please go there, or take a number here.",
        ),
        (
            "您预约的是另一个大厅，请看预约信息上的地址，或在这里现场取号。",
            "Your appointment is at another hall. Please check its address in your booking, or take a number here.",
        ),
    ),
    "numbers-exhausted": (
        (
            "今天这类事项的号已发完，请到综合窗口登记，或预约明天。",
            "Today's numbers for this matter are used up. Please register at the general window, or book for tomorrow.",
        ),
    ),
    # --- a ticket already given ------------------------------------------------------------------------
    "unknown-ticket": (
        (
            "没有找到这个号，请核对号票上的号码和日期；仍找不到，请到综合窗口。",
            "This number was not found. Please check the number and date on your ticket, or ask at the general window.",
        ),
    ),
    "wrong-state": (
        (
            "这个号现在不能这样操作，请刷新查看它的最新状态。",
            "That cannot be done with this number now. Please refresh to see its latest state.",
        ),
    ),
    "return-too-late": (
        (
            "过号已超过保留时间，请重新取号。",
            "The time to come back after your call has passed. Please take a new number.",
        ),
    ),
    "pause-used": (
        (
            "暂离只能用一次，您已用过，请留意叫号。",
            "Stepping out is possible once and you have used it. Please listen for your number.",
        ),
    ),
    # --- at the window ---------------------------------------------------------------------------------
    "unknown-counter": (
        ("本大厅没有这个窗口，请重新选择窗口。", "This hall has no such window. Please choose another."),
    ),
    "counter-closed": (("窗口还没有开，请先开窗。", "The window is not open. Please open it first."),),
    "counter-taken": (
        (
            "这个窗口已有同事在岗，请换一个窗口，或请同事先关窗。",
            "A colleague is already at this window. Please take another, or ask them to close it first.",
        ),
    ),
    "counter-busy": (
        (
            "这个窗口还有办事人，请先办结、转窗或过号。",
            "This window still has a citizen. Please finish, transfer or mark as missed first.",
        ),
    ),
    "counter-idle": (
        ("这个窗口现在没有办事人，请先呼叫下一位。", "This window has no citizen now. Please call the next one first."),
    ),
    "counter-paused": (("窗口正在暂停，请先恢复再叫号。", "The window is paused. Please resume it before calling."),),
    "not-your-counter": (
        (
            "这个窗口由其他同事值守，请在您自己的窗口操作。",
            "This window is kept by a colleague. Please work at your own window.",
        ),
    ),
    "nobody-waiting": (
        (
            "在等的 {elsewhere} 人都要到其他窗口办，这个窗口现在没有可叫的人。",
            "All {elsewhere} who wait need another window. There is nobody for this window to call now.",
        ),
        (
            "现在没有这个窗口能办的等候人，有人取号后请再叫。",
            "Nobody whom this window can serve is waiting. Please call again when someone has taken a number.",
        ),
    ),
    "no-skill": (
        (
            "那个窗口不能办这个事项，请转到能办的窗口或综合窗口。",
            "That window cannot serve this matter. Please choose one that can, or a general window.",
        ),
    ),
    "too-soon": (
        (
            "刚刚叫过，请过 {seconds} 秒再叫。",
            "It was called a moment ago. Please wait {seconds} seconds and call again.",
        ),
        ("刚刚叫过，请稍等再叫。", "It was called a moment ago. Please wait a little and call again."),
    ),
    "too-few-calls": (
        (
            "叫满 {needed} 次才能过号，请再叫一次。",
            "A number can be passed over after {needed} calls. Please call once more.",
        ),
        ("叫号次数还不够，请再叫一次后再过号。", "It has not been called often enough. Please call once more first."),
    ),
    "identity-first": (
        ("还没有开始身份核验，请先核验身份。", "The identity check has not begun. Please begin it first."),
    ),
    "materials-first": (
        ("材料还没有收下，请先确认材料已收。", "The materials are not accepted yet. Please accept them first."),
    ),
    "outcome-missing": (("请选择办理结果后再办结。", "Please choose the outcome, then finish."),),
    "reason-missing": (
        ("这一步需要写明原因，请填写后再提交。", "This step needs a reason. Please enter it and submit again."),
    ),
    # --- appointments ----------------------------------------------------------------------------------
    "unknown-appointment": (
        (
            "没有找到这个预约，请核对预约码，或直接取号。",
            "This appointment was not found. Please check the code, or take a number now.",
        ),
    ),
    "no-appointment": (
        (
            "今天没有您的预约，您可以现在取号。",
            "There is no appointment of yours today. You can take a number now.",
        ),
    ),
    "several-appointments": (
        ("您今天有几个预约，请选择要办的一个。", "You have several appointments today. Please choose one."),
    ),
    "appointment-used": (
        (
            "这个预约已经取过号（{number}），请看原来的号票，或请工作人员补打。",
            (
                "This appointment already has its number ({number}). Please use that ticket,"
                " or ask the staff to print it again."
            ),
        ),
        (
            "这个预约已经用过或取消，请看原来的号票，或重新取号。",
            "This appointment was used or cancelled. Please use the earlier ticket, or take a new number.",
        ),
    ),
    "too-early": (
        (
            "来得早了一点，请在 {earliest} 以后签到，您的预约保留着。",
            "You are early. Please check in after {earliest}; your appointment is kept.",
        ),
        (
            "来得早了一点，请在预约时间前 1 小时内签到，您的预约保留着。",
            "You are early. Please check in within the hour before your time; your appointment is kept.",
        ),
    ),
    "too-late": (
        (
            "已经过了可以更改的时间，请按时前来，或到现场取号。",
            "It is too late to change this. Please come at the booked time, or take a number at the hall.",
        ),
    ),
    "wrong-day": (
        (
            "您的预约是 {day}，请在那天前来，或现在取号。",
            "Your appointment is on {day}. Please come that day, or take a number now.",
        ),
        (
            "预约不是今天的，请在预约当天前来，或现在取号。",
            "The appointment is not for today. Please come on its day, or take a number now.",
        ),
    ),
    "no-such-slot": (
        ("没有这个预约时段，请从列表中重选。", "There is no such time slot. Please choose one from the list."),
    ),
    "slot-full": (
        (
            "这个时段刚刚约满，请选择另一个时段，或排候补。",
            "This time slot has just filled up. Please choose another, or join the waiting list.",
        ),
    ),
    "beyond-horizon": (
        (
            "这一天还不能预约，请选择更近的日期。",
            "That day cannot be booked yet. Please choose an earlier date.",
        ),
    ),
    "already-booked": (
        (
            "同一天您已约过这个事项，请使用原预约或先改约。",
            "You already have an appointment for this matter that day. Please use it, or move it first.",
        ),
    ),
    "booking-blocked": (
        (
            "因多次预约未到，暂时不能自助预约；您仍可现场取号，或请工作人员代约。",
            (
                "After several missed appointments booking by yourself is paused."
                " You can still take a number at the hall, or let the staff book for you."
            ),
        ),
    ),
    # --- number blocks and values ----------------------------------------------------------------------
    "too-many-blocks": (
        (
            "本机已有足够的备用号段，请先用完；需要更多请联系管理员。",
            "This terminal already holds enough spare numbers. Use those first, or ask the administrator for more.",
        ),
    ),
    "bad-block-size": (
        ("号段大小不对，请按大厅规定的大小申请。", "The block size is not allowed. Ask for the hall's own size."),
    ),
    "bad-value": (
        ("有一项内容不正确，请检查后重试；" + _DESK_ZH, "Something entered is not right. Please check and try again."),
    ),
}

WORDS: Final[dict[str, tuple[Wording, ...]]] = {
    **_HALL_WORDS,
    **BOOKING_WORDS,
    **INQUIRY_WORDS,
    **TEXT_WORDS,
    **WATCH_WORDS,
    **PAPER_WORDS,
    **DOOR_WORDS,
}

UNKNOWN: Final[Wording] = ("这一步没有完成。" + _DESK_ZH, "This was not done. " + _DESK_EN)
