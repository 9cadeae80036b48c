"""A kiosk without its hall that gives numbers as fast as it can, and says each one after it is on the disk.

Run by ``test_kill_kiosk`` and killed there: ``python issue_forever.py DIRECTORY``. What stands on its standard output
has been "shown".
"""

from __future__ import annotations

import sys
from pathlib import Path

import uuid6

from firmware_cfg.load import load_profile
from kiosk.effects import IssueOffline
from kiosk.events import OfflineGiven
from kiosk.hall_clock import HallClock
from kiosk.outbox import Outbox
from kiosk.own_numbers import OwnNumbers


def main(directory: Path) -> None:
    profile = load_profile("demo", [f"var.path={directory}"])
    outbox = Outbox(directory / "outbox.db")
    own = OwnNumbers(profile, outbox, HallClock(directory / "clock.json"), lambda _news: None)
    print("ready", flush=True)
    while True:
        wish = IssueOffline(str(uuid6.uuid7()), "t" * 22, ("M034",), "A", "zh-Hans")
        given = own.issue(wish, "session")
        if not isinstance(given, OfflineGiven):
            print("none", flush=True)
            return
        print(f"{given.number} {given.request}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
