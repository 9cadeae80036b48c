"""Names that survive a re-plug, on machines made of directories and links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from devices.ports import Port, UsbIds, attached, cameras, gpio_chips, hint_of, serial_ports, usb_printers


def addresses(ports: list[Port]) -> list[str]:
    return [port.address for port in ports]


def test_nothing_plugged_in_is_nothing_found(machine: Any) -> None:
    assert attached(machine.root) == []
    machine.root.mkdir()
    assert attached(machine.root) == []


def test_a_serial_adapter_goes_by_its_id(machine: Any) -> None:
    device = machine.usb("0403", "6001", serial="A9007UX1", maker="FTDI", model="FT232R USB UART")
    machine.usb_serial("ttyUSB0", device, by_id="usb-FTDI_FT232R_USB_UART_A9007UX1-if00-port0")
    assert serial_ports(machine.root) == [
        Port(
            "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A9007UX1-if00-port0",
            "serial",
            "/dev/ttyUSB0",
            "FTDI FT232R USB UART",
        )
    ]


@pytest.mark.parametrize("serial", ["", "0001"])
def test_twins_go_by_their_sockets(machine: Any, serial: str) -> None:
    for number in range(2):  # one by-id link for both: udev gives it to the last
        device = machine.usb("1a86", "7523", serial=serial, model="USB Serial")
        machine.usb_serial(f"ttyUSB{number}", device, by_id="usb-1a86_USB_Serial-if00-port0")
    assert addresses(serial_ports(machine.root)) == [
        "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0",
        "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0",
    ]


def test_adapters_of_one_make_with_serial_numbers_go_by_their_ids(machine: Any) -> None:
    for number, serial in enumerate(("A1", "A2")):
        device = machine.usb("0403", "6001", serial=serial, maker="FTDI")
        machine.usb_serial(f"ttyUSB{number}", device, by_id=f"usb-FTDI_{serial}-if00-port0")
    assert addresses(serial_ports(machine.root)) == [
        "/dev/serial/by-id/usb-FTDI_A1-if00-port0",
        "/dev/serial/by-id/usb-FTDI_A2-if00-port0",
    ]


def test_two_ports_of_one_adapter_are_no_twins(machine: Any) -> None:
    device = machine.usb("0403", "6010", maker="FTDI", model="Dual RS232")
    for interface in range(2):
        machine.usb_serial(
            f"ttyUSB{interface}", device, interface=interface, by_id=f"usb-FTDI_Dual_RS232-if0{interface}-port0"
        )
    assert addresses(serial_ports(machine.root)) == [
        "/dev/serial/by-id/usb-FTDI_Dual_RS232-if00-port0",
        "/dev/serial/by-id/usb-FTDI_Dual_RS232-if01-port0",
    ]


def test_the_name_stays_when_a_device_is_plugged_in_again_elsewhere_in_the_order(make_machine: Any) -> None:
    for name, node in (("morning", "ttyACM0"), ("noon", "ttyACM3")):
        machine = make_machine(name)
        device = machine.usb("1eab", "1d06", serial="NL77", maker="Newland", model="NLS-FM430", at="1-4")
        machine.usb_serial(node, device, by_id="usb-Newland_NLS-FM430_NL77-if00")
        port = serial_ports(machine.root)[0]
        assert (port.address, port.node) == ("/dev/serial/by-id/usb-Newland_NLS-FM430_NL77-if00", f"/dev/{node}")


def test_a_port_without_links_goes_by_its_node(machine: Any) -> None:
    machine.usb_serial("ttyACM0", machine.usb("1eab", "1d06"))
    for link in (machine.root / "dev/serial").rglob("*"):
        if link.is_symlink():
            link.unlink()
    assert addresses(serial_ports(machine.root)) == ["/dev/ttyACM0"]


def test_built_in_ports_are_found_but_not_the_console_and_not_bluetooth(machine: Any) -> None:
    machine.uart("ttyAMA0", 32)
    machine.uart("ttyAMA10", 32)
    machine.uart("ttyS0", 4)
    machine.uart("ttyS1", 0)
    machine.link("dev/serial0", "dev/ttyS0")
    machine.link("dev/serial1", "dev/ttyAMA0")
    machine.file("sys/class/tty/console/active", "tty0 ttyAMA10\n")
    assert [(port.address, port.node) for port in serial_ports(machine.root)] == [("/dev/serial0", "/dev/ttyS0")]


def test_a_usb_printer_goes_by_the_kernels_node_while_it_is_alone(machine: Any) -> None:
    machine.usb_printer(machine.usb("04b8", "0e15", serial="X9", maker="EPSON", model="TM-T20II"), lp=0)
    assert usb_printers(machine.root) == [
        Port("file:/dev/usb/lp0", "usb-printer", "/dev/usb/lp0", "EPSON TM-T20II", "printer")
    ]


def test_several_usb_printers_go_by_their_serial_numbers_where_they_have_some(machine: Any) -> None:
    machine.usb_printer(machine.usb("04b8", "0e15", serial="X9"), lp=0)
    machine.usb_printer(machine.usb("0416", "5011"), lp=1)
    assert addresses(usb_printers(machine.root)) == ["usb:04b8:0e15:X9", "file:/dev/usb/lp1"]


def test_a_usb_printer_that_the_kernel_does_not_drive_is_found_for_libusb(machine: Any) -> None:
    machine.usb_printer(machine.usb("0fe6", "811e", maker="ICS", model="POS80 Printer"), lp=None)
    machine.usb("1a86", "7523")
    assert usb_printers(machine.root) == [Port("usb:0fe6:811e", "usb-printer", "", "ICS POS80 Printer", "printer")]


def test_a_camera_goes_by_its_id_and_its_metadata_is_no_camera(machine: Any) -> None:
    device = machine.usb("046d", "0825", serial="ABC", model="Webcam C270")
    machine.camera(0, device, by_id="usb-046d_0825_ABC")
    machine.camera(1, device, by_id="usb-046d_0825_ABC", index=1)
    assert addresses(cameras(machine.root)) == ["/dev/v4l/by-id/usb-046d_0825_ABC-video-index0"]


def test_twin_cameras_go_by_their_sockets(machine: Any) -> None:
    for number in (0, 2):
        machine.camera(number, machine.usb("0c45", "6366"), by_id="usb-0c45_USB_camera")
    assert addresses(cameras(machine.root)) == [
        "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0",
        "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0",
    ]


@pytest.mark.parametrize(("name", "found"), [("unicam", ["picamera2"]), ("rp1-cfe-csi2_ch0", ["picamera2"]), ("", [])])
def test_on_a_pi_only_the_ribbon_is_a_camera(machine: Any, name: str, found: list[str]) -> None:
    for number, codec in ((10, "bcm2835-codec-decode"), (13, "bcm2835-isp"), (19, "rpivid")):
        machine.pi_video(number, codec)
    if name:
        machine.pi_video(0, name)
    assert addresses(cameras(machine.root)) == found


def test_pins_are_offered_on_a_raspberry_pi_alone(machine: Any) -> None:
    machine.file("dev/gpiochip0", "")
    assert gpio_chips(machine.root) == []
    machine.file("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    assert gpio_chips(machine.root) == [Port("lgpio", "gpio", "/dev/gpiochip0", "Raspberry Pi 5 Model B Rev 1.0")]
    (machine.root / "dev/gpiochip0").unlink()
    assert gpio_chips(machine.root) == []


@pytest.mark.parametrize(
    ("usb", "hint"),
    [
        (UsbIds("1eab", "1d06"), "scanner"),
        (UsbIds("04b8", "0202", maker="EPSON", model="TM-T88V"), "printer"),
        (UsbIds("0483", "5740", model="POS80 USB Printer"), "printer"),
        (UsbIds("0483", "5740", model="STM32 Virtual COM Port"), ""),
        (UsbIds("28e9", "018a", model="USB Barcode Scanner"), "scanner"),
        (UsbIds("1a86", "7523", model="USB Serial"), ""),
    ],
)
def test_usb_ids_promise_what_their_makers_say(usb: UsbIds, hint: str) -> None:
    assert hint_of(usb) == hint


def test_everything_of_a_whole_kiosk_is_found_at_once(machine: Any) -> None:
    machine.usb_serial("ttyUSB0", machine.usb("1a86", "7523"), by_id="usb-1a86_USB_Serial-if00-port0")
    machine.usb_serial("ttyACM0", machine.usb("1eab", "1d06"), by_id="usb-Newland-if00")
    machine.usb_printer(machine.usb("04b8", "0e15"), lp=0)
    machine.camera(0, machine.usb("046d", "0825"), by_id="usb-046d_0825")
    machine.file("dev/gpiochip0", "")
    machine.file("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
    assert [(port.kind, Path(port.node).name) for port in attached(machine.root)] == [
        ("serial", "ttyUSB0"),
        ("serial", "ttyACM0"),
        ("usb-printer", "lp0"),
        ("camera", "video0"),
        ("gpio", "gpiochip0"),
    ]


def test_this_very_machine_can_be_looked_at() -> None:
    for port in attached():
        assert port.address
