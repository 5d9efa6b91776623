"""The installation's own keys (`Kelp.Keys`): how old they are, and replacing them now. For operators.

Kelp's own: Azure has no such resource.
"""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.kind_description import taking
from kelp.api.management.lockbox import require_operator
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.jobs.key_rotation import KeyPart, KeyRotation, KeyState
from kelp.resources.shape import Choice, Named, Record, Text

_NAMESPACE = "Kelp.Keys"
_ROOT = f"/providers/{_NAMESPACE}/keys"


def list_keys(call: Call) -> Answer:
    """Answer with every key that seals or signs now, and when it is replaced by itself."""
    require_operator(call, f"{_NAMESPACE}/keys/read")
    return Answer(200, {"value": [_encode(state) for state in _rotation(call).list_states()]})


def rotate(call: Call) -> Answer:
    """Replace the keys of a part now; `owner` names one workspace or cluster of it."""
    require_operator(call, f"{_NAMESPACE}/keys/rotate/action")
    reader = call.reader()
    with reader.reporting():
        part, owner = reader.choice("part", KeyPart.ALL), reader.text("owner").lower()
    rotation = _rotation(call)
    if owner and not any(
        state.owner == owner and part in (KeyPart.ALL, state.part) for state in rotation.list_states()
    ):
        message = f"There is no key of '{owner}' among {part}."
        raise ServiceError(Category.NOT_FOUND, "KeyNotFound", message, target="owner")
    rotated = rotation.rotate(part, owner)
    with call.write() as transaction:
        transaction.record_action(ResourceId(), "rotateKeys/action")
    return Answer(200, {"rotated": rotated, "value": [_encode(state) for state in rotation.list_states()]})


def _rotation(call: Call) -> KeyRotation:
    rotation = call.services.rotation
    if rotation is None:
        raise ServiceError(Category.UNSUPPORTED, "NotSupported", "This server does not keep its keys itself.")
    return rotation


def _encode(state: KeyState) -> dict[str, Any]:
    return present(
        {
            "part": state.part,
            "owner": state.owner or None,
            "version": state.version,
            "createdAt": encode_moment(state.created_at),
            "dueAt": encode_moment(state.due_at),
            "sealedOff": state.seal or None,
        }
    )


_SAYS = taking(
    Named("KeyChoice", Record({"part": Choice(tuple(KeyPart)), "owner": Text()})), is_required=False
)
ROUTES = (
    ManagementRoute("GET", _ROOT, _NAMESPACE, list_keys),
    ManagementRoute("POST", f"{_ROOT}/rotate", _NAMESPACE, rotate, _SAYS),
)
