"""`kelp query` over files reads what `externaldata` names (rules EXT-1 to EXT-4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelp.base.settings import Settings
from kelp.cli.offline_query import run_query, work_over_files
from kelp.query.errors import SegmentInputRefused


async def test_records_have_the_types_declared(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('host,n,at,more\nx,5,2024-01-02 03:04:05,"{""a"":1}"\ny,z\n')
    query = (
        f"externaldata(Host: string, N: long, At: datetime, More: dynamic) ['{path}'] with (ignoreFirstRecord=true) "
        "| extend a = toint(More.a) | project-away More"
    )
    (table,) = (await work_over_files(query, [], Settings(), run_query)).tables
    assert [column.type for column in table.columns] == ["string", "long", "datetime", "int"]
    assert [bytes(row) for row in table.rows] == [
        b'["x", 5, "2024-01-02T03:04:05.0000000Z", 1]',
        b'["y", null, null, null]',
    ]


async def test_a_host_that_is_not_listed_is_refused() -> None:
    query = "externaldata(a: string) ['https://example.org/a.csv']"
    with pytest.raises(SegmentInputRefused, match=r"query\.external_hosts"):
        await work_over_files(query, [], Settings(), run_query)
