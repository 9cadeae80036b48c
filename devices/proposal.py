"""The device sections of a terminal's profile, as text, for what a probe has found.

Only what is certain becomes a setting. What may be (a silent port that may hold the scanner, pins that may be wired
to a panel, a second printer) is proposed in comments, for a person to decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from devices.probe import Found

_SECTIONS = ("idcard", "printer", "scanner", "camera", "panel")
_USUAL_RATE = 115_200


def proposed_profile(found: Iterable[Found]) -> str:
    """TOML text with the sections ``[idcard]`` .. ``[panel]``; a device that was not found has a comment instead."""
    devices = list(found)
    return "\n".join(_section(name, devices) for name in _SECTIONS)


def _section(name: str, devices: Sequence[Found]) -> str:
    candidates = [device for device in devices if device.kind == name]
    silent = [device for device in devices if device.kind == "silent"] if name == "scanner" else []
    certain = [device for device in candidates if name != "panel"]
    lines = [f"[{name}]"]
    if certain:
        lines += _settings(name, certain[0])
        lines += [f"# also found: {_address(device)}  {_comment(device.model)}" for device in certain[1:]]
    elif candidates:
        lines += [
            f'# pins = "lgpio"  # of {_comment(candidates[0].model)}, if a panel is wired to them',
            '# layout = "demo"',
        ]
    else:
        lines.append("# not found")
        lines += [f"# port = {_quoted(device.port)}  # silent: show a code with `scan --port ..`" for device in silent]
    return "\n".join(lines) + "\n"


def _settings(name: str, device: Found) -> list[str]:
    lines = [f"port = {_quoted(_address(device))}  # {_comment(device.model)}"]
    match name:
        case "idcard" if device.baud:
            lines.append(f'baud = "{device.baud}"')
        case "printer":
            lines.append("paper_mm = 80  # 58 for the narrow roll")
            if not device.answers:
                lines.append("# it answers nothing: whether tickets come out, nobody knows; on a serial port set its")
                lines.append('# speed: port = "serial:PATH?baud=N"')
        case "scanner" if device.make:
            lines.append(f'# trigger = "{device.make}"  # its light on only while a code is wanted')
    return lines


def _address(device: Found) -> str:
    """The address with the speed in it, where that is not the usual one and no setting of its own."""
    plain = device.kind == "idcard" or device.baud in {None, _USUAL_RATE}
    path = device.port.removeprefix("serial:").partition("?")[0]
    return device.port if plain else f"serial:{path}?baud={device.baud}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)  # a JSON string is a TOML basic string


def _comment(text: str) -> str:
    """Text from a device, fit for a comment: one line, nothing unprintable."""
    return "".join(character if character.isprintable() else "?" for character in text)[:80] or "no name"
