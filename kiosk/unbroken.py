"""What a line should not tear although it may: a word of Chinese, a number and what it counts, a Japanese phrase.

Chinese has no blanks, and 窗口正 / 在办理 has to be read twice. ``locale/unbroken.txt`` has the words of this hall in
both scripts; the longest that fits is taken, from left to right. 的 and its like end what stands before them, 请, 不
and 到 begin what follows. In Japanese a phrase ends in hiragana. All of it is a wish: where a box is too narrow for a
word, ``linebreak`` tears it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "locale" / "unbroken.txt"
_LEANS_BACK = frozenset("的了吗嗎呢吧们們")
_LEANS_ON = frozenset("不没沒请請在到把被从從为為和与與或第每约約共由向未最很")
_COUNTED = frozenset("人分页頁步个個项項位次秒天元厘条條行件张張月日年号號点點时時份小名岁歲周週")
_QUOTED = re.compile("[“‘「][^“”‘’「」]{1,8}[”’」]")
_UNITS = frozenset({"min", "min.", "s"})
_MONTHS = frozenset({"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"})


@cache
def _words() -> tuple[frozenset[str], int]:
    words = frozenset(WORDS.read_text(encoding="utf-8").split())
    return words, max(map(len, words))


def together(parts: list[str]) -> list[str]:
    """``parts``, cut wherever a line may end, with those joined that belong together."""
    text = "".join(parts)
    inside = _kana_inside(text) if any(map(_kana, text)) else _han_inside(text)
    for quoted in _QUOTED.finditer(text):
        inside.update(range(quoted.start() + 1, quoted.end()))
    out: list[str] = []
    end = 0
    for part in parts:
        if out and (end in inside or _counts(out[-1], part)):
            out[-1] += part
        else:
            out.append(part)
        end += len(part)
    return out


def _han_inside(text: str) -> set[int]:
    """Places that stand inside a word, or between one and what leans on it."""
    words, longest = _words()
    inside: set[int] = set()
    at = 0
    while at < len(text):
        size = next((n for n in range(min(longest, len(text) - at), 1, -1) if text[at : at + n] in words), 1)
        inside.update(range(at + 1, at + size))
        if size == 1 and text[at] in _LEANS_BACK:
            inside.add(at)
        elif size == 1 and text[at] in _LEANS_ON:
            inside.add(at + 1)
        at += size
    return inside


def _kana_inside(text: str) -> set[int]:
    """Everywhere but after hiragana before something else."""
    return {
        at
        for at in range(1, len(text))
        if _letter(text[at - 1]) and _letter(text[at]) and not (_hiragana(text[at - 1]) and not _hiragana(text[at]))
    }


def _counts(before: str, part: str) -> bool:
    """12 人, 8–15 分钟, 第 2 页, 12月1日; 5 min, Dec 1."""
    last = before.rstrip(" ")[-1:]
    if last.isdigit():
        return part[0] in _COUNTED or part.strip() in _UNITS
    return part[0].isdigit() and (before.rstrip(" ") in _LEANS_ON | _MONTHS or last == "月")


def _letter(sign: str) -> bool:
    return "\u3041" <= sign <= "\u30ff" or "\u3400" <= sign <= "\u9fff" or sign == "々"


def _kana(sign: str) -> bool:
    return "\u3041" <= sign <= "\u30ff" and sign != "・"


def _hiragana(sign: str) -> bool:
    return "\u3041" <= sign <= "\u309f"
