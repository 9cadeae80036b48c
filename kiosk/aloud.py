"""From what is drawn to what is said: ``aloud("A023 · 约 8–15 分钟", "zh-Hans")`` is "A 零 二 三，约 8 到 15 分钟".

Signs that the eye reads and a voice stumbles over become words; ticket numbers, codes and telephone numbers are said
sign by sign, times and dates as people say them. Of a masked text nothing but 星号 ("asterisk") is said, neither the
signs around the stars nor what follows as the last digits: a loudspeaker is no place for a person's data (EN 301 549
5.1.3.8 and 5.1.3.9).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_DIGITS = "零一二三四五六七八九"
_MASKED = re.compile(r"[^\s，,、。：:；;]*\*[^\s，,、。：:；;]*")
_TAIL = re.compile(r"(尾号|尾號|ending|末尾|끝자리)(\s*)[0-9Xx]{2,}")
_TICKET = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{2,}(?![A-Za-z0-9])")
_TELEPHONE = re.compile(r"(?<![\d.])(?:\d{3,4}-)?\d{4} ?\d{4}(?!\d)|(?<!\d)1\d{10}(?!\d)|(?<!\d)\d{3,4}-\d{3,}")
_LONG = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]{2,6}(?![A-Za-z])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/])")
_TIME = re.compile(r"(?<![\d:])([01]\d|2[0-4]):([0-5]\d)(?![\d:])")
_COUNT = re.compile(r"(?<![\d:])(\d):([0-5]\d)(?![\d:])")
"""Minutes and seconds of something that counts; the time of day has two digits for its hour."""
_RANGE = re.compile(r"(?<=\d)\s*[–—~～-]\s*(?=\d)")
_ZH = MappingProxyType({"·": "，", "≥": "大于等于", "≤": "小于等于", "×": "乘", "→": "，", "–": "，", "—": "，",
                        "/": "，", "+": "加", "%": "%", "●": "", "○": "", "…": "，", "_": "", "“": "", "”": "",
                        "「": "", "」": "", "《": "", "》": ""})  # fmt: skip
_EN = MappingProxyType({"·": ",", "≥": "at least", "≤": "at most", "×": "times", "→": ",", "–": ",", "—": ",",
                        "●": "", "○": "", "…": ",", "_": "", "“": "", "”": "", "/": ","})  # fmt: skip
_NAMES = MappingProxyType({"English": "英语", "中文": "Chinese", "日本語": "Japanese", "한국어": "Korean",
                           "繁體中文": "Traditional Chinese", "简体中文": "Simplified Chinese"})  # fmt: skip
"""Languages by their own names, for a voice that does not speak them."""
_STAR = MappingProxyType({"zh": "星号", "ja": "アスタリスク", "ko": "별표"})
_TO = MappingProxyType({"zh": "到", "ja": "から", "ko": "에서"})


def aloud(text: str, lang: str) -> str:
    """``text``, as it is drawn, in the words of the voice of ``lang``."""
    star = " " + _STAR.get(lang[:2], "asterisk") + " "
    text = _TAIL.sub(lambda found: found[1] + star, text)
    text = _MASKED.sub(star, text)
    chinese = lang.startswith("zh")
    for pattern, said in _SPOKEN_ZH if chinese else _SPOKEN:
        text = pattern.sub(said, text)
    text = _RANGE.sub(f" {_TO.get(lang[:2], 'to')} ", text)
    text = _named(text, lang, _ZH if chinese else _EN)
    return re.sub(r"\s+", " ", text).strip()


def spelt(text: str, *, chinese: bool) -> str:
    """Sign by sign; signs that only group (spaces, dashes) are pauses."""
    said = [_DIGITS[int(x)] if chinese and x in "0123456789" else "," if x in " -" else x for x in text]
    return " ".join(said)


def _named(text: str, lang: str, signs: Mapping[str, str]) -> str:
    for name, said in _NAMES.items():
        own = name == "English" if not lang.startswith("zh") else name != "English"
        if name in text and not own:
            text = text.replace(name, said)
    return "".join(f" {signs[sign]} " if signs.get(sign, sign) != sign else sign for sign in text)


def _spell(*, chinese: bool) -> Callable[[re.Match[str]], str]:
    return lambda found: f" {spelt(found[0], chinese=chinese)} "


def _time_zh(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if not minute:
        return f"{hour}点整"
    return f"{hour}点{'零' if minute < 10 else ''}{minute}分"


def _count_zh(found: re.Match[str]) -> str:
    minutes, seconds = int(found[1]), int(found[2])
    return f"{minutes}分{seconds}秒" if minutes else f"{seconds}秒"


def _count_en(found: re.Match[str]) -> str:
    minutes, seconds = int(found[1]), int(found[2])
    parts = ((minutes, "minute"), (seconds, "second"))
    return " ".join(f"{n} {unit}{'s' if n != 1 else ''}" for n, unit in parts if n or unit == "second")


def _iso_zh(found: re.Match[str]) -> str:
    year = "".join(_DIGITS[int(sign)] for sign in found[1])
    return f"{year}年{int(found[2])}月{int(found[3])}日"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _day_en(found: re.Match[str]) -> str:
    month, day = int(found[1]), int(found[2])
    return f"{_MONTHS[month - 1]} {day}" if 1 <= month <= 12 else found[0]


def _iso_en(found: re.Match[str]) -> str:
    month = int(found[2])
    return f"{_MONTHS[month - 1]} {int(found[3])}, {found[1]}" if 1 <= month <= 12 else found[0]


_SPOKEN_ZH: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_ISO, _iso_zh),
    (_TICKET, _spell(chinese=True)),
    (_TELEPHONE, _spell(chinese=True)),
    (_LONG, _spell(chinese=True)),
    (_CAPITALS, _spell(chinese=True)),
    (_TIME, _time_zh),
    (_COUNT, _count_zh),
    (_DAY, lambda found: f"{int(found[1])}月{int(found[2])}日"),
)
_SPOKEN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_ISO, _iso_en),
    (_TICKET, _spell(chinese=False)),
    (_TELEPHONE, _spell(chinese=False)),
    (_LONG, _spell(chinese=False)),
    (_COUNT, _count_en),
    (_DAY, _day_en),
)
