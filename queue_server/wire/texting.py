"""Text messages to a citizen's phone: asked for at a terminal, for one ticket, and forgotten with it.

The number crosses only as a sealed box that the server alone opens; what comes back says of it no more than the
terminal itself shows (``138****5678``).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from queue_server.wire.base import Reply, Request
from queue_server.wire.types import Lang, Sealed

PHONE = r"^1[3-9][0-9]{9}$(?!\n)"
"""A mobile number of the mainland's (product.md §4.2, K5)."""


class TextMe(Request, tag="text-me", frozen=True):
    """Tell this phone when the ticket's turn is near. ``path``: the ticket's page, which proves who holds it.

    ``box``: a sealed box around ``{"phone": "1..."}``. Asked again with another number, that number counts.
    """

    path: Annotated[str, msgspec.Meta(pattern=r"^/t/[A-Za-z0-9_/-]{1,240}$(?!\n)")]
    box: Sealed
    lang: Lang = "zh-Hans"


class TextedReply(Reply, tag="texted", frozen=True):
    """The number is kept until the ticket is over. ``masked``: three digits, four stars, four digits."""

    masked: str
