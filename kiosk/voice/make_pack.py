"""What a speaker has to record, and a pack made of it: see ``docs/voice.md``.

The phrases are those of the language's own file and of the shipped catalogue, cut where a number or a name is put in,
with the words of numbers, times and letters; so a sentence of the kiosk can be put together from whole phrases.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from firmware_cfg.catalogue import CATALOGUE
from kiosk.text import LOCALE, SOURCE, parse_po
from kiosk.voice.espeak import ENGLISH, MANDARIN, WORDS_PER_MINUTE, respelt
from kiosk.voice.pack import INDEX
from queue_server.wire import messages as wire

_PLACE = re.compile(r"\{\w+\}|[，。；：、！？\n]")
_SIGNS = {
    "zh-Hans": (*"零一二三四五六七八九十百千点分整月日年到", "星号", *"ABCDEFGHJKLMNPQRSX"),
    "en": (*(str(n) for n in range(61)), "to", "asterisk", *"ABCDEFGHJKLMNPQRSX"),
}


def phrases(lang: str) -> list[str]:
    """Everything to be recorded for ``lang`` (zh-Hans or en), each once, in an order that can be read."""
    return list(dict.fromkeys(piece for piece in _pieces(lang) if re.search(r"\w", piece)))


def _pieces(lang: str) -> Iterator[str]:
    known = parse_po((LOCALE / "en.po").read_text(encoding="utf-8"))
    for key, value in known.items():
        for form in (key.split("\0")[:1] if lang == SOURCE else value.split("\0")) if key else ():
            yield from (piece.strip() for piece in _PLACE.split(form))
    catalogue = msgspec.json.decode(CATALOGUE.read_bytes(), type=wire.Catalogue)
    for matter in catalogue.matters:
        yield from (matter.name_zh, matter.theme_zh) if lang == SOURCE else (matter.name_en, matter.theme_en)
    yield from _SIGNS.get(lang, ())


def make_pack(folder: Path, lang: str, *, by_machine: bool) -> int:
    """Write ``script.txt`` (number, phrase) and ``pack.json`` into ``folder``; how many phrases.

    ``by_machine``: also the sounds, by espeak-ng, so that a pack can be tried before anybody has spoken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = {phrase: f"{at:04}.wav" for at, phrase in enumerate(phrases(lang), 1)}
    script = "".join(f"{name[:4]}\t{phrase}\n" for phrase, name in names.items())
    (folder / "script.txt").write_text(script, encoding="utf-8")
    if by_machine:
        for phrase, name in names.items():
            _speak(phrase, MANDARIN if lang == SOURCE else ENGLISH, folder / name)
    recorded = {phrase: name for phrase, name in names.items() if (folder / name).exists()}
    index = {"lang": lang, "voice": "espeak-ng" if by_machine else "", "phrases": recorded}
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(recorded)


def _speak(phrase: str, voice: str, to: Path) -> None:
    command = ["espeak-ng", "-v", voice, "-s", str(WORDS_PER_MINUTE), "--stdin", "-w", str(to)]
    subprocess.run(command, input=respelt(phrase).encode(), check=True, timeout=60)
