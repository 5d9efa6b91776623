"""The pages that are generated from the code say what the code says now."""

from __future__ import annotations

from types import ModuleType

import pytest

from tools import kql_support_page, settings_page


@pytest.mark.parametrize("generator", [settings_page, kql_support_page], ids=lambda one: one.PAGE.name)
def test_the_page_is_fresh(generator: ModuleType) -> None:
    assert generator.PAGE.read_text(encoding="utf-8") == generator.render(), "run: make docs"
