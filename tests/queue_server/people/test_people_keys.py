"""The vault's key files: made once, for the server's eyes alone, and never a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_server.people.keys import BadKeys, load_keys

FILES = ("people-master", "people-lookup", "people-box")


def test_the_first_start_makes_keys_that_only_the_server_reads(tmp_path: Path) -> None:
    first = load_keys(tmp_path / "secrets")
    for name in FILES:
        assert (tmp_path / "secrets" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    again = load_keys(tmp_path / "secrets")
    assert (again.master, again.lookup, bytes(again.box)) == (first.master, first.lookup, bytes(first.box))
    assert len({first.master, first.lookup, bytes(first.box)}) == 3
    assert bytes.fromhex((tmp_path / "secrets" / "people-box.pub").read_text()) == first.public_key()


def test_two_houses_have_different_keys(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "a").master != load_keys(tmp_path / "b").master


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_stops_the_server(tmp_path: Path, name: str, mode: int) -> None:
    load_keys(tmp_path)
    (tmp_path / name).chmod(mode)
    with pytest.raises(BadKeys, match="chmod 600") as caught:
        load_keys(tmp_path)
    assert caught.value.code == "readable-by-others"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00" * 32, "sample"),
        ("ab" * 32, "sample"),
        (bytes(range(32)).hex(), "sample"),
        (b"change-me-change-me-change-me-32".hex(), "sample"),
        ("", "not-a-key"),
        ("0" * 63, "not-a-key"),
        ("zz" * 32, "not-a-key"),
    ],
)
def test_a_sample_is_no_key(tmp_path: Path, text: str, code: str) -> None:
    load_keys(tmp_path)
    (tmp_path / "people-master").write_text(text)
    with pytest.raises(BadKeys) as caught:
        load_keys(tmp_path)
    assert caught.value.code == code
    assert text not in str(caught.value) or not text


def test_a_public_half_that_is_not_the_keys_own_is_mended(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    (tmp_path / "people-box.pub").write_text("11" * 32)
    load_keys(tmp_path)
    assert (tmp_path / "people-box.pub").read_text().strip() == keys.public_key().hex()
