"""What accounts keep for themselves: whose it is, for how long, and that nobody reads it in the database."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from kelp.base.sealing import SealBroken
from kelp.identity.directory import Account, Directory
from kelp.identity.personal_documents import MAXIMUM_DOCUMENTS, PersonalDocuments, RevisionConflict
from kelp.identity.personal_keys import PersonalKeys
from kelp.identity.query_history import MAXIMUM_ENTRIES, AskedQuery, QueryHistory
from kelp.identity.schema import PAST_QUERY, PERSONAL_DOCUMENT, PERSONAL_KEY, SHARE
from kelp.identity.shares import Shares
from kelp.resources.database import Database
from tests.unit.resources.doubles import OwnKeys, TurnedClock


@pytest.fixture
def personal(database: Database, keys: OwnKeys) -> PersonalKeys:
    return PersonalKeys(database, keys)


@pytest.fixture
def documents(database: Database, personal: PersonalKeys, clock: TurnedClock) -> PersonalDocuments:
    return PersonalDocuments(database, personal, clock)


@pytest.fixture
def history(database: Database, personal: PersonalKeys, clock: TurnedClock) -> QueryHistory:
    return QueryHistory(database, personal, clock)


@pytest.fixture
def shares(database: Database, personal: PersonalKeys, clock: TurnedClock) -> Shares:
    return Shares(database, personal, clock)


@pytest.fixture
def other(directory: Directory, user: Account) -> Account:
    return directory.create_user(user.tenant_id, "eve@contoso.local", "Eve", "a rather long password")


def test_a_document_changes_from_revision_to_revision(documents: PersonalDocuments, user: Account) -> None:
    owner = user.object_id
    assert documents.read(owner, "logs").revision == 0
    assert documents.put(owner, "logs", b"one", 0) == 1
    assert documents.put(owner, "logs", b"two", 1) == 2
    with pytest.raises(RevisionConflict) as refused:
        documents.put(owner, "logs", b"lost", 1)
    assert (refused.value.current.revision, refused.value.current.content) == (2, b"two")
    assert documents.put(owner, "logs", b"forced") == 3
    assert documents.read(owner, "logs").content == b"forced"
    assert documents.delete(owner, "logs")
    assert not documents.delete(owner, "logs")


def test_documents_are_their_owners(documents: PersonalDocuments, user: Account, other: Account) -> None:
    documents.put(user.object_id, "logs", b"mine")
    assert documents.read(other.object_id, "logs").revision == 0
    for number in range(MAXIMUM_DOCUMENTS - 1):
        documents.put(user.object_id, f"more-{number}", b"")
    with pytest.raises(Exception, match="at the most"):
        documents.put(user.object_id, "one-more", b"")
    assert documents.put(user.object_id, "logs", b"still changes") == 2


def test_a_sealed_document_opens_for_its_owner_and_name_only(
    database: Database, documents: PersonalDocuments, user: Account, other: Account
) -> None:
    documents.put(user.object_id, "a", b"content of a")
    documents.put(user.object_id, "b", b"content of b")
    documents.put(other.object_id, "a", b"of another")
    table = PERSONAL_DOCUMENT
    with database.write() as connection:
        rows = connection.execute(table.select()).all()
        sealed = {(row.object_id, row.name): row.sealed for row in rows}
        swapped = table.update().where(table.c.object_id == user.object_id, table.c.name == "a")
        connection.execute(swapped.values(sealed=sealed[user.object_id, "b"]))
    with pytest.raises(SealBroken):
        documents.read(user.object_id, "a")
    with database.write() as connection:
        connection.execute(swapped.values(sealed=sealed[other.object_id, "a"]))
    with pytest.raises(SealBroken):
        documents.read(user.object_id, "a")


def test_history_is_paged_searched_and_erased(
    history: QueryHistory, user: Account, other: Account, clock: TurnedClock
) -> None:
    for number in range(5):
        clock.turn(seconds=1)
        history.record(
            user.object_id,
            AskedQuery(query=f"Heartbeat | take {number}", error="No such TABLE" if number == 3 else None),
        )
    history.record(other.object_id, AskedQuery(query="Secret"))
    entries, total = history.read(user.object_id, top=2, skip=1)
    assert ([entry.asked.query for entry in entries], total) == (
        ["Heartbeat | take 3", "Heartbeat | take 2"],
        5,
    )
    assert history.read(user.object_id, "HEARTBEAT", top=1)[1] == 5
    assert [entry.asked.error for entry in history.read(user.object_id, "such table")[0]] == ["No such TABLE"]
    assert history.read(user.object_id, "secret") == ([], 0)
    assert history.delete(other.object_id, entries[0].id) == 0
    assert history.delete(user.object_id, entries[0].id) == 1
    assert history.delete(user.object_id) == 4
    assert history.read(other.object_id)[1] == 1


def test_history_ends_by_age_and_by_number(
    history: QueryHistory, user: Account, other: Account, clock: TurnedClock, database: Database
) -> None:
    history.record(user.object_id, AskedQuery(query="old"))
    clock.turn(days=89)
    assert history.read(user.object_id)[1] == 1
    clock.turn(days=1)
    assert history.read(user.object_id) == ([], 0)
    for _ in range(3):
        clock.turn(seconds=1)
        history.record(other.object_id, AskedQuery(query="new"))
    with database.write() as connection:
        row = connection.execute(PAST_QUERY.select()).first()
        assert row is not None
        made = [
            {"id": uuid4(), "object_id": other.object_id, "at": row.at, "sealed": b"older"}
            for _ in range(MAXIMUM_ENTRIES)
        ]
        connection.execute(PAST_QUERY.insert(), made)
    clock.turn(seconds=1)
    newest = history.record(other.object_id, AskedQuery(query="newest"))
    entries, total = history.read(other.object_id, top=1)
    assert (entries[0].id, total) == (newest, MAXIMUM_ENTRIES)


def test_nothing_is_read_in_the_database_and_all_goes_with_the_account(
    database: Database,
    directory: Directory,
    documents: PersonalDocuments,
    history: QueryHistory,
    shares: Shares,
    user: Account,
    tmp_path: Path,
) -> None:
    documents.put(user.object_id, "logs", b"swordfish in a draft")
    history.record(user.object_id, AskedQuery(query="swordfish in a query"))
    name = shares.create(user.object_id, b"swordfish in a link")
    found = shares.find(name)
    assert found is not None
    assert found.content == b"swordfish in a link"
    database.flush_log()
    assert b"swordfish" not in b"".join(file.read_bytes() for file in tmp_path.glob("directory.db*"))
    directory.delete_account(user.object_id)
    assert shares.find(name) is None
    with database.read() as connection:
        for table in (PERSONAL_KEY, PERSONAL_DOCUMENT, PAST_QUERY, SHARE):
            assert connection.execute(table.select()).all() == []


def test_keys_are_wrapped_anew(
    database: Database, personal: PersonalKeys, documents: PersonalDocuments, user: Account, other: Account
) -> None:
    for owner in (user, other):
        documents.put(owner.object_id, "logs", b"kept")
    with database.read() as connection:
        before = {row.wrapped for row in connection.execute(PERSONAL_KEY.select())}
    assert personal.rewrap() == 2
    with database.read() as connection:
        after = {row.wrapped for row in connection.execute(PERSONAL_KEY.select())}
    assert not before & after
    assert documents.read(user.object_id, "logs").content == b"kept"


def test_a_link_that_nobody_made(shares: Shares) -> None:
    assert shares.find("made-up") is None
