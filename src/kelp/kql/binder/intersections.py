"""The plugin `dcount_intersect`: how many values sets have in common, told from their estimators (PLUG-17)."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder import expressions
from kelp.kql.binder.naming import unique
from kelp.kql.binder.plugin_text import bind_text
from kelp.kql.binder.project import extend_columns, project_columns, reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import TOO_COMPLEX, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext

_MAX_SETS = 8


def bind_dcount_intersect(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the rows with `s0`, `s1` ...: the size of the first set, of the first two in common, and so on."""
    arguments = node.call.arguments
    if len(arguments) < 2:
        raise refusal(WRONG_ARGUMENTS, "'dcount_intersect' needs two sets or more", node.call.span)
    if len(arguments) > _MAX_SETS:
        message = f"'dcount_intersect' takes {_MAX_SETS} sets at most"
        raise refusal(TOO_COMPLEX, message, node.call.span)
    scope = Scope(names, source.schema)
    sets = [expressions.bind_expression(context, argument.value, scope) for argument in arguments]
    for value in sets:
        if value.type is not T.DYNAMIC:
            raise refusal(
                WRONG_TYPE, f"a value that hll() made is expected here, not {value.type}", value.span
            )
    hidden = tuple(bound.Output(f"$set{place}", value) for place, value in enumerate(sets))
    rows = extend_columns(source, hidden)
    counts = ", ".join(f"['$s{place}'] = {_common(place + 1)}" for place in range(len(sets)))
    made = bind_text(context, f"_rows | extend {counts}", {"_rows": rows}, {}, node.span)
    outputs = [reference(column) for column in source.schema.columns]
    taken = [output.name for output in outputs]
    for place in range(len(sets)):
        taken.append(unique(f"s{place}", taken))
        outputs.append(bound.Output(taken[-1], bound.ColumnReference(f"$s{place}", T.LONG)))
    return project_columns(made, tuple(outputs))


def _common(sets: int) -> str:
    """Return how many values the first sets have in common, by inclusion and exclusion of what they have together."""
    parts: list[str] = []
    for size in range(1, sets + 1):
        for chosen in combinations(range(sets), size):
            names = ", ".join(f"['$set{place}']" for place in chosen)
            union = names if size == 1 else f"hll_merge({names})"
            parts.append(f"{'+' if size % 2 else '-'} dcount_hll({union})")
    return f"max_of(0, 0 {' '.join(parts)})"
