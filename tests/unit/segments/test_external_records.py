"""Files as columns of text (rules EXT-3 to EXT-5)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kelp.segments.external_records import read_delimited, read_json, read_lines, read_parquet, read_whole


def test_fields_go_by_their_place() -> None:
    content = b'\xef\xbb\xbfname,n\r\n"a, ""b""",1\r\n\r\nshort\nlong,2,3\n'
    assert read_delimited(content, ",", 2, skips_first=True) == [['a, "b"', "short", "long"], ["1", "", "2"]]
    assert read_delimited(b"a\tb\n", "\t", 1, skips_first=False) == [["a"]]


def test_properties_go_by_their_name() -> None:
    content = b'{"a": "x", "b": {"c": [1, 2.5]}}\n[{"a": 1, "b": null}, {"A": 2, "b": "y"}]\n{"a": true}'
    found = read_json(content, ("a", "b"), frozenset({"b"}))
    assert found == [["x", "1", "", "true"], ['{"c":[1,2.5]}', "", '"y"', ""]]


@pytest.mark.parametrize("content", [b"{", b"[1]", b"a"])
def test_what_holds_no_objects_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        read_json(content, ("a",), frozenset())


def test_lines_and_wholes() -> None:
    assert read_lines(b"a\r\n\nb") == ["a", "", "b"]
    assert read_whole(b"a\nb\n") == ["a\nb\n"]


def test_columns_go_by_their_name() -> None:
    table = pa.table(
        {
            "n": [1, None],
            "t": pa.array([0, None], pa.timestamp("ms")),
            "d": [{"x": 1}, None],
            "b": pa.array([b"q", None], pa.binary()),
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    found = read_parquet(sink.getvalue().to_pybytes(), ("d", "n", "none", "t", "b"))
    assert found == [['{"x": 1}', ""], ["1", ""], ["", ""], ["1970-01-01 00:00:00", ""], ["q", ""]]
