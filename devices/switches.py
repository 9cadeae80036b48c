"""Every fault of every simulator by name: found, checked and set in one place.

A simulator keeps its faults in plain dataclasses: ``.faults`` its own, ``.line.faults`` those of its cable, and
where it has them ``.settings`` of the device's set-up menu. The bench's page, its interface and ``simulate --fault
NAME=VALUE`` all read what there is from here, so a field added to a simulator needs no other line to become a switch.

What a field may be: ``bool``, ``int``, ``float``, ``str``, ``bytes``, a ``Literal`` of strings, and any of them
``| None``. Numbers go from 0 to a million unless the field says otherwise:
``field(default=0.0, metadata={"range": (0, 1)})``.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from devices.errors import BadSwitchValue, UnknownSwitch

Value: TypeAlias = bool | int | float | str | bytes | None
Group: TypeAlias = Literal["device", "line", "settings"]

_KINDS: Mapping[object, str] = {bool: "bool", int: "int", float: "float", str: "text", bytes: "bytes"}
_MOST = 1e6
_TEXT_MAX = 64
_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
_WORDS_ON = {"on", "true", "yes", "1"}
_WORDS_OFF = {"off", "false", "no", "0"}
_WORDS_NONE = {"none", "null", "never", "off", ""}


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch as it stands.

    ``kind`` is ``bool``, ``int``, ``float``, ``choice``, ``text`` or ``bytes``; ``normal`` is the value of a sound
    device; ``optional`` says that None is a value; numbers lie within ``least`` and ``most``.
    """

    name: str
    group: Group
    kind: str
    value: Value
    normal: Value
    optional: bool = False
    choices: tuple[str, ...] = ()
    least: float = 0.0
    most: float = _MOST

    @property
    def on(self) -> bool:
        """Whether it differs from a sound device's."""
        return self.value != self.normal

    @property
    def wants(self) -> str:
        """What it takes, in words for an error."""
        match self.kind:
            case "bool":
                words = "on or off"
            case "int" | "float":
                words = f"a {'whole ' if self.kind == 'int' else ''}number from {self.least:.10g} to {self.most:.10g}"
            case "choice":
                words = f"one of {', '.join(self.choices)}"
            case "bytes":
                words = rf"at most {_TEXT_MAX} bytes as text, with \r, \n, \x02 and the like"
            case _:
                words = f"a text of at most {_TEXT_MAX} characters"
        return f"{words}, or none" if self.optional else words


def switches_of(sim: object) -> dict[str, Switch]:
    """All switches of a simulator by name: its own first, then its cable's, then its settings'."""
    return {switch.name: switch for _holder, switch in _found(sim).values()}


def set_switch(sim: object, name: str, value: object) -> None:
    """Set one switch of ``sim``; ``value`` is of its kind, or a text as a person would type it (``"on"``, ``"5"``).

    A simulator that must act on it at once has a method ``faults_changed()``, called afterwards.
    Raises UnknownSwitch with what was probably meant, BadSwitchValue with what the switch takes.
    """
    found = _found(sim)
    if name not in found:
        raise UnknownSwitch(_unknown(name, list(found)))
    holder, switch = found[name]
    setattr(holder, name, _fitting(switch, value))
    changed = getattr(sim, "faults_changed", None)
    if changed is not None:
        changed()


def reset_switches(sim: object) -> None:
    """Everything back to a sound device as its maker delivers it."""
    for name, switch in switches_of(sim).items():
        if switch.on:
            set_switch(sim, name, switch.normal)


def parse_switch(text: str) -> tuple[str, str]:
    """A switch from a command line, for ``set_switch``: ``noise=5`` or, for on, ``silence`` alone.

    Raises BadSwitchValue for a text without a name.
    """
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if not name:
        raise BadSwitchValue(f"a fault is NAME or NAME=VALUE, not {text!r}")
    return name, value if equals else "on"


def text_of(value: Value) -> str | int | float | None:
    r"""``value`` as JSON can say it: bytes become text with ``\r`` and the like, which ``set_switch`` takes back."""
    if not isinstance(value, bytes):
        return value
    return value.decode("latin-1").encode("unicode_escape").decode("ascii")


# -- finding


def _found(sim: object) -> dict[str, tuple[object, Switch]]:
    found: dict[str, tuple[object, Switch]] = {}
    for holder, switch in _all(sim):
        found.setdefault(switch.name, (holder, switch))
    return found


