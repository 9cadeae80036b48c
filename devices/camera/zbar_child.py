"""The child process in which zbar decodes: gray frames in on standard input, what zbar read out on standard output.

zbar has been seen to abort, to free twice and to loop for ever on odd pictures; here that costs this process and
nobody else. Runs alone, without the rest of the package. A frame is ``<II`` width and height, then its pixels; an
answer is ``<H`` how many codes, then for each ``<H`` length and zbar's bytes. One answer of no codes is given before
the first frame: ready. It ends when its input ends, and the kernel ends it when one frame takes longer than
``LONGEST_S``, also when its parent is gone and cannot. Exit code 3: pyzbar or libzbar is not installed.
"""

from __future__ import annotations

import signal
import struct
import sys
from typing import BinaryIO

LONGEST_S = 5
NO_LIBRARY = 3
_CODES_MOST, _BYTES_MOST = 8, 4096
_PIXELS_MOST = 8_000_000


def _exactly(source: BinaryIO, count: int) -> bytes | None:
    data = source.read(count)
    return data if len(data) == count else None


def main() -> int:
    # Ended by the end of its input; a Ctrl-C at the terminal is its parent's affair.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        from pyzbar.pyzbar import ZBarSymbol, decode  # noqa: PLC0415
    except ImportError:
        return NO_LIBRARY
    frames, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(struct.pack("<H", 0))
    answers.flush()
    while (head := _exactly(frames, 8)) is not None:
        width, height = struct.unpack("<II", head)
        if not 0 < width * height <= _PIXELS_MOST:
            return 1
        pixels = _exactly(frames, width * height)
        if pixels is None:
            return 0
        signal.alarm(LONGEST_S)
        found = [code.data for code in decode((pixels, width, height), symbols=[ZBarSymbol.QRCODE])]
        signal.alarm(0)
        found = [data for data in found if len(data) <= _BYTES_MOST][:_CODES_MOST]
        answers.write(struct.pack("<H", len(found)))
        for data in found:
            answers.write(struct.pack("<H", len(data)) + data)
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
