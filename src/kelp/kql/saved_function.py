"""The text of a saved function as a function literal."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kelp.kql import syntax
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, QueryRefusedError, Severity, refusal
from kelp.kql.parser import parse

if TYPE_CHECKING:
    from kelp.kql.schema import StoredFunction


@lru_cache(maxsize=256)
def parse_function(stored: StoredFunction) -> syntax.FunctionLiteral:
    """Return a saved function's text as a function literal; raises `QueryRefusedError` where it does not parse."""
    # The brace stands on a line of its own: the body may end in a comment.
    parsed = parse(f"let f = {stored.parameters} {{ {stored.body}\n}};")
    if any(found.severity is Severity.ERROR for found in parsed.diagnostics):
        raise QueryRefusedError(parsed.diagnostics)
    match parsed.block.statements:
        case (syntax.Let(value=syntax.FunctionLiteral() as literal),):
            return literal
    raise refusal(
        NOT_ALLOWED_HERE, f"the saved function '{stored.name}' is not a function", parsed.block.span
    )
