"""The bench's page under a real finger: Chromium on one side, the shipped drivers on the devices' other end."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from devices.camera.driver import supervise_camera
from devices.events import CardSeen, CodeSeen, Condition, DeviceEvent, Health, KeyPressed, PanelChanged
from devices.gpio.driver import supervise_panel
from devices.gpio.layout_file import load_layout
from devices.gpio.record import Lamp
from devices.idcard.driver import open_reader
from devices.printer.driver import PrintJob, supervise_printer
from devices.printer.profile import load_profile
from devices.printer.slip import Line, Qr, Slip
from devices.scanner.driver import open_scanner
from devices.supervisor import Supervisor

pytestmark = pytest.mark.journey

PATIENCE_S = 20.0
SIZES = ((1440, 900), (1080, 1920), (390, 844))
T = TypeVar("T")


def until(what: str, ask: Callable[[], T]) -> T:
    """Ask until the answer is true; fail with what was awaited and the last answer."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := ask()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {PATIENCE_S:g} s for {what}; last answer: {answer!r}")
        time.sleep(0.05)
    return answer


class Page:
    """The page as a person reads it: every look is one step, for it redraws itself."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser = browser
        browser.get(url)
        until("the page to be drawn", lambda: browser.execute_script("return document.body.dataset.ready"))

    def text(self, where: str) -> str:
        return str(self.browser.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", where))

    def attribute(self, where: str, name: str) -> str | None:
        script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1])"
        found: str | None = self.browser.execute_script(script, where, name)
        return found

    def says(self, where: str, words: str) -> None:
        until(f"{where} to say {words}", lambda: words in self.text(where))

    def click(self, where: str) -> None:
        self.browser.execute_script("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", where)
        self.browser.find_element(By.CSS_SELECTOR, where).click()

    def type(self, where: str, words: str, *keys: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, where).send_keys(words, *keys)

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]  # type: ignore[no-untyped-call]  # selenium's


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}", "--window-size=1440,900",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


def sized(browser: webdriver.Chrome, width: int, height: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
    )


@pytest.fixture
def page(bench: Any, browser: webdriver.Chrome) -> Iterator[Page]:
    sized(browser, 1440, 900)
    it = Page(browser, str(bench.http.base_url))
    yield it
    assert it.errors() == []


class Kiosk:
    """The drivers of all five devices, and what they tell."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.events: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        emit = self.events.put
        at = {name: state[name]["address"] for name in ("idcard", "scanner", "printer", "camera", "panel")}
        self.printer = supervise_printer(at["printer"], load_profile(), emit, poll_s=0.1)
        self.panel = supervise_panel(at["panel"], load_layout("demo"), emit)
        self.all = [
            Supervisor("idcard", lambda: open_reader(at["idcard"]), emit),
            Supervisor("scanner", lambda: open_scanner(at["scanner"]), emit),
            supervise_camera(at["camera"], emit),
            self.printer,
            self.panel,
        ]
        for supervisor in self.all:
            supervisor.start()

    def hears(self, what: str, true: Callable[[DeviceEvent], bool]) -> DeviceEvent:
        end = time.monotonic() + PATIENCE_S
        heard: list[DeviceEvent] = []
        while True:
            try:
                event = self.events.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"waited {PATIENCE_S:g} s for {what}, heard {heard}")
            if true(event):
                return event
            heard.append(event)


@pytest.fixture
def kiosk(bench: Any) -> Iterator[Kiosk]:
    it = Kiosk(bench.get("/api/state"))
    up: set[str] = set()
    while len(up) < len(it.all):
        up.add(it.hears("all devices to be up", lambda event: isinstance(event, Health) and event.model != "").device)
    yield it
    for supervisor in it.all:
        supervisor.stop()


def test_everything_on_the_page_is_felt_by_the_drivers_and_seen_again(page: Page, kiosk: Kiosk) -> None:
    page.says("#h-wrongs", "一切正常")

    # a card
    page.click("#idcard [data-card=zhang]")
    kiosk.hears("the card", lambda event: isinstance(event, CardSeen) and event.card.name == "张晓梅")
    page.says("#idcard .pill", "有证件")
    assert page.attribute("#idcard [data-card=zhang]", "aria-pressed") == "true"
    page.click("#idcard [data-card=zhang]")
    page.says("#idcard .pill", "空")

    # a code before the scan engine
    page.type("#code", "B20260105", Keys.ENTER)
    kiosk.hears("the scanned code", lambda event: event == CodeSeen("scanner", "B20260105"))

    # a ticket, and its code before the camera
    link = "http://127.0.0.1:8080/t/C007"
    kiosk.printer.submit(PrintJob("one", Slip((Line("C007", size=6), Qr(link)))))
    until("the ticket", lambda: page.attribute(".tickets .ticket img", "alt") == "C007")
    page.click("#camera .recent button")
    kiosk.hears("the code that the camera sees", lambda event: event == CodeSeen("camera", link))
    page.says("#camera .pill", "有码")
    until("the picture", lambda: page.browser.execute_script("return document.querySelector('.view img').naturalWidth"))
    page.click("#camera .clear")
    page.says("#camera .pill", "没有码")

    # the panel: a finger, a key of the keyboard, the door, the lamp
    page.click("#panel [data-key=call]")
    kiosk.hears("the call key", lambda event: event == KeyPressed("panel", "call"))
    page.type("#panel [data-key='7']", Keys.ENTER)
    kiosk.hears("the key 7", lambda event: event == KeyPressed("panel", "7"))
    until("no key to be down", lambda: page.attribute("#panel [data-key='7']", "aria-pressed") == "false")
    page.click("#panel [data-input=door] .bad")
    kiosk.hears("the open door", lambda event: isinstance(event, PanelChanged) and event.active)
    page.says(".chips", "机门打开")
    kiosk.panel.submit(Lamp("on"))
    page.says("#panel [data-output=lamp]", "亮")


