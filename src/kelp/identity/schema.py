"""The tables of the directory. They lie beside those of the resource store and are made by its migrations."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
)

METADATA = MetaData()
_MOMENT = DateTime(timezone=True)


def _owner(*, is_key: bool = False) -> Column[UUID]:
    """Return the column that names an account whose rows go when it goes."""
    reference = ForeignKey("principal.object_id", ondelete="CASCADE")
    return Column("object_id", Uuid, reference, nullable=False, primary_key=is_key)


TENANT = Table(
    "tenant",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("name", String(256), nullable=False),
    Column("domain", String(253), nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("log_workspace_id", Uuid),
)
"""Organizations. A user's name ends in the domain of the tenant."""

PRINCIPAL = Table(
    "principal",
    METADATA,
    Column("object_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("name", String(256), nullable=False),
    Column("application_id", Uuid, unique=True),
    Column("user_name", String(320), unique=True),
    Column("password_hash", Text),
    Column("is_enabled", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("mail", String(320)),
    Column("is_guest", Boolean, nullable=False, default=False),
    Column("home_object_id", Uuid),
    Column("redeemed_at", _MOMENT),
    Column("resource_id", String(2048)),
    Index("principal_tenant", "tenant_id", "kind"),
    Index("principal_home", "tenant_id", "home_object_id", unique=True),
    Index("principal_resource", "resource_id", unique=True),
)
"""Accounts. Applications have an `application_id`, users a `user_name` in lower case, managed identities a
`resource_id`; guests, once redeemed, a `home_object_id`: the account of another tenant that signs in as them."""

CLIENT_SECRET = Table(
    "client_secret",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("object_id", Uuid, ForeignKey("principal.object_id", ondelete="CASCADE"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("name", String(256), nullable=False, default=""),
    Column("hint", String(8), nullable=False, default=""),
    Index("client_secret_principal", "object_id"),
)
"""Secrets of applications, as argon2 hashes."""

SESSION = Table(
    "session",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("object_id", Uuid, ForeignKey("principal.object_id", ondelete="CASCADE"), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("acting_id", Uuid),
    Column("address", String(64), nullable=False, server_default=""),
    Column("user_agent", String(256), nullable=False, server_default=""),
)
"""Signed-in browsers, by the SHA-256 of the session id. `acting_id` is the guest as which one signed in elsewhere."""

SESSION_ACCOUNT = Table(
    "session_account",
    METADATA,
    Column("digest", LargeBinary(32), ForeignKey("session.digest", ondelete="CASCADE"), primary_key=True),
    Column("object_id", Uuid, ForeignKey("principal.object_id", ondelete="CASCADE"), primary_key=True),
)
"""As whom a session may act: the accounts of its user in the tenants that it has entered."""

SIGNING_KEY = Table(
    "signing_key",
    METADATA,
    Column("kid", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
"""Private keys that sign tokens, wrapped by the installation's key provider."""

TENANT_DOMAIN = Table(
    "tenant_domain",
    METADATA,
    Column("name", String(253), primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("created_at", _MOMENT, nullable=False),
)
"""Domains of a tenant beside its first one."""

GROUP = Table(
    "directory_group",
    METADATA,
    Column("object_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("name", String(256), nullable=False),
    Column("description", String(1024), nullable=False),
    Column("created_at", _MOMENT, nullable=False),
)
"""Groups of accounts and groups."""

GROUP_MEMBER = Table(
    "group_member",
    METADATA,
    Column("group_id", Uuid, ForeignKey("directory_group.object_id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", Uuid, primary_key=True),
)
"""Who is directly in a group: accounts and groups, by object id."""

INVITATION = Table(
    "invitation",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    _owner(),
    Column("redirect_url", String(2048), nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
)
"""Invitation links of guests that nobody has followed yet, by the SHA-256 of their token."""

REDIRECT_URI = Table(
    "redirect_uri",
    METADATA,
    _owner(is_key=True),
    Column("uri", String(2048), primary_key=True),
    Column("platform", String(16), nullable=False),
)
"""Where an application may have its users sent after they signed in."""

CLIENT_CERTIFICATE = Table(
    "client_certificate",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _owner(),
    Column("sha1", LargeBinary(20), nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("name", String(256), nullable=False),
    Column("begins_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
)
"""Certificates of applications, with which they sign assertions."""

SECOND_FACTOR = Table(
    "second_factor",
    METADATA,
    _owner(is_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("confirmed_at", _MOMENT),
    Column("last_step", BigInteger, nullable=False),
)
"""Secrets of authenticator applications, wrapped by the key provider, and the last time step that was used."""

RECOVERY_CODE = Table(
    "recovery_code", METADATA, Column("digest", LargeBinary(32), primary_key=True), _owner()
)
"""Codes that stand in for a lost authenticator once, by their SHA-256 with the account's id."""

USED_ONCE = Table(
    "used_once",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("expires_at", _MOMENT, nullable=False),
)
"""What must not be presented a second time while it would still be good."""

FAILED_SIGN_IN = Table(
    "failed_sign_in",
    METADATA,
    Column("account", String(320), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", _MOMENT, nullable=False),
    Column("locked_until", _MOMENT, nullable=False),
)
"""Accounts that are locked because somebody guessed."""

DEVICE_CODE = Table(
    "device_code",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("user_code", String(16), nullable=False, unique=True),
    Column("client_id", String(64), nullable=False),
    Column("tenant_name", String(253), nullable=False),
    Column("scope", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("object_id", Uuid),
    Column("polled_at", _MOMENT),
    Column("expires_at", _MOMENT, nullable=False),
)
"""Devices that wait until somebody signs in for them elsewhere."""

AUTHORIZATION_CODE = Table(
    "authorization_code",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("client_id", String(64), nullable=False),
    Column("redirect_uri", String(2048), nullable=False),
    Column("scope", Text, nullable=False),
    Column("nonce", String(512), nullable=False),
    Column("challenge", String(128), nullable=False),
    _owner(),
    Column("family", Uuid, nullable=False),
    Column("used_at", _MOMENT),
    Column("expires_at", _MOMENT, nullable=False),
)
"""Codes that a browser carries from our page to an application; `family` is that of the refresh tokens it leads to."""

REFRESH_TOKEN = Table(
    "refresh_token",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("family", Uuid, nullable=False),
    Column("client_id", String(64), nullable=False),
    _owner(),
    Column("used_at", _MOMENT),
    Column("expires_at", _MOMENT, nullable=False),
    Index("refresh_token_family", "family"),
)
"""Refresh tokens by their SHA-256. One that was used stays until it expires, to be known when it comes again."""

OUTSIDE_PROVIDER = Table(
    "outside_provider",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("name", String(256), nullable=False),
    Column("issuer", String(2048), nullable=False),
    Column("client_id", String(256), nullable=False),
    Column("wrapped_secret", LargeBinary, nullable=False),
    Column("matches_mail", Boolean, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
)
"""OpenID Connect providers that a tenant lets its users sign in with."""

OUTSIDE_IDENTITY = Table(
    "outside_identity",
    METADATA,
    Column("provider_id", Uuid, ForeignKey("outside_provider.id", ondelete="CASCADE"), primary_key=True),
    Column("subject", String(512), primary_key=True),
    _owner(),
)
"""Which account somebody is whom a provider knows by a subject."""

PERSONAL_KEY = Table(
    "personal_key", METADATA, _owner(is_key=True), Column("wrapped", LargeBinary, nullable=False)
)
"""The key that seals what an account keeps for itself, wrapped by the key provider. Without it all that is lost."""

PERSONAL_DOCUMENT = Table(
    "personal_document",
    METADATA,
    _owner(is_key=True),
    Column("name", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("changed_at", _MOMENT, nullable=False),
)
"""Preferences and drafts of an account, sealed."""

PAST_QUERY = Table(
    "past_query",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _owner(),
    Column("at", _MOMENT, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("past_query_account", "object_id", "at"),
    Index("past_query_at", "at"),
)
"""What an account asked in the portal, sealed."""

SHARE = Table(
    "share",
    METADATA,
    Column("id", String(32), primary_key=True),
    _owner(),
    Column("at", _MOMENT, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("share_account", "object_id", "at"),
)
"""Links that an account gave others: where they lead, sealed."""
