"""Keys of a vault: their life, and what is done with them. Cf. "Azure Key Vault REST API", keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from kelp.api.management.documents import present
from kelp.api.vault.call import (
    Right,
    VaultAnswer,
    VaultCall,
    read_bytes,
    read_object,
    read_text,
    read_usage,
)
from kelp.api.vault.documents import encode_key, item_id
from kelp.api.vault.item_life import ItemLife
from kelp.vault import key_operations
from kelp.vault.errors import BadParameter
from kelp.vault.item import ItemKind, ItemVersion
from kelp.vault.key_material import OPERATIONS, KeyKind, encode_base64url, load_private, read_web_key
from kelp.vault.rotation_policy import RotationPolicy
from kelp.vault.vault_keys import add_key, create_key, rotate_key

_KEY = ItemKind.KEY
_MAXIMUM_RANDOM_BYTES = 128
_ALLOWED_LATE = ("decrypt", "unwrapKey", "verify")
"""What an expired key still does: what it protected can be had back."""


def _key_right(permission: str, action: str = "") -> Right:
    return Right(permission, action or f"keys/{permission}/action")


_GET = _key_right("get", "keys/read")
LIFE = ItemLife(kind=_KEY, encode=encode_key, reading=_GET, listing=_key_right("list", "keys/read"))


def create(call: VaultCall) -> VaultAnswer:
    """Make a key, or a new version of it."""
    call.require(_KEY, _key_right("create"))
    document = call.document()
    if document.get("release_policy") is not None or read_object(document, "attributes").get("exportable"):
        raise BadParameter(
            "Keys don't leave a vault: neither 'exportable' nor 'release_policy'.", "attributes"
        )
    size = document.get("key_size")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int)):
        raise BadParameter("'key_size' must be a whole number.", "key_size")
    if document.get("public_exponent") not in (None, 65537):
        raise BadParameter("'public_exponent' is 65537 or left out.", "public_exponent")
    item = create_key(
        call.items,
        call.place(_KEY),
        (read_text(document, "kty"), size, document.get("crv")),
        operations=_read_operations(document.get("key_ops")),
        usage=read_usage(document),
        tags=read_object(document, "tags"),
    )
    call.record(_KEY, item.name, "create/action")
    return VaultAnswer(200, encode_key(call, item))


def import_key(call: VaultCall) -> VaultAnswer:
    """Take a key from a JSON Web Key."""
    call.require(_KEY, _key_right("import"))
    document = call.document()
    web_key = read_object(document, "key")
    item = add_key(
        call.items,
        call.place(_KEY),
        read_web_key(web_key),
        operations=_read_operations(web_key.get("key_ops")),
        usage=read_usage(document),
        tags=read_object(document, "tags"),
    )
    call.record(_KEY, item.name, "import/action")
    return VaultAnswer(200, encode_key(call, item))


def rotate(call: VaultCall) -> VaultAnswer:
    """Make a new version like the newest."""
    call.require(_KEY, _key_right("rotate"))
    item = rotate_key(call.items, call.place(_KEY))
    call.record(_KEY, item.name, "rotate/action")
    return VaultAnswer(200, encode_key(call, item))


def get(call: VaultCall) -> VaultAnswer:
    """Answer with the public part of a version."""
    call.require(_KEY, _GET)
    return VaultAnswer(200, encode_key(call, call.items.get(call.place(_KEY), call.version)))


def update(call: VaultCall) -> VaultAnswer:
    """Change what a version may be used for and when."""
    call.require(_KEY, _key_right("update"))
    document = call.document()
    item = call.items.get(call.place(_KEY), call.version)
    details = dict(item.details)
    if (operations := _read_operations(document.get("key_ops"))) is not None:
        _require_possible(KeyKind(details["kty"]), operations)
        details["key_ops"] = list(operations)
    tags = read_object(document, "tags") if document.get("tags") is not None else None
    changed = call.items.change(item, usage=read_usage(document, item.usage), tags=tags, details=details)
    call.record(_KEY, item.name, "update/action")
    return VaultAnswer(200, encode_key(call, changed))


def get_rotation_policy(call: VaultCall) -> VaultAnswer:
    """Answer with when a key is replaced by itself."""
    call.require(_KEY, _key_right("getrotationpolicy", "keyrotationpolicies/read"))
    item = call.items.get(call.place(_KEY))
    return VaultAnswer(200, _encode_policy(call, item, call.items.find_policy(call.place(_KEY))))


def set_rotation_policy(call: VaultCall) -> VaultAnswer:
    """Decide when a key is replaced by itself."""
    call.require(_KEY, _key_right("setrotationpolicy", "keyrotationpolicies/write"))
    policy = call.items.set_policy(call.place(_KEY), _read_policy(call.document()))
    call.record(_KEY, call.name, "setrotationpolicy/action")
    return VaultAnswer(200, _encode_policy(call, call.items.get(call.place(_KEY)), policy))


def get_random_bytes(call: VaultCall) -> VaultAnswer:
    """Answer with random bytes."""
    call.require(_KEY, _GET)
    count = call.document().get("count")
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MAXIMUM_RANDOM_BYTES:
        raise BadParameter(f"'count' is 1 to {_MAXIMUM_RANDOM_BYTES}.", "count")
    return VaultAnswer(200, {"value": encode_base64url(os.urandom(count))})


def encrypt(call: VaultCall) -> VaultAnswer:
    """Encrypt a short text."""
    return _transform(call, "encrypt", _key_right("encrypt"), key_operations.encrypt)


def decrypt(call: VaultCall) -> VaultAnswer:
    """Decrypt what `encrypt` made."""
    return _transform(call, "decrypt", _key_right("decrypt"), key_operations.decrypt)


def wrap_key(call: VaultCall) -> VaultAnswer:
    """Wrap another key."""
    return _transform(call, "wrapKey", _key_right("wrapKey", "keys/wrap/action"), key_operations.encrypt)


def unwrap_key(call: VaultCall) -> VaultAnswer:
    """Unwrap what `wrap_key` made."""
    return _transform(
        call, "unwrapKey", _key_right("unwrapKey", "keys/unwrap/action"), key_operations.decrypt
    )


def sign(call: VaultCall) -> VaultAnswer:
    """Sign a digest."""
    return _transform(call, "sign", _key_right("sign"), key_operations.sign)


def verify(call: VaultCall) -> VaultAnswer:
    """Check a signature."""
    call.require(_KEY, _key_right("verify"))
    document = call.document()
    item = _use(call, "verify")
    key = load_private(KeyKind(item.details["kty"]), call.items.open(item))
    digest, signature = read_bytes(document, "digest"), read_bytes(document, "value")
    is_good = key_operations.verify(key, read_text(document, "alg"), digest, signature)
    return VaultAnswer(200, {"value": is_good})


def _transform(call: VaultCall, operation: str, right: Right, work: Callable[..., bytes]) -> VaultAnswer:
    call.require(_KEY, right)
    document = call.document()
    item = _use(call, operation)
    key = load_private(KeyKind(item.details["kty"]), call.items.open(item))
    result = work(key, read_text(document, "alg"), read_bytes(document, "value"))
    return VaultAnswer(200, {"kid": item_id(call, item), "value": encode_base64url(result)})


def _use(call: VaultCall, operation: str) -> ItemVersion:
    item = call.items.get(call.place(_KEY), call.version)
    item.require_enabled()
    if operation not in _ALLOWED_LATE:
        item.require_usable(call.items.clock.now())
    item.require_operation(operation)
    return item


def _read_operations(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise BadParameter("'key_ops' must be an array of texts.", "key_ops")
    return tuple(value)


def _require_possible(kind: KeyKind, operations: tuple[str, ...]) -> None:
    for operation in operations:
        if operation not in OPERATIONS[kind]:
            allowed = ", ".join(OPERATIONS[kind])
            raise BadParameter(f"A key of type {kind} is for {allowed}, not '{operation[:40]}'.", "key_ops")


def _read_policy(document: Mapping[str, Any]) -> RotationPolicy:
    after = before = notify = None
    actions = document.get("lifetimeActions") or []
    if not isinstance(actions, list):
        raise BadParameter("'lifetimeActions' must be an array.", "lifetimeActions")
    for given in actions:
        if not isinstance(given, dict):
            raise BadParameter("Each of 'lifetimeActions' must be an object.", "lifetimeActions")
        trigger, action = read_object(given, "trigger"), str(read_object(given, "action").get("type", ""))
        if action.lower() == "rotate":
            after, before = trigger.get("timeAfterCreate"), trigger.get("timeBeforeExpiry")
        elif action.lower() == "notify":
            notify = trigger.get("timeBeforeExpiry")
        else:
            raise BadParameter(
                f"'{action[:40]}' is no action of a policy: rotate or notify.", "lifetimeActions"
            )
    expiry = read_object(document, "attributes").get("expiryTime")
    times = (expiry, after, before, notify)
    if any(time is not None and not isinstance(time, str) for time in times):
        raise BadParameter("Times of a policy are durations such as 'P90D'.", "lifetimeActions")
    return RotationPolicy(*times)


def _encode_policy(call: VaultCall, item: ItemVersion, policy: RotationPolicy | None) -> dict[str, Any]:
    policy = policy or RotationPolicy()
    actions = []
    if policy.rotate_after_create or policy.rotate_before_expiry:
        trigger = present(
            {"timeAfterCreate": policy.rotate_after_create, "timeBeforeExpiry": policy.rotate_before_expiry}
        )
        actions.append({"trigger": trigger, "action": {"type": "Rotate"}})
    if policy.notify_before_expiry:
        trigger = {"timeBeforeExpiry": policy.notify_before_expiry}
        actions.append({"trigger": trigger, "action": {"type": "Notify"}})
    moments = {"created": policy.created_at, "updated": policy.updated_at}
    attributes = {name: int(moment.timestamp()) for name, moment in moments.items() if moment is not None}
    return {
        "id": f"{item_id(call, item, with_version=False)}/rotationpolicy",
        "lifetimeActions": actions,
        "attributes": attributes | present({"expiryTime": policy.expiry_time}),
    }
