"""What an office has on record about a citizen, in the reading process and nowhere else.

The process makes a key pair of its own; its public half goes up inside the sealed person, and the answer comes back as
a box that only this process opens. Out go masked lines; the whole ones when they are asked for; and the slip, as it is
to be printed. All of it ends with the process, which ends with the citizen's session.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from kiosk.identity import mask_name

MAX_LINES, MAX_CHARS = 40, 200
HIDDEN = "****"

Say = Callable[[Mapping[str, Any]], None]
Rows = tuple[tuple[str, str, str, str], ...]
"""label_zh, label_en, value, kind: as ``docs/city-records.md``."""


class RecordBox:
    """At most one record, the latest. ``say`` gets what may leave this process."""

    def __init__(self, say: Say) -> None:
        self._key = PrivateKey.generate()
        self._say = say
        self._rows: Rows = ()
        self._as_of = ""

    @property
    def public(self) -> bytes:
        """To whom an answer is sealed; X25519, 32 bytes."""
        return bytes(self._key.public_key)

    def open(self, box: str) -> None:
        """Open and keep; say the lines masked, or that it cannot be opened."""
        try:
            plain = SealedBox(self._key).decrypt(base64.b64decode(box, validate=True))
            record = json.loads(plain)
            self._rows = tuple(_row(line) for line in record["lines"][:MAX_LINES])
            self._as_of = str(record["as_of"])[:10]
        except (CryptoError, binascii.Error, ValueError, KeyError, TypeError):
            self._rows = ()
            self._say({"say": "record-trouble", "code": "bad-box"})
            return
        lines = [(zh, en, masked(value, kind), kind != "open") for zh, en, value, kind in self._rows]
        self._say({"say": "record", "lines": lines})

    def whole(self) -> None:
        """Every line as it is."""
        self._say({"say": "record-whole", "lines": [(zh, en, value, False) for zh, en, value, _ in self._rows]})

    def slip(self, words: Mapping[str, Any]) -> None:
        """The paper, line by line: ``words`` has the job, and what is printed above and below the record."""
        if not self._rows:
            self._say({"say": "record-trouble", "code": "no-record"})
            return
        english = words.get("lang") not in {"zh-Hans", "zh-Hant"}
        titles = [str(words.get("title_zh", "")), str(words.get("title_en", ""))]
        items: list[tuple[Any, ...]] = [
            ("line", str(words.get("place", "")), 1, "center", True),
            ("line", (titles[::-1] if english else titles)[0], 2, "center", True),
            ("rule",),
        ]
        for zh, en, value, _kind in self._rows:
            items += [("line", en if english else zh, 1, "left", False), ("line", value, 1, "left", True)]
        items += [
            ("rule",),
            ("line", f"数据截至 Data as of {self._as_of}", 1, "left", False),
            ("line", str(words.get("at", "")), 1, "left", False),
            ("line", "仅供参考，需要盖章请到窗口 For information only", 1, "left", False),
            ("line", "单子上有您的信息，请收好 Keep it safe", 1, "left", False),
            ("feed",),
        ]
        self._say({"say": "record-slip", "job": str(words.get("job", "")), "items": items})


def masked(value: str, kind: str) -> str:
    """``value`` as the screen may have it; a kind that is not known is hidden."""
    match kind:
        case "open":
            return value
        case "name":
            return mask_name(value)
        case "number":
            return "*" * max(4, len(value) - 4) + value[-4:] if len(value) > 4 else HIDDEN
    return HIDDEN


def _row(line: Mapping[str, Any]) -> tuple[str, str, str, str]:
    zh, en, value, kind = (line[name] for name in ("label_zh", "label_en", "value", "kind"))
    if not all(isinstance(part, str) for part in (zh, en, value, kind)):
        raise TypeError
    return zh[:MAX_CHARS], en[:MAX_CHARS], value[:MAX_CHARS], kind
