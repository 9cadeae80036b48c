"""When pictures reach the panel, for those who measure: a line for each frame that differs from the one before.

With ``JIAOHAO_KIOSK_FRAMES=PATH`` in the environment the kiosk appends ``NANOSECONDS SCREEN VIEWS DOWN`` once a frame
has been handed to the display: the monotonic clock (which every process of a machine shares), the screen's name, how
many views have been shown, and how many controls are drawn as held down. No words, no person.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VARIABLE = "JIAOHAO_KIOSK_FRAMES"


def watch_frames(window: Any, stage: Any, environment: Mapping[str, str] = os.environ) -> None:
    """Write down the frames of ``window``, on which ``stage`` stands, if the environment asks for it."""
    path = environment.get(VARIABLE)
    if not path:
        return
    flip = window.flip
    file = Path(path).open("a", buffering=1, encoding="ascii")  # noqa: SIM115  (as long as the process)
    seen: Any = None
    views, last = 0, ""

    def flipped() -> None:
        nonlocal seen, views, last
        flip()
        now = time.monotonic_ns()
        screen = stage.shown
        if screen is not None and screen.view is not seen:
            seen = screen.view
            views += 1
        down = sum(key.state == "down" for key in stage.targets())
        line = f"{type(screen).__name__} {views} {down}"
        if line != last:
            last = line
            file.write(f"{now} {line}\n")

    window.flip = flipped
