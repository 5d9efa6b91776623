"""Users and guests: `/users`, `/me`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.graph.call import GraphCall, GraphRoute, bad_request, check_length, described, find_guid
from kelp.api.graph.descriptions import NEW_USER, OBJECT, USER, USER_CHANGES, done, listed, shown
from kelp.api.graph.documents import USER_PROPERTIES, encode_group, encode_user
from kelp.api.graph.listing import list_objects, show_object
from kelp.api.management.call import Answer
from kelp.identity.accounts import account_missing
from kelp.identity.events import Target
from kelp.identity.principal import AccountKind
from kelp.identity.secrets_hash import find_password_problem

if TYPE_CHECKING:
    from kelp.api.management.reader import DocumentReader
    from kelp.identity.accounts import Account

_CATEGORY = "UserManagement"


def list_users(call: GraphCall) -> Answer:
    """Answer with the tenant's users and guests."""
    call.require("users/read")
    users = (one for one in call.directory.iter_accounts(call.tenant.id) if one.kind is AccountKind.USER)
    return list_objects(call, "users", users, encode_user, USER_PROPERTIES)


def get_user(call: GraphCall) -> Answer:
    """Answer with a user by object id or user principal name."""
    call.require("users/read")
    return show_object(call, "users", encode_user(get_named_user(call)))


def get_me(call: GraphCall) -> Answer:
    """Answer with the caller, which needs no right."""
    if call.principal.kind is not AccountKind.USER:
        raise bad_request("/me request is only valid with delegated authentication flow.")
    return show_object(call, "users", encode_user(call.get_account(str(call.principal.object_id))))


def create_user(call: GraphCall) -> Answer:
    """Make a user."""
    call.require("users/create")
    reader = call.reader()
    password = reader.section("passwordProfile").text("password")
    user_name, name = reader.text("userPrincipalName"), reader.text("displayName")
    is_enabled, mail = reader.find_boolean("accountEnabled"), reader.find_text("mail")
    with reader.reporting():
        for member, value in (("userPrincipalName", user_name), ("displayName", name)):
            if not value.strip():
                reader.refuse(member, f"A value is required for property '{member}' of resource 'User'.")
        check_length(reader, "displayName", name)
        check_length(reader, "mail", mail, 320)
        problem = find_password_problem(password, user_name)
        if problem is not None:
            reader.refuse("passwordProfile.password", problem)
    account = call.directory.create_user(call.tenant.id, user_name, name, password)
    if mail is not None or is_enabled is False:
        account = call.directory.update_account(
            account.object_id, mail=mail.lower() if mail else None, is_enabled=is_enabled is not False
        )
    call.record("Add user", _CATEGORY, target_of(account))
    return show_object(call, "users", encode_user(account), 201)


def update_user(call: GraphCall) -> Answer:
    """Change a user: name, sign-in name, mail, whether it may sign in, password."""
    account = get_named_user(call)
    reader = call.reader()
    password = _read_password(reader)
    changed = _read_changes(reader)
    if password is not None:
        call.require("users/password/update")
    if changed or password is None:
        call.require("users/update")
    with reader.reporting():
        if account.is_guest and ({"user_name", "mail"} & changed.keys() or password is not None):
            reader.refuse(
                "userPrincipalName", "Name, mail and password of a guest are those of the home account."
            )
        problem = None if password is None else find_password_problem(password, account.user_name or "")
        if problem is not None:
            reader.refuse("passwordProfile.password", problem)
    updated = call.directory.update_account(account.object_id, **changed)
    if password is not None:
        call.directory.set_password(account.object_id, password)
        call.record("Reset user password", _CATEGORY, target_of(account))
    if changed:
        call.record("Update user", _CATEGORY, target_of(updated, *changed))
    return Answer(204)


def delete_user(call: GraphCall) -> Answer:
    """Remove a user or guest."""
    call.require("users/delete")
    account = get_named_user(call)
    if account.object_id == call.principal.object_id:
        raise bad_request("You can't delete the account that you are signed in with.")
    call.directory.delete_account(account.object_id)
    call.record("Delete user", _CATEGORY, target_of(account))
    return Answer(204)


def list_groups_of_user(call: GraphCall) -> Answer:
    """Answer with the groups that a user is in: directly, or with `transitiveMemberOf` all."""
    call.require("users/read")
    account = get_named_user(call)
    groups = call.directory.groups
    is_transitive = call.path.lower().endswith("/transitivememberof")
    ids = (groups.find_all_of if is_transitive else groups.find_direct_of)(account.object_id)
    found = [group for group in map(groups.find, ids) if group is not None]
    documents = [{"@odata.type": "#microsoft.graph.group", **encode_group(group)} for group in found]
    documents.sort(key=lambda document: str(document["displayName"]).lower())
    return Answer(200, described(call.base_url, "directoryObjects", {"value": documents}))


def get_named_user(call: GraphCall) -> Account:
    """Return the user that the path names by object id or user principal name. Raises `ServiceError` (not_found)."""
    name = call.parameters["user"]
    object_id = find_guid(name)
    found = call.directory.find_account(object_id) if object_id else call.directory.find_user(name)
    is_here = found is not None and found.tenant_id == call.principal.tenant_id
    if found is None or not is_here or found.kind is not AccountKind.USER:
        raise account_missing("user", name)
    return found


def end_sign_ins(call: GraphCall, account: Account) -> None:
    """End the sessions and refresh tokens of an account whose credentials changed."""
    call.services.identity.sessions.end_all(account.object_id)
    call.services.identity.refresh_tokens.revoke_all(account.object_id)


def target_of(account: Account, *changed: str) -> Target:
    """Return an account as an event tells of it."""
    kind = "User" if account.kind is AccountKind.USER else "ServicePrincipal"
    return Target(kind, str(account.object_id), account.shown_name, changed)


def _read_password(reader: DocumentReader) -> str | None:
    return reader.section("passwordProfile").find_text("password")


def _read_changes(reader: DocumentReader) -> dict[str, Any]:
    members = {"displayName": "name", "userPrincipalName": "user_name"}
    changed: dict[str, Any] = {}
    for member, field in members.items():
        value = reader.find_text(member)
        if value is not None and not value.strip():
            reader.refuse(member, f"'{member}' can't be empty.")
        elif value is not None:
            check_length(reader, member, value)
            changed[field] = value
    mail, is_enabled = reader.find_text("mail"), reader.find_boolean("accountEnabled")
    check_length(reader, "mail", mail, 320)
    if mail is not None:
        changed["mail"] = mail.lower() or None
    if is_enabled is not None:
        changed["is_enabled"] = is_enabled
    return changed


ROUTES = (
    GraphRoute("GET", "/me", get_me, shown(USER)),
    GraphRoute("GET", "/users", list_users, listed(USER)),
    GraphRoute("POST", "/users", create_user, shown(USER, 201, takes=NEW_USER)),
    GraphRoute("GET", "/users/{user}", get_user, shown(USER)),
    GraphRoute("PATCH", "/users/{user}", update_user, done(USER_CHANGES)),
    GraphRoute("DELETE", "/users/{user}", delete_user, done()),
    GraphRoute(
        "GET",
        "/users/{user}/memberOf",
        list_groups_of_user,
        listed(OBJECT, name="list_member_of", offers_options=False),
    ),
    GraphRoute(
        "GET",
        "/users/{user}/transitiveMemberOf",
        list_groups_of_user,
        listed(OBJECT, name="list_transitive_member_of", offers_options=False),
    ),
)
