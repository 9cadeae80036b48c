"""What to bring, on the phone of whoever scanned a kiosk's checklist."""

from __future__ import annotations

from litestar import Litestar
from litestar.testing import TestClient

from queue_server.wire.paths import matter_path


def test_it_lists_the_papers_with_what_need_not_be_handed_in(client: TestClient[Litestar]) -> None:
    page = client.get(matter_path("M040", "xinghe-hall"))
    assert page.status_code == 200
    for words in ("户籍证明开具", "身份证", "户口簿", "免交：有电子证照", "/book?hall=xinghe-hall"):
        assert words in page.text
    assert "set-cookie" not in page.headers
    english = client.get(matter_path("M024", "xinghe-hall", "en")).text
    assert "Not needed: the office has the data" in english


def test_a_matter_without_papers_says_so_and_an_unknown_one_is_not_found(client: TestClient[Litestar]) -> None:
    assert "不需要带材料" in client.get("/m/M071").text
    assert client.get("/m/M999").status_code == 404
    assert client.get("/m/..%2f..%2fetc").status_code == 404
