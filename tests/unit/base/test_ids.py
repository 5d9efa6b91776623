"""Resource ids, workspace ids and immutable rule ids."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.base.errors import Category
from kelp.base.ids import InvalidResourceId, ResourceId, new_immutable_rule_id

SUBSCRIPTION = "/subscriptions/6e5d1a40-0000-4000-8000-0123456789ab"
GROUP = f"{SUBSCRIPTION}/resourceGroups/Prod"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/Contoso"
TABLE = f"{WORKSPACE}/tables/Syslog"
ASSIGNMENT = f"{WORKSPACE}/providers/Microsoft.Authorization/roleAssignments/1"


@pytest.mark.parametrize(
    ("text", "resource_type", "name", "parent"),
    [
        ("/", "Microsoft.Resources/tenants", "", None),
        (SUBSCRIPTION, "Microsoft.Resources/subscriptions", "6e5d1a40-0000-4000-8000-0123456789ab", "/"),
        (GROUP, "Microsoft.Resources/resourceGroups", "Prod", SUBSCRIPTION),
        (WORKSPACE, "Microsoft.OperationalInsights/workspaces", "Contoso", GROUP),
        (TABLE, "Microsoft.OperationalInsights/workspaces/tables", "Syslog", WORKSPACE),
        (ASSIGNMENT, "Microsoft.Authorization/roleAssignments", "1", WORKSPACE),
        (
            f"{SUBSCRIPTION}/providers/Microsoft.OperationalInsights/locations/local/operationStatuses/7",
            "Microsoft.OperationalInsights/locations/operationStatuses",
            "7",
            f"{SUBSCRIPTION}/providers/Microsoft.OperationalInsights/locations/local",
        ),
        (
            "/providers/Microsoft.Authorization/roleDefinitions/r",
            "Microsoft.Authorization/roleDefinitions",
            "r",
            "/",
        ),
        (f"{GROUP}/providers/Contoso.Own/things/t", "Contoso.Own/things", "t", GROUP),
    ],
)
def test_a_path_tells_its_type_name_and_parent(
    text: str, resource_type: str, name: str, parent: str | None
) -> None:
    resource = ResourceId.parse(text)
    assert str(resource) == text
    assert resource.type == resource_type
    assert resource.name == name
    assert (None if resource.parent is None else str(resource.parent)) == parent


def test_case_does_not_matter_and_kinds_get_their_canonical_case() -> None:
    written = ResourceId.parse(WORKSPACE.upper() + "/")
    assert written == ResourceId.parse(WORKSPACE)
    assert hash(written) == hash(ResourceId.parse(WORKSPACE))
    assert str(written) == (
        f"{SUBSCRIPTION}/resourceGroups/PROD/providers/Microsoft.OperationalInsights/workspaces/CONTOSO"
    )
    assert written != WORKSPACE


def test_subscription_and_group_are_found_from_below() -> None:
    table = ResourceId.parse(TABLE)
    assert table.subscription_id == "6e5d1a40-0000-4000-8000-0123456789ab"
    assert table.resource_group == "Prod"
    assert ResourceId.parse("/").subscription_id is None
    assert ResourceId.parse(SUBSCRIPTION).resource_group is None


def test_a_child_continues_its_parent_or_begins_a_provider() -> None:
    group = ResourceId.parse("/").child("subscriptions", "s").child("resourceGroups", "g")
    workspace = group.child("microsoft.operationalinsights/workspaces", "w")
    assert (
        str(workspace)
        == "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
    )
    assert workspace.child("tables", "T").type == "Microsoft.OperationalInsights/workspaces/tables"
    assert workspace.child("Microsoft.Authorization/roleAssignments", "a").parent == workspace


def test_a_scope_contains_itself_and_what_lies_below() -> None:
    workspace, table = ResourceId.parse(WORKSPACE), ResourceId.parse(TABLE.lower())
    assert workspace.contains(workspace)
    assert workspace.contains(table)
    assert ResourceId.parse("/").contains(table)
    assert not table.contains(workspace)
    assert not workspace.contains(ResourceId.parse(WORKSPACE + "2"))


def test_ancestors_lead_to_the_root() -> None:
    ancestors = [str(ancestor) for ancestor in ResourceId.parse(TABLE).iter_ancestors()]
    assert ancestors == [WORKSPACE, GROUP, SUBSCRIPTION, "/"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with '/'"),
        ("subscriptions/s", "does not begin with '/'"),
        ("/subscriptions", "'subscriptions' at its end has no name"),
        ("/subscriptions//resourceGroups/g", "empty segment"),
        ("//", "empty segment"),
        ("/resourceGroups/g", "begins with neither"),
        ("/subscriptions/s/workspaces/w", "'workspaces' can't stand there"),
        ("/subscriptions/s/resourceGroups/g/resourceGroups/h", "'resourceGroups' can't stand there"),
        ("/subscriptions/s/providers/Microsoft.Insights", "without a resource"),
        ("/providers/A/providers/B/types/t", "without a resource"),
        ("/subscriptions/a?b", "'?' is not allowed"),
        ("/subscriptions/a\nb", r"'\n' is not allowed"),
        ("/subscriptions/" + "a" * 261, "more than 260 characters"),
    ],
)
def test_what_is_no_resource_id_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidResourceId, match=re.escape(reason)) as refused:
        ResourceId.parse(text)
    assert refused.value.category is Category.INVALID
    assert refused.value.code == "InvalidResourceId"


def test_a_child_cannot_smuggle_segments() -> None:
    with pytest.raises(InvalidResourceId, match="'/' is not allowed"):
        ResourceId.parse(WORKSPACE).child("tables", "T/tables/U")
    with pytest.raises(InvalidResourceId, match="'/' is not allowed"):
        ResourceId.parse(GROUP).child("Microsoft.Insights/components/x/annotations", "a")


def test_long_texts_are_cut_in_the_message() -> None:
    with pytest.raises(InvalidResourceId) as refused:
        ResourceId.parse("x" * 10_000)
    assert len(refused.value.message) < 400


segments = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="<>%&\\?#/"),
    min_size=1,
    max_size=40,
)
kinds = segments.filter(lambda kind: kind.lower() != "providers")
types = st.lists(st.tuples(kinds, segments), min_size=1, max_size=3)


@given(subscription=segments, group=segments, namespace=segments, pairs=types)
def test_every_path_round_trips(
    subscription: str, group: str, namespace: str, pairs: list[tuple[str, str]]
) -> None:
    resource = ResourceId.parse("/").child("subscriptions", subscription).child("resourceGroups", group)
    for position, (kind, name) in enumerate(pairs):
        resource = resource.child(f"{namespace}/{kind}" if position == 0 else kind, name)
    again = ResourceId.parse(str(resource))
    assert again == resource
    assert str(again) == str(resource)
    assert again.pairs == resource.pairs
    assert all(ancestor.contains(resource) for ancestor in resource.iter_ancestors())


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        resource = ResourceId.parse(text)
    except InvalidResourceId:
        return
    assert ResourceId.parse(str(resource)) == resource


def test_immutable_rule_ids_have_their_shape_and_differ() -> None:
    ids = {new_immutable_rule_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"dcr-[0-9a-f]{32}", one) for one in ids)
