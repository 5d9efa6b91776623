"""Lists of customers as people write them: names, CSV, rows from a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.api.management.customer_list import COLUMNS, read_list
from kelp.resources.errors import InvalidDocument


def test_names_stand_one_on_a_line() -> None:
    listed = read_list("\n  contoso \r\n\nfabrikam\n")
    assert [(one.line, one.document) for one in listed] == [
        (2, {"name": "contoso"}),
        (4, {"name": "fabrikam"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_names_its_columns(delimiter: str) -> None:
    lines = [["Name", "dailyQuotaGb", "RetentionInDays", "displayName"], ["a", "1.5", "30", ""], ["b"]]
    text = "\ufeff" + "\n".join(delimiter.join(line) for line in lines)
    assert [one.document for one in read_list(text)] == [
        {"name": "a", "dailyQuotaGb": 1.5, "retentionInDays": 30},
        {"name": "b"},
    ]


def test_what_a_line_says_wrongly_is_told_of_that_line() -> None:
    text = "name,dailyQuotaGb,retentionInDays\na,much,30.5\nb,1,2,3\nc,-1,14\n"
    first, second, third = read_list(text)
    assert [(one.target, one.message) for one in first.problems] == [
        ("dailyQuotaGb", "'much' is no number of gigabytes such as 1.5."),
        ("retentionInDays", "'30.5' is no whole number of days."),
    ]
    assert second.problems[0].message == "The line has 4 values, and there are 3 columns."
    assert (third.line, third.problems) == (4, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,quota\na,1\n", "no column 'quota'"),
        ("a,1\nb,2\n", "'name' is not among them"),
        ("name,Name\na,b\n", "names a column twice"),
        ('name,domain\n"' + "x" * 200_000 + '",b\n', "Line 2 can't be read"),
    ],
)
def test_what_is_no_list_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidDocument, match=message):
        read_list(text)


@given(st.text(max_size=300))
def test_any_text_is_a_list_or_refused(text: str) -> None:
    try:
        listed = read_list(text)
    except InvalidDocument:
        return
    lines = [one.line for one in listed]
    assert lines == sorted(lines)
    assert all(set(one.document) <= set(COLUMNS) for one in listed)


_WORD = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)


@given(st.lists(st.tuples(_WORD, _WORD), min_size=1, max_size=20))
def test_what_was_written_as_csv_is_read_again(rows: list[tuple[str, str]]) -> None:
    sink = io.StringIO()
    csv.writer(sink).writerows([("name", "displayName"), *rows])
    read = [(one.document["name"], one.document["displayName"]) for one in read_list(sink.getvalue())]
    assert read == rows
