"""A speaker's recordings in place of the machine's voice: a folder of WAV files and ``pack.json`` that names them.

``{"lang": "zh-Hans", "voice": "who speaks", "phrases": {"取号办事": "0001.wav", ...}}``. A sentence is put together
from the longest phrases that fit, numbers from their words ("十", "二"); whatever cannot be put together whole is left
to the other voice, so that a pack may be small and grow. ``docs/voice.md`` says how one is made.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import wave
from array import array
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.flow.state import CALM_VOLUME
from kiosk.voice.espeak import STEP_DB, end

if TYPE_CHECKING:
    from kiosk.voice import Speech

INDEX = "pack.json"
PLAYER = ("aplay", "-q", "-t", "wav", "-")
_MARKS = re.compile(r"[\s，。；：、！？,.;:!?“”\"'（）()·]+")
_STOPS = re.compile(r"[，。；：、！？,.;:!?“”\"'（）()·]+")
_NUMBER = re.compile(r"\d+")
_DIGITS = "零一二三四五六七八九"
_Shape = tuple[int, int, int]


class BadPack(ValueError):  # noqa: N818  (named for the condition)
    """The folder holds no usable recordings; says what is wrong with it."""


class RecordedPack:
    """Says what it can from ``folder``, the rest by ``other``. Raises BadPack."""

    def __init__(
        self, folder: Path, other: Speech, *, player: tuple[str, ...] = PLAYER, sink: Path | None = None
    ) -> None:
        self.volume = CALM_VOLUME
        self._other = other
        self._player = player
        self._sink = sink
        self._count = 0
        self._child: subprocess.Popen[bytes] | None = None
        self.lang, self._sounds, self._shape = _load(folder)

    def say(self, text: str, lang: str) -> None:
        self.hush()
        parts = self.parts(text) if lang == self.lang else None
        if parts is None or not self._play(self._together(parts)):
            self._other.volume = self.volume
            self._other.say(text, lang)

    def hush(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            end(child)
        self._other.hush()

    @property
    def speaking(self) -> bool:
        return self._other.speaking or (self._child is not None and self._child.poll() is None)

    def parts(self, text: str) -> list[str] | None:
        """The phrases of the pack that make up ``text``, the longest first; None if something is missing."""
        found: list[str] = []
        for run in _STOPS.split("".join(_counted(text).split())):
            at = 0
            while at < len(run):
                fits = next((run[at:stop] for stop in range(len(run), at, -1) if run[at:stop] in self._sounds), "")
                if not fits:
                    return None
                found.append(fits)
                at += len(fits)
        return found or None

    def _together(self, parts: list[str]) -> bytes:
        rate, width, channels = self._shape
        gain = 10 ** ((self.volume - CALM_VOLUME) * STEP_DB / 20)
        samples = array("h")
        for part in parts:
            samples.frombytes(self._sounds[part])
        if gain != 1:
            samples = array("h", (max(-32768, min(32767, round(sample * gain))) for sample in samples))
        out = io.BytesIO()
        with wave.open(out, "wb") as whole:
            whole.setparams((channels, width, rate, 0, "NONE", ""))
            whole.writeframes(samples.tobytes())
        return out.getvalue()

    def _play(self, sound: bytes) -> bool:
        if self._sink is not None:
            self._sink.mkdir(parents=True, exist_ok=True)
            self._count += 1
            (self._sink / f"pack-{self._count:04}.wav").write_bytes(sound)
            return True
        try:
            self._child = subprocess.Popen(
                self._player, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError:
            return False  # no player is installed: the other voice speaks
        _feed(self._child, sound)
        return True


def _feed(child: subprocess.Popen[bytes], sound: bytes) -> None:
    """A pipe holds less than a sentence and the player takes it at the pace of speech: another thread waits for it."""
    import threading  # noqa: PLC0415  (only where recordings are played)

    def feed() -> None:
        if child.stdin is not None:
            with suppress(BrokenPipeError, ValueError):  # hushed
                child.stdin.write(sound)
                child.stdin.close()

    threading.Thread(target=feed, name="voice-pack", daemon=True).start()


def _load(folder: Path) -> tuple[str, dict[str, bytes], _Shape]:
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        lang, phrases = str(index["lang"]), dict(index["phrases"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadPack(f"{folder / INDEX}: {error}") from error
    sounds: dict[str, bytes] = {}
    shape: _Shape | None = None
    for phrase, name in phrases.items():
        try:
            with wave.open(str(folder / name)) as sound:
                here = (sound.getframerate(), sound.getsampwidth(), sound.getnchannels())
                sounds[_MARKS.sub("", _counted(phrase))] = sound.readframes(sound.getnframes())
        except (OSError, EOFError, wave.Error) as error:
            raise BadPack(f"{folder / name}: {error}") from error
        if here[1] != 2 or sys.byteorder != "little":
            raise BadPack(f"{folder / name}: samples of 16 bits are needed")
        if shape not in {None, here}:
            raise BadPack(f"{folder / name}: another rate or number of channels than the first")
        shape = here
    if shape is None:
        raise BadPack(f"{folder / INDEX}: no phrases")
    return lang, sounds, shape


def _counted(text: str) -> str:
    """``text`` with its numbers in words: as it is said, whether it was recorded so or not."""
    return _NUMBER.sub(lambda number: spoken_number(int(number[0])), text)


def spoken_number(number: int) -> str:
    """0 to 9999 as it is counted in Chinese; beyond that digit by digit."""
    if number > 9999:
        return "".join(_DIGITS[int(sign)] for sign in str(number))
    if number < 10:
        return _DIGITS[number]
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            said += ("零" if gap else "") + ("" if number < 20 and unit == 10 else _DIGITS[digit]) + name
            gap = False
        elif said:
            gap = True
    return said
