"""When a triggered engine's light is on: its commands byte for byte, and what happens when an answer does not come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.errors import DeviceError, DeviceFault, DeviceSilent, LinkGarbled, reason_of
from devices.scanner.answers import Answer, Make
from devices.scanner.dialects import Gm65, Honeywell, Newland, TriggerName, described, dialect_of
from devices.scanner.trigger import (
    AFTER_CODE_S,
    ANSWER_S,
    CHECK_S,
    SHOWN_AGAIN_S,
    STRAY_S,
    STRAYS,
    STRAYS_WITHIN_S,
    TRIES,
    Trigger,
)

MAKES: list[Make] = ["newland", "gm65", "honeywell"]
each_make = pytest.mark.parametrize("make", MAKES)


class Host:
    """A trigger and the clock on the wall; answers all that is asked with ``says``."""

    def __init__(self, make: TriggerName, *, wanted: bool = False, refuses: tuple[bytes, ...] = ()) -> None:
        dialect = dialect_of(make)
        assert dialect is not None
        self.dialect = dialect
        self.refuses = refuses
        self.now_s = 100.0
        self.mode = b"0"
        self.trigger = Trigger(self.dialect, self.now_s, wanted=wanted)
        self.sent: list[bytes] = []

    def ask(self) -> list[bytes]:
        """What is sent now, unanswered."""
        out = list(self._due())
        self.sent += out
        return out

    def _due(self) -> Iterator[bytes]:
        while (data := self.trigger.due(self.now_s)) is not None:
            yield data

    def ask_and_answer(self) -> list[bytes]:
        """All that is sent now, each answered at once."""
        out: list[bytes] = []
        while asked := self.ask():
            out += asked
            for data in asked:
                self.hear(data)
        return out

    def hear(self, data: bytes, problem: str = "") -> None:
        answer = self.answer(data)
        if answer is not None:
            if data in self.refuses:
                problem = "refused"
            self.trigger.heard(Answer(answer.make, problem, answer.data), self.now_s)  # type: ignore[arg-type]  # from the table

    def answer(self, data: bytes) -> Answer | None:
        match self.dialect.make:
            case "newland":
                body = data[7:-2]
                body = body.replace(b"QRYSYS", b"QRYSYSProduct Name: NLS-X; Firmware Version: V1")
                return Answer("newland", "", body.replace(b"SCNMOD*", b"SCNMOD" + self.mode))
            case "gm65":
                register = {b"\x00\x00": b"\xd5" if self.mode == b"0" else b"\xd6", b"\x00\xe1": b"\x64"}
                return Answer("gm65", "", register.get(data[4:6], b"\x6e") if data[2] == 7 else b"\0")
            case _:
                if data[1:2] != b"M":
                    return None
                body = data[3:-1].replace(b"REVINF", b"REVINFProduct Name: N8680\r\nSoftware Revision: 16345\r\n")
                return Answer("honeywell", "", body.replace(b"TRGMOD?", b"TRGMOD" + self.mode))

    def later(self, seconds: float) -> None:
        self.now_s += seconds


def ready(make: TriggerName, *, wanted: bool = False) -> Host:
    host = Host(make, wanted=wanted)
    while not host.trigger.ready:
        for data in host.ask():
            host.hear(data)
    host.sent.clear()
    return host


ON = {
    "newland": bytes.fromhex("7E 01 30 30 30 30 23 53 43 4E 54 52 47 31 3B 03"),
    "gm65": bytes.fromhex("7E 00 08 01 00 02 01 02 DA"),
    "honeywell": bytes.fromhex("16 54 0D"),
}
OFF = {
    "newland": bytes.fromhex("7E 01 30 30 30 30 23 53 43 4E 54 52 47 30 3B 03"),
    "gm65": bytes.fromhex("7E 00 08 01 00 02 00 12 FB"),
    "honeywell": bytes.fromhex("16 55 0D"),
}
SET_UP = {
    "newland": [
        b"\x7e\x010000#QRYSYS;\x03",
        b"\x7e\x010000#SCNMOD0;\x03",
        b"\x7e\x010000#ORTSET10000;\x03",
    ],
    "gm65": [
        bytes.fromhex("7E 00 07 01 00 E1 01 22 C2"),
        bytes.fromhex("7E 00 07 01 00 E2 01 77 91"),
        bytes.fromhex("7E 00 07 01 00 00 01 01 41"),
        bytes.fromhex("7E 00 08 01 00 00 D5 EF 41"),
        bytes.fromhex("7E 00 08 01 00 06 64 F2 1D"),
    ],
    "honeywell": [b"\x16M\rREVINF.", b"\x16M\rTRGMOD0!", b"\x16M\rTRGSTO10000!"],
}
CHECK = {
    "newland": b"\x7e\x010000#SCNMOD*;\x03",
    "gm65": bytes.fromhex("7E 00 07 01 00 00 01 01 41"),
    "honeywell": b"\x16M\rTRGMOD?!",
}
MODELS = {
    "newland": "Newland NLS-X V1",
    "gm65": "GM65/EM3095 hardware 1.00 software 1.10",
    "honeywell": "Honeywell N8680 16345",
}


def test_binary_commands_are_those_of_the_manuals() -> None:
    # GM65 8.2 and 8.3, and Newland's page on the EM3095's command mode
    assert Gm65.read(0x000A).data == bytes.fromhex("7E 00 07 01 00 0A 01 EE 8A")
    assert Gm65.write(0x000A, 0x3E).data == bytes.fromhex("7E 00 08 01 00 0A 3E 4C CF")
    assert Gm65.write(0x0000, 0xF5).data == bytes.fromhex("7E 00 08 01 00 00 F5 CB 23")
    assert Gm65.read(0x0006).data == bytes.fromhex("7E 00 07 01 00 06 01 AB E7")
    assert Gm65.write(0x0006, 0).data == bytes.fromhex("7E 00 08 01 00 06 00 DE 3F")


@each_make
def test_it_is_set_up_in_volatile_memory_and_says_who_it_is(make: Make) -> None:
    host = Host(make)
    sent = host.ask_and_answer()
    assert len(sent) == len(SET_UP[make])
    assert all(data.startswith(begin) for data, begin in zip(sent, SET_UP[make], strict=True))
    assert host.trigger.ready
    assert host.trigger.model == MODELS[make]
    assert host.trigger.wake_at_s(host.now_s) == host.now_s + CHECK_S


@each_make
def test_the_light_is_on_while_codes_are_wanted_and_off_for_a_moment_after_one(make: Make) -> None:
    host = ready(make)
    assert host.ask() == []
    host.trigger.want(on=True)
    assert host.trigger.wake_at_s(host.now_s) == host.now_s
    assert host.ask_and_answer() == [ON[make]]
    host.trigger.code(host.now_s, used=True)
    assert host.trigger.wake_at_s(host.now_s) == host.now_s
    assert host.ask_and_answer() == [OFF[make]]
    assert host.trigger.wake_at_s(host.now_s) == host.now_s + AFTER_CODE_S
    host.later(AFTER_CODE_S)
    assert host.ask_and_answer() == [ON[make]]


@each_make
def test_after_a_code_somebody_may_ask_anew_at_once_or_not_at_all(make: Make) -> None:
    host = ready(make, wanted=True)
    host.ask_and_answer()
    host.trigger.code(host.now_s, used=True)
    host.ask_and_answer()
    host.trigger.want(on=True)
    assert host.ask_and_answer() == [ON[make]]
    host.trigger.code(host.now_s, used=True)
    host.trigger.want(on=False)
    assert host.ask_and_answer() == [OFF[make]]
    host.later(AFTER_CODE_S)
    assert host.ask_and_answer() == []


@each_make
def test_the_light_is_off_when_nobody_wants_a_code_any_more(make: Make) -> None:
    host = ready(make, wanted=True)
    assert host.ask_and_answer() == [ON[make]]
    host.trigger.want(on=False)
    assert host.ask_and_answer() == [OFF[make]]


@each_make
def test_an_engine_is_told_again_before_it_gives_up_by_itself(make: Make) -> None:
    host = ready(make, wanted=True)
    host.ask_and_answer()
    for _ in range(3):
        wake_s = host.trigger.wake_at_s(host.now_s) - host.now_s
        assert 5.0 <= wake_s < 10.0
        host.later(wake_s - 0.01)
        assert host.ask() == []
        host.later(0.01)
        assert host.ask_and_answer()[0] == ON[make]


@each_make
def test_an_engine_that_keeps_its_own_time_out_is_told_again_before_that(make: Make) -> None:
    own_s = {"newland": 3.0, "gm65": 5.0, "honeywell": 30.0}[make]
    host = Host(make, wanted=True)
    session = {"newland": SET_UP["newland"][2], "gm65": Gm65.write(6, 100).data, "honeywell": b"\x16M\rTRGSTO10000!"}
    host.refuses = (session[make],)
    while not host.trigger.ready:
        for data in host.ask():
            host.hear(data)
    host.ask_and_answer()
    assert 0.5 * own_s < host.trigger.wake_at_s(host.now_s) - host.now_s < own_s


@each_make
def test_a_code_of_no_use_lets_the_light_come_back_soon(make: Make) -> None:
    host = ready(make, wanted=True)
    host.ask_and_answer()
    host.trigger.code(host.now_s, used=False)
    assert host.ask() == []
    host.later(SHOWN_AGAIN_S)
    assert host.ask_and_answer() == [ON[make]]


@pytest.mark.parametrize("make", ["newland", "gm65"])
def test_a_lost_answer_is_asked_for_again_and_then_reported(make: TriggerName) -> None:
    host = ready(make, wanted=True)
    for _ in range(TRIES):
        assert host.ask() == [ON[make]]
        assert host.trigger.wake_at_s(host.now_s) == host.now_s + ANSWER_S
        host.later(ANSWER_S)
    with pytest.raises(DeviceSilent):
        host.trigger.due(host.now_s)


@pytest.mark.parametrize("make", ["newland", "gm65"])
def test_one_lost_answer_is_no_loss(make: TriggerName) -> None:
    host = ready(make, wanted=True)
    assert host.ask() == [ON[make]]
    host.later(ANSWER_S)
    assert host.ask_and_answer() == [ON[make]]
    host.trigger.code(host.now_s, used=True)
    host.later(ANSWER_S)
    assert host.ask_and_answer() == [OFF[make]]


def test_an_answer_that_comes_twice_is_not_taken_for_the_next_one() -> None:
    host = ready("gm65", wanted=True)
    assert host.ask() == [ON["gm65"]]
    host.later(ANSWER_S)
    assert host.ask() == [ON["gm65"]]
    host.hear(ON["gm65"])  # to the first try
    host.trigger.want(on=False)
    assert host.ask() == []
    host.hear(ON["gm65"])  # to the second: nothing waits for it
    host.later(ANSWER_S)
    assert host.ask() == [OFF["gm65"]]


def test_newland_s_late_answer_is_not_taken_for_another_command_s() -> None:
    host = ready("newland", wanted=True)
    host.ask_and_answer()
    host.trigger.want(on=False)
    assert host.ask() == [OFF["newland"]]
    host.hear(ON["newland"])
    host.later(ANSWER_S)
    assert host.ask_and_answer() == [OFF["newland"]]


@pytest.mark.parametrize("make", ["newland", "gm65"])
def test_when_the_answer_is_lost_but_the_code_came_the_light_goes_off(make: TriggerName) -> None:
    host = ready(make, wanted=True)
    assert host.ask() == [ON[make]]
    host.trigger.code(host.now_s, used=True)
    host.later(ANSWER_S)
    assert host.ask_and_answer() == [OFF[make]]


@pytest.mark.parametrize(
    ("problem", "error", "reason"),
    [("garbled", LinkGarbled, "link-garbled"), ("refused", DeviceFault, "trigger-refused")],
)
@pytest.mark.parametrize("make", ["newland", "gm65"])
def test_damaged_and_refused_commands_are_repeated_then_reported(
    make: TriggerName, problem: str, error: type[DeviceError], reason: str
) -> None:
    host = ready(make, wanted=True)
    for _ in range(TRIES):
        assert host.ask() == [ON[make]]
        host.hear(ON[make], problem)
    with pytest.raises(error) as lost:
        host.trigger.due(host.now_s)
    assert reason_of(lost.value) == reason


def test_an_engine_that_will_not_wait_for_commands_is_reported() -> None:
    host = Host("honeywell", refuses=(b"\x16M\rTRGMOD0!",))
    with pytest.raises(DeviceFault):
        host.ask_and_answer()


@each_make
def test_while_nothing_is_wanted_the_engine_is_asked_now_and_then(make: Make) -> None:
    host = ready(make)
    host.later(CHECK_S)
    assert host.ask_and_answer() == [CHECK[make]]
    host.later(CHECK_S)
    assert host.ask() == [CHECK[make]]
    for _ in range(TRIES - 1):
        host.later(ANSWER_S)
        assert host.ask() == [CHECK[make]]
    host.later(ANSWER_S)
    with pytest.raises(DeviceSilent):
        host.trigger.due(host.now_s)


@each_make
def test_an_engine_that_restarted_is_set_up_again(make: Make) -> None:
    host = ready(make)
    host.mode = b"3"
    host.later(CHECK_S)
    sent = host.ask_and_answer()
    assert sent[0] == CHECK[make]
    whole = SET_UP[make]
    named = {"newland": 1, "gm65": 2, "honeywell": 1}[make]
    assert len(sent) == 1 + len(whole) - named
    assert sent[-1].startswith(whole[-1])


@each_make
def test_codes_without_light_make_it_ask_at_once_and_many_are_a_defect(make: Make) -> None:
    host = ready(make)
    host.later(STRAY_S + 0.1)
    for number in range(STRAYS + 1):
        assert not host.trigger.stuck_on(host.now_s), number
        host.trigger.code(host.now_s, used=True)
        host.later(STRAY_S)
        assert host.ask_and_answer() == [CHECK[make]]
    assert host.trigger.stuck_on(host.now_s)
    host.later(STRAYS_WITHIN_S)
    assert not host.trigger.stuck_on(host.now_s)


def test_a_code_on_its_way_when_the_light_went_off_is_no_defect() -> None:
    host = ready("newland", wanted=True)
    host.ask_and_answer()
    host.trigger.want(on=False)
    host.ask_and_answer()
    for _ in range(10):
        host.trigger.code(host.now_s + STRAY_S / 2, used=True)
    assert not host.trigger.stuck_on(host.now_s)


def test_answers_of_another_make_and_answers_to_nothing_are_ignored() -> None:
    host = ready("newland")
    host.trigger.heard(Answer("newland", "", b"SCNTRG1"), host.now_s)
    host.trigger.want(on=True)
    assert host.ask() == [ON["newland"]]
    host.trigger.heard(Answer("gm65", "", b"\0"), host.now_s)
    assert host.ask() == []
    assert host.trigger.wake_at_s(host.now_s) == host.now_s + ANSWER_S


def test_only_a_honeywell_that_describes_itself_sends_lines() -> None:
    host = Host("honeywell")
    assert not host.trigger.awaits_description
    asked = host.ask()
    assert host.trigger.awaits_description
    host.hear(asked[0])
    assert not host.trigger.awaits_description
    assert not Host("newland").trigger.awaits_description


def test_what_an_engine_says_of_itself_is_one_short_printable_line() -> None:
    assert described(b"Product Name: A\x00B\r\nSerial: 1\r\n", ("Product Name",)) == "A B"
    assert described(b"\x1bX\r\n Y", ("Product Name",)) == "X Y"
    assert len(described(b"z" * 500, ())) == 80
    assert described(b"", ("Product Name",)) == ""


def test_a_trigger_that_nobody_speaks_is_refused() -> None:
    assert dialect_of("none") is None
    assert isinstance(dialect_of("honeywell"), Honeywell)
    assert isinstance(dialect_of("newland"), Newland)
    with pytest.raises(ValueError, match="trigger"):
        dialect_of("zebra")  # type: ignore[arg-type]  # as a profile's mistake would
