"""What takes long is one of the server's own commands in a process of its own: its output, or an error."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from queue_server.config import DEMO
from queue_server.sheets.niced import Niced


@pytest.fixture
def niced(tmp_path: Path) -> Niced:
    return Niced(tmp_path, DEMO, f"sqlite:///{tmp_path / 'halls.db'}", within_s=120.0)


def test_what_the_command_prints_comes_back(niced: Niced) -> None:
    assert b"--hall" in niced.output("staffing", "--help")


def test_a_command_that_fails_is_an_error(niced: Niced) -> None:
    with pytest.raises(subprocess.SubprocessError, match="exit code 2"):
        niced.output("staffing", "--hall", "no-such-hall")


def test_once_given_up_nothing_is_computed_any_more(niced: Niced) -> None:
    niced.give_up()
    with pytest.raises(subprocess.SubprocessError):
        niced.output("staffing", "--help")
