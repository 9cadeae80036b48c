"""Faults by name: found in any simulator, checked, set from a page's JSON or a technician's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadSwitchValue, UnknownSwitch
from devices.switches import parse_switch, reset_switches, set_switch, switches_of, text_of


@dataclass(slots=True)
class Wire:
    silence: bool = False
    noise: int = 0
    loss: float = field(default=0.0, metadata={"range": (0, 1)})


@dataclass(slots=True)
class Oven:
    cold: bool = False
    late_s: float | None = None
    slow: int | None = None
    smoke: Literal["none", "white", "black"] = "none"
    silence: bool = False


@dataclass(slots=True)
class Menu:
    suffix: bytes = b"\r\n"
    encoding: str = "utf-8"


class Line:
    def __init__(self) -> None:
        self.faults = Wire()


class Bakery:
    """A simulator as the bench knows them: two dataclasses of faults and a menu."""

    def __init__(self) -> None:
        self.faults, self.line, self.settings = Oven(), Line(), Menu()
        self.told = 0

    def faults_changed(self) -> None:
        self.told += 1


@pytest.fixture
def bakery() -> Bakery:
    return Bakery()


def test_every_field_is_a_switch_with_its_kind(bakery: Bakery) -> None:
    found = switches_of(bakery)
    assert {name: (s.group, s.kind, s.optional) for name, s in found.items()} == {
        "cold": ("device", "bool", False),
        "late_s": ("device", "float", True),
        "slow": ("device", "int", True),
        "smoke": ("device", "choice", False),
        "silence": ("device", "bool", False),
        "noise": ("line", "int", False),
        "loss": ("line", "float", False),
        "suffix": ("settings", "bytes", False),
        "encoding": ("settings", "text", False),
    }
    assert found["smoke"].choices == ("none", "white", "black")
    assert (found["loss"].least, found["loss"].most) == (0, 1)
    assert not any(switch.on for switch in found.values())
    assert switches_of(object()) == {}


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("cold", True, True),
        ("cold", "on", True),
        ("cold", "No", False),
        ("noise", 5, 5),
        ("noise", " 5", 5),
        ("loss", 1, 1.0),
        ("loss", "0.25", 0.25),
        ("late_s", None, None),
        ("late_s", "never", None),
        ("late_s", 2, 2.0),
        ("slow", "off", None),
        ("smoke", "black", "black"),
        ("suffix", r"\r\x02\\n", b"\r\x02\\n"),
        ("suffix", "", b""),
        ("suffix", b"\n", b"\n"),
        ("encoding", "gb18030", "gb18030"),
    ],
)
def test_a_switch_takes_its_kind_or_the_words_for_it(bakery: Bakery, name: str, value: object, stored: object) -> None:
    set_switch(bakery, name, value)
    kept = switches_of(bakery)[name].value
    assert (kept, type(kept)) == (stored, type(stored))
    assert bakery.told == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cold", 1),
        ("cold", None),
        ("cold", "perhaps"),
        ("noise", -1),
        ("noise", True),
        ("noise", 1.5),
        ("noise", "on"),
        ("noise", "9" * 5000),
        ("noise", 2_000_000),
        ("loss", 1.01),
        ("loss", float("nan")),
        ("loss", "inf"),
        ("loss", 10**400),
        ("loss", [1]),
        ("smoke", "whit"),
        ("suffix", r"\q"),
        ("suffix", "\\x4"),
        ("suffix", "中"),
        ("suffix", "x" * 65),
        ("encoding", 8),
    ],
)
def test_what_a_switch_does_not_take_changes_nothing(bakery: Bakery, name: str, value: object) -> None:
    before = switches_of(bakery)
    with pytest.raises(BadSwitchValue, match=f"{name} takes ") as refused:
        set_switch(bakery, name, value)
    assert refused.value.code == "bad-value"
    assert (switches_of(bakery), bakery.told) == (before, 0)


def test_a_misspelt_name_or_choice_is_answered_with_the_near_one(bakery: Bakery) -> None:
    with pytest.raises(UnknownSwitch, match=r"'silense'; did you mean silence\?; there are cold, "):
        set_switch(bakery, "silense", value=True)
    with pytest.raises(BadSwitchValue, match=r"smoke takes one of none, white, black; did you mean white\?"):
        set_switch(bakery, "smoke", "whit")
    with pytest.raises(UnknownSwitch, match="this device has none"):
        set_switch(object(), "silence", value=True)


def test_the_devices_own_fault_stands_before_one_of_the_same_name_on_its_cable(bakery: Bakery) -> None:
    set_switch(bakery, "silence", value=True)
    assert (bakery.faults.silence, bakery.line.faults.silence) == (True, False)


def test_all_off_is_a_sound_device(bakery: Bakery) -> None:
    for name, value in (("cold", True), ("noise", 5), ("suffix", "x"), ("late_s", 1.0)):
        set_switch(bakery, name, value)
    assert {name for name, switch in switches_of(bakery).items() if switch.on} == {
        *("cold", "noise", "suffix", "late_s")
    }
    reset_switches(bakery)
    assert not any(switch.on for switch in switches_of(bakery).values())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("noise=5", ("noise", "5")),
        ("silence", ("silence", "on")),
        ("wrong-checksum", ("wrong_checksum", "on")),
        ("suffix=", ("suffix", "")),
        ("prefix==", ("prefix", "=")),
    ],
)
def test_a_fault_on_the_command_line(words: str, meant: tuple[str, str]) -> None:
    assert parse_switch(words) == meant


@pytest.mark.parametrize("words", ["", "=5", " "])
def test_a_fault_without_a_name(words: str) -> None:
    with pytest.raises(BadSwitchValue, match="NAME=VALUE"):
        parse_switch(words)


@given(st.binary(max_size=16))
def test_bytes_go_to_json_and_back(data: bytes) -> None:
    bakery = Bakery()
    set_switch(bakery, "suffix", text_of(data))
    assert bakery.settings.suffix == data


def test_a_field_that_cannot_be_a_switch_is_told_to_its_author(bakery: Bakery) -> None:
    @dataclass
    class Odd:
        parts: tuple[int, ...] = ()

    bakery.faults = Odd()  # type: ignore[assignment]  # the author's mistake
    with pytest.raises(TypeError, match="parts is tuple"):
        switches_of(bakery)
