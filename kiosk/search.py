"""Searching a catalogue of thousands of matters at each letter that is typed.

An ``Index`` is made once from the catalogue. A query is read in the ways in which it can be meant, the likely ones
first: as it stands (characters, readings, first letters, any mixture; English words; the digits of a telephone), with
its signs spread over the name (社保卡 in 社会保障卡), by sound (readings that many do not tell apart, characters that
sound alike), and at last with one slip of the finger. What fits is ordered by a cost: how it was meant, where in the
name it begins, how much of the name it covers. A hot matter comes first among near equals. No matter is known by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.grams import Grams, places
from kiosk.spelling import (
    ANY,
    DIGIT,
    TELEPHONE,
    Line,
    Spelling,
    begins_with,
    is_han,
    neighbours,
    plain,
    scattered,
    slipped,
    southern,
    spelling,
    typed,
)
from kiosk.text import simplified

if TYPE_CHECKING:
    from collections.abc import Iterable

    from queue_server.wire import messages as wire

QUERY_MAX = 40
ENOUGH = 3
"""With so many that fit as typed nobody is taken to have mistyped."""
NEAREST, FEW = 3, 4
"""How many are offered where nothing fits; of so many signs one pair in common is chance."""
SPELT = 4
"""Of fewer letters a slip is looked for in first letters only."""
MIXED_MOST = 300
"""So many names at most are looked at for a slip in characters and letters mixed: what may fit more says little."""
REMEMBERED = 64
_ENGLISH, _SPREAD, _SOUND, _SLIP, _LOOSE = 0.45, 1.5, 2.0, 3.0, 4.0
_UNALIKE = 0.3
_HOT = 0.12


class Index:
    """Spellings of every matter. ``hot``: ids, the most wanted first."""

    def __init__(self, matters: Iterable[wire.CatalogueMatter], hot: Iterable[str] = ()) -> None:
        self._entries = [spelling(matter) for matter in matters]
        self._warm = {name: 1 - 0.1 * place for place, name in enumerate(list(hot)[:6])}
        self._seen: dict[tuple[str, str], tuple[wire.CatalogueMatter, ...]] = {}
        self._readings: dict[str, set[str]] = {}
        self._themes = Grams()
        self._typed, self._dialled, self._words, self._word_keys = Grams(), Grams(), Grams(), Grams()
        self._rows, self._dialled_rows, self._firsts, self._dialled_firsts = Grams(), Grams(), Grams(), Grams()
        self._signs, self._sounds, self._southern = Grams(), Grams(), Grams()
        steps: dict[tuple[str, str, str, str], int] = {}
        for place, entry in enumerate(self._entries):
            self._enter(entry, 1 << place, steps)
        for step, names in steps.items():
            sign, reading, next_sign, next_reading = step
            for pair in neighbours(sign, reading, next_sign, next_reading):
                self._typed.add(pair, names)
            for pair in {pair.translate(DIGIT) for pair in neighbours("", reading, "", next_reading)}:
                self._dialled.add(pair, names)
            first, row = reading[0] + next_reading[:1], reading + next_reading[:1]
            for firsts, rows, table in (
                (self._firsts, self._rows, {}),
                (self._dialled_firsts, self._dialled_rows, DIGIT),
            ):
                for gram in {first.translate(table), first[0].translate(table)}:
                    firsts.add(gram, names)
                for gram in {row[at : at + 2].translate(table) for at in range(len(row))} | set(
                    reading.translate(table)
                ):
                    rows.add(gram, names)
            for letter in reading:
                self._typed.add(letter, names)

    def _enter(self, entry: Spelling, bit: int, steps: dict[tuple[str, str, str, str], int]) -> None:
        line, name = entry.line, entry.name or "-"
        self._themes.add(entry.matter.theme_zh, bit)
        for at, (sign, reading) in enumerate(zip(name, line.readings, strict=True)):
            step = (sign, reading, name[at + 1 : at + 2], line.readings[at + 1] if at + 1 < len(name) else "")
            steps[step] = steps.get(step, 0) | bit
        for sign in set(name) | set(line.initials):
            self._signs.add(sign, bit)
            self._typed.add(sign, bit)
        for sign, reading in zip(name, line.readings, strict=True):
            if is_han(sign):
                self._readings.setdefault(sign, set()).add(reading)
                self._sounds.add(southern(reading), bit)
        for grams, text in (
            (self._words, entry.words.whole),
            (self._word_keys, entry.word_keys.whole),
            (self._southern, entry.southern),
        ):
            for gram in {text[at : at + 2] for at in range(len(text))} | set(text):
                grams.add(gram, bit)

    def find(self, query: str, theme_zh: str = "") -> tuple[wire.CatalogueMatter, ...]:
        """Every matter that fits ``query``, the best first; of a query longer than 40 signs the first 40 count.

        ``theme_zh``: only among the matters of that theme.
        """
        query = query[:QUERY_MAX]
        seen = self._seen.get((query, theme_zh))
        if seen is None:
            while len(self._seen) >= REMEMBERED:
                self._seen.pop(next(iter(self._seen)))
            seen = self._seen[query, theme_zh] = self._find(query, theme_zh)
        return seen

    def nearest(self, query: str) -> tuple[wire.CatalogueMatter, ...]:
        """For a query that fits nothing: the three that share most of its pairs of signs, if any are shared."""
        wanted = plain(query[:QUERY_MAX])
        shared: dict[int, int] = {}
        for pair in {wanted[at : at + 2] for at in range(len(wanted) - 1)}:
            for place in places(self._typed.having(pair) | self._dialled.having(pair) | self._words.having(pair)):
                shared[place] = shared.get(place, 0) + 1
        least = 1 if len(wanted) < FEW else 2
        near = [place for place, count in shared.items() if count >= least]
        ranked = sorted(near, key=lambda place: (-shared[place], len(self._entries[place].name), place))
        return tuple(self._entries[place].matter for place in ranked[:NEAREST])

    def signs_for(self, typed: str) -> tuple[str, ...]:
        """Characters of the names that the letters at the end of ``typed`` may mean, the most frequent first.

        After a character only those that follow it in a name.
        """
        letters, before = _letters(typed), typed[: len(typed) - len(_letters(typed))]
        if not letters:
            return ()
        fitting = [
            (-self._signs.having(sign).bit_count(), sign)
            for sign, readings in self._readings.items()
            if any(reading.startswith(letters) or letters.startswith(reading) for reading in readings)
            and (not before or self._typed.having(before[-1] + sign))
        ]
        return tuple(sign for _, sign in sorted(fitting))

    def with_sign(self, typed: str, sign: str) -> str:
        """``typed`` with ``sign`` in place of the letters that meant it; unchanged if none of them can."""
        letters = _letters(typed)
        readings = self._readings.get(sign, set())
        whole = [reading for reading in readings if letters.startswith(reading)]
        if not letters or not (whole or any(reading.startswith(letters) for reading in readings)):
            return typed
        meant = max(whole, key=len, default=letters)
        return typed[: len(typed) - len(letters)] + sign + letters[len(meant) :]

    def _find(self, query: str, theme_zh: str) -> tuple[wire.CatalogueMatter, ...]:
        parts = [part for part in (plain(part) for part in query.split()) if part]
        if not parts:
            return ()
        among = self._themes.having(theme_zh) if theme_zh else -1
        costs = self._costs(self._simplified("".join(parts)), among)
        if len(parts) > 1 and len(costs) < ENOUGH:
            # Words with blanks between them need not stand side by side.
            each = [self._costs(self._simplified(part), among) for part in parts]
            for place in set.intersection(*(set(found) for found in each)):
                costs.setdefault(place, 0.5 + sum(found[place] for found in each))
        entries, warm = self._entries, self._warm
        ranked = sorted(
            costs, key=lambda at: (costs[at] - _HOT * warm.get(entries[at].matter.id, 0), len(entries[at].name), at)
        )
        return tuple(entries[at].matter for at in ranked)

    def _simplified(self, query: str) -> str:
        """Traditional characters as the catalogue's own. The converter is only asked for what is not in it."""
        if all(sign in self._readings or not is_han(sign) for sign in query):
            return query
        return simplified(query)

    def _costs(self, query: str, among: int) -> dict[int, float]:
        """What each name of the set ``among`` that fits costs, by its place."""
        costs: dict[int, float] = {}
        digits = all(sign in TELEPHONE for sign in query)
        han = any(is_han(sign) for sign in query)
        self._as_it_stands(costs, query, among, digits=digits)
        if han:
            self._spread(costs, query, among)
        if len(costs) < ENOUGH and han:
            self._by_sound(costs, query, among)
        elif len(costs) < ENOUGH and not digits:
            self._confused(costs, query, among)
        if len(costs) < ENOUGH and len(query) > 1:
            self._slips(costs, query, among, digits=digits, han=han)
        if len(costs) < ENOUGH and len(query) > 1 and not han:
            self._loose(costs, query, among, digits=digits)
        return costs

    def _fresh(self, names: int, costs: dict[int, float]) -> Iterable[tuple[int, Spelling]]:
        """The names of the set that have no cost yet."""
        return ((place, self._entries[place]) for place in places(names & self._all) if place not in costs)

    @property
    def _all(self) -> int:
        return (1 << len(self._entries)) - 1

    def _as_it_stands(self, costs: dict[int, float], query: str, among: int, *, digits: bool) -> None:
        # A single letter is the first one of a unit.
        grams = self._signs if len(query) == 1 else self._typed
        for place, entry in self._fresh(grams.holding(query) & among, costs):
            if (found := _in_line(entry.line, entry.name, query)) is not None:
                costs[place] = found
        if digits:
            grams = self._dialled_firsts if len(query) == 1 else self._dialled
            for place, entry in self._fresh(grams.holding(query) & among, costs):
                if (found := _in_line(entry.keys, "", query)) is not None:
                    costs[place] = found
        grams = self._word_keys if digits else self._words
        for place in places(grams.holding(query) & among & self._all):
            entry = self._entries[place]
            words = entry.word_keys if digits else entry.words
            begin = begins_with(words, query)
            if begin is not None:
                found = _ENGLISH + _where(begin, len(query), len(words.whole))
                costs[place] = min(found, costs.get(place, found))

    def _spread(self, costs: dict[int, float], query: str, among: int) -> None:
        for place, entry in self._fresh(self._signs.all_of(query) & among, costs):
            if (span := scattered(entry.name, query)) is not None:
                costs[place] = _SPREAD + 0.05 * (span - len(query)) + 0.4 * (1 - len(query) / len(entry.name))

    def _by_sound(self, costs: dict[int, float], query: str, among: int) -> None:
        """Other characters of the same sound: 社报卡 for 社保卡."""
        sounds = [{southern(reading) for reading in self._readings.get(sign, (sign,))} for sign in query]
        names = among
        for alike in sounds:
            of_one = 0
            for sound in alike:
                of_one |= self._sounds.having(sound)
            names &= of_one
        for place, entry in self._fresh(names, costs):
            heard = [southern(reading) for reading in entry.line.readings]
            for start in range(len(heard) - len(sounds) + 1):
                if all(heard[start + at] in sounds[at] for at in range(len(sounds))):
                    costs[place] = _SOUND + _where(start, len(sounds), len(heard))
                    break

    def _confused(self, costs: dict[int, float], query: str, among: int) -> None:
        heard = southern(query)
        for place, entry in self._fresh(self._southern.holding(heard) & among, costs):
            if heard not in entry.southern:
                continue
            for start, begin in enumerate(entry.line.begins):
                if southern(entry.line.whole[begin:]).startswith(heard):
                    costs[place] = _SOUND + _where(start, len(query), len(entry.line.whole))
                    break

    def _slips(self, costs: dict[int, float], query: str, among: int, *, digits: bool, han: bool) -> None:
        if han:
            mixed = 0 if len(query) < SPELT or all(is_han(sign) for sign in query) else MIXED_MOST
            for place, entry in self._fresh(self._typed.slipped(query) & among, costs):
                found = _slip_at(entry.name, range(len(entry.name)), query)
                if found is None and mixed:
                    mixed -= 1
                    found = _mixed_slip(entry, query)
                if found is not None:
                    costs[place] = _SLIP + found
            return
        for place, entry in self._fresh(
            (self._dialled_firsts if digits else self._firsts).slipped(query) & among, costs
        ):
            initials = entry.keys.initials if digits else entry.line.initials
            found = _slip_at(initials, range(len(initials)), query)
            if found is not None:
                costs[place] = _SLIP + found
        if len(query) < SPELT:
            return
        for grams, dear in (
            (self._dialled_rows if digits else self._rows, 0.0),
            (self._word_keys if digits else self._words, _ENGLISH),
        ):
            for place in places(grams.slipped(query) & among & self._all):
                entry = self._entries[place]
                line = (entry.word_keys if digits else entry.words) if dear else (entry.keys if digits else entry.line)
                found = _slip_at(line.whole, line.begins, query)
                if found is not None:
                    costs[place] = min(_SLIP + dear + found, costs.get(place, 99.0))

    def _loose(self, costs: dict[int, float], query: str, among: int, *, digits: bool) -> None:
        """First letters with some left out: sbk for she hui bao zhang ka."""
        names = (self._dialled_firsts if digits else self._firsts).all_of(query)
        for place, entry in self._fresh(names & among, costs):
            initials = entry.keys.initials if digits else entry.line.initials
            if initials[:1] == query[0] and (span := scattered(initials, query)) is not None:
                costs[place] = _LOOSE + 0.05 * (span - len(query)) + 0.4 * (1 - len(query) / len(initials))


