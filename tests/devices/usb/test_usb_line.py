"""Printers by libusb: the shipped line and pyusb's own core above a USB bus in software."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from devices import usb_line
from devices.errors import BadAddress, DeviceLost, PortBusy, PortForbidden, PortMissing, WriteStuck
from devices.simulated_usb import SimulatedUsb
from devices.simulated_usb_bus import SimulatedBus
from devices.transport import node_watch, open_transport

pytestmark = pytest.mark.wire


def wait_for(what: str, true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.002)


class Printer:
    """A device that notes what it gets; ``hold`` keeps it from taking more."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.may_take = threading.Event()
        self.may_take.set()
        self.usb = SimulatedUsb(self.hear)

    def hear(self, data: bytes) -> None:
        self.got += data
        while not self.may_take.wait(0.01) and self.usb.plugged:
            pass


@pytest.fixture
def printer() -> Iterator[Printer]:
    threads = threading.active_count()
    it = Printer()
    it.usb.plug()
    yield it
    it.may_take.set()
    it.usb.close()
    assert threading.active_count() == threads
    assert usb_line.hosts == []


def test_bytes_go_both_ways_and_whole(printer: Printer) -> None:
    line = open_transport(printer.usb.address)
    sent = bytes(range(256)) * 40
    line.write(sent, 5.0)
    wait_for("the bytes", lambda: len(printer.got) == len(sent))
    assert printer.got == sent
    printer.usb.send(sent[:1000])
    heard = b""
    while len(heard) < 1000:
        piece = line.read(300, 5.0)
        assert 1 <= len(piece) <= 300
        heard += piece
    assert heard == sent[:1000]
    line.close()


def test_a_short_read_keeps_the_rest_of_the_packet(printer: Printer) -> None:
    """Of a packet that does not fit into what was asked for, libusb keeps nothing."""
    line = open_transport(printer.usb.address)
    printer.usb.send(b"0123456789")
    assert [line.read(1, 5.0), line.read(4, 5.0), line.read(64, 5.0)] == [b"0", b"1234", b"56789"]
    line.close()


def test_silence_costs_the_time_asked_for_and_no_more(printer: Printer) -> None:
    line = open_transport(printer.usb.address)
    for empty_packets in (False, True):
        printer.usb.says_nothing_in_packets = empty_packets
        began = time.monotonic()
        assert line.read(10, 0.0) == b""
        assert line.read(10, 0.05) == b""
        assert time.monotonic() - began >= 0.05
    line.close()


def test_what_came_before_is_forgotten_when_asked(printer: Printer) -> None:
    line = open_transport(printer.usb.address)
    printer.usb.send(b"old")
    assert line.read(1, 5.0) == b"o"
    printer.usb.send(b"older")
    line.drop_input()
    printer.usb.send(b"new")
    assert line.read(10, 5.0) == b"new"
    line.close()


def test_a_printer_that_takes_no_more_is_stuck_and_not_for_ever(printer: Printer) -> None:
    line = open_transport(printer.usb.address)
    printer.may_take.clear()
    with pytest.raises(WriteStuck, match="of 100000 bytes"):
        line.write(bytes(100_000), 0.1)
    printer.may_take.set()
    line.write(b"again", 5.0)
    wait_for("what was taken, and the rest", lambda: printer.got.endswith(b"again"))
    line.close()


def test_a_pulled_cable_is_a_lost_device_at_once(printer: Printer) -> None:
    line = open_transport(printer.usb.address)
    ends: list[BaseException] = []

    def listen() -> None:
        try:
            line.read(1, 60.0)
        except DeviceLost as lost:
            ends.append(lost)

    thread = threading.Thread(target=listen)
    thread.start()
    printer.usb.unplug()
    thread.join(10)
    assert [end.__class__ for end in ends] == [DeviceLost]
    with pytest.raises(DeviceLost):
        line.write(b"x", 1.0)
    with pytest.raises(DeviceLost):
        line.drop_input()
    line.close()
    with pytest.raises(DeviceLost, match="closed"):
        line.read(1, 0.0)
    with pytest.raises(PortMissing):
        open_transport(printer.usb.address)


