"""What a terminal says of its devices, and that the fleet's pages have words for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

import devices.errors
from devices.errors import DeviceError
from devices.events import Condition, Health
from kiosk.events import DeviceChanged
from kiosk.flow.state import DEVICES, STOPPED
from kiosk.peripherals import Peripherals, peripheral
from queue_server.http import words
from queue_server.wire import messages as wire

THEN = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


def told_by(*healths: Health) -> tuple[list[DeviceChanged], list[list[wire.Peripheral]]]:
    changes: list[DeviceChanged] = []
    all_of: list[list[wire.Peripheral]] = []
    known = Peripherals(changes.append, lambda some: all_of.append(list(some)))
    for health in healths:
        known.health(health)
    return changes, all_of


def test_the_flow_hears_of_changes_and_the_heartbeat_of_everything() -> None:
    ok = Health("camera", Condition.OK, THEN)
    changes, told = told_by(ok, ok, ok)
    assert changes == [DeviceChanged("camera", "ok", "")]
    assert len(told) == 3


def test_a_device_that_is_opened_anew_has_been_well_since_it_first_was() -> None:
    later = Health("idcard", Condition.OK, THEN + timedelta(hours=1))
    _, told = told_by(Health("idcard", Condition.OK, THEN), later)
    assert told[-1][0].since == THEN
    _, told = told_by(Health("idcard", Condition.OK, THEN), Health("idcard", Condition.ABSENT, later.since))
    assert told[-1][0].since == later.since


def test_devices_are_told_in_one_order() -> None:
    _, told = told_by(*(Health(name, Condition.OK, THEN) for name in reversed(DEVICES)))
    assert [p.name for p in told[-1]] == list(DEVICES)


def test_what_is_too_long_for_the_wire_is_cut() -> None:
    record = peripheral(Health("camera", Condition.DEGRADED, THEN, reason="r" * 100, model="m" * 100))
    assert msgspec.json.decode(msgspec.json.encode(record), type=wire.Peripheral) == record


@pytest.mark.parametrize("name", DEVICES)
def test_the_fleets_page_names_every_device_in_chinese(name: str) -> None:
    zh, en = words.PERIPHERALS[name]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in zh)
    assert en.isascii()


def conditions() -> list[str]:
    kinds = [kind for kind in vars(devices.errors).values() if isinstance(kind, type) and issubclass(kind, DeviceError)]
    ours = {kind.code for kind in kinds} - {DeviceError.code, "unknown-fault", "bad-value"}
    panel = {"door-open", "tamper", "key-stuck", "panel-chatter"}
    return sorted(ours | STOPPED | panel | {"paper-low", "not-answering", "driver-error", "reading-process-ended"})


@pytest.mark.parametrize("reason", conditions())
def test_the_fleets_page_has_words_for_every_condition(reason: str) -> None:
    assert reason in words.REASONS
