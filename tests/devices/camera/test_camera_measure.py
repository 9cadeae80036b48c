"""The comparison of the decoders: its pictures follow from its seed, and its rules hold; times are only printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from devices.camera import measure
from devices.camera.decoders import DECODERS, Decoder, open_decoder
from devices.camera.measure import KINDS, SIZES, judged, pictures

pytestmark = pytest.mark.wire

COUNT = 2


@pytest.fixture(scope="module")
def decoders() -> Iterator[dict[str, Decoder]]:
    opened = {name: open_decoder(name) for name in DECODERS}
    for decoder in opened.values():
        decoder.ready()
    yield opened
    for decoder in opened.values():
        decoder.close()


def test_the_set_holds_every_kind_that_matters_and_is_the_same_each_time() -> None:
    names = {kind.name for kind in KINDS}
    assert names >= {"clean", "rotated", "blurred", "inverted", "low contrast", "small", "UTF-8 text", "no code"}
    for kind in KINDS:
        one, other = (list(pictures(kind, (640, 480), 2)) for _ in range(2))
        assert [payload for _, payload in one] == [payload for _, payload in other]
        assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(one, other, strict=True))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_decoder_is_wrong_and_zxing_is_exact_where_it_matters(
    decoders: dict[str, Decoder], size: tuple[int, int]
) -> None:
    for kind in KINDS:
        for picture, payload in pictures(kind, size, COUNT):
            ended = {name: judged(decoder, picture, payload) for name, decoder in decoders.items()}
            assert "wrong" not in ended.values(), kind.name
            if kind.name in {"clean", "rotated", "inverted", "UTF-8 text", "GB18030 text", "no code"}:
                assert ended["zxing"] == "right", kind.name
            if kind.name in {"UTF-8 text", "GB18030 text"}:
                assert ended["zbar"] in {"refused", "missed"}, kind.name
            if kind.name == "clean":
                assert ended["zbar"] == "right"


def test_the_figures_are_printed_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "SIZES", ((640, 480),))
    monkeypatch.setattr(measure, "KINDS", [kind for kind in KINDS if kind.name in {"clean", "no code"}])
    monkeypatch.setattr(measure, "cpu_share", lambda decoder, *, moving, seconds: 0.01)
    lines = list(measure.figures(quick=True))
    print(*lines, sep="\n")
    table = "\n".join(lines)
    assert re.search(r"clean +zxing +4 / +0 / +0 / +0 +zbar +4 / +0 / +0 / +0", table)
    assert re.search(r"with a code +zxing [\d.]+ ms, zbar [\d.]+ ms: zbar takes [\d.]+ times as long", table)
    assert table.count("of one core") == 4


def test_the_driver_s_share_of_a_core_is_measured_with_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "STAYS_AWAKE_S", -0.9)
    for name in DECODERS:
        assert 0.0 <= measure.cpu_share(name, moving=True, seconds=0.5) < 2.0
