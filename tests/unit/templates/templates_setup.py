"""A place to deploy to, and short ways to ask what a template comes to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kelp.base.ids import ResourceId
from kelp.templates.evaluation import evaluate_text
from kelp.templates.scope import Place, Scope
from kelp.templates.template import CompiledTemplate, compile_template

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def make_place(scope: str = GROUP) -> Place:
    return Place(
        scope=ResourceId.parse(scope),
        tenant={"tenantId": "t"},
        subscription={"id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionId": SUBSCRIPTION},
        group={"id": GROUP, "name": "g", "location": "local"} if scope == GROUP else None,
        deployment={"name": "d"},
        environment={"name": "Kelp"},
        now=datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC),
        new_guid=lambda: "00000000-0000-0000-0000-000000000001",
    )


def value_of(text: str, **members: Any) -> Any:
    return evaluate_text(text, Scope(make_place(), **members))


def compile_document(
    given: Mapping[str, Any] | None = None, scope: str = GROUP, **sections: Any
) -> CompiledTemplate:
    document = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [], **sections}
    values = {name: {"value": value} for name, value in (given or {}).items()}
    return compile_template(document, values, make_place(scope))


def resource(name: str, kind: str = "Microsoft.X/things", **more: Any) -> dict[str, Any]:
    return {"type": kind, "apiVersion": "2026-01-01", "name": name, **more}
