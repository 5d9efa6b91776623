"""`kelp directory`: tenants, users, groups, guests and applications, of a server or of a folder that nobody serves."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kelp.cli.directory_client import DirectoryClient

directory = typer.Typer(no_args_is_help=True, help="Tenants, users, groups, guests and applications.")
tenants = typer.Typer(no_args_is_help=True, help="Tenants of the installation, for its operators.")
users = typer.Typer(no_args_is_help=True, help="Users of the tenant.")
groups = typer.Typer(no_args_is_help=True, help="Groups of the tenant and who is in them.")
guests = typer.Typer(no_args_is_help=True, help="People of other tenants who may enter this one.")
applications = typer.Typer(no_args_is_help=True, help="Applications and what they sign in with.")
providers = typer.Typer(no_args_is_help=True, help="OpenID Connect providers that users may sign in with.")
for _name, _commands in (
    ("tenant", tenants),
    ("user", users),
    ("group", groups),
    ("guest", guests),
    ("app", applications),
    ("provider", providers),
):
    directory.add_typer(_commands, name=_name)

_PROVIDERS = "/identity/identityProviders"
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name or id.")]
PasswordOption = Annotated[
    str, typer.Option(metavar="TEXT", help="Password; one is made and printed if there is none.")
]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which directory is asked, and how answers are printed."""

    data: Path | None
    config: Path | None
    tenant: str | None
    endpoint: str | None
    credentials: Path | None
    ca_file: str | None
    as_json: bool

    @contextmanager
    def open(self) -> Iterator[DirectoryClient]:
        """Open it for one command."""
        import os

        from kelp.base.settings import load_settings
        from kelp.cli.directory_client import open_directory

        settings = load_settings(self.config, os.environ, {"data": self.data}) if self.data else None
        with open_directory(settings, self.tenant, self.endpoint, self.credentials, self.ca_file) as client:
            yield client


