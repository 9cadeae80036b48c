"""How well the search finds: ``python -m kiosk.bench.search --count 5000 --seed N [--worst]``.

300 queries: 200 made from a catalogue's names by seed, 100 written by hand (``queries.tsv``). A made query is what a
person types who looks up when it should be enough: a part of a name, from its beginning or from a word inside it, as
long as more than three names of the catalogue hold it (counted here, without the search). Half of them are typed with
one slip, anywhere: another sign (a neighbouring key, a character of the same sound or any), one missing, one too many,
two swapped, or a reading that many do not tell apart (zh and z, n and l ...). Who has slipped finds nothing and types
one syllable more. Printed: how often the wanted matter is first, and among the first three, by kind; the time that each
keystroke of every query takes; and the same for the search as it was before (``former``).
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from firmware_cfg.scale_catalogue import scaled
from kiosk.bench.former import Former
from kiosk.search import Index
from kiosk.spelling import DIGIT, TELEPHONE
from queue_server.wire import messages as wire

BY_HAND = Path(__file__).parent / "queries.tsv"
MADE = 200
SURE = 3
KINDS = ("characters", "pinyin", "initials", "mixed", "english", "telephone")
_BESIDE = {
    "q": "wa",
    "w": "qes",
    "e": "wrd",
    "r": "etf",
    "t": "ryg",
    "y": "tuh",
    "u": "yij",
    "i": "uok",
    "o": "ipl",
    "a": "qsz",
    "s": "awdx",
    "d": "sefc",
    "f": "drgv",
    "g": "fthb",
    "h": "gyjn",
    "j": "hukm",
    "k": "jil",
    "l": "kop",
    "z": "asx",
    "x": "zsdc",
    "c": "xdfv",
    "v": "cfgb",
    "b": "vghn",
    "n": "bhjm",
    "m": "njk",
    "p": "ol",
}
"""Neighbours on the keyboard."""
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("n", "l"))

Find = Callable[[str], Sequence[wire.CatalogueMatter]]


@dataclass(frozen=True, slots=True)
class Query:
    kind: str
    text: str
    wanted: str
    """The matter's name."""


@dataclass(frozen=True, slots=True)
class Unit:
    sign: str
    reading: str


class Maker:
    """Makes queries from the names of ``matters``; the same seed makes the same ones."""

    def __init__(self, matters: Sequence[wire.CatalogueMatter], seed: int) -> None:
        self._dice = random.Random(seed)
        self._matters = matters
        self._units = [units(matter) for matter in matters]
        self._words = ["".join(x if x.isalnum() else " " for x in m.name_en.lower()).split() for m in matters]
        self._strings = {
            "characters": [[u.sign for u in name] for name in self._units],
            "pinyin": [[u.reading for u in name] for name in self._units],
            "initials": [[u.reading[0] for u in name] for name in self._units],
            "english": self._words,
        }
        for base in ("pinyin", "initials"):
            self._strings[f"{base}, dialled"] = [[x.translate(DIGIT) for x in name] for name in self._strings[base]]
        self._sounds: dict[str, list[str]] = {}
        for name in self._units:
            for unit in name:
                alike = self._sounds.setdefault(unit.reading, [])
                if unit.sign not in alike:
                    alike.append(unit.sign)

    def make(self, count: int = MADE) -> list[Query]:
        made = []
        for at in range(count):
            kind, slip = KINDS[at % len(KINDS)], at // len(KINDS) % 2 == 1
            made.append(self._query(kind, slip=slip))
        return made

    def _query(self, kind: str, *, slip: bool) -> Query:
        dice = self._dice
        chosen = dice.randrange(len(self._matters))
        base = kind if kind in self._strings else "mixed"
        if kind == "telephone":
            base = dice.choice(("pinyin, dialled", "initials, dialled"))
        whole = self._mixed(chosen) if base == "mixed" else self._strings[base][chosen]
        start = 0 if dice.random() < 0.5 else dice.randrange(max(1, len(whole) - 2))
        take = 1
        while start + take < len(whole) and (take < 2 or self._held(base, whole[start : start + take]) > SURE):
            take += 1
        while start and self._held(base, whole[start : start + take]) > SURE:
            start, take = start - 1, take + 1
        if slip and start + take < len(whole):
            take += 1
        parts = [*whole[start : start + take]]
        if base == "pinyin" and not slip and dice.random() < 0.5:
            parts = self._cut(parts)
        text = "".join(parts)
        if slip:
            text = self._slip(text)
        return Query(f"{kind}, slipped" if slip else kind, text, self._matters[chosen].name_zh)

    def _cut(self, parts: list[str]) -> list[str]:
        """The last syllable only as far as it is needed."""
        *ahead, last = parts
        for length in range(1, len(last)):
            begun = [name for name in self._strings["pinyin"] if _begun(name, ahead, last[:length])]
            if len(begun) <= SURE:
                return [*ahead, last[:length]]
        return parts

    def _mixed(self, chosen: int) -> list[str]:
        return [
            self._dice.choice((unit.sign, unit.sign, unit.reading, unit.reading[0])) for unit in self._units[chosen]
        ]

    def _held(self, base: str, parts: Sequence[str]) -> int:
        """How many names hold these parts in a row."""
        if base == "mixed":
            return sum(_holds(name, parts) for name in self._units)
        count, first = len(parts), parts[0]
        return sum(
            any(name[at] == first and name[at : at + count] == list(parts) for at in range(len(name) - count + 1))
            for name in self._strings[base]
        )

    def _slip(self, text: str) -> str:
        for _ in range(50):
            at, how = (
                self._dice.randrange(len(text)),
                self._dice.choice(("other", "missing", "extra", "swapped", "alike")),
            )
            slipped = self._slipped(text, at, how)
            if slipped != text and len(slipped) > 1:
                return slipped
        return text

    def _slipped(self, text: str, at: int, how: str) -> str:
        sign = text[at]
        match how:
            case "other":
                return text[:at] + self._beside(sign) + text[at + 1 :]
            case "missing":
                return text[:at] + text[at + 1 :]
            case "extra":
                return text[: at + 1] + self._dice.choice((sign, self._beside(sign))) + text[at + 1 :]
            case "swapped":
                return text[:at] + text[at + 1 : at + 2] + sign + text[at + 2 :]
        pairs = [(one, other) for pair in _ALIKE for one, other in (pair, pair[::-1]) if one in text]
        if not pairs or sign.isdigit():
            return text
        one, other = self._dice.choice(pairs)
        return text.replace(one, other, 1)

    def _beside(self, sign: str) -> str:
        if sign in _BESIDE:
            return self._dice.choice(_BESIDE[sign])
        if sign in TELEPHONE:
            return self._dice.choice([x for x in TELEPHONE if x != sign])
        alike = next((signs for signs in self._sounds.values() if sign in signs), [sign])
        if len(alike) > 1 and self._dice.random() < 0.6:
            return self._dice.choice([x for x in alike if x != sign])
        return self._dice.choice(self._dice.choice(self._units)).sign


