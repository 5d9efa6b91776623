from __future__ import annotations

import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.engine.contract import ResultFormat
from kelp.engine.formats import chunk_joiner


def never() -> bytes:
    raise AssertionError("the result has rows")


def join(result_format: ResultFormat, chunks: list[bytes]) -> bytes:
    joiner = chunk_joiner(result_format)
    return b"".join([*[joiner.join(chunk) for chunk in chunks], joiner.finish(never)])


def arrow_stream(*batches: list[str]) -> bytes:
    sink = io.BytesIO()
    schema = pa.schema([pa.field("name ü", pa.string()), pa.field("n", pa.int64())])
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(pa.record_batch([batch, list(range(len(batch)))], schema=schema))
    return sink.getvalue()


@pytest.mark.parametrize("result_format", [ResultFormat.JSON_ROWS, ResultFormat.JSON_EACH_ROW])
def test_lines_are_left_as_they_are(result_format: ResultFormat) -> None:
    assert join(result_format, [b"[1]\n[2]\n", b"[3]\n"]) == b"[1]\n[2]\n[3]\n"
    assert chunk_joiner(result_format).finish(lambda: b"asked") == b""


@given(st.lists(st.lists(st.text(), max_size=3), min_size=1, max_size=4))
def test_arrow_streams_become_one(groups: list[list[str]]) -> None:
    content = join(ResultFormat.ARROW, [arrow_stream(group, group) for group in groups])
    with pa.ipc.open_stream(content) as reader:
        table = reader.read_all()
    assert table["name ü"].to_pylist() == [name for group in groups for name in group + group]
    assert content.count(arrow_stream()[:-8]) == 1
    assert content.endswith(b"\xff\xff\xff\xff\0\0\0\0")


@pytest.mark.parametrize(
    "names", [b'"a","b"\n', b'"two\nlines","b"\n', b'"say ""x""\n""","b"\n', b'"\n","\n"\n']
)
def test_csv_has_one_line_of_names(names: bytes) -> None:
    assert join(ResultFormat.CSV, [names + b"1,2\n", names + b"3,4\n"]) == names + b"1,2\n3,4\n"


@pytest.mark.parametrize("result_format", [ResultFormat.ARROW, ResultFormat.CSV])
def test_a_result_without_rows_is_fetched(result_format: ResultFormat) -> None:
    assert chunk_joiner(result_format).finish(lambda: b"empty document") == b"empty document"