@directory.callback()
def choose(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Data folder that nobody serves.")] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Settings file (TOML).")] = None,
    tenant: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --data: tenant to work in (id or domain).")
    ] = None,
    endpoint: Annotated[str | None, typer.Option(metavar="URL", help="Address of a running Kelp.")] = None,
    credentials: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What `kelp init --json` printed.")
    ] = None,
    ca_file: Annotated[str | None, typer.Option(metavar="FILE", help="Certificates to trust.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Work on a server's directory, or with --data on that of a folder that nobody serves."""
    context.obj = Choice(data, config, tenant, endpoint, credentials, ca_file, as_json)


@tenants.command("list")
def list_tenants(context: typer.Context) -> None:
    """List all tenants."""
    _list(context, "/tenants", ("id", "displayName", "defaultDomain"), _with_domain)


@tenants.command("create")
def create_tenant(
    context: typer.Context,
    name: NameArgument,
    domain: Annotated[str, typer.Option(metavar="DOMAIN", help="What names of its users end in.")],
    admin: Annotated[str, typer.Option(metavar="NAME", help="Sign-in name of its first user.")] = "",
    password: PasswordOption = "",
) -> None:
    """Make a tenant with a user who owns it."""
    password, made = _choose_password(password)
    document = {
        "displayName": name,
        "defaultDomain": domain,
        "administrator": {"userPrincipalName": admin or f"admin@{domain}", "password": password},
    }
    _write(context, "POST", "/tenants", document, made)


@tenants.command("rename")
def rename_tenant(
    context: typer.Context,
    tenant: NameArgument,
    name: Annotated[str, typer.Argument(metavar="NEW", help="New name.")],
) -> None:
    """Give a tenant another name."""
    _write(context, "PATCH", f"/tenants/{_quote(tenant)}", {"displayName": name})


@tenants.command("add-domain")
def add_domain(context: typer.Context, tenant: NameArgument, domain: str) -> None:
    """Give a tenant one more domain."""
    _write(context, "POST", f"/tenants/{_quote(tenant)}/domains", {"id": domain})


@tenants.command("remove-domain")
def remove_domain(context: typer.Context, tenant: NameArgument, domain: str) -> None:
    """Take a domain that no name ends in from a tenant."""
    _write(context, "DELETE", f"/tenants/{_quote(tenant)}/domains/{_quote(domain)}")


@tenants.command("show")
def show_tenant(context: typer.Context) -> None:
    """Show the tenant that is worked in."""
    with _open(context) as client:
        _print(context, client.request("GET", "/organization")["value"][0])


@tenants.command("log-to")
def log_to(
    context: typer.Context,
    workspace: Annotated[
        str, typer.Argument(metavar="ID", help="Resource id of a workspace; an empty text for none.")
    ],
) -> None:
    """Choose the workspace for rows about sign-ins and changes of the tenant that is worked in."""
    with _open(context) as client:
        own = client.request("GET", "/organization")["value"][0]["id"]
        client.request("PATCH", f"/organization/{own}", {"logWorkspace": workspace})


@users.command("list")
def list_users(context: typer.Context) -> None:
    """List the users and guests of the tenant."""
    _list(context, "/users", ("id", "userPrincipalName", "displayName", "userType", "accountEnabled"))


@users.command("show")
def show_user(context: typer.Context, user: NameArgument) -> None:
    """Show a user, by sign-in name or id."""
    with _open(context) as client:
        _print(context, client.request("GET", f"/users/{_quote(user)}"))


@users.command("create")
def create_user(
    context: typer.Context,
    user_name: NameArgument,
    name: Annotated[str, typer.Option("--display-name", metavar="TEXT", help="Name to show.")] = "",
    password: PasswordOption = "",
) -> None:
    """Make a user."""
    password, made = _choose_password(password)
    document = {
        "userPrincipalName": user_name,
        "displayName": name or user_name.partition("@")[0],
        "accountEnabled": True,
        "passwordProfile": {"password": password},
    }
    _write(context, "POST", "/users", document, made)


@users.command("update")
def update_user(
    context: typer.Context,
    user: NameArgument,
    name: Annotated[str | None, typer.Option("--display-name", metavar="TEXT", help="Name to show.")] = None,
    user_name: Annotated[
        str | None, typer.Option("--user-name", metavar="NAME", help="New sign-in name.")
    ] = None,
    enabled: Annotated[bool | None, typer.Option(help="Whether the user may sign in.")] = None,
) -> None:
    """Change a user."""
    changed = {"displayName": name, "userPrincipalName": user_name, "accountEnabled": enabled}
    document = {key: value for key, value in changed.items() if value is not None}
    _write(context, "PATCH", f"/users/{_quote(user)}", document)


@users.command("set-password")
def set_password(context: typer.Context, user: NameArgument, password: PasswordOption = "") -> None:
    """Give a user a new password; the user is signed out everywhere."""
    password, made = _choose_password(password)
    document = {"passwordProfile": {"password": password}}
    _write(context, "PATCH", f"/users/{_quote(user)}", document, made)


@users.command("reset-second-factor")
def reset_second_factor(context: typer.Context, user: NameArgument) -> None:
    """Have a user who lost the authenticator sign in without."""
    _write(context, "DELETE", f"/users/{_quote(user)}/authentication/secondFactor")


@users.command("delete")
def delete_user(context: typer.Context, user: NameArgument) -> None:
    """Remove a user."""
    _write(context, "DELETE", f"/users/{_quote(user)}")


@groups.command("list")
def list_groups(context: typer.Context) -> None:
    """List the groups of the tenant."""
    _list(context, "/groups", ("id", "displayName", "description"))


@groups.command("create")
def create_group(
    context: typer.Context,
    name: NameArgument,
    description: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
) -> None:
    """Make a group."""
    _write(context, "POST", "/groups", {"displayName": name, "description": description})


@groups.command("delete")
def delete_group(context: typer.Context, group: NameArgument) -> None:
    """Remove a group; its members stay."""
    with _open(context) as client:
        client.request("DELETE", f"/groups/{_find_group(client, group)}")


@groups.command("members")
def list_members(
    context: typer.Context,
    group: NameArgument,
    everybody: Annotated[bool, typer.Option("--all", help="Also through groups in it.")] = False,
) -> None:
    """List who is in a group."""
    from kelp.cli.directory_text import print_objects

    with _open(context) as client:
        which = "transitiveMembers" if everybody else "members"
        found = client.request("GET", f"/groups/{_find_group(client, group)}/{which}")["value"]
    kinds = [{**one, "kind": str(one["@odata.type"]).rpartition(".")[2]} for one in found]
    print_objects(kinds, ("id", "kind", "displayName"), as_json=context.obj.as_json)


@groups.command("add-member")
def add_member(context: typer.Context, group: NameArgument, member: NameArgument) -> None:
    """Put a user, a guest, an application or a group into a group."""
    with _open(context) as client:
        reference = {"@odata.id": f"directoryObjects/{_find_member(client, member)}"}
        client.request("POST", f"/groups/{_find_group(client, group)}/members/$ref", reference)


@groups.command("remove-member")
def remove_member(context: typer.Context, group: NameArgument, member: NameArgument) -> None:
    """Take a direct member out of a group."""
    with _open(context) as client:
        path = f"/groups/{_find_group(client, group)}/members/{_find_member(client, member)}/$ref"
        client.request("DELETE", path)


@guests.command("list")
def list_guests(context: typer.Context) -> None:
    """List the guests of the tenant."""
    from kelp.cli.directory_client import list_all
    from kelp.cli.directory_text import print_objects

    with _open(context) as client:
        found = list_all(client, "/users", filter="userType eq 'Guest'")
    print_objects(found, ("id", "mail", "displayName", "externalUserState"), as_json=context.obj.as_json)


@guests.command("invite")
def invite_guest(
    context: typer.Context,
    mail: Annotated[str, typer.Argument(metavar="ADDRESS", help="Whom to invite.")],
    name: Annotated[str, typer.Option("--display-name", metavar="TEXT", help="Name to show.")] = "",
    redirect: Annotated[str, typer.Option(metavar="URL", help="Where to go after accepting.")] = "",
) -> None:
    """Invite somebody, and print the link that makes its holder the guest."""
    document = {
        "invitedUserEmailAddress": mail,
        "invitedUserDisplayName": name,
        "inviteRedirectUrl": redirect,
    }
    with _open(context) as client:
        made = client.request("POST", "/invitations", document)
    shown = {name: value for name, value in made.items() if name != "invitedUser"}
    _print(context, made if context.obj.as_json else shown)


@guests.command("remove")
def remove_guest(context: typer.Context, guest: NameArgument) -> None:
    """Remove a guest, by mail address or id."""
    from kelp.cli.directory_client import find_one

    with _open(context) as client:
        found = find_one(client, "/users", guest, "mail", "userPrincipalName")
        client.request("DELETE", f"/users/{found['id']}")


@applications.command("list")
def list_applications(context: typer.Context) -> None:
    """List the applications of the tenant."""
    _list(context, "/applications", ("id", "appId", "displayName"))


@applications.command("show")
def show_application(context: typer.Context, application: NameArgument) -> None:
    """Show an application with its credentials, which are not told."""
    with _open(context) as client:
        _print(context, client.request("GET", f"/applications/{_find_application(client, application)}"))


@applications.command("create")
def create_application(context: typer.Context, name: NameArgument) -> None:
    """Make an application; it signs in once it has a secret or a certificate."""
    _write(context, "POST", "/applications", {"displayName": name})


@applications.command("delete")
def delete_application(context: typer.Context, application: NameArgument) -> None:
    """Remove an application."""
    with _open(context) as client:
        client.request("DELETE", f"/applications/{_find_application(client, application)}")


@applications.command("add-secret")
def add_secret(
    context: typer.Context,
    application: NameArgument,
    name: Annotated[str, typer.Option("--display-name", metavar="TEXT", help="What it is for.")] = "",
) -> None:
    """Give an application one more secret, and print it; it can't be read again."""
    with _open(context) as client:
        path = f"/applications/{_find_application(client, application)}/addPassword"
        _print(context, client.request("POST", path, {"passwordCredential": {"displayName": name}}))


@applications.command("remove-secret")
def remove_secret(
    context: typer.Context,
    application: NameArgument,
    key_id: Annotated[str, typer.Argument(metavar="KEYID", help="Which: see `show`.")],
) -> None:
    """Take a secret from an application."""
    with _open(context) as client:
        path = f"/applications/{_find_application(client, application)}/removePassword"
        client.request("POST", path, {"keyId": key_id})


@applications.command("add-certificate")
def add_certificate(
    context: typer.Context,
    application: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Certificate (PEM or DER), no private key.")],
) -> None:
    """Let an application sign in with a certificate."""
    with _open(context) as client:
        path = f"/applications/{_find_application(client, application)}"
        kept = [{"keyId": one["keyId"]} for one in client.request("GET", path)["keyCredentials"]]
        added = {"key": base64.b64encode(file.read_bytes()).decode()}
        client.request("PATCH", path, {"keyCredentials": [*kept, added]})
        _print(context, client.request("GET", path))


@applications.command("add-redirect")
def add_redirect(
    context: typer.Context,
    application: NameArgument,
    uri: Annotated[str, typer.Argument(metavar="URL", help="Where users come back to.")],
    public: Annotated[bool, typer.Option("--public", help="For a program without a secret.")] = False,
) -> None:
    """Let an application have users sign in and come back to an address."""
    with _open(context) as client:
        path = f"/applications/{_find_application(client, application)}"
        platform = "publicClient" if public else "web"
        known = client.request("GET", path)[platform]["redirectUris"]
        client.request("PATCH", path, {platform: {"redirectUris": [*known, uri]}})


@providers.command("list")
def list_providers(context: typer.Context) -> None:
    """List the outside providers of the tenant."""
    from kelp.cli.directory_text import print_objects

    with _open(context) as client:
        found = client.request("GET", _PROVIDERS)["value"]
    print_objects(found, ("id", "displayName", "issuer", "clientId"), as_json=context.obj.as_json)


@providers.command("add")
def add_provider(
    context: typer.Context,
    name: NameArgument,
    issuer: Annotated[str, typer.Option(metavar="URL", help="Its address before /.well-known/...")],
    client_id: Annotated[str, typer.Option(metavar="ID", help="What it knows this Kelp as.")],
    client_secret: Annotated[
        str,
        typer.Option(metavar="TEXT", help="What this Kelp proves that with; asked for if it is not given."),
    ] = "",
    matches_mail: Annotated[
        bool, typer.Option(help="Whether a verified address tells who somebody new is.")
    ] = True,
) -> None:
    """Let users sign in with a provider, which is asked for its discovery document at once."""
    document = {
        "displayName": name,
        "issuer": issuer,
        "clientId": client_id,
        "clientSecret": client_secret or typer.prompt("Secret", hide_input=True),
        "matchesMail": matches_mail,
    }
    _write(context, "POST", _PROVIDERS, document)


@providers.command("remove")
def remove_provider(
    context: typer.Context, provider: Annotated[str, typer.Argument(metavar="ID", help="Which: see `list`.")]
) -> None:
    """Let nobody sign in with a provider any more."""
    _write(context, "DELETE", f"{_PROVIDERS}/{_quote(provider)}")


@contextmanager
def _open(context: typer.Context) -> Iterator[DirectoryClient]:
    with context.obj.open() as client:
        yield client


def _list(context: typer.Context, path: str, members: tuple[str, ...], change: Any = dict) -> None:
    from kelp.cli.directory_client import list_all
    from kelp.cli.directory_text import print_objects

    with _open(context) as client:
        found = list_all(client, path)
    print_objects(
        found if context.obj.as_json else [change(one) for one in found],
        members,
        as_json=context.obj.as_json,
    )


def _write(
    context: typer.Context, method: str, path: str, document: object = None, password: str = ""
) -> None:
    """Send a change and print what it made, with the password if one was made here."""
    with _open(context) as client:
        made = client.request(method, path, document)
    if made or password:
        _print(context, made | ({"password": password} if password else {}))


def _print(context: typer.Context, found: dict[str, Any]) -> None:
    from kelp.cli.directory_text import print_object

    print_object(found, as_json=context.obj.as_json)


def _choose_password(given: str) -> tuple[str, str]:
    """Return the password to set, and the one to print: only one that nobody has seen."""
    import secrets

    if given:
        return given, ""
    made = secrets.token_urlsafe(18)
    return made, made


def _with_domain(tenant: dict[str, Any]) -> dict[str, Any]:
    names = [one["name"] for one in tenant["verifiedDomains"] if one["isDefault"]]
    return tenant | {"defaultDomain": names[0] if names else ""}


def _find_group(client: DirectoryClient, name: str) -> str:
    from kelp.cli.directory_client import find_one

    return str(find_one(client, "/groups", name, "displayName")["id"])


def _find_application(client: DirectoryClient, name: str) -> str:
    from kelp.cli.directory_client import find_one

    return str(find_one(client, "/applications", name, "appId", "displayName")["id"])


def _find_member(client: DirectoryClient, name: str) -> str:
    """Return the id of whatever is called so."""
    from kelp.cli.directory_client import list_all
    from kelp.cli.exit_codes import CommandFailed, ExitCode

    text = name.replace("'", "''")
    found = [
        one["id"]
        for path, member in (
            ("/users", "userPrincipalName"),
            ("/users", "mail"),
            ("/groups", "displayName"),
            ("/servicePrincipals", "displayName"),
        )
        for one in list_all(client, path, filter=f"id eq '{text}' or {member} eq '{text}'")
    ]
    ids = list(dict.fromkeys(found))
    if len(ids) != 1:
        raise CommandFailed(ExitCode.REFUSED, f"{len(ids)} objects of the directory are called '{name}'.")
    return str(ids[0])


def _quote(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="@")