def _begun(name: Sequence[str], ahead: Sequence[str], last: str) -> bool:
    count = len(ahead)
    return any(name[at : at + count] == ahead and name[at + count].startswith(last) for at in range(len(name) - count))


def _holds(name: Sequence[Unit], parts: Sequence[str]) -> bool:
    return any(
        all(part in (unit.sign, unit.reading, unit.reading[0]) for part, unit in zip(parts, name[at:], strict=False))
        for at in range(len(name) - len(parts) + 1)
    )


def units(matter: wire.CatalogueMatter) -> list[Unit]:
    """Characters of the name with their readings; signs that have none read as themselves."""
    syllables = iter(matter.pinyin.split())
    signs = [sign for sign in matter.name_zh.lower() if sign.isalnum()]
    return [Unit(sign, next(syllables, sign) if "\u3400" <= sign <= "\u9fff" else sign) for sign in signs]


def by_hand() -> list[Query]:
    lines = BY_HAND.read_text(encoding="utf-8").splitlines()
    return [
        Query(f"by hand, {kind}", text, wanted) for kind, text, wanted in (x.split("\t") for x in lines if x[:1] != "#")
    ]


@dataclass(slots=True)
class Result:
    """By kind: how many were asked, found first, and among the first three; ``ms`` of every keystroke."""

    kinds: dict[str, list[int]]
    ms: list[float]
    missed: list[tuple[Query, list[str]]]

    def rate(self, column: int) -> float:
        return sum(row[column] for row in self.kinds.values()) / sum(row[0] for row in self.kinds.values())


def examine(find: Find, queries: Sequence[Query], *, keystrokes: bool = True) -> Result:
    result = Result({}, [], [])
    for query in queries:
        texts = [query.text[:n] for n in range(1, len(query.text))] if keystrokes else []
        for text in (*texts, query.text):
            began = time.thread_time()
            hits = find(text)
            result.ms.append((time.thread_time() - began) * 1000)
        names = [matter.name_zh for matter in hits[:SURE]]
        row = result.kinds.setdefault(query.kind, [0, 0, 0])
        row[0] += 1
        row[1] += names[:1] == [query.wanted]
        row[2] += query.wanted in names
        if query.wanted not in names:
            result.missed.append((query, names))
    return result


def catalogue(count: int, seed: int = 1) -> wire.Catalogue:
    made: dict[str, Any] = scaled(count, seed)
    return msgspec.convert({**made, "themes": None}, wire.Catalogue)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m kiosk.bench.search", description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="matters in the catalogue")
    parser.add_argument("--seed", type=int, default=1, help="of the queries")
    parser.add_argument("--worst", action="store_true", help="list what was not found")
    options = parser.parse_args(arguments)
    message = catalogue(options.count)
    queries = [*Maker(message.matters, options.seed).make(), *by_hand()]
    began = time.thread_time()
    index = Index(message.matters, message.hot)
    made_ms = (time.thread_time() - began) * 1000
    say = sys.stdout.write
    say(f"{options.count} matters, {len(queries)} queries, seed {options.seed}; index made in {made_ms:.0f} ms\n")
    now = examine(index.find, queries)
    before = examine(Former(message).find, queries, keystrokes=False)
    say(f"{'':24}{'queries':>8}{'first':>8}{'in 3':>8}{'  before: first':>16}{'in 3':>8}\n")
    for kind in now.kinds:
        (asked, first, three), (_, first_then, three_then) = now.kinds[kind], before.kinds[kind]
        then = f"{first_then / asked:16.0%}{three_then / asked:8.0%}"
        say(f"{kind:24}{asked:8}{first / asked:8.0%}{three / asked:8.0%}{then}\n")
    say(f"{'all':24}{len(queries):8}{now.rate(1):8.1%}{now.rate(2):8.1%}{before.rate(1):16.1%}{before.rate(2):8.1%}\n")
    for name, result in (("now", now), ("before", before)):
        steps = sorted(result.ms)
        p95 = steps[int(0.95 * len(steps))]
        median = statistics.median(steps)
        say(f"a keystroke, {name}: median {median:.1f} ms, p95 {p95:.1f} ms, longest {steps[-1]:.1f} ms of processor\n")
    if options.worst:
        for query, names in now.missed:
            say(f"{query.kind}: {query.text} -> {query.wanted}; found {names}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
