"""Describes the wire for makers of terminals: AsyncAPI 3.0, generated from the messages and topics themselves.

``python -m queue_server.asyncapi`` writes ``docs/asyncapi.json``; a test fails when the file and the code
differ. Nothing here is written twice: channels come from ``wire.topics``, bodies from the structs.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, get_args

import msgspec

from queue_server.wire import messages as wire
from queue_server.wire import topics

FILE = Path(__file__).resolve().parents[1] / "docs" / "asyncapi.json"
SCHEMAS = "#/components/schemas/{name}"

_HALL, _DEVICE, _SITE = "HALL", "DEVICE", "SITE"
_PARAMETERS = {
    "shard": "crc32 of the hall's id modulo 64, two decimal digits",
    "hall": "id of the hall: letters, digits, _ and -",
    "device": "the terminal's id, which is its user name on the broker",
    "site": "id of the terminal's home site",
}

Struct = type[msgspec.Struct]


def channels() -> dict[str, tuple[str, str, tuple[Struct, ...], str]]:
    """Name -> (address, who sends: ``terminal`` or ``server``, messages, what it is)."""
    request = topics.request(_HALL, _DEVICE)
    found: dict[str, tuple[str, str, tuple[Struct, ...], str]] = {
        "request": (request, "terminal", get_args(wire.AnyRequest), "A terminal asks a hall. QoS 1."),
        "reply": (
            topics.response(_HALL, _DEVICE),
            "server",
            get_args(wire.AnyReply),
            "The hall answers, after its answer is on disk. QoS 1. Match by id.",
        ),
        "calls": (topics.public(_HALL, "calls"), "server", (wire.Calls,), "Who is called where. Retained."),
        "outlook": (topics.public(_HALL, "outlook"), "server", (wire.Outlook,), "How full the hall is. Retained."),
        "lamps": (topics.public(_HALL, "lamps"), "server", (wire.Lamps,), "Which lamps burn. Retained."),
        "birth": (topics.site_up(_SITE, _DEVICE, "birth"), "terminal", (wire.Birth,), "At every connection."),
        "heartbeat": (topics.site_up(_SITE, _DEVICE, "hb"), "terminal", (wire.Heartbeat,), "Every 25 s."),
        "log": (topics.site_up(_SITE, _DEVICE, "log"), "terminal", (wire.TerminalNote,), "For technicians."),
        "state": (topics.state(_SITE, _DEVICE), "terminal", (wire.StateNote,), "Retained; `lost` is the will."),
        "catalogue": (
            topics.site_down(_SITE, _DEVICE, "cat"),
            "server",
            (wire.Catalogue,),
            "Retained. A large one: `z`, then its JSON by zlib.",
        ),
        "near": (
            topics.site_down(_SITE, _DEVICE, "near"),
            "server",
            (wire.Near,),
            "Where else, seen from this terminal. Retained.",
        ),
        "order": (
            topics.site_down(_SITE, _DEVICE, "cmd"),
            "server",
            (wire.SignedOrder, *get_args(wire.AnyOrder)),
            "A signed order; the others are what its body holds. An emergency is retained.",
        ),
        "ack": (topics.site_up(_SITE, _DEVICE, "ack"), "terminal", (wire.Ack,), "What became of an order."),
    }
    return {name: (_address(at), who, bodies, what) for name, (at, who, bodies, what) in found.items()}


def _address(topic: str) -> str:
    """The topic with its parameters in braces."""
    levels = topic.split("/")
    if _HALL in levels:
        levels[levels.index(_HALL) - 1] = "{shard}"
    names = {_HALL: "{hall}", _DEVICE: "{device}", _SITE: "{site}"}
    return "/".join(names.get(level, level) for level in levels)


def document() -> dict[str, Any]:
    """The whole AsyncAPI document, as JSON values."""
    listed = channels()
    bodies = list(dict.fromkeys(body for _, _, several, _ in listed.values() for body in several))
    refs, schemas = msgspec.json.schema_components(bodies, ref_template=SCHEMAS)
    for schema in schemas.values():
        _plain(schema)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:jiaohao:wire",
        "info": {
            "title": "叫号 jiaohao: terminals and halls",
            "version": str(wire.VERSION),
            "description": _description(),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{broker}",
                "protocol": "mqtt",
                "protocolVersion": "3.1.1",
                "variables": {"broker": {"default": "127.0.0.1:1883"}},
                "security": [{"$ref": "#/components/securitySchemes/password"}],
            }
        },
        "channels": {
            name: {
                "address": address,
                "description": what,
                "parameters": {
                    key: {"description": text} for key, text in _PARAMETERS.items() if f"{{{key}}}" in address
                },
                "messages": {body.__name__: {"$ref": f"#/components/messages/{body.__name__}"} for body in several},
                "bindings": {"mqtt": {"bindingVersion": "0.2.0"}},
            }
            for name, (address, _, several, what) in listed.items()
        },
        "operations": {
            name: {
                # from the terminal's side: what it publishes it sends
                "action": "send" if who == "terminal" else "receive",
                "channel": {"$ref": f"#/channels/{name}"},
                "messages": [{"$ref": f"#/channels/{name}/messages/{body.__name__}"} for body in several],
                "bindings": {
                    "mqtt": {
                        "qos": 1,
                        "retain": name in ("calls", "outlook", "lamps", "state", "catalogue", "near"),
                        "bindingVersion": "0.2.0",
                    }
                },
            }
            for name, (_, who, several, _) in listed.items()
        },
        "components": {
            "messages": {
                body.__name__: {
                    "name": _kind(body),
                    "summary": _summary(body),
                    "payload": ref,
                }
                for body, ref in zip(bodies, refs, strict=True)
            },
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "password": {"type": "userPassword", "description": "The user name is the terminal's id."}
            },
        },
    }


def _description() -> str:
    story = inspect.cleandoc(wire.__doc__ or "")
    return (
        f"{story}\n\nA body is at most {wire.MAX_BYTES} bytes. Keep every request, durably, until its reply is here,"
        " and send it again with the same id: the broker's acknowledgement proves nothing."
    )


def _kind(body: Struct) -> str:
    tag = body.__struct_config__.tag
    return str(tag) if tag is not None else body.__name__


def _summary(body: Struct) -> str:
    own = body.__dict__.get("__doc__") or body.__name__
    return inspect.cleandoc(str(own)).splitlines()[0]


def _plain(schema: Any) -> None:
    """Take out what only matters to Python: patterns carry a guard against a trailing line feed."""
    if isinstance(schema, dict):
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            schema["pattern"] = pattern.removesuffix(r"(?!\n)")
        for value in schema.values():
            _plain(value)
    elif isinstance(schema, list):
        for value in schema:
            _plain(value)


def text() -> str:
    """The file's content."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
