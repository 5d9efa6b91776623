"""What is too large or too deep is refused at once, and what people write is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kelp.kql.binder import bind
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.parser import parse
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol


class NoTables:
    def find_table(self, reference: TableReference) -> TableSymbol | None:
        del reference
        return None

    def has_workspace(self, workspace: str) -> bool:
        del workspace
        return False

    def iter_tables(self, workspace: str | None) -> Iterator[TableSymbol]:
        del workspace
        yield from ()

    def table_names(self) -> Iterator[str]:
        yield from ()

    def find_function(self, name: str) -> StoredFunction | None:
        del name
        return None


def lets(count: int, body: str, last: str) -> str:
    """Return let statements that build on each other: `body` makes y1 of y0, and so on."""
    named = (body.replace("NEW", f"y{n}").replace("OLD", f"y{n - 1}") for n in range(1, count + 1))
    return "".join(named) + last.replace("LAST", f"y{count}")


ROWS = "let y0 = range x from 1 to 3 step 1;"
VALUE = "let y0 = toscalar(range x from 1 to 3 step 1);"


@pytest.mark.parametrize(
    "text",
    [
        "range x from 1 to 3 step 1" + "| where x > 0 | extend y = x" * 100,
        ROWS + lets(60, "let NEW = OLD | where x > 0;", "LAST | count"),
        ROWS + lets(8, "let NEW = union OLD, OLD;", "LAST | count"),
        VALUE + lets(100, "let NEW = OLD + 1;", "print LAST"),
        "datatable(a: long, b: string) [" + ", ".join(f"{n}, 'b'" for n in range(5_000)) + "] | count",
        "range x from 1 to 3 step 1 | where x in (" + ", ".join(str(n) for n in range(5_000)) + ")",
    ],
)
def test_what_people_write_is_bound(text: str) -> None:
    assert bind(parse(text), NoTables(), 0).results


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("range x from 1 to 3 step 1" + "| where x > 0" * 1_000, "too deeply"),
        (VALUE + lets(1_000, "let NEW = OLD + 1;", "print LAST"), "too deeply"),
        (VALUE + lets(60, "let NEW = OLD + OLD;", "print LAST"), "too large"),
        (
            VALUE + lets(60, "let NEW = OLD + OLD;", "range x from 1 to 3 step 1 | extend y = LAST"),
            "too large",
        ),
        (ROWS + lets(60, "let NEW = union OLD, OLD;", "LAST | count"), "too large"),
        (
            ROWS + lets(60, "let NEW = OLD | join (OLD | project x) on x | project x;", "LAST | count"),
            "KLP0002",
        ),
        (ROWS + lets(60, "let NEW = OLD | join OLD on x;", "LAST | count"), "too wide"),
    ],
)
def test_what_grows_without_end_is_refused(text: str, message: str) -> None:
    with pytest.raises(QueryRefusedError, match=message):
        bind(parse(text), NoTables(), 0)
