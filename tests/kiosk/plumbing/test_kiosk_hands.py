"""What the kiosk does of what its flow asks: voice, lights, scan light; everything around it only writes down."""

from __future__ import annotations

import queue
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from firmware_cfg.profile import Profile
from kiosk.aloud import aloud
from kiosk.app import Kiosk
from kiosk.effects import Speak
from kiosk.events import (
    DeviceChanged,
    Idle,
    KeyPressed,
    LinkChanged,
    OutlookChanged,
    PanelChanged,
    Stamped,
    Touched,
)
from kiosk.scenes import outlook


@dataclass
class Recorder:
    """Stands for stage, link or workers: every call by its name and arguments."""

    done: list[tuple[Any, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: self.done.append((name, *args, *more.values()))

    def calls(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.done if call[0] == name]


class Voice(Recorder):
    """A voice that has said everything as soon as it is told."""

    speaking = False
    volume = 2


@dataclass
class Bench:
    kiosk: Kiosk
    inbox: queue.SimpleQueue[Stamped]
    workers: Recorder
    speech: Voice
    stage: Recorder

    def happens(self, *events: Any) -> None:
        for event in events:
            self.inbox.put(Stamped(None, event))
        self.kiosk.drain()


@pytest.fixture
def bench(profile: Profile) -> Bench:
    inbox: queue.SimpleQueue[Stamped] = queue.SimpleQueue()
    workers, speech = Recorder(), Voice()
    sink = f"file:{profile.var.path / 'said'}"
    profile = replace(profile, panel=replace(profile.panel, pins="mock"), speech=replace(profile.speech, sink=sink))
    link: Any = Recorder()
    stage = Recorder()
    kiosk = Kiosk(profile, stage, inbox, link, workers, Recorder())  # type: ignore[arg-type]  # it only calls them
    kiosk._narrator._speech = speech
    bench = Bench(kiosk, inbox, workers, speech, stage)
    bench.happens(DeviceChanged("panel", "ok"))
    return bench


def test_a_key_interrupts_speech_at_once(bench: Bench) -> None:
    bench.speech.done.clear()
    bench.happens(KeyPressed("7"))
    assert bench.speech.done == [("hush",)]


def told(bench: Bench) -> list[str]:
    """What has been said since this was asked last."""
    for _ in range(60):
        bench.kiosk.show()
    said = [call[0] for call in bench.speech.calls("say")]
    bench.speech.done.clear()
    return said


def test_the_raised_dot_makes_it_speak_and_six_says_it_once_more(bench: Bench) -> None:
    bench.happens(KeyPressed("speech"))
    first = told(bench)
    assert first[0] == "读屏已打开"
    assert "取号办事" in first
    bench.happens(KeyPressed("6"))
    assert told(bench) == first
    bench.happens(KeyPressed("speech"))
    assert told(bench) == ["读屏已关闭"]
    bench.happens(KeyPressed("6"))
    assert told(bench) == [], "switched off, nothing is repeated"


def test_what_is_said_is_shown_while_it_is_said(bench: Bench) -> None:
    bench.happens(KeyPressed("speech"))
    for _ in range(12):
        bench.kiosk.show()
    shown = [call[0].frame.said for call in bench.stage.calls("show")]
    said = [call[0] for call in bench.speech.calls("say")]
    assert [aloud(words, "zh-Hans") for words in shown if words] == said[: len([words for words in shown if words])]
    assert len(said) > 5


def test_a_count_that_ticks_is_told_once_and_a_lost_link_at_once(bench: Bench) -> None:
    bench.happens(KeyPressed("speech"), LinkChanged(up=True))
    told(bench)
    bench.happens(OutlookChanged(outlook(waiting=12)))
    assert "12 人等候" in told(bench)
    bench.happens(OutlookChanged(outlook(waiting=11)), OutlookChanged(outlook(waiting=10)))
    assert told(bench) == []
    bench.happens(LinkChanged(up=False))
    assert "网络中断，取号请到咨询台" in told(bench)


def test_a_speaker_is_lost_and_found_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    there = True
    monkeypatch.setattr(bench.kiosk._speaker, "probe", lambda: there)
    assert bench.kiosk.state.kiosk.speaks
    there = False
    for _ in range(5):
        bench.kiosk.tick()
    assert not bench.kiosk.state.kiosk.speaks
    there = True
    for _ in range(5):
        bench.kiosk.tick()
    assert bench.kiosk.state.kiosk.speaks


def test_volume_goes_with_the_session(bench: Bench) -> None:
    bench.happens(KeyPressed("speech"))
    told(bench)
    bench.happens(KeyPressed("#"))
    assert told(bench) == ["音量 4，共 5 级"]
    assert bench.speech.volume == 3
    bench.happens(Idle())
    bench.happens(KeyPressed("speech"))
    told(bench)
    assert bench.speech.volume == 2


def test_nothing_of_the_last_citizen_is_said_to_the_next(bench: Bench) -> None:
    bench.happens(KeyPressed("speech"), Idle())
    bench.speech.done.clear()
    assert told(bench) == []


def test_lamp_and_buzzer_answer_a_call(bench: Bench) -> None:
    bench.happens(KeyPressed("call"))
    assert bench.workers.calls("light") == [(True, False)]
    assert bench.workers.calls("buzz") == [()]
    bench.kiosk.touched("help-came", "")
    assert bench.workers.calls("light") == [(True, False), (False, False)]


def test_the_camera_is_told_when_nobody_could_use_a_code(bench: Bench) -> None:
    bench.happens(Touched("take-ticket"), Touched("cover"))
    assert bench.workers.calls("want_codes") == [(False,)]
    bench.happens(Touched("uncover"))
    assert bench.workers.calls("want_codes") == [(False,), (True,)]


def test_an_open_door_takes_the_reading_process_away_before_anything_else_is_shown(bench: Bench) -> None:
    was = bench.kiosk.state.session.id
    bench.happens(PanelChanged("door", active=True))
    (session,) = bench.workers.calls("next_session")[0]
    assert session == bench.kiosk.state.session.id != was


def test_an_announcement_is_heard_and_shown_by_everybody(bench: Bench) -> None:
    bench.kiosk.hands.do(Speak("还需要时间吗？10:45", "zh-Hans"), "")
    bench.kiosk.show()
    assert bench.speech.calls("say") == [("还需要时间吗？10点45分", "zh-Hans")]
    assert bench.stage.calls("show")[-1][0].frame.said == "还需要时间吗？10:45"
    bench.kiosk.show()
    assert not bench.stage.calls("show")[-1][0].frame.said
