"""Tells the tests for real hardware where it is: ``pytest -m hardware --port=ADDRESS``.

A plugin of pytest, named in the project's settings so that the option is known wherever tests are started. Write the
equals sign: pytest looks for its settings beside every path on its command line that exists, before it knows any
option, and would look for them in /dev.
"""

from __future__ import annotations

from typing import Any


def pytest_addoption(parser: Any) -> None:
    parser.addoption(
        "--port",
        action="append",
        default=[],
        metavar="[KIND=]ADDRESS",
        help="where a real device is, for the tests marked hardware; may be given again for another device. KIND "
        "(idcard, printer, scanner, camera, panel) says what it is where it does not say so itself",
    )
