from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, update

from kelp.resources.audit import Outcome
from kelp.resources.database import Database
from kelp.resources.schema import AUDIT
from kelp.resources.store import ResourceStore

from .conftest import AUTHOR, GROUP, TENANT, WORKSPACE
from .doubles import TurnedClock


def test_each_write_leaves_a_record_of_who_and_what(store: ResourceStore, clock: TurnedClock) -> None:
    records = store.audit_records(TENANT)
    assert [(record.action, record.resource_id) for record in records][1:] == [
        ("Microsoft.Resources/resourceGroups/write", str(GROUP)),
        ("Microsoft.OperationalInsights/workspaces/write", str(WORKSPACE)),
    ]
    assert {record.author for record in records} == {AUTHOR}
    assert {record.at for record in records} == {clock.now()}


def test_a_refusal_is_recorded_with_its_code(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        transaction.record_refusal(
            WORKSPACE, "Microsoft.OperationalInsights/workspaces/delete", "AuthorizationFailed"
        )
    last = store.audit_records(TENANT)[-1]
    assert (last.outcome, last.code) == (Outcome.FAILED, "AuthorizationFailed")


def test_a_tenant_sees_its_own_records_only(store: ResourceStore) -> None:
    assert store.audit_records(UUID(int=12)) == ()


def test_tampering_shows(store: ResourceStore, database: Database) -> None:
    assert store.find_broken_audit_record() is None
    with database.write() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.sequence == 2).values(caller_name="mallory"))
    assert store.find_broken_audit_record() == 2


def test_a_change_that_was_altered_shows(store: ResourceStore, database: Database) -> None:
    with database.write() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.sequence == 3).values(change=""))
    head, broken = store.verify_audit()
    assert head is not None
    assert broken is not None
    assert broken.sequence == 3


def test_a_record_taken_out_shows(store: ResourceStore, database: Database) -> None:
    with database.write() as connection:
        connection.execute(delete(AUDIT).where(AUDIT.c.sequence == 2))
    assert store.find_broken_audit_record() == 2
