"""The technician's lock: each code once, five wrong ones close it, over a restart and whatever the clock does."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from firmware_cfg.one_time import code_at, step_of
from firmware_cfg.sign import read_key
from kiosk.events import CodeTried
from kiosk.technician_lock import TechnicianLock

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
BOX = PrivateKey.generate()


class Door:
    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOON
        self.lock = self.again()

    def again(self) -> TechnicianLock:
        self.lock = TechnicianLock(self.folder, bytes(BOX.public_key), lambda: self.now)
        return self.lock

    def code(self, later: timedelta = timedelta()) -> str:
        return code_at(read_key(self.folder / "technician.key"), step_of(self.now + later))

    def wrong(self) -> str:
        good = {self.code(timedelta(minutes=n)) for n in (-1, 0, 1)}
        return next(code for n in range(9) if (code := f"{n:08d}") not in good)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_the_server_alone_can_open_what_goes_up(door: Door) -> None:
    secret = SealedBox(BOX).decrypt(base64.b64decode(door.lock.sealed))
    assert secret == read_key(door.folder / "technician.key")
    assert (door.folder / "technician.key").stat().st_mode & 0o077 == 0


def test_a_code_opens_once_and_no_older_one_after_it(door: Door) -> None:
    before, code = door.code(timedelta(minutes=-1)), door.code()
    assert door.lock.try_code(code) == CodeTried("open")
    assert door.lock.try_code(code).result == "used"
    assert door.again().try_code(before).result == "used", "over a restart, too"
    door.now += timedelta(minutes=1)
    assert door.lock.try_code(door.code()) == CodeTried("open")


def test_five_wrong_ones_close_it_for_a_quarter_of_an_hour_over_a_restart(door: Door) -> None:
    tried = [door.lock.try_code(door.wrong()) for _ in range(5)]
    assert tried == [*(CodeTried("wrong", left=n) for n in (4, 3, 2, 1)), CodeTried("locked", left=15)]
    assert door.lock.try_code(door.code()).result == "locked", "the right one, too"
    door.now += timedelta(minutes=14)
    assert door.again().try_code(door.code()) == CodeTried("locked", left=1)
    door.now += timedelta(minutes=2)
    assert door.lock.try_code(door.code()) == CodeTried("open")


def test_wrong_ones_are_counted_over_a_restart_and_a_right_one_forgets_them(door: Door) -> None:
    for _ in range(4):
        door.lock.try_code(door.wrong())
    assert door.again().try_code(door.code()) == CodeTried("open")
    assert door.lock.try_code(door.wrong()) == CodeTried("wrong", left=4)


def test_a_clock_that_goes_back_closes_it_no_longer_than_a_quarter_of_an_hour(door: Door) -> None:
    for _ in range(5):
        door.lock.try_code(door.wrong())
    door.now -= timedelta(days=3)
    assert door.lock.try_code(door.wrong()) == CodeTried("locked", left=15)


def test_a_broken_file_gives_no_new_tries(door: Door) -> None:
    (door.folder / "technician.json").write_bytes(b"\x00")
    assert door.again().try_code(door.code()).result == "locked"


def test_a_folder_that_takes_no_secret_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "technician.key").mkdir()
    lock = TechnicianLock(tmp_path, bytes(BOX.public_key), lambda: NOON)
    assert lock.sealed == ""
    assert lock.try_code("00000000").result == "wrong"


@given(st.lists(st.text(max_size=9) | st.from_regex(r"[0-9]{8}", fullmatch=True), max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_guessing_never_opens_and_is_always_stopped(tmp_path: Path, guesses: list[str]) -> None:
    (tmp_path / "technician.json").unlink(missing_ok=True)
    door = Door(tmp_path)
    good = {door.code(timedelta(minutes=n)) for n in (-1, 0, 1)}
    results = [door.lock.try_code(guess).result for guess in guesses if guess not in good]
    assert "open" not in results
    assert results[5:] == ["locked"] * len(results[5:])
