"""Shapes as JSON Schema, and shapes found by watching what reads a document."""

from __future__ import annotations

from enum import StrEnum

import pytest

from kelp.api.json_schema import Schemas, loosen
from kelp.api.management.reader import DocumentReader
from kelp.api.management.watched_reader import watch
from kelp.resources.shape import (
    Choice,
    Entries,
    Guid,
    Items,
    Named,
    Nullable,
    Number,
    Record,
    Text,
    Truth,
    Whole,
)


class Colour(StrEnum):
    RED = "Red"
    BLUE = "Blue"


def read_thing(reader: DocumentReader) -> None:
    properties = reader.section("properties")
    properties.choice("colour", Colour.RED)
    properties.find_integer("days")
    for part in properties.sections("parts"):
        part.text("name")
    for _, option in properties.named_sections("options"):
        option.find_boolean("on")
    reader.tags()
    if reader.find_text("kind") is None:
        reader.refuse("kind", "There is no kind.")


def test_a_shape_is_found_by_watching_what_reads_it() -> None:
    assert watch(read_thing) == Record(
        {
            "tags": Entries(Text()),
            "kind": Text(),
            "properties": Record(
                {
                    "colour": Choice(("Red", "Blue")),
                    "days": Whole(),
                    "parts": Items(Record({"name": Text()})),
                    "options": Entries(Record({"on": Truth()})),
                }
            ),
        }
    )


def test_each_limit_is_told() -> None:
    schemas = Schemas()
    shape = Record(
        {
            "name": Text(64, 1, pattern="[a-z]+", rule="lower case"),
            "share": Number(0, 1),
            "of": Nullable(Guid()),
            "days": Whole(),
            "many": Items(Choice(("a", "b")), minimum=1, maximum=3),
        },
        required=("name",),
        defaults={"share": 0.5},
        read_only=("days", "made"),
    )
    assert schemas.of(shape) == {
        "type": "object",
        "properties": {
            "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "pattern": "^(?:[a-z]+)$",
                "description": "lower case",
            },
            "share": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
            "of": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
            "days": {"readOnly": True, "type": "integer"},
            "many": {
                "type": "array",
                "items": {"type": "string", "enum": ["a", "b"]},
                "minItems": 1,
                "maxItems": 3,
            },
            "made": {"readOnly": True},
        },
        "required": ["name"],
    }


def test_a_name_stands_for_one_shape() -> None:
    schemas = Schemas()
    assert schemas.of(Named("Thing", Text())) == {"$ref": "#/components/schemas/Thing"}
    assert schemas.of(Named("Thing", Text())) == {"$ref": "#/components/schemas/Thing"}
    assert schemas.by_name == {"Thing": {"type": "string"}}
    with pytest.raises(ValueError, match="Two shapes are named Thing"):
        schemas.of(Named("Thing", Truth()))


def test_a_change_may_leave_out_what_a_whole_document_may_not() -> None:
    whole = Record({"properties": Record({"a": Text()}, required=("a",))}, required=("properties",))
    assert loosen(whole) == Record({"properties": Record({"a": Text()})})
