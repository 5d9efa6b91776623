"""Every rule of docs/semantics.md is cited by the code or a test, and every rule that is cited stands there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.architecture.source_tree import ROOT, list_files, name_path

PAGE = ROOT / "docs" / "semantics.md"
DEFINITION = re.compile(r"^- \*\*([A-Z]+-\d+)\*\* \S", re.MULTILINE)
CITATION = re.compile(r"\b([A-Z]{2,})-(\d+)(?: to (?:\1-)?(\d+))?\b")
FOREIGN = {"AES", "CP", "CRC", "GB", "GMT", "ISO", "OAEP", "SHA", "US", "UTF"}
"""What looks like a rule and is the name of something else."""


def iter_definitions() -> list[str]:
    return DEFINITION.findall(PAGE.read_text(encoding="utf-8"))


def iter_citations() -> Iterator[tuple[str, str]]:
    """Yield file and rule; `DYN-1 to DYN-4` cites four."""
    for path in list_files():
        if path.suffix not in {".py", ".toml"} or path.parts[len(ROOT.parts)] not in {"src", "tests"}:
            continue
        for prefix, first, last in CITATION.findall(path.read_text(encoding="utf-8")):
            if prefix not in FOREIGN:
                yield from (
                    (name_path(path), f"{prefix}-{n}") for n in range(int(first), int(last or first) + 1)
                )


def test_each_rule_is_told_once() -> None:
    assert [rule for rule, count in Counter(iter_definitions()).items() if count > 1] == []


def test_each_cited_rule_is_told() -> None:
    told = set(iter_definitions())
    assert sorted({citation for citation in iter_citations() if citation[1] not in told}) == []


def test_each_rule_is_cited() -> None:
    cited = {rule for _, rule in iter_citations()}
    assert [rule for rule in iter_definitions() if rule not in cited] == []
