"""The small panel's page of words: nothing is scrolled, nothing is made smaller than is needed, nothing left out.

What explains something, says what is so, or asks before a number is made here into one kind of page: lines of words on
a card and at most two controls beside it. Words that do not fit in letters of 0.7 degrees are divided over leaves, at
the end of a line of words or of a sentence; more than two next steps stand on a leaf of their own, large. The session
keeps which leaf is shown (``Session.leaf``), 下一页 leads on, and 返回 first leads a leaf back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from kiosk.advances import bold
from kiosk.flow import State
from kiosk.linebreak import cut, laid, wrap
from kiosk.text import Words
from kiosk.views.calm import MessageView
from kiosk.views.choose import ListView
from kiosk.views.code import CodeView
from kiosk.views.confirm import ConfirmView
from kiosk.views.facts import FactsView
from kiosk.views.parts import Button, Frame, Tone, Waiting
from kiosk.views.ticket import TicketView

BESIDE = 2
"""So many controls of 20 mm stand below each other beside the words."""
WIDE_EM, LONE_EM = 10.85, 17.2
"""How wide the words' card is in the least letters of what is needed: beside controls, and without any."""
TICKET_EM = 12.8
"""How wide the words below a ticket's number are."""
LINES = 5
"""How many lines of such letters are high."""
LARGE = 1.3
"""What is read from afar, against everything else."""
_STOPS = re.compile(r"(?<=[。；！？])|(?<=[.;!?]) ")
_BREATHS = re.compile(r"(?<=[，、：])|(?<=[,:]) ")

Wordy = MessageView | FactsView | ConfirmView | ListView
"""What is mostly words. A list is while it has nothing to choose from."""
Weight = Literal["plain", "strong", "large"]


@dataclass(frozen=True, slots=True)
class Line:
    """``name`` is what the words are ("Number:"), drawn before them; ``unread`` stands in their place, never spoken."""

    name: str
    words: str
    weight: Weight = "plain"
    unread: str = ""

    @property
    def drawn(self) -> str:
        return self.name + (self.words or self.unread)


@dataclass(frozen=True, slots=True)
class LeafView:
    """``lines`` of this leaf of ``leaves``; ``actions`` beside them, or alone as large tiles where there are none."""

    frame: Frame
    icon: str
    tone: Tone
    lines: tuple[Line, ...]
    actions: tuple[Button, ...]
    leaf: int = 0
    leaves: int = 1


def leaved(state: State, view: Wordy, w: Words) -> LeafView:
    """The leaf of ``view`` that is shown now."""
    lines, tone, icon = _lines(view, w)
    actions = view.side if isinstance(view, ListView) else view.actions
    leaves = _fewest(lines, WIDE_EM if actions else LONE_EM)
    if len(leaves) > 1 and not actions:
        leaves = _fewest(lines, WIDE_EM)
    apart = len(actions) > BESIDE
    count = len(leaves) + apart
    leaf = min(state.session.leaf, count - 1)
    shown = leaves[leaf] if leaf < len(leaves) else ()
    steps = _steps(actions, leaf, count, w, apart=apart)
    return LeafView(view.frame, icon, tone, shown, steps, leaf, count)


def waited(waiting: Waiting, w: Words | None = None, wide: float = WIDE_EM) -> tuple[Line, ...]:
    """How many and how long: in one line where it is wide enough, else in two."""
    said = tuple(filter(None, (waiting.count, waiting.range)))
    together = Line("", (w("，") if w else "  ").join(said), "strong")
    if lines_of(together, wide) <= 1:
        return (together,)
    return tuple(Line("", part, "strong") for part in said)


def coded(state: State, view: CodeView, w: Words) -> CodeView | LeafView:
    """The code and what it stands for first; what else is good to know on the leaves behind it."""
    colon = _colon(w)
    large = (Line(view.large_note + colon, view.large, "strong"),) if view.large_note else ()
    behind = divided((*large, *(Line("", line) for line in view.lines)))
    count = 1 + len(behind)
    leaf = min(state.session.leaf, count - 1)
    steps = _steps(view.actions, leaf, count, w, apart=False)
    if leaf:
        return LeafView(view.frame, "code", "plain", behind[leaf - 1], steps, leaf, count)
    return replace(view, lines=(), qr_note=w("手机扫码"), actions=steps, leaves=count)


def ticketed(state: State, view: TicketView, w: Words) -> TicketView | LeafView:
    """Number, code, where and how long; on the leaf behind it what it is, until when, and how one may step out."""
    lines = [Line("", view.note, "strong"), Line("", view.kind)]
    lines += [Line("", part) for part in (*view.promise.split("  "), view.away)]
    behind = divided(_told(lines))
    count = 1 + len(behind)
    leaf = min(state.session.leaf, count - 1)
    done, others = view.actions[:1], view.actions[1:]
    if leaf:
        steps = _steps((*others, *done)[:BESIDE], leaf, count, w, apart=False)
        return LeafView(view.frame, "ticket", "plain", behind[leaf - 1], steps, leaf, count)
    # A print that is in doubt is asked for again here; all else can wait behind.
    urgent = tuple(button for button in others if button.action == "reprint" and not view.note)
    on = urgent[:1] or (Button("leaf", w("详情"), value="1", icon="more"),)
    return replace(view, kind="", note="", promise="", away="", actions=(*done, *on), leaves=count)


