"""Shapes of documents as JSON Schema (draft 2020-12), as OpenAPI 3.1 holds it."""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from kelp.resources.shape import (
    Anything,
    Choice,
    Duration,
    Email,
    Entries,
    Guid,
    Items,
    Moment,
    Named,
    Nullable,
    Number,
    Path,
    Record,
    Shape,
    Text,
    Truth,
    Url,
    Whole,
)

Schema: TypeAlias = dict[str, Any]
_UNBOUNDED_CHARACTERS = Text().maximum


class Schemas:
    """The schemas of shapes that have names, collected while others refer to them."""

    def __init__(self) -> None:
        self.by_name: dict[str, Schema] = {}

    def of(self, shape: Shape) -> Schema:
        """Return the schema of a shape. Raises `ValueError` where two shapes have one name."""
        match shape:
            case Named():
                return self._refer(shape)
            case Nullable():
                return {"anyOf": [self.of(shape.of), {"type": "null"}]}
            case Record():
                return self._of_record(shape)
            case Items():
                bounds = {"minItems": shape.minimum} if shape.minimum else {}
                return {"type": "array", "items": self.of(shape.of), **bounds, "maxItems": shape.maximum}
            case Entries():
                return {"type": "object", "additionalProperties": self.of(shape.of)}
            case Anything():
                return {}
            case Whole() | Number():
                kind = "integer" if isinstance(shape, Whole) else "number"
                return {"type": kind} | _present(minimum=shape.minimum, maximum=shape.maximum)
            case Truth():
                return {"type": "boolean"}
            case Text() | Choice() | Moment() | Duration() | Guid() | Email() | Url() | Path():
                return {"type": "string"} | _limits_of(shape)
            case _ as unreachable:
                assert_never(unreachable)

    def _refer(self, shape: Named) -> Schema:
        schema = self.of(shape.of)
        if self.by_name.setdefault(shape.name, schema) != schema:
            raise ValueError(f"Two shapes are named {shape.name}.")
        return {"$ref": f"#/components/schemas/{shape.name}"}

    def _of_record(self, shape: Record) -> Schema:
        members: dict[str, Schema] = {}
        for name, member in shape.members.items():
            members[name] = self.of(member)
            if name in shape.defaults:
                members[name] |= {"default": shape.defaults[name]}
        members |= {name: {"readOnly": True} | members.get(name, {}) for name in shape.read_only}
        required = sorted(shape.required)
        return {"type": "object", "properties": members} | ({"required": required} if required else {})


def _limits_of(shape: Text | Choice | Moment | Duration | Guid | Email | Url | Path) -> Schema:
    match shape:
        case Text():
            return _present(
                minLength=shape.minimum or None,
                maxLength=shape.maximum if shape.maximum < _UNBOUNDED_CHARACTERS else None,
                pattern=f"^(?:{shape.pattern})$" if shape.pattern is not None else None,
                description=shape.rule or None,
            )
        case Choice():
            return {"enum": list(shape.words)}
        case Path():
            of = f" of a {' or '.join(shape.types)}" if shape.types else ""
            return {"pattern": "^/", "description": f"The resource id{of}."}
        case Moment():
            return {"format": "date-time"}
        case Duration():
            return {"format": "duration"}
        case Guid():
            return {"format": "uuid"}
        case Email():
            return {"format": "email"}
        case Url():
            return {"format": "uri"}
        case _ as unreachable:
            assert_never(unreachable)


def _present(**limits: object) -> Schema:
    return {name: limit for name, limit in limits.items() if limit is not None}


def loosen(record: Record) -> Record:
    """Return a shape whose members may all be left out, as a document that changes another leaves them."""
    members = {
        name: loosen(member) if isinstance(member, Record) else member
        for name, member in record.members.items()
    }
    return Record(members, read_only=record.read_only)
