"""Whatever a slip says, its bytes are a ticket: they fit the paper, and hold no command that a text brought along."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.printer import protocol
from devices.printer.profile import PrinterProfile, load_profile, shipped
from devices.printer.render import SlipError, put_in_order, render
from devices.printer.sim_commands import Command, Commands
from devices.printer.sim_engine import Engine
from devices.printer.slip import Feed, Line, Qr, Rule, Slip, SlipItem
from devices.printer.wrap import clean

PROFILES = [
    load_profile(name.rpartition("-")[0], int(name.rpartition("-")[2].removesuffix("mm"))) for name in shipped()
]
OURS = {"ESC @", "GS !", "ESC E", "ESC a", "FS &", "text", "LF", "ESC d", "GS v 0", "GS ( k", "GS V"}

texts = st.one_of(
    st.text(max_size=60),
    st.text(
        alphabet=st.sampled_from("号张𠮷䶮①（）：，。¥€é ab09\x10\x04\x05\x14\x1b\x1d@\n\t\u0301\u200d👩‍🦽Ωﷺ"),
        max_size=60,
    ),
)
items: st.SearchStrategy[SlipItem] = st.one_of(
    st.builds(Line, texts, st.integers(-1, 12), st.sampled_from(["left", "center", "right"]), st.booleans()),
    st.builds(Qr, st.one_of(texts, st.from_regex(r"[ -~]{1,120}", fullmatch=True)), st.integers(-1, 40)),
    st.just(Rule()),
    st.builds(Feed, st.integers(-3, 300)),
)
slips = st.builds(lambda some: Slip(tuple(some)), st.lists(items, max_size=5))


def obeyed_at_once(data: bytes) -> list[bytes]:
    """DLE EOT, DLE ENQ and DLE DC4 anywhere in ``data``: printers obey them even inside an image."""
    return [
        data[at : at + 3] for at in range(len(data)) if data[at : at + 2] in {b"\x10\x04", b"\x10\x05", b"\x10\x14"}
    ]


def is_a_ticket(slip: Slip, profile: PrinterProfile) -> None:
    try:
        data = render(slip, profile)
    except SlipError:
        return
    assert obeyed_at_once(data) == []
    ears = Commands()
    commands = ears.feed(data)
    assert not ears._left, "no command is left half said"
    assert {command.name for command in commands} <= OURS
    widest = profile.width_dots
    engine = Engine(widest, 32)
    for command in commands:
        if command.name == "GS v 0":
            across, down = int.from_bytes(command.args[1:3], "little"), int.from_bytes(command.args[3:5], "little")
            assert across * 8 <= widest
            assert down <= profile.slice_dots
        if command.name != "GS V":
            engine.execute(command)
    lines = engine.cut(Command("GS V", b"B\0"), datetime(2026, 1, 5, tzinfo=UTC)).lines
    breaks = sum(command.name == "LF" for command in commands)
    assert len(lines) <= breaks, "the printer itself never had to break a line: each fitted the paper"


@settings(max_examples=60, deadline=None)
@given(slips, st.sampled_from(PROFILES))
def test_any_slip_is_a_ticket(slip: Slip, profile: PrinterProfile) -> None:
    is_a_ticket(slip, profile)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@settings(max_examples=5000, deadline=None)
@given(slips, st.sampled_from(PROFILES))
def test_any_of_many_slips_is_a_ticket(slip: Slip, profile: PrinterProfile) -> None:
    is_a_ticket(slip, profile)


@given(texts)
def test_what_gbk_can_say_arrives_as_it_was_meant(text: str) -> None:
    """Line by line, except where a character had to be drawn or had no shape at all."""
    profile = PROFILES[0]
    data = render(Slip((Line(text),)), profile)
    engine = Engine(profile.width_dots, 32)
    for command in Commands().feed(data):
        if command.name != "GS V":
            engine.execute(command)
    ticket = engine.cut(Command("GS V", b"B\0"), datetime(2026, 1, 5, tzinfo=UTC))
    if not ticket.images:
        kept = [ch for ch in "".join(ticket.lines) if ch != " "]
        meant = [ch for ch in clean(text) if ch not in " \n"]
        assert all(a in {b, "〓"} for a, b in zip(kept, meant, strict=True))


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_nothing_else_that_is_sent_is_obeyed_at_once_either(profile: PrinterProfile) -> None:
    """All that goes over the line but the status requests themselves; DLE ENQ and DLE DC4 are never sent."""
    others = [
        protocol.FENCE,
        protocol.STATUS_BACK_ON,
        protocol.STATUS_BACK_OFF,
        *(protocol.text_request(n) for n in (protocol.MAKER, protocol.MODEL, protocol.FIRMWARE)),
        *(protocol.process_id_request(protocol.process_id(n)) for n in range(0, 94**3, 997)),
        b"".join(row.data for row in put_in_order(7000, profile)),
    ]
    assert all(obeyed_at_once(data) == [] for data in others)
