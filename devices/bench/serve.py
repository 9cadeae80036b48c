"""Runs the bench until it is told to stop: the devices plugged in, the page served on this machine only."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from devices.bench.app import build
from devices.bench.table import MM_PER_S, Table
from devices.errors import PortBusy

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """uvicorn without its habit of raising the caught signal again, which would leave the ptys' links behind."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    folder: str | os.PathLike[str],
    port: int,
    *,
    paper_mm: int = 80,
    camera_port: int = 0,
    panel_port: int = 0,
    mm_per_s: float | None = MM_PER_S,
) -> None:
    """Host the simulators in ``folder`` and the page at ``port`` until SIGINT or SIGTERM.

    A port of 0 is any free one; ``/api/state`` tells each device's ``address``. ``paper_mm`` is 80 or 58.
    Prints one line when ready. Raises PortBusy.
    """
    # named as TCP, or asyncio does not switch Nagle's delay off and every answer takes 40 ms
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise PortBusy(f"port {port} of {HOST} is in use") from error
        table = Table(
            Path(folder), paper_mm=paper_mm, mm_per_s=mm_per_s, camera_port=camera_port, panel_port=panel_port
        )
        try:
            server = _server(table)
            listening.listen()
            sys.stdout.write(f"bench ready: http://{HOST}:{listening.getsockname()[1]}/\n")
            sys.stdout.flush()
            server.run(sockets=[listening])
        finally:
            table.close()


def _server(table: Table) -> _Server:
    server: _Server
    app = build(table, lambda: server.should_exit)
    server = _Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3))
    return server
