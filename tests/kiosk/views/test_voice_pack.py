"""Recordings: put together from the longest pieces, and left to the other voice where one is missing."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from kiosk.voice import BadPack, RecordedPack, Silence
from kiosk.voice.espeak import MANDARIN, amplitude, has_voice, voice_of
from kiosk.voice.make_pack import make_pack, phrases
from kiosk.voice.pack import spoken_number

SHORT = b"\x01\x02" * 100


class Other(Silence):
    """The voice that speaks what the pack lacks."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str, lang: str) -> None:
        del lang
        self.said.append(text)


def record(path: Path, *, rate: int = 16_000, width: int = 2) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, width, rate, 0, "NONE", ""))
        sound.writeframes(SHORT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pack = tmp_path / "pack"
    pack.mkdir()
    names = ["前面", "人", "十", "二", "前面的", "18 位号码", "取号"]
    for at, _ in enumerate(names):
        record(pack / f"{at}.wav")
    index = {"lang": "zh-Hans", "voice": "somebody", "phrases": {name: f"{at}.wav" for at, name in enumerate(names)}}
    (pack / "pack.json").write_text(json.dumps(index), encoding="utf-8")
    return pack


def test_a_sentence_is_put_together_from_the_longest_pieces(folder: Path, tmp_path: Path) -> None:
    other = Other()
    pack = RecordedPack(folder, other, sink=tmp_path / "out")
    assert pack.parts("前面 12 人。") == ["前面", "十", "二", "人"]
    assert pack.parts("前面的人") == ["前面的", "人"]
    assert pack.parts("18 位号码，取号") == ["十八位号码", "取号"]
    pack.say("前面 12 人", "zh-Hans")
    with wave.open(str(tmp_path / "out" / "pack-0001.wav")) as sound:
        assert sound.getnframes() == 400
    assert other.said == []


def test_what_the_pack_lacks_the_other_voice_says_whole(folder: Path, tmp_path: Path) -> None:
    other = Other()
    pack = RecordedPack(folder, other, sink=tmp_path / "out")
    pack.say("前面 12 辆车", "zh-Hans")
    pack.say("前面 12 人", "en")
    assert other.said == ["前面 12 辆车", "前面 12 人"]
    assert not (tmp_path / "out").exists()


def test_without_a_player_the_other_voice_speaks(folder: Path) -> None:
    other = Other()
    pack = RecordedPack(folder, other, player=("/nonexistent/player",))
    pack.say("取号", "zh-Hans")
    assert other.said == ["取号"]


def test_a_recording_is_stopped_at_once(folder: Path) -> None:
    pack = RecordedPack(folder, Other(), player=("/bin/sleep", "60"))
    pack.say("取号", "zh-Hans")
    assert pack.speaking
    pack.hush()
    assert not pack.speaking


def test_a_pack_that_cannot_be_used_says_why(folder: Path) -> None:
    record(folder / "1.wav", rate=8_000)
    with pytest.raises(BadPack, match=r"1\.wav: another rate"):
        RecordedPack(folder, Other())
    record(folder / "0.wav", width=1)
    with pytest.raises(BadPack, match="16 bits"):
        RecordedPack(folder, Other())
    (folder / "0.wav").unlink()
    with pytest.raises(BadPack, match=r"0\.wav"):
        RecordedPack(folder, Other())
    (folder / "pack.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadPack, match=r"pack\.json"):
        RecordedPack(folder, Other())


def test_what_has_to_be_recorded(tmp_path: Path) -> None:
    wanted = phrases("zh-Hans")
    assert {"取号办事", "社会保障卡申领", "已输入", "十", "星号"} <= set(wanted)
    assert len(set(wanted)) == len(wanted)
    assert "Take a number" in phrases("en")
    assert make_pack(tmp_path, "zh-Hans", by_machine=False) == 0
    assert (tmp_path / "script.txt").read_text(encoding="utf-8").startswith("0001\t取号办事\n")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (7, "七"),
        (10, "十"),
        (12, "十二"),
        (45, "四十五"),
        (105, "一百零五"),
        (110, "一百一十"),
        (2026, "二千零二十六"),
    ],
)
def test_numbers_are_counted_as_people_count(number: int, said: str) -> None:
    assert spoken_number(number) == said


def test_each_language_has_the_voice_that_can_be_understood() -> None:
    assert voice_of("取号", "zh-Hant") == MANDARIN == "cmn-latn-pinyin"
    assert voice_of("Take a number", "en") == "en-gb"
    assert voice_of("社会保障卡", "en") == MANDARIN, "a name without translation"
    assert voice_of("Apply for a card", "ko") == "en-gb"
    assert voice_of("카드 신청", "ko") == "ko"
    assert not has_voice("ja")


def test_five_steps_of_loudness_around_the_calm_one() -> None:
    assert [amplitude(50, step) for step in range(5)] == [13, 25, 50, 100, 199]
    assert amplitude(120, 4) == 200
