"""Secrets that Kelp makes."""

from __future__ import annotations

import secrets
from itertools import chain, repeat

import pytest

from kelp.identity.secrets_hash import new_secret


def test_no_secret_looks_like_an_option_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = chain(["-first", "--second", "third-"], repeat("fourth"))
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: next(drawn))
    assert new_secret() == "third-"
