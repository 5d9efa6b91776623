"""More errors than the first: the query is bound again with what was wrong left aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.binder.context import Mending
from kelp.kql.diagnostics import TOO_COMPLEX, UNKNOWN_NAME, Diagnostic, QueryRefusedError
from kelp.kql.questions import QuestionAsked, RequestAsked

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_ERRORS = 10
_MAX_ROUNDS = 25


def find_errors(first: Diagnostic, bind_anew: Callable[[Mending], object]) -> tuple[Diagnostic, ...]:
    """Return the errors of a query, ten at the most, in the order of where they end: the inner is the outer's reason.

    `bind_anew` binds it with errors at some places left aside. What follows from an error is not told: where a table
    does not exist, columns are unknown for that reason. An error that can't be left aside ends the search.
    """
    mending = Mending()
    certain: list[Diagnostic] = []
    doubtful: list[Diagnostic] = []
    latest = first
    for _ in range(_MAX_ROUNDS):
        follows = latest.code == UNKNOWN_NAME and bool(mending.tables)
        (doubtful if follows else certain).append(latest)
        if latest.code == TOO_COMPLEX or len(certain) == MAX_ERRORS:
            break
        mending.spans.add(latest.span)
        try:
            bind_anew(mending)
        except QueryRefusedError as refused:
            latest = refused.diagnostics[0]
        except (QuestionAsked, RequestAsked):
            break
        else:
            break
        if latest.span in mending.spans:
            break
    tables = [one for one in doubtful if one.span in mending.tables]
    return tuple(sorted([*certain, *tables], key=lambda one: (one.span.end, one.span.start))[:MAX_ERRORS])
