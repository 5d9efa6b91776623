"""What keys and secrets of a vault look like on the wire, for the published description of the API."""

from __future__ import annotations

from typing import TypeAlias

from kelp.api.description import Body, Description, Parameter
from kelp.api.vault.call import VaultEndpoint
from kelp.resources.shape import (
    Anything,
    Choice,
    Entries,
    Items,
    Named,
    Record,
    Shape,
    Text,
    Truth,
    Whole,
)
from kelp.vault.key_material import OPERATIONS, KeyKind

Members: TypeAlias = dict[str, Shape]
_TEXT, _TAGS = Text(), Entries(Text())
_OPERATIONS = Items(Choice(tuple(sorted({name for names in OPERATIONS.values() for name in names}))))
_USAGE: Members = {"enabled": Truth(), "nbf": Whole(0), "exp": Whole(0)}
_ATTRIBUTES = Named(
    "VaultItemAttributes",
    Record(
        _USAGE
        | {
            "created": Whole(),
            "updated": Whole(),
            "recoveryLevel": _TEXT,
            "recoverableDays": Whole(),
            "exportable": Truth(),
        }
    ),
)
_DELETED: Members = {"recoveryId": _TEXT, "deletedDate": Whole(), "scheduledPurgeDate": Whole()}
_WEB_KEY: Members = {"kid": _TEXT, "kty": Choice(tuple(KeyKind)), "key_ops": _OPERATIONS, "crv": _TEXT}
_KEY = Named(
    "KeyBundle",
    Record(
        {"key": Record(_WEB_KEY), "attributes": _ATTRIBUTES, "tags": _TAGS, **_DELETED},
        required=("key", "attributes"),
    ),
)
_SECRET = Named(
    "SecretBundle",
    Record(
        {
            "id": _TEXT,
            "value": _TEXT,
            "contentType": _TEXT,
            "attributes": _ATTRIBUTES,
            "tags": _TAGS,
            **_DELETED,
        },
        required=("id", "attributes"),
    ),
)
_ITEM: Members = {"contentType": _TEXT, "attributes": _ATTRIBUTES, "tags": _TAGS, **_DELETED}
_NEXT: Members = {"nextLink": _TEXT}
_LISTS: dict[str, Shape] = {
    "keys": Named("KeyList", Record({"value": Items(Record({"kid": _TEXT, **_ITEM})), **_NEXT})),
    "secrets": Named("SecretList", Record({"value": Items(Record({"id": _TEXT, **_ITEM})), **_NEXT})),
}
_BACKUP = Named("VaultBackup", Record({"value": _TEXT}, required=("value",)))
_POLICY = Named(
    "KeyRotationPolicy",
    Record(
        {
            "id": _TEXT,
            "lifetimeActions": Items(
                Record(
                    {
                        "trigger": Record({"timeAfterCreate": _TEXT, "timeBeforeExpiry": _TEXT}),
                        "action": Record({"type": Choice(("Rotate", "Notify"))}),
                    }
                )
            ),
            "attributes": Record({"expiryTime": _TEXT, "created": Whole(), "updated": Whole()}),
        }
    ),
)
_NEW_KEY: Members = {
    "kty": Choice(tuple(KeyKind)),
    "key_size": Whole(),
    "crv": _TEXT,
    "key_ops": _OPERATIONS,
    "attributes": Record(_USAGE),
    "tags": _TAGS,
}
_OPERANDS = Named("KeyOperationRequest", Record({"alg": _TEXT, "value": _TEXT}, required=("alg", "value")))
_RESULT = Named("KeyOperationResult", Record({"kid": _TEXT, "value": _TEXT}, required=("kid", "value")))
_CHANGE: Members = {"attributes": Record(_USAGE), "tags": _TAGS}
_TAKES: dict[str, Shape] = {
    "keys_create": Named("KeyCreate", Record(_NEW_KEY, required=("kty",))),
    "keys_import_key": Named("KeyImport", Record({"key": Record(_WEB_KEY), **_CHANGE}, required=("key",))),
    "keys_update": Named("KeyUpdate", Record({"key_ops": _OPERATIONS, **_CHANGE})),
    "keys_set_rotation_policy": _POLICY,
    "keys_get_random_bytes": Named("RandomBytes", Record({"count": Whole(1, 128)}, required=("count",))),
    "keys_verify": Named(
        "KeyVerify",
        Record({"alg": _TEXT, "digest": _TEXT, "value": _TEXT}, required=("alg", "digest", "value")),
    ),
    **{f"keys_{name}": _OPERANDS for name in ("encrypt", "decrypt", "wrap_key", "unwrap_key", "sign")},
    "secrets_put": Named(
        "SecretSet", Record({"value": _TEXT, "contentType": _TEXT, **_CHANGE}, required=("value",))
    ),
    "secrets_update": Named("SecretUpdate", Record({"contentType": _TEXT, **_CHANGE})),
    "keys_restore": _BACKUP,
    "secrets_restore": _BACKUP,
}
_GIVES: dict[str, Shape | None] = {
    "list_newest": None,
    "keys_get_rotation_policy": _POLICY,
    "keys_set_rotation_policy": _POLICY,
    "keys_get_random_bytes": Named("RandomBytesResult", Record({"value": _TEXT}, required=("value",))),
    "keys_verify": Named("KeyVerifyResult", Record({"value": Truth()}, required=("value",))),
    **{f"keys_{name}": _RESULT for name in ("encrypt", "decrypt", "wrap_key", "unwrap_key", "sign")},
    "keys_backup": _BACKUP,
    "secrets_backup": _BACKUP,
}
_VERSION = Parameter(
    "api-version",
    Text(pattern=r"7\.[0-6]|20[12][0-9]-[01][0-9]-[0-3][0-9]", rule="7.0 to 7.6, or a date"),
    is_required=True,
    component="ApiVersion.KeyVaultData",
)
_PAGES = (
    Parameter("maxresults", Whole(1, 25), "The most that a page is to hold.", component="MaxResults"),
    Parameter("$skiptoken", _TEXT, "Where the page begins, as a nextLink says.", component="VaultSkipToken"),
)


def describe(method: str, path: str, endpoint: VaultEndpoint) -> Description:
    """Return what a route below a vault takes and gives, by the name of its function."""
    kind = "secrets" if "secret" in path else "keys"
    name = f"{kind}_{endpoint.__name__}"
    takes, is_list = _TAKES.get(name), "_list_" in name
    bundle = _SECRET if kind == "secrets" else _KEY
    gives = _LISTS[kind] if is_list else _GIVES.get(name, bundle)
    return Description(
        group=kind,
        takes=None if takes is None else Body(takes),
        gives={204: None} if name.endswith("_purge") else {200: Body(gives or Anything())},
        parameters=(_VERSION, *(_PAGES if is_list else ())),
    )
