"""Shows where a query is wrong: the line, a caret below the place, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql.text import NOWHERE, SourceText, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.diagnostics import Diagnostic

_MAXIMUM_LINE_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a text; `span` is None where it has no place in it."""

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None


def from_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Finding]:
    """Return the findings of Kelp's own compiler."""
    return [
        Finding(found.code, found.message, None if found.span == NOWHERE else found.span, found.hint)
        for found in diagnostics
    ]


def describe_findings(text: str, findings: Iterable[Finding]) -> str:
    """Return the findings as lines for a terminal. Lines and positions count from 1."""
    source = SourceText(text)
    return "\n".join(line for finding in findings for line in _describe(source, finding))


def _describe(source: SourceText, finding: Finding) -> list[str]:
    if finding.span is None:
        described = [f"{finding.code}: {finding.message}"]
    else:
        line, offset = source.locate(min(finding.span.start, len(source.text)))
        described = [
            f"{finding.code} at line {line}, position {offset + 1}: {finding.message}",
            *_point(source, line, offset, finding.span.end - finding.span.start),
        ]
    if finding.hint:
        described.append(f"  hint: {finding.hint}")
    return described


def _point(source: SourceText, line: int, offset: int, length: int) -> list[str]:
    """The line, cut around the place when it is long, and carets below it."""
    text = source.text.split("\n")[line - 1].rstrip("\r").replace("\t", " ")
    start = 0 if len(text) <= _MAXIMUM_LINE_CHARACTERS else max(0, offset - _MAXIMUM_LINE_CHARACTERS // 2)
    window = text[start : start + _MAXIMUM_LINE_CHARACTERS]
    carets = "^" * max(1, min(length, len(window) - (offset - start)))
    return [f"  {window}", "  " + " " * (offset - start) + carets]
