"""A panel layout from TOML: read whole, checked strictly, every mistake named at once.

A wrong pin cannot be found by looking at a screen, and a technician edits the file at a distant outlet: so
unknown keys come with what was probably meant, a pin used twice names both of its uses, and nothing is reported
one at a time. ``layouts/demo.toml`` shows every table there is, with what each key means.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from devices.events import PanelInput
from devices.gpio.record import (
    FIRST_PIN,
    KEY_NAMES,
    LAST_PIN,
    PULLED_UP_PINS,
    BadLayout,
    InputPin,
    Matrix,
    Output,
    OutputPin,
    PanelLayout,
    Pull,
)

_FOLDER = files("devices.gpio") / "layouts"
_T = TypeVar("_T")
_INPUT_KEYS = ("pin", "active", "pull", "normally_closed", "debounce_s", "hold_off_s")
_LOOPS = {PanelInput.DOOR, PanelInput.TAMPER}  # normally closed unless the file says otherwise
_DEBOUNCE_S = (0.005, 0.5)


def shipped_layouts() -> tuple[str, ...]:
    """Names of the layouts that come with the package."""
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
    )


def load_layout(name_or_path: str | Path) -> PanelLayout:
    """The shipped layout of that name, or the TOML file at that path (one with a slash or ``.toml`` in it).

    Raises BadLayout with every mistake of the file.
    """
    text = str(name_or_path)
    path = Path(text)
    if path.suffix == ".toml" or path.parent != Path():
        try:
            return parse_layout(path.stem, path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadLayout(path.stem, (f"{path} cannot be read: {error}",)) from error
    known = shipped_layouts()
    if text not in known:
        raise BadLayout(text, (f"there is no such layout{_near(text, known)}; there are {', '.join(known)}",))
    return parse_layout(text, (_FOLDER / f"{text}.toml").read_text(encoding="utf-8"))


def parse_layout(name: str, text: str) -> PanelLayout:
    """A layout from its TOML text; raises BadLayout with all mistakes."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadLayout(name, (f"not TOML: {error}",)) from None
    return _Reader(name, said).layout()


def _near(word: str, known: Iterable[str]) -> str:
    meant = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {meant[0]}?)" if meant else ""


