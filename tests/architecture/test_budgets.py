"""Functions and modules stay small enough to be proofread."""

from __future__ import annotations

import ast

from tests.architecture.source_tree import (
    PRODUCT,
    iter_functions,
    iter_python_files,
    judge,
    load_waivers,
    name_path,
    parse_module,
)

FUNCTION_LINES = 60
MODULE_LINES = 600
RULES = {"function-lines", "module-lines", "catch-all"}


def test_functions_are_short() -> None:
    lengths = {
        name: (function.end_lineno or function.lineno) - function.lineno + 1
        for path in iter_python_files()
        for name, function in iter_functions(path)
    }
    assert judge("function-lines", lengths, FUNCTION_LINES) == []


def test_modules_are_short() -> None:
    lengths = {
        name_path(path): len(path.read_text(encoding="utf-8").splitlines()) for path in iter_python_files()
    }
    assert judge("module-lines", lengths, MODULE_LINES) == []


def is_docstring_or_export(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def test_package_files_only_export() -> None:
    assert [
        (name_path(path), ast.unparse(statement))
        for path in iter_python_files(PRODUCT)
        if path.name == "__init__.py"
        for statement in parse_module(path).body
        if not is_docstring_or_export(statement)
    ] == []


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in iter_python_files(PRODUCT)}
    assert [name_path(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def swallows(handler: ast.ExceptHandler) -> bool:
    """Tell whether the handler catches everything and does not raise it again at its end."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {one.id if isinstance(one, ast.Name) else None if one is None else "" for one in caught}
    raises_again = isinstance(handler.body[-1], ast.Raise)
    return bool(names & {None, "Exception", "BaseException"}) and not raises_again


def test_nothing_swallows_every_exception() -> None:
    counts = {
        name_path(path): sum(
            isinstance(node, ast.ExceptHandler) and swallows(node) for node in ast.walk(parse_module(path))
        )
        for path in iter_python_files(PRODUCT)
    }
    assert judge("catch-all", counts, 0) == []


def test_each_waiver_names_a_rule_and_a_reason() -> None:
    assert [one for one in load_waivers() if one.rule not in RULES or len(one.reason) < 20] == []
