"""What `clickhouse.quoting` writes is what the engine reads, for any text."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.clickhouse.quoting import quote_identifier, quote_string, quote_strings
from kelp.engine.connection import Connection, connect, engine_version
from kelp.engine.data_folder import DataFolder
from kelp.engine.settings import EmbeddedSettings

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    "\\'\"`\0\n\r\t\b\f{}%?$-/*;#x0 é😀\u2028"
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    settings = EmbeddedSettings(data_directory=tmp_path_factory.mktemp("quoting"))
    folder = DataFolder.claim(settings, engine_version())
    connection = connect(folder.store, folder.configuration)
    yield connection
    connection.close()
    folder.release()


def read_arrow(connection: Connection, sql: str) -> pa.Table:
    return pa.ipc.open_stream(connection.query(sql, "ArrowStream").bytes()).read_all()


@given(text=TEXTS)
def test_a_text_arrives_as_it_is(connection: Connection, text: str) -> None:
    table = read_arrow(connection, f"SELECT hex({quote_string(text)}) AS value, 1 AS one")
    assert bytes.fromhex(table["value"][0].as_py()).decode() == text


@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_an_array_of_texts_arrives_as_it_is(connection: Connection, texts: list[str]) -> None:
    sql = f"SELECT arrayMap(x -> hex(x), {quote_strings(texts)}) AS value"
    found = read_arrow(connection, sql)["value"][0].as_py()
    assert [bytes.fromhex(one).decode() for one in found] == texts


@given(name=TEXTS.filter(bool), other=TEXTS.filter(bool))
def test_names_arrive_as_they_are(connection: Connection, name: str, other: str) -> None:
    if name == other:
        return
    sql = f"SELECT {quote_identifier(name)} FROM (SELECT 1 AS {quote_identifier(name)}, 2 AS {quote_identifier(other)})"
    table = read_arrow(connection, sql)
    assert table.column_names == [name]
    assert table[0][0].as_py() == 1
