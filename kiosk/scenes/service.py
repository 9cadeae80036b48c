"""The scenes of looking something up: progress of tickets and cases, and a record from consent to paper."""

from __future__ import annotations

from datetime import timedelta

from kiosk import events
from kiosk.events import Event, RecordLine, Touched
from kiosk.flow import Site, State
from kiosk.flow.pages import Record
from kiosk.scenes.walk import CARD, NOW, Walk, refused
from kiosk.spelling import DIGIT
from queue_server.wire import messages as wire
from queue_server.wire.inquiry import CaseState, TicketState
from queue_server.wire.sentences import sentence

MASKED = (
    RecordLine("姓名", "Name", "张*"),
    RecordLine("证件号码", "ID number", "**************1234"),
    RecordLine("状态", "State", "正常", masked=False),
    RecordLine("最近一次", "Last entry", "2026-10", masked=False),
    RecordLine("金额（元）", "Amount (CNY)", "****"),
    RecordLine("累计（元）", "Total (CNY)", "****"),
    RecordLine("登记单位", "Registered at", "****"),
)
WHOLE = tuple(
    RecordLine(line.label_zh, line.label_en, shown, masked=False)
    for line, shown in zip(
        MASKED,
        ("张某某", "110199190001011234", "正常", "2026-10", "4,862.50", "58,350.00", "星河市第三经办所"),
        strict=True,
    )
)
"""An invented person's."""
TO_PLAIN = (Touched("services"), Touched("look-up"), Touched("look-up", "M021"))
TO_SENSITIVE = (Touched("services"), Touched("look-up"), Touched("look-up", "M014"))
AGREED = (*TO_PLAIN, Touched("agree"))
ASKED = (*AGREED, CARD)


def _letters(site: Site, text: str) -> list[Touched]:
    """As they are touched on this panel: letters, or the digits of a telephone."""
    return [Touched("key", sign) for sign in (text.translate(DIGIT) if site.compact else text)]


def ticket_progress(state: TicketState = "waiting", *, number: str = "A023", ahead: int = 5) -> wire.TicketProgress:
    serves = state in {"called", "serving"}
    return wire.TicketProgress(
        number=number,
        state=state,
        ahead=ahead if state == "waiting" else 0,
        wait_min_low=8 if state == "waiting" else 0,
        wait_min_high=15 if state == "waiting" else 0,
        window_zh="3号窗口" if serves else "",
        window_en="Window 3" if serves else "",
        area_zh="二号等候区",
        area_en="Waiting area 2",
        until=NOW + timedelta(minutes=30) if state in {"missed", "paused"} else None,
    )


def case_progress(state: CaseState = "checking", *, tail: str = "0017") -> wire.CaseProgress:
    zh, en = {
        "supplement": ("请带户口簿到受理窗口补交", "Please bring the household register to the window"),
        "ready": ("请带身份证到原窗口领取", "Please fetch it at the same window with your card"),
    }.get(state, ("不用再来，办结后会通知您", "No need to come; you will be told when it is done"))
    return wire.CaseProgress(
        tail=tail,
        matter_zh="社会保障卡申领",
        matter_en="Apply for a social security card",
        state=state,
        since=NOW - timedelta(days=3),
        expected=NOW + timedelta(days=12),
        next_zh=zh,
        next_en=en,
        office_zh="星河市社会保障卡服务中心",
        office_en="Xinghe social security card centre",
        owner_phone="021-0000 0096",
    )


def said_no(request: str, code: str, **facts: str) -> wire.RefusedReply:
    return refused(request, code, *sentence(code, facts))


def looked_up(walked: Walk) -> Walk:
    """The answer is here, and the reading process has opened it."""
    return walked(
        events.Replied(wire.RecordReply(id=walked.wish, matter="M021", box="Ym94")), events.RecordOpened(MASKED)
    )


