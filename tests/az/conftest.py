"""One server and one sign-in for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.az.command_line import Az, sign_in


@pytest.fixture(scope="session")
def az(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Az]:
    with sign_in(tmp_path_factory.mktemp("az")) as az:
        yield az
