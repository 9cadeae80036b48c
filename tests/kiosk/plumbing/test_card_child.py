"""The reading process over a simulated reader on a pty: what it says is masked or sealed, and nothing else."""

from __future__ import annotations

import base64
import json
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from devices.idcard.people import PEOPLE
from devices.idcard.sim import IdCardSim
from kiosk.identity import BadServerKey, mask_name, seal, server_key
from kiosk.typed import Pad, mark, under_age
from queue_server.adapters.records import Line, Record, boxed
from queue_server.people.keys import load_keys
from queue_server.people.vault import Identity, Vault
from queue_server.store.database import open_engine

pytestmark = pytest.mark.wire

WAIT_S = 20.0
GOOD = "11010519491231002X"


class Child:
    """The process itself, spoken to as the kiosk does; ``raw`` is every byte it ever said."""

    def __init__(self, port: Path | str, box: PrivateKey) -> None:
        command = [sys.executable, "-m", "kiosk.card_child", "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, "--server-key", bytes(box.public_key).hex()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path.cwd(),
        )  # fmt: skip
        self.raw = b""
        self.errors: str | None = None
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._ear = threading.Thread(target=self._listen)
        self._ear.start()
        self.expect("ready")

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.raw += line
            self._lines.put(json.loads(line))

    def ask(self, do: str, **more: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
        self.process.stdin.flush()

    def type(self, keys: str) -> None:
        for key in keys:
            self.ask("key", key=key)

    def expect(self, say: str) -> dict[str, Any]:
        """The next line of this kind; others before it are passed over."""
        while True:
            line = self._lines.get(timeout=WAIT_S)
            if line["say"] == say:
                return line

    def end(self) -> str:
        """End it, whatever state it is in; returns what it wrote to standard error."""
        if self.errors is not None:
            return self.errors
        self.process.kill()
        self._ear.join()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.errors = self.process.stderr.read().decode()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                continue
        self.process.wait()
        return self.errors


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[IdCardSim]:
    with IdCardSim(tmp_path / "idcard") as sim:
        yield sim


@pytest.fixture
def child(reader: IdCardSim, tmp_path: Path, server_box: PrivateKey) -> Iterator[Child]:
    child = Child(tmp_path / "idcard", server_box)
    yield child
    child.end()


def opened(box: PrivateKey, sealed: str) -> dict[str, str]:
    plain: dict[str, str] = json.loads(SealedBox(box).decrypt(base64.b64decode(sealed)))
    return plain


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_of_every_card_only_masked_text_and_a_box_leave_the_process(
    child: Child, reader: IdCardSim, server_box: PrivateKey, key: str
) -> None:
    person = PEOPLE[key]
    child.ask("start")
    reader.put(person)
    card = child.expect("card")
    shown = person.name or person.english_name
    assert set(card) == {"say", "masked_name", "last4", "person", "expired", "mark", "minor"}
    assert card["masked_name"] == f"{shown[0]}*"
    assert card["last4"] == person.number[-4:]
    inside = opened(server_box, card["person"])
    assert len(bytes.fromhex(inside.pop("reply"))) == 32
    assert inside == {"number": person.number, "name": shown}
    said = child.raw.decode() + child.end()
    for secret in (person.number, person.number[:-4], person.name, person.address, person.born, person.english_name):
        if len(secret) > 1:
            assert secret not in said
            assert json.dumps(secret)[1:-1] not in said
            assert base64.b64encode(secret.encode()).decode().rstrip("=") not in said


def test_a_record_sealed_to_the_card_that_was_laid_leaves_the_process_masked_until_it_is_asked_for(
    child: Child, reader: IdCardSim, server_box: PrivateKey
) -> None:
    child.ask("start")
    reader.put(PEOPLE["zhang"])
    reply = bytes.fromhex(opened(server_box, child.expect("card")["person"])["reply"])
    lines = [Line(label_zh="金额", label_en="Amount", value="4,862.50", kind="hidden")]
    child.ask("record", box=boxed(Record(title_zh="", title_en="", as_of=datetime.now(UTC), lines=lines), reply))
    assert child.expect("record")["lines"] == [["金额", "Amount", "****", True]]
    assert b"4,862.50" not in child.raw
    child.ask("record-whole")
    assert child.expect("record-whole")["lines"][0][2] == "4,862.50"
    child.ask("record-slip", job="j1")
    assert child.expect("record-slip")["job"] == "j1"


def test_a_card_lifted_is_told(child: Child, reader: IdCardSim) -> None:
    child.ask("start")
    reader.put(next(iter(PEOPLE)))
    child.expect("card")
    reader.lift()
    child.expect("card-gone")


def test_a_card_that_cannot_be_read_is_told_by_its_code(child: Child, reader: IdCardSim) -> None:
    reader.faults.read_fails = True
    child.ask("start")
    reader.put(next(iter(PEOPLE)))
    assert child.expect("card-trouble")["code"] == "replace-card"


def test_before_start_nothing_is_read_and_the_port_is_free(child: Child, reader: IdCardSim) -> None:
    requests: list[bytes] = []
    reader.on_request = requests.append
    reader.put(next(iter(PEOPLE)))
    child.type("1")
    child.expect("typed")
    assert requests == []
    child.ask("start")
    child.expect("card")


def test_a_card_left_by_the_last_citizen_is_said_to_be_gone_when_it_is(child: Child, reader: IdCardSim) -> None:
    child.ask("start", card_lies=True)
    child.expect("card-gone")


def test_the_reader_is_told_as_it_comes_and_goes(child: Child, reader: IdCardSim) -> None:
    child.ask("start")
    well = child.expect("health")
    assert (well["condition"], well["rate"]) == ("ok", 115_200)
    assert well["model"].startswith("SAM")
    reader.unplug()
    assert child.expect("health")["condition"] == "absent"
    reader.plug()
    assert child.expect("health")["condition"] == "ok"


def test_a_number_is_typed_blind_and_leaves_sealed(child: Child, server_box: PrivateKey) -> None:
    child.ask("start")
    child.type("x11010519491231002x9")  # X is a key only at the end, a nineteenth place there is not
    assert [child.expect("typed")["length"] for _ in range(20)] == [0, *range(1, 19), 18]
    child.ask("enter")
    typed = child.expect("typed-ok")
    assert set(typed) == {"say", "last4", "person", "mark", "minor"}
    assert GOOD not in typed["mark"]
    assert typed["last4"] == "002X"
    assert opened(server_box, typed["person"]) == {"number": GOOD, "name": ""}
    child.ask("enter")
    assert child.expect("typed-trouble")["code"] == "too-short"  # it was forgotten when it left
    said = child.raw.decode() + child.end()
    assert GOOD not in said
    assert GOOD[:-4] not in said


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("110105194912310021", "bad-number"),
        ("110105194902300020", "bad-date"),
        ("110105", "too-short"),
        ("", "too-short"),
        ("110105491231002", "fifteen-digits"),
    ],
)
def test_a_wrong_number_may_be_corrected(child: Child, keys: str, code: str) -> None:
    child.type(keys)
    child.ask("enter")
    assert child.expect("typed-trouble")["code"] == code
    child.ask("erase")
    assert child.expect("typed")["length"] <= max(0, len(keys) - 1)
    child.ask("clear")
    child.type(GOOD)
    child.ask("enter")
    child.expect("typed-ok")


