"""The repository as the architecture tests read it: files, functions, and the waivers they were granted."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "src"
WAIVERS = Path(__file__).with_name("waivers.toml")


@dataclass(frozen=True)
class Waiver:
    """Leave for one target to break one rule, up to a measure, for a reason."""

    rule: str
    target: str
    limit: int
    reason: str


@cache
def list_files() -> tuple[Path, ...]:
    """Return what the repository holds: tracked files and new ones that are not ignored."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


def iter_python_files(below: Path = ROOT) -> Iterator[Path]:
    """Yield the Python modules in a folder of the repository."""
    return (path for path in list_files() if path.suffix == ".py" and path.is_relative_to(below))


@cache
def parse_module(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def iter_functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function and method of a module with its name as `file::Class.function`."""

    def descend(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_path(path)}::{prefix}{child.name}", child
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from descend(child, f"{prefix}{child.name}.")
            else:
                yield from descend(child, prefix)

    return descend(parse_module(path), "")


def name_path(path: Path) -> str:
    """Return the path as reports and waivers spell it."""
    return path.relative_to(ROOT).as_posix()


@cache
def load_waivers() -> tuple[Waiver, ...]:
    """Read the waivers."""
    document = tomllib.loads(WAIVERS.read_text(encoding="utf-8"))
    return tuple(Waiver(**entry) for entry in document.get("waiver", []))


def judge(rule: str, measured: Mapping[str, int], limit: int) -> list[str]:
    """Return what breaks the rule without a waiver, and the waivers of the rule that nothing needs."""
    waived = {waiver.target: waiver for waiver in load_waivers() if waiver.rule == rule}
    over = {target: measure for target, measure in measured.items() if measure > limit}
    return [
        *_iter_breaches(rule, over, limit, waived),
        *(f"stale waiver: {rule} {target}" for target in waived if target not in over),
    ]


def _iter_breaches(
    rule: str, over: Mapping[str, int], limit: int, waived: Mapping[str, Waiver]
) -> Iterable[str]:
    for target, measure in over.items():
        allowed = waived[target].limit if target in waived else limit
        if measure > allowed:
            yield f"{rule}: {target} has {measure}, allowed {allowed}"
