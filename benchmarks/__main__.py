"""`python -m benchmarks`: measure, print, and write RESULTS.md."""

from __future__ import annotations

import argparse

from benchmarks import results
from benchmarks.encryption_cost import measure_encryption
from benchmarks.ingest_times import measure_ingestion
from benchmarks.overload import measure_overload
from benchmarks.portal_load import measure_portal_load
from benchmarks.portal_page import measure_portal_page
from benchmarks.portal_rows import measure_portal
from benchmarks.query_times import measure_queries
from benchmarks.report import PAGE, write_report
from benchmarks.tenants import measure_tenants

KINDS = ("queries", "ingestion", "overload", "encryption", "tenants", "portal-load", "portal", "portal-page")
_ROWS = 1_000_000


def main() -> None:
    """Run what the arguments name, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND", help=f"what to measure, of {', '.join(KINDS)}; all"
    )
    parser.add_argument("--rows", type=int, action="append", help=f"rows to measure over; {_ROWS}")
    parser.add_argument("--only", action="append", default=[], help="a question such as Q4; is not reported")
    arguments = parser.parse_args()
    if unknown := set(arguments.kinds) - set(KINDS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    for rows in arguments.rows or [_ROWS]:
        for kind in arguments.kinds or KINDS:
            _measure(kind, rows, arguments.only)
    write_report()
    print(f"wrote {PAGE}")


def _measure(kind: str, rows: int, only: list[str]) -> None:
    print(f"{kind}, {rows:,} rows", flush=True)
    if kind == "queries":
        queries, compiling = measure_queries(rows, only)
        if not only:
            results.keep(f"queries-{rows}", queries)
            results.keep("compiling", compiling)
    elif kind == "ingestion":
        results.keep(f"ingestion-{rows}", measure_ingestion(rows))
    elif kind == "overload":
        results.keep("overload", measure_overload(rows))
    elif kind == "tenants":
        results.keep("tenants", measure_tenants(rows))
    elif kind == "portal":
        results.keep("portal", measure_portal())
    elif kind == "portal-load":
        results.keep("portal_load", measure_portal_load())
    elif kind == "portal-page":
        results.keep("portal_page", measure_portal_page())
    else:
        results.keep("encryption", measure_encryption(rows))


if __name__ == "__main__":
    main()
