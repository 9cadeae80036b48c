"""The scenes of the first page while no number is to be had: a closed hall, and a terminal that can do nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from kiosk import events
from kiosk.events import Event
from kiosk.flow import Site, State
from kiosk.flow.offline import OUT_AFTER_S
from kiosk.scenes.walk import NOW, Walk, outlook, shipped_catalogue
from kiosk.views.elsewhere import SIGN_S
from queue_server.wire import messages as wire

MORNING = NOW + timedelta(hours=22, minutes=15)
"""When the hall of ``outlook`` opens again."""


def hall(name: str, opens: datetime, hours: float, metres: int | None = None) -> wire.NearHall:
    names = {"二": ("示例二厅", "Hall Two", "示例路 2 号"), "夜": ("示例夜间服务厅", "Night Hall", "示例东路 18 号")}
    zh, en, address = names[name]
    opening = wire.Opening(opens, opens + timedelta(hours=hours))
    return wire.NearHall(f"hall-{en[:5].lower().strip()}", zh, en, address, [opening], metres)


def kiosks() -> list[wire.NearKiosk]:
    return [wire.NearKiosk("kiosk-02", "示例中心", "Example Centre", "二楼电梯旁", 640)]


def elsewhere(site: Site) -> dict[str, State]:
    with_desk = replace(site, remote_phone="021-0000 0009", remote_hours_zh="每天 7:00-22:00")

    def shut(*halls: wire.NearHall, on: Site = site, turn: int = 0, happened: tuple[Event, ...] = ()) -> State:
        walked = Walk(on).ready()(events.OutlookChanged(outlook(is_open=False)), *happened)
        walked(events.NearChanged(wire.Near(halls=list(halls), kiosks=kiosks())))
        return walked.wait(turn * SIGN_S).state

    def out(*happened: Event, on: Site = site, turn: int = 0, known: bool = True, ours: bool = False) -> State:
        walked = Walk(on)(events.CatalogueChanged(shipped_catalogue())) if known else Walk(on)
        if known:
            here = msgspec.structs.replace(hall("二", NOW - timedelta(hours=2), 8, 1240), hall=site.hall)
            walked(events.NearChanged(wire.Near(halls=[here] if ours else [], kiosks=kiosks())))
        walked(*happened, events.LinkChanged(up=False))
        return walked.wait(max(OUT_AFTER_S + 1, turn * SIGN_S)).state

    two = hall("二", NOW - timedelta(hours=2), 8, 1240)
    night = hall("夜", NOW - timedelta(hours=10), 90)
    early = hall("二", MORNING - timedelta(hours=1), 8, 1240)
    holiday = msgspec.structs.replace(outlook(is_open=False), next_opening=MORNING + timedelta(days=9))
    no_reader = (events.DeviceChanged("idcard", "absent", "no-answer"),)
    return {
        "start-closed": shut(two),
        "start-closed-phone": shut(night, on=with_desk),
        "start-closed-phone-turn": shut(night, on=with_desk, turn=1),
        "start-closed-all": shut(early, happened=no_reader),
        "start-closed-alone": shut(),
        "start-closed-holiday": shut(early, happened=(events.OutlookChanged(holiday),)),
        "start-out": out(),
        "start-out-kiosk": out(turn=1),
        "start-out-owner": out(on=with_desk, turn=2),
        "start-out-outlet": out(ours=True),
        "start-out-unknown": out(known=False),
    }
