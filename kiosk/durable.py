"""Writes a small file whole or not at all, and leaves it on the disk: after a power cut there is the old or the new.

The words go into a draft beside the file, the draft to the disk, its name over the old one in one step, and that
step to the disk as well: without the last a power cut may bring the old file back after it was said to be replaced.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, body: bytes) -> None:
    """Replace ``path`` by ``body``; its folder is made where it lacks. Raises OSError, the old file then stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
