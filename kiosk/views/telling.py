"""What is said when something has changed: a new page whole, a control by itself, and of a page that stays only news.

Who listens is told once and not again: a count that ticks, or two lines that take turns, are said the first time only.
What the citizen does begins this anew, so that "printing" after a second try is said a second time. A strip (the link
is lost, there is no paper) is said whenever it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.text import words
from kiosk.views.reading import Reading, loudness, opened


@dataclass(frozen=True, slots=True)
class Told:
    """What has been heard so far: of the page before, and what of it is known. Digits do not count."""

    before: Reading | None = None
    known: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Telling:
    """``phrases`` to be said; ``at_once``: in place of what is being said now, else after it."""

    told: Told
    phrases: tuple[str, ...] = ()
    at_once: bool = False


def tell(told: Told, now: Reading) -> Telling:
    """What to say of ``now`` to who has heard ``told``."""
    was = told.before
    if not now.voice:
        off = (words(now.lang)("读屏已关闭"),) if was is not None and was.voice and _same_session(was, now) else ()
        return Telling(Told(now), off, at_once=bool(off))
    whole = Told(now, frozenset(map(_mask, now.phrases)))
    if was is None or not was.voice or (now.reader and not was.reader):
        return Telling(whole, (*opened(now), *now.phrases), at_once=True)
    if was.place != now.place:
        return Telling(whole, now.phrases, at_once=True)
    if was.volume != now.volume:
        return Telling(Told(now, told.known), (loudness(now),), at_once=True)
    if was.dark != now.dark:
        w = words(now.lang)
        screen = w("屏幕已关，语音继续") if now.dark else w("屏幕已打开")
        return Telling(Told(now, told.known), (screen,), at_once=True)
    if was.focus != now.focus:
        turned = was.focus >= 0 and abs(was.focus - now.focus) == len(now.items) - 1 > 1
        again = (words(now.lang)("从头开始") if now.focus == 0 else words(now.lang)("已到最后"),) if turned else ()
        return Telling(whole, (*again, now.item) if now.item else now.phrases, at_once=True)
    if was.typed != now.typed:
        return Telling(whole, (*_typed(was, now), *_new(now.phrases, was.phrases)), at_once=True)
    return _news(told, was, now)


def _news(told: Told, was: Reading, now: Reading) -> Telling:
    """The page stands and something on it is new."""
    known = told.known
    acted = was.touched_s != now.touched_s
    if acted:
        known = frozenset(map(_mask, was.phrases))
    news = [phrase for phrase in now.phrases if _mask(phrase) not in known]
    if now.strip and now.strip != was.strip and now.strip not in news:
        news.insert(0, now.strip)
    if _standing(was) != _standing(now) and now.item:
        news.insert(0, now.item)
    return Telling(Told(now, known | set(map(_mask, now.phrases))), tuple(news), at_once=acted and bool(news))


def _standing(reading: Reading) -> tuple[str, str, bool] | None:
    if not 0 <= reading.focus < len(reading.items):
        return None
    button = reading.items[reading.focus]
    return button.label, button.tone, button.enabled


def _same_session(was: Reading, now: Reading) -> bool:
    return was.place.split("/")[0] == now.place.split("/")[0]


def _typed(was: Reading, now: Reading) -> tuple[str, ...]:
    """The sign that was typed, or that one is gone. Of a hidden number only how many there are is said, as a phrase."""
    w = words(now.lang)
    if any(sign in "●○" for sign in now.typed):
        return ()
    if now.typed.startswith(was.typed) and len(now.typed) - len(was.typed) <= 1:
        return (now.typed[len(was.typed) :],)
    if was.typed.startswith(now.typed):
        return (w("已删除"),)
    return ()


def _new(phrases: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(phrase for phrase in phrases if phrase not in known)


def _mask(phrase: str) -> str:
    return "".join("0" if sign.isdigit() else sign for sign in phrase)
