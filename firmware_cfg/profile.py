"""A terminal's profile: every setting a kiosk starts from, as frozen records with their limits beside them.

A kiosk never starts from anything else: what is not in a profile is not configurable. Each field says its
own rule (range, pattern, choice) in its metadata; ``load`` reads a TOML file against these records and
reports every mistake at once. Paths are relative to the working directory of the process.
Sizes are pixels and millimetres, times seconds; a port is what ``devices.transport`` understands, and an
empty port says that the terminal was built without that device.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ID_PATTERN = r"[A-Za-z0-9_-]{1,64}"
_HOST_PORT = re.compile(r"([A-Za-z0-9_.-]{1,253}):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must fulfil beyond its type; ``says`` is the rule in words, for the mistake's sentence."""

    low: float | None = None
    high: float | None = None
    pattern: str | None = None
    choices: tuple[object, ...] = ()
    says: str = ""
    secret: bool = False
    """The value is never shown, neither in a mistake nor by the ``repr`` of the profile."""


class Secret:
    """Text that prints as ``***``; ``reveal()`` is the one way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


def number(low: float, high: float, default: Any = ...) -> Any:
    return _field(Limits(low=low, high=high, says=f"from {low:g} to {high:g}"), default)


def text(pattern: str, says: str, default: Any = ...) -> Any:
    return _field(Limits(pattern=pattern, says=says), default)


def one_of(*choices: object, default: Any = ...) -> Any:
    return _field(Limits(choices=choices, says="one of " + ", ".join(map(str, choices))), default)


def _field(limits: Limits, default: Any) -> Any:
    if default is ...:
        return field(metadata={"limits": limits})
    return field(default=default, metadata={"limits": limits})


def _identifier() -> Any:
    return text(ID_PATTERN, "1 to 64 letters, digits, _ or -")


def _words(longest: int, default: Any = ...) -> Any:
    return text(rf"[^\x00-\x1f\x7f]{{1,{longest}}}", f"1 to {longest} characters, none of them a control", default)


def _port(default: Any = ...) -> Any:
    return text(
        r"[^\x00-\x20\x7f]{0,255}", "a device path, socket://host:port or file:PATH; empty: not fitted", default
    )


def _command() -> Any:
    """A program and its arguments, run without a shell; an empty list: the terminal has none."""
    return _field(Limits(pattern=r"[^\x00-\x1f\x7f]{1,256}", says="a program and its arguments, one word each"), ())


@dataclass(frozen=True, slots=True)
class KioskSection:
    """Who and where the terminal is.

    ``owner`` and ``owner_phone`` are required: each terminal has a named first responsible party
    (Changning 2023 二(二)1), shown on its screen. ``public_url`` stands before a ticket's phone page.
    ``remote_phone`` and ``remote_hours_zh``: the desk that helps from afar when the hall is closed.
    ``video_zh`` and ``video_en``: where one speaks to a window by video here; only with it is that way offered.
    ``server_key_file`` holds the server's public key (hex), to which persons are sealed; ``server_sign_file`` the one
    under which it signs its orders.
    """

    id: str = _identifier()
    site: str = _identifier()
    hall: str = _identifier()
    name_zh: str = _words(64)
    public_url: str = text(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?", "an http or https address")
    owner: str = _words(64)
    owner_phone: str = text(r"[0-9+() -]{5,32}", "a telephone number")
    hours_zh: str = _words(120)
    remote_phone: str = text(r"[0-9+() -]{5,32}|", "a telephone number; empty: no remote desk", "")
    remote_hours_zh: str = text(r"[^\x00-\x1f\x7f]{0,120}", "up to 120 characters, none of them a control", "")
    video_zh: str = text(r"[^\x00-\x1f\x7f]{0,40}", "up to 40 characters, none of them a control; empty: no video", "")
    video_en: str = text(r"[ -~]{0,60}", "the same in English", "")
    server_key_file: Path = Path("var/secrets/people-box.pub")
    server_sign_file: Path = Path("var/secrets/server-sign.pub")


@dataclass(frozen=True, slots=True)
class ScreenSection:
    """The panel. ``pitch_mm`` is the width of one pixel: letters and targets are sized in millimetres."""

    width_px: int = number(320, 7680)
    height_px: int = number(240, 7680)
    pitch_mm: float = number(0.05, 2.0)
    fullscreen: bool = True


@dataclass(frozen=True, slots=True)
class BrokerSection:
    """The MQTT broker; ``others`` (``host:port``) are tried in turn when it does not answer.

    ``user`` is the terminal's own, by default its id. The password is a file of its own, readable by the
    kiosk only, or ``password`` itself (for a bench; never both).
    """

    host: str = text(r"[A-Za-z0-9_.-]{1,253}", "a host name or address", "127.0.0.1")
    port: int = number(1, 65_535, 1883)
    others: tuple[str, ...] = _field(Limits(pattern=_HOST_PORT.pattern, says="host:port"), ())
    user: str = text(ID_PATTERN + "|", "1 to 64 letters, digits, _ or -", "")
    password_file: Path | None = None
    password: Secret | None = field(default=None, metadata={"limits": Limits(secret=True)})

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Every broker as (host, port), the first choice first."""
        matches = (_HOST_PORT.fullmatch(other) for other in self.others)
        return ((self.host, self.port), *((m[1], int(m[2])) for m in matches if m))

    def read_password(self) -> Secret | None:
        """The password, or None where the broker asks for none. Raises OSError when its file cannot be read."""
        if self.password is not None or self.password_file is None:
            return self.password
        return Secret(self.password_file.read_text(encoding="utf-8").strip())


