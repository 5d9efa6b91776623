"""`scan`: the rows are collected in order and folded, for what a step matches depends on what was matched before.

The engine folds an array, row by row, with the state of all steps in hand (SCAN-1 to SCAN-6). For each row there comes
out what each step made of it, so that rows and matches are unrolled beside each other. Arrays that grow are copied with
each element, so the rows are folded in runs of `_RUN`, each with a short array of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, call, literal, null_of, or_else
from kelp.clickhouse.lowering.expressions import lower_expression
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlLambda, SqlLiteral, SqlOrder, SqlWindow
from kelp.clickhouse.types import expression_type, is_nullable
from kelp.kql.bound import step_column
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.plan.nodes import StepReference, StepScan

_RUN = 512
_SHOWN, _ID, _START = 1, 2, 3
"""The first elements of a match: whether it is shown, its match id, and where its run of repeated matches began."""
_ACTIVE = 1
"""The first element of a step's state; then come match id and start as in a match, then what is looked back at.
Match id and start are left out where nothing asks for them: each element costs time with each row."""


def lower_step_scan(context: LoweringContext, plan: StepScan, level: Level) -> Level:
    """Return the matches in the order of the rows, those of a row from the last step to the first."""
    level = level.close(context) if level.order_by or level.is_cut else level
    row_names = list(level.columns)
    kinds = dict(level.columns)
    keys = [lower_expression(context, key, level).sql for key in plan.keys]
    level = _collect(context, plan, level, keys)
    fold = _Fold(context, plan, row_names, kinds)
    rows, matches = f"{level.alias}_row", f"{level.alias}_match"
    runs = level.columns["runs"].sql
    level.columns = {
        "rows": Lowered(call("arrayFlatten", runs), T.DYNAMIC, nullable=False),
        "matches": Lowered(fold.spell(runs), T.DYNAMIC, nullable=False),
    }
    level = level.close(context)
    level.array_join = [(rows, level.columns["rows"].sql), (matches, level.columns["matches"].sql)]
    level.columns = {"row": _element(SqlColumn("", rows)), "match": _element(SqlColumn("", matches))}
    level = level.close(context)
    if len(plan.steps) > 1:
        match, each = level.columns["match"].sql, f"{level.alias}_each"
        count = len(plan.steps)
        parts = tuple(call("tupleElement", match, number) for number in range(count, 0, -1))
        level.array_join = [(each, SqlCall("array", parts))]
        level.columns["match"] = _element(SqlColumn("", each))
        level = level.close(context)
    return _finish(context, plan, level, fold)


def _element(value: SqlExpression) -> Lowered:
    return Lowered(value, T.DYNAMIC, nullable=False)


def _collect(context: LoweringContext, plan: StepScan, level: Level, keys: list[SqlExpression]) -> Level:
    """Return a row for each group of keys, which holds its rows in runs: arrays of arrays of tuples."""
    place = level.columns[plan.place.name].sql
    run = call("intDiv", call("minus", place, 1), _RUN)
    names = list(level.columns)
    row = SqlCall("tuple", tuple(value.sql for value in level.columns.values()))
    level.group_by = [*keys, run]
    level.is_aggregate = True
    level.columns = {
        **{f"key{index}": _element(key) for index, key in enumerate(keys)},
        "run": _element(run),
        "rows": _element(_in_order(row, names.index(plan.place.name) + 1)),
    }
    level = level.close(context)
    level.group_by = [level.columns[f"key{index}"].sql for index in range(len(keys))]
    level.is_aggregate = True
    pair = call("tuple", level.columns["run"].sql, level.columns["rows"].sql)
    second = SqlLambda(("r",), call("tupleElement", SqlColumn("", "r"), 2))
    level.columns = {"runs": _element(call("arrayMap", second, _in_order(pair, 1)))}
    return level.close(context)


def _in_order(row: SqlExpression, element: int) -> SqlExpression:
    by = SqlLambda(("r",), call("tupleElement", SqlColumn("", "r"), element))
    return call("arraySort", by, call("groupArray", row))


def _finish(context: LoweringContext, plan: StepScan, level: Level, fold: _Fold) -> Level:
    """Take rows and matches apart into columns; of repeated matches leave those that are to be shown (SCAN-5)."""
    row, match = level.columns["row"].sql, level.columns["match"].sql
    columns = {
        name: Lowered(call("tupleElement", row, index), kind.type, kind.nullable)
        for index, (name, kind) in enumerate(fold.kinds.items(), start=1)
    }
    for index, name in enumerate(fold.made, start=fold.width + 2):
        kind = fold.types[name]
        columns[name] = Lowered(call("tupleElement", match, index), kind, is_nullable(kind))
    step = call("tupleElement", match, fold.width + 1)
    if plan.match_id is not None:
        columns[plan.match_id] = Lowered(call("tupleElement", match, _ID), T.LONG, nullable=False)
    if plan.step_name is not None:
        names = literal(tuple(found.name for found in plan.steps))
        columns[plan.step_name] = Lowered(call("arrayElement", names, step), T.STRING, nullable=False)
    level.where.append(call("tupleElement", match, _SHOWN))
    level.columns = columns | {"$scan.step": Lowered(step, T.LONG, nullable=False)}
    last = tuple(index for index, found in enumerate(plan.steps, start=1) if found.output == "last")
    place = plan.place.name
    if last:
        level.columns["$scan.start"] = Lowered(call("tupleElement", match, _START), T.LONG, nullable=False)
        level = level.close(context)
        keys = tuple(lower_expression(context, key, level).sql for key in plan.keys)
        same = (*keys, level.columns["$scan.step"].sql, level.columns["$scan.start"].sql)
        latest = SqlWindow(call("max", level.columns[place].sql), same, (), "")
        level.columns["$scan.latest"] = Lowered(latest, T.LONG, nullable=False)
        level = level.close(context)
        is_latest = call("equals", level.columns[place].sql, level.columns["$scan.latest"].sql)
        others = [call("notEquals", level.columns["$scan.step"].sql, index) for index in last]
        other = others[0] if len(others) == 1 else SqlCall("and", tuple(others))
        level.where.append(call("or", other, is_latest))
    level.order_by = [SqlOrder(level.columns[place].sql, descending=False, nulls_first=False)]
    if len(plan.steps) > 1:
        level.order_by.append(SqlOrder(level.columns["$scan.step"].sql, descending=True, nulls_first=False))
    return level


def _all_of(*conditions: SqlExpression) -> SqlExpression:
    """Return the conjunction without what is always true."""
    rest = tuple(condition for condition in conditions if condition != SqlLiteral(value=True))
    if SqlLiteral(value=False) in rest:
        return SqlLiteral(value=False)
    return SqlLiteral(value=True) if not rest else rest[0] if len(rest) == 1 else SqlCall("and", rest)


def _choose(condition: SqlExpression, value: SqlExpression, otherwise: SqlExpression) -> SqlExpression:
    return value if condition == SqlLiteral(value=True) else call("if", condition, value, otherwise)


class _Fold:
    """Spells the fold. `kinds` are the columns of a row, `made` those that matches give, of `types`."""

    def __init__(
        self, context: LoweringContext, plan: StepScan, names: list[str], kinds: dict[str, Lowered]
    ) -> None:
        self.plan = plan
        self.kinds = kinds
        self.types = {output.name: output.value.type for output in plan.declared}
        assigned = {o.name: o.value.type for step in plan.steps for o in step.assignments}
        self.types.update(assigned)
        self.made = list(self.types)
        self.is_identified = plan.match_id is not None or any(step.output == "last" for step in plan.steps)
        self.width = _START if self.is_identified else _ACTIVE
        self._context = context
        self._state, self._row = SqlColumn("", context.fresh_alias()), SqlColumn("", context.fresh_alias())
        self._outer, self._run = SqlColumn("", context.fresh_alias()), SqlColumn("", context.fresh_alias())
        self._values = {
            name: Lowered(call("tupleElement", self._row, index), kinds[name].type, kinds[name].nullable)
            for index, name in enumerate(names, start=1)
        }
        self._defaults = {
            output.name: lower_expression(context, output.value, Level(None, "", {}))
            for output in plan.declared
        }
        order = [step.name for step in plan.steps]
        self._known: list[list[StepReference]] = [
            [r for r in plan.references if order.index(r.step) <= index] for index in range(len(order))
        ]

    # --- types

    def _identity_types(self) -> tuple[str, ...]:
        return ("Bool", "Int64", "Int64") if self.is_identified else ("Bool",)

    def _match_type(self) -> str:
        parts = (
            *self._identity_types(),
            "UInt8",
            *(expression_type(self.types[name]) for name in self.made),
        )
        return f"Tuple({', '.join(parts)})"

    def _state_type(self, index: int) -> str:
        parts = (*self._identity_types(), *(expression_type(r.type) for r in self._known[index]))
        return f"Tuple({', '.join(parts)})"

    # --- states

    def _empty(self, index: int) -> SqlExpression:
        """Return the state of a step that has matched nothing: columns are null, or have their default (SCAN-2)."""
        values = (self._nothing(reference) for reference in self._known[index])
        identity = (call("toInt64", 0), call("toInt64", 0)) if self.is_identified else ()
        return SqlCast(SqlCall("tuple", (literal(False), *identity, *values)), self._state_type(index))

    def _nothing(self, reference: StepReference) -> SqlExpression:
        default = self._defaults.get(reference.column)
        return default.sql if default is not None else null_of(reference.type)

    def _seen(self, index: int, state: SqlExpression, of: int) -> Level:
        """Return what expressions of step `index` see: the row, and the state, which is that of step `of`."""
        columns = dict(self._values)
        known = {(r.step, r.column): place for place, r in enumerate(self._known[of], start=self.width + 1)}
        for reference in self._known[index]:
            place = known.get((reference.step, reference.column))
            sql = self._nothing(reference) if place is None else call("tupleElement", state, place)
            name = step_column(reference.step, reference.column)
            columns[name] = Lowered(sql, reference.type, is_nullable(reference.type))
        return Level(None, "", columns)

    def _before(self, index: int) -> SqlExpression:
        """Return the state that a step has before the row."""
        return call("tupleElement", self._state, index + 1)

    def _holds(self, index: int, state: SqlExpression, of: int) -> SqlExpression:
        condition = self.plan.steps[index].condition
        return or_else(
            lower_expression(self._context, condition, self._seen(index, state, of)), literal(False)
        )

    # --- matches

    def _moves(self, index: int) -> SqlExpression:
        """Return whether the row takes a sequence on from the step before to this one (SCAN-3)."""
        before = self._before(index - 1)
        return _all_of(call("tupleElement", before, _ACTIVE), self._holds(index, before, index - 1))

    def _left(self, index: int) -> SqlExpression:
        """Return the state of a step after the later steps had the row: empty where it was moved on."""
        before = self._before(index)
        if index + 1 == len(self.plan.steps):
            return before
        return call("if", self._moves(index + 1), self._empty(index), before)

    def _stays(self, index: int) -> SqlExpression:
        """Return whether the row matches the step without a sequence coming from the step before (SCAN-4)."""
        left = self._left(index)
        if index == 0:
            return self._holds(index, left, index)
        before = self._before(index)
        reasons = [call("not", self._moves(index)), call("tupleElement", before, _ACTIVE)]
        if index + 1 < len(self.plan.steps):
            reasons.append(call("not", self._moves(index + 1)))
        return _all_of(*reasons, self._holds(index, before, index))

    def _extended(self, index: int, state: SqlExpression, of: int) -> dict[str, Lowered]:
        """Return the row's columns as the step extends them."""
        seen = self._seen(index, state, of)
        made = {
            output.name: lower_expression(self._context, output.value, seen)
            for output in self.plan.steps[index].assignments
        }
        return {**self._values, **self._defaults, **made}

    def _matched(self, index: int, state: SqlExpression, of: int) -> SqlExpression:
        """Return the state of a step after a match that followed from a state, which is that of step `of`."""
        known = {(r.step, r.column): place for place, r in enumerate(self._known[of], start=self.width + 1)}
        own, row = self.plan.steps[index].name, self._extended(index, state, of)
        values = tuple(
            row[r.column].sql if r.step == own else call("tupleElement", state, known[r.step, r.column])
            for r in self._known[index]
        )
        parts = (literal(True), *self._identity(index, state, of), *values)
        return SqlCast(SqlCall("tuple", parts), self._state_type(index))

    def _identity(self, index: int, state: SqlExpression, of: int) -> tuple[SqlExpression, ...]:
        """Return match id and start, where they are asked for. A first match of the first step begins a sequence."""
        if not self.is_identified:
            return ()
        place = self._values[self.plan.place.name].sql
        match_id, start = call("tupleElement", state, _ID), call("tupleElement", state, _START)
        if index != of:
            return match_id, place
        if index > 0:
            return match_id, start
        is_active = call("tupleElement", state, _ACTIVE)
        following = call("tupleElement", self._state, len(self.plan.steps) + 1)
        return call("if", is_active, match_id, following), call("if", is_active, start, place)

    def _result(self, index: int) -> SqlExpression:
        """Return the state of a step after the row."""
        left = self._left(index)
        result = _choose(self._stays(index), self._matched(index, left, index), left)
        if index == 0:
            return result
        moved = self._matched(index, self._before(index - 1), index - 1)
        return call("if", self._moves(index), moved, result)

    def _match(self, index: int) -> SqlExpression:
        """Return what the step made of the row."""
        left = self._left(index)
        shown = literal(self.plan.steps[index].output != "none")
        stayed = self._shown(index, left, index, _all_of(self._stays(index), shown))
        if index == 0:
            return stayed
        return call(
            "if", self._moves(index), self._shown(index, self._before(index - 1), index - 1, shown), stayed
        )

    def _shown(self, index: int, state: SqlExpression, of: int, is_shown: SqlExpression) -> SqlExpression:
        row = self._extended(index, state, of)
        made = (row[name].sql for name in self.made)
        parts = (is_shown, *self._identity(index, state, of), literal(index + 1), *made)
        return SqlCast(SqlCall("tuple", parts), self._match_type())

    # --- the fold

    def spell(self, runs: SqlExpression) -> SqlExpression:
        """Return the matches of all rows, as an array beside them: of matches, or of tuples of each step's."""
        count = len(self.plan.steps)
        outer, run = self._outer, self._run
        kept = tuple(call("tupleElement", outer, number) for number in range(1, count + 2))
        inner = call("arrayFold", self._step(), run, SqlCall("tuple", (*kept, self._no_matches())))

        def join(folded: SqlExpression, found: SqlExpression) -> SqlExpression:
            states = (call("tupleElement", folded, number) for number in range(1, count + 2))
            more = call("arrayConcat", found, call("tupleElement", folded, count + 2))
            return SqlCall("tuple", (*states, more))

        body = bind_once((inner, call("tupleElement", outer, count + 2)), join)
        first = (*(self._empty(index) for index in range(count)), call("toInt64", 0), self._no_matches())
        fold = call("arrayFold", SqlLambda((outer.name, run.name), body), runs, SqlCall("tuple", first))
        return call("tupleElement", fold, count + 2)

    def _no_matches(self) -> SqlExpression:
        return SqlCast(call("array"), f"Array({self._entry_type()})")

    def _entry_type(self) -> str:
        count = len(self.plan.steps)
        return self._match_type() if count == 1 else f"Tuple({', '.join([self._match_type()] * count)})"

    def _step(self) -> SqlLambda:
        count = len(self.plan.steps)
        following: SqlExpression = call("tupleElement", self._state, count + 1)
        if self.is_identified:
            is_active = call("tupleElement", self._left(0), _ACTIVE)
            begins = _all_of(self._stays(0), call("not", is_active))
            following = call("if", begins, call("plus", following, call("toInt64", 1)), following)
        matches = tuple(self._match(index) for index in range(count))
        entry = matches[0] if count == 1 else SqlCall("tuple", matches)
        parts = (
            *(self._result(index) for index in range(count)),
            following,
            call("arrayPushBack", call("tupleElement", self._state, count + 2), entry),
        )
        return SqlLambda((self._state.name, self._row.name), SqlCall("tuple", parts))
