"""Applications and what they sign in with: `/applications`.

An application and its service principal are one object here, so that both have one id and go together.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from kelp.api.graph.call import GraphCall, GraphRoute, check_length, described, find_guid
from kelp.api.graph.descriptions import (
    APPLICATION,
    APPLICATION_CHANGES,
    NEW_APPLICATION,
    NEW_SECRET,
    SECRET_NAME,
    asked,
    done,
    listed,
    shown,
)
from kelp.api.graph.documents import (
    APPLICATION_PROPERTIES,
    encode_application,
    encode_secret,
    object_ids,
)
from kelp.api.graph.listing import list_objects, show_object
from kelp.api.management.call import Answer
from kelp.base.clock import parse_moment
from kelp.identity.accounts import account_missing
from kelp.identity.client_certificates import read_certificate
from kelp.identity.client_secrets import read_client_secrets
from kelp.identity.directory import SECRET_LIFETIME
from kelp.identity.events import Target
from kelp.identity.principal import AccountKind
from kelp.identity.redirect_uris import PLATFORMS, find_redirect_problem

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from kelp.api.management.reader import DocumentReader
    from kelp.identity.accounts import Account

_CATEGORY = "ApplicationManagement"
_LONGEST_SECRET_LIFE = timedelta(days=3650)


def list_applications(call: GraphCall) -> Answer:
    """Answer with the tenant's applications."""
    call.require("applications/read")
    found = (
        one
        for one in call.directory.iter_accounts(call.tenant.id)
        if one.kind is AccountKind.SERVICE_PRINCIPAL and one.resource_id is None
    )
    return list_objects(
        call,
        "applications",
        found,
        encode_application,
        APPLICATION_PROPERTIES,
        lambda page: _encode_page(call, page),
    )


def get_application(call: GraphCall) -> Answer:
    """Answer with an application."""
    call.require("applications/read")
    return _show(call, get_named_application(call))


def create_application(call: GraphCall) -> Answer:
    """Make an application, which can be granted roles at once."""
    call.require("applications/create")
    reader = call.reader()
    name = reader.text("displayName")
    certificates, redirects = _read_key_credentials(reader), _read_redirects(reader)
    with reader.reporting():
        if not 0 < len(name.strip()) <= 256:
            reader.refuse("displayName", "'displayName' has 1 to 256 characters.")
        _refuse_what_is_not_offered(reader)
    account = call.directory.create_application(call.tenant.id, name)
    _replace_certificates(call, account, certificates or [])
    for platform, uris in redirects.items():
        call.services.identity.redirect_uris.replace(account.object_id, platform, uris)
    call.record("Add application", _CATEGORY, target_of(account))
    return _show(call, account, 201)


def update_application(call: GraphCall) -> Answer:
    """Change an application's name, redirect addresses or certificates."""
    account = get_named_application(call)
    reader = call.reader()
    name = reader.find_text("displayName")
    certificates, redirects = _read_key_credentials(reader), _read_redirects(reader)
    if certificates is not None:
        call.require("applications/credentials/update")
    if name is not None or redirects or certificates is None:
        call.require("applications/update")
    with reader.reporting():
        if name is not None and not 0 < len(name.strip()) <= 256:
            reader.refuse("displayName", "'displayName' has 1 to 256 characters.")
        _refuse_what_is_not_offered(reader)
    if name is not None:
        account = call.directory.update_account(account.object_id, name=name)
    for platform, uris in redirects.items():
        call.services.identity.redirect_uris.replace(account.object_id, platform, uris)
    if certificates is not None:
        _replace_certificates(call, account, certificates)
        activity = "Update application – Certificates and secrets management"
        call.record(activity, _CATEGORY, target_of(account, "keyCredentials"))
    if name is not None or redirects:
        changed = [*(["displayName"] if name is not None else []), *redirects]
        call.record("Update application", _CATEGORY, target_of(account, *changed))
    return Answer(204)


def delete_application(call: GraphCall) -> Answer:
    """Remove an application with its credentials."""
    call.require("applications/delete")
    account = get_named_application(call)
    call.directory.delete_account(account.object_id)
    call.record("Delete application", _CATEGORY, target_of(account))
    return Answer(204)


def add_password(call: GraphCall) -> Answer:
    """Give an application one more secret; the answer is the only place where it can be read."""
    call.require("applications/credentials/update")
    account = get_named_application(call)
    reader = call.reader()
    wanted = reader.section("passwordCredential")
    name, end = wanted.text("displayName"), wanted.find_text("endDateTime")
    lifetime = SECRET_LIFETIME
    with reader.reporting():
        check_length(wanted, "displayName", name)
        if end is not None:
            lifetime = _read_time(wanted, "endDateTime", end) - call.services.identity.clock.now()
            if not timedelta(0) < lifetime <= _LONGEST_SECRET_LIFE:
                wanted.refuse("endDateTime", f"'{end}' is past or more than ten years away.")
    secret_id = uuid4()
    text = call.directory.add_named_secret(account.object_id, secret_id, lifetime, name)
    known = read_client_secrets(call.services.identity.connections, [account.object_id])
    made = next(secret for secret in known[account.object_id] if secret.id == secret_id)
    activity = "Update application – Certificates and secrets management"
    call.record(activity, _CATEGORY, target_of(account, "passwordCredentials"))
    return Answer(
        200, described(call.base_url, "microsoft.graph.passwordCredential", encode_secret(made, text))
    )


