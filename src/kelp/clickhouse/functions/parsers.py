"""Functions that take apart texts of a known form (rules FORM-1 to FORM-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.json_text import bind_once, json_bag, json_string
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.text_search import find_text
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_URL = (
    r"^([A-Za-z][A-Za-z0-9+.\-]*)://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?"
    r"(\[[^\]]*\]|[^:/?#]*)(?::([0-9]*))?([^?#]*)(?:\?([^#]*))?(?:#((?s:.*)))?$"
)
_URL_PARTS = {"Scheme": 1, "Host": 4, "Port": 5, "Path": 6, "Username": 2, "Password": 3}
"""The groups of `_URL` that are texts; the query and the fragment follow."""
_URL_QUERY, _URL_FRAGMENT = 7, 8

_VERSION = r"^[0-9]{1,8}(?:\.[0-9]{1,8}){0,3}$"
_VERSION_PARTS = 4
_FIRST_RECORD = r'^((?:"(?:[^"]|"")*"|[^\r\n])*)'
_CSV_FIELD = r',(?:"((?:[^"]|"")*)"|([^,]*))'
_COMMAND_PART = r'\\*"|\s+|[^\s"\\]+|\\+'


def _bag(entries: dict[str, SqlExpression]) -> SqlExpression:
    """Return the JSON object of names and JSON texts."""
    pieces: list[SqlExpression] = [literal("{")]
    for index, (name, value) in enumerate(entries.items()):
        pieces += [literal(f'{"," if index else ""}"{name}":'), value]
    return SqlCall("concat", (*pieces, literal("}")))


def _query_bag(query: SqlExpression) -> SqlExpression:
    """Return the JSON object of the parameters `a=1&b=2`; the first of a name counts."""
    pair = SqlColumn("", "p")
    name = call("substringIndex", pair, "=", 1)
    place = call("position", pair, "=")
    value = call("if", call("equals", place, 0), "", call("substring", pair, call("plus", place, 1)))

    def build(pairs: SqlExpression) -> SqlExpression:
        names = call("arrayMap", SqlLambda(("p",), name), pairs)
        values = call("arrayMap", SqlLambda(("p",), json_string(value)), pairs)
        return json_bag(names, values)

    whole = call("arrayFilter", SqlLambda(("p",), call("notEmpty", pair)), call("splitByString", "&", query))
    return bind_once((_first_of_each(whole, name),), build)


def _first_of_each(pairs: SqlExpression, name: SqlExpression) -> SqlExpression:
    def pick(items: SqlExpression) -> SqlExpression:
        names = call("arrayMap", SqlLambda(("p",), name), items)
        is_first = call("equals", call("indexOf", names, name), SqlColumn("", "i"))
        return call("arrayFilter", SqlLambda(("p", "i"), is_first), items, call("arrayEnumerate", items))

    return bind_once((pairs,), pick)


def _parse_url(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """FORM-1: all parts are there, empty where the URL has none; what is no absolute URL is null."""

    def spell(groups: SqlExpression) -> SqlExpression:
        entries = {
            name: json_string(call("arrayElement", groups, index)) for name, index in _URL_PARTS.items()
        }
        entries["Query Parameters"] = _query_bag(call("arrayElement", groups, _URL_QUERY))
        entries["Fragment"] = json_string(call("arrayElement", groups, _URL_FRAGMENT))
        return call("if", call("empty", groups), "", _bag(entries))

    return as_text(bind_once((call("extractGroups", arguments[0].sql, _URL),), spell), bound_call.type)


def _parse_urlquery(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    text = call("replaceRegexpOne", arguments[0].sql, r"^\?", "")
    return as_text(_bag({"Query Parameters": _query_bag(text)}), bound_call.type)


def _parse_path(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """FORM-2: both slashes part a path; a colon in its last part names a stream."""
    path = arguments[0].sql
    scheme = call("extract", path, r"^([A-Za-z][A-Za-z0-9+.\-]+)://")
    rest = call("replaceRegexpOne", path, r"^[A-Za-z][A-Za-z0-9+.\-]+://", "")

    def parts(local: SqlExpression, before: SqlExpression) -> SqlExpression:
        directory = call("extract", local, r"^((?s:.*))[\\/]")
        last = call("extract", local, r"([^\\/]*)$")
        file = call("extract", last, "^([^:]*)")
        return _bag(
            {
                "Scheme": json_string(before),
                "RootPath": json_string(call("extract", local, r"^(?:[\\/]{2}\?[\\/])?([A-Za-z]:)")),
                "DirectoryPath": json_string(directory),
                "DirectoryName": json_string(call("extract", directory, r"([^\\/:]*)$")),
                "Filename": json_string(file),
                "Extension": json_string(call("extract", file, r"\.([^.]*)$")),
                "AlternateDataStreamName": json_string(call("extract", last, "^[^:]*:(.*)$")),
            }
        )

    return as_text(bind_once((rest, scheme), parts), bound_call.type)


def _parse_csv(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """FORM-3: the fields of the first record; quotes around a field go, doubled ones inside become one."""
    del bound_call
    record = call("concat", ",", call("extract", arguments[0].sql, _FIRST_RECORD))
    quoted = call("arrayElement", SqlColumn("", "f"), 1)
    field = call(
        "if",
        call("notEmpty", quoted),
        call("replaceAll", quoted, '""', '"'),
        call("arrayElement", SqlColumn("", "f"), 2),
    )
    fields = call("arrayMap", SqlLambda(("f",), field), call("extractAllGroupsVertical", record, _CSV_FIELD))
    return array_value(fields, T.STRING)


def _parse_version(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """FORM-4: each part takes eight digits of the number; what is no version is null."""

    def spell(text: SqlExpression) -> SqlExpression:
        padded = call("splitByChar", ".", call("concat", text, ".0.0.0"))
        taken = call("arraySlice", padded, 1, _VERSION_PARTS)
        digits = call("arrayMap", SqlLambda(("v",), call("leftPad", SqlColumn("", "v"), 8, "0")), taken)
        number = call("toDecimal256OrNull", call("arrayStringConcat", digits), 18)
        return call("if", call("match", text, _VERSION), number, literal(None))

    return Lowered(bind_once((arguments[0].sql,), spell), bound_call.type, nullable=True)


def _parse_command_line(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """FORM-5: as Windows does: spaces part arguments, quotes hold them together, backslashes escape quotes only.

    Folds over the parts of the line with the state (arguments, the one being read, whether there is one,
    whether in quotes).
    """
    line, parser = arguments
    if (find_text(parser) or "").lower() != "windows":
        raise refusal(WRONG_ARGUMENTS, "'parse_command_line' knows the parser \"windows\"", bound_call.span)
    state, part = SqlColumn("", "a"), SqlColumn("", "p")
    done, current, is_open, is_quoted = (call("tupleElement", state, index) for index in range(1, 5))
    slashes = call("minus", call("length", part), 1)
    half = call("intDiv", slashes, 2)
    is_escaped = call("equals", call("modulo", slashes, 2), 1)
    after_quote = call(
        "tuple",
        done,
        call("concat", current, call("repeat", "\\", half), call("if", is_escaped, '"', "")),
        call("toUInt8", 1),
        call("if", is_escaped, is_quoted, call("toUInt8", call("minus", 1, is_quoted))),
    )
    finished = call("if", call("equals", is_open, 1), call("arrayPushBack", done, current), done)
    after_space = call("tuple", finished, "", call("toUInt8", 0), call("toUInt8", 0))
    after_text = call("tuple", done, call("concat", current, part), call("toUInt8", 1), is_quoted)
    is_space = call("and", call("match", part, r"^\s"), call("equals", is_quoted, 0))
    step = call("multiIf", call("endsWith", part, '"'), after_quote, is_space, after_space, after_text)
    start = call("tuple", call("emptyArrayString"), "", call("toUInt8", 0), call("toUInt8", 0))
    parts = call("arrayPushBack", call("extractAll", line.sql, _COMMAND_PART), " ")
    folded = call("arrayFold", SqlLambda(("a", "p"), step), parts, start)

    def finish(last: SqlExpression) -> SqlExpression:
        rest = call("trimRight", call("tupleElement", last, 2))
        is_left = call("equals", call("tupleElement", last, 3), 1)
        return call(
            "if",
            is_left,
            call("arrayPushBack", call("tupleElement", last, 1), rest),
            call("tupleElement", last, 1),
        )

    return array_value(bind_once((folded,), finish), T.STRING)


SPELLINGS: dict[str, Spelling] = {
    "parse_url": _parse_url,
    "parse_urlquery": _parse_urlquery,
    "parse_path": _parse_path,
    "parse_csv": _parse_csv,
    "parse_version": _parse_version,
    "parse_command_line": _parse_command_line,
}
