"""From a camera's JPEG to a gray frame, whatever a stranger's camera sends; and when broken ones are too many."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from devices.camera.frames import HEIGHT, WIDTH, Frame
from devices.errors import LinkGarbled

MOST_PIXELS = 8_000_000  # a JPEG of some hundred bytes may claim to be 65,000 pixels wide
BROKEN_MOST = 30


class BrokenPictures:
    """Counts pictures that come broken; a run of them without a good one is a link that is garbled."""

    def __init__(self) -> None:
        self._run = 0

    def one(self) -> None:
        """Count one more; raise ``LinkGarbled`` when there are too many in a row."""
        self._run += 1
        if self._run >= BROKEN_MOST:
            raise LinkGarbled(f"{self._run} pictures in a row came broken")

    def good(self) -> None:
        self._run = 0


def gray_of_jpeg(data: bytes) -> Frame | None:
    """Decode the brightness of a JPEG; None where it is broken or too large.

    Pillow and not OpenCV: OpenCV lets libjpeg write each broken picture's story on standard error. Pictures beyond
    twice 640 by 480 are decoded at half their size or less, which the format gives for nothing.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            picture.draft("L", (WIDTH, HEIGHT))
            return np.asarray(picture.convert("L"))
    except Exception:  # noqa: BLE001  the data is a stranger's, and Pillow raises a dozen kinds for a broken picture
        return None
