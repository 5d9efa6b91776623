from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .conftest import Run, write_lines

ORDERS = [
    '{"TimeGenerated":"2026-11-01T10:00:00.1234567Z","n":9223372036854775807,"f":1.5,"s":"x","b":true,"d":{"a":[1,1.0]}}',
    '{"TimeGenerated":"2026-11-01T11:00:00Z","n":2,"f":2,"s":"y","b":false}',
]


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_json_lines_keep_every_digit(run: Run, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "orders.jsonl", ORDERS)
    query = "O | project TimeGenerated, n, f, s, b, d | sort by TimeGenerated asc"
    outcome = run("query", "--table", f"O={path}", "--format", "csv", query)
    assert outcome.code == 0
    assert _rows(outcome.out) == [
        ["TimeGenerated", "n", "f", "s", "b", "d"],
        ["2026-11-01T10:00:00.1234567Z", "9223372036854775807", "1.5", "x", "true", '{"a":[1,1.0]}'],
        ["2026-11-01T11:00:00.0000000Z", "2", "2", "y", "false", ""],
    ]


def test_a_json_array_and_compression(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "orders.json.gz"
    path.write_bytes(gzip.compress(json.dumps([{"a": 1}, {"a": 2}]).encode()))
    outcome = run("query", "--table", f"T={path}", "--format", "csv", "T | summarize s = sum(a)")
    assert _rows(outcome.out) == [["s"], ["3"]]


def test_csv_types_are_told_from_the_values(run: Run, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "o.csv",
        [
            "When,Name,Count,Ratio,Flag,Note",
            '2026-11-01T10:00:00Z,alice,1,0.5,true,"hello, world"',
            "2026-11-02 11:00:00,bob,2,,false,",
        ],
    )
    outcome = run(
        "query", "--table", f"T={path}", "--format", "csv", "T | getschema | project ColumnName, ColumnType"
    )
    assert dict(_rows(outcome.out)) == {
        "ColumnName": "ColumnType",
        "When": "datetime",
        "Name": "string",
        "Count": "long",
        "Ratio": "real",
        "Flag": "bool",
        "Note": "string",
    }
    outcome = run("query", "--table", f"T={path}", "--format", "csv", "T | where Count == 2")
    assert _rows(outcome.out)[1] == ["2026-11-02T11:00:00.0000000Z", "bob", "2", "", "false", ""]


def test_parquet(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    table = pa.table(
        {
            "When": pa.array([datetime(2026, 1, 1, tzinfo=UTC), None]),
            "Day": pa.array([date(2026, 1, 2), None]),
            "Nested": pa.array([[{"a": 1}], []]),
            "Text": pa.array(["x", None]).dictionary_encode(),
            "Small": pa.array([1, None], pa.uint16()),
            "Money": pa.array([Decimal("1.50"), None]),
        }
    )
    pq.write_table(table, path)
    outcome = run("query", "--table", f"T={path}", "--format", "csv", "T")
    assert _rows(outcome.out)[1:] == [
        ["2026-01-01T00:00:00.0000000Z", "2026-01-02T00:00:00.0000000Z", '[{"a":1}]', "x", "1", "1.5"],
        ["", "", "[]", "", "", ""],
    ]


def test_text_becomes_numbered_lines(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("first\nan ERROR here\n\n{last")
    outcome = run("query", "--table", f"L={path}", "--format", "csv", "L | project LineNumber, RawData")
    assert _rows(outcome.out) == [
        ["LineNumber", "RawData"],
        ["1", "first"],
        ["2", "an ERROR here"],
        ["3", ""],
        ["4", "{last"],
    ]
    outcome = run(
        "query",
        "--table",
        f"L={path}",
        "--format",
        "csv",
        "L | where RawData has 'error' | project LineNumber",
    )
    assert _rows(outcome.out)[1:] == [["2"]]


def test_a_file_without_a_telling_name_is_told_by_its_bytes(run: Run, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "records", ['{"a": 5}'])
    assert _rows(run("query", "--table", f"T={path}", "--format", "csv", "T").out) == [["a"], ["5"]]


def test_values_that_come_late_widen_a_column(run: Run, tmp_path: Path) -> None:
    lines = [f'{{"v":{number}}}' for number in range(26_000)] + ['{"v":"text","new":1}']
    path = write_lines(tmp_path / "late.jsonl", lines)
    outcome = run(
        "query",
        "--table",
        f"T={path}",
        "--format",
        "csv",
        "T | summarize count(), countif(v == 'text'), sum(new)",
    )
    assert _rows(outcome.out)[1] == ["26001", "1", "1"]


def test_several_files_and_tables(run: Run, tmp_path: Path) -> None:
    for number in (1, 2):
        write_lines(tmp_path / f"part{number}.jsonl", [f'{{"k":{number}}}'])
    names = write_lines(tmp_path / "names.csv", ["k,Name", "1,one", "2,two"])
    query = "P | join kind=inner N on k | project Name | sort by Name asc"
    outcome = run(
        "query", "--table", f"P={tmp_path}/part*.jsonl", "--table", f"N={names}", "--format", "csv", query
    )
    assert _rows(outcome.out) == [["Name"], ["one"], ["two"]]
    outcome = run(
        "query",
        "--table",
        f"P={tmp_path}/part*.jsonl",
        "--table",
        f"N={names}",
        "--format",
        "csv",
        "union * | count",
    )
    assert _rows(outcome.out)[1] == ["4"]


def test_the_json_format_is_the_query_apis(run: Run, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.jsonl", ['{"a": 1, "s": "x"}'])
    outcome = run("query", "--table", f"T={path}", "--format", "json", "T; T | count")
    answer = json.loads(outcome.out)
    assert [table["rows"] for table in answer["tables"]] == [[[1, "x"]], [[1]]]
    assert answer["tables"][0]["columns"] == [{"name": "a", "type": "long"}, {"name": "s", "type": "string"}]


def test_a_table_for_people(run: Run, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.jsonl", ['{"Name": "x", "Count": 12}'])
    outcome = run("query", "--table", f"T={path}", "T")
    assert "Name" in outcome.out
    assert "12" in outcome.out
    assert outcome.out.endswith("1 row\n")


def test_a_query_from_standard_input(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_lines(tmp_path / "t.jsonl", ['{"a": 1}'])
    monkeypatch.setattr("sys.stdin", io.StringIO("T\n| count"))
    assert _rows(run("query", "--table", f"T={path}", "--format", "csv", "-").out)[1] == ["1"]


def test_a_refused_query_shows_the_place(run: Run, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.jsonl", ['{"a": 1}'])
    outcome = run("query", "--table", f"T={path}", "T\n| projekt a")
    assert outcome.code == 3
    assert outcome.out == ""
    lines = outcome.err.splitlines()
    assert "line 2, position 3" in lines[0]
    assert lines[1:3] == ["  | projekt a", "    ^^^^^^^"]
    assert any(line.startswith("  hint: ") and "project" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cut.json", '{"a":1}\n{"a":', "Unexpected EOF"),
        ("empty.jsonl", "", "the file is empty"),
        ("bad.csv", "a,b\n1,2\n3\n", "Rows have different amount of values"),
    ],
)
def test_a_file_that_can_not_be_read_says_why(
    run: Run, tmp_path: Path, name: str, content: str, reason: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    outcome = run("query", "--table", f"T={path}", "T")
    assert outcome.code == 2
    assert f"Can't read {path}" in outcome.err
    assert reason in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("table", ["x y=z", "=z", "T=", "T", "1T=z"])
def test_a_table_is_a_name_and_a_path(run: Run, table: str) -> None:
    outcome = run("query", "--table", table, "T")
    assert outcome.code == 2
    assert "is not Name=path" in outcome.err


def test_a_missing_file_is_named(run: Run, tmp_path: Path) -> None:
    outcome = run("query", "--table", f"T={tmp_path}/none*.json", "T")
    assert outcome.code == 2
    assert f"There is no file {tmp_path}/none*.json." in outcome.err


def test_a_server_and_files_do_not_go_together(run: Run, tmp_path: Path) -> None:
    outcome = run("query", "--endpoint", "https://localhost", "--table", "T=x", "T")
    assert outcome.code == 2


def test_what_the_engine_lacks_is_computed_beside_it(run: Run, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "x.jsonl", ['{"Text":"<e n=\'1\'>a</e>"}', '{"Text":"no"}'])
    query = "T | extend E = parse_xml(Text).e | project N = tostring(E['@n']), Text | sort by Text asc"
    outcome = run("query", "--table", f"T={path}", "--format", "csv", query)
    assert (outcome.code, outcome.err) == (0, "")
    assert _rows(outcome.out)[1:] == [["1", "<e n='1'>a</e>"], ["", "no"]]