def test_a_fault_is_found_switched_seen_at_the_top_and_put_right(page: Page, kiosk: Kiosk) -> None:
    assert page.text("#printer .switch") == "", "the drawer is closed at first"
    page.click("#printer .faults summary")
    page.click("#printer-offline")
    kiosk.hears("the printer off line", lambda event: isinstance(event, Health) and event.reason == "offline")
    page.says("#h-wrongs", "1 个故障")
    page.says(".chips", "打印机 脱机")
    page.says(".strip a[href='#printer']", "脱机")
    assert page.attribute("#printer-offline", "aria-checked") == "true"

    page.click("#printer [data-do=open]")
    page.says("#h-wrongs", "2 个故障")
    page.click(".chip")  # the first: the cover
    page.says("#h-wrongs", "1 个故障")
    assert page.attribute("#printer [data-do=close]", "aria-pressed") == "true"

    page.click("#mend")
    page.says("#h-wrongs", "一切正常")
    kiosk.hears("the printer well again", lambda event: isinstance(event, Health) and event.reason == "")
    assert page.attribute("#printer-offline", "aria-checked") == "false"


def test_a_measured_fault_has_a_field_and_a_wrong_value_is_answered(page: Page, bench: Any) -> None:
    page.click("#scanner .faults summary")
    page.click("#scanner-noise")
    field = ".switch[data-name=noise] input"
    until("the usual measure", lambda: bench.get("/api/state")["scanner"]["line"]["noise"] == 12)
    until("the field", lambda: page.browser.find_element(By.CSS_SELECTOR, f"#scanner {field}").is_displayed())
    page.type(f"#scanner {field}", Keys.CONTROL + "a" + Keys.NULL, "40", Keys.ENTER)
    until("the new measure", lambda: bench.get("/api/state")["scanner"]["line"]["noise"] == 40)
    page.says(".chips", "夹杂噪声：40 字节")
    page.browser.execute_script(
        "import('/page/dom.js').then((dom) => dom.act('scanner', 'fault', {name: 'noize', value: 1}))"
    )
    page.says("#said", "did you mean noise?")
    assert any("400" in error for error in page.errors()), "Chromium notes the refusal; read here, so it is no surprise"


def test_a_cable_pulled_on_the_page_is_out(page: Page, kiosk: Kiosk) -> None:
    page.click("#idcard .cable")
    kiosk.hears("the lost reader", lambda event: isinstance(event, Health) and event.condition is Condition.ABSENT)
    page.says("#idcard .pill", "已拔线")
    page.says(".chips", "读卡器 已拔线")
    page.click("#idcard .cable")
    kiosk.hears(
        "the reader again", lambda e: isinstance(e, Health) and e.device == "idcard" and e.condition is Condition.OK
    )
    page.says("#idcard .pill", "空")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_cut_off_and_nothing_scrolls_sideways(page: Page, bench: Any, width: int, height: int) -> None:
    sized(page.browser, width, height)
    bench.do("printer", "tear")
    bench.do("idcard", "unplug")
    bench.do("scanner", "fault", name="noise", value=12)
    page.browser.execute_script("document.querySelectorAll('details').forEach((drawer) => { drawer.open = true; })")
    page.says("#h-wrongs", "3 个故障")
    report = page.browser.execute_script(
        """
        const shown = [...document.querySelectorAll('body *')].filter((e) => e.getClientRects().length);
        return {
          wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
          outside: shown.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className),
          clipped: shown.filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')
            .map((e) => e.textContent),
          small: shown.filter((e) => e.matches('button, select, summary') && e.getBoundingClientRect().height < 24)
            .map((e) => e.textContent),
          unnamed: shown.filter((e) => e.matches('button, input, select') && !(e.textContent.trim() || e.labels?.length
            || e.ariaLabel)).map((e) => e.outerHTML),
        };
        """
    )
    assert report == {"wide": False, "outside": [], "clipped": [], "small": [], "unnamed": []}


def test_the_keyboard_alone_reaches_and_moves_a_switch(page: Page, bench: Any) -> None:
    summary = page.browser.find_element(By.CSS_SELECTOR, "#panel .faults summary")
    summary.send_keys(Keys.ENTER)
    focus = "return document.activeElement.id || document.activeElement.outerHTML"
    page.browser.switch_to.active_element.send_keys(Keys.TAB)
    first = page.browser.execute_script(focus)
    assert first.startswith("panel-")
    outline = page.browser.execute_script("return getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    page.browser.switch_to.active_element.send_keys(Keys.SPACE)
    until("the switch to be moved", lambda: bench.get("/api/state")["panel"]["on"] == [first.removeprefix("panel-")])
