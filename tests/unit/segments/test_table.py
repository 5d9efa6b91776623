"""The table of segment functions holds what the language declares and the modules have, and no server imports them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

from kelp.kql.functions.table import function_table
from kelp.segments.table import SCALAR_TOPICS, TABULAR_TOPICS, find_scalar


def test_every_declared_function_is_there() -> None:
    declared = function_table().segments
    assert sorted(name for names in SCALAR_TOPICS.values() for name in names) == sorted(declared)
    assert [name for name in declared if find_scalar(name) is None] == []


def test_every_module_has_what_the_table_says() -> None:
    for topic, names in SCALAR_TOPICS.items():
        assert sorted(import_module(f"kelp.segments.{topic}").FUNCTIONS) == sorted(names)
    for topic in set(TABULAR_TOPICS.values()):
        assert callable(import_module(f"kelp.segments.{topic}").compute)


def test_no_server_imports_them() -> None:
    program = (
        "import sys, kelp.app.server, kelp.cli.offline_query\n"
        "found = [name for name in sys.modules if name.startswith(('scipy', 'sklearn', 'shapely', 'ua_parser'))]\n"
        "found += [name for name in sys.modules if name.startswith('kelp.segments.')]\n"
        "print(sorted(found))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['kelp.segments.framing']"
