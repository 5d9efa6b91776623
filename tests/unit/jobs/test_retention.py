"""Retention: what has passed its time is gone from tables, raw data and rejects, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from kelp.base.errors import ServiceError
from kelp.catalog.ledger import TableLedger
from kelp.ingest.rejects import Reject
from kelp.resources.workspace import Features
from tests.unit.ingest.node import Node
from tests.unit.jobs.aging import (
    TABLE,
    change_table,
    change_workspace,
    declare,
    kept_bodies,
    make_integrity,
    make_retention,
    noon,
    send,
    values,
)


async def test_what_has_passed_goes_from_table_archive_and_rejects(node: Node) -> None:
    workspace = node.put_workspace()
    workspace_id = workspace.properties.workspace_id
    rule = declare(node, workspace)
    node.clock.moment = noon(2026, 1, 30)
    await send(node, workspace, rule, "january", at=noon(2026, 1, 29))
    node.ingestion.rejects.put(workspace_id, _reject(node, TABLE))
    node.clock.moment = noon(2026, 3, 10)
    await send(node, workspace, rule, "early in march", at=noon(2026, 3, 1))
    node.clock.moment = noon(2026, 3, 25)
    node.ingestion.rejects.put(workspace_id, _reject(node, TABLE))
    await send(node, workspace, rule, "late in march")
    await node.ingestion.writer.release()
    integrity, retention = make_integrity(node), make_retention(node)
    await integrity.record()

    await retention.run()
    assert await values(node, workspace) == ["early in march", "late in march"]
    size = node.ledger.sizes(workspace_id)[TABLE]
    assert size.rows == 2
    assert [b"january" in body for body in kept_bodies(node, workspace)] == [False, False]
    assert len(list(node.ingestion.rejects.iter_keys(workspace_id))) == 1
    assert await integrity.verify() == []

    node.clock.moment = noon(2026, 4, 1)
    await retention.run()
    assert await values(node, workspace) == ["late in march"]  # one partition held both
    assert len(kept_bodies(node, workspace)) == 2  # it came on the tenth
    assert await integrity.verify() == []
    assert TableLedger(node.database).sizes(workspace_id)[TABLE].rows == 1

    node.clock.moment = noon(2026, 4, 10)
    await retention.run()
    assert len(kept_bodies(node, workspace)) == 1


async def test_each_table_has_its_own_retention_also_in_the_raw_data(node: Node) -> None:
    workspace = node.put_workspace()
    short = declare(node, workspace, "Short_CL", retention_in_days=4)
    long = declare(node, workspace, "Long_CL", retention_in_days=4, total_retention_in_days=365)
    await send(node, workspace, short, "s", table="Short_CL")
    await send(node, workspace, long, "l", table="Long_CL")
    await node.ingestion.writer.release()
    node.clock.turn(timedelta(days=5).total_seconds())
    retention = make_retention(node)
    for _ in range(2):
        await retention.run()
        assert await values(node, workspace, "Short_CL") == []
        assert await values(node, workspace, "Long_CL") == ["l"]
        (body,) = kept_bodies(node, workspace)
        assert b'"l"' in body
    node.clock.turn(timedelta(days=365).total_seconds())
    await retention.run()
    assert await values(node, workspace, "Long_CL") == []
    assert kept_bodies(node, workspace) == []


async def test_a_shortened_retention_removes_nothing_for_a_while(node: Node) -> None:
    workspace = node.put_workspace()
    change_workspace(node, workspace, retention_in_days=90)
    rule = declare(node, workspace)
    other = declare(node, workspace, "Own_CL", retention_in_days=90)
    await send(node, workspace, rule, "a")
    await send(node, workspace, other, "a", table="Own_CL")
    node.clock.turn(timedelta(days=40).total_seconds())
    change_workspace(node, workspace, retention_in_days=30)
    change_table(node, workspace, "Own_CL", retention_in_days=20)
    retention = make_retention(node)
    await retention.run()
    node.clock.turn(timedelta(days=29).total_seconds())
    await retention.run()
    assert await values(node, workspace) == await values(node, workspace, "Own_CL") == ["a"]
    node.clock.turn(timedelta(days=1).total_seconds())
    await retention.run()
    assert await values(node, workspace) == await values(node, workspace, "Own_CL") == []


async def test_taking_a_shortening_back_keeps_the_rows(node: Node) -> None:
    workspace = node.put_workspace()
    rule = declare(node, workspace, retention_in_days=90)
    await send(node, workspace, rule, "a")
    node.clock.turn(timedelta(days=40).total_seconds())
    change_table(node, workspace, retention_in_days=30)
    change_table(node, workspace, retention_in_days=90)
    node.clock.turn(timedelta(days=31).total_seconds())
    await make_retention(node).run()
    assert await values(node, workspace) == ["a"]


async def test_immediate_purge_counts_the_thirty_days_by_hours(node: Node) -> None:
    workspace, plain = node.put_workspace("immediate"), node.put_workspace("plain")
    change_workspace(
        node, workspace, retention_in_days=30, features=Features(immediate_purge_data_on_30_days=True)
    )
    node.clock.moment = datetime(2026, 3, 1, 2, 59, tzinfo=UTC)
    for one in (workspace, plain):
        await send(node, one, declare(node, one), "a")
    node.clock.moment = datetime(2026, 3, 31, 3, 0, tzinfo=UTC)
    await make_retention(node).run()
    assert await values(node, workspace) == []
    assert await values(node, plain) == ["a"]
    node.clock.moment = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
    await make_retention(node).run()
    assert await values(node, plain) == []


async def test_a_workspace_without_its_key_holds_up_no_other(node: Node) -> None:
    locked, other = node.put_workspace("locked"), node.put_workspace("other")
    for one in (locked, other):
        await send(node, one, declare(node, one), "a")
    await node.ingestion.writer.release()
    other_table = declare(node, locked, "Other_CL", retention_in_days=365)
    await send(node, locked, other_table, "b", table="Other_CL")
    await node.ingestion.writer.release()
    node.clock.turn(timedelta(days=32).total_seconds())
    node.keys.withheld.add(locked.properties.workspace_id)
    with pytest.raises(ServiceError, match="withheld"):
        await make_retention(node).run()
    assert await values(node, other) == []
    assert kept_bodies(node, other) == []
    node.keys.withheld.clear()
    await make_retention(node).run()
    assert len(kept_bodies(node, locked)) == 1


async def test_a_crash_after_the_rows_went_is_made_good(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = node.put_workspace()
    rule = declare(node, workspace)
    await send(node, workspace, rule, "old")
    await node.ingestion.writer.release()
    node.clock.turn(timedelta(days=35).total_seconds())
    await send(node, workspace, rule, "new")
    integrity = make_integrity(node)
    await integrity.record()

    async def fail(*_: object) -> int:
        raise OSError("a crash")

    with monkeypatch.context() as patch:
        patch.setattr("kelp.jobs.row_removal.recount_table", fail)
        with pytest.raises(OSError, match="a crash"):
            await make_retention(node).run()
    assert node.ledger.sizes(workspace.properties.workspace_id)[TABLE].rows == 2
    await make_retention(node).run()
    assert node.ledger.sizes(workspace.properties.workspace_id)[TABLE].rows == 1
    assert await values(node, workspace) == ["new"]
    assert kept_bodies(node, workspace) == []
    assert await integrity.verify() == []


def _reject(node: Node, table: str) -> Reject:
    return Reject(table, uuid4(), node.clock.now(), "reason", (), ("{}",))