class _Reader:
    """One reading of one file: collects mistakes instead of stopping at the first."""

    def __init__(self, name: str, said: Mapping[str, Any]) -> None:
        self._name = name
        self._said = said
        self._mistakes: list[str] = []
        self._pins: dict[int, str] = {}  # what each pin is used for so far

    def layout(self) -> PanelLayout:
        self._known("", self._said, ("stuck_s", *PanelInput, "keys", "keypad", "outputs"))
        stuck_s = self._number("stuck_s", self._said.get("stuck_s", 30.0), 1.0, 3600.0)
        inputs = {one: self._input(one, self._table(one, self._said), one) for one in PanelInput if one in self._said}
        keys = self._keys(self._table("keys", self._said))
        matrix = self._matrix(self._table("keypad", self._said)) if "keypad" in self._said else None
        outputs = self._outputs(self._table("outputs", self._said))
        for key in sorted(set(keys) & set(matrix.names if matrix else ())):
            self._wrong(f"keys.{key}", "the keypad has this key too")
        if not (inputs or keys or matrix or outputs or self._mistakes):
            self._wrong("", "a panel without any pin")
        if self._mistakes:
            raise BadLayout(self._name, tuple(self._mistakes))
        return PanelLayout(self._name, inputs, keys, matrix, outputs, stuck_s)

    # -- the parts

    def _keys(self, table: Mapping[str, Any]) -> dict[str, InputPin]:
        self._known("keys", table, KEY_NAMES)
        return {
            key: self._input(f"keys.{key}", self._table(key, table, "keys"), None) for key in table if key in KEY_NAMES
        }

    def _input(self, at: str, table: Mapping[str, Any], what: PanelInput | None) -> InputPin:
        self._known(at, table, [key for key in _INPUT_KEYS if key != "hold_off_s" or what is PanelInput.PRESENCE])
        pin = self._pin(at, table)
        loop = self._choice(f"{at}.normally_closed", table.get("normally_closed", what in _LOOPS), (True, False))
        pull = Pull(self._choice(f"{at}.pull", table.get("pull", "up"), tuple(one.value for one in Pull)))
        if pin in PULLED_UP_PINS and pull is not Pull.UP:
            self._wrong(f"{at}.pull", f'pin {pin} has a pull-up on the board; write pull = "up" or use another pin')
        if loop:
            if pull is Pull.NONE:
                self._wrong(f"{at}.pull", "a normally closed loop needs a pull, or its cut wire would have no level")
            if "active" in table:
                self._wrong(f"{at}.active", "a normally closed loop is active when open; leave this out")
            active_high = pull is Pull.UP
        else:
            usual = "high" if pull is Pull.DOWN else "low"
            active_high = self._choice(f"{at}.active", table.get("active", usual), ("low", "high")) == "high"
        return InputPin(
            pin,
            active_high,
            pull,
            loop,
            self._number(f"{at}.debounce_s", table.get("debounce_s", 0.03), *_DEBOUNCE_S),
            self._number(f"{at}.hold_off_s", table.get("hold_off_s", 2.0), 0.0, 600.0)
            if what is PanelInput.PRESENCE
            else 0.0,
        )

    def _matrix(self, table: Mapping[str, Any]) -> Matrix:
        self._known("keypad", table, ("rows", "columns", "keys", "debounce_s"))
        rows, columns = (self._pins_of(f"keypad.{what}", table.get(what)) for what in ("rows", "columns"))
        written = table.get("keys")
        keys: tuple[tuple[str, ...], ...] = ()
        if not (isinstance(written, list) and all(isinstance(row, str) for row in written)):
            self._wrong("keypad.keys", 'must be a list with one text a row, such as ["123", "456", "789", "*0#"]')
        else:
            keys = tuple(tuple(row) for row in written)
            if rows and columns and (len(keys) != len(rows) or any(len(row) != len(columns) for row in keys)):
                self._wrong("keypad.keys", f"must be {len(rows)} texts of {len(columns)} keys, as rows and columns")
            names = [key for row in keys for key in row]
            for key in sorted(set(names)):
                if key not in KEY_NAMES:
                    self._wrong("keypad.keys", f"{key!r} is no key; there are {''.join(KEY_NAMES[2:])}")
                elif names.count(key) > 1:
                    self._wrong("keypad.keys", f"{key!r} is there {names.count(key)} times")
        return Matrix(
            rows, columns, keys, self._number("keypad.debounce_s", table.get("debounce_s", 0.03), *_DEBOUNCE_S)
        )

    def _outputs(self, table: Mapping[str, Any]) -> dict[Output, OutputPin]:
        self._known("outputs", table, tuple(Output))
        outputs = {}
        for output in Output:
            if output in table:
                at, said = f"outputs.{output}", self._table(output, table, "outputs")
                self._known(at, said, ("pin", "active"))
                high = self._choice(f"{at}.active", said.get("active", "high"), ("low", "high")) == "high"
                outputs[output] = OutputPin(self._pin(at, said), high)
        return outputs

    # -- the small checks

    def _wrong(self, at: str, sentence: str) -> None:
        self._mistakes.append(f"{at}: {sentence}" if at else sentence)

    def _table(self, key: str, parent: Mapping[str, Any], at: str = "") -> Mapping[str, Any]:
        found = parent.get(key, {})
        if isinstance(found, dict):
            return found
        self._wrong(f"{at}.{key}" if at else key, f"must be a table, written [{at}.{key}]" if at else "must be a table")
        return {}

    def _known(self, at: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
        known = [str(key) for key in known]
        for key in table:
            if key not in known:
                where = f"{at}.{key}" if at else key
                self._wrong(where, f"unknown{_near(key, known) or '; there are ' + ', '.join(known)}")

    def _pin(self, at: str, table: Mapping[str, Any]) -> int:
        if "pin" not in table:
            self._wrong(at, "pin is missing")
            return -1
        return self._number_of_pin(f"{at}.pin", table["pin"])

    def _pins_of(self, at: str, said: object) -> tuple[int, ...]:
        if not isinstance(said, list) or not 2 <= len(said) <= 8:
            self._wrong(at, "must be a list of 2 to 8 pins")
            return ()
        return tuple(self._number_of_pin(f"{at}[{index}]", pin) for index, pin in enumerate(said))

    def _number_of_pin(self, at: str, said: object) -> int:
        if isinstance(said, bool) or not isinstance(said, int) or not FIRST_PIN <= said <= LAST_PIN:
            self._wrong(at, f"must be a BCM number from {FIRST_PIN} to {LAST_PIN}, not {said!r}")
            return -1
        if said in self._pins:
            self._wrong(at, f"pin {said} is used by {self._pins[said]} already")
        self._pins.setdefault(said, re.sub(r"\.pin$", "", at))
        return said

    def _number(self, at: str, said: object, least: float, most: float) -> float:
        if isinstance(said, bool) or not isinstance(said, int | float) or not least <= said <= most:
            self._wrong(at, f"must be a number from {least:g} to {most:g}, not {said!r}")
            return least
        return float(said)

    def _choice(self, at: str, said: object, known: tuple[_T, ...]) -> _T:
        if said in known and isinstance(said, type(known[0])):
            return said
        words = " or ".join(repr(one).lower() for one in known)
        self._wrong(at, f"must be {words}, not {said!r}")
        return known[0]
