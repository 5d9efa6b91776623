"""`parse`: columns cut out of a text by a pattern (rules PARSE-1 to PARSE-5).

In the simple and the relaxed mode the texts of the pattern are looked for one behind the other, and what
lies between their places is cut out: a search for plain text is several times faster than a regular
expression that captures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.conversions import convert
from kelp.clickhouse.functions.regular_expressions import read_pattern, with_pattern
from kelp.clickhouse.functions.spelling import Lowered, as_text, call, literal, null_of
from kelp.clickhouse.lowering.expressions import lower_expression
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLiteral
from kelp.kql.text import NOWHERE
from kelp.kql.types import ScalarType as T
from kelp.plan.rewrite import referenced_columns

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import ParseItem
    from kelp.plan.nodes import Extract

_WHITE_SPACE = " \t\r\n\v\f"
_INTEGER = r"[-+]?\d+"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_FORMS = {T.INT: _INTEGER, T.LONG: _INTEGER, T.REAL: _NUMBER, T.DECIMAL: _NUMBER}
_BEGINNINGS: dict[T, str] = {
    **_FORMS,
    T.BOOL: "(?i:true|false)|[-+]?[0-9]+",
    T.DATETIME: rf"\d{{1,4}}[-/]\d{{1,2}}[-/]\d{{1,4}}(?:[T ]{_TIME}(?:Z|[-+]\d{{2}}:?\d{{2}})?)?",
    T.TIMESPAN: rf"-?(?:\d+\.)?{_TIME}",
    T.GUID: "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
}
"""What a value of a type looks like where no text of the pattern says how far it reaches."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """What a pattern finds.

    The text and type of each column, and the conditions under which there is a match.
    """

    texts: dict[str, tuple[SqlExpression, T]]
    conditions: tuple[SqlExpression, ...]


def lower_extract(context: LoweringContext, plan: Extract, level: Level) -> Level:
    """Return the rows with the columns of the pattern.

    Null or empty where it does not match, or without those rows.
    """
    visible = list(level.columns)
    level, subject = _subject_column(context, plan, level)
    cut_out = _cut_by_expression if plan.mode == "regex" else _cut_by_places
    level, cut = cut_out(context, plan, level, subject)
    values = {name: _as_type(text, kind) for name, (text, kind) in cut.texts.items()}
    conditions = list(cut.conditions)
    typed = [name for name, value in values.items() if value.nullable]
    if typed and plan.mode != "relaxed":
        level.columns = {name: level.columns[name] for name in visible}
        level, values, conditions = _name_values(context, level, values, conditions)
        conditions += [call("isNotNull", values[name].sql) for name in typed]
    return _finish(plan, level, values, conditions, visible)


def _subject_column(context: LoweringContext, plan: Extract, level: Level) -> tuple[Level, SqlColumn]:
    """Return a level in which the text is a column."""
    if level.is_aggregate or level.is_cut or level.computes(referenced_columns([plan.subject])):
        level = level.close(context)
    subject = lower_expression(context, plan.subject, level).sql
    if isinstance(subject, SqlColumn):
        return level, subject
    name = f"{context.fresh_alias()}_text"
    level = _with_hidden(level, {name: as_text(subject, T.STRING)}).close(context)
    return level, _column(level, name)


def _with_hidden(level: Level, hidden: dict[str, Lowered]) -> Level:
    level.columns = {**level.columns, **hidden}
    return level


def _column(level: Level, name: str) -> SqlColumn:
    column = level.columns[name].sql
    assert isinstance(column, SqlColumn)
    return column


def _name_values(
    context: LoweringContext, level: Level, values: dict[str, Lowered], conditions: list[SqlExpression]
) -> tuple[Level, dict[str, Lowered], list[SqlExpression]]:
    """Make the values and the match columns, so that what comes after can name them twice."""
    stem = context.fresh_alias()
    named = {column: f"{stem}_{index}" for index, column in enumerate(values)}
    hidden = {named[column]: value for column, value in values.items()}
    matched = f"{stem}_matched"
    if conditions:
        hidden[matched] = Lowered(_all(conditions), T.BOOL, nullable=False)
    level = _with_hidden(level, hidden).close(context)
    left = [level.columns[matched].sql] if conditions else []
    return level, {column: level.columns[name] for column, name in named.items()}, left


def _finish(
    plan: Extract,
    level: Level,
    values: dict[str, Lowered],
    conditions: list[SqlExpression],
    visible: list[str],
) -> Level:
    columns = {name: level.columns[name] for name in visible}
    for name, value in values.items():
        if plan.is_filter or not conditions:
            columns[name] = value
        else:
            chosen = call("if", _all(conditions), value.sql, null_of(value.type))
            columns[name] = Lowered(chosen, value.type, value.nullable)
    if plan.is_filter:
        level.where.extend(conditions)
    level.columns = columns
    return level


def _all(conditions: list[SqlExpression]) -> SqlExpression:
    if len(conditions) < 2:
        return conditions[0] if conditions else literal(True)
    return SqlCall("and", tuple(conditions))


def _as_type(text: SqlExpression, kind: T) -> Lowered:
    if kind is T.STRING:
        return as_text(text, T.STRING)
    value = convert(as_text(call("trimBoth", text, _WHITE_SPACE), T.STRING), kind)
    return Lowered(value.sql, kind, nullable=kind is not T.DYNAMIC)


# --- by places -------------------------------------------------------------------------------------------------------


class _Places:
    """Walks a pattern along a text. `cursor` is the position, from 1 in bytes, where the next part begins."""

    def __init__(self, text: SqlColumn, stem: str) -> None:
        self.text = text
        self.stem = stem
        self.cursor: SqlExpression = literal(1)
        self.gap: ParseItem | None = None
        """What stands between the cursor and the next text: a column, or anything (`*`)."""
        self.places: dict[str, SqlExpression] = {}
        """The positions that later parts name, as aliases of the level."""
        self.texts: dict[str, tuple[SqlExpression, T]] = {}
        self.conditions: list[SqlExpression] = []

    def walk(self, items: tuple[ParseItem, ...]) -> None:
        is_at_end = False
        for index, item in enumerate(items):
            if item.text is None:
                self.end_value(moves=item.column is not None)
                self.gap = item
            elif self.gap is None:
                self.meet_here(item.text)
            elif index == len(items) - 1:
                self.meet_at_end(item.text, self.gap)
                is_at_end = True
            elif item.text:
                self.meet_later(item.text, self.gap)
        if self.gap is not None and self.gap.column is not None:
            self.fill(self.gap, self.rest())
        elif self.gap is None and not is_at_end:
            self.conditions.append(call("equals", self.cursor, call("plus", call("length", self.text), 1)))

    def place(self, value: SqlExpression) -> SqlExpression:
        name = f"{self.stem}_{len(self.places)}"
        self.places[name] = value
        return SqlColumn("", name)

    def rest(self) -> SqlExpression:
        return self.text if self.cursor == literal(1) else call("substring", self.text, self.cursor)

    def fill(self, item: ParseItem, text: SqlExpression) -> None:
        if item.column is not None:
            self.texts[item.column] = (text, item.type)

    def fill_until(self, item: ParseItem, place: SqlExpression) -> None:
        """The engine counts lengths below zero from the end; where there is no match there is no length."""
        size = call("greatest", call("minus", place, self.cursor), 0)
        self.fill(item, call("substring", self.text, self.cursor, size))

    def meet_here(self, text: str) -> None:
        self.conditions.append(call("startsWith", self.rest(), text))
        self.move(self.cursor, text)

    def meet_later(self, text: str, gap: ParseItem) -> None:
        start = self.search_start(text, gap)
        where = () if start == literal(1) else (start,)
        place = self.place(call("position", self.text, text, *where))
        self.conditions.append(call("greater", place, 0))
        self.fill_until(gap, place)
        self.move(place, text)

    def meet_at_end(self, text: str, gap: ParseItem) -> None:
        place = self.place(call("minus", call("length", self.text), len(text.encode()) - 1))
        self.conditions.append(call("endsWith", self.text, text))
        self.conditions.append(call("greaterOrEquals", place, self.cursor))
        self.fill_until(gap, place)
        self.gap = None

    def move(self, place: SqlExpression, text: str) -> None:
        size = len(text.encode())
        self.gap = None
        if isinstance(place, SqlLiteral) and isinstance(place.value, int):
            self.cursor = literal(place.value + size)
        else:
            self.cursor = call("plus", place, size)

    def search_start(self, text: str, gap: ParseItem) -> SqlExpression:
        """PARSE-3: a value of a type may have spaces before it, which do not end it."""
        if gap.column is None or gap.type is T.STRING or not text[0].isspace():
            return self.cursor
        rest = self.rest()
        spaces = call("minus", call("length", rest), call("length", call("trimLeft", rest)))
        return call("plus", self.cursor, call("toUInt64", spaces))

    def end_value(self, *, moves: bool) -> None:
        """Fill a column of a type that no text ends: it reaches as far as it looks like one."""
        item = self.gap
        if item is None or item.column is None:
            return
        form = _BEGINNINGS.get(item.type, r"\S+")
        rest = self.rest()
        self.fill(item, call("extract", rest, rf"^\s*({form})"))
        if moves:
            found = call("length", call("extract", rest, rf"^(\s*(?:{form}))"))
            self.cursor = self.place(call("plus", self.cursor, found))


def _cut_by_places(
    context: LoweringContext, plan: Extract, level: Level, subject: SqlColumn
) -> tuple[Level, _Cut]:
    """PARSE-2.

    The places are computed in this level, where each is an alias that the next one names, the cuts over it.
    """
    walked = _Places(subject, context.fresh_alias())
    walked.walk(plan.items)
    texts, conditions = walked.texts, tuple(walked.conditions)
    if not walked.places:
        return level, _Cut(texts, conditions)
    text = f"{walked.stem}_text"
    hidden = {name: Lowered(place, T.LONG, nullable=False) for name, place in walked.places.items()}
    level = _with_hidden(level, {**hidden, text: as_text(subject, T.STRING)}).close(context)
    moved = {SqlColumn("", name): level.columns[name].sql for name in hidden}
    moved[subject] = level.columns[text].sql
    over = {name: (_rebase(cut, moved), kind) for name, (cut, kind) in texts.items()}
    return level, _Cut(over, tuple(_rebase(condition, moved) for condition in conditions))


def _rebase(value: SqlExpression, moved: dict[SqlColumn, SqlExpression]) -> SqlExpression:
    """Return calls over columns with the columns replaced."""
    if isinstance(value, SqlColumn):
        return moved.get(value, value)
    if isinstance(value, SqlCall):
        return SqlCall(value.function, tuple(_rebase(part, moved) for part in value.arguments))
    return value


# --- by regular expression -------------------------------------------------------------------------------------------


def _cut_by_expression(
    context: LoweringContext, plan: Extract, level: Level, subject: SqlColumn
) -> tuple[Level, _Cut]:
    """PARSE-4: the whole text must match; a string column takes as much as it can."""
    parts: list[str] = []
    columns: list[ParseItem] = []
    for item in plan.items:
        if item.column is None:
            parts.append(".*?" if item.text is None else item.text)
        else:
            parts.append(f"(?P<column{len(columns)}>{_FORMS.get(item.type, '.*')})")
            columns.append(item)
    pattern = read_pattern("^" + "".join(parts) + "$", NOWHERE, plan.flags)
    if not columns:
        found = with_pattern(subject, pattern.keep(()), lambda text, form: call("match", text, form))
        return level, _Cut({}, (found,))
    groups = [pattern.names.index(f"column{index}") + 1 for index in range(len(columns))]
    captured = with_pattern(
        subject, pattern.keep(groups), lambda text, form: call("extractGroups", text, form)
    )
    name = f"{context.fresh_alias()}_groups"
    level = _with_hidden(level, {name: as_text(captured, T.STRING)}).close(context)
    found = level.columns[name].sql
    numbered = enumerate(columns, start=1)
    texts: dict[str, tuple[SqlExpression, T]] = {
        item.column or "": (call("arrayElement", found, index), item.type) for index, item in numbered
    }
    return level, _Cut(texts, (call("notEmpty", found),))
