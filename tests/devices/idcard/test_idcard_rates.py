"""A module's rate is found whatever it was set to, in whatever order it is looked for, noise or not."""

from __future__ import annotations

import random
from itertools import permutations
from pathlib import Path

import pytest

from devices.errors import DeviceSilent
from devices.idcard.driver import Reader, Timing, open_reader
from devices.idcard.sim import CardFaults, IdCardSim
from devices.simulated_line import LineFaults, SimulatedLine
from devices.transport import open_transport

pytestmark = pytest.mark.wire

BRISK = Timing(settle_s=0.0, status_s=0.06, quiet_s=0.05, poll_s=0.02)
RATES = (115_200, 57_600, 38_400, 19_200, 9_600)


@pytest.mark.parametrize("rate", RATES)
def test_each_rate_is_found_and_stays_set(tmp_path: Path, rate: int) -> None:
    with IdCardSim(tmp_path / "idcard", faults=CardFaults(baud=rate)) as sim:
        reader = open_reader(sim.address, timing=BRISK)
        assert reader.identify() == "SAM 05.01-20172431-0000000001-0000000042"
        assert reader.baud == rate
        assert isinstance(sim.line, SimulatedLine)
        assert sim.line.baud == rate
        reader.close()


@pytest.mark.parametrize("order", random.Random(3).sample(sorted(permutations(RATES)), 6))
def test_the_order_does_not_matter(tmp_path: Path, order: tuple[int, ...]) -> None:
    with IdCardSim(tmp_path / "idcard", faults=CardFaults(baud=19_200)) as sim:
        reader = Reader(open_transport(sim.address), rates=order, timing=BRISK)
        reader.identify()
        assert reader.baud == 19_200
        reader.close()


def test_the_rate_a_profile_names_is_tried_first(tmp_path: Path) -> None:
    with IdCardSim(tmp_path / "idcard") as sim:  # takes any
        reader = open_reader(sim.address, baud=9_600, timing=BRISK)
        reader.identify()
        assert reader.baud == 9_600
        reader.close()


@pytest.mark.parametrize(
    ("line_faults", "faults"),
    [
        (LineFaults(noise=60), CardFaults(baud=9_600)),
        (LineFaults(split=True, noise=5), CardFaults(baud=38_400)),
        (LineFaults(), CardFaults(baud=57_600, zero_inserted=True)),
        (LineFaults(), CardFaults(baud=57_600, extra_preamble=True)),
        (LineFaults(), CardFaults(baud=57_600, glued=True)),
        (LineFaults(paced=True), CardFaults(baud=9_600)),
    ],
    ids=["noisy", "noisy and split", "zero inserted", "extra preamble", "glued", "paced"],
)
def test_a_rate_is_found_through_noise(tmp_path: Path, line_faults: LineFaults, faults: CardFaults) -> None:
    with IdCardSim(tmp_path / "idcard", faults=faults, line_faults=line_faults, noise_source=random.Random(11)) as sim:
        reader = open_reader(sim.address, timing=BRISK)
        reader.identify()
        assert reader.baud == faults.baud
        reader.close()


def test_an_answer_lost_to_noise_is_asked_for_in_a_second_round(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with IdCardSim(tmp_path / "idcard", faults=CardFaults(baud=57_600)) as sim:

        def noise_once(command: bytes) -> None:
            asked.append(command)
            sim.faults.wrong_checksum = len(asked) == 1

        sim.on_request = noise_once
        reader = open_reader(sim.address, timing=BRISK)
        reader.identify()
        assert reader.baud == 57_600
        assert asked == [b"\x11\xff", b"\x11\xff", b"\x12\xff"]
        reader.close()


@pytest.mark.parametrize("line_faults", [LineFaults(silence=True), LineFaults(loss=1.0)], ids=["silence", "all lost"])
def test_where_nothing_answers_that_is_said(tmp_path: Path, line_faults: LineFaults) -> None:
    with IdCardSim(tmp_path / "idcard", line_faults=line_faults) as sim:
        reader = open_reader(sim.address, timing=BRISK)
        with pytest.raises(DeviceSilent):
            reader.identify()
        reader.close()
