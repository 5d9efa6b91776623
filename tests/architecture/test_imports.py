"""What importing costs and needs: the language needs nothing, and no module does work when it is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source_tree import PRODUCT, iter_python_files, name_path, parse_module

PURE_PACKAGES = ("kql", "plan", "clickhouse")
HOMES = {
    "chdb": {"engine"},
    "clickhouse_connect": {"engine"},
    "obstore": {"blobs"},
    "starlette": {"api", "app"},
    "uvicorn": {"app", "cli"},
    "typer": {"cli"},
    "rich": {"cli"},
}
"""Dependencies that only some packages may import, so that nothing else depends on how they work."""


def list_imports() -> Iterator[tuple[Path, str, str]]:
    """Yield each import of the product: the module it is in, the package of that, the full name imported."""
    for path in iter_python_files(PRODUCT):
        package = path.relative_to(PRODUCT / "kelp").with_suffix("").parts[0]
        for node in ast.walk(parse_module(path)):
            if isinstance(node, ast.Import):
                yield from ((path, package, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path, package, node.module


def test_pure_packages_import_no_dependency() -> None:
    found = [
        (name_path(path), name)
        for path, package, name in list_imports()
        if package in PURE_PACKAGES and name.split(".")[0] not in {*sys.stdlib_module_names, "kelp"}
    ]
    assert found == []


def test_a_dependency_stays_in_its_home() -> None:
    found = [
        (name_path(path), name)
        for path, package, name in list_imports()
        if package not in HOMES.get(name.split(".")[0], {package})
    ]
    assert found == []


def run_python(program: str, *options: str) -> str:
    """Run a program in a fresh interpreter with only `src` on its path in front; return what it printed."""
    prelude = f"import sys; sys.dont_write_bytecode = True; sys.path.insert(0, {str(PRODUCT)!r})\n"
    command = [sys.executable, *options, "-c", prelude + textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_language_imports_with_the_standard_library_alone() -> None:
    printed = run_python(
        """
        import importlib, pkgutil
        import kelp.kql
        for module in pkgutil.walk_packages(kelp.kql.__path__, "kelp.kql."):
            importlib.import_module(module.name)
        print([name for name in sys.modules if name.startswith("kelp.") and not name.startswith("kelp.kql")])
        """,
        "-I",
        "-S",
    )
    assert printed == "[]"


def test_importing_does_no_work() -> None:
    """Every module in one interpreter: nothing written, no network, no process, no thread, no look at the environment."""
    printed = run_python(
        """
        import importlib, os, pkgutil, threading
        deeds = []
        forbidden = ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename")

        def watch(event, arguments):
            written = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
            if written or event in forbidden:
                deeds.append((event, str(arguments[0])))

        class WatchedEnvironment(type(os.environ)):
            def __getitem__(self, key):
                frame = sys._getframe(1)
                while "/_collections_abc.py" in frame.f_code.co_filename or frame.f_code.co_filename.endswith("os.py"):
                    frame = frame.f_back
                if "/src/kelp/" in frame.f_code.co_filename:
                    deeds.append(("environment", key))
                return super().__getitem__(key)

        os.environ.__class__ = WatchedEnvironment
        sys.addaudithook(watch)
        import kelp
        for module in pkgutil.walk_packages(kelp.__path__, "kelp."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        deeds += [("thread", thread.name) for thread in threading.enumerate() if thread.name != "MainThread"]
        print(deeds)
        """,
        "-I",
    )
    assert printed == "[]"