def _letters(typed: str) -> str:
    """The letters at the end."""
    at = len(typed)
    while at and "a" <= typed[at - 1] <= "z":
        at -= 1
    return typed[at:]


def _where(start: int, taken: int, of: int) -> float:
    """0 to 1: better at the beginning, better the more of the name is covered."""
    return (0.35 + 0.02 * min(start, 10) if start else 0.0) + 0.4 * (1 - min(1, taken / of))


def _in_line(line: Line, name: str, query: str) -> float | None:
    best = None
    for start, reading in enumerate(line.readings):
        if query[0] not in (reading[0], name[start : start + 1], ANY):
            continue
        found = typed(name, line.readings, start, query)
        if found is not None:
            taken, alike = found
            cost = _where(start, taken, len(line.readings)) + (0.0 if alike else _UNALIKE)
            best = cost if best is None else min(best, cost)
    return best


def _slip_at(key: str, begins: Iterable[int], query: str) -> float | None:
    """The best way in which ``query`` with one slip begins one of the parts of ``key``."""
    best = None
    for at, begin in enumerate(begins):
        cost = slipped(key, begin, query)
        if cost is not None:
            cost += _where(at, len(query), len(key))
            best = cost if best is None else min(best, cost)
    return best


def _mixed_slip(entry: Spelling, query: str) -> float | None:
    """Characters and letters in one query: each way in which one sign of it can be wrong."""
    tried = {query[:at] + query[at + 1 :] for at in range(len(query))}
    tried |= {query[:at] + query[at + 1] + query[at] + query[at + 2 :] for at in range(len(query) - 1)}
    tried |= {query[:at] + ANY + query[at + 1 :] for at in range(len(query))}
    tried |= {query[:at] + ANY + query[at:] for at in range(1, len(query))}
    found = [cost for text in tried if len(text) > 1 and (cost := _in_line(entry.line, entry.name, text)) is not None]
    return min(found, default=None)
