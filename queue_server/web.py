"""Uvicorn as a part of a server among others: it neither takes the signals nor waits for browsers to go."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn

from queue_server import health

LEAVE_WITHIN_S = 3


class Web(uvicorn.Server):
    """Uvicorn without its own signal handling, which would end the process before the other parts are stopped."""

    def __init__(self, http: health.Asgi, close_streams: Callable[[], None]) -> None:
        self._close_streams = close_streams
        super().__init__(
            uvicorn.Config(
                http,
                log_config=None,
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=LEAVE_WITHIN_S,
                server_header=False,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the endless responses first: uvicorn would wait for the browsers to go by themselves."""
        self._close_streams()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
