"""`row_window_session`: where a session starts depends on where the one before did, so rows are folded (WIN-7).

Segments, in which no value is too far from the one before, are known beforehand, and most are one session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, call
from kelp.clickhouse.functions.ticks import datetime_of
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.clickhouse.sql import SqlExpression


@dataclass(frozen=True, slots=True)
class Session:
    """The columns that a call needs: ticks of the value, the greatest length of a session, and the segment's number."""

    time: str
    length: str
    segment: str

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return (self.time, self.length, self.segment)


def lower_session(
    context: LoweringContext, level: Level, name: str, session: Session, kept: tuple[str, ...]
) -> Level:
    """Return the rows with the start of each one's session; `kept` are the keys of groups, then the row's number."""
    *keys, number = kept
    columns = dict(level.columns)
    rows = f"{name}_rows"
    names = [number, *(column for column in columns if column != number)]
    row = SqlCall("tuple", tuple(columns[column].sql for column in names))
    is_before = SqlLambda(("r",), call("tupleElement", SqlColumn("", "r"), 1))
    collected = call("arraySort", is_before, call("groupArray", row))
    level.group_by = [columns[column].sql for column in (*keys, session.segment)]
    level.is_aggregate = True
    level.columns = {rows: Lowered(collected, T.DYNAMIC, nullable=False)}
    level = level.close(context)
    array = level.columns[rows].sql
    times, lengths = (
        call("tupleElement", array, names.index(part) + 1) for part in (session.time, session.length)
    )
    starts = bind_once((times, lengths), _starts)
    item, start = f"{level.alias}_row", f"{level.alias}_start"
    level.array_join = [(item, array), (start, starts)]
    level.columns = {
        column: Lowered(
            call("tupleElement", SqlColumn("", item), index), columns[column].type, columns[column].nullable
        )
        for index, column in enumerate(names, start=1)
    }
    level.columns[name] = Lowered(datetime_of(SqlColumn("", start)), T.DATETIME, nullable=True)
    return level.close(context)


def _starts(times: SqlExpression, lengths: SqlExpression) -> SqlExpression:
    """Return the start of the session of each row of a segment; a segment with a null holds nothing else."""
    known = call("arrayMap", SqlLambda(("t",), call("ifNull", SqlColumn("", "t"), 0)), times)
    first = call("arrayElement", known, 1)
    is_short = call("less", call("arrayMax", known), call("plus", first, call("arrayMin", lengths)))
    points = call("arrayZip", call("arrayEnumerate", known), known, lengths)
    session, point = SqlColumn("", "s"), SqlColumn("", "p")
    place, time, length = (call("tupleElement", point, index) for index in (1, 2, 3))
    is_late = call("greaterOrEquals", time, call("plus", call("tupleElement", session, 1), length))
    places = call("arrayPushBack", call("tupleElement", session, 2), place)
    step = SqlLambda(("s", "p"), call("if", is_late, call("tuple", time, places), session))
    from_first = call("tuple", first, call("array", call("toUInt32", 1)))
    folded = call("arrayFold", step, call("if", is_short, SqlLiteral(()), points), from_first)

    def spread(found: SqlExpression, times: SqlExpression) -> SqlExpression:
        end = call("plus", call("length", times), 1)
        ends = call("arrayPushBack", call("arrayPopFront", found), end)
        count = call("minus", SqlColumn("", "j"), SqlColumn("", "i"))
        start = call("arrayElement", times, SqlColumn("", "i"))
        runs = call("arrayMap", SqlLambda(("i", "j"), call("arrayWithConstant", count, start)), found, ends)
        return call("arrayFlatten", runs)

    return bind_once((call("tupleElement", folded, 2), times), spread)
