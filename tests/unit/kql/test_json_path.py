from __future__ import annotations

import pytest

from kelp.kql.json_path import Step, parse_json_path


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$", ()),
        ("$.a", ("a",)),
        (" $.a.b_c-d ", ("a", "b_c-d")),
        ("$['a b'].c", ("a b", "c")),
        ('$["it\'s"]["x"]', ("it's", "x")),
        (r"$['it\'s']", ("it's",)),
        ("$[0][-1].a[2]", (0, -1, "a", 2)),
        ("$.['a']", ("a",)),
        ("$.é", ("é",)),
    ],
)
def test_paths_of_names_and_positions(text: str, steps: tuple[Step, ...]) -> None:
    assert parse_json_path(text) == steps


@pytest.mark.parametrize(
    "text", ["", "a", "a.b", "$..a", "$.*", "$[*]", "$.a[?(@.b)]", "$.a[", "$a", "$.", "$[1:2]"]
)
def test_anything_else_is_no_path(text: str) -> None:
    assert parse_json_path(text) is None
