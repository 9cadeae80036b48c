"""What is attached to this machine: ask every port carefully and name what answers.

A port that says nothing may hold a printer that only listens, and such a printer prints what it is asked. So:

* a port whose USB ids or node say "printer" is asked in ESC/POS real-time questions alone, three control bytes that
  no printer prints;
* any other serial port gets these first. What does not answer is then told ESC = 0 at every speed, after which a
  printer ignores everything but ESC = 1, also what arrives mangled at a speed that is not its own; then come a card
  reader's question and the scan engines', and in the end ESC = 1, whatever happened in between;
* for printers that do not know ESC =, none of the questions holds a line feed or fills a line of 32 characters, and
  each that nobody answered is followed by NUL CAN ESC @, which empties the line buffer. (NUL because the last byte of
  a question may be half of a Chinese character, which would swallow the ESC; CAN for printers that obey ESC @ only
  between lines.)

A scan engine that answers nothing speaks only when it sees a code: ``listen`` waits for one on all silent ports.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Literal

from devices.errors import DeviceError, DeviceFault, DeviceSilent, reason_of
from devices.idcard import protocol as sam
from devices.idcard.driver import Reader
from devices.ports import Port
from devices.printer import protocol as escpos
from devices.printer.talk import Talk
from devices.scanner.dialects import Command, Dialect, Gm65, Honeywell, Newland
from devices.scanner.protocol import Answer, CodeSplitter
from devices.scanner.text import text_of
from devices.transport import Transport, open_transport

Kind = Literal["idcard", "printer", "scanner", "camera", "panel", "silent", "trouble"]
Note = Callable[[str], None]

_PRINTER_RATES = (115_200, 38_400, 19_200, 9_600)
_SCANNER_RATES = (115_200, 9_600)
_ANSWER_S = 0.3
_MORE_S = 0.05  # a scan engine that happens to see a code says more than one byte
_ENGINE_S = 0.5  # makers' own programs wait so long
_FRAME_S = 6.0
_WIPE = b"\x00\x18\x1b@"
_IGNORE = b"\x00\x1b=\x00"
_LISTEN_AGAIN = b"\x00\x1b=\x01\x18\x1b@"
_SENT_S = 0.03  # four bytes at the slowest rate take 4 ms, and an adapter may hold them for 16: not before, the next
_DIALECTS: tuple[Callable[[], Dialect], ...] = (Newland, Honeywell, Gm65)


@dataclass(frozen=True, slots=True)
class Found:
    """What is at ``port``, the address that a driver opens.

    ``model``: as it names itself, or as its USB ids name it; for ``trouble`` the reason's code. ``baud`` where it was
    found by trying. ``make``: of a scan engine that can be spoken to. ``answers``: whether it said so itself, or is
    only taken for it (a printer that just listens, a scanner by its USB ids, pins).
    """

    port: str
    kind: Kind
    model: str = ""
    baud: int | None = None
    make: str = ""
    answers: bool = True


def probe(ports: Iterable[Port], note: Note) -> list[Found]:
    """Ask each port in turn; ``note`` is told what is being asked, as it takes seconds."""
    return [ask(port, note) for port in ports]


def ask(port: Port, note: Note) -> Found:
    """Find out what is at ``port``; never raises ``DeviceError``, which becomes a ``trouble``."""
    try:
        match port.kind:
            case "gpio":
                return Found(port.address, "panel", port.name, answers=False)
            case "camera":
                note(f"taking a picture at {port.address}")
                return _camera(port)
            case "usb-printer":
                note(f"asking the printer at {port.address}")
                return _usb_printer(port)
            case _:
                return _serial(port, note)
    except DeviceError as error:
        return Found(port.address, "trouble", reason_of(error))


def _camera(port: Port) -> Found:
    # most kiosks have no camera, and what it needs is large
    from devices.camera.frames import open_frames  # noqa: PLC0415

    frames = open_frames(port.address)
    try:
        until = time.monotonic() + _FRAME_S
        frame = frames.newest(time.monotonic(), until)
        if frame is None:
            raise DeviceSilent(f"the camera at {port.address} sent no picture within {_FRAME_S:g} s")
        return Found(port.address, "camera", f"{frames.model}, {frame.shape[1]}x{frame.shape[0]}")
    finally:
        frames.close()


def _usb_printer(port: Port) -> Found:
    line = open_transport(port.address)
    try:
        answers = _is_printer(line)
        said = _printer_name(line) if answers else ""
        return Found(port.address, "printer", said or port.name or "ESC/POS", answers=answers)
    finally:
        line.close()


def _serial(port: Port, note: Note) -> Found:
    line = open_transport(port.address)
    try:
        found = _answering(port, line, note)
    finally:
        line.close()
    if found is not None:
        return found
    return Found(port.address, port.hint or "silent", port.name, answers=False)


def _answering(port: Port, line: Transport, note: Note) -> Found | None:
    socket = port.address.startswith("socket:")

    def rates(usual: Sequence[int]) -> Sequence[int | None]:
        return (None,) if socket else usual

    if port.hint != "scanner":
        note(f"asking {port.address} for a printer")
        found = _printer(port, line, rates(_PRINTER_RATES))
        if found is not None or port.hint == "printer":
            return found
    if not port.hint:
        _everywhere(line, _IGNORE, fastest_first=True)
    found = None
    try:
        if not port.hint:
            note(f"asking {port.address} for a card reader")
            found = _reader(port, line, rates(sam.RATES))
        if found is None:
            note(f"asking {port.address} for a scan engine")
            found = _scanner(port, line, rates(_SCANNER_RATES))
    finally:
        if found is None and not port.hint:
            _everywhere(line, _LISTEN_AGAIN, fastest_first=False)
    return found


# -- printers


def _printer(port: Port, line: Transport, rates: Sequence[int | None]) -> Found | None:
    for rate in rates:
        if rate is not None:
            line.set_baud(rate)
        if _is_printer(line):
            return Found(port.address, "printer", _printer_name(line) or "ESC/POS", rate)
    return None


def _is_printer(line: Transport) -> bool:
    """Whether two status questions get one byte each, with the bits that every status byte has fixed."""
    for n in (1, 4):
        line.drop_input()
        line.write(escpos.status_request(n), _ANSWER_S)
        answer = line.read(64, _ANSWER_S)
        answer += line.read(64, _MORE_S) if answer else b""
        if len(answer) != 1 or not escpos.is_realtime(answer[0]):
            return False
    return True


def _printer_name(line: Transport) -> str:
    talk = Talk(line)
    return " ".join(filter(None, (talk.text(escpos.MAKER), talk.text(escpos.MODEL))))


def _everywhere(line: Transport, data: bytes, *, fastest_first: bool) -> None:
    """Send ``data`` at every speed; a socket has one.

    What is sent slower than a printer listens arrives as many wrong bytes, what is sent faster as a few. So it is
    told to ignore us from the fastest speed down, and to listen again from the slowest up.
    """
    rates: Sequence[int | None] = (None,) if line.address.startswith("socket:") else sam.RATES
    for rate in sorted(rates, key=lambda rate: rate or 0, reverse=fastest_first):
        if rate is not None:
            line.set_baud(rate)
        _wipe(line, data)


def _wipe(line: Transport, data: bytes = _WIPE) -> None:
    line.write(data, _ANSWER_S)
    line.read(64, _SENT_S)


# -- card readers


def _reader(port: Port, line: Transport, rates: Sequence[int | None]) -> Found | None:
    for rate in rates:
        if rate is not None:
            line.set_baud(rate)
        if not _sam_answers(line):
            _wipe(line)
            continue
        reader = Reader(line, rates=(rate,) if rate else (sam.RATES[0],))
        try:
            return Found(port.address, "idcard", reader.identify(), rate)
        except DeviceFault as error:
            return Found(port.address, "idcard", error.fault, rate)
        except DeviceError:  # it answered once and not again: noise, or another device
            continue
    return None


def _sam_answers(line: Transport) -> bool:
    parser = sam.ReplyParser()
    line.drop_input()
    line.write(sam.SAM_STATUS, _ANSWER_S)
    until = time.monotonic() + _ANSWER_S
    while (left := until - time.monotonic()) > 0:
        if any(isinstance(event, sam.Reply) for event in parser.feed(line.read(256, left))):
            return True
    return False


# -- scan engines


def _scanner(port: Port, line: Transport, rates: Sequence[int | None]) -> Found | None:
    for rate in rates:
        if rate is not None:
            line.set_baud(rate)
        for speak in _DIALECTS:
            dialect = speak()
            model = _introduced(line, dialect)
            if model is not None:
                return Found(port.address, "scanner", model, rate, dialect.make)
            _wipe(line)
    return None


def _introduced(line: Transport, dialect: Dialect) -> str | None:
    """What an engine of this make calls itself; None where none answers. Nothing of its set-up is changed."""
    script = dialect.introduce()
    command = next(script)
    while True:
        answer = _engine_answer(line, dialect, command)
        if answer is None:
            return None
        try:
            command = script.send(answer)
        except StopIteration as ended:
            return str(ended.value)


def _engine_answer(line: Transport, dialect: Dialect, command: Command) -> Answer | None:
    splitter = CodeSplitter(spoken_to=dialect.make)
    splitter.awaits_description = command.tag == b"REVINF"
    line.drop_input()
    line.write(command.data, _ANSWER_S)
    until = time.monotonic() + _ENGINE_S
    while (left := until - time.monotonic()) > 0:
        for part in splitter.feed(line.read(1024, left), time.monotonic()):
            if isinstance(part, Answer) and part.problem != "garbled":
                return part
    return None


# -- what speaks by itself


def listen(silent: Sequence[Found], seconds: float, note: Note) -> list[Found]:
    """Wait at all silent ports at once for a code that somebody shows; return them with the scanner named.

    Half of the time at each of the usual speeds; ends with the first code.
    """
    with ExitStack() as stack:
        lines: list[tuple[Found, Transport]] = []
        for found in silent:
            try:
                line = open_transport(found.port)
            except DeviceError:
                continue
            stack.callback(line.close)
            lines.append((found, line))
        for rate in _SCANNER_RATES:
            for _, line in lines:
                line.set_baud(rate)
                line.drop_input()
            note(f"show a code to the scanner now ({seconds / len(_SCANNER_RATES):.0f} s, at {rate} baud)")
            heard = _first_code(lines, seconds / len(_SCANNER_RATES))
            if heard is not None:
                named = replace(heard, kind="scanner", model=heard.model or "scan engine", baud=rate, answers=True)
                return [named if found is heard else found for found in silent]
    return list(silent)


def _first_code(lines: Sequence[tuple[Found, Transport]], seconds: float) -> Found | None:
    until = time.monotonic() + seconds
    while lines and time.monotonic() < until:
        for found, line in lines:
            data = line.read(512, 0.05)
            data += line.read(512, 0.1) if data else b""
            text = text_of(data.strip()) if data else None
            if text and text.isprintable():
                return found
    return None
