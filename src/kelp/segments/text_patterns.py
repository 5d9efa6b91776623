"""The tables of what texts have in common: reduce, and diffpatterns_text (rules MINE-5 and MINE-6)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from kelp.plan.mining_operations import FindTextDifferences, FindTextPatterns
from kelp.segments.itemsets import NONE, Pattern, encode
from kelp.segments.pattern_tables import difference_columns, find_differences

if TYPE_CHECKING:
    from kelp.kql.mining import DiffPatternsText, Reduce
    from kelp.plan.segment_operations import TabularOperation

_OTHERS = "others"


def compute(operation: TabularOperation, inputs: Sequence[pa.Table]) -> pa.Table:
    """Return the patterns of texts."""
    (table,) = inputs
    match operation:
        case FindTextPatterns(method=method):
            return _reduce(method, table)
        case FindTextDifferences(method=differences):
            return _find_differences(differences, table)
        case _:
            raise LookupError(f"finds no patterns of texts: {operation!r}")


# --- reduce ----------------------------------------------------------------------------------------------------------


def _reduce(method: Reduce, table: pa.Table) -> pa.Table:
    """After Vaarandi: words that are frequent at their place stay, and the others become `*`."""
    texts: list[str] = table.column(method.column).to_pylist()
    weights: list[int] = table.column(method.weight).to_pylist()
    least = method.threshold * sum(weights)
    patterns = find_text_patterns(texts, weights, least, method.characters)
    if method.is_by_text:
        return pa.table({"text": pa.array(texts, pa.utf8()), "Pattern": pa.array(patterns, pa.utf8())})
    counts: Counter[str] = Counter()
    best: dict[str, tuple[int, str]] = {}
    for text, weight, pattern in zip(texts, weights, patterns, strict=True):
        counts[pattern] += weight
        best[pattern] = min(best.get(pattern, (-weight, text)), (-weight, text))
    ordered = sorted(counts, key=lambda pattern: (pattern == _OTHERS, -counts[pattern], pattern))
    return pa.table(
        {
            "Pattern": pa.array(ordered, pa.utf8()),
            "Count": pa.array([counts[pattern] for pattern in ordered], pa.int64()),
            "Representative": pa.array(
                ["" if pattern == _OTHERS else best[pattern][1] for pattern in ordered], pa.utf8()
            ),
        }
    )


def find_text_patterns(
    texts: Sequence[str], weights: Sequence[int], least: float, characters: str | None
) -> list[str]:
    """Return the pattern of each text, of which there are so many; `others` where it is like too few.

    Words lie between `characters`, or else between all that is neither letter nor digit of ASCII.
    """
    breaks = re.compile(f"([{re.escape(characters)}])" if characters else r"([^0-9A-Za-z])")
    parts = [breaks.split(text) for text in texts]
    words: Counter[tuple[int, str]] = Counter()
    for split, weight in zip(parts, weights, strict=True):
        for place, word in enumerate(split[::2]):
            words[place, word] += weight
    frequent = {key for key, count in words.items() if count > least and key[1]}
    made = [_generalize(split, frequent) for split in parts]
    counts: Counter[str] = Counter()
    for pattern, weight in zip(made, weights, strict=True):
        counts[pattern] += weight
    return [pattern if pattern != "*" and counts[pattern] > least else _OTHERS for pattern in made]


def _generalize(split: Sequence[str], frequent: set[tuple[int, str]]) -> str:
    """Return a text with `*` for the words that are not frequent, and for what lies between two of these."""
    made: list[str] = []
    for place in range(0, len(split), 2):
        word = split[place]
        separator = split[place - 1] if place else ""
        is_kept = (place // 2, word) in frequent or not word
        after_wildcard = bool(made) and made[-1] == "*"
        if is_kept:
            made += [*([] if after_wildcard and separator.isalnum() else [separator]), word]
        elif after_wildcard and word:
            continue
        else:
            made += [*([] if separator.isalnum() else [separator]), "*"]
        made = [part for part in made if part]
    return "".join(made)


# --- diffpatterns_text -----------------------------------------------------------------------------------------------


def _find_differences(method: DiffPatternsText, table: pa.Table) -> pa.Table:
    """Words are compared place by place, from the start of the texts."""
    texts = table.column(method.column).to_pylist()
    words = [text.split()[: method.max_tokens] for text in texts]
    columns = {f"word{place}": _column(words, place) for place in range(max(map(len, words), default=0))}
    weights = {name: table.column(name) for name in method.weights}
    rows = encode(pa.table({**columns, **weights}), list(columns), method.weights, without_null=True)
    found = find_differences(rows, method.threshold, None)
    shown = [pattern for pattern in found if pattern.size >= max(1, method.min_tokens)]
    values = [dimension.values.to_pylist() for dimension in rows.dimensions]
    made = difference_columns(rows, shown)
    return pa.table(
        {
            "Count_of_True": made["CountA"],
            "Count_of_False": made["CountB"],
            "Percent_of_True": made["PercentA"],
            "Percent_of_False": made["PercentB"],
            "Pattern": pa.array([_spell(pattern, values) for pattern in shown], pa.utf8()),
        }
    )


def _column(words: Sequence[Sequence[str]], place: int) -> pa.Array:
    return pa.array([line[place] if place < len(line) else None for line in words], pa.utf8())


def _spell(pattern: Pattern, values: Sequence[Sequence[str]]) -> str:
    """Return the words up to the last one that the pattern has, `*` for those that it leaves open."""
    words = ["*" if code == NONE else values[place][code] for place, code in enumerate(pattern.codes)]
    while words[-1] == "*":
        words.pop()
    return " ".join(words)
