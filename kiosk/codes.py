"""One code, seen by the scanner and by the camera, counts once.

Each of the two has a sieve of its own for a code that is held before it. A phone on its way from one to the other
would still be read twice, and the second reading would begin a second check-in, perhaps in the next citizen's
session. What was seen is kept as a digest, and not for long.
"""

from __future__ import annotations

import hashlib
import secrets
import threading

OTHER_EYE_S = 6.0
"""So long after one device has told a code, the other's is the same showing."""


class OneShowing:
    """Called by the devices' threads; ``now_s`` is monotonic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)
        self._device = ""
        self._seen = b""
        self._seen_s = float("-inf")

    def news(self, device: str, text: str, now_s: float) -> bool:
        """Whether ``text`` at ``device`` is a showing of its own: always, unless the other device has just told it."""
        digest = hashlib.blake2b(text.encode(), key=self._salt, digest_size=16).digest()
        with self._lock:
            recent = now_s - self._seen_s < OTHER_EYE_S
            if recent and digest == self._seen and device != self._device:
                return False
            self._device, self._seen, self._seen_s = device, digest, now_s
            return True
