"""A technician's code: RFC 4226's truncation, a minute's slack, nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from firmware_cfg.one_time import DIGITS, STEP_S, code_at, step_of, step_of_code

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SECRET = bytes(range(32))
secrets = st.binary(min_size=32, max_size=32)
moments = st.integers(0, 2**31).map(lambda at: datetime.fromtimestamp(at, UTC))


def test_the_rfcs_own_example() -> None:
    """RFC 6238 appendix B: SHA-256, 32-byte secret, time 59 s of 30 s steps is counter 1."""
    assert code_at(b"12345678901234567890123456789012", 1) == "46119246"


@given(secrets, moments, st.integers(-180, 180))
def test_it_is_good_for_its_minute_and_the_ones_beside_it(secret: bytes, at: datetime, later_s: int) -> None:
    code = code_at(secret, step_of(at))
    found = step_of_code(secret, code, at + timedelta(seconds=later_s))
    near = abs(step_of(at + timedelta(seconds=later_s)) - step_of(at)) <= 1
    assert (found == step_of(at)) if near else (found is None or abs(found - step_of(at)) > 1)


@given(st.text(max_size=12))
def test_no_other_text_opens(typed: str) -> None:
    here = step_of(NOON)
    good = {code_at(SECRET, step) for step in (here - 1, here, here + 1)}
    assert (step_of_code(SECRET, typed, NOON) is not None) == (typed in good)


def test_a_code_is_eight_digits_for_a_minute() -> None:
    code = code_at(SECRET, step_of(NOON))
    assert code.isdecimal()
    assert (len(code), STEP_S) == (DIGITS, 60)
