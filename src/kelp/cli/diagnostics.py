"""Shows where a query is wrong: the line, a caret below the place, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

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


class WireFinding(msgspec.Struct):
    """A finding as the query API tells it, or an error around one."""

    code: str = ""
    message: str = ""
    line: int | None = None
    pos: int | None = None
    token: str | None = None
    innererror: WireFinding | None = None
    details: list[WireFinding] = []

    def locate(self, text: str) -> Finding:
        """Return the finding at its place; the API counts lines from 1 and positions in them from 0."""
        lines = text.split("\n")
        if self.line is None or self.pos is None or not 1 <= self.line <= len(lines):
            return Finding(self.code, self.message)
        start = sum(len(line) + 1 for line in lines[: self.line - 1]) + self.pos
        return Finding(self.code, self.message, Span(start, start + max(1, len(self.token or ""))))


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


def describe_warnings(text: str, warnings: Iterable[Finding]) -> str:
    """Return the warnings as lines for a terminal, told apart from errors by their first word."""
    return describe_findings(text, (replace(found, code=f"warning {found.code}") for found in warnings))


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
