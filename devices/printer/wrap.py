"""How wide a text is on thermal paper, and where it may be broken.

A printer prints a one-byte character in one column and *every* two-byte GBK character in two, so "①" and "“",
which are of ambiguous width in Unicode and one column on a terminal, take two here. Only what GBK cannot say
(and is therefore drawn, not sent as text) is measured by its East Asian Width. Lines break between Han
characters or at spaces; no line begins with a closing mark or ends with an opening one, unless it must.
"""

from __future__ import annotations

import re
import unicodedata

from wcwidth import wcwidth

_WORD = re.compile(r"[!-~]+")
_NEW_LINE = re.compile("\r\n|[\x85\u2028\u2029]")
NOT_FIRST = frozenset("，。、；：？！）》」』】〕”’…％·,.;:?!)]}%～—")
NOT_LAST = frozenset("（《「『【〔“‘￥$([{#")


def clean(text: str) -> str:
    """``text`` as it may reach a printer: composed (NFC), ``¥`` as ``￥``, no control or invisible character.

    Control bytes are commands to a printer, so none may pass from a text; a tab is a space, a new line stays and
    is one however it is written. Variation selectors choose between glyphs that a printer does not have.
    """
    composed = _NEW_LINE.sub("\n", unicodedata.normalize("NFC", text.replace("¥", "￥"))).replace("\t", " ")
    return "".join(ch for ch in composed if ch == "\n" or not _invisible(ch))


def _invisible(ch: str) -> bool:
    return (
        unicodedata.category(ch) in {"Cc", "Cf", "Cs"} or 0xFE00 <= ord(ch) <= 0xFE0F or 0xE0100 <= ord(ch) <= 0xE01EF
    )


def gbk(ch: str) -> bytes | None:
    """The one or two bytes of ``ch`` on a GBK printer, or None where its character set ends."""
    if ch.isascii():
        return ch.encode("ascii")
    try:
        code = ch.encode("gbk")
    except UnicodeEncodeError:
        return None
    return code if len(code) == 2 else None


def columns_of(ch: str) -> int:
    """Columns that ``ch`` takes on paper: 0 for a combining mark, else 1 or 2."""
    if ch.isascii():
        return 1
    if gbk(ch) is not None:
        return 2
    return max(0, wcwidth(ch))


def width_of(text: str) -> int:
    return sum(map(columns_of, text))


def wrap(text: str, columns: int) -> list[str]:
    """``text`` in lines of at most ``columns`` (at least 2) columns; nothing is lost but the spaces at a break.

    A line feed in the text begins a new line. An empty text is one empty line.
    """
    return [line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, max(columns, 2))]


def wrap_evenly(text: str, columns: int) -> list[str]:
    """As ``wrap``, in as few lines, but of like length: a title's last character never stands alone."""
    return [line for paragraph in text.split("\n") for line in _evenly(paragraph, max(columns, 2))]


def _evenly(text: str, columns: int) -> list[str]:
    best = _wrap_paragraph(text, columns)
    longest_word = max((len(word) for word in _WORD.findall(text)), default=0)
    for fewer in range(columns - 1, max(columns // 2, longest_word - 1, 1), -1):
        lines = _wrap_paragraph(text, fewer)
        if len(lines) > len(best) or len(best) == 1:
            break
        best = lines
    return best


def _wrap_paragraph(text: str, columns: int) -> list[str]:
    lines: list[str] = []
    rest = text.rstrip(" ")
    while width_of(rest) > columns:
        fits = _longest_fit(rest, columns)
        at = _break_before(rest, fits)
        lines.append(rest[:at].rstrip(" "))
        rest = rest[at:].lstrip(" ")
    lines.append(rest)
    return lines


def _longest_fit(text: str, columns: int) -> int:
    """How many characters of ``text`` fit; at least one, and combining marks stay with their letter."""
    used = 0
    for index, ch in enumerate(text):
        used += columns_of(ch)
        if used > columns:
            return max(index, 1)
    return len(text)


def _break_before(text: str, fits: int) -> int:
    """The best place for a break at or before ``fits``; ``fits`` itself when there is no good one."""
    for at in range(fits, 0, -1):
        before, after = text[at - 1], text[at]
        if not text[:at].strip(" "):
            break
        if after == " ":
            return at
        if before == " " or _may_part(before, after):
            return at
    return fits


def _may_part(before: str, after: str) -> bool:
    if after in NOT_FIRST or before in NOT_LAST or columns_of(after) == 0:
        return False
    return columns_of(before) == 2 or columns_of(after) == 2
