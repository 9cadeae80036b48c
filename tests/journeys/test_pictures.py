"""Photographs of the running hall: every page in a browser, the kiosk's window, the printed ticket.

`make pictures` writes them to docs/pictures; the test run takes them too, into its own directory, and looks that
none is empty: a page that does not draw is a defect that no other test sees.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import httpx
import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


@pytest.fixture
def album(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    chosen = request.config.getoption("--pictures")
    place = Path(chosen) if chosen else tmp_path / "pictures"
    place.mkdir(parents=True, exist_ok=True)
    return place


def drawn(path: Path) -> None:
    """A picture with something on it: many colours and no single one over nearly everything."""
    with Image.open(path) as picture:
        colours = picture.convert("RGB").getcolors(1 << 24)
        assert colours is not None
        assert len(colours) > 20, path.name
        assert max(count for count, _ in colours) < 0.985 * picture.width * picture.height, path.name


def flat(picture: Image.Image) -> Image.Image:
    """The same in its 256 commonest colours, each exact: a page is flat colour, and needs a third of the room."""
    parts = np.asarray(picture).astype(np.int32)
    packed = (parts[..., 0] << 16 | parts[..., 1] << 8 | parts[..., 2]).ravel()
    colours, place, count = np.unique(packed, return_inverse=True, return_counts=True)
    apart = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)
    common = apart[np.argsort(-count, kind="stable")[:256]]
    nearest = ((apart[:, None] - common) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    found = Image.fromarray(nearest[place].reshape(parts.shape[:2]))
    found.putpalette(common.astype(np.uint8).ravel().tolist())
    return found


def photograph(browser: WebDriver, path: Path) -> None:
    assert browser.save_screenshot(str(path))
    drawn(path)
    with Image.open(path) as picture:
        flat(picture.convert("RGB")).save(path, optimize=True)


def bench_is_drawn(desk: WebDriver) -> bool:
    """Its scripts have filled it in; the camera's own picture comes last."""
    return bool(
        desk.execute_script(
            "const seen = document.querySelector('#camera img');"
            "return document.body.dataset.ready === 'true' && seen.complete && seen.naturalWidth > 0"
        )
    )


def strip_shown(hall, path: Path) -> bool:  # noqa: ANN001
    """Whether the amber line under the title says something now."""
    hall.photograph(path)
    with Image.open(path) as picture:
        amber = picture.convert("RGB").getcolors(1 << 24) or []
    path.unlink()
    return any(count > 2000 for count, colour in amber if colour == (0xFF, 0xE2, 0xA0))


def kiosk_walk(hall, album: Path, mark: str, until) -> None:  # noqa: ANN001  (the fixture's Hall)
    """The screens that a citizen meets, in their order, on this hall's panel."""

    def snap(name: str, unlike: str = "") -> None:
        """Photograph; with ``unlike`` once the screen has left what that picture shows and stands still."""
        path = album / f"kiosk-{mark}-{name}.png"
        shots: list[bytes] = []

        def still() -> bool:
            hall.photograph(path)
            with Image.open(path) as picture:
                shots.append(picture.convert("RGB").tobytes())
            return len(shots) > 1 and shots[-1] == shots[-2]

        def changed() -> bool:
            with Image.open(album / f"kiosk-{mark}-{unlike}.png") as before:
                return still() and shots[-1] != before.convert("RGB").tobytes()

        until(f"{name} to stand still", changed if unlike else still)
        drawn(path)

    hall.handle("panel", "input", name="presence", active=True)  # somebody stands there: nothing rests
    hall.home()
    snap("1-start")
    hall.touch("take-ticket")
    hot = hall.reaches("Hot")
    snap("2-matters")
    hall.touch(next(name for name in hot["targets"] if name.startswith("matter:")))
    hall.reaches("Confirm")
    snap("3-confirm")
    before = len(hall.tickets())
    hall.touch("take")
    hall.reaches("Given")
    until("the print-out", lambda: len(hall.tickets()) > before)
    snap("4-ticket")
    hall.home()
    hall.touch("check-in")
    hall.reaches("CheckInWays")
    snap("5-check-in")
    hall.home()
    hall.lay("li")
    hall.reaches("Refusal")
    snap("6-no-booking")
    hall.lift()
    hall.home()
    until("the kiosk to know that the card is gone", lambda: not strip_shown(hall, album / "passing.png"))
    snap("7-start-somebody-waits")
    hall.touch("elder")
    snap("8-elder", unlike="7-start-somebody-waits")
    hall.touch("elder")
    hall.touch("language")
    hall.touch("set-language:en")
    snap("9-english", unlike="7-start-somebody-waits")
    hall.touch("language")
    hall.touch("set-language:zh-Hans")
    hall.handle("panel", "tap", key="call")
    hall.reaches("Help")
    snap("10-help-called")
    hall.touch("help-came")
    hall.reaches("Start")
    hall.handle("panel", "input", name="door", active=True)
    hall.reaches("Shut")
    snap("11-door-open")
    hall.handle("panel", "input", name="door", active=False)
    hall.reaches("Start")


