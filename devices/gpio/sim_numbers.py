"""The numbers of pigpio's socket interface, as published: commands, errors, the shapes of what is sent."""

from __future__ import annotations

import struct
from enum import IntEnum

WORDS = struct.Struct("<IIII")
REPORT = struct.Struct("<HHII")
SLOTS = 32  # notification handles that a daemon has
LONGEST_EXTENSION = 1 << 16


class Command(IntEnum):
    """The commands that are understood, by their published numbers."""

    MODES = 0
    MODEG = 1
    PUD = 2
    READ = 3
    WRITE = 4
    BR1 = 10
    BR2 = 11
    BC1 = 12
    BC2 = 13
    BS1 = 14
    BS2 = 15
    TICK = 16
    HWVER = 17
    NO = 18
    NB = 19
    NP = 20
    NC = 21
    PIGPV = 26
    FG = 97
    NOIB = 99


BAD_USER_GPIO, BAD_GPIO, BAD_MODE, BAD_LEVEL, BAD_PUD = -2, -3, -4, -5, -6
NO_HANDLE, BAD_HANDLE, UNKNOWN_COMMAND, BAD_FILTER = -24, -25, -88, -125

HARDWARE = 0xC03115  # Raspberry Pi 4 Model B, 4 GB
VERSION = 79
