"""How fast the voice begins and how fast it stops, measured with the program and the arguments that the kiosk uses.

``first word``: from the call to the first sound that is no silence, what espeak-ng puts before it included; the sound
device's own buffer is not in it. ``stop``: until its process is gone and with it the sound device, while it
speaks a long text at the pace of a loudspeaker. A key waits for the kiosk's inbox besides, at most 1/20 of a second.
"""

from __future__ import annotations

import statistics
import struct
import subprocess
import threading
import time
from dataclasses import dataclass

from kiosk.voice.espeak import EspeakSpeech, end

SENTENCES = (
    ("您好，请选择", "zh-Hans"),
    ("取号办事，按钮，第 1 项，共 9 项", "zh-Hans"),
    ("您的号码，A 零 二 三，前面 5 人，约 8 到 15 分钟", "zh-Hans"),
    ("Take a number, button, item 1 of 9", "en"),
    ("Your number, A 0 2 3, 5 ahead of you", "en"),
)
LONG = "请带好这些材料，户口簿，身份证，照片。" * 20
HEADER = 44
HEARD = 400
"""A sample beyond this, of 32767, is sound."""
FIRST_WORD_MS, STOP_MS = 300.0, 200.0
"""What is asked for (product.md, figure 12)."""


@dataclass(frozen=True, slots=True)
class SpeechFigures:
    """Milliseconds, over all runs."""

    first_word_p50_ms: float
    first_word_p95_ms: float
    stop_p50_ms: float
    stop_p95_ms: float
    runs: int

    def lines(self) -> tuple[str, ...]:
        begun = f"{self.first_word_p50_ms:.0f} ms (p50), {self.first_word_p95_ms:.0f} ms (p95)"
        stopped = f"{self.stop_p50_ms:.1f} ms (p50), {self.stop_p95_ms:.1f} ms (p95)"
        return (
            f"speech: first word after {begun}; asked for: at most {FIRST_WORD_MS:.0f}",
            f"speech: silent after {stopped}; asked for: at most {STOP_MS:.0f} with a key's way here (at most 50)",
            f"speech: {self.runs} runs",
        )


def measure_speech(rounds: int = 10) -> SpeechFigures:
    """Raises FileNotFoundError where there is no espeak-ng."""
    speech = EspeakSpeech()
    begun = [_first_word_ms(speech, *sentence) for _ in range(rounds) for sentence in SENTENCES]
    stopped = [_stop_ms(speech) for _ in range(rounds)]
    return SpeechFigures(*_p50_p95(begun), *_p50_p95(stopped), runs=len(begun) + len(stopped))


def _p50_p95(figures: list[float]) -> tuple[float, float]:
    return statistics.median(figures), statistics.quantiles(figures, n=20)[-1]


def _first_word_ms(speech: EspeakSpeech, text: str, lang: str) -> float:
    begin = time.monotonic()
    child = speech.start(text, lang, ("--stdout",), subprocess.PIPE)
    try:
        sound = child.stdout
        if sound is None:
            return 0.0
        rate = int.from_bytes(sound.read(HEADER)[24:28], "little")
        silent = 0
        while chunk := sound.read(512):
            loud = next((at for at, (x,) in enumerate(struct.iter_unpack("<h", chunk)) if abs(x) > HEARD), None)
            if loud is not None:
                return (time.monotonic() - begin + (silent + loud) / rate) * 1000
            silent += len(chunk) // 2
    finally:
        end(child)
    return 0.0


def _stop_ms(speech: EspeakSpeech) -> float:
    child = speech.start(LONG, "zh-Hans", ("--stdout",), subprocess.PIPE)

    def listen() -> None:
        sound = child.stdout
        while sound is not None and (chunk := sound.read(1024)):
            time.sleep(len(chunk) / 2 / 22_050)

    ear = threading.Thread(target=listen)
    ear.start()
    time.sleep(0.3)
    begin = time.monotonic()
    child.kill()  # as ``end`` does; the pipe is closed only when the ear has ended
    child.wait()
    gone = time.monotonic()
    ear.join(timeout=10)
    end(child)
    return (gone - begin) * 1000
