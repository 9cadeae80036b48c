# mypy: allow-subclassing-any
# (Kivy ships no types)
"""Kivy's own button filling a window of Kivy's: what the terminal's figures are held against.

``python -m tests.figures.bare WIDTH HEIGHT OUT HOME`` appends ``NANOSECONDS STATE COUNT`` to OUT for each frame that
differs; COUNT goes up when the button is released.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any


def main(width: str, height: str, out: str, home: str) -> None:
    Path(home).mkdir(parents=True, exist_ok=True)
    os.environ.update(KIVY_NO_ARGS="1", KIVY_NO_FILELOG="1", KIVY_HOME=home, KIVY_LOG_MODE="PYTHON")
    from kivy.config import Config  # noqa: PLC0415

    for name, value in (("width", width), ("height", height), ("borderless", "1"), ("multisamples", "0")):
        Config.set("graphics", name, value)
    from kivy.app import App  # noqa: PLC0415
    from kivy.core.window import Window  # noqa: PLC0415
    from kivy.uix.button import Button  # noqa: PLC0415

    button = Button(text="1")
    button.bind(on_release=lambda pressed: setattr(pressed, "text", str(int(pressed.text) + 1)))
    flip = Window.flip
    file = Path(out).open("a", buffering=1, encoding="ascii")  # noqa: SIM115  (as long as the process)
    last = ""

    def flipped() -> None:
        nonlocal last
        flip()
        now = time.monotonic_ns()
        line = f"{button.state} {button.text}"
        if line != last:
            last = line
            file.write(f"{now} {line}\n")

    Window.flip = flipped

    class Bare(App):
        def build(self) -> Any:
            return button

    Bare().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
