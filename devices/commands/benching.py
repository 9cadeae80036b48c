"""``bench``: all simulated devices at once, and a page with their switches."""

from __future__ import annotations

import argparse
from pathlib import Path

from devices.bench.serve import serve


def define(parser: argparse.ArgumentParser) -> None:
    parser.description = "Stands in for every device of a kiosk and serves a page with their switches; Ctrl-C ends it."
    parser.add_argument("--dir", required=True, type=Path, help="where the devices' ptys are linked")
    parser.add_argument("--port", required=True, type=int, help="of the page, on 127.0.0.1; 0: any free one")
    parser.add_argument("--paper-mm", type=int, default=80, choices=(58, 80), help="the roll in the printer")
    parser.add_argument("--camera-port", type=int, default=0, metavar="N", help="the camera's; 0: any free one")
    parser.add_argument("--panel-port", type=int, default=0, metavar="N", help="the panel's; 0: any free one")
    parser.set_defaults(work=_bench)


def _bench(options: argparse.Namespace) -> int:
    serve(
        options.dir,
        options.port,
        paper_mm=options.paper_mm,
        camera_port=options.camera_port,
        panel_port=options.panel_port,
    )
    return 0
