"""The statements of a load plan, written down so that a replay runs these and no newer ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kelp.base.clock import to_ticks
from kelp.clickhouse.ddl import RECEIPT_COLUMN, TIME_COLUMN
from kelp.clickhouse.transformation import RECORD, Transformation, compile_transformation
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import InputFormat, InsertStatement, SourceColumn
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from datetime import datetime

    from kelp.ingest.flow import Flow


class Recipe(msgspec.Struct, frozen=True, array_like=True):
    """How the bodies of a plan become rows.

    `by_columns` reads the named `members` of each record as texts, and fails for one that is not plainly of its type;
    `by_documents` takes any JSON value and is run then. Both give `columns` by position.
    """

    columns: tuple[str, ...]
    members: tuple[str, ...]
    by_columns: str
    by_documents: str

    def encode(self) -> str:
        """Return the recipe as text."""
        return msgspec.json.encode(self).decode()


def decode_recipe(text: str) -> Recipe:
    """Return the recipe that `encode` wrote."""
    return msgspec.json.decode(text, type=Recipe)


def write_recipe(flow: Flow, received_at: datetime) -> Recipe:
    """Return the recipe of a flow for records received at that time, which is what `now()` means in it.

    Raises `QueryRefusedError` where the transformation does not compile.
    """
    ticks = to_ticks(received_at)
    received = Literal(ScalarType.DATETIME, ticks)
    # What a record claims about its receipt is not believed.
    claimed = tuple(column for column in flow.input if column.name != RECEIPT_COLUMN)
    transformation = Transformation(
        flow.transformation, claimed, flow.output, ((TIME_COLUMN, received), (RECEIPT_COLUMN, received))
    )
    return Recipe(
        tuple(column.name for column in flow.output),
        tuple(column.name for column in claimed),
        compile_transformation(transformation, ticks, reads_documents=False),
        compile_transformation(transformation, ticks, reads_documents=True),
    )


def insert_by_columns(
    recipe: Recipe, table: EngineTable, body: tuple[bytes, ...], token: str
) -> InsertStatement:
    """Return the insert that reads the declared columns."""
    return InsertStatement(
        table=table,
        columns=recipe.columns,
        structure=tuple(SourceColumn(name, "String") for name in recipe.members),
        select=recipe.by_columns,
        format=InputFormat.JSON_EACH_ROW,
        body=body,
        deduplication_token=token,
    )


def insert_by_documents(
    recipe: Recipe, table: EngineTable, body: tuple[bytes, ...], token: str
) -> InsertStatement:
    """Return the insert that takes whole records apart."""
    return InsertStatement(
        table=table,
        columns=recipe.columns,
        structure=(SourceColumn(RECORD, "String"),),
        select=recipe.by_documents,
        format=InputFormat.JSON_AS_STRING,
        body=body,
        deduplication_token=token,
    )
