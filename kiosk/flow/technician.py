"""The technician's way: a hand held on the clock, a code, and what can be tested and changed at the terminal.

It begins from the first page or from a closed terminal alone, so no citizen's work is cut off by a hand that rests
on the glass, and the session is ended before the first page of it. It is left after three minutes without a touch.
"""

from __future__ import annotations

from dataclasses import replace

from devices.printer.slip import Feed, Line, Rule, Slip
from kiosk import events
from kiosk.effects import (
    AskFacts,
    Buzz,
    Effect,
    Inspect,
    Leave,
    LogLevel,
    NewPaper,
    Print,
    Repeat,
    Report,
    Speak,
    TryCode,
)
from kiosk.events import Touched
from kiosk.flow.asking import Step, ended
from kiosk.flow.pages import TechCode, TechMenu, TechNetwork, TechPage, TechSure, TechTests
from kiosk.flow.pages.technician import Stage, Tested
from kiosk.flow.state import Fresh, State

UNTOUCHED_S = 180.0
CODE_LENGTH = 8
LEVELS = ("INFO", "DEBUG", "WARNING")
TESTED = ("printer", "idcard", "scanner", "camera", "panel", "speaker")
_SAID = "扬声器测试。一，二，三。"


def begin(state: State, fresh: Fresh) -> Step:
    """To the code, nothing of any session behind it."""
    state, effects = ended(state, fresh)
    return state.swap(TechCode()), effects


def touched(state: State, page: TechPage, touch: Touched, fresh: Fresh) -> Step:
    match (page, touch):
        case _, Touched("leave" | "home"):
            return _left(state, page, fresh)
        case ((TechCode() | TechMenu()), Touched("back")):
            return _left(state, page, fresh)
        case _, Touched("back"):
            return state.swap(TechMenu()), ()
        case TechCode(), Touched("key", key):
            return _typed(state, page, key)
        case ((TechMenu() | TechTests()), Touched("page", leaf)) if leaf.isdecimal():
            return state.swap(replace(page, page=int(leaf))), ()
        case TechMenu(), _:
            return _chosen(state, page, touch)
        case TechNetwork(), Touched("network"):
            return state, (AskFacts(), Repeat(whole=True))
        case TechTests(), Touched("test", device) if device in can_be_tested(state):
            return _test(state, page, device, fresh)
        case TechSure(what=what), Touched("sure"):
            code: Effect = Report("restarting" if what == "restart" else "to-service")
            state, effects = ended(state, fresh)
            return state, (*effects, code, Leave(what))
    return state, ()


def _typed(state: State, page: TechCode, key: str) -> Step:
    if page.trouble == "checking" or (key in {"erase", "clear"} and not page.typed):
        return state, ()
    match key:
        case "erase":
            typed = page.typed[:-1]
        case "clear":
            typed = ""
        case _:
            typed = page.typed + (key if key in "0123456789" and len(page.typed) < CODE_LENGTH else "")
    if len(typed) == CODE_LENGTH:
        return state.swap(TechCode(trouble="checking")), (TryCode(typed),)
    return state.swap(TechCode(typed)), ()


def _chosen(state: State, page: TechMenu, touch: Touched) -> Step:
    match touch.action:
        case "tests":
            return state.swap(TechTests()), ()
        case "paper":
            again: tuple[Effect, ...] = (Repeat(whole=True),) if page.done == "paper" else ()
            return state.swap(replace(page, done="paper")), (NewPaper(), Report("paper-changed"), *again)
        case "network":
            return state.swap(TechNetwork()), (AskFacts(),)
        case "log-level":
            level = LEVELS[(LEVELS.index(state.kiosk.log_level) + 1) % len(LEVELS)]
            state = replace(state, kiosk=replace(state.kiosk, log_level=level))
            return state.swap(replace(page, done="")), (LogLevel(level),)
        case "restart" | "service" as what:
            return state.swap(TechSure("restart" if what == "restart" else "service")), ()
    return state, ()


def _left(state: State, page: TechPage, fresh: Fresh) -> Step:
    state, effects = ended(state, fresh)
    return state, effects if isinstance(page, TechCode) else (*effects, Report("technician-out"))


