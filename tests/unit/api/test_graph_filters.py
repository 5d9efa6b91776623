from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.api.graph.filters import parse_filter
from kelp.base.errors import Category, ServiceError

PROPERTIES = ("id", "displayName", "mail", "accountEnabled", "servicePrincipalNames")
ADA = {
    "id": "5f9b5d4e-0000-4000-8000-00000000000a",
    "displayName": "Ada's",
    "mail": None,
    "accountEnabled": True,
}
APPLICATION = {"id": "1", "displayName": "Importer", "servicePrincipalNames": ["ABC", "https://importer"]}


@pytest.mark.parametrize(
    "text, document, holds",
    [
        ("", ADA, True),
        ("displayName eq 'ada''s'", ADA, True),
        ("displayname ne 'ada''s'", ADA, False),
        ("mail eq null and accountEnabled eq true", ADA, True),
        ("mail ne null or not accountEnabled eq false", ADA, True),
        ("not (accountEnabled eq true or mail eq null)", ADA, False),
        ("startswith(displayName,'AD')", ADA, True),
        ("endsWith(displayName, 'x')", ADA, False),
        ("startswith(mail,'a')", ADA, False),
        (f"id eq {ADA['id']}", ADA, True),
        ("servicePrincipalNames/any(c:c eq 'abc')", APPLICATION, True),
        ("servicePrincipalNames/any(x: x eq 'abcd')", APPLICATION, False),
        ("displayName eq 'Importer' or displayName eq 'b' and id eq '2'", APPLICATION, True),
    ],
)
def test_what_a_filter_lets_through(text: str, document: dict[str, Any], holds: bool) -> None:
    assert parse_filter(text, PROPERTIES)(document) is holds


@pytest.mark.parametrize(
    "text, why",
    [
        ("displayName", "ends too early"),
        ("displayName eq", "ends too early"),
        ("displayName eq ada", "no value"),
        ("displayName lt 'a'", "not one of eq, ne"),
        ("nonsense eq 'a'", "not a property"),
        ("(id eq '1'", "')' is expected"),
        ("id eq '1') or", "not expected there"),
        ("startswith(displayName,true)", "take a text"),
        ("servicePrincipalNames/any(c:d eq 'abc')", "any() is offered"),
        ("id eq '1' § id eq '2'", "can't be read"),
        ("(" * 40 + "id eq '1'" + ")" * 40, "too deeply"),
        ("id eq '" + "1" * 5000 + "'", "longer than"),
    ],
)
def test_what_is_refused_and_why(text: str, why: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        parse_filter(text, PROPERTIES)
    assert (refusal.value.category, refusal.value.target) == (Category.INVALID, "$filter")
    assert why in refusal.value.message


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "id",
                "displayName",
                "eq",
                "ne",
                "and",
                "or",
                "not",
                "(",
                ")",
                "'a'",
                "true",
                "null",
                ",",
                "/any",
                ":",
                "startswith",
                "'",
                "☃",
                "1",
            ]
        )
        | st.text(max_size=5),
        max_size=25,
    )
)
def test_any_text_is_a_filter_or_refused(words: list[str]) -> None:
    with suppress(ServiceError):
        parse_filter(" ".join(words), PROPERTIES)(ADA)
