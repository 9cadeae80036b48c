"""From a profile to the supervised devices of one terminal: what is fitted, on which port, of which kind.

The card reader is not here: its supervisor lives in the reading process (``card_desk``).
"""

from __future__ import annotations

from collections.abc import Callable

from devices.errors import LibraryMissing
from devices.gpio.driver import supervise_panel
from devices.gpio.layout_file import load_layout
from devices.power import PowerCycle, command_hook
from devices.printer import profile as printer_profiles
from devices.printer.driver import supervise_printer
from devices.scanner.driver import open_scanner
from devices.supervisor import Device, Emit, Supervisor
from devices.transport import node_watch
from firmware_cfg.profile import Profile


def fitted_devices(profile: Profile, heard: Emit, codes_wanted: Callable[[], bool]) -> dict[str, Supervisor]:
    """A supervisor, not yet started, for each of printer, scanner, camera and panel that the profile has.

    ``codes_wanted`` is asked whenever the camera is opened. Raises ``devices.printer.profile.ProfileError``,
    ``devices.gpio.record.BadLayout``, ``devices.errors.BadAddress``.
    """
    fitted: dict[str, Supervisor] = {}
    if profile.printer.port:
        fitted["printer"] = _printer(profile, heard)
    if profile.scanner.port:
        fitted["scanner"] = _scanner(profile, heard)
    if profile.camera.port:
        fitted["camera"] = _camera(profile, heard, codes_wanted)
    if profile.panel.pins:
        fitted["panel"] = supervise_panel(profile.panel.pins, load_layout(profile.panel.layout), heard)
    return fitted


def _printer(profile: Profile, heard: Emit) -> Supervisor:
    printer = profile.printer
    kind = printer_profiles.load_profile(printer.profile, printer.paper_mm)
    return supervise_printer(printer.port, kind, heard, memory=profile.var.path / "printers.json")


def _scanner(profile: Profile, heard: Emit) -> Supervisor:
    scanner = profile.scanner
    return Supervisor(
        "scanner",
        lambda: open_scanner(scanner.port, prefixes=scanner.prefix_bytes),
        heard,
        watch=node_watch(scanner.port),
        power_cycle=_power_cycle(scanner.power_cycle),
    )


def _camera(profile: Profile, heard: Emit, codes_wanted: Callable[[], bool]) -> Supervisor:
    """Its libraries are large and not on every terminal: they are loaded on its own thread, when it is opened."""
    camera = profile.camera

    def opened() -> Device:
        try:
            from devices.camera.driver import open_camera  # noqa: PLC0415  (see above)
        except ImportError as error:
            raise LibraryMissing(f"a camera needs the camera extra ({error})") from error
        return open_camera(camera.port, decoder=camera.decoder, wanted=codes_wanted())

    return Supervisor("camera", opened, heard, watch=_camera_watch(camera.port))


def _camera_watch(address: str) -> Callable[[], object]:
    try:
        from devices.camera.frames import camera_watch  # noqa: PLC0415  (it needs numpy)
    except ImportError:
        return lambda: None  # opening it says what is missing
    return camera_watch(address)


def _power_cycle(command: tuple[str, ...]) -> PowerCycle | None:
    return command_hook(command) if command else None
