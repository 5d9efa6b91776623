"""Kelp reads and refuses the texts that Microsoft's language service does, and gives the same columns.

What differs for a reason stands in `exceptions.toml`, which is only ever shortened: an entry that nothing needs fails
the test, and so does one more than there were.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kelp.kql.binder import bind
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.parser import parse
from tests.differential.exceptions import load_exceptions
from tests.differential.reference import Answer, ask_reference
from tests.differential.subjects import DeclaredTables, load_mutations, load_texts, spell_schemas
from tests.spec.corpus import CORPUS
from tests.spec.events import NOW

pytestmark = pytest.mark.timeout(300)
"""Seconds that a slow machine may take to analyze all texts."""

MOST_EXCEPTIONS = 32
"""Lower it with each entry that goes; it never rises."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Texts by id, what the language service said about each, and what was wrong with them for Kelp's parser."""

    texts: dict[str, str]
    answers: dict[str, Answer]
    refusals: dict[str, str | None]


def _ask(texts: dict[str, str], tables: dict[str, str], *, parse_only: bool) -> Asked:
    found = ask_reference(texts.values(), tables, parse_only=parse_only)
    answers = {name: answer for name, answer in zip(texts, found, strict=True) if answer is not None}
    refusals = {name: _refuse(texts[name]) for name in answers}
    return Asked(texts, answers, refusals)


def _refuse(text: str) -> str | None:
    found = parse(text).diagnostics
    return found[0].message if found else None


@pytest.fixture(scope="module")
def queries() -> Asked:
    return _ask(load_texts(), spell_schemas(), parse_only=False)


@pytest.fixture(scope="module")
def mutations() -> Asked:
    return _ask(load_mutations(), {}, parse_only=True)


def _differences_of_syntax(asked: Asked) -> dict[str, set[str]]:
    """Return the texts that one side alone refuses, each with the exceptions that explain it."""
    found: dict[str, set[str]] = {}
    for name, answer in asked.answers.items():
        kelp = asked.refusals[name]
        reference = answer.syntax[0][2] if answer.syntax else None
        if (kelp is None) != (reference is None):
            text = asked.texts[name]
            rules = load_exceptions().syntax
            found[name] = {rule.name for rule in rules if rule.explains(text, kelp, reference)}
    return found


def _differences_of_columns(asked: Asked) -> dict[str, set[str]]:
    """Return the texts that both sides understand and give other columns, each with the exceptions that explain it."""
    found: dict[str, set[str]] = {}
    for name, answer in asked.answers.items():
        if answer.syntax or answer.meaning or answer.columns is None or asked.refusals[name] is not None:
            continue
        text = asked.texts[name]
        if _find_columns(text) not in (None, answer.columns):
            found[name] = {rule.name for rule in load_exceptions().columns if rule.explains(text)}
    return found


def _find_columns(text: str) -> tuple[tuple[str, str], ...] | None:
    """Return the columns that a text has for Kelp; None where it refuses the text."""
    try:
        bound = bind(parse(text), DeclaredTables(), NOW)
    except QueryRefusedError:
        return None
    return tuple((one.name, one.type.value) for one in bound.results[-1].operator.schema.columns)


def _show_syntax(asked: Asked, name: str) -> str:
    answer = asked.answers[name]
    said = f"Kelp: {asked.refusals[name]}\nlanguage service: {answer.syntax}"
    return f"{name}\n{asked.texts[name]}\n{said}"


def _show_columns(asked: Asked, name: str) -> str:
    mine = _find_columns(asked.texts[name]) or ()
    theirs = asked.answers[name].columns or ()
    said = f"Kelp: {[one for one in mine if one not in theirs] or mine}"
    return f"{asked.texts[name]}\n{said}\nlanguage service: {[one for one in theirs if one not in mine] or theirs}"


def test_queries_are_read_and_refused_alike(queries: Asked) -> None:
    found = _differences_of_syntax(queries)
    assert [_show_syntax(queries, name) for name, explained in found.items() if not explained] == []


def test_mutations_are_read_and_refused_alike(mutations: Asked) -> None:
    found = _differences_of_syntax(mutations)
    assert [_show_syntax(mutations, name) for name, explained in found.items() if not explained] == []


def test_results_have_the_same_columns(queries: Asked) -> None:
    found = _differences_of_columns(queries)
    assert [_show_columns(queries, name) for name, explained in found.items() if not explained] == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus of queries is not at {CORPUS}")
def test_every_exception_is_needed(queries: Asked, mutations: Asked) -> None:
    differences = (
        *_differences_of_syntax(queries).values(),
        *_differences_of_syntax(mutations).values(),
        *_differences_of_columns(queries).values(),
    )
    needed = set[str]().union(*differences)
    assert [rule.name for rule in load_exceptions().all if rule.name not in needed] == []


def test_the_list_of_exceptions_only_shrinks() -> None:
    rules = load_exceptions().all
    assert len(rules) <= MOST_EXCEPTIONS
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(len(rule.reason) > 20 for rule in rules)
