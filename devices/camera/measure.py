"""Both decoders on the same drawn pictures: how fast, how many codes, and whether the texts are exact.

``figures`` draws a set that follows from its seed: codes held straight, turned, leaning, out of focus, inverted, in
bad light, far away, with Chinese in them, and halls without any. Each decoder is asked as the driver asks it, zbar
through its child process, so its time includes handing the frame over. A text that differs from the payload counts as
wrong, one that was refused as refused, no answer as missed. At the end, what the whole driver costs beside a camera.
"""

from __future__ import annotations

import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from devices.camera import scenes
from devices.camera.decoders import DECODERS, Decoder, open_decoder
from devices.camera.driver import Camera, open_camera
from devices.camera.scenes import Picture, Shown
from devices.camera.sight import STAYS_AWAKE_S
from devices.camera.sim import CameraSim
from devices.scanner.protocol import text_of

SIZES = ((640, 480), (1280, 720))
SEED = 20260302
_GRAIN = 3.0
_CHINESE = (
    "社会保险登记",
    "办理:敬老卡 A017",
    "张三,居住证",
    "李四,预约 09:30",
    "https://example.cn/办事?号=A017",
    "①䶮𠮷，（括号）",
    "é",
    "公共服务大厅三楼",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of picture; ``shown`` makes the n-th of them."""

    name: str
    shown: Callable[[random.Random, int], Shown | None]


def _token(chance: random.Random) -> bytes:
    """A text such as our tickets hold."""
    return "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789-_.", k=40)).encode()


def _held(chance: random.Random, **how: float | bool) -> Shown:
    where: dict[str, float] = {"x": chance.uniform(0.4, 0.6), "y": chance.uniform(0.45, 0.55)}
    return Shown(_token(chance), **(where | how))  # type: ignore[arg-type]  # mypy: floats and one bool, by name


KINDS = (
    Kind("clean", lambda chance, _n: _held(chance)),
    Kind("rotated", lambda chance, n: _held(chance, rotation_deg=15 + 29 * n)),
    Kind("leaning", lambda chance, _n: _held(chance, tilt=chance.uniform(0.2, 0.5), rotation_deg=8)),
    Kind("blurred", lambda chance, _n: _held(chance, blur=chance.uniform(1.0, 4.0))),
    Kind("inverted", lambda chance, _n: _held(chance, inverted=True)),
    Kind("low contrast", lambda chance, _n: _held(chance, contrast=chance.uniform(0.06, 0.25))),
    Kind("small", lambda chance, _n: _held(chance, size=chance.uniform(0.07, 0.18))),
    Kind("UTF-8 text", lambda _chance, n: Shown(_CHINESE[n % len(_CHINESE)].encode())),
    Kind("GB18030 text", lambda _chance, n: Shown(_CHINESE[n % len(_CHINESE)].encode("gb18030"))),
    Kind("no code", lambda _chance, _n: None),
)


def pictures(kind: Kind, size: tuple[int, int], count: int) -> Iterator[tuple[Picture, bytes | None]]:
    """Draw ``count`` pictures of a kind, each with the payload that is in it; the same ones every time."""
    chance = random.Random(f"{SEED} {kind.name} {size}")
    for number in range(count):
        shown = kind.shown(chance, number)
        picture = scenes.draw(*size, shown, seed=number)
        yield scenes.noisy(picture, _GRAIN, number), shown.payload if shown else None


def judged(decoder: Decoder, picture: Picture, payload: bytes | None) -> str:
    """Decode and compare: ``right``, ``wrong``, ``refused`` or ``missed``; without a code ``right`` is no answer."""
    readings = decoder.decode(picture)
    if payload is None:
        return "wrong" if readings else "right"
    if not readings:
        return "missed"
    if any(reading.text and reading.text != text_of(payload) for reading in readings):
        return "wrong"
    return "right" if any(reading.text for reading in readings) else "refused"


def figures(*, quick: bool) -> Iterator[str]:
    """Yield the table line by line; ``quick`` draws a third of the pictures and watches for a shorter time."""
    count = 4 if quick else 12
    yield "QR decoders on drawn pictures; ms is the median of one frame, zbar's with its way to the child process"
    decoders = [open_decoder(name) for name in DECODERS]
    try:
        for decoder in decoders:
            decoder.ready()
        for size in SIZES:
            yield f"{size[0]}x{size[1]}, {count} pictures a kind: right / wrong / refused / missed"
            yield from _table(decoders, size, count)
    finally:
        for decoder in decoders:
            decoder.close()
    for name in DECODERS:
        for what, moving in (("nobody there", False), ("somebody moving", True)):
            share = cpu_share(name, moving=moving, seconds=3.0 if quick else 15.0)
            yield f"  the whole driver, network camera 640x480 at 12/s, {name}, {what}: {share:.1%} of one core"


def _table(decoders: list[Decoder], size: tuple[int, int], count: int) -> Iterator[str]:
    took_ms: dict[str, list[float]] = {decoder.name: [] for decoder in decoders}
    empty_ms: dict[str, list[float]] = {decoder.name: [] for decoder in decoders}
    for kind in KINDS:
        ended: dict[str, Counter[str]] = {decoder.name: Counter() for decoder in decoders}
        for picture, payload in pictures(kind, size, count):
            for decoder in decoders:
                began_s = time.perf_counter()
                ended[decoder.name][judged(decoder, picture, payload)] += 1
                took = (time.perf_counter() - began_s) * 1000
                (empty_ms if payload is None else took_ms)[decoder.name].append(took)
        words = (
            f"{name} {' / '.join(f'{counts[end]:2}' for end in ('right', 'wrong', 'refused', 'missed'))}"
            for name, counts in ended.items()
        )
        yield f"  {kind.name:<13} {'   '.join(words)}"
    for what, times in (("with a code", took_ms), ("without one", empty_ms)):
        medians = {name: statistics.median(all_ms) for name, all_ms in times.items()}
        words = (f"{name} {median:.2f} ms" for name, median in medians.items())
        yield f"  {what:<13} {', '.join(words)}: zbar takes {medians['zbar'] / medians['zxing']:.1f} times as long"


def cpu_share(decoder: str, *, moving: bool, seconds: float) -> float:
    """Return how much of one core the driver needs beside a simulated camera, its child process included."""
    over, done = threading.Event(), threading.Event()
    with CameraSim() as sim:
        camera = open_camera(sim.address, decoder=decoder)
        mover = threading.Thread(target=_move, args=(sim, done))
        try:
            camera.identify()
            if moving:
                mover.start()
            _run(camera, over, STAYS_AWAKE_S + 1)  # it looks often at first
            over.clear()
            # Only this thread is counted: the camera and its scenery run on others.
            began_s = time.thread_time(), _child_s(camera)
            _run(camera, over, seconds)
            used_s = time.thread_time() - began_s[0] + _child_s(camera) - began_s[1]
        finally:
            done.set()
            if moving:
                mover.join()
            camera.close()
    return used_s / seconds


def _run(camera: Camera, over: threading.Event, seconds: float) -> None:
    ender = threading.Timer(seconds, over.set)
    ender.start()
    camera.run(lambda _event: None, SimpleQueue(), over)
    ender.join()


def _move(sim: CameraSim, over: threading.Event) -> None:
    number = 0
    while not over.wait(0.4):
        number += 1
        sim.show(f"MOVING-{number % 3}", x=0.4 + 0.1 * (number % 3))


def _child_s(camera: Camera) -> float:
    """The processor time of the decoder's process, where it has one, in seconds (proc(5): utime and stime)."""
    if camera.decoder_pid is None:
        return 0.0
    fields = Path(f"/proc/{camera.decoder_pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
