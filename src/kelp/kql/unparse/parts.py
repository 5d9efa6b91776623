"""The parts of query text that contain no expressions: names, columns, words with spaces between them."""

from __future__ import annotations

import re

from kelp.kql import syntax as s
from kelp.kql.parser.constants import TRUTHS
from kelp.kql.parser.expressions import PRECEDENCE
from kelp.kql.rendering import quote

PLAIN_NAME = re.compile(r"[^\W\d]\w*|\$\w+")
_CLAUSES = "by dynamic entity_group not of toscalar totable typeof view where with"
_OPTIONS = "bagexpansion expandoutput kind with_itemindex"
_SOURCES = (
    "datatable evaluate external_data externaldata find inline_external_table macro print range search union"
)
RESERVED = frozenset({*PRECEDENCE, *TRUTHS, *_CLAUSES.split(), *_OPTIONS.split(), *_SOURCES.split()})
"""Words that may be read as something else than a name in some place; a name is put in brackets once too often."""


def spell_schema(columns: tuple[s.ColumnDeclaration, ...]) -> str:
    """Return `(name: type, ...)`."""
    return f"({', '.join(spell_column(column) for column in columns)})"


def spell_column(node: s.ColumnDeclaration) -> str:
    """Return `name: type`."""
    return f"{spell_name(node.name)}: {node.type}"


def spell_name(text: str) -> str:
    """Return a name, in brackets where it would be read as something else."""
    if PLAIN_NAME.fullmatch(text) and text not in RESERVED:
        return text
    return f"[{quote(text)}]"


def join_words(*parts: str) -> str:
    """Return the parts that are not empty, with spaces between them."""
    return " ".join(part for part in parts if part)


def spell_clause(word: str, text: str) -> str:
    """Return a clause, or nothing where there is nothing in it."""
    return f"{word} {text}" if text else ""


def spell_type_schema(node: s.TypeLiteral) -> str:
    """Return what stands behind `typeof`."""
    if len(node.columns) == 1 and not node.columns[0].name:
        return f"({node.columns[0].type})"
    columns = [spell_column(column) for column in node.columns]
    return f"({', '.join(['*', *columns] if node.extends else columns)})"
