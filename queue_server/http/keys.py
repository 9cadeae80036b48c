"""The keys of a console and the command behind each; pure.

Reasons and outcomes come from lists: a typed one would carry a citizen's story into the event log.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar.exceptions import NotFoundException

from queue_server.domain import messages
from queue_server.domain.messages import Command
from queue_server.domain.model import Outcome
from queue_server.domain.state import Hall
from queue_server.http import words
from queue_server.http.door import Refusal, said
from queue_server.wire.messages import RequestId

Code = Annotated[str, msgspec.Meta(max_length=32)]


class Press(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a key sends: ``id`` once per press; the rest only where the key needs it."""

    id: RequestId
    outcome: Code | None = None
    reason: Code | None = None
    to_counter: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    number: Annotated[str, msgspec.Meta(max_length=8)] | None = None
    paper: Annotated[str, msgspec.Meta(max_length=1200)] | None = None
    """What a scanner read from a ticket: with call-paper."""


def command(action: str, press: Press, hall: Hall, counter: str, by: str, staff: str) -> Command | Refusal:
    """The command behind a key. A Refusal where the page sent what no clerk can press."""
    who = {"id": press.id, "by": by}
    match action:
        case "open":
            return messages.OpenCounter(**who, counter=counter, staff=staff)
        case "close":
            return messages.CloseCounter(**who, counter=counter)
        case "call-next":
            return messages.CallNext(id=press.id, by=by, counter=counter)
        case "call-again":
            return messages.CallAgain(**who, counter=counter)
        case "no-show":
            return messages.MarkNoShow(**who, counter=counter)
        case "pause":
            return messages.PauseCounter(**who, counter=counter)
        case "resume":
            return messages.ResumeCounter(**who, counter=counter)
        case "identity":
            return messages.BeginIdentityCheck(**who, counter=counter)
        case "materials":
            return messages.AcceptMaterials(**who, counter=counter)
        case "call-ticket":
            number = (press.number or "").strip().upper()
            day = hall.business_date.isoformat() if hall.business_date else ""
            return messages.CallTicket(**who, counter=counter, ticket_id=f"{day}-{number}", reason="shown-at-window")
        case "transfer":
            if press.reason not in words.TRANSFER_REASONS:
                return said("bad-value", {"field": "reason"})
            return messages.Transfer(
                id=press.id, by=by, counter=counter, to_counter=press.to_counter, reason=press.reason
            )
        case "finish":
            if press.outcome is not None and press.outcome not in words.OUTCOMES:
                return said("bad-value", {"field": "outcome"})
            if press.reason is not None and press.reason not in words.OVER_REASONS:
                return said("bad-value", {"field": "reason"})
            outcome = Outcome(press.outcome) if press.outcome else None
            return messages.Finish(**who, counter=counter, outcome=outcome, reason=press.reason)
    raise NotFoundException("unknown action")
