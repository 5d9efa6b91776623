"""Documents to plans: parameters, variables, loops, conditions, order; and everything wrong told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kelp.base.ids import ResourceId
from kelp.templates.errors import InvalidTemplate
from kelp.templates.template import (
    CompiledTemplate,
    compute_body,
    compute_outputs,
    quote_value,
    shown_parameters,
)
from tests.unit.templates.templates_setup import GROUP, SUBSCRIPTION, compile_document, resource, value_of


class Deployed:
    """Stands for what is deployed: a reference is the id that was asked for."""

    def get_reference(self, resource_id: ResourceId, *, is_full: bool) -> Any:
        return {"id": str(resource_id), "full": is_full}

    def call_list(self, resource_id: ResourceId, function: str, body: Mapping[str, Any]) -> Any:
        return {"name": resource_id.name, "function": function}


def names_of(template: CompiledTemplate) -> list[str]:
    return [one.id.name for one in template.resources if one.is_deployed]


def problems_of(given: Mapping[str, Any] | None = None, **sections: Any) -> dict[str, str]:
    with pytest.raises(InvalidTemplate) as refused:
        compile_document(given, **sections)
    return {one.path: one.message for one in refused.value.problems}


def test_parameters_take_values_and_defaults() -> None:
    template = compile_document(
        {"Name": "given"},
        parameters={
            "name": {"type": "string", "defaultValue": "default"},
            "full": {
                "type": "STRING",
                "defaultValue": "[concat(parameters('NAME'), ' at ', utcNow('yyyy'))]",
            },
            "none": {"type": "object", "nullable": True},
            "secret": {"type": "secureString", "defaultValue": "hush"},
        },
        variables={"upper": "[toUpper(parameters('full'))]", "list": ["[variables('upper')]"]},
        resources=[resource("x", tags={"v": "[variables('list')[0]]"})],
        outputs={
            "seen": {"type": "string", "value": "[parameters('full')]"},
            "hidden": {"type": "securestring", "value": "[parameters('secret')]"},
        },
    )
    assert template.parameters == {"name": "given", "full": "given at 2026", "none": None, "secret": "hush"}
    assert compute_body(template.resources[0], Deployed())["tags"] == {"v": "GIVEN AT 2026"}
    assert compute_outputs(template, Deployed()) == {
        "seen": {"type": "String", "value": "given at 2026"},
        "hidden": {"type": "SecureString"},
    }
    shown = shown_parameters(template)
    assert shown["secret"] == {"type": "SecureString"}
    assert shown["name"] == {"type": "String", "value": "given"}
    assert template.secrets() == ("hush",)


def test_everything_wrong_with_parameters_is_told_at_once() -> None:
    found = problems_of(
        {"count": 11, "extra": 1, "size": "XL", "key": "abc"},
        parameters={
            "count": {"type": "int", "maxValue": 10},
            "size": {"type": "string", "allowedValues": ["S", "M"]},
            "key": {"type": "securestring", "minLength": 5},
            "missing": {"type": "bool"},
            "odd": {"type": "number", "defaultValue": "1"},
        },
    )
    assert found == {
        "parameters.count": "The value 11 is above the greatest one, 10.",
        "parameters.size": "The value 'XL' is not allowed; allowed: S, M.",
        "parameters.key": "The value has a length of 3, less than 5.",
        "parameters.missing": "The parameter 'missing' has no value and no default.",
        "parameters.odd.type": "'number' is not a type; allowed: string, securestring, int, bool, object, secureobject, array.",
        "parameters.extra": "The template declares no such parameter; it declares: count, size, key, missing, odd.",
    }


def test_a_secret_is_not_in_the_message_that_refuses_it() -> None:
    given = {"parameters": {"key": {"type": "securestring", "allowedValues": ["a"]}}}
    assert "hush" not in str(problems_of({"key": "hush"}, **given))


def test_everything_wrong_with_resources_is_told_at_once() -> None:
    found = problems_of(
        resources=[
            resource("a"),
            resource(
                "b",
                properties={
                    "x": "[nothing()]",
                    "y": ["[variables('no')]", "[concat('a'"],
                    "z": "[concat('a']",
                },
            ),
            resource("[parameters('no')]"),
            {"type": "Microsoft.X/things", "name": "c"},
            resource("d/e"),
            resource("f", condition="[1]"),
            resource("g", copy={"name": "loop"}),
            "h",
        ],
        outputs={"o": {"type": "string", "value": "[nothing()]"}},
    )
    assert set(found) == {
        "resources[2].name",
        "resources[3].apiVersion",
        "resources[4]",
        "resources[5].condition",
        "resources[6].copy",
        "resources[7]",
        "resources[1].properties.x",
        "resources[1].properties.y[0]",
        "resources[1].properties.z",
        "outputs.o.value",
    }
    found = problems_of(
        resources=[
            resource("a", dependsOn=["nothing"]),
            resource("b", properties={"x": "[nothing()]", "y": ["[variables('no')]"], "z": "[concat('a']"}),
        ],
        outputs={"o": {"type": "string", "value": "[nothing()]"}},
    )
    assert set(found) == {
        "resources[0].dependsOn",
        "resources[1].properties.x",
        "resources[1].properties.y[0]",
        "resources[1].properties.z",
        "outputs.o.value",
    }
    assert "position 11" in found["resources[1].properties.z"]


def test_resources_come_after_what_they_depend_on() -> None:
    template = compile_document(
        resources=[
            resource("last", dependsOn=["[resourceId('Microsoft.X/things', 'middle')]"]),
            resource("uses", properties={"x": "[reference('last').id]"}),
            resource("middle", dependsOn=["first", "Microsoft.X/things/other"]),
            resource("other"),
            resource("first"),
            resource("first/child", "Microsoft.X/things/parts"),
            resource("grant", "Microsoft.Authorization/roleAssignments", scope="Microsoft.X/things/first"),
        ],
    )
    names = names_of(template)
    for earlier, later in [
        ("first", "middle"),
        ("other", "middle"),
        ("middle", "last"),
        ("last", "uses"),
        ("first", "child"),
        ("first", "grant"),
    ]:
        assert names.index(earlier) < names.index(later), names


def test_a_circle_is_refused() -> None:
    found = problems_of(resources=[resource("a", dependsOn=["b"]), resource("b", dependsOn=["a"])])
    assert "in a circle" in found["resources"]


def test_variables_in_a_circle_are_refused() -> None:
    found = problems_of(variables={"a": "[variables('b')]", "b": "[variables('a')]"})
    assert "circle: a -> b -> a" in found["variables.a"]


def test_a_resource_twice_is_refused() -> None:
    found = problems_of(resources=[resource("a"), resource("A")])
    assert "first at resources[0]" in found["resources[1]"]


def test_copies() -> None:
    template = compile_document(
        parameters={"names": {"type": "array", "defaultValue": ["x", "y"]}},
        variables={
            "copy": [{"name": "made", "count": 3, "input": "[add(copyIndex('made'), 10)]"}],
            "inner": {"copy": [{"name": "list", "count": 2, "input": "[copyIndex('list', 1)]"}]},
        },
        resources=[
            resource(
                "[concat('r', copyIndex(1))]",
                copy={
                    "name": "loop",
                    "count": "[length(parameters('names'))]",
                    "mode": "serial",
                    "batchSize": 1,
                },
                properties={
                    "name": "[parameters('names')[copyIndex()]]",
                    "copy": [
                        {
                            "name": "rules",
                            "count": 2,
                            "input": {"n": "[add(copyIndex('rules'), copyIndex('loop'))]"},
                        }
                    ],
                },
            ),
            resource("after", dependsOn=["loop"]),
        ],
        outputs={
            "made": {"type": "array", "value": "[variables('made')]"},
            "inner": {"type": "array", "value": "[variables('inner').list]"},
            "each": {"type": "array", "copy": {"count": 2, "input": "[copyIndex()]"}},
        },
    )
    assert names_of(template) == ["r1", "r2", "after"]
    bodies = [compute_body(one, Deployed()) for one in template.resources]
    assert bodies[1]["properties"] == {"name": "y", "rules": [{"n": 1}, {"n": 2}]}
    outputs = {name: one["value"] for name, one in compute_outputs(template, Deployed()).items()}
    assert outputs == {"made": [10, 11, 12], "inner": [1, 2], "each": [0, 1]}


def test_a_loop_of_no_turns_makes_nothing_and_too_many_are_refused() -> None:
    loop = {"name": "loop", "count": 0}
    assert names_of(compile_document(resources=[resource("a", copy=loop), resource("b", dependsOn=[])])) == [
        "b"
    ]
    found = problems_of(resources=[resource("a", copy={"name": "loop", "count": 801})])
    assert "from 0 to 800" in found["resources[0].copy"]


def test_conditions_and_children() -> None:
    template = compile_document(
        resources=[
            resource("off", condition=False, resources=[resource("child", "parts")]),
            resource(
                "on", condition="[equals(1, 1)]", resources=[resource("child", "parts", dependsOn=["on"])]
            ),
            resource("after", dependsOn=["off"]),
        ],
    )
    assert [str(one.id) for one in template.resources if one.is_deployed] == [
        f"{GROUP}/providers/Microsoft.X/things/on",
        f"{GROUP}/providers/Microsoft.X/things/after",
        f"{GROUP}/providers/Microsoft.X/things/on/parts/child",
    ]


def test_symbolic_names_and_what_exists() -> None:
    template = compile_document(
        languageVersion="2.0",
        resources={
            "space": resource("there", existing=True),
            "user": resource("new", dependsOn=["space"], properties={"of": "[reference('space').id]"}),
        },
    )
    assert names_of(template) == ["new"]
    body = compute_body(template.resources[-1], Deployed())
    assert body["properties"]["of"].endswith("/things/there")


def test_scopes_of_a_subscription() -> None:
    template = compile_document(
        scope=f"/subscriptions/{SUBSCRIPTION}",
        resources=[
            resource("new", "Microsoft.Resources/resourceGroups", location="local"),
            resource("inside", "Microsoft.Resources/deployments", resourceGroup="new", dependsOn=["new"]),
            resource("lock", "Microsoft.Authorization/locks"),
        ],
    )
    assert [str(one.id).removeprefix(f"/subscriptions/{SUBSCRIPTION}") for one in template.resources] == [
        "/resourceGroups/new",
        "/providers/Microsoft.Authorization/locks/lock",
        "/resourceGroups/new/providers/Microsoft.Resources/deployments/inside",
    ]


def test_functions_of_the_template() -> None:
    template = compile_document(
        functions=[
            {
                "namespace": "mine",
                "members": {
                    "shout": {
                        "parameters": [{"name": "text", "type": "string"}],
                        "output": {"type": "string", "value": "[concat(toUpper(parameters('text')), '!')]"},
                    }
                },
            }
        ],
        outputs={"x": {"type": "string", "value": "[mine.shout('hey')]"}},
    )
    assert compute_outputs(template, Deployed())["x"]["value"] == "HEY!"


def test_outputs_ask_what_is_deployed_and_have_their_type() -> None:
    template = compile_document(
        resources=[resource("a")],
        outputs={
            "id": {"type": "string", "value": "[reference('a').id]"},
            "keys": {"type": "object", "value": "[listKeys('a', '2020-08-01')]"},
            "not": {"type": "string", "condition": False, "value": "[reference('a').id]"},
        },
    )
    outputs = compute_outputs(template, Deployed())
    assert outputs["id"]["value"] == f"{GROUP}/providers/Microsoft.X/things/a"
    assert outputs["keys"]["value"] == {"name": "a", "function": "listKeys"}
    assert "not" not in outputs
    template = compile_document(outputs={"n": {"type": "int", "value": "x"}})
    with pytest.raises(InvalidTemplate, match="not of type int"):
        compute_outputs(template, Deployed())


def test_quoted_values_are_no_expressions_any_more() -> None:
    assert value_of(quote_value("[a()]")) == "[a()]"
    assert quote_value({"[x]": ["[[y]", 1]}) == {"[[x]": ["[[[y]", 1]}


def test_what_is_no_template() -> None:
    assert set(problems_of(nonsense=1)) == {"nonsense"}
    assert set(problems_of(resources="x", variables="x", outputs=1)) == {"resources", "variables", "outputs"}
