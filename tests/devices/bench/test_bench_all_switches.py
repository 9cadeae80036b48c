"""Every switch of every device on the bench, moved through its interface and back again."""

from __future__ import annotations

import os
import select
from typing import Any

import pytest

pytestmark = pytest.mark.wire

DEADLINE_S = 20.0

DEVICES = ("idcard", "scanner", "camera", "panel", "printer")


def another(offer: dict[str, Any]) -> Any:
    """A value that the switch is not at in a sound device; a small one, so that nothing takes long."""
    match offer["kind"]:
        case "bool":
            return not offer["normal"]
        case "int":
            return offer["least"] + 1
        case "float":
            return offer["least"] + (offer["most"] - offer["least"]) / 1000
        case "choice":
            return next(choice for choice in offer["choices"] if choice != offer["normal"])
        case _:
            return "gbk" if offer["name"] == "encoding" else "x"


@pytest.mark.parametrize("device", DEVICES)
def test_every_switch_is_moved_and_put_back(bench: Any, device: str) -> None:
    offers = bench.get("/api/switches")[device]
    assert len(offers) >= 5
    # the cable's own end comes last: once out, it needs no switch
    for offer in sorted(offers, key=lambda offer: offer["name"].startswith("unplug")):
        name, value = offer["name"], another(offer)
        place = {"device": "faults", "line": "line", "settings": "settings"}[offer["group"]]
        seen = bench.do(device, "fault", name=name, value=value)[device]
        assert seen[place][name] == value, name
        assert name in seen["on"]
        seen = bench.do(device, "fault", name=name, value=offer["normal"])[device]
        assert (seen[place][name], seen["on"]) == (offer["normal"], []), name


def test_one_request_puts_everything_in_order(bench: Any) -> None:
    offers = bench.get("/api/switches")
    for device in DEVICES:
        for offer in offers[device]:
            if not offer["name"].startswith("unplug"):
                bench.do(device, "fault", name=offer["name"], value=another(offer))
        bench.do(device, "unplug")
    bench.do("printer", "tear")
    bench.do("printer", "open")
    bench.do("printer", "jam")
    bench.do("panel", "input", name="door", active=True)
    bench.do("panel", "cut", name="tamper")
    bench.do("scanner", "hold", text="A017")
    bench.do("camera", "show", text="A017", blur=9.5)
    state = bench.do("all", "mend")
    assert not any(state[device]["on"] for device in DEVICES)
    assert all(state[device]["plugged"] for device in DEVICES)
    assert (state["printer"]["paper"], state["printer"]["cover_open"], state["printer"]["jammed"]) == (
        *("full", False),
        False,
    )
    assert (state["panel"]["inputs"]["door"], state["panel"]["cut"]) == (False, [])
    assert state["scanner"]["held"] == ""
    assert (state["camera"]["shown"], state["camera"]["pose"]["blur"]) == ("A017", 0.0)


def test_one_device_alone_is_put_in_order(bench: Any) -> None:
    bench.do("printer", "fault", name="clone", value=True)
    bench.do("scanner", "fault", name="noise", value="3")
    state = bench.do("scanner", "mend")
    assert (state["scanner"]["on"], state["printer"]["on"]) == ([], ["clone"])


STATUS, STATUS_OK = "AAAAAA9669 0003 11FF ED", "AAAAAA9669 0004 000090 94"
PRINT_ID, PRINTED_ID = "0A 1D564200 1D284806003030 41424344", "37224142434400"


@pytest.mark.parametrize(
    ("device", "fault", "value", "asked", "answer"),
    [
        ("idcard", None, None, STATUS, STATUS_OK),
        ("idcard", "split", True, STATUS, STATUS_OK),
        ("idcard", "wrong_checksum", True, STATUS, "AAAAAA9669 0004 000090 ??"),
        ("idcard", "zero_inserted", True, STATUS, "AA00AAAA9669 0004 000090 94"),
        ("idcard", "short_timeout", True, STATUS, "AAAAAA9669 0005 050505 05"),
        ("idcard", "self_test_failed", True, STATUS, "AAAAAA9669 0004 000060 64"),
        ("idcard", "noise", 3, STATUS, "?????? AAAAAA9669 0004 000090 94"),
        ("printer", None, None, "100401", "12"),
        ("printer", "clone", True, "100401", "00"),
        ("printer", "offline", True, "100401", "1A"),
        ("printer", None, None, PRINT_ID, PRINTED_ID),
        ("printer", "no_process_id", True, f"{PRINT_ID} 100401", "12"),
        ("printer", "no_process_id", True, f"{PRINT_ID} 1D7201", "00"),
        ("printer", "deaf", False, "1D7201", "00"),
    ],
)
def test_a_switch_does_to_the_bytes_what_it_says(
    bench: Any, device: str, fault: str | None, value: Any, asked: str, answer: str
) -> None:
    """Asked and answered in hex, ``??`` for any byte; the good answers are the makers' published ones."""
    if fault:
        bench.do(device, "fault", name=fault, value=value)
    wanted = answer.replace(" ", "")
    line = os.open(bench.folder / device, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(line, bytes.fromhex(asked))
        heard = b""
        while len(heard) * 2 < len(wanted):
            assert select.select([line], [], [], DEADLINE_S)[0], f"only {heard.hex()} came"
            heard += os.read(line, 64)
        said = "".join("?" if w == "?" else h for h, w in zip(heard.hex().upper(), wanted, strict=True))
        assert said == wanted
        if "wrong" in str(fault):
            assert heard[-1] != 0x94
    finally:
        os.close(line)


@pytest.mark.parametrize(
    ("device", "fault", "asked"),
    [("idcard", "silence", STATUS), ("printer", "silence", "100401"), ("printer", "deaf", "100401")],
)
def test_a_silent_device_says_nothing_until_it_is_put_right(bench: Any, device: str, fault: str, asked: str) -> None:
    bench.do(device, "fault", name=fault, value=True)
    line = os.open(bench.folder / device, os.O_RDWR | os.O_NOCTTY)
    try:
        for _ in range(3):
            os.write(line, bytes.fromhex(asked))
            bench.get("/api/state")  # the simulator has had its turn
        assert not select.select([line], [], [], 0.1)[0]
        bench.do(device, "mend")
        os.write(line, bytes.fromhex(asked))
        assert select.select([line], [], [], DEADLINE_S)[0]
    finally:
        os.close(line)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        ({"name": "splitt", "value": True}, "unknown-fault", "did you mean split?"),
        ({"name": "split", "value": "perhaps"}, "bad-value", "split takes on or off"),
        ({"name": "split"}, "bad-value", "split takes on or off"),
        ({"value": True}, "missing-detail", "say 'name' as a string"),
    ],
)
def test_a_switch_that_is_not_there_or_does_not_take_it(
    bench: Any, device: str, body: dict[str, Any], code: str, sentence: str
) -> None:
    reply = bench.http.post(f"/api/{device}/fault", json=body)
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert sentence in reply.json()["sentence"]
