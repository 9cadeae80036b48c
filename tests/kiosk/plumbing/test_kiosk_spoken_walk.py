"""A number taken by keys alone at the real kiosk, with the real voice speaking into files."""

from __future__ import annotations

import json
import queue
import time
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firmware_cfg.profile import Profile
from kiosk import events
from kiosk.app import Kiosk
from kiosk.events import Event, KeyPressed, Stamped
from kiosk.scenes import outlook, shipped_catalogue, ticket
from kiosk.voice import can_speak

pytestmark = pytest.mark.skipif(not can_speak(None), reason="espeak-ng is not installed")
DEADLINE_S = 60.0


class Quiet:
    """Stands for stage, link and workers, of which nothing is asked here."""

    height = 1920

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def show(self, view: Any) -> None:
        self.shown.append(view)

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_more: None


class Listener:
    """Somebody before the kiosk who hears the files and sees nothing."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        self.folder = folder
        speech = replace(profile.speech, sink=f"file:{folder}")
        profile = replace(profile, panel=replace(profile.panel, pins="mock"), speech=speech)
        self.inbox: queue.SimpleQueue[Stamped] = queue.SimpleQueue()
        self.stage, other = Quiet(), Quiet()
        self.kiosk = Kiosk(profile, self.stage, self.inbox, other, other, other)  # type: ignore[arg-type]  # they only listen
        self.heard_of = 0

    def happens(self, *happened: Event) -> list[str]:
        """What is said until it is quiet again."""
        for event in happened:
            self.inbox.put(Stamped(None, event))
        end = time.monotonic() + DEADLINE_S
        self.kiosk.drain()
        while self.kiosk._narrator._now or self.kiosk._narrator._to_say:
            assert time.monotonic() < end
            time.sleep(0.002)
            self.kiosk.drain()
        return self.said()

    def said(self) -> list[str]:
        log = self.folder / "said.jsonl"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        new, self.heard_of = lines[self.heard_of :], len(lines)
        for line in new:
            with wave.open(str(self.folder / json.loads(line)["wav"])) as sound:
                assert sound.getnframes() / sound.getframerate() > 0.1, line
        return [json.loads(line)["text"] for line in new]

    def find(self, words: str) -> None:
        for _ in range(40):
            if any(words in said for said in self.happens(KeyPressed("8"))):
                return
        raise AssertionError(f"never heard: {words}")


def test_a_number_is_taken_by_ear(profile: Profile, tmp_path: Path) -> None:
    ear = Listener(profile, tmp_path / "ear")
    ear.happens(
        events.CatalogueChanged(shipped_catalogue()),
        events.LinkChanged(up=True),
        events.OutlookChanged(outlook()),
        *(events.DeviceChanged(device, "ok") for device in ("idcard", "printer", "scanner", "panel")),
    )
    said = ear.happens(KeyPressed("speech"))
    assert said[0] == "读屏已打开"
    assert "取号办事" in said
    ear.find("取号办事")
    assert "要办哪件事？" in ear.happens(KeyPressed("5"))
    ear.find("社会保障卡申领")
    assert "请确认后取号" in ear.happens(KeyPressed("5"))
    ear.find("取号，不打印")
    ear.happens(KeyPressed("5"))
    wish = ear.kiosk.state.session.wish
    assert wish is not None
    said = ear.happens(events.Replied(ticket(wish.id)))
    assert {"您的号码", "A 零 二 三", "前面 5 人", "约 8 到 15 分钟", "请到二号等候区等候"} <= set(said)
    captions = {view.frame.said for view in ear.stage.shown}
    assert {"您的号码", "A023", "约 8–15 分钟"} <= captions, "what is said is shown, as it is drawn elsewhere"
