"""The city's catalogue file: noticed when it changes, told when it is good, refused in one line when it is not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_cfg.catalogue import CATALOGUE, load_catalogue
from queue_server.catalogue_file import FILE_MAX_BYTES, CatalogueFile
from queue_server.wire import messages as wire

SHIPPED: dict[str, Any] = json.loads(CATALOGUE.read_bytes())
KNOWN = {matter["id"] for matter in SHIPPED["matters"]}
NEWER = {**SHIPPED, "version": "2-newer"}


@pytest.fixture
def told() -> list[wire.Catalogue]:
    return []


@pytest.fixture
def put(tmp_path: Path, told: list[wire.Catalogue]) -> Callable[[object], CatalogueFile]:
    """Writes the file and looks at it."""
    path = tmp_path / "catalogue.json"
    file = CatalogueFile(path, KNOWN, SHIPPED["version"], told.append)
    moments = iter(range(1, 100))

    def written(content: object) -> CatalogueFile:
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        os.utime(path, ns=(0, next(moments)))
        file.look()
        return file

    return written


def test_without_a_file_nothing_is_told(tmp_path: Path, told: list[wire.Catalogue]) -> None:
    CatalogueFile(tmp_path / "catalogue.json", KNOWN, "1-a", told.append).look()
    assert told == []


def test_a_changed_file_is_told_once(put: Callable[[object], CatalogueFile], told: list[wire.Catalogue]) -> None:
    file = put(NEWER)
    file.look()
    assert [catalogue.version for catalogue in told] == ["2-newer"]
    put({**NEWER, "version": "3-newest", "hot": ["M071"]})
    assert (told[-1].version, told[-1].hot) == ("3-newest", ["M071"])


@pytest.mark.parametrize(
    "content",
    [
        b"{torn",
        b"[]",
        {**SHIPPED, "version": "0-older"},
        {**NEWER, "matters": [{"id": "M001"}]},
        {**NEWER, "hot": ["nobody"]},
        bytes(FILE_MAX_BYTES + 1),
    ],
    ids=["torn", "no catalogue", "older", "half a matter", "hot but unknown", "too large"],
)
def test_a_bad_file_is_refused_in_one_line_and_the_next_good_one_taken(
    put: Callable[[object], CatalogueFile],
    told: list[wire.Catalogue],
    caplog: pytest.LogCaptureFixture,
    content: object,
) -> None:
    put(content)
    assert told == []
    assert len(caplog.records) == 1
    assert "is refused" in caplog.text
    put(NEWER)
    assert len(told) == 1


def test_what_no_hall_serves_is_left_out(
    put: Callable[[object], CatalogueFile], told: list[wire.Catalogue], caplog: pytest.LogCaptureFixture
) -> None:
    stranger = {**SHIPPED["matters"][0], "id": "X001"}
    put({**NEWER, "matters": [*SHIPPED["matters"], stranger], "hot": ["X001", "M034"]})
    assert {matter.id for matter in told[0].matters} == KNOWN
    assert told[0].hot == ["M034"]
    assert "1 matters" in caplog.text


def test_too_large_for_the_broker_is_refused_like_any_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def no(_catalogue: wire.Catalogue) -> None:
        raise ValueError("more than is carried")

    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(NEWER))
    file = CatalogueFile(path, KNOWN, SHIPPED["version"], no)
    file.look()
    assert file.version == SHIPPED["version"]
    assert "more than is carried" in caplog.text


def test_halls_can_start_with_the_citys_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "city.json"
    path.write_text(json.dumps(NEWER))
    monkeypatch.setenv("JIAOHAO_CATALOGUE", str(path))
    assert load_catalogue.__wrapped__().version == "2-newer"
