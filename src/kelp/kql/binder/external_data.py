"""`externaldata`: records from outside as a table (rules EXT-1 to EXT-5). What may be read is decided at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import (
    DUPLICATE_NAME,
    UNKNOWN_NAME,
    UNSUPPORTED,
    WRONG_ARGUMENTS,
    Diagnostic,
    Severity,
    refusal,
)
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext

FORMATS = frozenset({
    "csv", "json", "multijson", "parquet", "psv", "raw", "scsv", "singlejson", "sohsv", "tsv", "txt"
})  # fmt: skip
_BY_ENDING = {
    ".json": "multijson",
    ".jsonl": "multijson",
    ".parquet": "parquet",
    ".tsv": "tsv",
    ".psv": "psv",
    ".txt": "txt",
}
_COMPRESSED = (".gz", ".zip")
_MAPPINGS = frozenset({"ingestionmapping", "ingestionmappingreference"})


def bind_external_data(context: BindContext, node: syntax.ExternalData, names: NameScope) -> bound.Operator:
    """Return the records with the columns declared, each converted from its text (EXT-3)."""
    declared = [column.name for column in node.columns]
    for name in declared:
        if declared.count(name) > 1:
            raise refusal(DUPLICATE_NAME, f"'{name}' is declared twice", node.span)
    places = tuple(_text(context, uri, names, "an address") for uri in node.uris)
    properties = {option.name.lower(): option for option in node.properties}
    form = _read_format(context, properties.pop("format", None), places, names)
    ignored = properties.pop("ignorefirstrecord", None)
    ignores_first = ignored is not None and _is_true(context, ignored, names)
    for name, option in properties.items():
        if name in _MAPPINGS:
            raise refusal(
                UNSUPPORTED, f"'{option.name}' of 'externaldata' is not supported by Kelp", option.span
            )
        message = f"the property '{option.name}' of 'externaldata' changes nothing here"
        context.warnings.append(Diagnostic(UNKNOWN_NAME, Severity.WARNING, message, option.span))
    texts = RowSchema(tuple(Column(column.name, ScalarType.STRING) for column in node.columns))
    raw = frozenset(column.name for column in node.columns if column.type is ScalarType.DYNAMIC)
    rows = bound.ExternalData(places, form, raw, ignores_first, texts)
    outputs = tuple(
        bound.Output(column.name, convert(bound.ColumnReference(column.name, ScalarType.STRING), column.type))
        for column in node.columns
    )
    schema = RowSchema(tuple(Column(column.name, column.type) for column in node.columns))
    return bound.Project(rows, outputs, schema)


def _text(context: BindContext, node: syntax.Expression, names: NameScope, what: str) -> str:
    if isinstance(node, syntax.NameExpression) and names.find(node.name) is None:
        return node.name
    value = expressions.bind_expression(context, node, Scope(names))
    if isinstance(value, bound.Literal) and isinstance(value.value, str):
        return value.value
    raise refusal(WRONG_ARGUMENTS, f"{what} of 'externaldata' is a constant string", node.span)


def _is_true(context: BindContext, option: syntax.Option, names: NameScope) -> bool:
    value = expressions.bind_expression(context, option.value, Scope(names))
    if isinstance(value, bound.Literal) and str(value.value).lower() in ("true", "false"):
        return str(value.value).lower() == "true"
    raise refusal(WRONG_ARGUMENTS, f"'{option.name}' is true or false", option.span)


def _read_format(
    context: BindContext, option: syntax.Option | None, places: tuple[str, ...], names: NameScope
) -> str:
    """EXT-2: a format that is not written is told by the end of the first address, else it is csv."""
    if option is None:
        path = places[0].partition("?")[0].partition("#")[0].lower() if places else ""
        for ending in _COMPRESSED:
            path = path.removesuffix(ending)
        return next((form for ending, form in _BY_ENDING.items() if path.endswith(ending)), "csv")
    form = _text(context, option.value, names, "the format").lower()
    if form not in FORMATS:
        hint = f"it reads {', '.join(sorted(FORMATS))}"
        raise refusal(UNSUPPORTED, f"the format '{form}' is not supported by Kelp", option.span, hint)
    return form
