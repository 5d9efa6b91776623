"""The book of usage: what it sums up for many workspaces at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kelp.catalog.usage_book import HourOfUse, UsageBook
from kelp.resources.database import Database

START = datetime(2026, 3, 1, 22, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[UsageBook]:
    database = Database.open_file(tmp_path / "usage.db")
    database.migrate()
    yield UsageBook(database)
    database.close()


def enter(book: UsageBook, workspace_id: UUID, *hours: tuple[int, str, str, int, bool]) -> None:
    entries = [
        HourOfUse(workspace_id, START + timedelta(hours=after), table, customer, received, 1, billable)
        for after, table, customer, received, billable in hours
    ]
    book.enter(workspace_id, START, START + timedelta(days=2), entries)


def test_days_are_summed_by_workspace_and_customer(book: UsageBook) -> None:
    one, other, unasked = uuid4(), uuid4(), uuid4()
    enter(
        book,
        one,
        (0, "Perf", "", 1, True),
        (1, "Syslog", "", 2, True),
        (2, "Perf", "", 4, True),
        (2, "Perf", "customer", 8, True),
        (2, "Heartbeat", "", 16, False),
    )
    enter(book, other, (3, "Perf", "", 32, True))
    enter(book, unasked, (3, "Perf", "", 64, True))
    many = [one, other, *(uuid4() for _ in range(1_200))]
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert book.sum_days(START, START + timedelta(days=1), many) == {
        (one, ""): {first: 3, second: 4},
        (one, "customer"): {second: 8},
        (other, ""): {second: 32},
    }
    assert book.sum_days(START + timedelta(hours=1), START + timedelta(hours=2), [one]) == {
        (one, ""): {first: 2}
    }
    assert book.sum_days(START, START + timedelta(days=1), []) == {}
