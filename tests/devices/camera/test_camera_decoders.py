"""What the decoders read, to the letter; and what becomes of zbar's process when it dies, hangs or is not there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.camera import scenes, zbar_child
from devices.camera.decoders import Reading, ZbarDecoder, ZxingDecoder, open_decoder
from devices.camera.frames import Frame
from devices.errors import BadAddress, DeviceFault, LibraryMissing
from devices.scanner.protocol import text_of

pytestmark = pytest.mark.wire

DEADLINE_S = 15.0
TICKET = "https://hall.example/t/8fJx-02?n=A017"
CHINESE = (
    "社会保险登记",
    "办理:敬老卡 A017",
    "张三,居住证",
    "李四",
    "公共服务大厅三楼",
    "①䶮𠮷，（括号）",
    "é",
    "价￥12",
)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=30
)


def picture(payload: bytes, **how: float | bool) -> Frame:
    shown = scenes.Shown(payload, **(how | {"size": how.get("size", 0.6)}))  # type: ignore[arg-type]  # by name
    return scenes.noisy(scenes.draw(640, 480, shown), 3.0, 1)


@pytest.fixture(scope="module")
def zbar() -> Iterator[ZbarDecoder]:
    decoder = ZbarDecoder()
    decoder.ready()
    yield decoder
    decoder.close()


@pytest.fixture(scope="module")
def zxing() -> ZxingDecoder:
    return ZxingDecoder()


@pytest.mark.parametrize("text", [TICKET, *CHINESE])
def test_zxing_reads_every_text_exactly(zxing: ZxingDecoder, text: str) -> None:
    assert zxing.decode(picture(text.encode())) == [Reading(text)]
    assert zxing.decode(picture(text.encode("gb18030"))) == [Reading(text)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=WORDS)
def test_whatever_utf8_is_in_the_code_zxing_gives_what_the_scanner_would(zxing: ZxingDecoder, text: str) -> None:
    data = text.encode()
    told = text_of(data)
    expected = Reading(told) if told else Reading(trouble="unreadable-text")
    assert zxing.decode(picture(data, size=0.8)) == [expected]


def test_our_own_tickets_are_read_by_both(zxing: ZxingDecoder, zbar: ZbarDecoder) -> None:
    for how in ({}, {"rotation_deg": 100.0}, {"tilt": 0.3, "rotation_deg": 15.0}, {"size": 0.3, "x": 0.3}):
        frame = picture(TICKET.encode(), **how)
        assert zxing.decode(frame) == zbar.decode(frame) == [Reading(TICKET)]


def test_a_light_code_on_a_dark_telephone_is_read(zxing: ZxingDecoder) -> None:
    assert zxing.decode(picture(TICKET.encode(), inverted=True)) == [Reading(TICKET)]


@pytest.mark.parametrize("text", CHINESE)
def test_of_zbar_only_ascii_is_believed(zbar: ZbarDecoder, text: str) -> None:
    for data in (text.encode(), text.encode("gb18030"), (text + "A001").encode()):
        assert {reading.text for reading in zbar.decode(picture(data))} <= {""}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=WORDS.map(str.encode) | WORDS.map(lambda text: text.encode("gb18030")) | st.binary(min_size=1, max_size=30))
def test_zbar_never_tells_a_text_that_is_not_in_the_code(zbar: ZbarDecoder, data: bytes) -> None:
    for reading in zbar.decode(picture(data, size=0.8)):
        assert reading == Reading(trouble="unreadable-text") or reading.text == text_of(data)


def test_a_code_longer_than_a_scanner_s_longest_is_too_long(zxing: ZxingDecoder, zbar: ZbarDecoder) -> None:
    shown = scenes.Shown(b"x" * 600, size=0.9, level="l")
    frame = scenes.draw(1280, 960, shown)
    assert zxing.decode(frame) == zbar.decode(frame) == [Reading(trouble="too-long")]


def test_two_codes_in_one_frame_are_both_read(zxing: ZxingDecoder) -> None:
    left, right = (scenes.draw(640, 480, scenes.Shown(data, size=0.4)) for data in (b"T-1", b"T-2"))
    readings = zxing.decode(np.hstack([left, right]))
    assert {reading.text for reading in readings} == {"T-1", "T-2"}


def test_what_a_code_says_is_in_no_repr() -> None:
    assert "A017" not in repr(Reading(TICKET))


def test_an_unknown_decoder_is_refused_by_name() -> None:
    with pytest.raises(BadAddress, match="zxing and zbar"):
        open_decoder("cv2")


# -- zbar's process


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def wait_until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] in "XZ"
    except OSError:
        return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mortal(clock: Clock) -> Iterator[ZbarDecoder]:
    decoder = ZbarDecoder(monotonic=clock)
    decoder.ready()
    yield decoder
    decoder.close()


def test_a_killed_child_is_told_and_replaced_after_a_rest(mortal: ZbarDecoder, clock: Clock) -> None:
    frame = picture(TICKET.encode())
    for rest_s in (0.5, 1.0, 2.0):
        first = mortal.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert mortal.decode(frame) == []
        assert (mortal.trouble, mortal.pid) == ("decoder-died", None)
        clock.now_s += rest_s - 0.01
        assert mortal.decode(frame) == []
        assert mortal.pid is None
        clock.now_s += 0.01
        wait_until(lambda: mortal.decode(frame) == [Reading(TICKET)], "the new child reads")
        assert mortal.trouble == ""
        assert mortal.pid not in {None, first}


def test_after_a_long_life_the_first_rest_is_short_again(mortal: ZbarDecoder, clock: Clock) -> None:
    frame = picture(TICKET.encode())
    for _ in range(4):
        clock.now_s += 60.0
        pid = mortal.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert mortal.decode(frame) == []
        clock.now_s += 0.5
        wait_until(lambda: mortal.decode(frame) == [Reading(TICKET)], "the new child reads")


def test_a_child_that_hangs_is_ended_and_replaced(mortal: ZbarDecoder, clock: Clock) -> None:
    pid = mortal.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    assert mortal.decode(picture(TICKET.encode())) == []
    assert mortal.trouble == "decoder-died"
    assert gone(pid)
    clock.now_s += 0.5
    wait_until(lambda: mortal.decode(picture(TICKET.encode())) == [Reading(TICKET)], "the new child reads")


def test_closing_leaves_no_process() -> None:
    decoder = ZbarDecoder()
    pid = decoder.pid
    assert pid is not None
    decoder.close()
    decoder.close()
    assert gone(pid)


def test_the_child_ends_with_its_parent_however_that_ends() -> None:
    """The parent is killed while the child waits for a frame."""
    program = (
        "import sys, time; from devices.camera.decoders import ZbarDecoder; d = ZbarDecoder(); d.ready();"
        "print(d.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not gone(child)
        parent.kill()
    wait_until(lambda: gone(child), "the child ends")


def test_a_child_that_never_returns_from_zbar_is_ended_by_the_kernel(tmp_path: Path) -> None:
    """Stands in for zbar's endless loop: a pyzbar that loops, in the shipped child, with its shortest alarm."""
    package = tmp_path / "pyzbar"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "pyzbar.py").write_text(
        "class ZBarSymbol:\n    QRCODE = 1\ndef decode(*_a, **_k):\n    while True: pass\n", encoding="utf-8"
    )
    source = Path(zbar_child.__file__).read_text(encoding="utf-8").replace("LONGEST_S = 5", "LONGEST_S = 1")
    program = tmp_path / "child.py"
    program.write_text(source, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as child:
        assert child.stdin is not None
        child.stdin.write(b"\x08\0\0\0\x08\0\0\0" + bytes(64))
        child.stdin.flush()  # and stays open: nobody tells it to end
        assert child.wait(DEADLINE_S) == -signal.SIGALRM


def test_without_pyzbar_the_decoder_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # The same interpreter without its site-packages.
    decoder = ZbarDecoder((sys.executable, "-I", "-S", zbar_child.__file__))
    with pytest.raises(LibraryMissing, match="libzbar0"):
        decoder.ready()


def test_a_child_that_cannot_start_is_a_fault_of_the_decoder() -> None:
    decoder = ZbarDecoder((sys.executable, "-c", "raise SystemExit(1)"))
    with pytest.raises(DeviceFault) as caught:
        decoder.ready()
    assert caught.value.fault == "decoder-died"


def test_a_child_that_answers_nonsense_is_replaced(clock: Clock) -> None:
    nonsense = (
        "import sys, os; os.write(1, bytes(2)); sys.stdin.buffer.read(8);"
        "os.write(1, b'\\xff' * 70000); os.close(1); sys.stdin.read()"
    )
    decoder = ZbarDecoder((sys.executable, "-c", nonsense), monotonic=clock)
    try:
        decoder.ready()
        assert decoder.decode(picture(b"T-1")) == []
        assert decoder.trouble == "decoder-died"
    finally:
        decoder.close()


def test_frames_of_every_size_and_noise_are_survived_by_both(zxing: ZxingDecoder, zbar: ZbarDecoder) -> None:
    chance = random.Random(5)
    noise = np.random.default_rng(5)
    for _ in range(60):
        width, height = chance.randint(1, 400), chance.randint(1, 300)
        frame = noise.integers(0, 256, (height, width), dtype=np.uint8)
        assert zxing.decode(frame) == []
        assert zbar.decode(frame) == []
        assert zbar.trouble == ""
