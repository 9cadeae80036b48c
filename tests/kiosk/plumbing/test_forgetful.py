"""What the kiosk lets go of is overwritten, and nothing of it is offered for pasting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kiosk.forgetful import ENVIRONMENT, forgets

ROOT = Path(__file__).parents[3]
PROGRAM = """
from kiosk.forgetful import forgets, start_forgetful
print("began", forgets(), flush=True)
start_forgetful()
print("goes on", forgets(), flush=True)
"""


def test_a_process_that_would_remember_starts_itself_anew_once() -> None:
    plain = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=plain, capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.split("\n")[:-1] == ["began False", "began True", "goes on True"]


def test_one_setting_alone_is_not_enough() -> None:
    assert forgets(ENVIRONMENT)
    for name in ENVIRONMENT:
        assert not forgets({name: ENVIRONMENT[name]})


def test_the_kiosk_has_no_clipboard() -> None:
    """Kivy's text fields copy and paste; the kiosk uses none, so nothing of a citizen can be pasted by the next."""
    for source in (ROOT / "kiosk").rglob("*"):
        if source.suffix in {".py", ".kv"}:
            text = source.read_text(encoding="utf-8")
            assert "TextInput" not in text, source
            assert "clipboard" not in text.lower(), source
