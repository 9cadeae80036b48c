"""espeak-ng as a child process: one a sentence, killed to be silent.

Mandarin is the voice ``cmn-latn-pinyin``: plain ``cmn`` of espeak-ng 1.51 (Debian 12) turns Chinese into pinyin and
then reads that as English ("qing3" as "king three"). Characters that this voice reads in the wrong one of their
readings are handed over as others of the right sound (``RESPELT``). Japanese has no voice: espeak-ng reads kana only.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from kiosk.flow.state import CALM_VOLUME

MANDARIN, ENGLISH = "cmn-latn-pinyin", "en-gb"
VOICES = MappingProxyType({"zh-Hans": MANDARIN, "zh-Hant": MANDARIN, "en": ENGLISH, "ko": "ko"})
WORDS_PER_MINUTE = 165
STEP_DB = 6.0
LOUDEST = 200
"""espeak-ng's own largest amplitude."""
RESPELT = MappingProxyType({
    "长者": "掌者", "重新": "虫新", "了解": "瞭解", "银行": "银航", "调整": "条整", "贷款": "代款",
    "居住地": "居住第", "工作地": "工作第", "异地": "异第",
    "長者": "掌者", "銀行": "银航", "調整": "条整", "貸款": "代款", "異地": "异第",
})  # fmt: skip
"""Found by comparing what the voice reads with pypinyin's readings, over every phrase and matter."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LATIN_WORD = re.compile(r"[A-Za-z]*[a-z]{2,}")


def has_voice(lang: str) -> bool:
    """Whether there is one that can be understood."""
    return lang in VOICES


def voice_of(text: str, lang: str) -> str:
    """The voice for ``text`` on a page in ``lang``: a name in the other script is left to who can read it."""
    if _HAN.search(text):
        return MANDARIN
    if (lang.startswith("zh") or (lang == "ko" and not _HANGUL.search(text))) and _LATIN_WORD.search(text):
        return ENGLISH
    return VOICES.get(lang, MANDARIN)


def amplitude(level: int, volume: int) -> int:
    """espeak-ng's amplitude for a step of loudness; ``level`` is that of the calm one, with which a session begins."""
    return max(1, min(LOUDEST, round(level * 10 ** ((volume - CALM_VOLUME) * STEP_DB / 20))))


class EspeakSpeech:
    """``command`` is its program. ``sink``: a folder into which it speaks instead of the loudspeaker, for tests."""

    def __init__(self, command: str = "espeak-ng", *, sink: Path | None = None, level: int = 50) -> None:
        self.volume = CALM_VOLUME
        self._command = command
        self._sink = sink
        self._level = level
        self._count = 0
        self._child: subprocess.Popen[bytes] | None = None

    def arguments(self, text: str, lang: str) -> list[str]:
        """The command line; the text goes in by standard input, where no process list shows it."""
        loud = str(amplitude(self._level, self.volume))
        voice = voice_of(text, lang)
        return [self._command, "-v", voice, "-s", str(WORDS_PER_MINUTE), "-a", loud, "--stdin"]

    def say(self, text: str, lang: str) -> None:
        self.hush()
        if text:
            self._child = self.start(text, lang, self._to(text, lang))

    def start(
        self, text: str, lang: str, more: Sequence[str] = (), stdout: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Begin to say it; ``more`` arguments and ``stdout`` lead the sound elsewhere."""
        child = subprocess.Popen(
            [*self.arguments(text, lang), *more], stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.DEVNULL
        )
        if child.stdin is not None:
            try:
                child.stdin.write(respelt(text).encode())
                child.stdin.close()
            except BrokenPipeError:
                # It ended before it listened (the sound device has gone): silence, not a crash.
                child.kill()
        return child

    def _to(self, text: str, lang: str) -> tuple[str, ...]:
        if self._sink is None:
            return ()
        self._sink.mkdir(parents=True, exist_ok=True)
        self._count += 1
        name = f"{self._count:04}.wav"
        with (self._sink / "said.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps({"wav": name, "lang": lang, "text": text}, ensure_ascii=False) + "\n")
        return "-w", str(self._sink / name)

    def hush(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            end(child)

    @property
    def speaking(self) -> bool:
        return self._child is not None and self._child.poll() is None


def end(child: subprocess.Popen[bytes]) -> None:
    """Kill and bury it; not a sample is played after this returns."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def respelt(text: str) -> str:
    """``text`` with the characters that the voice misreads replaced by others of the right sound."""
    for written, said in RESPELT.items():
        text = text.replace(written, said)
    return text
