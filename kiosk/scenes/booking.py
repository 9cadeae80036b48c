"""The scenes of the confirm page's ways, of a booking, and of what can go wrong on the way to one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec

from kiosk import events
from kiosk.events import Event, Touched
from kiosk.flow import Site, State
from kiosk.scenes.walk import CARD, NOW, TAKE, Walk, outlook, refused, shipped_catalogue, ticket
from queue_server.wire import messages as wire

MONDAY = date(2026, 11, 23)
FULL = wire.Reason("已约满", "Fully booked")
BEGUN = wire.Reason("已经开始", "Has already begun")
CONFIRM = TAKE[:2]


def slot(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of the hall (UTC+8) as the wire has it."""
    return datetime(day.year, day.month, day.day, tzinfo=NOW.tzinfo) + timedelta(hours=hour - 8, minutes=minute)


def days_reply(request: str, *, full: bool = False) -> wire.DaysReply:
    """Today is over, Monday full, then places; with ``full`` none at all."""
    listed = [wire.DayOffer(day=NOW.date(), free=0, why="begun")]
    for n in range(7):
        day = MONDAY + timedelta(days=n if n < 5 else n + 2)
        if full or n == 0:
            listed.append(wire.DayOffer(day=day, free=0, why="full", waits=True))
        else:
            listed.append(wire.DayOffer(day=day, free=9 + 4 * n, first=slot(day, 9, 15 * (n % 3))))
    return wire.DaysReply(id=request, days=listed, reasons={"full": FULL, "begun": BEGUN})


def slots_reply(request: str, *, full: bool = False) -> wire.SlotsReply:
    """Tuesday from nine to four."""
    day = MONDAY + timedelta(days=1)
    slots = [
        wire.Slot(start=slot(day, 9, 15 * n), free=0 if full or n % 7 == 3 else 1 + n % 4, why="")
        for n in range(28)
        if not 12 <= 9 + n // 4 < 13
    ]
    slots = [one if one.free else wire.Slot(start=one.start, free=0, why="full") for one in slots]
    return wire.SlotsReply(id=request, day=day, slots=slots, reasons={"full": FULL})


def booked_reply(request: str) -> wire.BookedReply:
    return wire.BookedReply(
        id=request,
        appointment="ap7hQ2",
        code="20471234",
        matters=["M034"],
        slot_start=slot(MONDAY + timedelta(days=1), 9, 15),
        hall_zh="演示大厅",
        hall_en="Demo Hall",
        address_zh="演示路 1 号",
        early_min=60,
        late_min=15,
        cancel_min=30,
    )


def waiting_reply(request: str) -> wire.WaitingReply:
    return wire.WaitingReply(
        id=request,
        wish="w7hQ2",
        code="99127734",
        matters=["M034"],
        day=MONDAY,
        ahead=2,
        hold_min=15,
        path="/w/demo/w7hQ2/99127734",
        hall_zh="演示大厅",
        hall_en="Demo Hall",
    )


def marked_catalogue() -> wire.Catalogue:
    """The shipped one with a paper that may follow later; it names none of its own."""
    shipped = shipped_catalogue()
    papers = [wire.Paper("身份证", "ID card"), wire.Paper("证件照", "ID photo", later=True)]
    papers.append(wire.Paper("户口簿", "Household register", free="licence"))
    matters = [msgspec.structs.replace(m, papers=papers) if m.id == "M034" else m for m in shipped.matters]
    return msgspec.structs.replace(shipped, version="marked", matters=matters)


