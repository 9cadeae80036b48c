"""Keys and signatures: a signature holds for its body, its purpose and its key, and for nothing else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_cfg.sign import BadKey, is_signed, public_of, read_key, seed_at, sign


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "terminal"
    seed = seed_at(path)
    assert seed_at(path) == seed == read_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [x.name for x in path.parent.iterdir()] == ["terminal"]


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "00" * 31, "00" * 33])
def test_a_file_that_holds_no_key_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(BadKey):
        seed_at(path)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.binary(max_size=80))
def test_a_signature_holds_for_its_own_words_only(seed: bytes, body: bytes, noise: bytes) -> None:
    public, signature = public_of(seed), sign(seed, "ticket", body)
    assert is_signed(public, "ticket", body, signature)
    assert not is_signed(public, "command", body, signature)
    assert not is_signed(public, "ticket", body + b"x", signature)
    assert not is_signed(public_of(bytes(x ^ 1 for x in seed)), "ticket", body, signature)
    assert noise == signature or not is_signed(public, "ticket", body, noise)
