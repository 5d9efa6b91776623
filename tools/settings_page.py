"""Writes docs/reference/settings.md from the declarations in kelp.base.settings. Run by `make docs`."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from kelp.base.settings import Declaration, Settings, iter_declarations

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"

_INTRODUCTION = """\
# Settings

This page is generated from `src/kelp/base/settings.py` by `make docs`.

A setting is taken from the first of these that gives it: a flag of the command, an environment variable `KELP_*`, the
file named by `--config` (TOML), its default. Whatever is unknown, of the wrong type or out of range is refused at the
start, all of it at once and with the nearest known name. A file looks like this:

```toml
data = "/var/lib/kelp"

[server]
host = "0.0.0.0"

[query]
maximum_rows = 100000
```
"""


def render() -> str:
    """Return the page as it should be."""
    parts = [_INTRODUCTION]
    for section, declarations in groupby(iter_declarations(), key=lambda one: one.section):
        parts.append(f"## {f'`[{section}]`' if section else 'Top level'}\n")
        if section:
            parts.append(_section_sentence(section) + "\n")
        parts.append("| Setting | Variable | Default | Meaning |\n|---|---|---|---|")
        parts.extend(_render_row(declaration) for declaration in declarations)
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _section_sentence(section: str) -> str:
    (kind,) = (field.default_factory for field in dataclasses.fields(Settings) if field.name == section)
    return str(kind.__doc__)


def _render_row(declaration: Declaration) -> str:
    default = declaration.default
    shown = {None: "none", "": "empty"}.get(default) if default in (None, "") else f"`{_spell(default)}`"
    meaning = declaration.description + _render_range(declaration)
    return f"| `{declaration.key}` | `{declaration.variable}` | {shown} | {meaning} |"


def _render_range(declaration: Declaration) -> str:
    if isinstance(declaration.kind, type) and issubclass(declaration.kind, StrEnum):
        return f" One of {', '.join(f'`{member}`' for member in declaration.kind)}."
    match declaration.minimum, declaration.maximum:
        case None, None:
            return ""
        case low, None:
            return f" At least {_spell(low)}."
        case low, high:
            return f" From {_spell(low)} to {_spell(high)}."


def _spell(value: object) -> str:
    """Write a value as TOML takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:_}" if isinstance(value, int | float) and value >= 10_000 else str(value)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
