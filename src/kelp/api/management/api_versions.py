"""Which `api-version`s of each resource provider are accepted. All present ones share one shape of each resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from kelp.api.description import Description, Parameter
from kelp.base.errors import Category, ServiceError
from kelp.resources.shape import Choice

KNOWN_VERSIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Microsoft.OperationalInsights": frozenset(
            (
                "2015-03-20",
                "2015-11-01-preview",
                "2017-01-01-preview",
                "2017-03-15-preview",
                "2017-04-26-preview",
                "2017-10-01",
                "2019-09-01",
                "2020-03-01-preview",
                "2020-08-01",
                "2020-10-01",
                "2021-06-01",
                "2021-12-01-preview",
                "2022-10-01",
                "2023-01-01-preview",
                "2023-09-01",
                "2025-02-01",
                "2025-07-01",
            )
        ),
        "Microsoft.Insights": frozenset(
            (
                "2015-04-01",
                "2015-05-01",
                "2016-09-01",
                "2017-04-01",
                "2017-05-01-preview",
                "2018-03-01",
                "2018-05-01-preview",
                "2018-06-17-preview",
                "2019-03-01",
                "2019-06-01",
                "2019-11-01-preview",
                "2020-02-02",
                "2020-02-02-preview",
                "2020-10-01",
                "2021-03-08",
                "2021-04-01",
                "2021-05-01-preview",
                "2021-08-01",
                "2021-09-01",
                "2021-09-01-preview",
                "2022-04-01",
                "2022-06-01",
                "2022-06-15",
                "2023-01-01",
                "2023-03-11",
                "2023-03-15-preview",
                "2023-06-01",
                "2023-12-01",
                "2024-02-01",
                "2024-03-11",
            )
        ),
        "Kelp.Keys": frozenset(("2026-11-01",)),
        "Microsoft.CustomerLockbox": frozenset(("2018-02-28-preview", "2024-02-28-preview")),
        "Microsoft.KeyVault": frozenset(
            (
                "2015-06-01",
                "2016-10-01",
                "2018-02-14",
                "2019-09-01",
                "2020-04-01-preview",
                "2021-04-01-preview",
                "2021-06-01-preview",
                "2021-10-01",
                "2021-11-01-preview",
                "2022-07-01",
                "2022-11-01",
                "2023-02-01",
                "2023-07-01",
                "2024-04-01-preview",
                "2024-11-01",
                "2024-12-01-preview",
                "2025-05-01",
                "2026-02-01",
                "2026-05-15",
            )
        ),
        "Microsoft.CostManagement": frozenset(
            ("2019-11-01", "2021-10-01", "2022-10-01", "2023-03-01", "2023-11-01", "2024-08-01", "2025-03-01")
        ),
        "Microsoft.OperationsManagement": frozenset(("2015-11-01-preview",)),
        "Microsoft.Authorization": frozenset(
            (
                "2015-01-01",
                "2015-07-01",
                "2016-09-01",
                "2017-04-01",
                "2018-01-01-preview",
                "2018-07-01",
                "2018-09-01-preview",
                "2020-03-01-preview",
                "2020-04-01-preview",
                "2020-05-01",
                "2020-08-01-preview",
                "2020-10-01-preview",
                "2021-04-01-preview",
                "2022-04-01",
                "2022-05-01-preview",
            )
        ),
        "Microsoft.ManagedServices": frozenset(
            (
                "2018-06-01-preview",
                "2019-04-01-preview",
                "2019-06-01",
                "2019-09-01",
                "2020-02-01-preview",
                "2022-01-01-preview",
                "2022-10-01",
            )
        ),
        "Microsoft.Subscription": frozenset(
            (
                "2019-03-01-preview",
                "2019-10-01-preview",
                "2020-01-01",
                "2020-09-01",
                "2021-10-01",
                "2024-08-01-preview",
            )
        ),
        "Microsoft.Resources": frozenset(
            (
                "2014-04-01",
                "2015-01-01",
                "2015-11-01",
                "2016-02-01",
                "2016-06-01",
                "2016-09-01",
                "2017-05-10",
                "2018-02-01",
                "2018-05-01",
                "2018-06-01",
                "2019-03-01",
                "2019-05-01",
                "2019-05-10",
                "2019-06-01",
                "2019-07-01",
                "2019-08-01",
                "2019-10-01",
                "2019-11-01",
                "2020-01-01",
                "2020-06-01",
                "2020-08-01",
                "2020-10-01",
                "2021-01-01",
                "2021-04-01",
                "2022-01-01",
                "2022-06-01",
                "2022-09-01",
                "2022-12-01",
                "2023-07-01",
                "2024-03-01",
                "2024-07-01",
                "2024-11-01",
                "2025-03-01",
                "2025-04-01",
                "2025-07-01",
                "2026-06-01",
            )
        ),
    }
)


def check_version(namespace: str, version: str) -> None:
    """Refuse a request without a version, or with one that its provider never had. Raises `ServiceError` (invalid)."""
    if not version:
        raise ServiceError(
            Category.INVALID,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    known = KNOWN_VERSIONS[namespace]
    if version.lower() not in known:
        supported = ",".join(sorted(known))
        raise ServiceError(
            Category.INVALID,
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid for '{namespace}'. The supported versions are '{supported}'.",
        )


def of_version(namespace: str, description: Description) -> Description:
    """Return a description with the parameter that names a version of the provider."""
    version = Parameter(
        "api-version",
        Choice(tuple(sorted(KNOWN_VERSIONS[namespace], reverse=True))),
        "The version of the provider. All have one shape of each resource here.",
        is_required=True,
        component=f"ApiVersion.{namespace}",
    )
    return replace(description, parameters=(version, *description.parameters))


def newest_version(namespace: str) -> str:
    """Return the newest version of a provider that is no preview; an empty text for an unknown provider."""
    for known, versions in KNOWN_VERSIONS.items():
        if known.lower() == namespace.lower():
            return max(version for version in versions if not version.endswith("-preview"))
    return ""
