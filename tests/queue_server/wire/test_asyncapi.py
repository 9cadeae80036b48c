"""The wire's description for makers of terminals is generated, whole, and as committed."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec

from queue_server import asyncapi
from queue_server.wire import messages as wire
from queue_server.wire import reading, topics


def refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for inner in value.values() for ref in refs(inner)]
    return [ref for inner in value for ref in refs(inner)] if isinstance(value, list) else []


def test_the_committed_file_is_what_the_code_says() -> None:
    """If this fails: python -m queue_server.asyncapi, and read the difference as a terminal's maker would."""
    assert asyncapi.FILE.read_text(encoding="utf-8") == asyncapi.text()


def test_every_reference_leads_somewhere() -> None:
    document = json.loads(asyncapi.text())
    found = refs(document)
    assert len(found) > 50
    for ref in found:
        at: Any = document
        for step in ref.removeprefix("#/").split("/"):
            at = at[step]


def test_every_message_and_every_kind_is_described() -> None:
    document = asyncapi.document()
    kinds = {body.__name__ for body in (*get_args(wire.AnyRequest), *get_args(wire.AnyReply))}
    assert kinds <= set(document["components"]["messages"])
    assert {body.__struct_config__.tag for body in get_args(wire.AnyRequest)} == set(reading.KINDS)
    assert all(reading.KINDS[body.__struct_config__.tag] is body for body in get_args(wire.AnyRequest))


def test_addresses_are_the_topics_that_the_code_builds() -> None:
    addresses = {name: at for name, (at, *_) in asyncapi.channels().items()}
    hall, device = "h-1", "k-1"
    real = {"shard": topics.shard(hall), "hall": hall, "device": device, "site": "s-1"}
    assert addresses["request"].format(**real) == topics.request(hall, device)
    assert addresses["reply"].format(**real) == topics.response(hall, device)
    assert addresses["calls"].format(**real) == topics.public(hall, "calls")
    assert addresses["state"].format(**real) == topics.state("s-1", device)


def test_what_the_schema_asks_the_decoder_asks_too() -> None:
    schema = asyncapi.document()["components"]["schemas"]["TakeTicket"]
    assert set(schema["required"]) == {"kind", "id", "matters", "token"}
    body = {"kind": "take-ticket", "id": "0198c0de-0000-7000-8000-000000000001", "matters": ["M001"], "token": "A" * 22}
    assert isinstance(reading.read(msgspec.json.encode(body)), wire.TakeTicket)
