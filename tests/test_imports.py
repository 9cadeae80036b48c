"""The arrows of the house: who may import whom. Anything else fails here, with the line that did it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("kiosk", "devices", "queue_server", "firmware_cfg")

# What each place may import of ours; the longest matching prefix rules. Standard: what is not listed is forbidden.
ARROWS: dict[str, tuple[str, ...]] = {
    "firmware_cfg": ("firmware_cfg",),
    "devices": ("devices",),
    "kiosk": ("kiosk", "devices", "firmware_cfg", "queue_server.wire"),
    "kiosk.screens": ("kiosk.screens", "kiosk.views", "kiosk.flow", "kiosk.theme", "kiosk.widgets", "kiosk.text"),
    "queue_server.domain": ("queue_server.domain",),
    "queue_server.wire": ("queue_server.wire",),
    "queue_server.store": ("queue_server.store", "queue_server.domain"),
    "queue_server.twin": ("queue_server.twin", "queue_server.domain"),
    "queue_server.sheets": (
        "queue_server.sheets",
        "queue_server.twin",
        "queue_server.domain",
        "queue_server.store",
        "queue_server.config",
        "queue_server.desk",
    ),
    "queue_server.forecast": (
        "queue_server.forecast",
        "queue_server.twin",
        "queue_server.domain",
        "queue_server.store.database",
        "queue_server.desk",
        "queue_server.children",
    ),
    "queue_server.adapters": (
        "queue_server.adapters",
        "queue_server.desk",
        "queue_server.translate",
        "queue_server.domain",
        "queue_server.people",
        "queue_server.wire",
    ),
    "queue_server": ("queue_server", "firmware_cfg"),
}
PURE = ("queue_server.domain", "kiosk.flow", "kiosk.views", "kiosk.events", "kiosk.effects", "kiosk.slips")
NOT_IN_PURE = {"threading", "socket", "subprocess", "os", "random", "secrets", "sqlite3", "queue", "asyncio"}


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield dotted.removesuffix(".__init__"), path


def imported(module: str, path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                parent = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
                base = ".".join(parent[: len(parent) - node.level + 1])
                yield node.lineno, f"{base}.{node.module}" if node.module else base
            elif node.module is not None:
                yield node.lineno, node.module
                for alias in node.names:
                    yield node.lineno, f"{node.module}.{alias.name}"


def within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


def rule_of(module: str) -> str:
    return max((place for place in ARROWS if within(module, place)), key=len)


def wrong_arrows() -> list[str]:
    found = []
    for module, path in modules():
        allowed = ARROWS[rule_of(module)]
        for line, name in imported(module, path):
            if name.split(".")[0] not in PACKAGES or any(within(name, place) for place in allowed):
                continue
            if any(within(place, name) for place in allowed):
                continue  # `from queue_server import wire` names the package first, then what is checked
            found.append(f"{path.relative_to(ROOT)}:{line} {module} -> {name}")
    return found


def test_arrows_point_one_way() -> None:
    assert wrong_arrows() == []


def test_the_doors_go_through_the_desk_not_around_it() -> None:
    """Mqtt and http may ask the desk and read reports; only the desk appends to the log."""
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for module, path in modules()
        if any(within(module, door) for door in ("queue_server.mqtt", "queue_server.http", "queue_server.timekeeper"))
        for line, name in imported(module, path)
        if within(name, "queue_server.store.log") or within(name, "queue_server.store.leases")
    ]
    assert found == []


def test_the_pure_places_touch_no_clock_and_no_outside() -> None:
    found = []
    for module, path in modules():
        if not any(within(module, place) for place in PURE):
            continue
        for line, name in imported(module, path):
            if name.split(".")[0] in NOT_IN_PURE:
                found.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "monotonic", "perf_counter"}:
                owner = ast.unparse(node.value)
                if owner in {"datetime", "date", "time", "datetime.datetime", "dt.datetime"}:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} asks the clock")
    assert found == []


def test_only_the_forecasts_own_process_plays_the_twin() -> None:
    """What the server itself loads of a forecast, and what others read of it, needs no compiled code."""
    shown = ("foretold", "line", "process", "pipe", "tables", "hindsight", "conformal", "memory", "sketch", "arrivals")
    shown += ("scene", "span", "keys")
    plays = ("queue_server.twin.kernel", *(f"queue_server.forecast.{name}" for name in ("look", "futures", "cures")))
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for module, path in modules()
        if module.removeprefix("queue_server.forecast.") in shown
        for line, name in imported(module, path)
        if any(within(name, play) for play in plays)
    ]
    assert found == []


def test_the_forecasts_sums_know_no_process_and_no_desk() -> None:
    sums = (
        "hindsight",
        "conformal",
        "memory",
        "sketch",
        "arrivals",
        "scene",
        "span",
        "keys",
        "look",
        "futures",
        "cures",
    )
    outside = ("queue_server.desk", "queue_server.children", "queue_server.store")
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for module, path in modules()
        if module.removeprefix("queue_server.forecast.") in sums
        for line, name in imported(module, path)
        if any(within(name, place) for place in outside) or name.split(".")[0] in NOT_IN_PURE
    ]
    assert found == []


def test_the_domain_needs_the_standard_library_alone() -> None:
    standard = sys.stdlib_module_names
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for module, path in modules()
        if within(module, "queue_server.domain")
        for line, name in imported(module, path)
        if name.split(".")[0] not in standard and not within(name, "queue_server")
    ]
    assert found == []


def test_no_simulator_knows_its_driver() -> None:
    """A simulator is written from the published bytes: it imports nothing of the side that it answers.

    Of its own folder it may share invented people, drawn scenes, and a panel's wiring, which both sides are told.
    """
    shared = re.compile(r"sim.*|people|scenes|record|layout_file")
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for module, path in modules()
        if within(module, "devices") and path.parent.name != "commands"
        if re.fullmatch(r"sim.*|people|scenes", path.stem)
        for line, name in imported(module, path)
        if len(parts := name.split(".")) > 2
        and (ROOT / "devices" / parts[1] / f"{parts[2]}.py").exists()
        and not shared.fullmatch(parts[2])
    ]
    assert found == []


@pytest.mark.parametrize("place", ["queue_server", "queue_server.wire", "queue_server.wire.messages"])
def test_a_kiosk_only_installation_can_import(place: str) -> None:
    """The server's root and its wire need msgspec (which looks for typing_extensions) and nothing else."""
    program = (
        f"import sys; import {place}; "
        "outside = {m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names) "
        "- {'queue_server', 'msgspec', '__main__'}; "
        "print(sorted(m for m in outside if not m.startswith('_') and m not in "
        "{'sitecustomize', 'usercustomize', 'distutils-precedence', 'typing_extensions'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_files_have_one_job() -> None:
    """Under about 300 lines each; a longer one says that it has two jobs."""
    long = [f"{path.relative_to(ROOT)}: {n}" for _, path in modules() if (n := path.read_text().count("\n")) > 350]
    assert long == []


# What each package's distribution is called, where that differs from the import.
DISTRIBUTIONS = {
    "serial": "pyserial",
    "nacl": "PyNaCl",
    "escpos": "python-escpos",
    "PIL": "pillow",
    "paho": "paho-mqtt",
    "fontTools": "fonttools",
    "zxingcpp": "zxing-cpp",
    "argon2": "argon2-cffi",
    "cv2": "opencv-python-headless",
    "usb": "pyusb",
    "anyio": "litestar",  # comes with it and is part of its interface
}
EXTRAS = {
    "kiosk": {"kiosk"},
    "devices": {"kiosk", "bench", "camera", "panel", "usb", "raspi"},
    "queue_server": {"server"},
    "firmware_cfg": {"kiosk"},
}
MADE_BY_HAND = {"firmware_cfg.make_catalogue", "firmware_cfg.scale_catalogue", "queue_server.simulate.drawing"}
"""Run when the catalogue or a plot is made anew, with the development tools; never by an installed kiosk or server."""

FROM_DEBIAN = {"picamera2"}
"""Part of Raspberry Pi OS (python3-picamera2) and of no use elsewhere."""


def test_what_is_imported_is_declared() -> None:
    """A kiosk or server installed with its own extra, and nothing else, finds every library it imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {
        extra: {re.split(r"[\[;<>= ]", wanted)[0] for wanted in (*project["dependencies"], *listed)}
        for extra, listed in project["optional-dependencies"].items()
    }
    found = []
    for module, path in modules():
        if module in MADE_BY_HAND:
            continue
        declared = set().union(*(names[extra] for extra in EXTRAS[module.split(".")[0]]))
        for line, name in imported(module, path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in PACKAGES or top in FROM_DEBIAN:
                continue
            if DISTRIBUTIONS.get(top, top) not in declared:
                found.append(f"{path.relative_to(ROOT)}:{line} {top}")
    assert found == []
