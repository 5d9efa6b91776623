"""`scan` gives what a plain walk over the rows gives, for made-up events and several programs (rules SCAN-1 to SCAN-6)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from chdb.state.sqlitelike import Connection

from tests.spec.events import ask

Row = dict[str, object]
Seen = dict[str, Row]
Sequence = tuple[Seen, int, int]
"""What its steps matched last, its number, and the row at which the step that holds it took it over."""


@dataclass(frozen=True)
class Step:
    name: str
    holds: Callable[[Row, Seen], bool]
    output: str = "all"
    mark: Callable[[Row, Seen], int | None] = lambda _row, _seen: None


def walk(rows: list[Row], steps: list[Step]) -> list[tuple[object, ...]]:
    held: list[Sequence | None] = [None] * len(steps)
    sequences = 0
    found: list[tuple[int, int, int, Row, int]] = []
    for place, row in enumerate(rows):
        for index in reversed(range(len(steps))):
            step, before = steps[index], held[index - 1] if index else None
            mine = held[index]
            if before is not None and step.holds(row, before[0]):
                seen, number, since = before[0], before[1], place
                held[index - 1] = None
            elif (mine is not None or index == 0) and step.holds(row, mine[0] if mine else {}):
                seen, number, since = mine or ({}, sequences, place)
                sequences += mine is None
            else:
                continue
            matched = row | {"mark": step.mark(row, seen)}
            held[index] = ({**seen, step.name: matched}, number, since)
            found.append((place, index, since, matched, number))
    latest = {(index, since): place for place, index, since, _, _ in found}
    return [
        (row["n"], row["mark"], number, steps[index].name)
        for place, index, since, row, number in found
        if steps[index].output == "all" or (steps[index].output == "last" and latest[index, since] == place)
    ]


def _n(row: Row | None) -> int | None:
    value = row["n"] if row else None
    assert value is None or isinstance(value, int)
    return value


def _near(row: Row, seen: Seen, name: str, distance: int) -> bool:
    since, now = _n(seen.get(name)), _n(row)
    return since is not None and now is not None and now - since <= distance


def _since(name: str) -> Callable[[Row, Seen], int | None]:
    return lambda row, seen: None if name not in seen else (_n(row) or 0) - (_n(seen[name]) or 0)


PROGRAMS: list[tuple[str, list[Step]]] = [
    (
        "step a: e == 'a'; step b: e == 'b' and n - a.n <= 6 => mark = n - a.n; step c: e == 'c' => mark = n - b.n",
        [
            Step("a", lambda row, _: row["e"] == "a"),
            Step("b", lambda row, seen: row["e"] == "b" and _near(row, seen, "a", 6), mark=_since("a")),
            Step("c", lambda row, _: row["e"] == "c", mark=_since("b")),
        ],
    ),
    (
        "step a output=last: e == 'a'; step b output=last: e != 'a' => mark = n - b.n; step c output=none: e == 'c'",
        [
            Step("a", lambda row, _: row["e"] == "a", "last"),
            Step("b", lambda row, _: row["e"] != "a", "last", _since("b")),
            Step("c", lambda row, _: row["e"] == "c", "none"),
        ],
    ),
    (
        "step a: true => mark = n - a.n; step b output=last: n - a.n > 3 or b.e == e",
        [
            Step("a", lambda _row, _seen: True, mark=_since("a")),
            Step(
                "b",
                lambda row, seen: (
                    ("a" in seen and not _near(row, seen, "a", 3))
                    or ("b" in seen and seen["b"]["e"] == row["e"])
                ),
                "last",
            ),
        ],
    ),
]


@pytest.mark.parametrize("program", range(len(PROGRAMS)))
@pytest.mark.parametrize("seed", range(6))
def test_scan_is_the_walk(connection: Connection, program: int, seed: int) -> None:
    chance = random.Random(seed)
    text, steps = PROGRAMS[program]
    rows: list[Row] = []
    for _ in range(chance.randrange(60)):
        last = _n(rows[-1]) if rows else 0
        rows.append({"n": (last or 0) + chance.randrange(1, 4), "e": chance.choice("aabbbcd")})
    cells = ", ".join(f"{row['n']}, '{row['e']}'" for row in rows)
    query = (
        f"datatable(n: long, e: string)[{cells}] | scan with_match_id=id with_step_name=at declare (mark: long) "
        f"with ({text}) | project n, mark, id, at"
    )
    assert [tuple(row) for row in ask(connection, query)[1]] == walk(rows, steps)
