"""When a lamp is lit and a buzzer sounds, as a function of how long its pattern has run. No clock, no pin."""

from __future__ import annotations

from devices.gpio.record import BuzzPattern

ONCE_S = 0.15
_HALF_PERIOD_S = {"slow": 0.5, "fast": 0.2}  # 1 and 2.5 flashes a second: WCAG 2.3.1 allows three at most


def is_on(pattern: BuzzPattern, elapsed_s: float) -> bool:
    """Whether the output is on, ``elapsed_s`` after ``pattern`` began. A blinking one begins lit."""
    match pattern:
        case "off":
            return False
        case "on":
            return True
        case "once":
            return elapsed_s < ONCE_S
        case _:
            return int(elapsed_s / _HALF_PERIOD_S[pattern]) % 2 == 0


def next_flip_s(pattern: BuzzPattern, elapsed_s: float) -> float | None:
    """After how many seconds more ``is_on`` may change; None when it never will."""
    match pattern:
        case "off" | "on":
            return None
        case "once":
            return ONCE_S - elapsed_s if elapsed_s < ONCE_S else None
        case _:
            half = _HALF_PERIOD_S[pattern]
            return half - elapsed_s % half
