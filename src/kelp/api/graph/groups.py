"""Groups and their members: `/groups`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kelp.api.graph.call import GraphCall, GraphRoute, bad_request, described, find_guid
from kelp.api.graph.descriptions import (
    GROUP,
    GROUP_CHANGES,
    NEW_GROUP,
    OBJECT,
    REFERENCE,
    done,
    listed,
    shown,
)
from kelp.api.graph.documents import GROUP_PROPERTIES, encode_group, encode_object
from kelp.api.graph.listing import list_objects, show_object
from kelp.api.management.call import Answer
from kelp.identity.accounts import account_missing
from kelp.identity.addresses import split_url
from kelp.identity.events import Target

if TYPE_CHECKING:
    from kelp.identity.groups import Group

_CATEGORY = "GroupManagement"
_MEMBERS = "members@odata.bind"


def list_groups(call: GraphCall) -> Answer:
    """Answer with the tenant's groups."""
    call.require("groups/read")
    groups = call.directory.groups.iter_groups(call.tenant.id)
    return list_objects(call, "groups", groups, encode_group, GROUP_PROPERTIES)


def get_group(call: GraphCall) -> Answer:
    """Answer with a group."""
    call.require("groups/read")
    return show_object(call, "groups", encode_group(call.get_group()))


def create_group(call: GraphCall) -> Answer:
    """Make a security group, with members if the document binds some."""
    call.require("groups/create")
    reader = call.reader()
    name, description = reader.text("displayName"), reader.text("description")
    bound = [_read_reference(text) for text in reader.texts(_MEMBERS)]
    with reader.reporting():
        if not name.strip():
            reader.refuse(
                "displayName", "A value is required for property 'displayName' of resource 'Group'."
            )
        if reader.find_boolean("securityEnabled") is False or reader.find_boolean("mailEnabled"):
            reader.refuse("securityEnabled", "All groups are security groups without mail.")
        if len(name) > 256 or len(description) > 1024:
            reader.refuse("displayName", "displayName has up to 256 characters, description up to 1024.")
    for member_id in bound:
        _require_object(call, member_id)
    group = call.directory.groups.create(call.tenant.id, name, description)
    for member_id in dict.fromkeys(bound):
        call.directory.groups.add_member(group.object_id, member_id)
    call.record("Add group", _CATEGORY, _target(group))
    return show_object(call, "groups", encode_group(group), 201)


def update_group(call: GraphCall) -> Answer:
    """Change a group's name or description, or add members."""
    call.require("groups/update")
    group = call.get_group()
    reader = call.reader()
    name, description = reader.find_text("displayName"), reader.find_text("description")
    bound = [_read_reference(text) for text in reader.texts(_MEMBERS)]
    with reader.reporting():
        if name is not None and not 0 < len(name.strip()) <= 256:
            reader.refuse("displayName", "displayName has 1 to 256 characters.")
        if description is not None and len(description) > 1024:
            reader.refuse("description", "description has up to 1024 characters.")
    if bound:
        call.require("groups/members/update")
    for member_id in bound:
        _require_object(call, member_id)
    changed = {"name": name, "description": description}
    kept = {key: value for key, value in changed.items() if value is not None}
    updated = call.directory.groups.update(group.object_id, **kept)
    for member_id in dict.fromkeys(bound):
        call.directory.groups.add_member(group.object_id, member_id)
    call.record("Update group", _CATEGORY, _target(updated, *kept))
    return Answer(204)


def delete_group(call: GraphCall) -> Answer:
    """Remove a group; its members stay."""
    call.require("groups/delete")
    group = call.get_group()
    call.directory.groups.delete(group.object_id)
    call.record("Delete group", _CATEGORY, _target(group))
    return Answer(204)


def list_members(call: GraphCall) -> Answer:
    """Answer with the direct members of a group."""
    call.require("groups/read")
    return _list_found(call, call.directory.groups.find_members(call.get_group().object_id))


def list_all_members(call: GraphCall) -> Answer:
    """Answer with the members of a group, also those through groups in it."""
    call.require("groups/read")
    return _list_found(call, call.directory.groups.find_all_members(call.get_group().object_id))


