"""One visit from booking to outcome, as the citizen, the board and the clerk live it, through the real parts."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver.remote.webdriver import WebDriver

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

PHONE = "13800005678"  # invented
NAME, NUMBER = "张晓梅", "110199199207152022"  # an invented person of the bench


def text(browser: WebDriver, where: str) -> str:
    """What stands there now, read in one step: these pages redraw themselves."""
    return str(browser.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", where))


def press(browser: WebDriver, where: str, until: Callable[..., object]) -> None:
    """Click when it is there and enabled, as a person waits for a button; again if it was redrawn under the finger."""

    def pressed() -> bool:
        try:
            button = browser.find_element(By.CSS_SELECTOR, where)
            if button.is_displayed() and button.is_enabled():
                button.click()
                return True
        except (NoSuchElementException, StaleElementReferenceException, ElementClickInterceptedException):
            pass
        return False

    until(f"button {where}", pressed)


def book(browser: WebDriver, url: str, number: str, until: Callable[..., str]) -> str:
    """On the phone: the first matter of the catalogue, the earliest slot; returns the check-in code."""
    browser.get(f"{url}/book")
    if "/book" in browser.current_url and browser.find_elements(
        By.CSS_SELECTOR, "ul.list > li > a[href^='/book?hall=']"
    ):
        browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        browser.find_element(By.CSS_SELECTOR, "a[href*='&m=M034']").click()
    browser.find_element(By.CSS_SELECTOR, "input[name=slot]").click()
    browser.find_element(By.ID, "number").send_keys(number)
    browser.find_element(By.CSS_SELECTOR, "form[method=post] button.primary").click()
    return until("the check-in code", lambda: text(browser, ".code"))


def test_from_booking_to_outcome(hall, browsers, until, signed_in) -> None:  # noqa: ANN001  (fixtures of conftest)
    phone, board, console = browsers(390, 844), browsers(1920, 1080), browsers(1440, 900)

    # Booked on the phone, with the number for checking in by card.
    code = book(phone, hall.url, NUMBER, until)
    assert code.replace(" ", "").isalnum()

    # The card on the reader is enough: no touch, and a ticket with a number comes out.
    board.get(f"{hall.url}/board/xinghe-hall")
    hall.reaches("Start")
    before = len(hall.tickets())
    hall.lay("zhang")
    hall.reaches("Given")
    printed = until("a printed ticket", lambda: hall.tickets()[: len(hall.tickets()) - before])[0]
    hall.lift()

    # Who would rather wait outside gives a telephone number, which the screen covers.
    hall.touch("text-me")
    hall.reaches("TypePhone")
    for digit in PHONE:
        hall.touch(f"key:{digit}")
    hall.touch("key:enter")
    hall.reaches("Given")
    path = urlparse(printed["qr"][0]).path
    number = path.split("/")[4]
    assert any(number in line for line in printed["lines"]), printed["lines"]
    assert not any(secret in " ".join(printed["lines"]) for secret in (NAME, NUMBER, NUMBER[-4:]))

    # The QR leads to the citizen's page: waiting, with people ahead and a range.
    phone.get(hall.url + path)
    assert text(phone, ".number") == number
    assert "waiting" in phone.find_element(By.CSS_SELECTOR, "section.ticket").get_attribute("class")

    # The clerk sits down at window 2 and calls with F1.
    signed_in(console)
    console.get(f"{hall.url}/counter/xinghe-hall/2")
    press(console, "#open", until)
    until("the citizen in the list", lambda: number in text(console, "#next"))
    until("F1 to be offered", lambda: console.find_element(By.ID, "call-next").is_enabled())
    console.find_element(By.TAG_NAME, "body").send_keys(Keys.F1)
    until("the ticket at the window", lambda: number in text(console, "#current-body"))
    assert NAME not in console.page_source

    # Board and phone say so by themselves.
    until("the number on the board", lambda: number in text(board, "#places"))
    assert "2" in text(board, "#places")
    until("the window on the phone", lambda: "2" in text(phone, ".window"))
    called = until("the message of the call", lambda: [m for m in hall.messages() if "正在叫" in m["text"]])
    assert (called[0]["to"], number in called[0]["text"]) == (PHONE, True)

    # Identity check, materials, outcome.
    press(console, "#identity", until)
    press(console, "#materials", until)
    press(console, "label.outcome:has(input[value=accepted])", until)
    press(console, "#finish", until)
    until("the window to be free", lambda: number not in text(console, "#current-body"))
    until("the phone to say it is done", lambda: phone.find_elements(By.CSS_SELECTOR, "section.ticket.done"))

    # The technician sees the kiosk and its three devices alive.
    console.get(f"{hall.url}/devices")
    until("the kiosk in the list", lambda: "kiosk-01" in console.page_source)
    assert "林工" in console.page_source


def test_a_walk_in_in_three_touches(hall, until) -> None:  # noqa: ANN001
    hall.home()
    before = len(hall.tickets())
    hall.touch("take-ticket")
    hot = hall.reaches("Hot")
    matter = next(name for name in hot["targets"] if name.startswith("matter:"))
    hall.touch(matter)
    hall.reaches("Confirm")
    hall.touch("take")
    hall.reaches("Given")
    until("the print-out", lambda: len(hall.tickets()) == before + 1)


def test_found_by_its_letters_and_asked_after_by_its_code(hall, until) -> None:  # noqa: ANN001
    """A matter that nobody finds on the first page, spelt on the keys of the screen; then how far its ticket is."""
    hall.home()
    before = len(hall.tickets())
    hall.touch("take-ticket")
    hall.reaches("Hot")
    hall.touch("search")
    hall.reaches("Searching")
    for letter in "jzzgs":  # 居住证挂失
        hall.touch(f"key:{letter}")

    def offered() -> list[str]:
        return [name for name in hall.screen()["targets"] if name.startswith("matter:")]

    until("the one that is meant", lambda: offered() == ["matter:M038"])  # tiles move as long as letters come
    hall.touch("matter:M038")
    hall.reaches("Confirm")
    hall.touch("take")
    hall.reaches("Given")
    printed = until("the print-out", lambda: hall.tickets()[: len(hall.tickets()) - before])[0]
    hall.home()
    hall.show(printed["qr"][0])
    hall.reaches("Progress")
    hall.home()


def test_who_calls_for_help_is_answered_by_staff(hall, until) -> None:  # noqa: ANN001
    """The call stands on the staff's list; who goes says so, and when it is done the terminal is free again."""
    hall.home()
    hall.touch("help")
    hall.reaches("Help")
    hall.touch("call")
    with closing(hall.staff()) as staff:

        def call() -> dict[str, object] | None:
            return next(iter(staff.get("/api/staff/halls/xinghe-hall/alarms").raise_for_status().json()["help"]), None)

        standing = until("the call on the staff's list", call)
        assert (standing["kiosk"], standing["answered_at"]) == ("kiosk-01", None)
        path = f"/api/staff/halls/xinghe-hall/help/{standing['id']}"
        staff.post(f"{path}/answer").raise_for_status()
        assert call()["answered_at"] is not None
        assert hall.screen()["screen"] == "Help"  # who is coming stands there
        staff.post(f"{path}/solved").raise_for_status()
        assert call() is None
    hall.reaches("Start")


