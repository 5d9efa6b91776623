"""What one binding carries along: the outside world, the query's own time, and the warnings found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import count
from typing import TYPE_CHECKING

from kelp.kql.binder.scope import NameScope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, TOO_COMPLEX, refusal
from kelp.kql.functions.table import FunctionTable, function_table
from kelp.kql.questions import MAX_ANSWER_ROWS, MAX_QUESTIONS, QuestionAsked, RequestAsked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.kql.asker import Asker
    from kelp.kql.bound import Operator
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.questions import Answer, WebRequest
    from kelp.kql.schema import SchemaProvider
    from kelp.kql.syntax import Expression
    from kelp.kql.text import Span

MAX_FUNCTION_DEPTH = 64
"""User functions may call each other this deep; KQL has no recursion, so reaching it means one."""


@dataclass(slots=True)
class Mending:
    """Errors that were found before and are left aside, so that those behind them are found.

    What stands at a place of `spans` is taken for a value of any type, or for a table; where it is one, it is noted in
    `tables`.
    """

    spans: set[Span] = field(default_factory=set)
    tables: set[Span] = field(default_factory=set)


@dataclass(slots=True)
class BindContext:
    """State of one call of `bind`; not shared.

    `now_ticks` is what `now()` means throughout the query, in 100 ns since 1970. `parameters` are the values sent
    beside the text; `options` those of `set` statements, by name in lower case.
    """

    provider: SchemaProvider
    now_ticks: int
    parameters: dict[str, Expression] = field(default_factory=dict)
    options: dict[str, Expression] = field(default_factory=dict)
    functions: FunctionTable = field(default_factory=function_table)
    warnings: list[Diagnostic] = field(default_factory=list)
    mending: Mending | None = None
    asker: Asker | None = None
    answers: tuple[Answer, ...] | None = None
    """The rows of questions about data, in the order they are asked; None where nobody can be asked."""
    query_names: NameScope = field(default_factory=NameScope)
    """The names that the query's own statements have bound so far."""
    reads_clock: bool = False
    """Whether the text means something else at another time."""
    examined: set[str] = field(default_factory=set)
    """Saved functions of which it is being found out what they give."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _asked: Iterator[int] = field(default_factory=count)

    def unique_name(self, stem: str) -> str:
        """Return a name no column or table of the text can have."""
        return f"${stem}{next(self._numbers)}"

    def read_clock(self) -> int:
        """Return `now_ticks`, and note that the text asked for it."""
        self.reads_clock = True
        return self.now_ticks

    def ask(self, question: Operator, span: Span) -> Answer:
        """Return the rows of a question about data, all texts.

        Raises `QuestionAsked` where the answer is not known yet, `QueryRefusedError` where there are too many
        questions or rows.
        """
        if self.answers is None:
            message = "columns that depend on data can't stand here"
            raise refusal(NOT_ALLOWED_HERE, message, span, "write the columns after the plugin's call")
        place = next(self._asked)
        if place >= MAX_QUESTIONS:
            message = f"more than {MAX_QUESTIONS} tables have columns that depend on data"
            raise refusal(TOO_COMPLEX, message, span, "write the columns after the plugin's call")
        if place >= len(self.answers):
            raise QuestionAsked(question)
        if len(self.answers[place]) > MAX_ANSWER_ROWS:
            message = f"there would be more than {MAX_ANSWER_ROWS} columns"
            raise refusal(TOO_COMPLEX, message, span, "write the columns after the plugin's call")
        return self.answers[place]

    def request(self, request: WebRequest, span: Span) -> Answer:
        """Return the headers and the body of the answer, as JSON, in one row.

        Raises `RequestAsked` where the answer is not known yet, `QueryRefusedError` where nothing can be sent.
        """
        if self.answers is None:
            raise refusal(NOT_ALLOWED_HERE, "no requests can be sent here", span)
        self.reads_clock = True
        place = next(self._asked)
        if place >= MAX_QUESTIONS:
            raise refusal(
                TOO_COMPLEX, f"more than {MAX_QUESTIONS} requests and plugins ask for answers", span
            )
        if place >= len(self.answers):
            raise RequestAsked(request)
        return self.answers[place]


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return a hint that names the most similar candidate, if one is close."""
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return f"did you mean '{by_lower[found[0]]}'?" if found else None