def list_groups_of_group(call: GraphCall) -> Answer:
    """Answer with the groups that a group is in: directly, or with `transitiveMemberOf` all."""
    call.require("groups/read")
    groups, group = call.directory.groups, call.get_group()
    is_transitive = call.path.lower().endswith("/transitivememberof")
    return _list_found(
        call, (groups.find_all_of if is_transitive else groups.find_direct_of)(group.object_id)
    )


def add_member(call: GraphCall) -> Answer:
    """Put an account or a group into a group."""
    call.require("groups/members/update")
    group = call.get_group()
    reader = call.reader()
    reference = reader.text("@odata.id")
    with reader.reporting():
        if not reference:
            reader.refuse(
                "@odata.id", "The body names the new member: {'@odata.id': '../directoryObjects/<id>'}."
            )
    member_id = _read_reference(reference)
    call.directory.groups.add_member(group.object_id, member_id)
    call.record("Add member to group", _CATEGORY, _target(group), _target_of_member(call, member_id))
    return Answer(204)


def remove_member(call: GraphCall) -> Answer:
    """Take a direct member out of a group."""
    call.require("groups/members/update")
    group, member_id = call.get_group(), find_guid(call.parameters["member"])
    if member_id is None:
        raise account_missing("member", call.parameters["member"])
    call.directory.groups.remove_member(group.object_id, member_id)
    call.record("Remove member from group", _CATEGORY, _target(group), _target_of_member(call, member_id))
    return Answer(204)


def _list_found(call: GraphCall, ids: Collection[UUID]) -> Answer:
    found = [call.directory.groups.find(one) or call.directory.find_account(one) for one in ids]
    documents: list[dict[str, Any]] = [encode_object(one) for one in found if one is not None]
    documents.sort(key=lambda document: (str(document["displayName"]).lower(), document["id"]))
    return Answer(200, described(call.base_url, "directoryObjects", {"value": documents}))


def _read_reference(text: str) -> UUID:
    """Return the id at the end of an address such as `https://host/v1.0/directoryObjects/<id>`."""
    object_id = find_guid(split_url(text).path.rstrip("/").rpartition("/")[2])
    if object_id is None:
        raise bad_request(f"'{text}' does not end in the id of a directory object.", "@odata.id")
    return object_id


def _require_object(call: GraphCall, object_id: UUID) -> None:
    found = call.directory.groups.find(object_id) or call.directory.find_account(object_id)
    if found is None or found.tenant_id != call.principal.tenant_id:
        raise account_missing("account or group in this tenant", object_id)


def _target(group: Group, *changed: str) -> Target:
    return Target("Group", str(group.object_id), group.name, changed)


def _target_of_member(call: GraphCall, member_id: UUID) -> Target:
    found = call.directory.groups.find(member_id) or call.directory.find_account(member_id)
    return Target("User", str(member_id), found.name if found else "")


ROUTES = (
    GraphRoute("GET", "/groups", list_groups, listed(GROUP)),
    GraphRoute("POST", "/groups", create_group, shown(GROUP, 201, takes=NEW_GROUP)),
    GraphRoute("GET", "/groups/{group}", get_group, shown(GROUP)),
    GraphRoute("PATCH", "/groups/{group}", update_group, done(GROUP_CHANGES)),
    GraphRoute("DELETE", "/groups/{group}", delete_group, done()),
    GraphRoute("GET", "/groups/{group}/members", list_members, listed(OBJECT, offers_options=False)),
    GraphRoute("POST", "/groups/{group}/members/$ref", add_member, done(REFERENCE)),
    GraphRoute("DELETE", "/groups/{group}/members/{member}/$ref", remove_member, done()),
    GraphRoute(
        "GET", "/groups/{group}/transitiveMembers", list_all_members, listed(OBJECT, offers_options=False)
    ),
    GraphRoute(
        "GET",
        "/groups/{group}/memberOf",
        list_groups_of_group,
        listed(OBJECT, name="list_member_of", offers_options=False),
    ),
    GraphRoute(
        "GET",
        "/groups/{group}/transitiveMemberOf",
        list_groups_of_group,
        listed(OBJECT, name="list_transitive_member_of", offers_options=False),
    ),
)
