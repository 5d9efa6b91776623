"""What is asked about: the queries of the corpus and of the specification, mutations of them, and tables to read."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.types import Column, RowSchema, ScalarType
from tests.differential.mutations import iter_mutations
from tests.spec.case_files import iter_cases
from tests.spec.corpus import CORPUS, load_queries
from tests.spec.events import EVENTS, Tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMAS = CORPUS.parent / "schemas" / "tables.json"
SAMPLES = CORPUS / "samples" / "schemas.json"
MUTATIONS = 5
LONGEST_MUTATED = 1500


@cache
def load_texts() -> dict[str, str]:
    """Return the queries of the corpus by id, where a checkout has it beside the repository, and those of the specification.

    The latter have no lasting ids: their name is their text.
    """
    corpus = load_queries() if CORPUS.is_dir() else {}
    return {**corpus, **{case.query: case.query for case in iter_cases()}}


@cache
def load_mutations() -> dict[str, str]:
    """Return mutations of the corpus alone, so that a new case of the specification brings no new ones."""
    return {
        f"{name}~{change}": text
        for name, query in (load_queries() if CORPUS.is_dir() else {}).items()
        if len(query) <= LONGEST_MUTATED
        for change, text in iter_mutations(query, MUTATIONS)
    }


@cache
def load_schemas() -> Mapping[str, RowSchema]:
    """Return the tables that some text names."""
    words = {word for text in load_texts().values() for word in re.findall(r"\w+", text)}
    files = [file for file in (SCHEMAS, SAMPLES) if file.is_file()]
    tables = {
        name: RowSchema(tuple(Column(column, ScalarType(kind)) for column, kind in table["columns"].items()))
        for file in files
        for name, table in json.loads(file.read_text("utf-8")).items()
        if name in words
    }
    return {**tables, "Events": EVENTS}


def spell_schemas() -> dict[str, str]:
    """Return the columns of each table as KQL spells them."""
    return {name: f"({', '.join(map(_spell, schema.columns))})" for name, schema in load_schemas().items()}


def _spell(column: Column) -> str:
    return f"['{column.name}']: {column.type.value}"


class DeclaredTables(Tables):
    """The tables of `load_schemas`, as the binder asks for them."""

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        schema = load_schemas().get(reference.name) if reference.workspace is None else None
        return None if schema is None else TableSymbol(reference, schema)

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        return [
            TableSymbol(TableReference(workspace, name), schema) for name, schema in load_schemas().items()
        ]

    def table_names(self) -> Iterable[str]:
        return load_schemas()
