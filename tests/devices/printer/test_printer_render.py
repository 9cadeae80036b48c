"""Golden bytes of tickets, and their pictures as the simulated printer draws them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFont

from devices.printer import escpos_codec, raster
from devices.printer.profile import PrinterProfile, load_profile
from devices.printer.render import SlipError, length_mm, put_in_order, render
from devices.printer.sim_commands import Command, Commands
from devices.printer.sim_engine import Engine, Ticket
from devices.printer.slip import Feed, Line, Qr, Rule, Slip

WIDE = load_profile()
HAN = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def drawn(slip: Slip, profile: PrinterProfile = WIDE) -> Ticket:
    """The ticket as the other end of the wire makes it of the bytes."""
    engine = Engine(profile.width_dots, 32)
    for command in Commands().feed(render(slip, profile)):
        if command.name == "GS V":
            return engine.cut(command, datetime(2026, 1, 5, tzinfo=UTC))
        engine.execute(command)
    assert profile.cut == "none"
    return engine.cut(Command("GS V", b"\x42\x00"), datetime(2026, 1, 5, tzinfo=UTC))


def picture(ticket: Ticket) -> Image.Image:
    return Image.open(io.BytesIO(ticket.png)).convert("L")


def test_chinese_goes_as_gbk_in_double_byte_mode_after_a_reset() -> None:
    assert render(Slip((Line("请取号 A1"),)), WIDE) == bytes.fromhex(
        "1B 40"  # ESC @
        " 1D 21 00  1B 45 00  1B 61 00"  # size 1, not bold, left
        " 1C 26  C7 EB C8 A1 BA C5 20 41 31 0A"  # FS &, text
        " 1D 56 42 18"  # feed to the knife and 3 mm, cut partially
    )


def test_size_weight_and_place_of_a_line() -> None:
    assert render(Slip((Line("A023", size=6, align="center", bold=True),)), WIDE) == bytes.fromhex(
        "1B 40  1D 21 55  1B 45 01  1B 61 01  41 30 32 33 0A  1D 56 42 18"
    )


def test_feed_rule_and_the_paper_that_is_torn_by_hand() -> None:
    small = load_profile("generic", 58)
    assert render(Slip((Rule(), Feed(3))), small) == bytes.fromhex(
        "1B 40  1D 21 00  1B 45 00  1B 61 00  1C 26" + " A9 A4" * 16 + " 0A  1B 64 03  1B 64 04"
    )


def test_a_code_that_the_printer_makes_itself() -> None:
    assert render(Slip((Qr("AB", 6),)), WIDE) == bytes.fromhex(
        "1B 40  1D 21 00  1B 45 00  1B 61 01"
        " 1D 28 6B 04 00 31 41 32 00"  # model 2
        " 1D 28 6B 03 00 31 43 06"  # six dots a module
        " 1D 28 6B 03 00 31 45 31"  # error correction M
        " 1D 28 6B 05 00 31 50 30 41 42"  # store
        " 1D 28 6B 03 00 31 51 30"  # print
        " 0A  1D 56 42 18"
    )


@pytest.mark.parametrize("text", ["①号窗口", "¥192 元", "（）：，。", "张三"])
def test_what_gbk_can_say_goes_as_text(text: str) -> None:
    ticket = drawn(Slip((Line(text),)))
    assert ticket.lines == (text.replace("¥", "￥"),)
    assert ticket.images == 0


@pytest.mark.parametrize("text", ["张𠮷", "䶮", "鿍", "㛃", "€5"])
def test_a_line_that_gbk_cannot_say_goes_as_dots_whole(text: str) -> None:
    ticket = drawn(Slip((Line("前"), Line(text), Line("后"))))
    assert ticket.lines == ("前", "后")
    assert ticket.images == 1


def test_only_the_line_that_needs_it_is_dots() -> None:
    ticket = drawn(Slip((Line("一" * 30 + "𠮷" + "二" * 10),)))
    assert ticket.images == 1
    assert ticket.lines == ("一" * 24,)


@pytest.mark.parametrize("rare", ["𠮷", "䶮", "鿍", "㛃"])
def test_a_rare_character_comes_out_as_itself(rare: str) -> None:
    """The dots on the paper overlap the character's own glyph, and no look-alike's, a box or a question mark."""
    ticket = picture(drawn(Slip((Line("张" + rare),))))
    cell = ticket.crop((32 + 24, 100, 32 + 48, 124))
    assert likeness(cell, rare) > 0.6
    for other in ("吉", "龙", "?", "\U0010ffff", "〓"):
        assert likeness(cell, rare) > likeness(cell, other) + 0.15, other


def likeness(cell: Image.Image, ch: str) -> float:
    """Shared ink of ``cell`` and the glyph of ``ch`` at its best place, 0 to 1."""
    font = ImageFont.truetype(HAN, 22, index=2)
    ink = cell.point(lambda level: 255 if level < 128 else 0)
    best = 0.0
    for shift in [(x, y) for x in (-1, 0, 1) for y in (-2, -1, 0, 1, 2)]:
        glyph = Image.new("L", cell.size, 0)
        ImageDraw.Draw(glyph).text((12 + shift[0], 19.4 + shift[1]), ch, font=font, fill=255, anchor="ms")
        glyph = glyph.point(lambda level: 255 if level > 110 else 0)
        shared, either = ImageChops.darker(ink, glyph), ImageChops.lighter(ink, glyph)
        best = max(best, shared.histogram()[255] / max(either.histogram()[255], 1))
    return best


def test_without_a_font_the_ticket_still_comes_with_a_sign_for_the_character(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = ((Path("/nonexistent.ttc"), 2),)
    monkeypatch.setattr(raster, "FACES", {False: nowhere, True: nowhere})
    raster.face.cache_clear()
    try:
        assert drawn(Slip((Line("张𠮷"),))).lines == ("张〓",)
        with pytest.raises(raster.FontMissingError, match="fonts-noto-cjk"):
            raster.face(1, bold=False)
    finally:
        raster.face.cache_clear()


@pytest.mark.parametrize("name", ["generic", "raster-qr"])
@pytest.mark.parametrize("paper_mm", [80, 58])
def test_the_code_on_the_ticket_scans(name: str, paper_mm: int) -> None:
    url = "http://127.0.0.1:8080/t/9vVn2c0yQk3mA7hTzXw1Bg"
    ticket = drawn(Slip((Line("A023", size=6, align="center"), Qr(url), Line("扫码"))), load_profile(name, paper_mm))
    assert [found.text for found in zxingcpp.read_barcodes(picture(ticket))] == [url]
    assert ticket.qr == ((url,) if name == "generic" else ())


def test_a_code_too_large_for_the_paper_is_made_smaller_or_refused() -> None:
    small = load_profile("generic", 58)
    assert zxingcpp.read_barcodes(picture(drawn(Slip((Qr("x" * 120, 16),)), small)))[0].text == "x" * 120
    with pytest.raises(SlipError):
        render(Slip((Qr("x" * 2300),)), small)


@pytest.mark.parametrize("text", ["", "二维码", "a\x1b@", "x" * 5000])
def test_a_code_must_be_ascii_and_fit(text: str) -> None:
    with pytest.raises(SlipError):
        render(Slip((Qr(text),)), WIDE)


def test_the_length_is_that_of_the_picture() -> None:
    for slip in (
        Slip((Line("A023", size=6), Line("请稍候"), Rule(), Feed(2))),
        Slip((Line("张𠮷"), Line("Ω" * 60, size=2))),
    ):
        assert abs(length_mm(slip, WIDE) * 8 - picture(drawn(slip)).height) <= 2


def test_alignment_is_seen_on_the_paper() -> None:
    def edges(align: str, text: str) -> tuple[int, int]:
        box = ImageChops.invert(picture(drawn(Slip((Line(text, align=align),))))).getbbox()  # type: ignore[arg-type]
        assert box
        return box[0] - 32, 32 + WIDE.width_dots - box[2]

    for text in ("号号", "号𠮷"):
        assert edges("left", text)[0] < 6
        assert edges("right", text)[1] < 6
        left, right = edges("center", text)
        assert abs(left - right) < 6


def test_an_image_holds_no_command_that_a_printer_obeys_at_once() -> None:
    dots = bytes.fromhex("10 04 10 05 10 14 10 04") * 3
    image = ImageChops.invert(Image.frombytes("1", (64, 3), dots).convert("L"))
    sent = escpos_codec.raster(image, 576, 96)
    assert sent[:8] == bytes.fromhex("1D 76 30 00 08 00 03 00")
    assert not any(bytes([0x10, second]) in sent for second in (0x04, 0x05, 0x14))
    changed = sum((a ^ b).bit_count() for a, b in zip(sent[8:], dots, strict=True))
    assert changed <= 12


def test_rendering_leaves_no_trace_in_the_program_that_renders(tmp_path: Path) -> None:
    program = "import logging, devices.printer.render; assert not logging.getLogger().handlers"
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_is_too_large_is_held_to_the_paper() -> None:
    narrow = replace(WIDE, columns=8, width_dots=96)
    assert drawn(Slip((Line("号", size=8),)), narrow).lines == ("号",)


def test_a_printer_without_chinese_gets_it_as_dots_and_the_rest_as_text() -> None:
    export = load_profile("export")
    ticket = drawn(Slip((Line("A023", size=6), Line("请稍候 wait"), Rule(), Line("19.50"))), export)
    assert ticket.lines == ("A023", "-" * 48, "19.50")
    assert ticket.images == 1
    assert b"\x1c&" not in render(Slip((Line("请"), Rule())), export)


def test_a_cheap_printer_gets_thin_slices() -> None:
    data = render(Slip((Qr("http://127.0.0.1:8080/t/x"),)), load_profile("pos58", 58))
    heights = [c.args[3] + 256 * c.args[4] for c in Commands().feed(data) if c.name == "GS v 0"]
    assert max(heights) == 24
    assert len(heights) > 5


def test_half_a_ticket_is_ended_and_put_out_wherever_it_broke_off() -> None:
    whole = render(Slip((Line("前"), Line("张𠮷", size=2), Qr("AB"))), WIDE)
    for at in range(0, len(whole), 61):
        engine = Engine(WIDE.width_dots, 32)
        rest = b"".join(row.data for row in put_in_order(len(whole), WIDE))
        commands = Commands().feed(whole[:at] + rest + b"\x1b@\x1c&" + "后".encode("gbk") + b"\n")
        for command in commands:
            if command.name == "GS V":
                engine.cut(command, datetime(2026, 1, 5, tzinfo=UTC))
            else:
                engine.execute(command)
        assert engine.cut(Command("GS V", b"\x42\x00"), datetime(2026, 1, 5, tzinfo=UTC)).lines == ("后",), at


@pytest.mark.parametrize("length", [1, 14, 15, 26, 27, 84, 85, 213, 214, 331, 332])
def test_the_room_that_a_code_takes_is_known_without_making_it(length: int) -> None:
    """The picture of a native code is as wide as the length of the ticket says."""
    slip, bare = Slip((Qr("x" * length, 3),)), Slip(())
    dots = (length_mm(slip, WIDE) - length_mm(bare, WIDE)) * 8 - WIDE.line_dots
    box = ImageChops.invert(picture(drawn(slip))).point(lambda level: 255 * (level > 128)).getbbox()
    assert box
    assert box[2] - box[0] == box[3] - box[1] == dots
