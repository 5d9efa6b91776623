"""The pages that are generated from the code say what the code says now."""

from __future__ import annotations

from types import ModuleType

import pytest

from tools import api_compatibility_page, kql_support_page, settings_page

GENERATORS = (settings_page, kql_support_page, api_compatibility_page)


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda one: one.PAGE.name)
def test_the_page_is_fresh(generator: ModuleType) -> None:
    assert generator.PAGE.read_text(encoding="utf-8") == generator.render(), "run: make docs"
