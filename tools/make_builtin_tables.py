"""Write `src/kelp/catalog/tables/standard_tables.json` from a harvested schema file.

    python tools/make_builtin_tables.py [--documented-only] SCHEMAS_FOLDER

SCHEMAS_FOLDER holds `tables.json` and `analyzer-origin.json`. The output has one table a line, so that a difference
between two versions can be read. `--documented-only` leaves out the tables and columns that only the second source
knows (see the README beside the output).
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "src/kelp/catalog/tables/standard_tables.json"

TYPES = frozenset({"bool", "datetime", "dynamic", "guid", "int", "long", "real", "string"})

# Published queries use them though the harvested documents do not list them.
ADDITIONS = {"Heartbeat": {"SourceComputerId": "string"}}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def write_tables(folder: Path, *, documented_only: bool) -> int:
    """Write the output and return how many tables it holds."""
    tables = json.loads((folder / "tables.json").read_text("utf-8"))
    origin = json.loads((folder / "analyzer-origin.json").read_text("utf-8"))
    undocumented = {*origin["tables_sentinel"], *origin["tables_m365"]} if documented_only else set()
    lines = []
    for name in sorted(tables):
        if name in undocumented:
            continue
        table = tables[name]
        columns = table["columns"] | ADDITIONS.get(name, {})
        if documented_only:
            only_there = {column for found in origin["columns"].get(name, {}).values() for column in found}
            columns = {column: type_ for column, type_ in columns.items() if column not in only_there}
        document = {
            "columns": pack_columns(name, columns),
            "categories": table["categories"],
            "solutions": table["solutions"],
            "resourceTypes": table["resource_types"],
            "basic": bool(table["basic"]),
        }
        lines.append(f'"{name}":{json.dumps(document, separators=(",", ":"))}')
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return len(lines)


def pack_columns(table: str, columns: dict[str, str]) -> str:
    """Return `Name` for a string and `Name:type` for the rest, separated by blanks."""
    for column, type_ in columns.items():
        if not _NAME.fullmatch(column) or type_ not in TYPES:
            raise SystemExit(f"{table}.{column}: {type_} can't be written")
    return " ".join(name if type_ == "string" else f"{name}:{type_}" for name, type_ in columns.items())


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with tables.json and analyzer-origin.json")
    parser.add_argument("--documented-only", action="store_true")
    arguments = parser.parse_args()
    count = write_tables(arguments.folder, documented_only=arguments.documented_only)
    print(f"{count} tables, {OUTPUT.stat().st_size:,} bytes: {OUTPUT}")


if __name__ == "__main__":
    main()
