"""A body as a relation of the embedded engine: in memory, given to the engine as a file that only this process sees.

chDB can push bytes into an insert (`send_insert`), but not through a SELECT, and drops what follows `FROM input(...)`
without a word. A memory file read by `file()` takes the same bytes at the same speed, through any SELECT.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from kelp.base.durable_file import write_all
from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.engine.contract import InputFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kelp.engine.contract import SourceBody


@contextmanager
def printed_source(source: SourceBody) -> Iterator[str]:
    """Give the SELECT that reads the body, for the time of the block."""
    with _memory_file(source.body) as path:
        structure = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in source.structure)
        text = _print_file(path, source.format, structure)
        if source.record_column:
            record = f"{quote_identifier(source.record_column)} String"
            # Rows are put side by side by their number, so both must be read by one thread, in order.
            text += f" PASTE JOIN ({_print_file(path, InputFormat.JSON_AS_STRING, record)}) AS records"
        yield text


@contextmanager
def over_sources(sql: str, sources: Mapping[str, SourceBody]) -> Iterator[str]:
    """Give the SELECT with the bodies as relations of their names, for the time of the block; itself without any."""
    with ExitStack() as stack:
        relations = [
            f"{quote_identifier(name)} AS ({stack.enter_context(printed_source(source))})"
            for name, source in sources.items()
        ]
        yield f"WITH {', '.join(relations)}\nSELECT * FROM (\n{sql}\n)" if relations else sql


def _print_file(path: str, body_format: InputFormat, structure: str) -> str:
    arguments = ", ".join(quote_string(text) for text in (path, body_format.value, structure))
    return f"SELECT * FROM file({arguments})"  # noqa: S608 - quoted above


@contextmanager
def _memory_file(chunks: Iterable[bytes]) -> Iterator[str]:
    """Give the path under which this process reads the chunks as one file, for the time of the block."""
    descriptor = os.memfd_create("kelp-body")
    try:
        for chunk in chunks:
            write_all(descriptor, chunk)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