def _steps(actions: tuple[Button, ...], leaf: int, count: int, w: Words, *, apart: bool) -> tuple[Button, ...]:
    """What stands beside a leaf: all of it on the last, before that what helps most and the way on."""
    last = leaf == count - 1
    if last and (apart or count == 1 or len(actions) == BESIDE):
        return actions
    if last:
        return (*actions, Button("leaf", w("上一页"), value=str(leaf - 1), icon="up"))
    on = Button("leaf", w("下一页"), value=str(leaf + 1), icon="down")
    if apart and leaf == count - 2:
        on = replace(on, label=w("其他办法"), icon="more")
    first = tuple(button for button in actions if button.tone == "primary" and button.enabled)[:1]
    first = first or (actions if len(actions) == 1 else ())
    return (*first, on)


def _lines(view: Wordy, w: Words) -> tuple[tuple[Line, ...], Tone, str]:
    colon = _colon(w)

    def fact(name: str, words: str, weight: Weight = "plain", unread: str = "") -> Line:
        return Line(name + colon if name else "", words, weight, unread)

    match view:
        case MessageView():
            parts = [Line("", view.sentence, "strong"), Line("", view.large, "large")]
            parts += [Line("", line) for line in view.detail.split("\n")]
            return _told(parts), view.tone, view.icon
        case FactsView():
            parts = [Line("", view.large, "large"), Line("", view.state, "strong")]
            parts += waited(view.waiting, w) if view.waiting else ()
            parts += [fact(x.label, x.text, "strong" if x.strong else "plain", x.unread) for x in view.facts]
            parts.append(Line("", view.note))
            return _told(parts), view.tone, ""
        case ConfirmView():
            papers = w("；").join(paper.text for paper in view.materials)
            parts = [Line("", view.name, "strong")]
            parts.append(fact(view.heading, papers) if papers else Line("", view.heading))
            parts += waited(view.waiting, w) if view.waiting else (Line("", view.note or view.duration),)
            return _told(parts), "plain", ""
        case ListView():
            return (Line("", view.note, "strong"),), "plain", ""


def _colon(w: Words) -> str:
    return "：" if w.lang.startswith("zh") or w.lang == "ja" else ": "


def _told(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.drawn.strip())


def lines_of(line: Line, wide: float) -> float:
    """How many lines of the least letters ``line`` is high, no word torn that has room."""
    scale = LARGE if line.weight == "large" else 1.0
    laid_out = laid(cut(line.drawn, bold, whole=True), wide / scale) or wrap(line.drawn, wide / scale, bold)
    return len(laid_out or ()) * scale or 99.0


def divided(lines: tuple[Line, ...], wide: float = WIDE_EM, high: int = LINES) -> tuple[tuple[Line, ...], ...]:
    """``lines`` on as few leaves as they take, each whole where it can be."""
    leaves: list[tuple[Line, ...]] = []
    leaf: tuple[Line, ...] = ()
    used = 0.0
    for line in lines:
        for part in _parted(line, wide, high):
            needed = lines_of(part, wide)
            if leaf and used + needed > high:
                leaves.append(leaf)
                leaf, used = (), 0.0
            leaf, used = (*leaf, part), used + needed
    return (*leaves, leaf)


def _fewest(lines: tuple[Line, ...], wide: float) -> tuple[tuple[Line, ...], ...]:
    """What is read from afar is only strong where it is long, or where that saves a leaf."""
    calm = divided(tuple(replace(line, weight="strong") if line.weight == "large" else line for line in lines), wide)
    if any(line.weight == "large" and lines_of(line, wide) > 2 * LARGE for line in lines):
        return calm
    usual = divided(lines, wide)
    return calm if len(calm) < len(usual) else usual


def _parted(line: Line, wide: float, high: int) -> Iterator[Line]:
    """``line``, or where it alone is higher than a leaf, its sentences, its clauses."""
    if lines_of(line, wide) <= high or line.weight == "large":
        yield line
        return
    for at in (_STOPS, _BREATHS):
        pieces = [piece.strip() for piece in at.split(line.words or line.unread) if piece.strip()]
        if len(pieces) > 1:
            yield from _gathered(line, pieces, wide, high)
            return
    yield line


def _gathered(line: Line, pieces: list[str], wide: float, high: int) -> Iterator[Line]:
    """As many ``pieces`` of ``line`` together as fit a leaf."""

    def with_words(words: str, *, first: bool) -> Line:
        name = line.name if first else ""
        return replace(line, name=name, unread=words) if line.unread else replace(line, name=name, words=words)

    glue = "" if pieces[0][-1:] >= "\u2e80" else " "
    held, first = pieces[0], True
    for piece in pieces[1:]:
        longer = held + glue + piece
        if lines_of(with_words(longer, first=first), wide) > high:
            yield from _parted(with_words(held, first=first), wide, high)
            held, first = piece, False
        else:
            held = longer
    yield from _parted(with_words(held, first=first), wide, high)
