"""What every request and every reply has in common; see ``messages``."""

from __future__ import annotations

import msgspec

from queue_server.wire.types import VERSION, RequestId


class Request(msgspec.Struct, kw_only=True, tag_field="kind", frozen=True, omit_defaults=True):
    """What a terminal asks of a hall, on ``.../up/req``.

    The answer comes to ``.../down/rsp`` with the same ``id``.
    """

    id: RequestId
    v: int = VERSION


class Reply(msgspec.Struct, kw_only=True, tag_field="kind", frozen=True):
    """The hall's answer, on ``.../down/rsp``. A repeated ``id`` gets the first answer again."""

    id: str
    v: int = VERSION
