"""代办: a number for somebody else. The ticket keeps what they are to each other, and references, no person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queue_server.domain.errors import Code, Refused
from queue_server.domain.hall import decide, empty
from queue_server.domain.messages import TakeTicket, TicketIssued
from queue_server.store.codec import read_event, write_event


def test_the_relation_and_both_references_stand_on_the_ticket(scene: Any) -> None:
    *_, event = scene.do(
        TakeTicket,
        matters=("medical",),
        token="t" * 22,
        proxy="child",
        person_ref="p-mother",
        agent_ref="p-son",
        authorisation="JW-2026-07",
    )
    ticket = event.ticket
    assert (ticket.proxy, ticket.person_ref, ticket.agent_ref) == ("child", "p-mother", "p-son")
    assert read_event(*write_event(event)) == event


def test_a_ticket_of_before_still_reads_as_ones_own(scene: Any) -> None:
    *_, event = scene.do(TakeTicket, matters=("medical",), token="t" * 22)
    kind, body = write_event(event)
    assert "proxy" not in body
    assert "agent_ref" not in body
    read = read_event(kind, body)
    assert isinstance(read, TicketIssued)
    assert read.ticket.proxy == ""


def test_what_must_be_done_in_person_is_refused(scene: Any) -> None:
    matters = {name: replace(matter, proxy_ok=name != "archive") for name, matter in scene.plan.matters.items()}
    hall = empty(replace(scene.plan, matters=matters))
    asked = scene.command(TakeTicket, matters=("archive",), token="t" * 22, proxy="child")
    with pytest.raises(Refused) as no:
        decide(hall, asked, scene.now)
    assert no.value.code is Code.NOT_FOR_OTHERS
    assert decide(hall, replace(asked, proxy=""), scene.now)