def test_no_paper_no_loss(hall, until) -> None:  # noqa: ANN001
    """The paper runs out: the number stands on the screen all the same, with its code, and nothing is printed twice."""
    hall.home()
    before = len(hall.tickets())
    hall.touch("take-ticket")
    hot = hall.reaches("Hot")
    hall.touch(next(name for name in hot["targets"] if name.startswith("matter:")))
    hall.reaches("Confirm")
    hall.printer("tear")  # now, before the eyes of who is about to take a number
    until("the terminal to know of the paper", lambda: "take" not in hall.screen()["targets"])
    hall.touch("take-without-paper")
    hall.reaches("Given")
    assert len(hall.tickets()) == before
    hall.printer("load")
    hall.home()


def test_nothing_on_disk_knows_who_came(hall) -> None:  # noqa: ANN001
    """After a booking by number, a check-in by card and a phone: no file of the hall holds name, number or phone."""
    traces = [word.encode(code) for word in (NAME, NUMBER, PHONE) for code in ("utf-8", "gb18030", "utf-16-le")]
    var: Path = hall.var
    held = [
        (file.relative_to(var), trace)
        for file in var.rglob("*")
        if file.is_file() and "fonts" not in file.parts and "browser" not in file.parts
        for trace in traces
        if trace in file.read_bytes()
    ]
    assert held == []
