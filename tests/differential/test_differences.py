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

MOST_EXCEPTIONS = 38
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
    exceptions = load_exceptions()
    found: dict[str, set[str]] = {}
    for name, answer in asked.answers.items():
        kelp = asked.refusals[name]
        reference = answer.syntax[0][2] if answer.syntax else None
        if (kelp is None) == (reference is None):
            continue
        by_rule = {
            rule.name for rule in exceptions.rules if rule.explains(kelp, reference, asked.texts[name])
        }
        found[name] = by_rule | ({name} & exceptions.syntax.keys())
    return found


def _differences_of_columns(asked: Asked) -> dict[str, str]:
    """Return what differs in the columns of each text that both sides understand."""
    found: dict[str, str] = {}
    for name, answer in asked.answers.items():
        if answer.syntax or answer.meaning or answer.columns is None or asked.refusals[name] is not None:
            continue
        try:
            bound = bind(parse(asked.texts[name]), DeclaredTables(), NOW)
        except QueryRefusedError:
            continue
        columns = tuple((one.name, one.type.value) for one in bound.results[-1].operator.schema.columns)
        if columns != answer.columns:
            here = [f"{column}: {kind}" for column, kind in columns if (column, kind) not in answer.columns]
            there = [f"{column}: {kind}" for column, kind in answer.columns if (column, kind) not in columns]
            found[name] = f"Kelp has {here}, the language service {there}"
    return found


def test_queries_are_read_and_refused_alike(queries: Asked) -> None:
    found = _differences_of_syntax(queries)
    assert [name for name, explained in found.items() if not explained] == []


def test_mutations_are_read_and_refused_alike(mutations: Asked) -> None:
    found = _differences_of_syntax(mutations)
    assert {
        mutations.texts[name]: (mutations.refusals[name], mutations.answers[name].syntax)
        for name, explained in found.items()
        if not explained
    } == {}


def test_results_have_the_same_columns(queries: Asked) -> None:
    found = _differences_of_columns(queries)
    listed = load_exceptions().columns
    assert {name: difference for name, difference in found.items() if name not in listed} == {}


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus of queries is not at {CORPUS}")
def test_every_exception_is_needed(queries: Asked, mutations: Asked) -> None:
    exceptions = load_exceptions()
    differences = _differences_of_syntax(queries) | _differences_of_syntax(mutations)
    listed = {rule.name for rule in exceptions.rules} | exceptions.syntax.keys()
    assert sorted(listed - set[str]().union(*differences.values())) == []
    assert sorted(exceptions.columns.keys() - _differences_of_columns(queries).keys()) == []


def test_the_list_of_exceptions_only_shrinks() -> None:
    assert load_exceptions().size <= MOST_EXCEPTIONS
    assert all(len(reason) > 20 for reason in load_exceptions().reasons)
