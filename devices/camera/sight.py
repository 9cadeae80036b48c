"""What a row of frames says about the camera, and how often it is worth decoding one; no I/O, times as arguments.

A camera that works never gives the same picture twice: its sensor has noise. The same picture for ten seconds is a
driver or a camera that hangs while it goes on sending. A picture without anything bright in it is a covered lens, or
a hall at night. And a picture that differs from the last by more than noise is somebody moving: then it is worth
looking often, else seldom. Of a frame only every eighth pixel of every eighth row is kept, until the next one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from devices.camera.frames import Frame

DARK_GRAY = 48  # less than one pixel in a hundred is brighter ..
DARK_S = 3.0  # .. for so long
FROZEN_S = 10.0
LOOK_OFTEN_S = 1 / 12  # between two decodings while something moves
LOOK_SELDOM_S = 1 / 4
STAYS_AWAKE_S = 3.0
_STEP = 8
_NOISE_GRAY = 24  # a pixel that changed by more has changed
_MOVED_SHARE = 0.01


class Sight:
    """``look`` at each frame in turn; then ``trouble`` and ``rest_s`` tell. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the next frame is the first."""
        self._last: npt.NDArray[np.int16] | None = None
        self._changed_s = self._moved_s = self._bright_s = 0.0
        self._now_s = 0.0

    def look(self, frame: Frame, now_s: float) -> None:
        """Take the frame that came at ``now_s``."""
        seen = frame[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP].astype(np.int16)
        self._now_s = now_s
        if self._last is None:
            self._changed_s = self._moved_s = self._bright_s = now_s
        elif self._last.shape != seen.shape:
            self._changed_s = self._moved_s = now_s
        else:
            change = np.abs(seen - self._last)
            if change.any():
                self._changed_s = now_s
            if np.count_nonzero(change > _NOISE_GRAY) >= _MOVED_SHARE * change.size:
                self._moved_s = now_s
        if np.count_nonzero(seen > DARK_GRAY) >= 0.01 * seen.size:
            self._bright_s = now_s
        self._last = seen

    def awake(self, now_s: float) -> None:
        """Look often for a while, whatever the pictures say: a code was just there."""
        self._moved_s = now_s

    @property
    def trouble(self) -> str:
        """``camera-dark``, ``camera-frozen`` or, when all is well, nothing."""
        if self._now_s - self._bright_s >= DARK_S:
            return "camera-dark"
        return "camera-frozen" if self.frozen_s >= FROZEN_S else ""

    @property
    def frozen_s(self) -> float:
        """For how long the picture has been the same to the bit."""
        return self._now_s - self._changed_s

    @property
    def rest_s(self) -> float:
        """How long to wait before the next frame is decoded."""
        return LOOK_OFTEN_S if self._now_s - self._moved_s < STAYS_AWAKE_S else LOOK_SELDOM_S