def service(site: Site) -> dict[str, State]:
    """By name, for one panel; in Chinese and normal size, to be varied by callers."""

    def walk(*happened: Event) -> Walk:
        return Walk(site).ready()(*happened)

    to_ways = (Touched("services"), Touched("progress"))
    typed = (*to_ways, Touched("type-ticket"), Touched("key", "A"), *(Touched("key", x) for x in "023"))

    def found(**what: object) -> State:
        walked = walk(*typed, Touched("key", "enter"))
        return walked(events.Replied(wire.ProgressReply(id=walked.wish, **what))).state  # type: ignore[arg-type]

    def not_found(code: str, **facts: str) -> State:
        walked = walk(*typed, Touched("key", "enter"))
        return walked(events.Replied(said_no(walked.wish, code, **facts))).state

    def no_record(code: str, **facts: str) -> State:
        walked = walk(*ASKED)
        return walked(events.Replied(said_no(walked.wish, code, **facts))).state

    shown = looked_up(walk(*ASKED))
    no_paper = walk(*ASKED)(events.DeviceChanged("printer", "degraded", "paper-out"))
    printing = looked_up(walk(*ASKED))(Touched("print"))
    printed = looked_up(walk(*ASKED))(Touched("print"))
    printed(events.PrintEnded(_job(printed), "printed"))
    unsure = looked_up(walk(*ASKED))(Touched("print"))
    unsure(events.PrintEnded(_job(unsure), "failed", "jam"))
    whole = looked_up(walk(*ASKED))(Touched("show-whole"), Touched("show-now"), events.RecordWhole(WHOLE)).wait(3)
    tickets = {
        f"progress-{state}": found(ticket=ticket_progress(state))
        for state in ("waiting", "called", "serving", "done", "missed", "paused", "cancelled")
    }
    states: tuple[CaseState, ...] = ("received", "checking", "supplement", "ready", "declined")
    cases = {f"progress-case-{state}": found(cases=[case_progress(state)]) for state in states}
    to_letters = (*TO_PLAIN[:2], Touched("search"))
    return {
        "services": walk(Touched("services")).state,
        "progress-ways": walk(*to_ways).state,
        "progress-ways-no-devices": walk(
            *to_ways,
            *(events.DeviceChanged(device, "absent", "no-answer") for device in ("idcard", "scanner", "camera")),
        ).state,
        "type-ticket": walk(*to_ways, Touched("type-ticket")).state,
        "type-ticket-digits": walk(*typed).state,
        "type-case": walk(*to_ways, Touched("type-case"), *(Touched("key", x) for x in "20261120000017")).state,
        "progress-asking": walk(*typed, Touched("key", "enter")).state,
        **tickets,
        "progress-next": found(ticket=ticket_progress(ahead=0)),
        **cases,
        "progress-several": found(
            ticket=ticket_progress(), cases=[case_progress(), case_progress("supplement", tail="0025")]
        ),
        "progress-unknown": not_found("unknown-number", number="A023"),
        "progress-unknown-case": not_found("unknown-case"),
        "progress-no-case": not_found("no-case"),
        "progress-too-many": not_found("too-many-tries"),
        "progress-offline": walk(*typed, events.LinkChanged(up=False), Touched("key", "enter")).state,
        "progress-unanswered": walk(*typed, Touched("key", "enter")).wait(31).state,
        "look-ups": walk(*TO_PLAIN[:2]).state,
        "look-ups-last-leaf": walk(*TO_PLAIN[:2], Touched("page", "99")).state,
        "look-ups-letters": walk(*to_letters).state,
        "look-ups-found": walk(*to_letters, *_letters(site, "sb"), Touched("show-found")).state,
        "look-ups-not-found": walk(*to_letters, *_letters(site, "xqxq"), Touched("show-found")).state,
        "look-ups-no-catalogue": Walk(site)(events.LinkChanged(up=True), *TO_PLAIN[:2]).state,
        "consent": walk(*TO_PLAIN).state,
        "consent-sensitive": walk(*TO_SENSITIVE, Touched("agree")).state,
        "lay-card": walk(*AGREED).state,
        "lay-card-again": walk(*AGREED, events.CardTrouble("replace-card")).state,
        "record-asking": walk(*ASKED).state,
        "record-asking-slow": walk(*ASKED).wait(8).state,
        "record-masked": shown.state,
        "record-warning": looked_up(walk(*ASKED))(Touched("show-whole")).state,
        "record-whole": whole.state,
        "record-covered": looked_up(walk(*ASKED)).wait(16).state,
        "record-printing": printing.state,
        "record-not-printed": unsure.state,
        "record-no-paper": looked_up(no_paper).state,
        "record-printed": printed.state,
        "record-office-away": no_record(
            "office-away", office="星河市数据共享平台", office_en="Xinghe data exchange", back="15:30"
        ),
        "record-office-silent": no_record("office-away"),
        "record-nothing": no_record("nothing-on-record"),
        "record-other-person": no_record("other-person"),
        "record-offline": walk(
            Touched("services"), Touched("look-up"), events.LinkChanged(up=False), TO_PLAIN[2]
        ).state,
        "record-no-reader": walk(
            *TO_PLAIN[:2], events.DeviceChanged("idcard", "absent", "no-answer"), TO_PLAIN[2]
        ).state,
        "record-unopened": _unopened(walk(*ASKED)).state,
    }


def _unopened(walked: Walk) -> Walk:
    reply = wire.RecordReply(id=walked.wish, matter="M021", box="Ym94")
    return walked(events.Replied(reply), events.RecordTrouble("bad-box"))


def _job(walked: Walk) -> str:
    page = walked.state.session.page
    return page.job if isinstance(page, Record) else ""
