"""A panel's wiring: what ships can be used, and every mistake of a file is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.errors import reason_of
from devices.events import PanelInput
from devices.gpio.layout_file import load_layout, parse_layout, shipped_layouts
from devices.gpio.record import KEY_NAMES, BadLayout, Buzz, CyclePower, Lamp, Output, Pull, SpeechLight


@pytest.mark.parametrize("name", shipped_layouts())
def test_what_ships_has_every_key_and_uses_no_pin_twice(name: str) -> None:
    layout = load_layout(name)
    assert sorted(layout.key_names) == sorted(KEY_NAMES)
    matrix = layout.matrix
    pins = [
        *(pin.pin for pin in (*layout.inputs.values(), *layout.keys.values())),
        *(pin.pin for pin in layout.outputs.values()),
        *((*matrix.rows, *matrix.columns) if matrix else ()),
    ]
    assert len(pins) == len(set(pins))
    assert all(2 <= pin <= 27 for pin in pins)


def test_door_and_tamper_are_loops_whose_cut_wire_is_an_alarm() -> None:
    layout = load_layout("demo")
    for loop in (PanelInput.DOOR, PanelInput.TAMPER):
        pin = layout.inputs[loop]
        assert pin.normally_closed
        assert (pin.pull, pin.active_high) == (Pull.UP, True)


def test_a_loop_to_the_supply_is_active_when_it_falls() -> None:
    door = parse_layout("x", '[door]\npin = 5\npull = "down"').inputs[PanelInput.DOOR]
    assert door.normally_closed
    assert not door.active_high


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(BadLayout) as caught:
        parse_layout(
            "hall-7",
            """
            stuk_s = 3
            [door]
            pn = 3
            [tamper]
            pin = 99
            active = "low"
            pull = "none"
            [presence]
            pin = 2
            pull = "down"
            hold_off_s = -1
            [keys.call]
            pin = 5
            debounce_s = 4
            [keys.1]
            pin = 5
            [keys.cal]
            pin = 7
            [keypad]
            rows = [1, 6]
            columns = [4, 5, 8]
            keys = ["12", "3x", "1"]
            [outputs.lamp]
            pin = true
            [outputs.buzer]
            pin = 9
            """,
        )
    assert reason_of(caught.value) == "bad-layout"
    said = "\n".join(caught.value.mistakes)
    for mistake in (
        "stuk_s: unknown (did you mean stuck_s?)",
        "door.pn: unknown (did you mean pin?)",
        "door: pin is missing",
        "tamper.pin: must be a BCM number from 2 to 27, not 99",
        "tamper.active: a normally closed loop is active when open; leave this out",
        "tamper.pull: a normally closed loop needs a pull",
        "presence.pull: pin 2 has a pull-up on the board",
        "presence.hold_off_s: must be a number from 0 to 600, not -1",
        "keys.call.debounce_s: must be a number from 0.005 to 0.5, not 4",
        "keys.1.pin: pin 5 is used by keys.call already",
        "keys.cal: unknown (did you mean call?)",
        "keypad.rows[0]: must be a BCM number from 2 to 27, not 1",
        "keypad.columns[1]: pin 5 is used by keys.call already",
        "keypad.keys: must be 2 texts of 3 keys",
        "keypad.keys: 'x' is no key",
        "keypad.keys: '1' is there 2 times",
        "keys.1: the keypad has this key too",
        "outputs.lamp.pin: must be a BCM number from 2 to 27, not True",
        "outputs.buzer: unknown (did you mean buzzer?)",
    ):
        assert mistake in said
    assert len(caught.value.mistakes) == 19


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "a panel without any pin"),
        ("door = 5", "door: must be a table"),
        ("[door", "not TOML"),
        ("[door]\npin = 5\nnormally_closed = 1", "door.normally_closed: must be true or false, not 1"),
        ('[keys.call]\npin = 5\npull = "sideways"', "keys.call.pull: must be 'up' or 'down' or 'none'"),
        ('[keys.call]\npin = 5\nactive = "up"', "keys.call.active: must be 'low' or 'high'"),
        ("[keys.call]\npin = 5\nhold_off_s = 2.0", "keys.call.hold_off_s: unknown"),
        ("[keys.call]\npin = 5\ndebounce_s = nan", "must be a number from 0.005"),
        ("[keypad]\nrows = [4]\ncolumns = 5\nkeys = 3", "keypad.rows: must be a list of 2 to 8 pins"),
        ("[keypad]\nrows = [4, 5]\ncolumns = [6, 7]\nkeys = 3", "keypad.keys: must be a list with one text a row"),
        ("[outputs]\nlamp = 3", "outputs.lamp: must be a table, written [outputs.lamp]"),
    ],
)
def test_a_mistake_says_what_to_write(text: str, mistake: str) -> None:
    with pytest.raises(BadLayout, match="panel layout x: ") as caught:
        parse_layout("x", text)
    assert mistake in str(caught.value)


def test_a_layout_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"
    path.write_text("[outputs.lamp]\npin = 17\nactive = 'low'\n", encoding="utf-8")
    layout = load_layout(path)
    assert (layout.name, layout.outputs[Output.LAMP].active_high) == ("hall", False)
    with pytest.raises(BadLayout, match="did you mean demo"):
        load_layout("demmo")
    with pytest.raises(BadLayout, match="cannot be read"):
        load_layout(tmp_path / "none.toml")


def test_a_job_that_means_nothing_is_refused_where_it_is_made() -> None:
    assert Lamp("slow").pattern == "slow"
    assert Buzz("once").pattern == "once"
    with pytest.raises(ValueError, match="no pattern 'once'"):
        Lamp("once")  # type: ignore[arg-type]  # the mistake is the point
    with pytest.raises(ValueError, match="no pattern 'blink'"):
        SpeechLight("blink")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"0\.5 to 30 s"):
        CyclePower(0.0)
