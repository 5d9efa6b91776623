"""Writes portal/src/api/schema.d.ts: what the server's own description says that the portal's requests take and give.

`make portal-types` writes it, `make check` calls it with `--check` and fails where it is not as it should be. Only what
the pages name is written: the routes that they `ask`, and the schemas that they take as `Schemas['...']`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from kelp.cli.api_description import describe_api

PORTAL = Path(__file__).parents[1] / "portal"
TYPES = PORTAL / "src" / "api" / "schema.d.ts"
_OWN_NODE = PORTAL / ".node" / "bin"
_ROUTE = re.compile(r"'((?:GET|POST|PUT|PATCH|DELETE) /[^']*)'")
_SCHEMA = re.compile(r"Schemas\['(\w+)'\]")
_REFERENCE = "#/components/schemas/"
_SHAPING = frozenset(
    ("type", "properties", "required", "items", "additionalProperties", "anyOf", "enum", "$ref", "const")
)
"""What of a JSON Schema makes a type; the rest is limits."""

Document: TypeAlias = dict[str, Any]


def main() -> None:
    """Write the types, or with `--check` tell whether they are as they should be."""
    made = _print_types(_select(json.loads(describe_api())))
    if "--check" not in sys.argv:
        TYPES.write_text(made, encoding="utf-8")
    elif not TYPES.exists() or TYPES.read_text(encoding="utf-8") != made:
        sys.exit(f"{TYPES.name} is not what the server describes: make portal-types")


def _select(document: Document) -> Document:
    """Return a description that has nothing but schemas: `Routes` by method and path, and what else is named."""
    sources = [
        path.read_text(encoding="utf-8")
        for path in sorted((PORTAL / "src").rglob("*.ts*"))
        if path != TYPES and ".test." not in path.name
    ]
    asked = {name for text in sources for name in _ROUTE.findall(text)}
    routes = {
        name: _describe_route(operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if (name := f"{method.upper()} {path}") in asked
    }
    known = document["components"]["schemas"]
    schemas: Document = {"Routes": _record({name: routes[name] for name in sorted(routes)})}
    wanted = {name for text in sources for name in _SCHEMA.findall(text)} | set(_iter_references(schemas))
    unknown = (asked - routes.keys()) | (wanted - known.keys())
    if unknown:
        sys.exit(f"The portal names what the server does not describe: {', '.join(sorted(unknown))}")
    while wanted:
        name = wanted.pop()
        schemas[name] = _bare(known[name])
        wanted |= set(_iter_references(schemas[name])) - schemas.keys()
    head = {"openapi": "3.1.0", "info": {"title": "Kelp", "version": "0"}, "paths": {}}
    return {**head, "components": {"schemas": dict(sorted(schemas.items()))}}


def _describe_route(operation: Document) -> Document:
    query = [one for one in operation["parameters"] if one.get("in") == "query"]
    parts: dict[str, Document] = {}
    if query:
        required = [one["name"] for one in query if one.get("required")]
        members = {one["name"]: _bare(one["schema"]) for one in query}
        parts["query"] = {"type": "object", "properties": members, "required": required}
    if "requestBody" in operation:
        parts["body"] = _content_of(operation["requestBody"])
    given = [_content_of(answer) for status, answer in operation["responses"].items() if status < "3"]
    parts["gives"] = next((one for one in given if one), {"type": "null"})
    return _record(parts)


def _content_of(body: Document) -> Document:
    content = body.get("content", {})
    return _bare(content["application/json"]["schema"]) if "application/json" in content else {}


def _record(members: Mapping[str, Document]) -> Document:
    return {"type": "object", "properties": dict(members), "required": sorted(members)}


def _bare(schema: Document) -> Document:
    """Return a schema without limits, words, and what else makes no type."""
    bare: Document = {}
    for name, value in schema.items():
        if name not in _SHAPING:
            continue
        if name == "properties":
            bare[name] = {member: _bare(of) for member, of in value.items()}
        elif name == "anyOf":
            bare[name] = [_bare(one) for one in value]
        else:
            bare[name] = _bare(value) if isinstance(value, dict) else value
    return bare


def _iter_references(schema: object) -> Iterator[str]:
    match schema:
        case {"$ref": str(reference)}:
            yield reference.removeprefix(_REFERENCE)
        case dict():
            for one in schema.values():
                yield from _iter_references(one)
        case list():
            for one in schema:
                yield from _iter_references(one)


def _print_types(document: Document) -> str:
    environment = {**os.environ, "PATH": f"{_OWN_NODE}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as folder:
        description, types = Path(folder) / "api.json", Path(folder) / "api.d.ts"
        description.write_text(json.dumps(document), encoding="utf-8")
        command = [str(PORTAL / "node_modules" / ".bin" / "openapi-typescript"), str(description)]
        command += ["--immutable", "--output", str(types)]
        subprocess.run(command, check=True, capture_output=True, env=environment)
        return types.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