def remove_password(call: GraphCall) -> Answer:
    """Take a secret from an application."""
    call.require("applications/credentials/update")
    account = get_named_application(call)
    reader = call.reader()
    text = reader.text("keyId")
    key_id = find_guid(text)
    if key_id is None or not call.directory.remove_secrets(account.object_id, key_id):
        raise account_missing("password credential", text)
    activity = "Update application – Certificates and secrets management"
    call.record(activity, _CATEGORY, target_of(account, "passwordCredentials"))
    return Answer(204)


def get_named_application(call: GraphCall) -> Account:
    """Return the application that the path names by object id. Raises `ServiceError` (not_found)."""
    name = call.parameters["application"]
    object_id = find_guid(name)
    found = call.directory.find_account(object_id) if object_id else None
    is_here = found is not None and found.tenant_id == call.principal.tenant_id
    if found is None or not is_here or found.application_id is None or found.resource_id is not None:
        raise account_missing("application", name)
    return found


def target_of(account: Account, *changed: str) -> Target:
    """Return an application as an event tells of it."""
    return Target("Application", str(account.object_id), account.name, changed)


def _show(call: GraphCall, account: Account, status: int = 200) -> Answer:
    return show_object(call, "applications", _encode_page(call, [account])[0], status)


def _encode_page(call: GraphCall, accounts: Sequence[Account]) -> list[dict[str, Any]]:
    identity, ids = call.services.identity, object_ids(accounts)
    secrets = read_client_secrets(identity.connections, ids)
    certificates, redirects = identity.certificates.read(ids), identity.redirect_uris.read(ids)
    return [
        encode_application(one, secrets[one.object_id], certificates[one.object_id], redirects[one.object_id])
        for one in accounts
    ]


def _read_redirects(reader: DocumentReader) -> dict[str, tuple[str, ...]]:
    """Return the addresses of each platform that the document speaks of."""
    found = {}
    for platform in PLATFORMS:
        section = reader.section(platform)
        if "redirectUris" in section.names():
            found[platform] = section.texts("redirectUris")
            for problem in filter(None, map(find_redirect_problem, found[platform])):
                section.refuse("redirectUris", problem)
            for uri in found[platform]:
                check_length(section, "redirectUris", uri, 2048)
    return found


def _read_key_credentials(reader: DocumentReader) -> list[tuple[UUID | None, str, Certificate | None]] | None:
    """Return id, name and certificate of each credential; None where the document says nothing of them.

    One without a certificate is one that the application has.
    """
    if "keyCredentials" not in reader.names():
        return None
    found: list[tuple[UUID | None, str, Certificate | None]] = []
    for section in reader.sections("keyCredentials"):
        key, key_id = section.find_text("key"), find_guid(section.text("keyId"))
        certificate = None
        if key is not None:
            try:
                certificate = read_certificate(_decode_key(key))
            except (ValueError, binascii.Error) as error:
                section.refuse("key", f"The key is no base64 text of a certificate: {error}.")
        elif key_id is None:
            section.refuse("key", "A credential needs a 'key', or the 'keyId' of one that there is.")
        name = section.text("displayName")
        check_length(section, "displayName", name)
        found.append((key_id, name, certificate))
    return found


def _decode_key(text: str) -> bytes:
    """Return the certificate; clients send DER or PEM in base64, or PEM as it is."""
    return text.encode() if "-----BEGIN" in text else base64.b64decode("".join(text.split()), validate=True)


def _replace_certificates(
    call: GraphCall, account: Account, wanted: list[tuple[UUID | None, str, Certificate | None]]
) -> None:
    certificates = call.services.identity.certificates
    known = certificates.read([account.object_id])[account.object_id]
    kept = {key_id for key_id, _, certificate in wanted if certificate is None}
    certificates.remove(account.object_id, [one.id for one in known if one.id not in kept])
    for key_id, name, certificate in wanted:
        if certificate is not None:
            certificates.add(account.object_id, certificate, name, key_id)


def _read_time(reader: DocumentReader, name: str, text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError:
        reader.refuse(name, f"'{text}' is no time such as 2027-01-31T00:00:00Z.")
        return datetime.max.replace(tzinfo=UTC)


def _refuse_what_is_not_offered(reader: DocumentReader) -> None:
    audience = reader.text("signInAudience", "AzureADMyOrg")
    if audience != "AzureADMyOrg":
        reader.refuse("signInAudience", f"'{audience}' is not offered: applications belong to one tenant.")
    for name in ("identifierUris", "appRoles", "requiredResourceAccess"):
        if reader.texts(name) if name == "identifierUris" else reader.sections(name):
            reader.refuse(
                name, f"'{name}' is not offered: what an application may do follows from its roles."
            )


ROUTES = (
    GraphRoute("GET", "/applications", list_applications, listed(APPLICATION)),
    GraphRoute("POST", "/applications", create_application, shown(APPLICATION, 201, takes=NEW_APPLICATION)),
    GraphRoute("GET", "/applications/{application}", get_application, shown(APPLICATION)),
    GraphRoute("PATCH", "/applications/{application}", update_application, done(APPLICATION_CHANGES)),
    GraphRoute("DELETE", "/applications/{application}", delete_application, done()),
    GraphRoute("POST", "/applications/{application}/addPassword", add_password, asked(NEW_SECRET)),
    GraphRoute("POST", "/applications/{application}/removePassword", remove_password, done(SECRET_NAME)),
)
