"""The words of the wire's messages: ids, times, languages, each with the form it must have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

VERSION = 1
MAX_BYTES = 16_384

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)", description="1 to 64 letters, digits, _, -")]
RequestId = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$(?!\n)",
        description="a UUIDv7 (RFC 9562), made by the client once per wish and kept over every retry",
    ),
]
Token = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{22,64}$(?!\n)", description="base64url of at least 128 random bits")
]
MatterId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$(?!\n)")]
Matters = Annotated[list[MatterId], msgspec.Meta(min_length=1, max_length=10)]
Sealed = Annotated[str, msgspec.Meta(max_length=4096, description="base64 of a libsodium sealed box")]
Instant = Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339 with offset")]
Lang = Literal["zh-Hans", "zh-Hant", "en", "ja", "ko"]
PlaceName = Literal["here", "remote"]
PriorityReason = Literal["age-80", "disabled", "pregnant", "soldier-family"]
