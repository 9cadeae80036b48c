"""The kiosk's voice: says what a view says, at once, and stops at once.

``Speech`` is the interface; ``EspeakSpeech`` runs espeak-ng, one process a sentence, so that stopping is killing
it (EN 301 549 5.1.3.5: speech is interrupted by any touch). Where speaking is switched off, espeak-ng is missing
or there is no sound device, ``Silence`` takes its place. Recorded voices would be a third.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Protocol

VOICES = {"zh-Hans": "cmn", "en": "en-gb"}
WORDS_PER_MINUTE = 165
SOUND_DEVICES = Path("/dev/snd")


class Speech(Protocol):
    def say(self, text: str, lang: str) -> None:
        """Say ``text``; what is being said now is interrupted."""

    def hush(self) -> None:
        """Stop at once."""


class Silence:
    """No voice."""

    def say(self, text: str, lang: str) -> None:
        pass

    def hush(self) -> None:
        pass


class EspeakSpeech:
    """espeak-ng as a child process. ``command`` is its program; the text goes in by standard input."""

    def __init__(self, command: str = "espeak-ng") -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None

    def say(self, text: str, lang: str) -> None:
        self.hush()
        if not text:
            return
        # Not on the command line, where every process list would show it.
        self._child = subprocess.Popen(
            [self._command, "-v", VOICES.get(lang, "cmn"), "-s", str(WORDS_PER_MINUTE), "--stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if self._child.stdin is not None:
            try:
                self._child.stdin.write(text.encode())
                self._child.stdin.close()
            except BrokenPipeError:
                # It ended before it listened (the sound device has gone): silence, not a crash.
                self.hush()

    def hush(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            if child.stdin is not None:
                child.stdin.close()


def open_speech(*, enabled: bool, sound_devices: Path = SOUND_DEVICES) -> Speech:
    """The best voice there is. Silence needs no explanation to the citizen: the control is not offered then."""
    if enabled and can_speak(sound_devices):
        return EspeakSpeech()
    return Silence()


def can_speak(sound_devices: Path = SOUND_DEVICES) -> bool:
    """espeak-ng is installed and there is a playback device."""
    return shutil.which("espeak-ng") is not None and any(sound_devices.glob("pcm*p"))
