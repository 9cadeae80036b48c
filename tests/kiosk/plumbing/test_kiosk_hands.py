"""What the kiosk does of what its flow asks: voice, lights, scan light; everything around it only writes down."""

from __future__ import annotations

import queue
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from firmware_cfg.profile import Profile
from kiosk.app import Kiosk
from kiosk.events import DeviceChanged, KeyPressed, PanelChanged, Stamped, Touched


@dataclass
class Recorder:
    """Stands for speech, stage, link or workers: every call by its name and arguments."""

    done: list[tuple[Any, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: self.done.append((name, *args, *more.values()))

    def calls(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.done if call[0] == name]


@dataclass
class Bench:
    kiosk: Kiosk
    inbox: queue.SimpleQueue[Stamped]
    workers: Recorder
    speech: Recorder

    def happens(self, *events: Any) -> None:
        for event in events:
            self.inbox.put(Stamped(None, event))
        self.kiosk.drain()


@pytest.fixture
def bench(profile: Profile) -> Bench:
    inbox: queue.SimpleQueue[Stamped] = queue.SimpleQueue()
    workers, speech = Recorder(), Recorder()
    profile = replace(profile, panel=replace(profile.panel, pins="mock"))
    link: Any = Recorder()
    kiosk = Kiosk(profile, Recorder(), inbox, link, workers)  # type: ignore[arg-type]  # it only calls them
    kiosk.hands.speech = speech
    site = replace(kiosk.state.kiosk.site, speech=True)
    kiosk.state = replace(kiosk.state, kiosk=replace(kiosk.state.kiosk, site=site))
    bench = Bench(kiosk, inbox, workers, speech)
    bench.happens(DeviceChanged("panel", "ok"))
    return bench


def test_a_key_interrupts_speech_at_once(bench: Bench) -> None:
    bench.speech.done.clear()
    bench.happens(KeyPressed("7"))
    assert bench.speech.done == [("hush",)]


def test_the_raised_dot_makes_it_speak_and_six_says_it_once_more(bench: Bench) -> None:
    bench.happens(KeyPressed("speech"))
    (first,) = bench.speech.calls("say")
    assert "取号办事" in first[0]
    bench.happens(KeyPressed("6"))
    assert bench.speech.calls("say") == [first, first]
    bench.happens(KeyPressed("speech"), KeyPressed("6"))
    assert len(bench.speech.calls("say")) == 2, "switched off, nothing is repeated"


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
