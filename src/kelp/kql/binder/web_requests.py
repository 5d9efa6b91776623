"""The plugins `http_request` and `http_request_post`: the answer of a server as a row (PLUG-18)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder import expressions
from kelp.kql.binder.plugin_arguments import arguments_of, constant_of
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.questions import WebRequest
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext

REQUESTS = {"http_request": "GET", "http_request_post": "POST"}
"""These plugins, and the methods they use."""

_SCHEMA = RowSchema((Column("ResponseHeaders", T.DYNAMIC), Column("ResponseBody", T.DYNAMIC)))
_PARAMETERS = ("Uri", "RequestHeaders", "Options", "Content")


def bind_web_request(context: BindContext, node: syntax.Evaluate, names: NameScope) -> bound.Rows:
    """Return the headers and the body of the answer. Options change nothing."""
    method = REQUESTS[node.call.name.text]
    parameters = _PARAMETERS if method == "POST" else _PARAMETERS[:3]
    given = arguments_of(node.call, parameters, required=1)
    url = str(constant_of(context, given["Uri"], T.STRING, names))
    headers = _headers_of(context, given.get("RequestHeaders"), names)
    body = str(constant_of(context, given["Content"], T.STRING, names)) if "Content" in given else None
    request = WebRequest(method, url, headers, body)
    answer = context.request(request, node.call.span)
    rows = tuple(tuple(bound.Literal(T.DYNAMIC, cell) for cell in row) for row in answer)
    return bound.Rows(_SCHEMA, rows)


def _headers_of(
    context: BindContext, node: syntax.Expression | None, names: NameScope
) -> tuple[tuple[str, str], ...]:
    """Return the headers of a constant bag of texts."""
    if node is None:
        return ()
    value = expressions.bind_expression(context, node, Scope(names))
    if isinstance(value, bound.Literal) and value.type is T.DYNAMIC:
        bag = json.loads(str(value.value)) if value.value else {}
        if isinstance(bag, dict) and all(isinstance(text, str) for text in bag.values()):
            return tuple(bag.items())
    raise refusal(WRONG_TYPE, "headers are a constant bag of texts", node.span)