def test_a_printer_plugged_in_again_is_another_one_on_the_bus(printer: Printer) -> None:
    look = node_watch(printer.usb.address)
    first = look()
    assert first is not None
    assert look() == first
    printer.usb.unplug()
    assert look() is None
    printer.usb.plug()
    assert look() not in {None, first}


def test_the_kernels_driver_lets_go_and_gets_it_back(printer: Printer) -> None:
    printer.usb.kernel_driver = True
    line = open_transport(printer.usb.address)
    assert not printer.usb.kernel_driver
    line.close()
    line.close()
    assert printer.usb.kernel_driver
    assert printer.usb.resets == 0


def test_where_the_kernel_had_it_not_it_gets_nothing(printer: Printer) -> None:
    open_transport(printer.usb.address).close()
    assert not printer.usb.kernel_driver


def test_who_comes_second_is_told_that_it_is_busy_and_takes_nothing(printer: Printer) -> None:
    printer.usb.kernel_driver = True
    line = open_transport(printer.usb.address)
    with pytest.raises(PortBusy):
        open_transport(printer.usb.address)
    line.write(b"mine", 5.0)
    wait_for("it to work on", lambda: printer.got == b"mine")
    line.close()
    assert printer.usb.kernel_driver
    printer.usb.held = True
    with pytest.raises(PortBusy):
        open_transport(printer.usb.address)
    assert printer.usb.kernel_driver, "what could not be taken is given back"


def test_a_port_that_this_user_may_not_open_says_so(printer: Printer) -> None:
    printer.usb.forbidden = True
    for address in (printer.usb.address, printer.usb.address.rpartition(":")[0]):
        with pytest.raises(PortForbidden, match="permission"):
            open_transport(address)


def test_a_stalled_pipe_is_a_lost_device_and_free_at_the_next_opening(printer: Printer) -> None:
    line = open_transport(printer.usb.address)
    printer.usb.stalled = True
    with pytest.raises(DeviceLost):
        line.write(b"x", 1.0)
    line.close()
    line = open_transport(printer.usb.address)
    line.write(b"y", 5.0)
    wait_for("the byte", lambda: printer.got == b"y")
    line.close()
    assert printer.usb.resets == 0


def test_two_of_a_kind_are_told_apart_by_their_serial_numbers() -> None:
    bus = SimulatedBus()
    got: dict[str, bytearray] = {"A1": bytearray(), "B2": bytearray()}
    ends = [SimulatedUsb(got[serial].extend, bus=bus, serial=serial) for serial in got]
    try:
        for end in ends:
            end.plug()
        for end in ends:
            line = open_transport(end.address)
            line.write(end.serial.encode(), 5.0)
            line.close()
        wait_for("both", lambda: (got["A1"], got["B2"]) == (b"A1", b"B2"))
        with pytest.raises(PortMissing):
            open_transport("usb:0416:5011:C3")
        ends[0].forbidden = True
        line = open_transport(ends[1].address)
        line.close()
    finally:
        for end in ends:
            end.close()


def test_a_printer_without_a_serial_number_is_found_by_its_kind_alone() -> None:
    with SimulatedUsb(serial="", vendor=0x04B8, product=0x0E15) as end:
        assert end.address == "usb:04b8:0e15"
        open_transport("usb:04B8:0E15").close()
        with pytest.raises(PortMissing):
            open_transport("usb:04b8:0e15:X")


def test_a_device_that_nobody_configured_is_configured(printer: Printer) -> None:
    now = printer.usb.now
    assert now is not None
    now.configuration = 0
    open_transport(printer.usb.address).close()
    assert now.configuration == 1


@pytest.mark.parametrize(
    "address", ["usb:", "usb:04b8", "usb:04b8:", "usb:4b8:0e15", "usb:04b8:0e15:", "usb:04b8:xxxx"]
)
def test_an_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(BadAddress, match="usb:VVVV:PPPP"):
        open_transport(address)
    with pytest.raises(BadAddress):
        node_watch(address)
