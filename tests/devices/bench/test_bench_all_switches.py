"""Every switch of every device on the bench, moved through its interface and back again."""

from __future__ import annotations

from typing import Any

import pytest

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