@dataclass(frozen=True, slots=True)
class IdcardSection:
    """The identity-card reader. ``baud``: ``auto`` tries the reader's known speeds in turn.

    ``power_cycle``, here and below: the command that switches the device's supply off and on again
    (``["uhubctl", "-l", "1-1", "-p", "2", "-a", "cycle"]``), run when the device hangs.
    """

    port: str = _port("")
    baud: str = text(r"auto|[0-9]{4,6}", "auto or a speed such as 115200", "auto")
    power_cycle: tuple[str, ...] = _command()


@dataclass(frozen=True, slots=True)
class PrinterSection:
    """The ticket printer. ``profile`` names its row of ``devices``' printer profiles; ``paper_mm`` its roll."""

    port: str = _port("")
    profile: str = text(r"[a-z0-9][a-z0-9._-]{0,63}", "a printer profile's name", "generic")
    paper_mm: int = one_of(58, 80, default=80)
    power_cycle: tuple[str, ...] = _command()


@dataclass(frozen=True, slots=True)
class ScannerSection:
    """The scan engine.

    ``prefixes``: what it is set to send before a code, as printable text (``]Q1``) or as bytes (``hex:02``).
    ``trigger``: whose command switches its light on and off; ``none`` leaves it as it is set.
    """

    port: str = _port("")
    prefixes: tuple[str, ...] = _field(
        Limits(
            pattern=r"hex:( ?(?!0[AaDd])[0-9A-Fa-f]{2}){1,16}|(?!hex:)[\x21-\x7e]{1,16}",
            says="1 to 16 printable signs, or hex: and pairs of hexadecimal digits, without a line's end",
        ),
        (),
    )
    trigger: str = one_of("none", "newland", "gm65", "honeywell", default="none")
    power_cycle: tuple[str, ...] = _command()

    @property
    def prefix_bytes(self) -> tuple[bytes, ...]:
        """``prefixes`` as they come down the line."""
        return tuple(
            bytes.fromhex(prefix[4:]) if prefix.startswith("hex:") else prefix.encode("ascii")
            for prefix in self.prefixes
        )


@dataclass(frozen=True, slots=True)
class CameraSection:
    """A camera that reads codes, beside the scanner or in its place. ``port`` as ``devices.camera`` opens it."""

    port: str = text(
        r"[^\x00-\x20\x7f]{0,255}", "/dev/videoN, a number, picamera2 or an http address; empty: not fitted", ""
    )
    decoder: str = one_of("zxing", "zbar", default="zxing")
    power_cycle: tuple[str, ...] = _command()


