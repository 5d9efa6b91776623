"""Files of this machine as tables that a query can name. The engine reads them; no row passes through Python."""

from __future__ import annotations

import glob
import re
from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from kelp.catalog.inventory import list_columns
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.clickhouse import ddl, local_files
from kelp.clickhouse.introspection import read_scalar_type
from kelp.clickhouse.local_files import LINE_COLUMNS, FileFormat
from kelp.clickhouse.types import EngineTable
from kelp.engine.errors import EngineError
from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan.scope import QueryScope, ScopedTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.engine.contract import Engine
    from kelp.kql.schema import SchemaProvider, StoredFunction

DATABASE = "files"
Tables: TypeAlias = MutableMapping[TableReference, tuple[ScopedTable, ...]]
SAMPLE_ROWS = 25_000
"""How many rows decide about the types of columns; if later rows don't fit, all rows do."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENGINE_SENTENCE = re.compile(
    r"(?:DB::Exception: |Error:\n(?!Code))([^\n]+?)(?= Error:\n| \([A-Z_]{4,}\)|\n|$)"
)
_COMPRESSED = frozenset({".gz", ".zst", ".xz", ".bz2", ".lz4"})
_FORMATS = {
    ".csv": FileFormat.CSV,
    ".json": FileFormat.JSON,
    ".jsonl": FileFormat.JSON,
    ".ndjson": FileFormat.JSON,
    ".parquet": FileFormat.PARQUET,
    ".tsv": FileFormat.TSV,
}


@dataclass(frozen=True, slots=True)
class FileTable:
    """What `--table Name=path` asks for. The path may hold `*` for several files of one shape."""

    name: str
    path: str
    format: FileFormat


def parse_file_table(text: str) -> FileTable:
    """Read `Name=path`. Raises `CommandFailed` (usage)."""
    name, equals, path = text.partition("=")
    if not equals or not _NAME.fullmatch(name) or not path:
        raise CommandFailed(
            ExitCode.USAGE, f"'{text}' is not Name=path, with a name of letters, digits and '_'."
        )
    found = sorted(glob.glob(path))  # noqa: PTH207 - the user's own pattern, relative or absolute
    files = [file for file in found if Path(file).is_file()]
    if not files:
        raise CommandFailed(ExitCode.USAGE, f"There is no file {path}.")
    return FileTable(name, str(Path(path).absolute()), find_format(Path(files[0])))


def find_format(path: Path) -> FileFormat:
    """Tell the format by the name's end, else by the first bytes; what is neither is text. Raises `CommandFailed`."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        return _FORMATS.get(suffixes[-2] if len(suffixes) > 1 else "", FileFormat.LINES)
    if suffixes and suffixes[-1] in _FORMATS:
        return _FORMATS[suffixes[-1]]
    try:
        with path.open("rb") as file:
            first = file.read(256).lstrip()
    except OSError as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read {path}: {error.strerror}.") from error
    if first.startswith(b"PAR1"):
        return FileFormat.PARQUET
    return FileFormat.JSON if first.startswith((b'{"', b'[{"', b"{}")) else FileFormat.LINES


async def load_files(engine: Engine, files: Sequence[FileTable]) -> FileSchema:
    """Bring the files into the engine and return their names. Raises `CommandFailed`, `EngineError`."""
    await engine.execute(local_files.create_database(DATABASE))
    tables = {}
    for file in files:
        try:
            tables[file.name] = await _load_file(engine, file)
        except EngineError as error:
            message = f"Can't read {file.path}: {_find_reason(error)}."
            raise CommandFailed(ExitCode.USAGE, message) from error
    return FileSchema(tables)


def _find_reason(error: EngineError) -> str:
    """The engine's innermost sentence, which its user may see here: the file is the user's own."""
    sentences: list[str] = _ENGINE_SENTENCE.findall(error.engine_message)
    return sentences[-1].strip(" :.") if sentences else error.message


async def _load_file(engine: Engine, file: FileTable) -> tuple[Column, ...]:
    if file.format is FileFormat.LINES:
        return await _fill_table(engine, file, LINE_COLUMNS)
    columns = await _infer_columns(engine, file, sample_rows=SAMPLE_ROWS)
    try:
        return await _fill_table(engine, file, columns)
    except EngineError:
        widened = await _infer_columns(engine, file, sample_rows=0)
        if widened == columns:
            raise
        return await _fill_table(engine, file, widened)


async def _infer_columns(engine: Engine, file: FileTable, *, sample_rows: int) -> tuple[Column, ...]:
    probe = EngineTable(DATABASE, f"~{file.name}")
    await engine.execute(local_files.create_inferred(probe, file.path, file.format, sample_rows=sample_rows))
    found = (await list_columns(engine, DATABASE, probe.name))[probe.name]
    await engine.execute(ddl.drop_table(probe))
    return tuple(
        Column(name, read_scalar_type(engine_type) or ScalarType.DYNAMIC)
        for name, engine_type in found.items()
    )


async def _fill_table(engine: Engine, file: FileTable, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    table = EngineTable(DATABASE, file.name)
    await engine.execute(ddl.drop_table(table))
    await engine.execute(local_files.create_table(table, columns))
    await engine.execute(local_files.load_file(table, file.path, file.format, columns))
    return columns


def _scope(name: str, columns: tuple[Column, ...]) -> ScopedTable:
    """All rows: the file is the user's own."""
    stored = {column.name: column.type for column in columns}
    return ScopedTable(DATABASE, name, exists=True, stored_columns=stored, predicate=None)


class FileSchema:
    """Fulfils `kql.schema.SchemaProvider`: the files first, then, if there is one, what `behind` knows."""

    def __init__(
        self,
        tables: dict[str, tuple[Column, ...]],
        behind: tuple[SchemaProvider, QueryScope] | None = None,
    ) -> None:
        self._tables = tables
        self._behind = behind

    def before(self, provider: SchemaProvider, scope: QueryScope) -> FileSchema:
        """Return the same files in front of another schema; a file hides a table of its name."""
        return FileSchema(self._tables, (provider, scope))

    @property
    def scope(self) -> QueryScope:
        """The tables of the files, and those of the scope behind."""
        own: Tables = {
            TableReference(None, name): (_scope(name, columns),) for name, columns in self._tables.items()
        }
        # The scope behind fills as its names are found, so it is looked at, not copied.
        return QueryScope(ChainMap(own, cast("Tables", self._behind[1].tables)) if self._behind else own)

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        if reference.workspace is None and reference.name in self._tables:
            return TableSymbol(reference, RowSchema(self._tables[reference.name]))
        return self._behind[0].find_table(reference) if self._behind else None

    def has_workspace(self, workspace: str) -> bool:
        return self._behind is not None and self._behind[0].has_workspace(workspace)

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        if workspace is None:
            for name in sorted(self._tables):
                yield TableSymbol(TableReference(None, name), RowSchema(self._tables[name]))
        if self._behind is not None:
            for symbol in self._behind[0].iter_tables(workspace):
                if workspace is not None or symbol.reference.name not in self._tables:
                    yield symbol

    def table_names(self) -> Iterable[str]:
        yield from self._tables
        if self._behind is not None:
            yield from self._behind[0].table_names()

    def find_function(self, name: str) -> StoredFunction | None:
        return self._behind[0].find_function(name) if self._behind else None
