"""Names say what a thing is; names that fit anything are not used."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.source_tree import PRODUCT, iter_functions, iter_python_files, name_path

FORBIDDEN_MODULES = {
    "common",
    "core",
    "data",
    "handler",
    "handlers",
    "helper",
    "helpers",
    "info",
    "manager",
    "misc",
    "model",
    "models",
    "shared",
    "util",
    "utils",
}
FORBIDDEN_WORDS_IN_MODULES = {"common", "handler", "helper", "helpers", "manager", "misc", "util", "utils"}
FORBIDDEN_VERBS = re.compile(r"^_?(do|handle|manage|process)(_|$)")


def is_named_well(path: Path) -> bool:
    parts = path.relative_to(PRODUCT).with_suffix("").parts
    words = {word for part in parts for word in part.split("_")}
    return all(part.islower() for part in parts) and not (
        FORBIDDEN_MODULES & set(parts) or FORBIDDEN_WORDS_IN_MODULES & words
    )


def test_modules_and_packages_are_named_after_their_concept() -> None:
    assert [name_path(path) for path in iter_python_files(PRODUCT) if not is_named_well(path)] == []


def test_functions_are_named_after_what_they_do() -> None:
    names = (name for path in iter_python_files(PRODUCT) for name, _ in iter_functions(path))
    assert [name for name in names if FORBIDDEN_VERBS.match(re.split(r"[.:]", name)[-1])] == []
