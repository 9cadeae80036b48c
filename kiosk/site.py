"""From a profile to what flow, views and theme need of it. Shared by the app and the gallery."""

from __future__ import annotations

from firmware_cfg.profile import Profile
from kiosk.flow import Site
from kiosk.theme import is_compact


def site_of(profile: Profile, *, speech: bool | None = None) -> Site:
    """``speech``: whether the terminal can really speak; by default what the profile wishes."""
    kiosk, screen = profile.kiosk, profile.screen
    fitted = {
        "idcard": profile.idcard.port,
        "printer": profile.printer.port,
        "scanner": profile.scanner.port,
        "camera": profile.camera.port,
        "panel": profile.panel.pins,
    }
    start, end = _minute(profile.idle.dim_from), _minute(profile.idle.dim_to)
    return Site(
        hall=kiosk.hall,
        name_zh=kiosk.name_zh,
        public_url=kiosk.public_url,
        owner=kiosk.owner,
        owner_phone=kiosk.owner_phone,
        hours_zh=kiosk.hours_zh,
        remote_phone=kiosk.remote_phone,
        remote_hours_zh=kiosk.remote_hours_zh,
        remote_zh=kiosk.video_zh,
        remote_en=kiosk.video_en or kiosk.video_zh,
        compact=is_compact(screen.width_px, screen.height_px, screen.pitch_mm),
        idle_s=profile.idle.limit_s,
        warning_s=profile.idle.warning_s,
        speech=profile.speech.enabled if speech is None else speech,
        attract_s=profile.idle.attract_s,
        restart_min=_minute(profile.idle.restart_at),
        dim=None if start is None or end is None else (start, end),
        device=kiosk.id,
        fitted=frozenset(name for name, port in fitted.items() if port),
    )


def _minute(text: str) -> int | None:
    """The minute of the day that HH:MM is; None for nothing."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes) if minutes else None
