"""The scenes behind the technician's code, and before it."""

from __future__ import annotations

from kiosk.events import CardRead, CodeTried, FactsFound, Inspected, KeyPressed, PrintEnded, Touched
from kiosk.flow import Site, State
from kiosk.flow.pages import TechTests
from kiosk.scenes.walk import Walk

HOLD = Touched("technician")
DIGITS = tuple(Touched("key", key) for key in "48210937")


def inside(site: Site) -> Walk:
    """A technician at the menu."""
    return Walk(site).ready()(HOLD, *DIGITS, CodeTried("open"))


def technician(site: Site) -> dict[str, State]:
    def tried(result: CodeTried) -> State:
        return Walk(site).ready()(HOLD, *DIGITS, result).state

    def tested() -> Walk:
        return inside(site)(Touched("tests"), *(Touched("test", name) for name in ("printer", "idcard", "scanner")))

    def job(walk: Walk) -> str:
        page = walk.state.session.page
        return page.job if isinstance(page, TechTests) else ""

    well, bad = tested(), tested()
    well(PrintEnded(job(well), "printed"), Inspected("idcard"), CardRead("张*", "1234", "c2VhbGVk"))
    well(Inspected("scanner"), Touched("test", "panel"), Inspected("panel"), KeyPressed("5"))
    bad(PrintEnded(job(bad), "failed", "paper-out"), Inspected("idcard", "no-answer"), Inspected("scanner", "e-42"))
    facts = FactsFound((("address", "10.31.4.17"), ("broker", "10.31.4.2:8883"), ("link_s", "5160"), ("outbox", "0")))
    lost = FactsFound((("address", ""), ("broker", "10.31.4.2:8883"), ("link_s", ""), ("outbox", "37")))
    return {
        "technician-code": Walk(site).ready()(HOLD, *DIGITS[:3]).state,
        "technician-checking": Walk(site).ready()(HOLD, *DIGITS).state,
        "technician-wrong": tried(CodeTried("wrong", left=4)),
        "technician-used": tried(CodeTried("used", left=5)),
        "technician-locked": tried(CodeTried("locked", left=15)),
        "technician-menu": inside(site).state,
        "technician-menu-last-leaf": inside(site)(Touched("page", "9")).state,
        "technician-paper": inside(site)(Touched("paper")).state,
        "technician-tests": inside(site)(Touched("tests")).state,
        "technician-tests-running": tested().state,
        "technician-tests-well": well.state,
        "technician-tests-bad": bad.state,
        "technician-tests-last-leaf": well(Touched("page", "9")).state,
        "technician-network": inside(site)(Touched("network"), facts).state,
        "technician-network-lost": inside(site)(Touched("network"), lost).state,
        "technician-restart": inside(site)(Touched("restart")).state,
        "technician-service": inside(site)(Touched("service")).state,
    }