def _all(sim: object) -> Iterator[tuple[object, Switch]]:
    yield from _fields("device", getattr(sim, "faults", None))
    yield from _fields("line", getattr(getattr(sim, "line", None), "faults", None))
    yield from _fields("settings", getattr(sim, "settings", None))


def _fields(group: Group, holder: object) -> Iterator[tuple[object, Switch]]:
    if holder is None or not dataclasses.is_dataclass(holder):
        return
    kind: type = type(holder)
    hints = _hints(kind)
    for field in dataclasses.fields(holder):
        normal: Any = field.default
        if field.default_factory is not MISSING:
            normal = field.default_factory()
        value = getattr(holder, field.name)
        within = field.metadata.get("range", (0.0, _MOST))
        yield (
            holder,
            _switch(field.name, group, hints[field.name], value, value if normal is MISSING else normal, within),
        )


@lru_cache(maxsize=64)
def _hints(kind: type) -> Mapping[str, object]:
    return get_type_hints(kind)


def _switch(name: str, group: Group, hint: object, value: Value, normal: Value, within: tuple[float, float]) -> Switch:
    optional = False
    if get_origin(hint) in {Union, types.UnionType}:
        parts = [part for part in get_args(hint) if part is not type(None)]
        optional = len(parts) < len(get_args(hint))
        # "int | float" is a float that may be written without a point
        hint = parts[0] if len(parts) == 1 else float
    if get_origin(hint) is Literal:
        choices = tuple(str(choice) for choice in get_args(hint) if choice is not None)
        optional = optional or None in get_args(hint)
        return Switch(name, group, "choice", value, normal, optional, choices)
    if hint not in _KINDS:
        raise TypeError(f"{name} is {hint}, which is no kind of switch")
    return Switch(name, group, _KINDS[hint], value, normal, optional, (), *within)


# -- setting


def _fitting(switch: Switch, value: object) -> Value:
    """``value`` as the switch stores it. Raises BadSwitchValue."""
    if isinstance(value, str):
        value = _typed(switch, value)
    match switch.kind, value:
        case _, None if switch.optional:
            return None
        case "bool", bool():
            return value
        case "int", int() if not isinstance(value, bool) and switch.least <= value <= switch.most:
            return value
        case "float", int() | float() if not isinstance(value, bool) and switch.least <= value <= switch.most:
            return float(value)
        case "choice", str() if value in switch.choices:
            return value
        case "text", str() if len(value) <= _TEXT_MAX:
            return value
        case "bytes", bytes() if len(value) <= _TEXT_MAX:
            return value
    near = _near(str(value), switch.choices) if switch.kind == "choice" else ""
    raise BadSwitchValue(f"{switch.name} takes {switch.wants}{near}")


def _typed(switch: Switch, text: str) -> object:
    """What a person means who types ``text`` for this switch; the text itself where it means nothing."""
    word = text.strip().lower()
    if switch.optional and word in _WORDS_NONE:
        return None
    try:
        match switch.kind:
            case "bool" if word in _WORDS_ON | _WORDS_OFF:
                return word in _WORDS_ON
            case "int":
                return int(word)
            case "float":
                return float(word)
            case "bytes":
                return _bytes_of(text)
            case "choice":
                return text.strip()
    except ValueError:
        return text
    return text


def _bytes_of(text: str) -> bytes:
    """The other way of ``text_of``. ValueError where a backslash means nothing or a character is no byte."""
    pieces = re.findall(r"\\x[0-9a-fA-F]{2}|\\[rnt0\\]|[^\\]", text)
    if sum(map(len, pieces)) != len(text):
        raise ValueError(text)
    return b"".join(map(_byte, pieces))


def _byte(piece: str) -> bytes:
    if piece.startswith("\\x"):
        return bytes.fromhex(piece[2:])
    return _ESCAPES[piece[1]] if piece.startswith("\\") else piece.encode("latin-1")


def _unknown(name: str, names: list[str]) -> str:
    if not names:
        return f"there is no fault {name!r}: this device has none"
    return f"there is no fault {name!r}{_near(name, names)}; there are {', '.join(names)}"


def _near(name: str, names: tuple[str, ...] | list[str]) -> str:
    meant = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {meant[0]}?" if meant else ""
