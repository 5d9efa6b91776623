"""An expression over constants is what the same expression over columns of these values is, however it nests."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from random import Random

import pytest
from chdb.state.sqlitelike import Connection

from tests.spec.events import ask

SEEDS = range(6)
EXPRESSIONS = 50
DEPTH = 4

LEAVES = {
    "long": ("0", "1", "7", "-3", "1000000", "long(null)"),
    "real": ("0.0", "2.5", "-1.25", "1e9", "real(null)"),
    "string": ('""', '"alpha"', '"Beta gamma"', '"ß7"', '"12"'),
    "bool": ("true", "false", "bool(null)"),
    "datetime": ("datetime(2020-02-29 01:02:03.0000004)", "datetime(1969-12-31)", "datetime(null)"),
    "timespan": ("1h", "-25h", "3.5s", "timespan(null)"),
    "dynamic": ('dynamic({"a": 1, "b": [1, "x"]})', "dynamic([3, 1, 2])", "dynamic(null)"),
}
FORMS = {
    "long": (
        *("({long} + {long})", "({long} - {long})", "({long} * {long})", "({long} / {long})", "({long} % {long})"),
        *("strlen({string})", "tolong({string})", "iff({bool}, {long}, {long})", "abs({long})", "tolong({real})"),
        *("indexof({string}, {string})", "array_length({dynamic})", "binary_and({long}, {long})", "coalesce({long}, {long})"),
        *("datetime_diff('hour', {datetime}, {datetime})", "bin({long}, 5)", "countof({string}, 'a')", "hourofday({datetime})"),
    ),
    "real": (
        *("({real} + {real})", "({real} * {long})", "({real} / {real})", "toreal({long})", "todouble({string})"),
        *("round({real}, 1)", "min_of({real}, {real})", "iff({bool}, {real}, {real})", "({timespan} / {timespan})"),
    ),
    "string": (
        *("strcat({string}, {string})", "tolower({string})", "toupper({string})", "substring({string}, 1, 3)"),
        *("tostring({long})", "tostring({bool})", "iff({bool}, {string}, {string})", "replace_string({string}, 'a', {string})"),
        *("tostring({timespan})", "strcat_delim('-', {string}, {string})", "tostring({dynamic})", "reverse({string})"),
        *("trim('a', {string})", "format_datetime({datetime}, 'yyyy-MM-dd HH:mm')"),
    ),
    "bool": (
        *("({long} < {long})", "({real} >= {long})", "({string} == {string})", "({string} has {string})"),
        *("({bool} and {bool})", "({bool} or {bool})", "not({bool})", "isnull({long})", "isempty({string})"),
        *("({string} contains {string})", "({string} startswith {string})", "({datetime} > {datetime})", "isnotnull({real})"),
        *("({timespan} != {timespan})", "({long} in ({long}, {long}))", "({long} between ({long} .. {long}))"),
    ),
    "datetime": (
        *("({datetime} + {timespan})", "({datetime} - {timespan})", "bin({datetime}, 1h)", "startofmonth({datetime})"),
        *("datetime_add('month', 1, {datetime})", "iff({bool}, {datetime}, {datetime})", "todatetime({string})"),
    ),
    "timespan": (
        *("({datetime} - {datetime})", "({timespan} + {timespan})", "({timespan} * 2)", "bin({timespan}, 1m)"),
        *("iff({bool}, {timespan}, {timespan})", "totimespan({string})"),
    ),
    "dynamic": (
        *("pack_array({long}, {string})", "bag_pack('k', {long})", "array_concat({dynamic}, {dynamic})", "split({string}, 'a')"),
        *("parse_json({string})", "iff({bool}, {dynamic}, {dynamic})"),
    ),
}  # fmt: skip


@dataclass(slots=True)
class Pair:
    """The same expression over constants, and over columns of these values."""

    source: Random
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)

    def make(self, kind: str, depth: int) -> tuple[str, str]:
        if depth == 0 or self.source.random() < 0.2:
            value = self.source.choice(LEAVES[kind])
            name = f"c{len(self.columns)}"
            self.columns[name] = (kind, value)
            return (f"({value})" if value[0] == "-" else value), name
        # Texts, and between them the kinds of what stands there.
        parts = re.split(r"\{(\w+)\}", self.source.choice(FORMS[kind]))
        inner = [
            self.make(part, depth - 1) if place % 2 else (part, part) for place, part in enumerate(parts)
        ]
        return "".join(constant for constant, _ in inner), "".join(column for _, column in inner)


@pytest.mark.parametrize("seed", SEEDS)
def test_constants_and_columns_agree(connection: Connection, seed: int) -> None:
    source = Random(seed)
    pair = Pair(source)
    made = [pair.make(source.choice(sorted(FORMS)), DEPTH) for _ in range(EXPRESSIONS)]
    columns = ", ".join(f"{name}: {kind}" for name, (kind, _) in pair.columns.items())
    values = ", ".join(value for _, value in pair.columns.values())
    _, folded = ask(connection, "print " + ", ".join(f"r{i} = {one}" for i, (one, _) in enumerate(made)))
    _, computed = ask(
        connection,
        f"datatable({columns})[{values}] | project "
        + ", ".join(f"r{i} = {one}" for i, (_, one) in enumerate(made)),
    )
    differing = {
        constant: (first, second)
        for (constant, _), first, second in zip(made, folded[0], computed[0], strict=True)
        if json.dumps(first) != json.dumps(second)
    }
    assert differing == {}
