"""A query under way: what is cut, what a failure makes of it, and that nothing is left open."""

from __future__ import annotations

import pytest

from kelp.engine.errors import QueryTimedOut
from tests.unit.query.samples import Begun, Rows


async def read(begun: Begun) -> list[bytes]:
    """The rows of each table."""
    return [
        b"".join([chunk async for chunk in table.iter_chunks()]) async for table in begun.query.iter_tables()
    ]


async def test_tables_come_one_after_the_other_and_are_counted_together() -> None:
    begun = Begun([Rows(b"[1]\n[2]\n", b"[3]\n"), Rows(), Rows(b"[4]\n")])
    async with begun.query as query:
        assert await read(begun) == [b"[1]\n[2]\n[3]\n", b"", b"[4]\n"]
        used = query.statistics
        assert (used.elapsed_seconds, used.result_rows, used.result_bytes) == (4.5, 4, 16)
    assert query.partial_error is None
    assert begun.closings == 1


async def test_rows_beyond_the_limit_are_cut_in_each_table() -> None:
    begun = Begun([Rows(b"[1]\n[2]\n"), Rows(b"[3]\n", b"[4]\n[5]\n"), Rows(b"[6]\n")], rows=2)
    async with begun.query as query:
        assert await read(begun) == [b"[1]\n[2]\n", b"[3]\n[4]\n"]
    assert query.partial_error is not None
    assert query.partial_error.code == "E_QUERY_RESULT_SET_TOO_LARGE"
    assert "2 rows" in query.partial_error.message


@pytest.mark.parametrize(("size", "kept"), [(12, 3), (11, 2), (8, 2), (4, 1), (3, 0), (0, 0)])
async def test_bytes_beyond_the_limit_are_cut_at_a_row(size: int, kept: int) -> None:
    begun = Begun([Rows(b"[1]\n", b"[2]\n[3]\n")], size=size)
    async with begun.query as query:
        assert await read(begun) == [b"[1]\n[2]\n[3]\n"[: 4 * kept]]
    assert (query.partial_error is None) == (kept == 3)
    assert query.statistics.result_bytes == 4 * kept


async def test_a_failure_after_rows_makes_a_partial_answer() -> None:
    begun = Begun([Rows(b"[1]\n", failure=QueryTimedOut()), Rows(b"[2]\n")])
    async with begun.query as query:
        assert await read(begun) == [b"[1]\n"]
    assert query.partial_error is not None
    assert (query.partial_error.code, begun.opened) == ("Timeout", [])


async def test_a_later_table_that_can_not_begin_makes_a_partial_answer() -> None:
    begun = Begun([Rows(b"[1]\n"), QueryTimedOut()])
    async with begun.query as query:
        assert await read(begun) == [b"[1]\n"]
    assert query.partial_error is not None


async def test_who_leaves_in_the_middle_leaves_nothing_open() -> None:
    first, second = Rows(b"[1]\n"), Rows(b"[2]\n", b"[3]\n")
    begun = Begun([first, second])
    async with begun.query as query:
        tables = query.iter_tables()
        async for _ in (await anext(tables)).iter_chunks():
            pass
        chunks = (await anext(tables)).iter_chunks()
        assert await anext(chunks) == b"[2]\n"
    assert (first.is_closed, second.is_closed, begun.closings) == (True, True, 1)
    assert query.statistics.result_rows == 2
    await query.aclose()
    assert begun.closings == 1


async def test_a_query_that_nobody_reads_is_closed_as_well() -> None:
    begun = Begun([rows := Rows(b"[1]\n")])
    await begun.query.aclose()
    assert (rows.is_closed, begun.closings) == (True, 1)