def booking(site: Site) -> dict[str, State]:
    """By name, for one panel; in Chinese and normal size, to be varied by callers."""

    def asked(*happened: Event) -> Walk:
        return Walk(site).ready()(*happened)

    def to_days(*before: Event, full: bool = False) -> Walk:
        walk = asked(*before, *CONFIRM, Touched("book"))
        return walk(events.Replied(days_reply(walk.wish, full=full)))

    def to_slots(*, full: bool = False) -> Walk:
        walk = to_days()(Touched("day", (MONDAY + timedelta(days=1)).isoformat()))
        return walk(events.Replied(slots_reply(walk.wish, full=full)))

    def chosen(*happened: Event) -> Walk:
        first = slot(MONDAY + timedelta(days=1), 9).isoformat()
        return to_slots()(Touched("slot", first))(*happened)

    def answered(walk: Walk, code: str, zh: str, en: str, **facts: str | int) -> Walk:
        reply = refused(walk.wish, code, zh, en)
        return walk(events.Replied(msgspec.structs.replace(reply, facts=facts)))

    def booked(result: str = "printed") -> Walk:
        walk = chosen(CARD, Touched("book-now"))
        walk(events.Replied(booked_reply(walk.wish)))
        job = getattr(walk.state.session.page, "job", "")
        return walk(events.PrintEnded(job, result)) if result else walk

    def at_an_outlet() -> Walk:
        outlet = replace(site, remote_zh="柳园居委会视频窗口", remote_en="the video window of Liuyuan")
        told = msgspec.structs.replace(outlook(), remote_open=2)
        return Walk(outlet).ready()(events.OutlookChanged(told))

    def late(*, appointment: bool) -> Walk:
        walk = asked(CARD)
        reply = msgspec.structs.replace(
            ticket(walk.wish, booked=appointment),
            late=True,
            slot_start=NOW - timedelta(minutes=40),
            next_slot=None if appointment else NOW + timedelta(minutes=75),
        )
        walk(events.Replied(reply))
        return walk(events.PrintEnded(walk.job, "printed"))

    closed, closed_first = (asked(events.OutlookChanged(outlook(is_open=False))) for _ in range(2))
    stepping = asked(*TAKE)
    stepping(events.Replied(ticket(stepping.wish)), Touched("away"))
    full_day = to_days()(Touched("day", MONDAY.isoformat()))
    listed = to_days()(Touched("day", MONDAY.isoformat()), Touched("wait"))
    listed(events.Replied(waiting_reply(listed.wish)))
    gone = chosen(Touched("book-now"))
    answered(gone, "slot-full", "", "")
    gone(events.Replied(slots_reply(gone.wish)))
    twice = answered(
        chosen(CARD, Touched("book-now")),
        "already-booked",
        "同一天您已约过这个事项，请使用原预约或先改约。",
        "You already have an appointment for this matter that day. Please use it, or move it first.",
        slot="2026-11-24 10:30",
    )
    blocked = answered(
        chosen(CARD, Touched("book-now")),
        "booking-blocked",
        "因多次预约未到，暂时不能自助预约；您仍可现场取号，或请工作人员代约。",
        "After several missed appointments booking by yourself is paused."
        " You can still take a number at the hall, or let the staff book for you.",
        until="2026-12-04 10:15",
    )
    other_day = answered(asked(CARD), "wrong-day", "", "", day="2026-12-01", slot="2026-12-01 09:15")
    used = answered(asked(CARD), "appointment-used", "", "", number="A007")
    shut = answered(asked(*TAKE), "hall-closed", "", "", next_opening="2026-11-23 08:30")
    free = answered(
        to_days()(Touched("day", MONDAY.isoformat()), Touched("wait")), "place-free", "", "", slot="2026-11-23 14:00"
    )
    early = answered(
        asked(CARD),
        "too-early",
        "来得早了一点，请在 10:00 以后签到，您的预约保留着。",
        "You are early. Please check in after 10:00; your appointment is kept.",
        earliest="10:00",
        slot="11:00",
    )
    elsewhere = answered(
        asked(CARD),
        "wrong-hall",
        "您预约的是示例二厅，地址：示例路 2 号。请到那里办理，或在这里现场取号。",
        "Your appointment is at Hall Two (2 Example Road). Please go there, or take a number here.",
        hall="示例二厅",
        hall_en="Hall Two",
        address="示例路 2 号",
    )
    typing = asked(Touched("check-in"), Touched("type-number"))
    video = at_an_outlet()(*CONFIRM, Touched("take-remote"))
    video(events.Replied(ticket(video.wish)))
    video(events.PrintEnded(video.job, "printed"))
    expired = asked(replace(CARD, expired=True))
    expired(events.Replied(ticket(expired.wish, booked=True)))
    expired(events.PrintEnded(expired.job, "printed"))
    failed = asked(*TAKE)
    failed(events.Replied(ticket(failed.wish)))
    failed(events.PrintEnded(failed.job, "failed", "cutter"), Touched("reprint"))
    failed(events.PrintEnded(failed.job, "failed", "cutter"))
    left = chosen(Touched("book-now"))
    wish = left.wish
    left(events.LinkChanged(up=False)).wait(8)
    waiting = left.state
    left(Touched("leave"), events.LinkChanged(up=True), events.Replied(booked_reply(wish)))
    return {
        "confirm-free": asked(Touched("take-ticket"), Touched("matter", "M040")).state,
        "confirm-later": asked(events.CatalogueChanged(marked_catalogue()), *CONFIRM).state,
        "confirm-no-papers": asked(Touched("take-ticket"), Touched("matter", "M071")).state,
        "confirm-many-papers": asked(Touched("take-ticket"), Touched("matter", "M050")).state,
        "confirm-remote": at_an_outlet()(*CONFIRM).state,
        "confirm-closed": closed(Touched("book"), CONFIRM[1]).state,
        "confirm-link-lost": asked(events.LinkChanged(up=False), *CONFIRM).state,
        "confirm-no-paper": asked(events.DeviceChanged("printer", "degraded", "paper-out"), *CONFIRM).state,
        "other-ways": at_an_outlet()(*CONFIRM, Touched("other-ways")).state,
        "missing": asked(*CONFIRM, Touched("missing")).state,
        "checklist": asked(*CONFIRM, Touched("missing"), Touched("checklist")).state,
        "book-choose": closed_first(Touched("book")).state,
        "book-asking": asked(*CONFIRM, Touched("book")).state,
        "book-asking-link-lost": asked(*CONFIRM, Touched("book"), events.LinkChanged(up=False)).wait(8).state,
        "book-days": to_days().state,
        "book-days-full": to_days(full=True).state,
        "book-day-full": full_day.state,
        "book-slots": to_slots().state,
        "book-slots-full": to_slots(full=True).state,
        "book-slot-gone": gone.state,
        "book-confirm": chosen().state,
        "book-confirm-card": chosen(CARD).state,
        "book-confirm-unread": chosen(events.CardTrouble("replace-card")).state,
        "book-type-number": chosen(Touched("type-number"), events.TypedProgress(4)).state,
        "book-booking": chosen(Touched("book-now")).state,
        "book-booking-link-lost": waiting,
        "booked-printing": booked("").state,
        "booked": booked().state,
        "booked-unprinted": booked("failed").state,
        "start-booked-after-leaving": left.state,
        "book-already": twice.state,
        "book-blocked": blocked.state,
        "waiting-list": listed.state,
        "checkin-too-early": early.state,
        "checkin-other-hall": elsewhere.state,
        "checkin-wrong-day": other_day.state,
        "checkin-used": used.state,
        "refused-closed": shut.state,
        "wait-place-free": free.state,
        "trouble-card-thrice": asked(*(events.CardTrouble("replace-card") for _ in range(3))).state,
        "trouble-number-thrice": typing(*(events.TypedTrouble("bad-number") for _ in range(3))).state,
        "ticket-late": late(appointment=True).state,
        "ticket-too-late": late(appointment=False).state,
        "book-next-slot": late(appointment=False)(Touched("book-next")).state,
        "ticket-expired-card": expired.state,
        "ticket-remote": video.state,
        "ticket-print-failed": failed.state,
        "away": stepping.state,
    }
