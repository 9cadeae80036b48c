"""Builds and parses topics. No topic string lives anywhere else.

A request goes to the *hall's* topic, health to the *home site's* (mqtt.md §4)::

    jh/1/{shard}/{hall}/{device}/up/req        a terminal asks a hall
    jh/1/{shard}/{hall}/{device}/down/rsp      the hall answers that terminal
    jh/1/{shard}/{hall}/pub/{calls|outlook|lamps}    the hall to boards and kiosks, retained
    jh/1/site/{site}/{device}/up/{birth|hb|ack|log}
    jh/1/site/{site}/{device}/down/{cmd|cfg|cat|blk|near}
    jh/1/site/{site}/{device}/state            retained; the will

The shard is a stable hash of the hall, so that several servers or brokers can share the city by topic
level; every broker can route on it, none needs shared subscriptions.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Literal, get_args

ROOT = "jh/1"
SHARDS = 64
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

SiteUp = Literal["birth", "hb", "ack", "log"]
SiteDown = Literal["cmd", "cfg", "cat", "blk", "near"]
HallPub = Literal["calls", "outlook", "lamps"]

EVERYTHING = f"{ROOT}/#"
"""All of ours: what the server itself may read and write."""

DEVICE_ACCESS: tuple[tuple[Literal["write", "read"], str], ...] = (
    ("write", f"{ROOT}/+/+/%u/up/req"),
    ("read", f"{ROOT}/+/+/%u/down/rsp"),
    ("read", f"{ROOT}/+/+/pub/calls"),
    ("read", f"{ROOT}/+/+/pub/outlook"),
    ("read", f"{ROOT}/+/+/pub/lamps"),
    *(("write", f"{ROOT}/site/+/%u/up/{what}") for what in get_args(SiteUp)),
    *(("read", f"{ROOT}/site/+/%u/down/{what}") for what in get_args(SiteDown)),
    ("write", f"{ROOT}/site/+/%u/state"),
)
"""What a terminal may do, as the broker's access patterns: ``%u`` is its user name, which is its device id.

The will goes to ``state`` and so needs its own line. Which halls and which site a terminal may speak for
is not known to a pattern: the server checks that.
"""


class BadTopic(ValueError):  # noqa: N818  (named for the condition, like the stdlib's KeyError)
    """A topic or an id in one that is not of this file's form."""


def checked(identifier: str) -> str:
    """Return ``identifier`` if it may stand in a topic (no wildcard, no slash, 1 to 64 characters).

    Raises BadTopic otherwise.
    """
    if not _ID.fullmatch(identifier):
        raise BadTopic(identifier)
    return identifier


def shard(hall: str) -> str:
    """The two-digit shard of a hall: the same on every machine and for ever."""
    return f"{zlib.crc32(checked(hall).encode()) % SHARDS:02d}"


def request(hall: str, device: str) -> str:
    return f"{ROOT}/{shard(hall)}/{hall}/{checked(device)}/up/req"


def response(hall: str, device: str) -> str:
    return f"{ROOT}/{shard(hall)}/{hall}/{checked(device)}/down/rsp"


def hall_requests(hall: str) -> str:
    """The filter by which a hall's owner hears every terminal."""
    return f"{ROOT}/{shard(hall)}/{hall}/+/up/req"


def public(hall: str, what: HallPub) -> str:
    return f"{ROOT}/{shard(hall)}/{hall}/pub/{what}"


def site_up(site: str, device: str, what: SiteUp) -> str:
    return f"{ROOT}/site/{checked(site)}/{checked(device)}/up/{what}"


def site_down(site: str, device: str, what: SiteDown) -> str:
    return f"{ROOT}/site/{checked(site)}/{checked(device)}/down/{what}"


def state(site: str, device: str) -> str:
    return f"{ROOT}/site/{checked(site)}/{checked(device)}/state"


def all_site_up() -> str:
    return f"{ROOT}/site/+/+/up/#"


def all_states() -> str:
    return f"{ROOT}/site/+/+/state"


@dataclass(frozen=True, slots=True)
class HallRequest:
    hall: str
    device: str


@dataclass(frozen=True, slots=True)
class SiteNote:
    """``what`` is birth, hb, ack, log or state."""

    site: str
    device: str
    what: str


def parse(topic: str) -> HallRequest | SiteNote:
    """What came up to the server on ``topic``.

    Raises BadTopic for anything that is not a request, a site's up-message or a state, and for a shard
    that is not the hall's own.
    """
    match topic.split("/"):
        case ["jh", "1", "site", site, device, "up", ("birth" | "hb" | "ack" | "log") as what]:
            return SiteNote(checked(site), checked(device), what)
        case ["jh", "1", "site", site, device, "state"]:
            return SiteNote(checked(site), checked(device), "state")
        case ["jh", "1", part, hall, device, "up", "req"] if part == shard(hall):
            return HallRequest(hall, checked(device))
    raise BadTopic(topic)
