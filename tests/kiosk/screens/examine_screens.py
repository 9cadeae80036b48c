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
from kiosk.examine import drawn, examined
from kiosk.frame_cost import KEPT, LEAST
from kiosk.scenes import TOKEN, scenes
from kiosk.showroom import Look, Showroom, every_leaf, every_look
from kiosk.site import site_of
from kiosk.views import view

MAIN = {"start", "choose", "confirm", "ticket", "search", "search-hits", "search-no-hit"}


def main(name: str, var: Path) -> dict[str, Any]:
    profile = load_profile(name)
    screen = profile.screen
    touched: list[tuple[str, str]] = []
    room = Showroom(profile, var / f"kivy-{name}", var / "fonts", lambda *what: touched.append(what))
    stage = room.stage
    from kivy.base import EventLoop
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kivy.input.motionevent import MotionEvent

    from kiosk.widgets.grounds import Say
    from kiosk.widgets.keys import Key

    class Finger(MotionEvent):
        def depack(self, args: Any) -> None:
            self.is_touch = True
            self.sx, self.sy = args
            self.profile = ["pos"]
            super().depack(args)

    looks: list[tuple[str, str, float]] = []

    def seen(x: float, y: float) -> None:
        looks.extend((key.fill, key.edge, key.shadow) for key in stage.targets() if key.collide_point(x, y))

    def tap(x: float, y: float, meanwhile: Any = lambda: None) -> list[tuple[str, str]]:
        touched.clear()
        looks.clear()
        for key in stage.targets():
            key.min_state_time = 0  # a finger shows for a moment at least; here it is lifted and done
        seen(x, y)
        finger = Finger("test", 1, (x / Window.width, y / Window.height), is_touch=True)
        finger.scale_for_screen(Window.width, Window.height)
        stage.dispatch("on_touch_down", finger)
        finger.grab_current = None
        before = list(touched)
        meanwhile()
        seen(x, y)
        stage.dispatch("on_touch_up", finger)  # as Kivy does: first to the window's own, then to who holds it
        for held in list(finger.grab_list):
            finger.grab_current = held()
            finger.grab_current.dispatch("on_touch_up", finger)
        assert before == [] or before[0][0] == "focus", "a control acted before the finger was lifted"
        Clock.tick()
        return list(touched)

    found: dict[str, Any] = {}
    wrong: list[str] = []
    site = site_of(profile)
    usual = [Look(lang, elder=elder) for lang in ("zh-Hans", "en") for elder in (False, True)]
    others = [look for look in every_look(compact=site.compact) if look not in usual]
    for at, (scene, state) in enumerate(scenes(site).items()):
        # The main scenes in all of the usual looks; of the others half on this panel, half on the other, each in one.
        if scene not in MAIN and at % 2 != site.compact:
            continue
        chosen = usual if scene in MAIN else (usual[at % len(usual)],)
        for look, named, leaf in ((one, *leaf) for one in chosen for leaf in every_leaf(scene, state, one)):
            wrong += map(str, examined(room, named, leaf, look))
            # A page that explores is tried as it is drawn; what a finger does on it stands below.
            page: Any = look.of(leaf)
            room.show(replace(page, frame=replace(page.frame, explore=False)))
            shown = stage.shown
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
                for key in shown.walk(restrict=True)
                if isinstance(key, Key) and key.button is not None and not key.button.enabled
            ]
            texts = [
                {
                    "words": label.words,
                    "px": label.font_size,
                    "box": [label.width, label.height],
                    "ink": list(label.shown_size()),
                }
                for label in drawn(shown)
                if isinstance(label, Say) and label.words and label.width > 1
            ]
            found[f"{named}/{look.lang}/{look.theme}"] = {
                "screen": type(shown).__name__,
                "targets": targets,
                "texts": texts,
                "asleep": asleep,
            }
        # And in one of all other looks, of languages too; `make soak` has the whole.
        look = others[at * 5 % len(others)]
        for named, leaf in every_leaf(scene, state, look):
            wrong += map(str, examined(room, named, leaf, look))
    explored = _explore(stage, scenes(site)["voice-without-keypad"], tap, room.settle)
    held = _hold(stage, scenes(site)["start"], tap, room.settle)
    coming = _come(stage, scenes(site), tap, room.settle)
    # The end of a session: nothing of a citizen in any widget that lives.
    stage.show(view(scenes(site)["start"]))
    stage.forget()
    room.settle()
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
        "coming": coming,
        "wrong": wrong,
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


def _come(stage: Any, states: dict[str, Any], tap: Any, settle: Any) -> dict[str, Any]:
    """How pages come on a display with time for motion: which of them softly, where their controls stand, their answer.

    A slow display is tried last.
    """
    stage._moving = True
    for _ in range(LEAST):
        stage.frame_cost.begins(0.0)
        stage.frame_cost.ends(0.01)

    def shown(scene: str, **manner: bool) -> bool:
        state = states[scene]
        stage.show(view(replace(state, session=replace(state.session, **manner))))
        return bool(stage._fade.clearing)

    def places() -> list[Any]:
        return [[key.button.action, key.x, key.y, key.width, key.height] for key in stage.targets()]

    try:
        shown("start")
        settle()
        soft = {"choose": shown("choose")}
        settle()  # a few frames later, far from the end of the motion
        first = places()
        key = next(stage.targets())
        answer = tap(key.x + key.width / 2, key.y + key.height / 2)
        wanted = [[key.button.action, key.button.value]]
        stage._fade.end()
        settle()
        last = places()
        for scene, manner in (
            ("confirm", {"elder": True}),
            ("help", {"voice": True}),
            ("emergency-fire", {}),
            ("covered", {}),
        ):
            soft[scene] = shown(scene, **manner)
            settle()
        for _ in range(2 * KEPT):
            stage.frame_cost.begins(0.0)
            stage.frame_cost.ends(0.05)
        soft["slow"] = shown("choose")
    finally:
        stage._moving = False
    return {"soft": soft, "first": first, "last": last, "answer": answer, "wanted": wanted}


if __name__ == "__main__":
    report = main(sys.argv[1], Path(sys.argv[2]))
    Path(sys.argv[3]).write_text(json.dumps(report), encoding="utf-8")
