"""The shared corpus of queries, where a checkout has it beside the repository. It is never copied into it."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[3] / "shared" / "kql"
FILES = ("docs-cases-dev.jsonl", "hunting-queries-dev.jsonl")
REFUSED = Path(__file__).with_name("corpus_not_kql.toml")


@cache
def load_queries() -> dict[str, str]:
    """Return the text of every query by id; skips the test where the corpus is absent."""
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of queries is not at {CORPUS}")
    cases = [json.loads(line) for name in FILES for line in (CORPUS / name).read_text("utf-8").splitlines()]
    return {case["id"]: case["query"] for case in cases}


@cache
def load_refused() -> dict[str, str]:
    """Return the reason for each query that is known not to be read."""
    listed = tomllib.loads(REFUSED.read_text("utf-8"))
    return {name: entry["reason"] for name, entry in listed.items()}
