"""When a device's power is cycled, and what the command that does it may do without hurting anybody."""

from __future__ import annotations

import logging
import stat
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.power import AFTER_FAILURES, AFTER_S, EVERY_S, HANGS, PowerPolicy, command_hook

pytestmark = pytest.mark.wire


def row_of(policy: PowerPolicy, reason: str, start_s: float, count: int, every_s: float) -> list[float]:
    """When the policy asked for the power during a row of failures."""
    times = [start_s + n * every_s for n in range(count)]
    return [now_s for now_s in times if policy.failed(reason, now_s)]


@pytest.mark.parametrize("reason", sorted(HANGS))
def test_a_device_that_hangs_again_and_again_has_its_power_cycled_once(reason: str) -> None:
    assert row_of(PowerPolicy(), reason, 100.0, 10, AFTER_S) == [100.0 + 2 * AFTER_S]


@pytest.mark.parametrize("reason", ["port-missing", "device-lost", "port-busy", "port-forbidden", "driver-error"])
def test_what_is_no_hang_never_touches_the_power(reason: str) -> None:
    assert row_of(PowerPolicy(), reason, 0.0, 1000, 30.0) == []


def test_a_hang_that_goes_on_is_tried_again_every_ten_minutes_and_not_before() -> None:
    asked = row_of(PowerPolicy(), "no-answer", 0.0, 200, 10.0)
    assert asked == [20.0, 620.0, 1220.0, 1820.0]


def test_three_quick_failures_are_not_yet_a_hang() -> None:
    assert row_of(PowerPolicy(), "not-answering", 0.0, 20, 0.1) == []


def test_good_work_and_other_reasons_end_the_row_but_a_lost_line_does_not() -> None:
    for between, asked in (("worked", False), ("port-busy", False), ("device-lost", True), ("port-missing", True)):
        policy = PowerPolicy()
        assert not policy.failed("no-answer", 0.0)
        assert not policy.failed("no-answer", 10.0)
        if between == "worked":
            policy.worked()
        else:
            assert not policy.failed(between, 15.0)
        assert policy.failed("no-answer", 20.0) is asked, between


def test_the_last_cycle_is_remembered_from_process_to_process() -> None:
    first = PowerPolicy()
    assert row_of(first, "no-answer", 0.0, 3, 10.0) == [20.0]
    second = PowerPolicy(last_cycle_s=first.last_cycle_s)
    assert row_of(second, "no-answer", 30.0, 100, 10.0) == [620.0]


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 400.0),
            st.sampled_from([*sorted(HANGS), "port-missing", "device-lost", "port-busy", "worked"]),
        ),
        max_size=200,
    )
)
def test_whatever_happens_the_power_is_cycled_only_for_a_row_of_hangs_and_rarely(
    happenings: list[tuple[float, str]],
) -> None:
    policy = PowerPolicy()
    now_s, row, began_s, last_s = 0.0, 0, 0.0, -EVERY_S
    for pause_s, happening in happenings:
        now_s += pause_s
        if happening == "worked":
            policy.worked()
            row = 0
            continue
        asked = policy.failed(happening, now_s)
        if happening in HANGS:
            began_s = now_s if row == 0 else began_s
            row += 1
        elif happening == "port-busy":
            row = 0
        long_enough = row >= AFTER_FAILURES and now_s - began_s >= AFTER_S
        assert asked == (happening in HANGS and long_enough and now_s - last_s >= EVERY_S)
        if asked:
            row, last_s = 0, now_s


def test_a_command_that_ends_well_cycled_the_power(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    told = tmp_path / "told"
    with caplog.at_level(logging.INFO):
        assert command_hook(["sh", "-c", 'printf "%s " "$@" >"$0"', str(told), "-l", "1-1", "-a", "cycle"])()
    assert told.read_text() == "-l 1-1 -a cycle "
    assert "sh ended with exit code 0" in caplog.text


def test_what_a_shell_would_do_with_an_argument_is_not_done(tmp_path: Path) -> None:
    assert command_hook([sys.executable, "-c", "import sys; sys.exit(sys.argv[1] != '$(exit 3); *')", "$(exit 3); *"])()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["sh", "-c", "exit 1"], "sh ended with exit code 1"),
        (["sh", "-c", "kill -TERM $$"], "sh ended with exit code -15"),
        (["/no/such/program", "-a", "cycle"], "/no/such/program cannot be run: FileNotFoundError"),
        (["/etc/passwd"], "/etc/passwd cannot be run: PermissionError"),
        (["sh", "zero\0byte"], "sh cannot be run: ValueError"),
    ],
)
def test_a_command_that_goes_wrong_is_told_in_one_line_and_raises_nothing(
    command: list[str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert command_hook(command)() is False
    assert [record.getMessage() for record in caplog.records] == [f"power cycle: {said}"]


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pids = tmp_path / "pids"
    script = tmp_path / "hangs"
    script.write_text(f"#!/bin/sh\nsleep 600 &\necho $$ $! >{pids}.new && mv {pids}.new {pids}\nwait\n")
    script.chmod(stat.S_IRWXU)
    assert command_hook([str(script)], timeout_s=3.0)() is False
    assert "did not end within 3 s and was ended" in caplog.text
    until = time.monotonic() + 10.0
    for pid in map(int, pids.read_text().split()):
        while alive(pid):
            assert time.monotonic() < until, f"process {pid} still runs"
            time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process still does anything; one that waits to be reaped by somebody does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_command_without_words_is_refused() -> None:
    for wrong in ([], ["uhubctl", ""]):
        with pytest.raises(ValueError, match="power-cycle command"):
            command_hook(wrong)


def test_nothing_is_left_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        command_hook(["true"])()
        command_hook(["/no/such/program"])()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
