"""From a profile to the supervised devices of one terminal: what is fitted, on which port, of which kind.

The card reader is not here: its supervisor lives in the reading process (``card_desk``).
"""

from __future__ import annotations

from collections.abc import Callable

from devices.power import PowerCycle, command_hook
from devices.printer import profile as printer_profiles
from devices.printer.driver import supervise_printer
from devices.scanner.driver import open_scanner
from devices.supervisor import Emit, Supervisor
from devices.transport import node_watch
from firmware_cfg.profile import Profile


def fitted_devices(profile: Profile, heard: Emit) -> dict[str, Supervisor]:
    """A supervisor, not yet started, for each of printer, scanner, camera and panel that the profile has.

    Raises ``devices.printer.profile.ProfileError``.
    """
    makers: dict[str, tuple[str, Callable[[Profile, Emit], Supervisor]]] = {
        "printer": (profile.printer.port, _printer),
        "scanner": (profile.scanner.port, _scanner),
    }
    return {name: make(profile, heard) for name, (address, make) in makers.items() if address}


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


def _power_cycle(command: tuple[str, ...]) -> PowerCycle | None:
    return command_hook(command) if command else None
