"""The voice: there is one or there is silence, and it stops at once."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_cfg.profile import SpeechSection
from kiosk.probe import Probe
from kiosk.voice import EspeakSpeech, Speaker, can_speak


@pytest.fixture
def talker(tmp_path: Path) -> Path:
    """A program in espeak-ng's place that writes down what it is told and then speaks for a minute."""
    program = tmp_path / "talker"
    said = tmp_path / "said"
    program.write_text(f'#!/bin/sh\necho "$3 $1 $2" >> {said}.args\ncat >> {said}\necho >> {said}\nexec sleep 60\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_sentence_is_told_by_standard_input_and_a_new_one_interrupts(talker: Path) -> None:
    said = talker.with_name("said")
    speech = EspeakSpeech(str(talker))
    speech.say("您的号码", "zh-Hans")
    until(lambda: said.exists() and "您的号码" in said.read_text())
    first = speech._child
    assert first is not None
    speech.say("Your number", "en")
    assert first.returncode is not None
    until(lambda: "Your number" in said.read_text())
    assert "cmn-latn-pinyin" in Path(f"{said}.args").read_text()
    assert "en-gb" in Path(f"{said}.args").read_text()
    assert "号码" not in Path(f"{said}.args").read_text()
    second = speech._child
    assert second is not None
    speech.hush()
    assert second.returncode is not None
    speech.hush()


def test_a_voice_that_ends_at_once_is_silence_and_no_crash() -> None:
    speech = EspeakSpeech("/bin/false")
    for _ in range(3):
        speech.say("x" * 100_000, "en")
    speech.hush()


def test_without_a_loudspeaker_nothing_is_heard_and_captions_take_their_time(
    tmp_path: Path,
) -> None:
    assert not can_speak(tmp_path)
    speaker = Speaker(SpeechSection(), tmp_path)
    assert not speaker.probe()
    speaker.say("您的号码", "zh-Hans")
    assert speaker.speaking
    speaker.hush()
    assert not speaker.speaking
    (tmp_path / "pcmC0D0p").touch()
    assert speaker.probe()
    assert not Speaker(SpeechSection(enabled=False), tmp_path).probe()
    (tmp_path / "pcmC0D0p").unlink()
    assert not speaker.probe()


def test_the_probe_tells_places_and_no_words(tmp_path: Path) -> None:
    path = tmp_path / "probe.json"
    probe = Probe.from_environment({"JIAOHAO_KIOSK_PROBE": str(path)})
    probe.write("Start", [("take-ticket", "", (1.2, 2, 3, 4)), ("matter", "M034", (5, 6, 7, 8))])
    once = path.read_text()
    assert '"matter:M034": [5, 6, 7, 8]' in once
    probe.write("Start", [("take-ticket", "", (1.2, 2, 3, 4)), ("matter", "M034", (5, 6, 7, 8))])
    assert path.read_text() == once
    assert [left.name for left in tmp_path.iterdir()] == ["probe.json"]
    Probe.from_environment({}).write("Start", [])
