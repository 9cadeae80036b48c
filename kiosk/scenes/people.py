"""The scenes of what is there for people: help and its minute, a card left behind, time running out."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from kiosk import events
from kiosk.events import Touched
from kiosk.flow import Site, State, rating
from kiosk.flow.pages import RateWays
from kiosk.flow.state import DEVICES
from kiosk.scenes.walk import CARD, TAKE, TOKEN, Walk, outlook, ticket
from queue_server.wire import messages as wire


def people(site: Site) -> dict[str, State]:
    return {**_help(site), **_left(site), **_rating(site), **_proxy(site)}


def _help(site: Site) -> dict[str, State]:
    def called(*devices: str, **more: str) -> Walk:
        fitted = frozenset(devices or ("idcard", "printer", "scanner"))
        walked = Walk(replace(site, fitted=fitted, **more)).ready()  # type: ignore[arg-type]
        walked(Touched("help"), Touched("call"))
        return walked(events.HelpChanged("c1")) if walked.state.kiosk.link_up else walked

    closed = events.OutlookChanged(outlook(is_open=False))
    remote = {"remote_phone": "021-0000-0002", "remote_hours_zh": "8:00–22:00"}
    return {
        "help-counting": called().wait(12).state,
        "help-again": called().wait(47).state,
        "help-nobody": called().wait(63).state,
        "help-nobody-no-catalogue": called()(
            events.CatalogueChanged(wire.Catalogue(version="0", groups=[], matters=[]))
        )
        .wait(63)
        .state,
        "help-who": called()(events.HelpChanged("c1", True, "3号窗口", "Window 3")).wait(20).state,
        "help-lamp-only": Walk(replace(site, fitted=frozenset(DEVICES)))
        .ready()(events.LinkChanged(up=False), events.KeyPressed("call"))
        .wait(48)
        .state,
        "help-night": Walk(site).ready()(closed, Touched("help")).state,
        "help-night-remote": Walk(replace(site, **remote)).ready()(closed, Touched("help")).state,  # type: ignore[arg-type]
        "help-night-called": called(**remote)(closed).wait(5).state,
    }


def _left(site: Site) -> dict[str, State]:
    def lying(*before: events.Event) -> Walk:
        return Walk(site).ready()(*before, CARD, Touched("help"), events.Idle())

    told = lying().wait(32)
    known = lying().wait(32)
    left = known.state.kiosk.left_card
    known(events.Replied(wire.LeftReply(id=left.told if left else "")))
    waits = {"still-there-late": Walk(site).ready()(*TAKE[:2]).wait(82).state}
    return {
        "card-left": lying().wait(3).state,
        "card-left-told": told.state,
        "card-left-known": known.state,
        "card-left-no-link": lying()(events.LinkChanged(up=False)).wait(32).state,
        "start-card-left": lying()(Touched("serve-others")).state,
        **waits,
    }


_OTHERS_CARD = events.CardRead("张*", "5678", "c2VhbGVkIHRvbw", mark="b")
_OWN_CARD = events.CardRead("张*", "1234", "c2VhbGVk", mark="a")
_CODE = events.CodeRead(f"http://127.0.0.1:8080/t/demo/20261120/A023/{TOKEN}")


def _rating(site: Site) -> dict[str, State]:
    """The menu that leads here is another's: these begin at the question which visit."""

    def at_ways(*happened: events.Event) -> Walk:
        walked = Walk(replace(site, hall="demo")).ready()
        walked.state = walked.state.go(RateWays())
        return walked(*happened)

    def typing(keys: str) -> Walk:
        return at_ways(Touched("rate-number"), *(Touched("key", key) for key in keys))

    def chosen(level: str, *reasons: str) -> Walk:
        walked = at_ways(_CODE, Touched("level", level)).wait(2)
        return walked(*(Touched("reason", reason) for reason in reasons))

    def submitted(level: str) -> Walk:
        return chosen(level)(Touched("submit"))

    def answered(level: str, *, no: bool = False) -> Walk:
        walked = submitted(level)
        request = getattr(walked.state.session.page, "request", "")
        zh, en = "A023 还没有办完，请办完后再评价。", "A023 is not done yet. Please rate it when it is."
        reply = wire.RefusedReply(id=request, code="not-done", zh=zh, en=en) if no else wire.RatedReply(id=request)
        return walked(events.Replied(reply))

    job = Walk(site).ready()
    job.state = rating.of_job(job.state, "job-17")
    return {
        "rate-ways": at_ways().state,
        "rate-ways-foreign": at_ways(events.CodeRead("https://example.org/")).state,
        "rate-ways-no-scanner": at_ways(
            events.DeviceChanged("scanner", "absent", "x"), events.DeviceChanged("camera", "absent", "x")
        ).state,
        "rate-number": typing("").state,
        "rate-number-typed": typing("A02").state,
        "rate": at_ways(_CODE).state,
        "rate-job": job.state,
        "rate-reasons-good": chosen("5", "quick").state,
        "rate-reasons-bad": chosen("1", "long-wait", "not-done").state,
        "rate-sending": submitted("4").state,
        "rate-thanks": answered("5").state,
        "rate-thanks-bad": answered("2").state,
        "rate-kept": chosen("4")(events.LinkChanged(up=False), Touched("submit")).state,
        "rate-refused": answered("4", no=True).state,
    }


def _proxy(site: Site) -> dict[str, State]:
    def begun(*happened: events.Event, matter: str = "M034") -> Walk:
        return Walk(site).ready()(Touched("take-ticket"), Touched("matter", matter), Touched("proxy"), *happened)

    def related(relation: str, *happened: events.Event) -> Walk:
        return begun(Touched("relation", relation), *happened)

    both = (_OWN_CARD, events.CardGone(), _OTHERS_CARD)
    permit = tuple(Touched("key", key) for key in "20260718")
    given = related("child", *both, Touched("take"))
    reply = ticket(given.wish)
    given(events.Replied(msgspec.structs.replace(reply, for_other=True)))
    given(events.PrintEnded(given.job, "printed"))
    return {
        "proxy-relation": begun().state,
        "proxy-relation-more": begun(Touched("page", "1")).state,
        "proxy-not-allowed": begun(matter="M060").state,
        "proxy-agent": related("child").state,
        "proxy-agent-no-reader": related("child", events.DeviceChanged("idcard", "absent", "x")).state,
        "proxy-agent-trouble": related("child", events.CardTrouble("replace-card")).state,
        "proxy-agent-minor": related("child", replace(_OWN_CARD, minor=True)).state,
        "proxy-person": related("child", _OWN_CARD).state,
        "proxy-person-same": related("child", _OWN_CARD, events.CardGone(), _OWN_CARD).state,
        "proxy-person-number": related("child", _OWN_CARD, Touched("their-number"), events.TypedProgress(7)).state,
        "proxy-without": related("child", _OWN_CARD, Touched("without")).state,
        "proxy-permit": related("outlet", *permit[:5]).state,
        "proxy-minor": related("relative", _OWN_CARD, events.CardGone(), replace(_OTHERS_CARD, minor=True)).state,
        "proxy-ready": related("child", *both).state,
        "proxy-ready-offline": related("child", *both, events.LinkChanged(up=False)).state,
        "proxy-ready-guardian": related("parent", *both).state,
        "proxy-ready-without": related("spouse", _OWN_CARD, Touched("without"), Touched("go-on")).state,
        "proxy-ready-outlet": related("outlet", *permit, Touched("key", "enter"), _OTHERS_CARD).state,
        "proxy-ticket": given.state,
    }
