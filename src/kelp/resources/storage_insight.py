"""A storage insight: the storage account from which a workspace reads logs that others wrote there."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem
from kelp.resources.naming import check_tags
from kelp.resources.plain import Plain

if TYPE_CHECKING:
    from typing import Self

    from kelp.resources.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageInsight(Plain):
    """The account's key is kept wrapped: `key` is there in a draft only, and `wrapped_key` is base64."""

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/storageInsightConfigs"

    storage_account_id: str
    key: str = field(default="", repr=False)
    containers: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    wrapped_key: str = field(default="", repr=False)
    purpose_id: str = ""

    def check(self, name: str) -> list[Problem]:
        """Check the account and its key, which is base64."""
        target = "properties.storageAccount"
        problems = check_tags(self.tags)
        try:
            kind = ResourceId.parse(self.storage_account_id).type.lower()
        except ServiceError as error:
            problems.append(Problem(f"{target}.id", error.message))
        else:
            if not kind.endswith("storage/storageaccounts"):
                problems.append(Problem(f"{target}.id", "It is not the id of a storage account."))
        try:
            is_key = bool(base64.b64decode(self.key, validate=True))
        except (binascii.Error, ValueError):
            is_key = False
        if not is_key:
            problems.append(Problem(f"{target}.key", "The key of a storage account is base64, and needed."))
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Wrap the key, for a purpose of its own, since the id may change."""
        purpose_id = str(uuid4())
        wrapped = transaction.wrap(f"storage-insight/{purpose_id}", self.key.encode())
        encoded = base64.b64encode(wrapped).decode()
        return replace(self, key="", purpose_id=purpose_id, wrapped_key=encoded)