def test_nonsense_asked_changes_nothing(child: Child) -> None:
    assert child.process.stdin is not None
    child.process.stdin.write(b'\n{"do": 5}\n[]\nnull\n{\n"do"\n{"do": "key"}\n{"do": "key", "key": 5}\n')
    for key in ("12", "", "A", "٣", "-"):
        child.ask("key", key=key)
    child.type("7")
    lengths = [child.expect("typed")["length"] for _ in range(6)]
    assert lengths == [0, 0, 0, 0, 0, 1]


def test_told_to_end_it_ends(child: Child) -> None:
    child.ask("end")
    assert child.process.wait(WAIT_S) == 0


def test_it_ends_with_the_end_of_its_input(child: Child) -> None:
    assert child.process.stdin is not None
    child.process.stdin.close()
    assert child.process.wait(WAIT_S) == 0


_MIDDLE_MAN = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "kiosk.card_child", "--server-key", sys.argv[1]],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
sys.stdout.write(f"{child.pid}\\n"); sys.stdout.flush()
sys.stdin.read()
"""


@pytest.mark.crash
def test_it_does_not_outlive_a_kiosk_that_was_killed(
    server_box: PrivateKey, eventually: Callable[[Callable[[], bool], str], None]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _MIDDLE_MAN, bytes(server_box.public_key).hex()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd(),
    ) as middle:  # fmt: skip
        assert middle.stdout is not None
        pid = int(middle.stdout.readline())
        assert _running(pid)
        middle.send_signal(signal.SIGKILL)
    eventually(lambda: not _running(pid), "the reading process is gone")


def _running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


_GUARDED = """
import ctypes, os, resource
from kiosk.card_child import guard
guard(os.getppid())
death = ctypes.c_int()
libc = ctypes.CDLL(None)
libc.prctl(2, ctypes.byref(death), 0, 0, 0)
print(libc.prctl(3, 0, 0, 0, 0), death.value, resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_its_memory_can_be_neither_dumped_nor_read(child: Child) -> None:
    done = subprocess.run([sys.executable, "-c", _GUARDED], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == f"0 {int(signal.SIGKILL)} (0, 0)"  # not dumpable, dies by SIGKILL, no core
    limits = Path(f"/proc/{child.process.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)


def test_without_the_servers_key_it_does_not_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.card_child", "--server-key", str(tmp_path / "none.pub")],
        input=b"", capture_output=True, check=False, cwd=Path.cwd(),
    )  # fmt: skip
    assert done.returncode == 2
    assert b"public key" in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize("text", ["", "00" * 32, "ab" * 31, "zz" * 32, "11010519491231002X"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(BadServerKey):
        server_key(tmp_path / "key")


def test_what_this_end_seals_the_vault_opens(tmp_path: Path) -> None:
    keys = load_keys(tmp_path / "secrets")
    engine = open_engine(f"sqlite:///{tmp_path / 'side.db'}")
    vault = Vault(engine, keys)
    key = server_key(tmp_path / "secrets" / "people-box.pub")
    assert vault.open(seal(key, GOOD, "张晓明")) == Identity("张晓明", GOOD)
    long_name = "阿" * 40 + "·" + "买" * 19
    assert vault.open(seal(key, GOOD, long_name)) == Identity(long_name, GOOD)
    assert {len(seal(key, GOOD, name)) for name in ("", "张", "张晓明", long_name)} == {len(seal(key, GOOD))}
    assert seal(key, GOOD, "张晓明") != seal(key, GOOD, "张晓明")
    engine.dispose()


def test_the_screen_shows_the_first_character_alone() -> None:
    assert mask_name("张晓明") == "张*"
    assert mask_name("") == ""


def test_a_typed_place_is_held_but_never_shown() -> None:
    said: list[Any] = []
    typed = Pad(bytes(PrivateKey.generate().public_key), said.append, lambda: date(2025, 3, 3))
    for place in GOOD:
        typed.take(place)
    assert GOOD not in repr(typed)
    assert GOOD not in repr(said)
    assert {sign for line in said for sign in line["shown"]} == {"●"}


def test_a_phone_shows_its_ends_alone_and_leaves_sealed(child: Child, server_box: PrivateKey) -> None:
    child.ask("start")
    child.ask("phone")
    child.type("X12800005678")
    child.ask("enter")
    assert child.expect("typed-trouble")["code"] == "bad-phone"
    child.ask("phone")
    child.type("138000056789")  # a twelfth digit does nothing
    child.ask("enter")
    told = child.expect("phone-ok")
    assert told["masked"] == "138****5678"
    assert opened(server_box, told["phone"]) == {"phone": "13800005678"}
    lines = [json.loads(line) for line in child.raw.splitlines()]
    assert [line["shown"] for line in lines if line["say"] == "typed"][-1] == "138●●●●5678"
    assert b"13800005678" not in child.raw


def test_what_is_typed_after_a_phone_is_an_identity_number_again(child: Child) -> None:
    child.ask("start")
    child.ask("phone")
    child.type("138")
    child.ask("clear")
    child.type(GOOD)
    child.ask("enter")
    assert child.expect("typed-ok")["last4"] == GOOD[-4:]


def test_two_numbers_are_told_apart_within_one_process_and_by_nobody_else(child: Child) -> None:
    child.ask("start")
    marks = []
    for _ in range(2):
        child.type(GOOD)
        child.ask("enter")
        marks.append(child.expect("typed-ok")["mark"])
    assert marks[0] == marks[1]
    assert mark(GOOD) != marks[0], "another process has another key"
    assert mark(GOOD) == mark(GOOD) != mark(GOOD[:-1] + "1")


@pytest.mark.parametrize(
    ("today", "minor"), [(date(2026, 3, 7), True), (date(2026, 3, 8), False), (date(2012, 3, 8), True)]
)
def test_fourteen_is_a_birthday(today: date, *, minor: bool) -> None:
    assert under_age(date(2012, 3, 8), today) is minor
