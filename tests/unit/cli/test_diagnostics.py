from __future__ import annotations

from kelp.cli.diagnostics import Finding, describe_findings
from kelp.kql.text import Span


def test_line_position_caret_and_hint() -> None:
    text = "Syslog\n| projekt a"
    described = describe_findings(
        text, [Finding("SYN0002", "no such operator", Span(9, 16), "did you mean `project`?")]
    )
    assert described.splitlines() == [
        "SYN0002 at line 2, position 3: no such operator",
        "  | projekt a",
        "    ^^^^^^^",
        "  hint: did you mean `project`?",
    ]


def test_a_finding_without_a_place() -> None:
    assert describe_findings("T", [Finding("KLP0001", "not done")]) == "KLP0001: not done"


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "T | where " + "a == 1 and " * 40 + "zzz == 2"
    start = text.index("zzz")
    lines = describe_findings(text, [Finding("SEM0100", "unknown", Span(start, start + 3))]).splitlines()
    assert len(lines[1]) <= 102
    caret = lines[2].index("^")
    assert lines[1][caret : caret + 3] == "zzz"


def test_the_end_of_the_text_and_tabs() -> None:
    lines = describe_findings("\tT |", [Finding("SYN0002", "more is expected", Span(4, 4))]).splitlines()
    assert lines == ["SYN0002 at line 1, position 5: more is expected", "   T |", "      ^"]


def test_a_span_over_lines_is_pointed_at_in_its_first() -> None:
    lines = describe_findings("T | (a\n b)", [Finding("X", "m", Span(4, 10))]).splitlines()
    assert lines[2] == "      ^^"
