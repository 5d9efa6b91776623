"""Prints what the directory answers: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_GAP = "  "


def print_objects(objects: Sequence[Mapping[str, Any]], members: Sequence[str], *, as_json: bool) -> None:
    """Print a list: the members as columns, or everything as JSON."""
    if as_json:
        print(json.dumps(list(objects), indent=2, ensure_ascii=False))
        return
    rows = [[_show(one.get(member)) for member in members] for one in objects]
    widths = [max(map(len, column)) for column in zip(members, *rows, strict=True)]
    for row in (list(members), *rows):
        print(_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_object(found: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one object: a line for each member that has a value, or JSON."""
    shown = {key: value for key, value in found.items() if not key.startswith("@")}
    if as_json:
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    present = {key: value for key, value in shown.items() if value not in (None, [], "", {})}
    width = max(map(len, present), default=0)
    for key, value in present.items():
        print(f"{key.ljust(width)}{_GAP}{_show(value)}")


def _show(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
