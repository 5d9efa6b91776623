"""`declare pattern`: a name that stands for one of several tables, by constant arguments and a path after them.

The parser keeps a pattern's definition as text, which is read here: rare as patterns are, they have no syntax tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax, tokens
from kelp.kql.binder import expressions, statements
from kelp.kql.binder.scope import NameScope, PatternBinding, PatternCase, Scope
from kelp.kql.diagnostics import SYNTAX, UNKNOWN_NAME, WRONG_ARGUMENTS, refusal
from kelp.kql.lexer import tokenize
from kelp.kql.parser import parse
from kelp.kql.text import SourceText

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.diagnostics import QueryRefusedError
    from kelp.kql.text import Span
    from kelp.kql.tokens import Token

_CLOSING = {"(": ")", "[": "]", "{": "}"}


def bind_pattern(node: syntax.DeclarePattern, names: NameScope) -> PatternBinding:
    """Return the pattern with its cases; the bodies see the names that stand before it."""
    reader = _Reader(node, tokenize(SourceText(node.text))[0])
    cases: list[PatternCase] = []
    if reader.take("="):
        reader.skip("(")
        if reader.kind == "[":
            reader.skip("[")
        cases = reader.read_cases()
    return PatternBinding(node.name.text, tuple(cases), names)


@dataclass(slots=True)
class _Reader:
    """Walks the tokens of a definition: `= (a: string)[path: string] { ("x").["y"] = { body }; ... }`."""

    node: syntax.DeclarePattern
    tokens: list[Token]
    at: int = 0

    @property
    def kind(self) -> str:
        """The kind of the token that comes next."""
        return self.tokens[self.at].kind

    def fail(self, wanted: str) -> QueryRefusedError:
        return refusal(SYNTAX, f"the pattern '{self.node.name.text}' lacks {wanted}", self.node.span)

    def take(self, kind: str) -> bool:
        if self.kind != kind:
            return False
        self.at += 1
        return True

    def skip(self, opening: str) -> str:
        """Step over a bracket, to behind its end, and return the text inside."""
        if self.kind != opening:
            raise self.fail(f"`{opening}`")
        start, depth = self.tokens[self.at].end, 0
        while True:
            depth += (self.kind == opening) - (self.kind == _CLOSING[opening])
            if self.kind == tokens.END:
                raise self.fail(f"`{_CLOSING[opening]}`")
            self.at += 1
            if depth == 0:
                return self.node.text[start : self.tokens[self.at - 1].start]

    def read_cases(self) -> list[PatternCase]:
        """Read the cases between the braces."""
        if not self.take("{"):
            raise self.fail("`{`")
        cases: list[PatternCase] = []
        while not self.take("}"):
            values = _constants(self.skip("("), self.node)
            path = None
            if self.take("."):
                (path,) = _constants(self.skip("["), self.node)
            if not self.take("="):
                raise self.fail("`=`")
            cases.append(PatternCase(values, path, _body(self.skip("{"), self.node)))
            self.take(";")
        return cases


def _constants(text: str, node: syntax.DeclarePattern) -> tuple[str, ...]:
    parsed = parse(f"print {text}")
    statement = parsed.block.statements[0] if parsed.block.statements else None
    value = statement.value if isinstance(statement, syntax.QueryStatement) else None
    source = value.pipeline.source if isinstance(value, syntax.PipelineExpression) else None
    if not parsed.diagnostics and isinstance(source, syntax.Print):
        found = tuple(column.value for column in source.columns)
        texts = tuple(str(part.value) for part in found if isinstance(part, syntax.Literal))
        if texts and len(texts) == len(found):
            return texts
    raise refusal(SYNTAX, f"'{text}' is no list of constants", node.span)


def _body(text: str, node: syntax.DeclarePattern) -> syntax.QueryBlock:
    parsed = parse(f"let f = () {{{text}}};")
    let = parsed.block.statements[0] if parsed.block.statements else None
    if (
        parsed.diagnostics
        or not isinstance(let, syntax.Let)
        or not isinstance(let.value, syntax.FunctionLiteral)
    ):
        first = parsed.diagnostics[0].message if parsed.diagnostics else "no query"
        raise refusal(SYNTAX, f"a body of the pattern '{node.name.text}' does not parse: {first}", node.span)
    return let.value.body


def call_pattern(
    context: BindContext,
    binding: PatternBinding,
    arguments: tuple[syntax.Argument, ...],
    path: str | None,
    span: Span,
    names: NameScope,
) -> bound.Operator:
    """Return the table of the first case with these arguments and this path; refused where there is none."""
    values: list[str] = []
    for argument in arguments:
        value = expressions.bind_expression(context, argument.value, Scope(names))
        if not isinstance(value, bound.Literal):
            raise refusal(
                WRONG_ARGUMENTS, f"the arguments of the pattern '{binding.name}' are constants", argument.span
            )
        values.append(str(value.value))
    for case in binding.cases:
        if case.values == tuple(values) and case.path == path:
            statements.check_depth(binding.name, names, span)
            inner = NameScope(binding.names.bindings, names.depth + 1, binding.names.restrictions)
            return statements.bind_tabular_block(context, case.body, inner)
    shown = ", ".join(values) + (f".{path}" if path else "")
    raise refusal(UNKNOWN_NAME, f"the pattern '{binding.name}' has no case for {shown}", span)
