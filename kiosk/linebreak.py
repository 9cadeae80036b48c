"""Breaking lines of Chinese, Japanese, Korean and English: where a line may end, which size makes a text fit its box.

Kivy breaks at blanks only. Chinese and Japanese break between any two characters, except that a line does not begin
with a closing mark nor end with an opening one (JIS X 4051 and GB/T 15834 agree on these), in Japanese neither with a
small kana, the long-vowel mark nor the repetition mark. Korean breaks between words, as English does (KLREQ 3.2).
Where it costs little of the letters' size no word is torn (``unbroken``). Pure: the widths of characters are an
argument.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.theme import LINE_PER_EM
from kiosk.unbroken import together

SMALL_KANA = frozenset("ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶーゝゞヽヾ々〻")
NOT_FIRST = frozenset("，。、；：？！）》」』”’…—·・〜～】〕,.;:?!)%]}／/–") | SMALL_KANA
_PAUSES = frozenset("，。；：、？！,.;:?!")
_BALANCED, _MANY_PIECES = 5, 80
"""Longer texts are set as they come."""
_TORN = 0.25
_FINE_PX = 72
"""Below this size letters are tried pixel by pixel."""
UNTORN, WHOLE = 0.72, 0.86
"""As long as letters keep this part of their size no word is torn; a line is saved, or every line ends at a pause."""
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


def _hangul(sign: str) -> bool:
    return "\uac00" <= sign <= "\ud7a3" or "\u3130" <= sign <= "\u318f"


Cut = list[list[tuple[str, float, float]]]
"""Of each paragraph its pieces with their width in em, and without the blank at their end."""


def cut(text: str, measure: Measure, *, whole: bool = False) -> Cut:
    """``text`` in pieces; ``whole``: no word is torn."""
    blank = measure(" ")
    paragraphs: Cut = []
    for paragraph in text.split("\n"):
        parts = pieces(paragraph)
        sized = ((part, sum(map(measure, part))) for part in (together(parts) if whole else parts))
        paragraphs.append([(part, size, size - blank if part.endswith(" ") else size) for part, size in sized])
    return paragraphs


def wrap(text: str, width_em: float, measure: Measure) -> list[str] | None:
    """The lines of ``text`` in a box ``width_em`` wide; None if a single piece is wider than the box."""
    return laid(cut(text, measure), width_em)


def laid(paragraphs: Cut, width_em: float) -> list[str] | None:
    """As ``wrap``, of what has been cut."""
    lines: list[str] = []
    for paragraph in paragraphs:
        line, used = "", 0.0
        for piece, size, bare in paragraph:
            if line and used + bare > width_em:
                lines.append(line.rstrip())
                line, used = "", 0.0
            if bare > width_em:
                return None
            line += piece
            used += size
        lines.append(line.rstrip())
    return lines


Fit = tuple[list[str], int, bool]


def fit(
    text: str,
    width_px: float,
    height_px: float,
    largest_px: int,
    floor_px: int,
    measure: Measure,
    most: int = 0,
    needed_px: float = 0,
) -> Fit:
    """Lines and letter size for a box: the largest size that fits, not below the floor; False if none does.

    ``most`` lines; 0 is any number. If no size fits in so few, more of them are better than words cut off. Smaller
    than ``needed_px`` letters do not become for the sake of better lines.
    """
    largest_px = max(largest_px, floor_px)
    box = (width_px, height_px)
    kept = _largest(text, box, largest_px, floor_px, measure, most, needed_px, whole=True)
    if kept is not None and kept[1] >= max(largest_px * UNTORN, min(needed_px, largest_px)):
        return kept
    torn = _largest(text, box, largest_px, floor_px, measure, most, needed_px, whole=False)
    if kept is not None and (torn is None or kept[1] >= max(torn[1] * UNTORN, min(needed_px, torn[1]))):
        return kept
    if torn is not None:
        return torn
    if most:
        return fit(text, width_px, height_px, largest_px, floor_px, measure, 0, needed_px)
    return wrap(text, max(width_px / floor_px, 1.0), measure) or [text], floor_px, False


def _largest(
    text: str,
    box: tuple[float, float],
    largest_px: int,
    floor_px: int,
    measure: Measure,
    most: int,
    needed_px: float,
    *,
    whole: bool,
) -> Fit | None:
    """The largest size, or one a little below it that takes fewer lines, or lets every line end at a pause."""
    paragraphs = cut(text, measure, whole=whole)
    best: Fit | None = None
    best_rank, least = (0, False), 0.0
    for size in (*range(largest_px, floor_px, -1 if largest_px < _FINE_PX else -2), floor_px):
        if best is not None and (size < least or best_rank == (-len(paragraphs), True)):
            break
        lines = laid(paragraphs, box[0] / size)
        if lines is None or (most and len(lines) > most) or len(lines) * LINE_PER_EM * size > box[1] + 1:
            continue
        lines, clean = balanced(paragraphs, box[0] / size)
        rank = (-len(lines), clean)
        if best is None or rank > best_rank:
            best, best_rank = (lines, size, True), rank
            least = least or max(size * WHOLE, min(needed_px, size))
    return best


def balanced(paragraphs: Cut, width_em: float) -> tuple[list[str], bool]:
    """The same number of lines, ending at a pause where they can, and as even as they can be; whether all end so.

    No single character is left over on the last line, no word is torn where a comma stands nearby.
    """
    out: list[str] = []
    clean = True
    for paragraph in paragraphs:
        lines = laid([paragraph], width_em) or [""]
        if 1 < len(lines) <= _BALANCED and len(paragraph) <= _MANY_PIECES:
            lines = _even(paragraph, width_em, len(lines)) or lines
        out += lines
        clean = clean and all(line.endswith(tuple(_PAUSES)) or "  " in line for line in lines[:-1])
    return out, clean


def _even(parts: list[tuple[str, float, float]], width_em: float, count: int) -> list[str] | None:
    """``parts`` in ``count`` lines: what each line leaves free, squared, and as much again as half a line for each
    that does not end at a pause; the least of it.
    """
    ends = [0.0]
    for _, size, _ in parts:
        ends.append(ends[-1] + size)
    blanks = [size - bare for _, size, bare in parts]
    torn = [0.0 if _pause(part) else _TORN * width_em**2 for part, _, _ in parts]
    best: list[tuple[float, tuple[int, ...]] | None] = [(0.0, ()), *(None for _ in parts)]
    for line in range(count):
        now: list[tuple[float, tuple[int, ...]] | None] = [None for _ in ends]
        for start, so_far in enumerate(best):
            if so_far is None or (line and not start):
                continue
            for end in range(start + 1, len(ends)):
                wide = ends[end] - ends[start] - blanks[end - 1]
                if wide > width_em:
                    break
                cost = so_far[0] + (width_em - wide) ** 2 + (torn[end - 1] if end < len(parts) else 0.0)
                if (known := now[end]) is None or cost <= known[0]:
                    now[end] = (cost, (*so_far[1], end))
        best = now
    if (found := best[-1]) is None:
        return None
    texts = [part for part, _, _ in parts]
    starts = (0, *found[1][:-1])
    return ["".join(texts[a:b]).rstrip() for a, b in zip(starts, found[1], strict=True)]


def _pause(piece: str) -> bool:
    return piece.endswith("  ") or piece.rstrip(" ").endswith(tuple(_PAUSES))
