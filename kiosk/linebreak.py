"""Breaking lines of Chinese, Japanese, Korean and English: where a line may end, which size makes a text fit its box.

Kivy breaks at blanks only. Chinese and Japanese break between any two characters, except that a line does not begin
with a closing mark nor end with an opening one (JIS X 4051 and GB/T 15834 agree on these), in Japanese neither with a
small kana, the long-vowel mark nor the repetition mark. Korean breaks between words, as English does (KLREQ 3.2).
Pure: the widths of characters are an argument.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.theme import LINE_PER_EM

SMALL_KANA = frozenset("ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶーゝゞヽヾ々〻")
NOT_FIRST = frozenset("，。、；：？！）》」』”’…—·・〜～】〕,.;:?!)%]}／/–") | SMALL_KANA
_PAUSES = frozenset("，。；：、？！")
_TRIED_WIDTHS = 16
_FINE_PX = 72
"""Below this size letters are tried pixel by pixel."""
NOT_LAST = frozenset("（《「『“‘【〔([{")
Measure = Callable[[str], float]
"""Width of one character in em."""


def pieces(text: str) -> list[str]:
    """``text`` cut wherever a line may end; blanks stay at the end of their piece."""
    out: list[str] = []
    for sign in text:
        if out and not _may_break(out[-1], sign):
            out[-1] += sign
        else:
            out.append(sign)
    return out


def _may_break(before: str, sign: str) -> bool:
    last = before[-1]
    if sign in NOT_FIRST or sign == " " or last in NOT_LAST:
        return False
    if last in "-/" and len(before) > 2 and sign.isalpha():
        return True
    return last == " " or _wide(last) or _wide(sign)


def _wide(sign: str) -> bool:
    return ord(sign) >= 0x2E80 and not _hangul(sign)


def _hiragana(sign: str) -> bool:
    """In Japanese a phrase mostly ends in hiragana and the next begins in something else."""
    return "\u3041" <= sign <= "\u309f"


def _hangul(sign: str) -> bool:
    return "\uac00" <= sign <= "\ud7a3" or "\u3130" <= sign <= "\u318f"


def wrap(text: str, width_em: float, measure: Measure) -> list[str] | None:
    """The lines of ``text`` in a box ``width_em`` wide; None if a single piece is wider than the box."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for piece in pieces(paragraph):
            size = sum(measure(sign) for sign in piece)
            bare = size - (measure(" ") if piece.endswith(" ") else 0)
            if line and used + bare > width_em:
                lines.append(line.rstrip())
                line, used = "", 0.0
            if bare > width_em:
                return None
            line += piece
            used += size
        lines.append(line.rstrip())
    return lines


def fit(
    text: str, width_px: float, height_px: float, largest_px: int, floor_px: int, measure: Measure, most: int = 0
) -> tuple[list[str], int, bool]:
    """Lines and letter size for a box: the largest size that fits, not below the floor; False if none does.

    ``most`` lines; 0 is any number. If no size fits in so few, more of them are better than words cut off.
    """
    largest_px = max(largest_px, floor_px)
    for size in (*range(largest_px, floor_px, -1 if largest_px < _FINE_PX else -2), floor_px):
        lines = wrap(text, width_px / size, measure)
        if lines is None or (most and len(lines) > most):
            continue
        if len(lines) * LINE_PER_EM * size <= height_px + 1:
            return balanced(text, width_px / size, lines, measure), size, True
    if most:
        return fit(text, width_px, height_px, largest_px, floor_px, measure)
    return wrap(text, max(width_px / floor_px, 1.0), measure) or [text], floor_px, False


def balanced(text: str, width_em: float, lines: list[str], measure: Measure) -> list[str]:
    """The same number of lines, ending at a pause where they can, and as even as they can be.

    No single character is left over on the last line, no word is torn where a comma stands nearby.
    """
    if not 2 <= len(lines) <= 3 or "\n" in text:
        return lines
    best, best_rank = lines, (-1, 0.0)
    for step in range(_TRIED_WIDTHS + 1):
        width = width_em * (1 - 0.55 * step / _TRIED_WIDTHS)
        tried = wrap(text, width, measure)
        if tried is None or len(tried) != len(lines):
            break
        rank = (sum(_pauses(text, line) for line in tried[:-1]), -width)
        if rank > best_rank:
            best, best_rank = tried, rank
    return best


def _pauses(text: str, line: str) -> bool:
    after = text[text.index(line) + len(line) :]
    phrase = _hiragana(line[-1:]) and not _hiragana(after[:1])
    return line[-1:] in _PAUSES or phrase or (after.startswith(" ") and _wide(line[-1]))
