"""`/portal/api/rules/test`: the test bench of a data collection rule's transformation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelp.api.asgi import Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.management.call import Answer
from kelp.api.portal.call import answer_with, read_call
from kelp.api.portal.kql_documents import invalid, raise_problems
from kelp.api.portal.kql_findings import finding_document
from kelp.api.portal.query_descriptions import TRY_RULE
from kelp.ingest.trial import try_transformation
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.schema import TableReference
from kelp.kql.types import TYPE_NAMES, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from kelp.api.portal.browser import Browsers
    from kelp.api.query.runner import QueryRunner
    from kelp.engine.contract import Engine
    from kelp.identity.principal import Principal

_MAXIMUM_BODY_BYTES = 2 * 1024 * 1024
_MAXIMUM_RECORDS = 1_000
_MAXIMUM_CHARACTERS = 15_360
_ALWAYS_GIVEN = frozenset({"TimeGenerated", "TenantId", "Type", "SourceSystem"})
"""Columns that tables fill without a record's doing."""


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """Records of a stream with those columns, and perhaps the table that is to take them."""

    text: str
    columns: tuple[Column, ...]
    records: tuple[Mapping[str, Any], ...]
    workspace: str
    table: str


class RuleTrials:
    """Holds what the route needs."""

    def __init__(self, browsers: Browsers, runner: QueryRunner, engine: Engine) -> None:
        self._browsers = browsers
        self._runner = runner
        self._engine = engine

    def routes(self) -> list[Route]:
        """Return the route."""
        path = "/portal/api/rules/test"
        return [Route("POST", path, endpoint_app(self.test_rule), Surface.PORTAL, TRY_RULE)]

    async def test_rule(self, request: Request) -> Response:
        """Tell what a transformation makes of records, as if they were loaded, and what the table would not take."""
        call = await read_call(self._browsers, request, _MAXIMUM_BODY_BYTES)
        asked = decode_trial(call.document())
        table = self._find_table(call.principal, asked)
        now = self._runner.clock.now()
        try:
            trial = await try_transformation(self._engine, asked.text, asked.columns, asked.records, now)
        except QueryRefusedError as refused:
            found = [finding_document(one, asked.text) for one in refused.diagnostics]
            return answer_with(Answer(200, {"columns": [], "rows": [], "problems": [], "diagnostics": found}))
        problems = [{"record": one.record, "message": one.message} for one in trial.problems]
        document: dict[str, Any] = {
            "columns": [_column_document(column) for column in trial.columns],
            "rows": trial.rows,
            "problems": problems,
            "diagnostics": [],
        }
        if table is not None:
            document["table"] = compare_columns(trial.columns, table)
        return answer_with(Answer(200, document))

    def _find_table(self, principal: Principal, asked: TrialRequest) -> Sequence[Column] | None:
        if not asked.table:
            return None
        built = self._runner.build_scope(principal, [asked.workspace])
        found = built.provider.find_table(TableReference(None, asked.table))
        if found is None:
            raise invalid("table", f"The workspace has no table '{asked.table}' that you may query.")
        return found.schema.columns


def compare_columns(given: Sequence[Column], table: Sequence[Column]) -> dict[str, list[dict[str, str]]]:
    """Return which columns of the table get nothing, which given ones it does not have, and which types differ."""
    known = {column.name: column for column in table}
    names = {column.name for column in given}
    missing = [
        column
        for column in table
        if column.name not in names | _ALWAYS_GIVEN and not column.name.startswith("_")
    ]
    return {
        "missing": [_column_document(column) for column in missing],
        "extra": [_column_document(column) for column in given if column.name not in known],
        "different": [
            _column_document(column) | {"tableType": known[column.name].type.value}
            for column in given
            if column.name in known and known[column.name].type is not column.type
        ],
    }


def decode_trial(document: Mapping[str, Any]) -> TrialRequest:
    """Return what a body asks for. Raises `ServiceError` (invalid) naming every member that is wrong."""
    text, columns, records = document.get("transformKql"), document.get("columns"), document.get("records")
    workspace, table = document.get("workspace") or "", document.get("table") or ""
    checks = (
        (
            "transformKql",
            isinstance(text, str) and 0 < len(text) <= _MAXIMUM_CHARACTERS,
            f"must be a query over 'source' of {_MAXIMUM_CHARACTERS:,} characters at the most.",
        ),
        (
            "columns",
            isinstance(columns, list) and all(map(_is_column, columns)),
            "must be the columns of the stream, each with 'name' and 'type'.",
        ),
        (
            "records",
            isinstance(records, list)
            and len(records) <= _MAXIMUM_RECORDS
            and all(isinstance(record, dict) for record in records),
            f"must be a list of {_MAXIMUM_RECORDS:,} objects at the most.",
        ),
        (
            "workspace",
            isinstance(workspace, str) and (bool(workspace) or not table),
            "must name the table's workspace.",
        ),
        ("table", isinstance(table, str), "must be the name of a table."),
    )
    raise_problems([invalid(name, f"'{name}' {rule}") for name, is_right, rule in checks if not is_right])
    return TrialRequest(
        str(text),
        tuple(Column(one["name"], TYPE_NAMES[one["type"].lower()]) for one in columns or ()),
        tuple(records or ()),
        workspace,
        table,
    )


def _is_column(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and bool(value["name"])
        and isinstance(value.get("type"), str)
        and value["type"].lower() in TYPE_NAMES
    )


def _column_document(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": column.type.value}
