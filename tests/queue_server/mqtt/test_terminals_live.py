"""A terminal's life as the technician sees it, over the real broker: birth, heartbeat, broken line, return."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest

from queue_server.wire import messages as wire
from queue_server.wire import topics

pytestmark = pytest.mark.wire

if TYPE_CHECKING:
    from conftest import Rig, Terminal

KIOSK = "kiosk-001"


def born(rig: Rig, session: str) -> Terminal:
    """A terminal that connects as kiosks do: with the will of its session, then its birth."""
    site = rig.city.plans.devices[KIOSK].site
    will = msgspec.json.encode(wire.StateNote(state="lost", session=session))
    kiosk = rig.terminal(KIOSK, "hall-001", will=(topics.state(site, KIOSK), will))
    now = datetime.now(UTC)
    birth = wire.Birth(
        session=session, at=now, model="sim", version="0.1.0", profile="demo", owner="x", owner_phone="0",
        peripherals=[wire.Peripheral(name="printer", condition="ok", since=now)],
    )  # fmt: skip
    kiosk.publish(topics.site_up(site, KIOSK, "birth"), msgspec.json.encode(birth))
    return kiosk


def state(rig: Rig) -> tuple[str, str | None]:
    view = rig.server.fleet.device(KIOSK)
    assert view is not None
    return view.state, view.session


def test_a_terminal_lives_loses_its_line_and_comes_back(rig: Rig) -> None:
    site = rig.city.plans.devices[KIOSK].site
    first = born(rig, "s1")
    rig.until("the birth", lambda: state(rig) == ("ready", "s1"))
    torn = wire.Peripheral(name="printer", condition="degraded", since=datetime.now(UTC), reason="paper-out")
    beat = wire.Heartbeat(session="s1", seq=1, at=datetime.now(UTC), peripherals=[torn])
    first.publish(topics.site_up(site, KIOSK, "hb"), msgspec.json.encode(beat))
    rig.until("the torn paper", lambda: rig.server.fleet.device(KIOSK).trouble == (torn,))
    second = born(rig, "s2")
    rig.until("the second birth", lambda: state(rig) == ("ready", "s2"))
    first.drop()
    second.publish(
        topics.site_up(site, KIOSK, "hb"),
        msgspec.json.encode(wire.Heartbeat(session="s2", seq=7, at=datetime.now(UTC))),
    )
    rig.until("a beat after the old will", lambda: rig.server.fleet.device(KIOSK).heartbeat_seq == 7)
    assert state(rig) == ("ready", "s2"), "the old session's will has come and changed nothing"
    second.drop()
    rig.until("the will", lambda: state(rig) == ("lost", "s2"))
    born(rig, "s3")
    rig.until("the return", lambda: state(rig) == ("ready", "s3"))
