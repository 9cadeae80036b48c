"""The code on an off-line ticket: what a window needs to call it before its kiosk has spoken, signed by the kiosk.

Printed as the address of a page, so that a phone opens something sensible: ``{public}/o/{hall}/{code}``. The code is
ten fields between full stops, all of them signs that a web address takes as they are::

    1.kiosk-01.01939f3c-….A17.M034~M047.k3JmQ2xY….t5z1k2.0.zh-Hans.<signature>
    form kiosk block number matters token check-in uncertainty language

Check-in is whole seconds since 1970 to base 36, rounded down; the uncertainty is seconds. The signature (Ed25519,
base64url) stands for hall and the nine fields before it. There is nothing of a person in it.
"""

from __future__ import annotations

import base64
import binascii
import re
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast, get_args

from queue_server.wire.types import Lang

PURPOSE = "ticket"
MAX_LENGTH = 900
"""Beyond this nothing is read. A code with ten matters of the longest names has fewer signs."""
_FORM = "1"
_DIGITS = string.digits + string.ascii_lowercase
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER = re.compile(r"([A-Z])([1-9][0-9]{0,4})")
_MATTERS = re.compile(r"[A-Za-z0-9_-]{1,32}(~[A-Za-z0-9_-]{1,32}){0,9}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
_TIME = re.compile(r"[0-9a-z]{1,8}")
_SECONDS = re.compile(r"0|[1-9][0-9]{0,6}")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")
LONGEST_UNCERTAINTY_S = 86_400 * 30
_ADDRESS = re.compile(r"https?://[^\s/]+(?:/[^\s]*)?/o/([A-Za-z0-9_-]{1,64})/([A-Za-z0-9._~-]+)")


class BadCode(ValueError):  # noqa: N818  (named for the condition)
    """This is no off-line ticket's code."""


@dataclass(frozen=True, slots=True)
class OfflineCode:
    """What stands on the paper. ``checked_in_at`` is aware, whole seconds."""

    kiosk: str
    block: str
    group: str
    number: int
    matters: tuple[str, ...]
    token: str
    checked_in_at: datetime
    clock_uncertainty_s: int = 0
    lang: Lang = "zh-Hans"

    @property
    def text(self) -> str:
        """The nine fields that are signed."""
        return ".".join((
            _FORM,
            self.kiosk,
            self.block,
            f"{self.group}{self.number}",
            "~".join(self.matters),
            self.token,
            _base36(int(self.checked_in_at.timestamp())),
            str(self.clock_uncertainty_s),
            self.lang,
        ))  # fmt: skip

    def body(self, hall: str) -> bytes:
        """What the terminal signs for ``PURPOSE``: no ticket of one hall is worth anything in another."""
        return f"{hall}/{self.text}".encode("ascii")


def sealed(code: OfflineCode, signature: bytes) -> str:
    """The whole code, signature included."""
    return f"{code.text}.{base64.urlsafe_b64encode(signature).decode('ascii').rstrip('=')}"


def read(text: str) -> tuple[OfflineCode, bytes]:
    """The code and its signature, which is still to be checked. Raises BadCode, and nothing else."""
    if len(text) > MAX_LENGTH:
        raise BadCode("too long")
    fields = text.split(".")
    if len(fields) != 10 or fields[0] != _FORM:
        raise BadCode("not ten fields of a form that is known")
    _, kiosk, block, number, matters, token, at, uncertainty, lang, signature = fields
    wanted = ((_ID, kiosk), (_ID, block), (_MATTERS, matters), (_TOKEN, token), (_TIME, at), (_SECONDS, uncertainty))
    found = _NUMBER.fullmatch(number)
    if found is None or lang not in get_args(Lang) or not all(form.fullmatch(value) for form, value in wanted):
        raise BadCode("a field is not what it should be")
    if not _SIGNATURE.fullmatch(signature) or int(uncertainty) > LONGEST_UNCERTAINTY_S:
        raise BadCode("a field is not what it should be")
    try:
        signed = base64.urlsafe_b64decode(signature + "==")
        when = datetime.fromtimestamp(int(at, 36), UTC)
    except (binascii.Error, ValueError, OverflowError, OSError):
        raise BadCode("a field is not what it should be") from None
    code = OfflineCode(
        kiosk,
        block,
        found[1],
        int(found[2]),
        tuple(matters.split("~")),
        token,
        when,
        int(uncertainty),
        cast("Lang", lang),
    )
    if sealed(code, signed) != text:
        raise BadCode("not written as a terminal writes it")
    return code, signed


def address(text: str) -> tuple[str, str] | None:
    """Hall and code of what a scanner read, if it is the address of an off-line ticket."""
    found = _ADDRESS.fullmatch(text.strip())
    return None if found is None else (found[1], found[2])


def _base36(value: int) -> str:
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
