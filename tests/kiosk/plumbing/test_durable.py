"""A small file is replaced whole: whenever the power goes, the old or the new one is there, and nothing between."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kiosk.durable import write_whole


def test_a_file_is_written_where_there_was_none_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "orders.json"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert [file.name for file in path.parent.iterdir()] == ["orders.json"]


def test_the_words_are_on_the_disk_before_their_name_and_the_name_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, order = tmp_path / "lock.json", []
    fsync, replace = os.fsync, Path.replace

    def synced(fd: int) -> None:
        order.append(Path(f"/proc/self/fd/{fd}").readlink().name)
        fsync(fd)

    def replaced(self: Path, target: Any) -> Any:
        order.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write_whole(path, b"counts")
    assert order == ["lock.json.part", "replace", tmp_path.name]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "clock.json"
    write_whole(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os if step == "fsync" else Path, step, full)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    write_whole(path, b"newer")
    assert path.read_bytes() == b"newer", "a draft that was left does not stand in the way"
