"""A data collection rule association: which rule, or which endpoint, a machine or another resource goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kelp.base.ids import ResourceId
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint
from kelp.resources.data_collection_rule import DataCollectionRule
from kelp.resources.document import Document
from kelp.resources.errors import Problem, refuse_if_any
from kelp.resources.shape import Path, Record, Text

if TYPE_CHECKING:
    from typing import Self

    from kelp.resources.transaction import Transaction

ENDPOINT_ASSOCIATION = "configurationAccessEndpoint"
_RULE, _ENDPOINT = "dataCollectionRuleId", "dataCollectionEndpointId"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCollectionRuleAssociation(Document):
    """Names a rule; under the name `configurationAccessEndpoint` an endpoint instead."""

    TYPE: ClassVar[str] = "Microsoft.Insights/dataCollectionRuleAssociations"
    SHAPE: ClassVar[Record] = Record(
        {
            "description": Text(maximum=1024),
            _RULE: Path(("Microsoft.Insights/dataCollectionRules",)),
            _ENDPOINT: Path(("Microsoft.Insights/dataCollectionEndpoints",)),
        },
        read_only=("provisioningState", "metadata"),
    )

    def names(self, resource_id: ResourceId) -> bool:
        """Tell whether it names that rule or endpoint."""
        return any(
            str(self.document.get(member, "")).lower() == resource_id.key for member in (_RULE, _ENDPOINT)
        )

    def check(self, name: str) -> list[Problem]:
        """Check that it names what its name says."""
        needed, other = (
            (_ENDPOINT, _RULE) if name.lower() == ENDPOINT_ASSOCIATION.lower() else (_RULE, _ENDPOINT)
        )
        problems = []
        if needed not in self.document:
            problems.append(Problem(f"properties.{needed}", f"The association '{name}' needs a {needed}."))
        if other in self.document:
            advice = f"Only an association named '{ENDPOINT_ASSOCIATION}' names an endpoint, and that names no rule."
            problems.append(Problem(f"properties.{other}", advice))
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Refuse what does not exist."""
        problems = []
        for member, kind in ((_RULE, DataCollectionRule), (_ENDPOINT, DataCollectionEndpoint)):
            named = self.document.get(member)
            if named is not None and transaction.find(kind, ResourceId.parse(named)) is None:
                problems.append(Problem(f"properties.{member}", f"'{named}' does not exist."))
        refuse_if_any(problems)
        return self
