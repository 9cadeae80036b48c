"""A serial scan engine on a simulated cable, and somebody who shows codes to it.

Speaks what engines speak, prefix, data, suffix, and knows nothing of the driver. ``show`` is one code in front of
the window; ``hold`` is a code left there, which engines in presentation mode send again and again; ``flood`` is
an engine gone mad or a prankster with a stack of codes.
"""

from __future__ import annotations

import os
import random
import threading
from dataclasses import dataclass

from devices.simulated_line import LineFaults, SimulatedLine


@dataclass(slots=True)
class EngineSettings:
    """How this engine was set up at the factory: ``suffix`` may be empty, ``encoding`` is the code's own."""

    prefix: bytes = b""
    suffix: bytes = b"\r\n"
    encoding: str = "utf-8"


class ScannerSim:
    """The engine at ``link_path``. ``plug`` and ``unplug`` its cable, ``show`` it codes, set ``settings``."""

    def __init__(
        self,
        link_path: str | os.PathLike[str],
        *,
        settings: EngineSettings | None = None,
        line_faults: LineFaults | None = None,
        noise_source: random.Random | None = None,
    ) -> None:
        self.settings = settings or EngineSettings()
        self.line = SimulatedLine(link_path, None, line_faults, noise_source)
        self._over = threading.Event()

    def show(self, code: str | bytes) -> None:
        """Hold a code before the window once; text is encoded as ``settings`` say, bytes go as they are."""
        data = code.encode(self.settings.encoding) if isinstance(code, str) else code
        self.line.send(self.settings.prefix + data + self.settings.suffix)

    def hold(self, code: str | bytes, times: int, every_s: float) -> None:
        """Leave a code before the window: it is sent ``times`` times; ends early when closed."""
        for _ in range(times):
            self.show(code)
            if self._over.wait(every_s):
                return

    def flood(self, count: int) -> None:
        """Send ``count`` different codes as fast as the line takes them."""
        for number in range(count):
            self.show(f"FLOOD-{number:06d}")

    def plug(self) -> None:
        self.line.plug()

    def unplug(self) -> None:
        self.line.unplug()

    def close(self) -> None:
        self._over.set()
        self.line.close()

    def __enter__(self) -> ScannerSim:  # noqa: PYI034  (final in practice; the plain name reads better in help())
        self.plug()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
