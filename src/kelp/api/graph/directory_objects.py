"""Objects of whatever kind, by id: `/directoryObjects`, and which groups they are in."""

from __future__ import annotations

from uuid import UUID

from kelp.api.graph.call import GraphCall, GraphRoute, bad_request, described, find_guid
from kelp.api.graph.descriptions import GROUP_IDS, IDS, OBJECT, TEXT, listed, shown
from kelp.api.graph.documents import encode_object, kind_of
from kelp.api.graph.users import get_named_user
from kelp.api.management.call import Answer
from kelp.identity.accounts import account_missing

_MAXIMUM_IDS = 1_000


def get_object(call: GraphCall) -> Answer:
    """Answer with an account or a group."""
    call.require("users/read")
    name = call.parameters["object"]
    object_id = find_guid(name)
    found = _find(call, object_id) if object_id else None
    if found is None:
        raise account_missing("object", name)
    return Answer(200, described(call.base_url, "directoryObjects/$entity", found))


def get_by_ids(call: GraphCall) -> Answer:
    """Answer with those of the objects that exist in the tenant, of the kinds that `types` lists."""
    call.require("users/read")
    reader = call.reader()
    ids, types = reader.texts("ids"), {name.lower() for name in reader.texts("types")}
    with reader.reporting():
        if len(ids) > _MAXIMUM_IDS:
            reader.refuse("ids", f"At most {_MAXIMUM_IDS} ids can be asked for at a time.")
    documents = []
    for object_id in dict.fromkeys(map(find_guid, ids)):
        found = _find(call, object_id) if object_id else None
        kind = str(found["@odata.type"]).rpartition(".")[2].lower() if found else ""
        if found and (not types or kind in types or "directoryobject" in types):
            documents.append(found)
    return Answer(200, described(call.base_url, "directoryObjects", {"value": documents}))


def get_member_groups(call: GraphCall) -> Answer:
    """Answer with the ids of all groups that an object is in."""
    call.require("groups/read")
    ids = sorted(map(str, call.directory.groups.find_all_of(_named(call))))
    return Answer(200, described(call.base_url, "Collection(Edm.String)", {"value": ids}))


def check_member_groups(call: GraphCall) -> Answer:
    """Answer with those of the given groups that an object is in."""
    call.require("groups/read")
    asked = [found for found in map(find_guid, call.reader().texts("groupIds")) if found]
    if not asked:
        raise bad_request("'groupIds' is a list of ids of groups.", "groupIds")
    known = call.directory.groups.find_all_of(_named(call))
    ids = [str(one) for one in asked if one in known]
    return Answer(200, described(call.base_url, "Collection(Edm.String)", {"value": ids}))


def _named(call: GraphCall) -> UUID:
    """Return the object that the path names: by a user's name, or by id."""
    if "user" in call.parameters:
        return get_named_user(call).object_id
    if "group" in call.parameters:
        return call.get_group().object_id
    object_id = find_guid(call.parameters["object"])
    if object_id is None or _find(call, object_id) is None:
        raise account_missing("object", call.parameters["object"])
    return object_id


def _find(call: GraphCall, object_id: UUID) -> dict[str, object] | None:
    found = call.directory.groups.find(object_id) or call.directory.find_account(object_id)
    if found is None or found.tenant_id != call.principal.tenant_id:
        return None
    assert kind_of(found)
    return encode_object(found)


ROUTES = (
    GraphRoute(
        "POST", "/directoryObjects/getByIds", get_by_ids, listed(OBJECT, takes=IDS, offers_options=False)
    ),
    GraphRoute("GET", "/directoryObjects/{object}", get_object, shown(OBJECT)),
    GraphRoute(
        "POST",
        "/directoryObjects/{object}/getMemberGroups",
        get_member_groups,
        listed(TEXT, offers_options=False),
    ),
    GraphRoute(
        "POST",
        "/directoryObjects/{object}/checkMemberGroups",
        check_member_groups,
        listed(TEXT, takes=GROUP_IDS, offers_options=False),
    ),
    GraphRoute(
        "POST", "/users/{user}/getMemberGroups", get_member_groups, listed(TEXT, offers_options=False)
    ),
    GraphRoute(
        "POST", "/groups/{group}/getMemberGroups", get_member_groups, listed(TEXT, offers_options=False)
    ),
)
