"""Databases for the tests: SQLite in a temporary directory, and a PostgreSQL of our own.

The PostgreSQL cluster is made once a run, listens on 127.0.0.1 only, on a free port, and is stopped and
deleted at the end. ``database_url`` runs a test once on each.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from queue_server.store.database import open_engine

# A busy machine is slow now and then: how long an example takes decides nothing. All else stays as hypothesis has it.
settings.register_profile("hall", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hall")

# A shell that starts the tests in the background lets them ignore Ctrl-C, and all that they start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).parent
WHOLE = {
    "queue_server/http": "pages",
    **dict.fromkeys(("queue_server/" + name for name in ("simulate", "sheets", "forecast", "rollouts")), "days"),
}
"""Folders whose tests take a whole server's inside or whole days: they are not the fast part."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marks = {HERE / folder: mark for folder, mark in WHOLE.items()}
    for item in items:
        mark = marks.get(item.path.parent)
        if mark is not None:
            item.add_marker(mark)
        if {"panel", "name"} <= getattr(getattr(item, "callspec", None), "params", {}).keys():
            item.add_marker("scenes")


def _postgres_bin() -> Path:
    """Where this machine keeps initdb and pg_ctl: on the path, or where Debian hides them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    assert candidates, "PostgreSQL's server programs are missing: apt-get install postgresql"
    return candidates[-1].parent


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as its own user."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a private cluster's ``postgres`` database."""
    programs = _postgres_bin()
    home = Path(tempfile.mkdtemp(prefix="jiaohao-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(home, owner.pw_uid, owner.pw_gid)
    data, log = home / "data", home / "log"
    port = _free_port()

    def run(*command: str) -> None:
        done = subprocess.run([*_as_postgres(), *command], cwd=home, capture_output=True, text=True, check=False)
        said = log.read_text() if log.exists() else ""
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}{said}"

    try:
        run(str(programs / "initdb"), "-D", str(data), "-U", "jiaohao", "-A", "trust", "-E", "UTF8", "--no-locale")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -c max_connections=60"
        run(str(programs / "pg_ctl"), "-D", str(data), "-l", str(log), "-o", options, "-w", "-t", "60", "start")
        try:
            yield f"postgresql+psycopg://jiaohao@127.0.0.1:{port}/postgres"
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh database in the private cluster, dropped afterwards."""
    name = f"t{uuid.uuid4().hex}"
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An open engine on ``database_url``, closed afterwards."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def demo() -> ModuleType:
    """The invented hall and its commands: ``tests/queue_server/desk/demo_hall.py``."""
    return _module("demo_hall", Path(__file__).parent / "queue_server" / "desk" / "demo_hall.py")


@pytest.fixture(scope="session")
def morning() -> ModuleType:
    """What a hall has lived through before one looks at it: ``tests/journeys/morning.py``."""
    return _module("morning", Path(__file__).parent / "journeys" / "morning.py")


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
