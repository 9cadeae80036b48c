"""The hall's voice: espeak-ng turns one call into one WAV, Chinese first, English after it for every other language.

Only calls that stand on the board are ever spoken, so nobody can make the server say something else. Files
are made once and kept in memory for the few minutes in which several boards may ask for them.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import wave
from collections import OrderedDict

from queue_server.http.words import number_spoken

MANDARIN = "cmn-latn-pinyin"
"""Plain ``cmn`` of espeak-ng 1.51 (Debian 12) turns Chinese into pinyin and reads that as English."""
KEEP = 64
WITHIN_S = 10.0


class NoVoice(RuntimeError):  # noqa: N818  (named for the condition)
    """espeak-ng is missing or failed; the board works without."""


def sentences(number: str, counter_zh: str, counter_en: str, lang: str) -> list[tuple[str, str]]:
    """(espeak voice, text) in the order they are said."""
    said = [(MANDARIN, f"请 {number_spoken(number)} 号,到,{counter_zh}。")]
    if not lang.startswith("zh"):
        said.append(("en-gb", f"Number {' '.join(number)}, please go to {counter_en}."))
    return said


def joined(parts: list[bytes]) -> bytes:
    """Several WAVs of one format, with half a second between them."""
    out = io.BytesIO()
    with wave.open(out, "wb") as whole:
        for at, part in enumerate(parts):
            with wave.open(io.BytesIO(part)) as one:
                if at == 0:
                    whole.setparams(one.getparams())
                else:
                    whole.writeframes(bytes(one.getframerate() // 2 * one.getsampwidth() * one.getnchannels()))
                # espeak writes to a pipe, so its header does not know the length: read what there is
                whole.writeframes(one.readframes(len(part)))
    return out.getvalue()


class Voice:
    """``program``: espeak-ng's path. At most two voices are made at a time."""

    def __init__(self, program: str = "espeak-ng") -> None:
        self._program = shutil.which(program)
        self._made: OrderedDict[tuple[tuple[str, str], ...], bytes] = OrderedDict()
        self._turns = asyncio.Semaphore(2)

    async def wav(self, said: list[tuple[str, str]]) -> bytes:
        """The spoken sentences. Raises NoVoice."""
        key = tuple(said)
        if key not in self._made:
            async with self._turns:
                if key not in self._made:
                    self._made[key] = joined([await self._speak(voice, text) for voice, text in said])
        self._made.move_to_end(key)
        while len(self._made) > KEEP:
            self._made.popitem(last=False)
        return self._made[key]

    async def _speak(self, voice: str, text: str) -> bytes:
        if self._program is None:
            raise NoVoice("espeak-ng is not installed")
        child = await asyncio.create_subprocess_exec(
            *(self._program, "-v", voice, "-s", "145", "-p", "45", "--stdout", text),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            out, _ = await asyncio.wait_for(child.communicate(), WITHIN_S)
        except TimeoutError:
            child.kill()
            await child.wait()
            raise NoVoice("espeak-ng did not end in time") from None
        if child.returncode != 0 or not out.startswith(b"RIFF"):
            raise NoVoice(f"espeak-ng ended with {child.returncode}")
        return out
