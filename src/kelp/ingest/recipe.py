"""The statements of a load plan, written down so that a replay runs these and no newer ones.

Compiling takes milliseconds and a flow loads every second, so a recipe is compiled once, with a stand-in for the moment
of receipt and one for the customer, which are put in when a plan is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kelp.base.clock import to_ticks
from kelp.clickhouse.ddl import CUSTOMER_COLUMN, RECEIPT_COLUMN, TIME_COLUMN
from kelp.clickhouse.record_texts import RECORD, can_be_unfit
from kelp.clickhouse.transformation import Transformation, compile_transformation
from kelp.clickhouse.types import print_moment
from kelp.engine.contract import InputFormat, InsertStatement, SourceBody, SourceColumn
from kelp.kql.bound import Literal
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kelp.clickhouse.types import EngineTable
    from kelp.ingest.flow import Flow

_STAND_INS = (4_711_081_512_345_678, 8_150_471_187_654_321)
"""Moments (ticks, in the years 1984 and 1995) that nobody writes into a transformation. Of two, only one place of each
statement may depend on the moment: `now() - 1d` is computed while compiling, and shows as a difference."""

_CUSTOMER_STAND_IN = "f1b5c1fe-7c3f-4b4e-9d57-customer"
"""No id of a customer, and nothing that anybody writes into a transformation."""


class Recipe(msgspec.Struct, frozen=True, array_like=True):
    """How the records of a plan become rows.

    `checked` reads the `properties` of each record, and fails for a value that does not convert. `lenient` is run then:
    it takes any value, and those of `typed` properties (name, type) become null where they do not convert. Both give
    `columns` by position.
    """

    columns: tuple[str, ...]
    properties: tuple[str, ...]
    checked: str
    lenient: str
    typed: tuple[tuple[str, str], ...]

    def encode(self) -> str:
        """Return the recipe as text."""
        return msgspec.json.encode(self).decode()

    @property
    def typed_columns(self) -> tuple[Column, ...]:
        """The properties that may fail to convert, and their types."""
        return tuple(Column(name, ScalarType(kind)) for name, kind in self.typed)


def decode_recipe(text: str) -> Recipe:
    """Return the recipe that `encode` wrote."""
    return msgspec.json.decode(text, type=Recipe)


class RecipeTemplate:
    """A recipe for records received at any moment, from any customer."""

    def __init__(self, write: Callable[[int], Recipe]) -> None:
        """`write` compiles the recipe for a moment in ticks; raises `QueryRefusedError`, as this does then."""
        self._write = write
        first, second = (write(ticks) for ticks in _STAND_INS)
        same = _put(first, _STAND_INS[0], _STAND_INS[1]) == second
        self._compiled = first if same else None

    def write(self, received_at: datetime, customer_id: str = "") -> Recipe:
        """Return the recipe for records of a customer (empty: of none) received at that time.

        The time is what `now()` means in it.
        """
        ticks = to_ticks(received_at)
        recipe = self._write(ticks) if self._compiled is None else _put(self._compiled, _STAND_INS[0], ticks)
        return _replace(recipe, _CUSTOMER_STAND_IN, customer_id)


def _put(recipe: Recipe, stand_in: int, ticks: int) -> Recipe:
    return _replace(recipe, print_moment(stand_in), print_moment(ticks))


def _replace(recipe: Recipe, before: str, after: str) -> Recipe:
    return msgspec.structs.replace(
        recipe, checked=recipe.checked.replace(before, after), lenient=recipe.lenient.replace(before, after)
    )


def template_of_flow(flow: Flow) -> RecipeTemplate:
    """Return the recipe of a flow. Raises `QueryRefusedError` where the transformation does not compile."""
    # What a record claims about its receipt is not believed; nor, but for Kelp's own records, whose it is.
    claimed = tuple(column for column in flow.input if column.name != RECEIPT_COLUMN)
    customer = (CUSTOMER_COLUMN, Literal(ScalarType.STRING, _CUSTOMER_STAND_IN))

    def write(ticks: int) -> Recipe:
        received = Literal(ScalarType.DATETIME, ticks)
        defaults = ((TIME_COLUMN, received), (RECEIPT_COLUMN, received))
        transformation = Transformation(
            flow.transformation,
            claimed,
            flow.output[:-1],
            (*defaults, customer) if flow.is_own else defaults,
            () if flow.is_own else (customer,),
            size=flow.output[-1],
        )
        return Recipe(
            tuple(column.name for column in flow.output),
            tuple(column.name for column in claimed),
            compile_transformation(transformation, ticks, is_checked=True),
            compile_transformation(transformation, ticks, is_checked=False),
            tuple((column.name, column.type.value) for column in claimed if can_be_unfit(column)),
        )

    return RecipeTemplate(write)


def source_of(recipe: Recipe, body: tuple[bytes, ...], *, with_records: bool) -> SourceBody:
    """Return the records as the recipe's statements read them."""
    if not recipe.properties:
        return SourceBody((SourceColumn(RECORD, "String"),), InputFormat.JSON_AS_STRING, body)
    structure = tuple(SourceColumn(name, "String") for name in recipe.properties)
    return SourceBody(structure, InputFormat.JSON_EACH_ROW, body, RECORD if with_records else "")


def insert_of(
    recipe: Recipe,
    table: EngineTable,
    body: tuple[bytes, ...],
    token: str,
    *,
    is_checked: bool,
    first_attempt: bool,
) -> InsertStatement:
    """Return the insert of the records."""
    source = source_of(recipe, body, with_records=not is_checked)
    return InsertStatement(
        table=table,
        columns=recipe.columns,
        structure=source.structure,
        select=recipe.checked if is_checked else recipe.lenient,
        format=source.format,
        body=source.body,
        deduplication_token=token,
        first_attempt=first_attempt,
        record_column=source.record_column,
    )
