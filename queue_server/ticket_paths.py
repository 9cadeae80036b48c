"""Whose ticket is it? The page's path, with its token, is the proof that one holds it."""

from __future__ import annotations

import secrets

from queue_server.domain.model import Ticket
from queue_server.domain.state import Hall


def ticket_at(hall: Hall, path: str) -> Ticket | None:
    """The ticket whose page this is, if its token is right; compared in constant time."""
    match path.split("/"):
        case ["", "t", hall_id, day, number, token] if hall_id == hall.plan.id and len(day) == 8:
            ticket = hall.tickets.get(f"{day[:4]}-{day[4:6]}-{day[6:]}-{number}")
            if ticket is not None and secrets.compare_digest(ticket.token.encode(), token.encode()):
                return ticket
    return None
