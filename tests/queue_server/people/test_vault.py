"""The vault: opens what kiosks seal, finds without holding a number, forgets for good, and says who looked."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa
from nacl.public import PrivateKey, PublicKey, SealedBox

from queue_server.people.keys import Keys, load_keys
from queue_server.people.tables import people, people_access, people_keys
from queue_server.people.vault import RETENTION, Identity, Masked, Vault, VaultError
from queue_server.store.database import open_engine

ZHANG = Identity("张晓明", "11010519491231002X")
LI = Identity("李欢", "440524188001010014")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return load_keys(tmp_path / "secrets")


@pytest.fixture
def vault(engine: sa.Engine, keys: Keys, clock: Clock) -> Vault:
    """On SQLite and on PostgreSQL in turn."""
    return Vault(engine, keys, clock)


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[sa.Engine]:
    """For what is asked of the file itself."""
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()


def sealed(key: bytes, person: object) -> str:
    """As a kiosk seals: JSON in a libsodium sealed box, in base64."""
    return base64.b64encode(SealedBox(PublicKey(key)).encrypt(json.dumps(person).encode())).decode()


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(VaultError) as caught:
        call()
    return caught.value.code


def disk(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(tmp_path.glob("desk.db*")))


def test_what_a_kiosk_seals_the_vault_opens(vault: Vault) -> None:
    assert vault.open(sealed(vault.public_key(), {"name": "张晓明", "number": "11010519491231002x"})) == ZHANG


def test_a_typed_number_has_no_name(vault: Vault) -> None:
    assert vault.open(sealed(vault.public_key(), {"number": "11010519491231002X"})) == Identity("", ZHANG.number)


def test_a_name_in_the_rarest_characters_is_kept_whole(vault: Vault) -> None:
    name = "\U00031350\ue000𠮷"  # extension H, a private-use character as cards carry them, extension B
    assert vault.open(sealed(vault.public_key(), {"name": name, "number": ZHANG.number})).name == name


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"name": "张晓明"}, "bad-person"),
        ({"name": 5, "number": ZHANG.number}, "bad-person"),
        ([ZHANG.number], "bad-person"),
        ({"name": "张\x00", "number": ZHANG.number}, "bad-person"),
        ({"name": "张" * 61, "number": ZHANG.number}, "bad-person"),
        ({"name": "张晓明", "number": "110105194912310021"}, "bad-number"),
        ({"name": "张晓明", "number": "110105194902300023"}, "bad-date"),
        ({"name": "张晓明", "number": "1101"}, "too-short"),
    ],
)
def test_a_sealed_thing_that_is_no_person_is_refused(vault: Vault, person: object, code: str) -> None:
    assert code_of(lambda: vault.open(sealed(vault.public_key(), person))) == code


def test_foreign_short_changed_and_long_blobs_are_refused_alike(vault: Vault) -> None:
    foreign = sealed(bytes(PrivateKey.generate().public_key), {"name": "张晓明", "number": ZHANG.number})
    own = sealed(vault.public_key(), {"name": "张晓明", "number": ZHANG.number})
    changed = ("B" if own[60] == "A" else "A").join((own[:60], own[61:]))
    for blob in (foreign, changed, own[:20], own[:-4], "", "AAAA", "不是", "A" * 5000, own + "\n!"):
        assert code_of(lambda blob=blob: vault.open(blob)) == "bad-seal"


def test_a_person_is_one_ref_and_is_found_by_number_however_written(vault: Vault) -> None:
    ref = vault.remember(ZHANG)
    assert vault.remember(ZHANG) == ref
    assert vault.remember(Identity("", ZHANG.number)) == ref
    assert vault.find("１１０１０５１９４９１２３１００２ｘ") == ref
    assert vault.find(LI.number) is None
    assert vault.remember(LI) != ref


def test_a_number_typed_first_learns_the_name_from_the_card_later(vault: Vault) -> None:
    ref = vault.remember(Identity("", ZHANG.number))
    assert vault.masked(ref, "counter") == Masked("", "002X")
    vault.remember(ZHANG)
    vault.remember(Identity("", ZHANG.number))
    assert vault.masked(ref, "counter") == Masked("张*明", "002X")


def test_masks_are_those_of_the_table(vault: Vault) -> None:
    ref = vault.remember(ZHANG)
    assert vault.masked(ref, "kiosk") == Masked("张*", "002X")
    assert vault.masked(ref, "outlet") == Masked("张*明", "002X")


def test_who_looks_stands_in_the_log_and_the_person_does_not(vault: Vault, engine: sa.Engine, clock: Clock) -> None:
    ref = vault.remember(ZHANG)
    assert vault.reveal(ref, by="clerk-3", why="ticket 2025-03-03-A001, checked at the window") == ZHANG
    (access,) = vault.accesses(ref)
    assert (access.at, access.by, access.ref) == (clock.now, "clerk-3", ref)
    assert access.why == "ticket 2025-03-03-A001, checked at the window"
    with engine.begin() as connection:
        stored = repr(connection.execute(sa.select(people_access)).all())
    assert ZHANG.name not in stored
    assert ZHANG.number not in stored


def test_without_a_reason_nobody_looks(vault: Vault) -> None:
    ref = vault.remember(ZHANG)
    assert code_of(lambda: vault.reveal(ref, by="", why="x")) == "no-reason"
    assert code_of(lambda: vault.reveal(ref, by="clerk-3", why=" ")) == "no-reason"
    assert code_of(lambda: vault.reveal(ref, by="clerk-3", why="for 张晓明")) == "reason-names-person"
    assert code_of(lambda: vault.reveal(ref, by="clerk-3", why="11010519491231002x")) == "reason-names-person"
    assert code_of(lambda: vault.reveal("p-nobody", by="clerk-3", why="asked")) == "unknown-person"
    assert vault.accesses() == []


def stored(engine: sa.Engine, column: sa.Column[bytes], ref: str) -> bytes:
    with engine.begin() as connection:
        value: bytes = connection.execute(sa.select(column).where(column.table.c.ref == ref)).scalar_one()
        return value


def test_forgetting_takes_the_key_and_the_record_is_noise(vault: Vault, engine: sa.Engine) -> None:
    ref, other = vault.remember(ZHANG), vault.remember(LI)
    record, others_key = stored(engine, people.c.record, ref), stored(engine, people_keys.c.wrapped, other)

    vault.forget(ref)
    vault.forget(ref)

    assert code_of(lambda: vault.masked(ref, "kiosk")) == "forgotten"
    assert code_of(lambda: vault.reveal(ref, by="clerk-3", why="asked")) == "forgotten"
    assert code_of(lambda: vault.forget("p-nobody")) == "unknown-person"
    assert vault.find(ZHANG.number) is None
    # A backup's copy of the record stands again, but no key opens it: not the other person's, not the master.
    with engine.begin() as connection:
        connection.execute(sa.update(people).where(people.c.ref == ref).values(record=record))
        connection.execute(sa.insert(people_keys).values(ref=ref, wrapped=others_key))
    assert code_of(lambda: vault.masked(ref, "kiosk")) == "damaged"
    assert vault.masked(other, "kiosk").name == "李*"


def test_nothing_of_a_forgotten_person_stays_in_the_file(sqlite: sa.Engine, keys: Keys, tmp_path: Path) -> None:
    vault = Vault(sqlite, keys)
    ref, other = vault.remember(ZHANG), vault.remember(LI)
    record, wrapped = stored(sqlite, people.c.record, ref), stored(sqlite, people_keys.c.wrapped, ref)
    lookup, kept = stored(sqlite, people.c.lookup, ref), stored(sqlite, people_keys.c.wrapped, other)
    assert wrapped in disk(tmp_path)
    vault.forget(ref)
    for gone in (record, wrapped, lookup):
        assert gone not in disk(tmp_path)
    assert kept in disk(tmp_path)


def test_a_forgotten_person_who_comes_again_is_a_new_one(vault: Vault) -> None:
    ref = vault.remember(ZHANG)
    vault.forget(ref)
    again = vault.remember(ZHANG)
    assert again != ref
    assert vault.find(ZHANG.number) == again


def test_thirty_days_after_the_last_visit_a_person_is_forgotten(vault: Vault, clock: Clock) -> None:
    visit = clock.now + timedelta(days=9)
    zhang = vault.remember(ZHANG, needed_until=visit)
    li = vault.remember(LI)
    vault.remember(ZHANG)  # never moves earlier
    assert vault.forget_due(clock.now + RETENTION - timedelta(seconds=1)) == []
    assert vault.forget_due(clock.now + RETENTION) == [li]
    assert vault.forget_due(visit + RETENTION - timedelta(seconds=1)) == []
    assert vault.find(ZHANG.number) == zhang
    assert vault.forget_due(visit + RETENTION) == [zhang]
    assert vault.forget_due(visit + RETENTION) == []
    assert vault.find(ZHANG.number) is None


def test_neither_disk_nor_repr_nor_error_holds_a_person(sqlite: sa.Engine, keys: Keys, tmp_path: Path) -> None:
    vault = Vault(sqlite, keys)
    ref = vault.remember(ZHANG)
    vault.reveal(ref, by="clerk-3", why="asked")
    blob = sealed(vault.public_key(), {"name": "张晓明", "number": "110105194912310021"})
    with pytest.raises(VaultError) as caught:
        vault.open(blob)
    seen = " ".join((repr(ZHANG), str(ZHANG), f"{ZHANG}", repr(keys), repr(vault), repr(caught.value))).encode()
    for secret in ("张晓明", "110105", "晓明"):
        assert secret.encode() not in seen
        assert secret.encode() not in disk(tmp_path)
        assert secret.encode("utf-16-le") not in disk(tmp_path)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    for key in (keys.master, keys.lookup, bytes(keys.box)):
        assert key not in disk(tmp_path)


def test_a_vault_refuses_keys_with_which_it_was_not_begun(vault: Vault, engine: sa.Engine, tmp_path: Path) -> None:
    assert code_of(lambda: Vault(engine, load_keys(tmp_path / "others"))) == "wrong-keys"
    Vault(engine, load_keys(tmp_path / "secrets"))


def test_a_record_moved_to_another_persons_row_does_not_open(vault: Vault, engine: sa.Engine) -> None:
    zhang, li = vault.remember(ZHANG), vault.remember(LI)
    with engine.begin() as connection:
        record = connection.execute(sa.select(people.c.record).where(people.c.ref == zhang)).scalar_one()
        connection.execute(sa.update(people).where(people.c.ref == li).values(record=record))
    assert code_of(lambda: vault.masked(li, "kiosk")) == "damaged"


def test_eight_doors_at_once_remember_one_person_once(vault: Vault) -> None:
    refs: list[str] = []
    threads = [Thread(target=lambda: refs.append(vault.remember(ZHANG))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refs) == 8
    assert len(set(refs)) == 1


def test_a_person_is_known_again_after_a_restart(engine: sa.Engine, keys: Keys, tmp_path: Path) -> None:
    ref = Vault(engine, keys).remember(ZHANG)
    assert Vault(engine, load_keys(tmp_path / "secrets")).find(ZHANG.number) == ref
    assert len(stored(engine, people.c.lookup, ref)) == 32