def heard(state: State, page: TechPage, event: events.Event) -> Step | None:
    """What a device or the lock says while a technician is here; None: not a technician's business."""
    match (page, event):
        case TechCode(), events.CodeTried(result="open"):
            return state.swap(TechMenu()), (Report("technician-in"),)
        case TechCode(), events.CodeTried(result=("wrong" | "used" | "locked") as trouble, left=left):
            locked: tuple[Effect, ...] = (Report("technician-locked"),) if trouble == "locked" else ()
            return state.swap(TechCode(trouble=trouble, left=left)), locked
        case TechNetwork(), events.FactsFound(facts=facts):
            return state.swap(TechNetwork(facts)), ()
        case TechTests(), events.Inspected(device=device, reason=reason):
            return state.swap(_with(page, device, "bad" if reason else "well", reason)), ()
        case TechTests(), events.PrintEnded(job=job, result=result, reason=reason) if job == page.job:
            well = result in {"printed", "sent"}
            return state.swap(_with(page, "printer", "well" if well else "bad", "" if well else reason or result)), ()
        case TechTests(), events.CardRead() | events.CardTrouble():
            return state.swap(_saw(page, "idcard", "card")), ()
        case TechTests(), events.CodeRead() | events.CodeTrouble():
            return state.swap(_saw(_saw(page, "scanner", "code"), "camera", "code")), ()
        case TechTests(), events.KeyPressed(key=key):
            return state.swap(_saw(page, "panel", f"key:{key}")), ()
        case TechCode(), events.KeyPressed(key=key):
            return _typed(state, page, {"*": "erase", "#": "clear"}.get(key, key))
        case _, events.CardRead() | events.CardTrouble() | events.CodeRead() | events.CodeTrouble():
            return state, ()
        case _, events.KeyPressed(key="4"):
            return state.swap(TechMenu()), ()
        case _, events.KeyPressed():
            return state, ()
    return None


def ticked(state: State, page: TechPage, fresh: Fresh) -> Step:
    """Left after three minutes without a touch."""
    if state.kiosk.monotonic_s - state.session.touched_s < UNTOUCHED_S:
        return state, ()
    return _left(state, page, fresh)


def can_be_tested(state: State) -> tuple[str, ...]:
    """What this terminal has that can be tested."""
    fitted = state.kiosk.site.fitted
    return tuple(name for name in TESTED if name in fitted or (name == "speaker" and state.kiosk.site.speech))


def _test(state: State, page: TechTests, device: str, fresh: Fresh) -> Step:
    running = _with(page, device, "running", "")
    match device:
        case "printer":
            return state.swap(replace(running, job=fresh.job)), (Print(fresh.job, test_slip(state)),)
        case "speaker":
            works = state.kiosk.speaks
            done = _with(page, device, "well" if works else "bad", "" if works else "no-speaker")
            return state.swap(done), (Speak(_SAID, "zh-Hans"),)
        case "panel":
            return state.swap(running), (Inspect(device), Buzz())  # lamp and light follow the page
    return state.swap(running), (Inspect(device),)


def test_slip(state: State) -> Slip:
    """What the printer's test prints: letters of each size, and which terminal it was."""
    kiosk = state.kiosk
    return Slip(
        (
            Line("打印测试 Print test", size=2, align="center", bold=True),
            Rule(),
            Line("A023 0123456789", size=2),
            Line("永和九年，岁在癸丑"),
            Line(kiosk.site.name_zh),
            Line(f"{kiosk.now:%Y-%m-%d %H:%M} UTC"),
            Feed(),
        )
    )


def _with(page: TechTests, device: str, stage: Stage, reason: str) -> TechTests:
    others = tuple(one for one in page.results if one.device != device)
    return replace(page, results=(*others, Tested(device, stage, reason)))


def _saw(page: TechTests, device: str, what: str) -> TechTests:
    """Something came from a device that has been tested here."""
    results = tuple(replace(one, saw=what) if one.device == device else one for one in page.results)
    return replace(page, results=results)
