"""The directory: groups, guests, domains, managed identities, and the credentials and codes of the token service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and the columns that accounts need more."""
    _add_columns()
    _create_directory_tables()
    _create_credential_tables()
    _create_code_tables()
    _create_provider_tables()


def downgrade() -> None:
    """Remove the tables and columns."""
    for table in (
        "outside_identity",
        "outside_provider",
        "failed_sign_in",
        "refresh_token",
        "authorization_code",
        "device_code",
        "used_once",
        "recovery_code",
        "second_factor",
        "client_certificate",
        "redirect_uri",
        "invitation",
        "group_member",
        "directory_group",
        "tenant_domain",
    ):
        op.drop_table(table)
    op.drop_index("principal_home", "principal")
    op.drop_index("principal_resource", "principal")
    for column in ("mail", "is_guest", "home_object_id", "redeemed_at", "resource_id"):
        op.drop_column("principal", column)
    op.drop_column("tenant", "log_workspace_id")
    op.drop_column("client_secret", "name")
    op.drop_column("client_secret", "hint")


def _add_columns() -> None:
    op.add_column("tenant", sa.Column("log_workspace_id", sa.Uuid))
    op.add_column("principal", sa.Column("mail", sa.String(320)))
    op.add_column("principal", sa.Column("is_guest", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("principal", sa.Column("home_object_id", sa.Uuid))
    op.add_column("principal", sa.Column("redeemed_at", _MOMENT))
    op.add_column("principal", sa.Column("resource_id", sa.String(2048)))
    op.create_index("principal_home", "principal", ["tenant_id", "home_object_id"], unique=True)
    op.create_index("principal_resource", "principal", ["resource_id"], unique=True)
    op.add_column("client_secret", sa.Column("name", sa.String(256), nullable=False, server_default=""))
    op.add_column("client_secret", sa.Column("hint", sa.String(8), nullable=False, server_default=""))


def _create_directory_tables() -> None:
    op.create_table(
        "tenant_domain",
        sa.Column("name", sa.String(253), primary_key=True),
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "directory_group",
        sa.Column("object_id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("description", sa.String(1024), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "group_member",
        sa.Column(
            "group_id",
            sa.Uuid,
            sa.ForeignKey("directory_group.object_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("member_id", sa.Uuid, primary_key=True),
    )
    op.create_table(
        "invitation",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        _owner(),
        sa.Column("redirect_url", sa.String(2048), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "redirect_uri",
        _owner(is_key=True),
        sa.Column("uri", sa.String(2048), primary_key=True),
        sa.Column("platform", sa.String(16), nullable=False),
    )


def _create_credential_tables() -> None:
    op.create_table(
        "client_certificate",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(),
        sa.Column("sha1", sa.LargeBinary(20), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("begins_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "second_factor",
        _owner(is_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("confirmed_at", _MOMENT),
        sa.Column("last_step", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        _owner(),
    )
    op.create_table(
        "used_once",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "failed_sign_in",
        sa.Column("account", sa.String(320), primary_key=True),
        sa.Column("address", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("locked_until", _MOMENT, nullable=False),
    )


def _create_code_tables() -> None:
    op.create_table(
        "device_code",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("user_code", sa.String(16), nullable=False, unique=True),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("tenant_name", sa.String(253), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("object_id", sa.Uuid),
        sa.Column("polled_at", _MOMENT),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "authorization_code",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("redirect_uri", sa.String(2048), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("nonce", sa.String(512), nullable=False),
        sa.Column("challenge", sa.String(128), nullable=False),
        _owner(),
        sa.Column("family", sa.Uuid, nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "refresh_token",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("family", sa.Uuid, nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        _owner(),
        sa.Column("used_at", _MOMENT),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_index("refresh_token_family", "refresh_token", ["family"])


def _create_provider_tables() -> None:
    op.create_table(
        "outside_provider",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("issuer", sa.String(2048), nullable=False),
        sa.Column("client_id", sa.String(256), nullable=False),
        sa.Column("wrapped_secret", sa.LargeBinary, nullable=False),
        sa.Column("matches_mail", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "outside_identity",
        sa.Column(
            "provider_id",
            sa.Uuid,
            sa.ForeignKey("outside_provider.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("subject", sa.String(512), primary_key=True),
        _owner(),
    )


def _owner(*, is_key: bool = False) -> sa.Column[object]:
    reference = sa.ForeignKey("principal.object_id", ondelete="CASCADE")
    return sa.Column("object_id", sa.Uuid, reference, nullable=False, primary_key=is_key)
