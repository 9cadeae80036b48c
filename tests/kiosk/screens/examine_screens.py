# ruff: noqa: PLC0415
# (Kivy is imported only after its environment has been set up)
"""Walks through the widgets of every screen of one panel and prints what it finds, as JSON.

A program of its own because Kivy has one window, of one size, for the life of a process. Run by
``test_kiosk_screens.py``: ``python examine_screens.py PROFILE VAR``.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")

from firmware_cfg.load import load_profile
from kiosk.flow.state import Lang
from kiosk.fonts import ALL, prepare_fonts
from kiosk.scenes import TOKEN, scenes
from kiosk.site import site_of
from kiosk.views import view
from kiosk.window import one_provider, set_up

OTHERS: tuple[Lang, ...] = ("ja", "ko", "zh-Hant")


def languages(at: int) -> tuple[Lang, ...]:
    """Chinese and English on every screen, of the others one each in turn; all with EXAMINE_ALL set."""
    return ("zh-Hans", "en", *(OTHERS if os.environ.get("EXAMINE_ALL") else OTHERS[at % 3 : at % 3 + 1]))


def main(name: str, var: Path) -> dict[str, Any]:
    profile = load_profile(name)
    screen = profile.screen
    set_up(var / f"kivy-{name}", screen.width_px, screen.height_px, prepare_fonts(var / "fonts", faces=ALL))
    from kivy.base import EventLoop
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kivy.input.motionevent import MotionEvent

    from kiosk.stage import Stage
    from kiosk.widgets.grounds import Say
    from kiosk.widgets.keys import Key

    Clock._max_fps = 0  # examining, not showing
    touched: list[tuple[str, str]] = []
    sizes = (screen.width_px, screen.height_px, screen.pitch_mm)
    stage = Stage(*sizes, lambda *what: touched.append(what))
    Window.add_widget(stage)
    EventLoop.window = Window
    EventLoop.start()
    one_provider()

    class Finger(MotionEvent):
        def depack(self, args: Any) -> None:
            self.is_touch = True
            self.sx, self.sy = args
            self.profile = ["pos"]
            super().depack(args)

    def settle() -> None:
        for _ in range(4):
            Clock.tick()

    looks: list[tuple[str, str, float]] = []

    def look(x: float, y: float) -> None:
        looks.extend((key.fill, key.edge, key.shadow) for key in stage.targets() if key.collide_point(x, y))

    def tap(x: float, y: float, meanwhile: Any = lambda: None) -> list[tuple[str, str]]:
        touched.clear()
        looks.clear()
        for key in stage.targets():
            key.min_state_time = 0  # a finger shows for a moment at least; here it is lifted and done
        look(x, y)
        finger = Finger("test", 1, (x / Window.width, y / Window.height), is_touch=True)
        finger.scale_for_screen(Window.width, Window.height)
        stage.dispatch("on_touch_down", finger)
        finger.grab_current = None
        before = list(touched)
        meanwhile()
        look(x, y)
        stage.dispatch("on_touch_up", finger)  # as Kivy does: first to the window's own, then to who holds it
        for held in list(finger.grab_list):
            finger.grab_current = held()
            finger.grab_current.dispatch("on_touch_up", finger)
        assert before == [] or before[0][0] == "focus", "a control acted before the finger was lifted"
        Clock.tick()
        return list(touched)

    found: dict[str, Any] = {}
    for at, (scene, state) in enumerate(scenes(site_of(profile)).items()):
        for lang in languages(at):
            for elder in (False, True):
                shown = view(replace(state, session=replace(state.session, lang=lang, elder=elder)))
                # A page that explores is examined as it is drawn; what a finger does on it stands below.
                stage.show(replace(shown, frame=replace(shown.frame, explore=False)))
                settle()
                targets = [
                    {
                        "action": key.button.action,
                        "value": key.button.value,
                        "rect": [key.x, key.y, key.width, key.height],
                        "answers": tap(key.x + key.width / 2, key.y + key.height / 2),
                        "looks": list(looks),
                        "air": key.width - key._label.widest(),
                    }
                    for key in stage.targets()
                ]
                asleep = [
                    [key.fill, key.edge, key.shadow]
                    for key in stage.shown.walk(restrict=True)
                    if isinstance(key, Key) and key.button is not None and not key.button.enabled
                ]
                texts = [
                    {
                        "words": label.words,
                        "fits": label.fits,
                        "px": label.font_size,
                        "box": [label.width, label.height],
                        "ink": list(label.shown_size()),
                        "at": [label.x, label.y],
                    }
                    for label in stage.shown.walk(restrict=True)
                    if isinstance(label, Say) and label.words and label.parent.opacity and label.width > 1
                ]
                found[f"{scene}/{lang}/{'elder' if elder else 'normal'}"] = {
                    "screen": type(stage.shown).__name__,
                    "targets": targets,
                    "texts": texts,
                    "asleep": asleep,
                }
    explored = _explore(stage, scenes(site_of(profile))["voice-without-keypad"], tap, settle)
    held = _hold(stage, scenes(site_of(profile))["start"], tap, settle)
    # The end of a session: nothing of a citizen in any widget that lives.
    all_scenes = scenes(site_of(profile))
    stage.show(view(all_scenes["start"]))
    stage.forget()
    settle()
    gc.collect()
    words = [x.words + x.text for x in gc.get_objects() if isinstance(x, Say)]
    left = [word for word in words if "张*" in word or "A023" in word or "1234" in word or TOKEN in word]
    codes = [screen_widget.view.qr for screen_widget in stage._screens.values() if hasattr(screen_widget.view, "qr")]
    return {
        "size": [Window.width, Window.height],
        "window": [stage.width, stage.height],
        "pitch_mm": screen.pitch_mm,
        "found": found,
        "explored": explored,
        "held": held,
        "left_behind": left + [code for code in codes if code],
        "providers": [type(provider).__name__ for provider in EventLoop.input_providers],
    }


def _explore(stage: Any, state: Any, tap: Any, settle: Any) -> list[Any]:
    """What a finger on the first control does: once, and once more when the keypad's ring has come there."""
    page = replace(state, session=replace(state.session, focus=-1))
    stage.show(view(page))
    settle()
    key = next(stage.targets())
    place = (key.x + key.width / 2, key.y + key.height / 2)
    first = tap(*place)
    stage.show(view(replace(page, session=replace(page.session, focus=int(first[0][1])))))
    settle()
    return [first, tap(*place), [key.button.action, key.button.value, key.button.at]]


def _hold(stage: Any, state: Any, tap: Any, settle: Any) -> list[Any]:
    """What a finger does that stays on the bar's help: nothing but to turn the voice on."""
    from kivy.clock import Clock

    from kiosk import hand

    stage.show(view(state))
    settle()
    key = next(key for key in stage.targets() if key.button.action == "help")
    usual, hand.HOLD_S = hand.HOLD_S, 0
    try:
        return [usual, tap(key.x + key.width / 2, key.y + key.height / 2, Clock.tick)]
    finally:
        hand.HOLD_S = usual


if __name__ == "__main__":
    report = main(sys.argv[1], Path(sys.argv[2]))
    Path(sys.argv[3]).write_text(json.dumps(report), encoding="utf-8")
