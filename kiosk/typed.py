"""What is typed on the number pad: an identity number, or a telephone number. In the reading process alone.

Of an identity number only the length is told (product.md §4.9). Of a telephone number the screen shows first and last
digits, so that whoever typed it can see that it is theirs. Both leave this process sealed to the server.

``mark`` is the same for the same number and says nothing else: keyed by random bytes of this process, so that it is
worth nothing outside of one session.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

from devices.idcard.numbers import typed_number_trouble
from kiosk.identity import seal, seal_phone
from queue_server.wire.texting import PHONE

NUMBER_PLACES, PHONE_PLACES = 18, 11
GUARDED_YEARS = 14
"""Below this age a parent or guardian acts for somebody."""
DOT = "●"
Say = Callable[[Mapping[str, Any]], None]
_MARKS = secrets.token_bytes(32)
_PHONE = re.compile(PHONE)


def mark(number: str) -> str:
    """Tells within this process whether two numbers are the same."""
    return hmac.new(_MARKS, number.encode(), hashlib.sha256).hexdigest()[:16]


def under_age(born: date, today: date) -> bool:
    """Whether the fourteenth birthday is still to come."""
    return (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < GUARDED_YEARS


def covered(phone: str) -> str:
    """``138●●●●56``: the four in the middle are never shown, also while it is typed."""
    return phone[:3] + DOT * len(phone[3:7]) + phone[7:]


class Kind(Protocol):
    """One kind of number: how long it gets, what a key adds, what is shown, and what entering says."""

    places: int

    def sign(self, pressed: str, at: int) -> str: ...
    def shown(self, signs: str) -> str: ...
    def entered(self, signs: str) -> Mapping[str, Any]: ...


class IdentityNumber:
    """18 places; X can only be the last."""

    places = NUMBER_PLACES

    def __init__(self, key: bytes, today: Callable[[], date]) -> None:
        self._key, self._today = key, today

    def sign(self, pressed: str, at: int) -> str:
        last = at == self.places - 1
        return pressed.upper() if pressed in _DIGITS or (last and pressed in {"X", "x"}) else ""

    def shown(self, signs: str) -> str:
        return DOT * len(signs)

    def entered(self, signs: str) -> Mapping[str, Any]:
        trouble = typed_number_trouble(signs, self._today())
        if trouble is not None:
            return {"say": "typed-trouble", "code": trouble}
        born = date(int(signs[6:10]), int(signs[10:12]), int(signs[12:14]))
        return {
            "say": "typed-ok",
            "last4": signs[-4:],
            "person": seal(self._key, signs),
            "mark": mark(signs),
            "minor": under_age(born, self._today()),
        }


class PhoneNumber:
    """11 digits of a mobile number (product.md §4.2, K5)."""

    places = PHONE_PLACES

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, pressed: str, _at: int) -> str:
        return pressed if pressed in _DIGITS else ""

    def shown(self, signs: str) -> str:
        return covered(signs)

    def entered(self, signs: str) -> Mapping[str, Any]:
        if not _PHONE.match(signs):
            return {"say": "typed-trouble", "code": "bad-phone"}
        return {"say": "phone-ok", "masked": f"{signs[:3]}****{signs[-4:]}", "phone": seal_phone(self._key, signs)}


_DIGITS = frozenset("0123456789")


class Pad:
    """The pad's signs. An identity number is typed until ``phone`` says otherwise, and again after ``clear``."""

    def __init__(self, key: bytes, say: Say, today: Callable[[], date]) -> None:
        self._say = say
        self._identity, self._phone = IdentityNumber(key, today), PhoneNumber(key)
        self._kind: Kind = self._identity
        self._signs: list[str] = []

    def take(self, pressed: str) -> None:
        """One key. What cannot stand at this place, and what is too much, does nothing."""
        sign = self._kind.sign(pressed, len(self._signs))
        if sign and len(self._signs) < self._kind.places:
            self._signs.append(sign)
        self._tell()

    def erase(self) -> None:
        if self._signs:
            self._signs.pop()
        self._tell()

    def clear(self) -> None:
        self._begin(self._identity)

    def phone(self) -> None:
        """From now on a telephone number is typed, from its first digit."""
        self._begin(self._phone)

    def enter(self) -> None:
        """Check what was typed; a good one goes out sealed and is forgotten here, a wrong one may be corrected."""
        said = self._kind.entered("".join(self._signs))
        if said["say"] != "typed-trouble":
            self._signs.clear()
        self._say(said)

    def _begin(self, kind: Kind) -> None:
        self._kind = kind
        self._signs.clear()
        self._tell()

    def _tell(self) -> None:
        signs = "".join(self._signs)
        self._say({"say": "typed", "length": len(signs), "shown": self._kind.shown(signs)})
