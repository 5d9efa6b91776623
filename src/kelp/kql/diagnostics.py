"""What the language has to say about a text: errors and warnings with a code, a position and advice.

Codes follow Kusto's families: `SYN` for what does not parse, `SEM` for what parses but has no meaning, `KLP`
for what is valid KQL that Kelp refuses (always with the name of what it does not do).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kelp.kql.text import Span


class Severity(StrEnum):
    """How bad it is: an error stops the query, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `hint` says what to write instead, when that is known."""

    code: str
    severity: Severity
    message: str
    span: Span
    hint: str | None = None


class QueryRefusedError(Exception):
    """The text can't be run; `diagnostics` holds at least one error, in text order."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = next(found for found in diagnostics if found.severity is Severity.ERROR)
        super().__init__(f"{first.code}: {first.message}")
        self.diagnostics = diagnostics


def refusal(code: str, message: str, span: Span, hint: str | None = None) -> QueryRefusedError:
    """Return the exception for a single error at `span`."""
    return QueryRefusedError((Diagnostic(code, Severity.ERROR, message, span, hint),))


SYNTAX = "SYN0002"
UNKNOWN_NAME = "SEM0100"
UNKNOWN_FUNCTION = "SEM0260"
WRONG_ARGUMENTS = "SEM0219"
WRONG_TYPE = "SEM0024"
NOT_ALLOWED_HERE = "SEM0001"
DUPLICATE_NAME = "SEM0011"
UNSUPPORTED = "KLP0001"
TOO_COMPLEX = "KLP0002"
