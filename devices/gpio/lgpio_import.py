"""Imports lgpio without what it does to the process that imports it.

At its import lgpio makes a pipe ``.lgd-nfyN`` in the current directory and dies where that is read-only
(gpiozero #1106, lg #22); told by ``LG_WD`` to use another directory, it moves the whole process there (lgUtil.c,
``lguGetWorkDir``). So it is imported on a thread whose current directory is its own (Linux: ``unshare(CLONE_FS)``),
and the pipe, which is open at both ends by then, loses its name at once: no directory of the process changes and
no file remains.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import threading

_CLONE_FS = 0x200
_importing = threading.Lock()


def import_lgpio() -> None:
    """Import lgpio once; no file and no change of directory remains. ImportError, or OSError where no directory is."""
    with _importing:
        if "lgpio" in sys.modules:
            return
        raised: list[BaseException] = []
        thread = threading.Thread(target=_import_apart, args=(raised,), name="import lgpio")
        thread.start()
        thread.join()
        if raised:
            raise raised[0]


def _import_apart(raised: list[BaseException]) -> None:
    """On a thread of its own: where the kernel allows, its change of directory is nobody else's."""
    home = os.open(".", os.O_PATH | os.O_DIRECTORY)
    before = os.environ.get("LG_WD")
    folder = ""
    try:
        ctypes.CDLL(None).unshare(
            _CLONE_FS
        )  # refused in some sandboxes: then the directory is back within milliseconds
        runtime = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]  # systemd's, where the unit has one
        folder = tempfile.mkdtemp(prefix="lgpio-", dir=runtime or None)
        os.environ["LG_WD"] = folder
        import lgpio  # noqa: F401, PLC0415  (imported for what it does here)
    except BaseException as error:  # noqa: BLE001  raised again by the thread that asked
        raised.append(error)
    finally:
        os.fchdir(home)
        os.close(home)
        if before is None:
            os.environ.pop("LG_WD", None)
        else:
            os.environ["LG_WD"] = before
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
