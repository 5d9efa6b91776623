from __future__ import annotations

import io

import msgspec

from kelp.cli.output_format import OutputFormat
from kelp.cli.rendering import MAXIMUM_SHOWN_ROWS, print_answer
from kelp.cli.result import QueryAnswer, ResultColumn, ResultTable


def _print(output_format: OutputFormat, *tables: ResultTable) -> str:
    stream = io.StringIO()
    print_answer(QueryAnswer(tables), output_format, stream)
    return stream.getvalue()


def _table(*rows: str, name: str = "PrimaryResult") -> ResultTable:
    columns = (ResultColumn("Name", "string"), ResultColumn("Count", "long"), ResultColumn("Flag", "bool"))
    return ResultTable(name, columns, [msgspec.Raw(row.encode()) for row in rows])


def test_csv_quotes_what_needs_it_and_leaves_null_empty() -> None:
    text = _print(
        OutputFormat.CSV, _table('["a, \\"b\\"\\nc", 9223372036854775807, true]', "[null, null, false]")
    )
    assert text == 'Name,Count,Flag\n"a, ""b""\nc",9223372036854775807,true\n,,false\n'


def test_several_tables_are_apart() -> None:
    text = _print(OutputFormat.CSV, _table('["a", 1, true]'), _table('["b", 2, true]'))
    assert text == "Name,Count,Flag\na,1,true\n\nName,Count,Flag\nb,2,true\n"
    shown = _print(OutputFormat.TABLE, _table(name="First"), _table(name="Second"))
    assert "First" in shown
    assert "Second" in shown


def test_markup_in_values_is_text() -> None:
    assert "[bold]x[/bold]" in _print(OutputFormat.TABLE, _table('["[bold]x[/bold]", 1, true]'))


def test_a_long_table_is_cut_for_people_only() -> None:
    table = _table(*['["a", 1, true]'] * (MAXIMUM_SHOWN_ROWS + 5))
    shown = _print(OutputFormat.TABLE, table)
    assert f"{MAXIMUM_SHOWN_ROWS + 5:,} rows, of which the first {MAXIMUM_SHOWN_ROWS:,} are shown" in shown
    assert len(_print(OutputFormat.CSV, table).splitlines()) == MAXIMUM_SHOWN_ROWS + 6


def test_an_answer_without_rows() -> None:
    assert _print(OutputFormat.TABLE, _table()).endswith("0 rows\n")
    assert _print(OutputFormat.CSV, _table()) == "Name,Count,Flag\n"
    assert _print(OutputFormat.JSON, _table()).endswith('"rows":[]}]}\n')
