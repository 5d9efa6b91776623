"""Expressions to values. Values are what JSON holds: None, bool, int, float, str, list, dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from kelp.templates.errors import ExpressionError
from kelp.templates.functions.arguments import kind_of
from kelp.templates.functions.catalog import FUNCTIONS, SPECIAL_NAMES
from kelp.templates.functions.contract import Arguments
from kelp.templates.parser import is_expression, parse_expression, unescape
from kelp.templates.scope import Lambda, Scope, UserFunction, find_named
from kelp.templates.syntax import Call, Expression, Index, Literal, Member, iter_calls

COPY = "copy"
MAXIMUM_COPIES = 800


def evaluate_text(text: str, scope: Scope) -> Any:
    """Return what a text of a template stands for. Raises `ExpressionError`."""
    return evaluate(parse_expression(text), scope) if is_expression(text) else unescape(text)


def evaluate_value(value: Any, scope: Scope, *, kept: frozenset[str] = frozenset()) -> Any:
    """Return a value with every expression in it computed and loops over members unrolled.

    Members named in `kept`, at the top, stay as they are. Raises `ExpressionError`.
    """
    match value:
        case str():
            return evaluate_text(value, scope)
        case list():
            return [evaluate_value(item, scope) for item in value]
        case dict():
            computed: dict[str, Any] = {}
            for name, member in value.items():
                if name in kept:
                    computed[name] = member
                elif name == COPY and _is_member_loop(member):
                    computed |= _unroll_members(member, scope)
                else:
                    computed[str(evaluate_text(name, scope))] = evaluate_value(member, scope)
            return computed
        case _:
            return value


def read_count(value: Any, scope: Scope) -> int:
    """Return how often a loop turns. Raises `ExpressionError`."""
    count = evaluate_value(value, scope)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MAXIMUM_COPIES:
        raise ExpressionError(
            f"The 'count' of a copy must be a whole number from 0 to {MAXIMUM_COPIES}, not {count!r}."
        )
    return count


def evaluate(expression: Expression, scope: Scope) -> Any:
    """Return the value of an expression. Raises `ExpressionError`, `NotYetKnown` for what only a deployment tells."""
    match expression:
        case Literal(value=value):
            return value
        case Member(target=target, name=name, is_safe=is_safe, at=at):
            return _access(evaluate(target, scope), name, at, is_safe=is_safe)
        case Index(target=target, index=index, is_safe=is_safe, at=at):
            return _access(evaluate(target, scope), evaluate(index, scope), at, is_safe=is_safe)
        case Call():
            return _call(expression, scope)
        case _ as unreachable:
            assert_never(unreachable)


def find_unknown_function(expression: Expression, scope: Scope) -> str | None:
    """Return what is wrong with the first call of a function that there is not, or that has other arguments."""
    for call in iter_calls(expression):
        name = call.name.lower()
        if name in SPECIAL_NAMES or name in scope.functions or name.startswith("list"):
            continue
        function = FUNCTIONS.get(name)
        if function is None:
            return f"There is no function '{call.name}' (position {call.at})."
        if problem := function.find_count_problem(call.name, len(call.arguments)):
            return problem
    return None


def _call(call: Call, scope: Scope) -> Any:
    name = call.name.lower()
    if name in SPECIAL_NAMES:
        return _call_special(name, call, scope)
    values = [evaluate(argument, scope) for argument in call.arguments]
    defined = scope.functions.get(name)
    if defined is not None:
        return _call_defined(call, defined, values, scope)
    function = FUNCTIONS.get(name) or (FUNCTIONS["list*"] if name.startswith("list") else None)
    if function is None:
        raise ExpressionError(f"There is no function '{call.name}'.", call.at)
    if problem := function.find_count_problem(call.name, len(values)):
        raise ExpressionError(problem, call.at)
    return function.compute(Arguments(call.name, values, scope, _apply))


def _call_special(name: str, call: Call, scope: Scope) -> Any:
    """Call what does not evaluate all of its arguments."""
    if name == "if":
        _require_count(call, 3)
        condition = evaluate(call.arguments[0], scope)
        if not isinstance(condition, bool):
            raise ExpressionError(
                f"The first argument of 'if' must be a bool, not {kind_of(condition)}.", call.at
            )
        return evaluate(call.arguments[1 if condition else 2], scope)
    if name == "lambda":
        variables = [argument.value for argument in call.arguments[:-1] if isinstance(argument, Literal)]
        if not call.arguments or len(variables) != len(call.arguments) - 1:
            raise ExpressionError("'lambda' takes names of variables and an expression.", call.at)
        return Lambda(tuple(str(one) for one in variables), call.arguments[-1], scope)
    # coalesce: the first value that is there.
    value = None
    for argument in call.arguments:
        value = evaluate(argument, scope)
        if value is not None:
            break
    return value


def _apply(function: Any, values: Sequence[Any]) -> Any:
    """Give a lambda its variables; those that it has no name for are left out."""
    if not isinstance(function, Lambda):
        raise ExpressionError(f"A lambda was expected, not {kind_of(function)}.")
    given = dict(zip(function.variables, values, strict=False))
    return evaluate(function.body, function.scope.with_lambdas(given))


def _call_defined(call: Call, function: UserFunction, values: Sequence[Any], scope: Scope) -> Any:
    _require_count(call, len(function.parameters))
    parameters = dict(zip((name.lower() for name in function.parameters), values, strict=True))
    inside = replace(scope, parameters=parameters, variables={}, loops={}, runtime=None, is_function=True)
    return evaluate_value(function.output, inside)


def _require_count(call: Call, count: int) -> None:
    if len(call.arguments) != count:
        raise ExpressionError(f"'{call.name}' takes {count} arguments, not {len(call.arguments)}.", call.at)


def _access(target: Any, key: Any, at: int, *, is_safe: bool) -> Any:
    match target, key:
        case None, _ if is_safe:
            return None
        case dict(), str():
            try:
                return find_named(target, key)
            except KeyError:
                if is_safe:
                    return None
                known = ", ".join(list(target)[:20])
                raise ExpressionError(f"There is no member '{key}' among {known or 'none'}.", at) from None
        case list(), int() if not isinstance(key, bool):
            if 0 <= key < len(target):
                return target[key]
            if is_safe:
                return None
            raise ExpressionError(f"There is no item {key} in an array of {len(target)}.", at)
    raise ExpressionError(f"{kind_of(target).capitalize()} has no item {key!r}.", at)


def _is_member_loop(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, Mapping) and {"name", "count", "input"} <= one.keys() for one in value
    )


def _unroll_members(loops: Sequence[Mapping[str, Any]], scope: Scope) -> dict[str, list[Any]]:
    unrolled = {}
    for loop in loops:
        name = str(evaluate_text(str(loop["name"]), scope))
        turns = range(read_count(loop["count"], scope))
        unrolled[name] = [evaluate_value(loop["input"], scope.in_loop(name, index)) for index in turns]
    return unrolled
