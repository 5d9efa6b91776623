"""`python -m benchmarks`: measure, print, and write RESULTS.md."""

from __future__ import annotations

import argparse

from benchmarks.query_times import measure_queries


def main() -> None:
    """Run what the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help="rows to measure over; may come again")
    parser.add_argument("--only", action="append", default=[], help="a question such as Q4; may come again")
    arguments = parser.parse_args()
    for rows in arguments.rows or [1_000_000]:
        run = measure_queries(rows, arguments.only)
        for item in run.times:
            print(
                f"{item.question.name:4} {item.kelp.wall_ms:8.1f} ms {item.bare.wall_ms:8.1f} ms  cpu "
                f"{item.kelp.cpu_ms:8.1f} {item.bare.cpu_ms:8.1f}  {'ok' if item.meets_goal else 'MISSED'}"
                f"{'' if item.agree else ' ANSWERS DIFFER'}"
            )
        print(f"peak memory {run.peak_memory_bytes / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
