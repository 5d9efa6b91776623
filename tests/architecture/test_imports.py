"""What importing costs and needs: the language needs nothing, and no module does work when it is imported."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from tests.architecture.source_tree import PRODUCT


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