def test_the_hall_photographed(hall, browsers, until, album: Path, signed_in) -> None:  # noqa: ANN001
    kiosk_walk(hall, album, "1080x1920", until)
    ticket = hall.tickets()[0]
    printed = httpx.get(hall.bench + ticket["png"]).raise_for_status()
    (album / "ticket-printed.png").write_bytes(printed.content)

    desk = browsers(1440, 900)
    desk.get(hall.url)
    photograph(desk, album / "page-home.png")
    desk.get(hall.bench)
    until("the bench to show all five devices as they are", lambda: bench_is_drawn(desk))
    photograph(desk, album / "page-bench.png")
    signed_in(desk)
    desk.get(f"{hall.url}/counter")
    photograph(desk, album / "page-counter-choose.png")
    desk.get(f"{hall.url}/counter/xinghe-hall/3")
    until("a window to open", lambda: desk.find_element(By.ID, "open").is_displayed())
    desk.find_element(By.ID, "open").click()
    until("somebody to call", lambda: desk.find_element(By.ID, "call-next").is_enabled())
    photograph(desk, album / "page-counter-waiting.png")
    desk.find_element(By.TAG_NAME, "body").send_keys(Keys.F1)
    until("the identity check", lambda: desk.find_elements(By.ID, "identity"))
    photograph(desk, album / "page-counter-serving.png")

    board = browsers(1920, 1080)
    board.get(f"{hall.url}/board/xinghe-hall")
    until("a call on the board", lambda: board.find_element(By.ID, "places").text)
    photograph(board, album / "page-board.png")
    upright = browsers(1080, 1920)
    upright.get(f"{hall.url}/board/xinghe-hall")
    until("a call on the board", lambda: upright.find_element(By.ID, "places").text)
    photograph(upright, album / "page-board-upright.png")

    phone = browsers(390, 844)
    phone.get(hall.url + urlparse(ticket["qr"][0]).path)
    photograph(phone, album / "page-phone-ticket.png")
    phone.get(f"{hall.url}/book")
    photograph(phone, album / "page-phone-book.png")

    desk.get(f"{hall.url}/devices")
    photograph(desk, album / "page-devices.png")


def test_the_small_panel_photographed(new_hall, until, album: Path) -> None:  # noqa: ANN001
    hall = new_hall(profile="outlet-7in")
    hall.start()
    kiosk_walk(hall, album, "800x480", until)
    assert hall.stop() == 0


def test_the_managers_page_photographed_after_a_busy_morning(
    new_hall,  # noqa: ANN001
    browsers,  # noqa: ANN001
    until,  # noqa: ANN001
    album: Path,
    morning,  # noqa: ANN001
    request: pytest.FixtureRequest,
) -> None:
    hall = new_hall(kiosk=False)
    morning.lived(hall.var, hall.plans)
    hall.start()
    desk = browsers(1440, 900)
    hall.let_in(desk)
    desk.get(f"{hall.url}/manager")
    until("the reasons of the latest calls", lambda: desk.find_elements(By.CSS_SELECTOR, ".calls .reason"))
    if request.config.getoption("--pictures"):  # it is computed when somebody looks, and takes a while
        until("the windows needed", lambda: desk.find_elements(By.ID, "p-staffing"))
    photograph(desk, album / "page-manager.png")
    desk.find_element(By.CSS_SELECTOR, ".calls .no").click()
    until("the ticket's timeline", lambda: desk.find_elements(By.CSS_SELECTOR, ".timeline li"))
    photograph(desk, album / "page-manager-ticket.png")
    phone = browsers(390, 844)
    hall.let_in(phone)
    phone.get(f"{hall.url}/manager")
    photograph(phone, album / "page-manager-phone.png")
    assert hall.stop() == 0
