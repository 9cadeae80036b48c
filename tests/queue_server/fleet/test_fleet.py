"""Whether a terminal lives, by its own word, its will and its silence; and who answers for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from queue_server.clock import SetClock
from queue_server.fleet import DeviceView, Fleet, NoOwner, Registration, terminal
from queue_server.plans import DevicePlan, Plans
from queue_server.store.database import metadata
from queue_server.wire import messages as wire
from queue_server.wire.topics import SiteNote

NINE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PRINTER = wire.Peripheral(name="printer", condition="ok", since=NINE)
TORN = wire.Peripheral(name="printer", condition="degraded", since=NINE, reason="paper-out")


def registered() -> DeviceView:
    return DeviceView(Registration("k1", "site", ("hall",), "林工", "021-0000-0001"))


def birth(session: str, *peripherals: wire.Peripheral) -> wire.Birth:
    return wire.Birth(
        session=session, at=NINE, model="sim", version="0.1.0", profile="demo", owner="林工",
        owner_phone="021-0000-0001", peripherals=list(peripherals),
    )  # fmt: skip


def beat(session: str, seq: int, *peripherals: wire.Peripheral) -> wire.Heartbeat:
    return wire.Heartbeat(session=session, seq=seq, at=NINE, peripherals=list(peripherals))


def will(session: str) -> wire.StateNote:
    return wire.StateNote(state="lost", session=session)


@pytest.mark.parametrize(("owner", "phone"), [("", "1"), ("林工", ""), (" ", "1"), ("林工", " ")])
def test_a_terminal_for_which_nobody_answers_is_not_registered(owner: str, phone: str) -> None:
    with pytest.raises(NoOwner):
        Registration("k1", "site", (), owner, phone)


def test_a_birth_makes_it_ready_with_its_peripherals() -> None:
    view = terminal.born(registered(), birth("s1", PRINTER), NINE)
    assert (view.state, view.session, view.last_seen) == ("ready", "s1", NINE)
    assert view.peripherals == (PRINTER,)
    assert view.alive
    assert view.trouble == ()


def test_a_heartbeat_shows_torn_paper_at_once() -> None:
    view = terminal.beat(terminal.born(registered(), birth("s1", PRINTER), NINE), beat("s1", 1, TORN), NINE)
    assert view.trouble == (TORN,)


def test_the_will_of_the_present_session_ends_it() -> None:
    view = terminal.noted(terminal.born(registered(), birth("s1"), NINE), will("s1"), NINE, retained=False)
    assert (view.state, view.reason) == ("lost", "will")


def test_a_stale_will_cannot_end_a_newer_session() -> None:
    view = terminal.born(terminal.born(registered(), birth("s1"), NINE), birth("s2"), NINE)
    assert terminal.noted(view, will("s1"), NINE, retained=False) == view
    assert terminal.noted(view, will("s1"), NINE, retained=True) == view
    assert terminal.beat(view, beat("s1", 9), NINE) == view
    assert terminal.born(view, birth("s1"), NINE) == view


def test_the_will_of_a_session_never_born_here_does_not_end_another() -> None:
    view = terminal.born(registered(), birth("s1"), NINE)
    assert terminal.noted(view, will("s9"), NINE, retained=False) == view


def test_silence_of_75_seconds_is_lost_and_one_beat_brings_it_back() -> None:
    view = terminal.born(registered(), birth("s1"), NINE)
    assert terminal.silent(view, NINE + timedelta(seconds=74.9), NINE).state == "ready"
    lost = terminal.silent(view, NINE + timedelta(seconds=75), NINE)
    assert (lost.state, lost.reason) == ("lost", "silence")
    assert terminal.beat(lost, beat("s1", 4), NINE + timedelta(minutes=9)).state == "ready"


def test_a_server_that_was_away_gives_every_terminal_its_full_time() -> None:
    view = terminal.born(registered(), birth("s1"), NINE)
    back = NINE + timedelta(hours=1)
    assert terminal.silent(view, back + timedelta(seconds=74), back).state == "ready"
    assert terminal.silent(view, back + timedelta(seconds=75), back).state == "lost"


def test_a_retained_ready_is_memory_and_no_sign_of_life() -> None:
    lost = terminal.silent(terminal.born(registered(), birth("s1"), NINE), NINE + timedelta(seconds=80), NINE)
    ready = wire.StateNote(state="ready", session="s1")
    assert terminal.noted(lost, ready, NINE + timedelta(hours=1), retained=True) == lost
    assert terminal.noted(lost, ready, NINE + timedelta(hours=1), retained=False).alive


def test_an_overtaken_heartbeat_does_not_bring_old_news_back() -> None:
    view = terminal.beat(terminal.born(registered(), birth("s1"), NINE), beat("s1", 5, TORN), NINE)
    assert terminal.beat(view, beat("s1", 4, PRINTER), NINE).peripherals == (TORN,)


sessions = st.sampled_from(["s1", "s2", "s3"])
notes = st.one_of(
    st.builds(lambda s: ("birth", s), sessions),
    st.builds(lambda s: ("beat", s), sessions),
    st.builds(lambda s: ("will", s), sessions),
)


@given(st.lists(notes, max_size=30))
def test_once_replaced_a_session_never_speaks_again(told: list[tuple[str, str]]) -> None:
    view, gone = registered(), set[str]()
    for what, session in told:
        before = view
        match what:
            case "birth":
                view = terminal.born(view, birth(session), NINE)
            case "beat":
                view = terminal.beat(view, beat(session, 0), NINE)
            case _:
                view = terminal.noted(view, will(session), NINE, retained=False)
        if session in gone:
            assert view == before
        if before.session not in (None, view.session):
            gone.add(str(before.session))


# --- the fleet's thread and table -------------------------------------------------------------------------


def plans(owner: str = "林工") -> Plans:
    device = DevicePlan("k1", "site", ("hall",), owner, "021-0000-0001", "一楼")
    return Plans(devices={"k1": device})


def until(ready: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def state_of(fleet: Fleet) -> str:
    view = fleet.device("k1")
    assert view is not None
    return view.state


def heard(fleet: Fleet, what: str, note: object, *, site: str = "site", device: str = "k1") -> None:
    fleet.heard(SiteNote(site, device, what), note if isinstance(note, bytes) else msgspec.json.encode(note))


def test_it_tells_keeps_and_remembers_over_a_restart(engine: sa.Engine) -> None:
    metadata.create_all(engine)
    clock = SetClock(NINE)
    fleet = Fleet(engine, plans(), clock)
    seen: list[DeviceView] = []
    fleet.listen(seen.append)
    fleet.start()
    assert state_of(fleet) == "never-seen"
    heard(fleet, "birth", birth("s1", PRINTER))
    until(lambda: state_of(fleet) == "ready")
    heard(fleet, "hb", beat("s1", 1, TORN))
    # a view changes before its row is written and its listeners are told: they may hear of it a little later
    until(lambda: seen and seen[-1].trouble == (TORN,))
    heard(fleet, "birth", birth("s2", PRINTER))
    until(lambda: seen and seen[-1].session == "s2")
    fleet.stop()

    clock.forward(minutes=10)
    again = Fleet(engine, plans(), clock)
    again.start()
    assert state_of(again) == "ready"
    heard(again, "state", will("s1"))
    heard(again, "hb", beat("s2", 2, PRINTER))
    until(lambda: again.device("k1").last_seen == clock())
    assert state_of(again) == "ready", "the will of the session before the restart is still stale"
    clock.forward(seconds=75)
    until(lambda: state_of(again) == "lost")
    again.stop()


@pytest.mark.parametrize(
    ("what", "body", "site", "device"),
    [
        ("birth", b"{", "site", "k1"),
        ("birth", b"", "site", "k1"),
        ("hb", b"[" * 5000, "site", "k1"),
        ("hb", msgspec.json.encode(birth("s1")), "site", "k1"),
        ("state", b'{"state":"happy","session":"s1"}', "site", "k1"),
        ("state", b'{"state":"lost","session":"s1","v":2}', "site", "k1"),
        ("state", b"", "site", "k1"),
        ("birth", b" " * 20_000, "site", "k1"),
        ("birth", msgspec.json.encode(birth("s1")), "elsewhere", "k1"),
        ("birth", msgspec.json.encode(birth("s1")), "site", "unknown"),
        ("log", "张三 110105".encode(), "site", "k1"),
    ],
)
def test_a_note_that_is_wrong_changes_nothing(
    engine: sa.Engine, caplog: pytest.LogCaptureFixture, what: str, body: bytes, site: str, device: str
) -> None:
    metadata.create_all(engine)
    fleet = Fleet(engine, plans(), SetClock(NINE))
    fleet.start()
    heard(fleet, what, body, site=site, device=device)
    fleet.stop()
    assert state_of(fleet) == "never-seen"
    assert [view.id for view in fleet.devices()] == ["k1"]
    assert "happy" not in caplog.text
    assert "张三" not in caplog.text


def test_a_plan_without_an_owner_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(NoOwner):
        Fleet(engine, plans(owner=" "), SetClock(NINE))
