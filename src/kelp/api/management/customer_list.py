"""Reads a list of customers as people write it: a name a line, or a table with a line of names above (CSV).

Commas, semicolons and tabs part the values, so that rows which were copied from a spreadsheet are read as they come.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kelp.resources.errors import InvalidDocument, Problem

COLUMNS = ("name", "displayName", "dailyQuotaGb", "retentionInDays", "domain", "reader")
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_BY_LOWER_CASE: Mapping[str, str] = {name.lower(): name for name in COLUMNS}


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """A line: the document of a customer, without what could not be read, which is told in `problems`."""

    line: int
    document: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


def read_list(text: str) -> list[ListedCustomer]:
    """Return the customers of a list. Raises `InvalidDocument` where it is no list, or names unknown columns."""
    rows = list(_iter_rows(text.removeprefix("\ufeff")))
    if not rows:
        return []
    header = [cell.lower() for cell in rows[0][1]]
    if "name" not in header:
        if all(len(cells) == 1 for _, cells in rows):
            return [ListedCustomer(line, {"name": cells[0]}) for line, cells in rows]
        raise _refuse(f"The first line names the columns: {', '.join(COLUMNS)}. 'name' is not among them.")
    unknown = [cell for cell in rows[0][1] if cell and cell.lower() not in _BY_LOWER_CASE]
    if unknown:
        raise _refuse(f"There is no column '{unknown[0][:64]}'; the columns are {', '.join(COLUMNS)}.")
    if len(set(header)) != len(header):
        raise _refuse("The first line names a column twice.")
    names = [_BY_LOWER_CASE.get(cell, "") for cell in header]
    return [_read_row(line, names, cells) for line, cells in rows[1:]]


def _iter_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that say something, numbered from 1, and their values."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            values = [cell.strip() for cell in cells]
            if any(values):
                yield line, values
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refuse(f"Line {line} can't be read: {error}.") from error


def _read_row(line: int, names: Sequence[str], cells: Sequence[str]) -> ListedCustomer:
    document: dict[str, Any] = {}
    problems = []
    if len(cells) > len(names):
        problems.append(
            Problem("name", f"The line has {len(cells)} values, and there are {len(names)} columns.")
        )
    for name, text in zip(names, cells, strict=False):
        if not text or not name:
            continue
        try:
            document[name] = _read_value(name, text)
        except ValueError as error:
            problems.append(Problem(name, str(error)))
    return ListedCustomer(line, document, tuple(problems))


def _read_value(name: str, text: str) -> str | float | int:
    if name == "dailyQuotaGb":
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"'{text[:64]}' is no number of gigabytes such as 1.5.")
        return float(text)
    if name == "retentionInDays":
        if not _WHOLE.fullmatch(text):
            raise ValueError(f"'{text[:64]}' is no whole number of days.")
        return int(text)
    return text


def _refuse(message: str) -> InvalidDocument:
    return InvalidDocument([Problem("list", message)])
