"""Why an off-line ticket is not called: the words for the clerk at whose window it was scanned."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from queue_server.wire.door_words import Wording


class PaperCode(StrEnum):
    """What a window says to a code that was scanned; ``bad-signature`` is ``DoorCode``'s."""

    UNREADABLE = "paper-unreadable"
    OTHER_HALL = "paper-other-hall"
    OTHER_DAY = "paper-other-day"
    UNKNOWN_TERMINAL = "paper-unknown-terminal"
    KEY_CHANGED = "paper-key-changed"
    UNKNOWN_BLOCK = "paper-unknown-block"


PAPER_WORDS: Final[dict[str, tuple[Wording, ...]]] = {
    PaperCode.UNREADABLE: (
        (
            "这不是本系统的号票码，请再扫一次，或直接输入号码。",
            "This is not a ticket's code. Please scan it again, or type the number.",
        ),
    ),
    PaperCode.OTHER_HALL: (
        (
            "这是另一个大厅的号票，请市民到那个大厅，或在这里重新取号。",
            "This ticket belongs to another hall. Please send the citizen there, or have a number taken here.",
        ),
    ),
    PaperCode.OTHER_DAY: (
        (
            "这张号票不是今天的，已经失效，请市民重新取号。",
            "This ticket is not of today and no longer holds. Please have a new number taken.",
        ),
    ),
    PaperCode.UNKNOWN_TERMINAL: (
        (
            "发出这张号票的终端没有登记，不能核对，请市民到综合窗口取号。",
            "The terminal that gave this ticket is not registered. Please have a number taken at the general window.",
        ),
    ),
    PaperCode.KEY_CHANGED: (
        (
            "这台终端换了密钥，还没有确认，请先人工接待，并通知运维在“终端设备”页确认。",
            (
                "This terminal's key has changed and nobody has confirmed it. Please serve the citizen by hand and ask"
                " a technician to confirm it on the devices page."
            ),
        ),
    ),
    PaperCode.UNKNOWN_BLOCK: (
        (
            "系统没有给过这台终端这个号码，请人工核对后重新取号。",
            "This number was never lent to that terminal. Please check by hand and have a new number taken.",
        ),
    ),
}
