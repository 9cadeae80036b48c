"""Where persons may be sent: over https, or in the clear within this machine alone."""

from __future__ import annotations

import ipaddress
import urllib.parse


def private(base: str, whose: str) -> str:
    """``base`` without a slash at its end. Raises ValueError, which names ``whose`` address it is, for an unfit one."""
    parts = urllib.parse.urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{whose} address must be https://")
    if parts.scheme == "http" and not _here(parts.hostname):
        raise ValueError(f"{whose} address must be https:// (http:// only on this machine)")
    return base.rstrip("/")


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
