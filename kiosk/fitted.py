"""From a profile to the supervised devices of one terminal: what is fitted, on which port, of which kind.

The card reader is not here: its supervisor lives in the reading process (``card_desk``).
"""

from __future__ import annotations

import typing
from collections.abc import Callable

from devices.camera.driver import supervise_camera
from devices.gpio.driver import supervise_panel
from devices.gpio.layout_file import load_layout
from devices.power import PowerCycle, command_hook
from devices.printer import profile as printer_profiles
from devices.printer.driver import supervise_printer
from devices.scanner.dialects import TriggerName
from devices.scanner.driver import supervise_scanner
from devices.supervisor import Emit, Supervisor
from firmware_cfg.profile import Profile


def fitted_devices(profile: Profile, heard: Emit, codes_wanted: Callable[[], bool]) -> dict[str, Supervisor]:
    """A supervisor, not yet started, for each of printer, scanner, camera and panel that the profile has.

    ``codes_wanted`` is asked whenever scanner or camera are opened. Raises ``devices.printer.profile.ProfileError``,
    ``devices.gpio.record.BadLayout``, ``devices.errors.BadAddress``.
    """
    fitted: dict[str, Supervisor] = {}
    if (printer := profile.printer).port:
        fitted["printer"] = supervise_printer(
            printer.port,
            printer_profiles.load_profile(printer.profile, printer.paper_mm),
            heard,
            memory=profile.var.path / "printers.json",
            power_cycle=_power_cycle(printer.power_cycle),
        )
    if (scanner := profile.scanner).port:
        fitted["scanner"] = supervise_scanner(
            scanner.port,
            heard,
            prefixes=scanner.prefix_bytes,
            trigger=typing.cast("TriggerName", scanner.trigger),
            wanted=codes_wanted,
            power_cycle=_power_cycle(scanner.power_cycle),
        )
    if (camera := profile.camera).port:
        fitted["camera"] = supervise_camera(
            camera.port,
            heard,
            decoder=camera.decoder,
            wanted=codes_wanted,
            power_cycle=_power_cycle(camera.power_cycle),
        )
    if (panel := profile.panel).pins:
        fitted["panel"] = supervise_panel(panel.pins, load_layout(panel.layout), heard)
    return fitted


def _power_cycle(command: tuple[str, ...]) -> PowerCycle | None:
    return command_hook(command) if command else None
