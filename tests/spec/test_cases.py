"""Every case is compiled and run by the engine, and gives what it says."""

from __future__ import annotations

import json

import pytest
from chdb.state.sqlitelike import Connection

from kelp.kql.diagnostics import QueryRefusedError
from tests.spec.case_files import SpecCase, iter_cases
from tests.spec.events import ask


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in iter_cases()])
def test_case(case: SpecCase, connection: Connection) -> None:
    if case.refused is not None:
        with pytest.raises(QueryRefusedError) as refused:
            ask(connection, case.query)
        assert case.refused in str(refused.value)
        return
    columns, rows = ask(connection, case.query)
    expected = list(case.rows)
    if not case.is_ordered:
        rows.sort(key=json.dumps)
        expected.sort(key=json.dumps)
    assert columns == case.columns
    assert rows == expected
