"""Which pin of the panel is what, and what the panel can be asked to do.

A panel differs from kiosk to kiosk by its wiring alone, so the wiring is data: one TOML file a layout, read once
and strictly by ``layout_file``. Pins are BCM numbers ("GPIO17"), 2 to 27. A *normally closed* loop carries current
while all is well: opening the door and cutting its wire look the same, and both are an alarm; that is why its
active level is never written down but follows from its pull resistor. Jobs are states, not deeds: a lamp that is
told ``slow`` blinks until it is told otherwise, or until the panel is lost, which puts everything out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, get_args

from devices.errors import DeviceError
from devices.events import PanelInput

FIRST_PIN, LAST_PIN = 2, 27
"""The usable pins of the 40-pin header; 0 and 1 belong to the add-on board's memory."""

PULLED_UP_PINS = frozenset({2, 3})
"""Pins whose pull-up is soldered on the Pi (the I2C bus): no other pull can be asked of them."""

KEYPAD_KEYS = tuple("1234567890*#")
KEY_NAMES = ("call", "speech", *KEYPAD_KEYS)
"""What a key may be called: the call key, the raised-dot key that starts speech, and a keypad's twelve."""

Pattern = Literal["off", "on", "slow", "fast"]
"""How a lamp burns. ``slow`` is one flash a second; ``fast`` two and a half, below the three that may harm."""

BuzzPattern = Literal["off", "on", "slow", "fast", "once"]
"""As ``Pattern``; ``once`` is one short sound, 0.15 s, as an answer to a key."""


class BadLayout(DeviceError, ValueError):  # noqa: N818  (named for the condition, as in devices.errors)
    """A layout that cannot be used; ``mistakes`` names everything that is wrong with it, one sentence each."""

    code = "bad-layout"

    def __init__(self, name: str, mistakes: tuple[str, ...]) -> None:
        super().__init__(f"panel layout {name}: {'; '.join(mistakes)}")
        self.name = name
        self.mistakes = mistakes


class Pull(StrEnum):
    """The resistor inside the Pi that gives an open wire a level."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Output(StrEnum):
    """What a panel can switch."""

    LAMP = "lamp"
    BUZZER = "buzzer"
    SPEECH_LIGHT = "speech_light"
    POWER_RELAY = "power_relay"


@dataclass(frozen=True, slots=True)
class InputPin:
    """One input.

    ``active_high``: the level that means open, broken, present or pressed. ``debounce_s``: how long a level must
    last to count, seconds. ``hold_off_s``: how long an input must rest before it counts as inactive again.
    """

    pin: int
    active_high: bool = False
    pull: Pull = Pull.UP
    normally_closed: bool = False
    debounce_s: float = 0.03
    hold_off_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OutputPin:
    """One output; ``active_high`` says which level lights or sounds it."""

    pin: int
    active_high: bool = True


@dataclass(frozen=True, slots=True)
class Matrix:
    """A keypad of ``len(rows) * len(columns)`` keys; ``keys[row][column]`` is a key's name.

    Rows are driven low one at a time, columns are pulled up and read: a column reads low while the key between it
    and the driven row is down.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    keys: tuple[tuple[str, ...], ...]
    debounce_s: float = 0.03

    @property
    def names(self) -> tuple[str, ...]:
        """All keys, row by row."""
        return tuple(name for row in self.keys for name in row)


@dataclass(frozen=True, slots=True)
class PanelLayout:
    """The wiring of one kind of panel. What is not fitted is not in it.

    ``stuck_s``: a key that is held longer than this is reported as stuck, seconds.
    """

    name: str
    inputs: Mapping[PanelInput, InputPin] = field(default_factory=dict)
    keys: Mapping[str, InputPin] = field(default_factory=dict)
    matrix: Matrix | None = None
    outputs: Mapping[Output, OutputPin] = field(default_factory=dict)
    stuck_s: float = 30.0

    @property
    def key_names(self) -> tuple[str, ...]:
        """Every key that this panel has, single ones first."""
        return (*self.keys, *(self.matrix.names if self.matrix else ()))


def _check(pattern: str, known: tuple[str, ...]) -> None:
    if pattern not in known:
        raise ValueError(f"no pattern {pattern!r}; there are {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Lamp:
    """Job: the panel's lamp burns by this pattern from now on. ValueError for an unknown one."""

    pattern: Pattern

    def __post_init__(self) -> None:
        _check(self.pattern, get_args(Pattern))


@dataclass(frozen=True, slots=True)
class SpeechLight:
    """Job: the light of the speech key, which shows that speech is on without any sound."""

    pattern: Pattern

    def __post_init__(self) -> None:
        _check(self.pattern, get_args(Pattern))


@dataclass(frozen=True, slots=True)
class Buzz:
    """Job: the buzzer sounds by this pattern from now on."""

    pattern: BuzzPattern

    def __post_init__(self) -> None:
        _check(self.pattern, get_args(BuzzPattern))


@dataclass(frozen=True, slots=True)
class CyclePower:
    """Job: the power relay interrupts what hangs on it for ``off_s`` seconds (0.5 to 30)."""

    off_s: float = 3.0

    def __post_init__(self) -> None:
        if not 0.5 <= self.off_s <= 30.0:
            raise ValueError(f"power can be off for 0.5 to 30 s, not {self.off_s:g}")


PanelJob = Lamp | SpeechLight | Buzz | CyclePower
