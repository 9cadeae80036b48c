"""What a ticket costs in processor time, beside what python-escpos itself takes for the same ticket.

A hall's usual ticket goes through the shipped driver to the simulated printer on a pty, and is confirmed by process
id. Counted is the processor time of the driver's own thread (the simulator draws on another one): rendering, sending,
asking for the status before and hearing the end. Beside it, in the same run, stands python-escpos rendering an
equivalent ticket into its Dummy, which sends nothing, wraps nothing and prints "?" for what it does not know.
"""

from __future__ import annotations

import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from escpos.printer import Dummy

from devices.events import DeviceEvent, Printed, PrintResult
from devices.printer.driver import Printer, PrintJob
from devices.printer.profile import load_profile
from devices.printer.render import render
from devices.printer.sim import PrinterSim
from devices.printer.slip import Feed, Line, Qr, Rule, Slip
from devices.printer.units import Units
from devices.transport import open_transport

TARGET_MS = 50.0
_URL = "http://127.0.0.1:8080/t/9vVn2c0yQk3mA7hTzXw1Bg"


def hall_ticket(name: str = "星河市政务服务中心") -> Slip:
    """A ticket as halls print it; a ``name`` outside GBK makes its line an image."""
    return Slip(
        (
            Line(name, align="center", bold=True),
            Line("Xinghe Civic Service Centre", align="center"),
            Rule(),
            Line("A023", size=6, align="center", bold=True),
            Line("社会保险登记", size=2, align="center"),
            Line("Social insurance", align="center"),
            Rule(),
            Line("前面 5 人", bold=True),
            Line("5 ahead of you"),
            Line("预计等候 8–15 分钟", bold=True),
            Line("承诺 10:15 前叫到您，请到二楼东侧等候区等候。过号请到咨询台。"),
            Line("We promise to call you by 10:15. Please wait in the east area on the second floor."),
            Feed(),
            Qr(_URL),
            Line("手机扫码看进度", align="center"),
            Line("2026-11-20 09:41  终端 K-03", align="center"),
        )
    )


def every_line_drawn() -> Slip:
    """The same with a character in each line that no printer has."""
    items = hall_ticket().items
    return Slip(tuple(Line(f"𠮷{i.text}", i.size, i.align, i.bold) if isinstance(i, Line) else i for i in items))


def figures(*, quick: bool) -> Iterator[str]:
    """Lines for a terminal. Two seconds when ``quick``, half a minute otherwise."""
    runs = 10 if quick else 300
    yield f"processor time of one ticket in ms, median of {runs} (and the slowest); target {TARGET_MS:g} ms, text path"
    yield "ticket                      render        render, send, hear   bytes   python-escpos Dummy   ratio"
    for label, kind, paper_mm, slip in (
        ("80 mm, text", "generic", 80, hall_ticket()),
        ("58 mm, text", "generic", 58, hall_ticket()),
        ("80 mm, one rare name", "generic", 80, hall_ticket("星河市䶮街道𠮷祥社区")),
        ("80 mm, QR as image", "raster-qr", 80, hall_ticket()),
        ("80 mm, every line drawn", "raster-qr", 80, every_line_drawn()),
    ):
        profile = load_profile(kind, paper_mm)
        theirs_ms = _cpu_ms(lambda native=profile.native_qr: _by_dummy(native=native), runs)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        render_ms = _cpu_ms(lambda slip=slip, profile=profile: render(slip, profile), runs)  # type: ignore[misc]  # as above
        whole_ms = _printed_ms(kind, paper_mm, slip, runs)
        ours_ms = statistics.median(whole_ms)
        verdict = "" if not label.endswith("text") else "  ok" if ours_ms <= TARGET_MS else f"  over {TARGET_MS:g}"
        yield (
            f"{label:<24} {_spread(render_ms)}  {_spread(whole_ms)} {len(render(slip, profile)):12d}"
            f" {_spread(theirs_ms)}   {ours_ms / statistics.median(theirs_ms):5.2f}{verdict}"
        )


def _spread(some_ms: list[float]) -> str:
    return f"{statistics.median(some_ms):7.2f} ({max(some_ms):6.2f})"


def _cpu_ms(work: Callable[[], object], runs: int) -> list[float]:
    work()  # fonts are loaded and caches filled once a day, not once a ticket
    spent = []
    for _ in range(runs):
        began = time.thread_time()
        work()
        spent.append((time.thread_time() - began) * 1000)
    return spent


def _by_dummy(*, native: bool) -> bytes:
    """The same ticket as python-escpos would render it for a printer of its own default profile."""
    dummy: Any = Dummy()
    dummy.profile.profile_data = {
        **dummy.profile.profile_data,
        "media": {"width": {"pixels": 576, "mm": 72}, "dpi": 203},
    }
    dummy.hw("INIT")
    for item in hall_ticket().items:
        match item:
            case Line():
                dummy.set(align=item.align, bold=item.bold, custom_size=True, width=item.size, height=item.size)
                dummy.textln(item.text)
            case Qr():
                dummy.set(align="center")
                dummy.qr(item.text, size=item.module_dots, native=native)
            case Rule():
                dummy.textln("-" * 48)
            case Feed():
                dummy.ln(item.lines)
    dummy.cut()
    return bytes(dummy.output)


def _printed_ms(kind: str, paper_mm: int, slip: Slip, runs: int) -> list[float]:
    """Processor time of the driver's thread for each of ``runs`` tickets, all of them printed."""
    with tempfile.TemporaryDirectory() as folder, PrinterSim(Path(folder, "printer"), paper_mm=paper_mm) as sim:
        printer = Printer(open_transport(sim.address), load_profile(kind, paper_mm), Units(None), poll_s=3600.0)
        try:
            printer.identify()
            spent = [_one_ms(printer, slip) for _ in range(runs + 1)]
        finally:
            printer.close()
    return spent[1:]


def _one_ms(printer: Printer, slip: Slip) -> float:
    stop = threading.Event()
    ends: list[Printed] = []

    def hear(event: DeviceEvent) -> None:
        if isinstance(event, Printed):
            ends.append(event)
            stop.set()

    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    jobs.put(PrintJob("measured", slip))
    began = time.thread_time()
    printer.run(hear, jobs, stop)
    spent_ms = (time.thread_time() - began) * 1000
    if [end.result for end in ends] != [PrintResult.PRINTED]:
        raise RuntimeError(f"a ticket ended as {ends}: there is nothing to measure")
    return spent_ms