@dataclass(frozen=True, slots=True)
class PanelSection:
    """Door, tamper loop, presence, keys, lamp, buzzer on the GPIO pins. ``layout`` says which pin is what."""

    pins: str = text(
        r"|lgpio(:\d{1,2})?|mock|pigpio://[A-Za-z0-9_.-]{1,253}:\d{1,5}",
        "lgpio, lgpio:CHIP, mock or pigpio://host:port; empty: not fitted",
        "",
    )
    layout: str = text(
        r"[a-z0-9][a-z0-9_-]{0,63}|[^\x00-\x1f\x7f]{1,250}\.toml",
        "a panel layout's name or the path of its .toml",
        "demo",
    )


@dataclass(frozen=True, slots=True)
class SpeechSection:
    """The voice. ``level``: espeak-ng's amplitude at which this terminal's loudspeaker gives 65 dBA at half a metre; it
    is measured when the terminal is set up, and every session begins with it. ``pack``: a folder of recordings.
    ``sink``: ``file:FOLDER`` speaks into WAV files instead, for tests and terminals without sound.
    """

    enabled: bool = True
    level: int = number(5, 200, 50)
    pack: str = text(r"[^\x00-\x1f\x7f]{0,250}", "a folder of recordings; empty: none", "")
    sink: str = text(r"(file:[^\x00-\x1f\x7f]{1,250})?", "file:FOLDER; empty: the loudspeaker", "")


@dataclass(frozen=True, slots=True)
class IdleSection:
    """After ``limit_s`` without a touch the citizen is asked, for ``warning_s`` (WCAG 2.2.1: at least 20)."""

    limit_s: int = number(5, 600, 60)
    warning_s: int = number(20, 300, 30)
    attract_s: int = number(0, 86_400, 0)
    """So long untouched, the first page becomes a picture that moves; 0: never."""
    restart_at: str = text(r"|([01]\d|2[0-3]):[0-5]\d", "a time of day such as 04:00; empty: never", "")
    """About when the program begins anew each night, while nobody is there; each terminal some minutes later."""
    dim_from: str = text(r"|([01]\d|2[0-3]):[0-5]\d", "a time of day such as 22:00; empty: never", "")
    dim_to: str = text(r"|([01]\d|2[0-3]):[0-5]\d", "a time of day such as 06:00; empty: never", "")


@dataclass(frozen=True, slots=True)
class VarSection:
    """Where the terminal keeps what must outlive it: the outbox, the last good catalogue."""

    path: Path = Path("var")


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole profile. ``name`` is its file's name without ``.toml``."""

    name: str
    kiosk: KioskSection
    screen: ScreenSection
    broker: BrokerSection = field(default_factory=BrokerSection)
    idcard: IdcardSection = field(default_factory=IdcardSection)
    printer: PrinterSection = field(default_factory=PrinterSection)
    scanner: ScannerSection = field(default_factory=ScannerSection)
    camera: CameraSection = field(default_factory=CameraSection)
    panel: PanelSection = field(default_factory=PanelSection)
    speech: SpeechSection = field(default_factory=SpeechSection)
    idle: IdleSection = field(default_factory=IdleSection)
    var: VarSection = field(default_factory=VarSection)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong: ``key`` as ``section.key`` (or ``""`` for the file), ``sentence`` says what and what to do."""

    key: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.key}: {self.sentence}" if self.key else self.sentence


class BadProfile(ValueError):  # noqa: N818  (named for the condition)
    """The profile cannot be used; ``mistakes`` holds every reason, never only the first."""

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        self.name = name
        self.mistakes = tuple(mistakes)
        count = f"{len(self.mistakes)} mistake" + ("s" if len(self.mistakes) != 1 else "")
        super().__init__("\n".join([f"profile {name}: {count}", *(f"  - {mistake}" for mistake in self.mistakes)]))
