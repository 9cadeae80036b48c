"""Text messages out of the house: the gateway's wire (``docs/text-messages.md``), and the client's end of it.

    POST /api/messages  <- {"id", "to", "text"}   -> 200 (also for an id that was sent before), 422: not this number

The gateway sends a message once for each id, so that one whose answer was lost may be put to it again. Whatever else
it says is GatewayAway. Numbers stand in bodies, never in addresses, and cross in the clear only within this machine.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from queue_server.adapters.addresses import private

WITHIN_S = 8.0


@dataclass(frozen=True, slots=True)
class Message:
    """``id``: the same for the same occasion, however often it is tried."""

    id: str
    to: str = field(repr=False)
    text: str = field(repr=False)


class GatewayAway(ConnectionError):  # noqa: N818  (named for the condition)
    """Not reached, or it said something else than it should: the message may be tried again."""


class Undeliverable(ValueError):  # noqa: N818  (named for the condition)
    """The gateway will never send to this number."""


class Gateway(Protocol):
    """The other end. Raises GatewayAway and Undeliverable."""

    def send(self, message: Message) -> None: ...


class HttpGateway:
    """``base`` is https://host[:port], or http:// on this machine; the token prints nowhere."""

    def __init__(self, base: str, token: str) -> None:
        """Raises ValueError for an address to which a telephone number must not be sent."""
        self._base = private(base, "the message gateway's")
        self._token = token

    def __repr__(self) -> str:
        return f"HttpGateway({self._base!r}, token=***)"

    def send(self, message: Message) -> None:
        body = {"id": message.id, "to": message.to, "text": message.text}
        request = urllib.request.Request(  # noqa: S310  (looked at when it was made)
            f"{self._base}/api/messages",
            data=msgspec.json.encode(body),
            method="POST",
            headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S) as reply:  # noqa: S310
                # A page of some portal on the way is no answer.
                msgspec.json.decode(reply.read(4096), type=dict)
        except urllib.error.HTTPError as answer:
            with answer:
                if answer.code == 422:
                    raise Undeliverable from None
                raise GatewayAway(f"HTTP {answer.code}") from None
        except msgspec.MsgspecError:
            raise GatewayAway("its answer cannot be read") from None
        except (OSError, ValueError) as error:
            raise GatewayAway(type(error).__name__) from None
