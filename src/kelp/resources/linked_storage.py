"""A linked storage account: the customer's own place for one kind of data of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem
from kelp.resources.plain import Plain

DATA_SOURCE_TYPES = "CustomLogs", "AzureWatson", "Query", "Ingestion", "Alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedStorageAccount(Plain):
    """Its name is the kind of data. The accounts need not be Kelp's."""

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/linkedStorageAccounts"

    storage_account_ids: tuple[str, ...]

    def check(self, name: str) -> list[Problem]:
        """Check name and accounts."""
        problems = []
        if name.lower() not in {one.lower() for one in DATA_SOURCE_TYPES}:
            text = f"'{name}' is no kind of data: {', '.join(DATA_SOURCE_TYPES)}."
            problems.append(Problem("name", text, "InvalidDataSourceType"))
        if not self.storage_account_ids:
            problems.append(Problem("properties.storageAccountIds", "Name at least one storage account."))
        for index, account in enumerate(self.storage_account_ids):
            target = f"properties.storageAccountIds[{index}]"
            try:
                kind = ResourceId.parse(account).type.lower()
            except ServiceError as error:
                problems.append(Problem(target, error.message))
                continue
            if kind not in ("microsoft.storage/storageaccounts", "microsoft.classicstorage/storageaccounts"):
                problems.append(Problem(target, f"'{account}' is not the id of a storage account."))
        return problems


def canonical_data_source_type(name: str) -> str:
    """Return the kind of data in its own case."""
    return next(one for one in DATA_SOURCE_TYPES if one.lower() == name.lower())
