"""What a site's staff tell its terminals to do: signed by the server, expiring, in the order of their serials.

``SignedOrder`` is what crosses on ``.../down/cmd``: the order's exact JSON text and the server's signature under
it (Ed25519, purpose ``PURPOSE``), so that nobody who only holds the broker can close a hall. A terminal carries out
an order that is signed, for its site and for it (or for ``*``), not expired, and with a larger serial than the last
of its kind; anything else is one line in its log. It answers on ``.../up/ack``.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from queue_server.wire.types import VERSION, Id, Instant

PURPOSE = "terminal-order"
EVERYBODY = "*"
"""For every terminal of the site."""

ZH_MAX, EN_MAX = 48, 120
"""The longest own sentence of an emergency: what a small panel can show in letters for everybody."""

_LINE = r"[^\x00-\x1f\x7f]"
Audience = Annotated[str, msgspec.Meta(pattern=r"^(\*|[A-Za-z0-9_-]{1,64})$(?!\n)")]
OwnZh = Annotated[str, msgspec.Meta(max_length=ZH_MAX, pattern=rf"^{_LINE}*$(?!\n)")]
OwnEn = Annotated[str, msgspec.Meta(max_length=EN_MAX, pattern=rf"^{_LINE}*$(?!\n)")]
Danger = Literal["fire", "closing", "other", "over"]
Mode = Literal["open", "closed", "maintenance"]


class Order(msgspec.Struct, kw_only=True, tag_field="kind", frozen=True, omit_defaults=True):
    """What every order says. ``serial`` grows; ``site`` and ``device`` are whom it is for."""

    id: Id
    site: Id
    device: Audience
    serial: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    issued_at: Instant
    expires_at: Instant
    v: int = VERSION


class Emergency(Order, tag="emergency", frozen=True):
    """Everything else ends: leave the building (``fire``), the site closes (``closing``), or what the sentence says.

    ``over`` lifts it. Stands until then, or until ``expires_at``. ``other`` needs both sentences.
    """

    danger: Danger
    zh: OwnZh = ""
    en: OwnEn = ""


class SetMode(Order, tag="mode", frozen=True):
    """Serve, or say that it is closed or being mended; a citizen who is at it may finish first."""

    mode: Mode


class Restart(Order, tag="restart", frozen=True):
    """End and be started again, as soon as nobody is at it."""


AnyOrder = Emergency | SetMode | Restart


class SignedOrder(msgspec.Struct, kw_only=True, frozen=True):
    """``body`` is the text that was signed, ``signature`` base64 of 64 bytes."""

    body: Annotated[str, msgspec.Meta(max_length=8192)]
    signature: Annotated[str, msgspec.Meta(max_length=128)]
    v: int = VERSION


class Ack(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """``.../up/ack``: what became of the order ``id``. ``reason`` of a refusal: ``expired``, ``replayed``.

    An order that is not signed, or not for this terminal, has no answer.
    """

    id: Id
    state: Literal["done", "refused"]
    at: Instant
    reason: Annotated[str, msgspec.Meta(max_length=64)] = ""
    v: int = VERSION
