"""Data collection rule associations of any resource (`Microsoft.Insights/dataCollectionRuleAssociations`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.document_kind import decode_document, encode_document
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.linked import Link
from kelp.api.management.listing import list_resources
from kelp.api.management.plain_kind import PlainKind, put_as_plain
from kelp.base.ids import ResourceId
from kelp.resources.data_collection_association import DataCollectionRuleAssociation
from kelp.resources.errors import ResourceConflict
from kelp.resources.resource import Resource
from kelp.resources.transaction import Transaction

_NAMESPACE = "Microsoft.Insights"
_IN_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}"


def _links(document: Mapping[str, Any]) -> Iterator[Link]:
    for member in ("dataCollectionRuleId", "dataCollectionEndpointId"):
        if member in document:
            yield Link(f"properties.{member}", document[member])


def _encode(call: Call, association: Resource[DataCollectionRuleAssociation]) -> dict[str, Any]:
    return {**encode_document(call, association), "provisioningState": "Succeeded"}


def list_of_target(call: Call) -> Answer:
    """Answer with the associations, in the same subscription, that name a rule or an endpoint."""
    target = ResourceId.parse(call.path.rpartition("/")[0])
    call.require(f"{target.type}/read", target)
    call.store.require_present(target)
    return list_resources(
        call,
        DataCollectionRuleAssociation,
        call.subscription,
        ASSOCIATIONS.document,
        shows=lambda association: association.properties.names(target),
    )


def delete_with_associations(call: Call, transaction: Transaction, target: ResourceId) -> bool:
    """Remove a rule or endpoint; refused while something is associated, unless `deleteAssociations` says so."""
    subscription = call.subscription
    naming = [
        association
        for association in transaction.iter_kind(DataCollectionRuleAssociation, subscription)
        if association.properties.names(target)
    ]
    if naming and call.query.get("deleteAssociations", "").lower() != "true":
        raise ResourceConflict(
            "AssociatedResources",
            f"'{target}' is associated with {len(naming)} resources, the first of them '{naming[0].id.parent}': remove "
            "the associations first, or delete with deleteAssociations=true.",
            target=str(target),
        )
    for association in naming:
        call.require(f"{ASSOCIATIONS.type}/delete", association.id)
        transaction.delete(association.id)
    return transaction.delete(target)


ASSOCIATIONS = PlainKind(
    kind=DataCollectionRuleAssociation,
    path="*dataCollectionRuleAssociations/{association}",
    noun="data collection rule association",
    note="which agents are to ask for",
    decode=decode_document(DataCollectionRuleAssociation, _links),
    encode=_encode,
    put=put_as_plain,
)
_SAYS = KindDescription("DataCollectionRuleAssociation", ASSOCIATIONS.decode).listing()
ROUTES = (
    *ASSOCIATIONS.routes(),
    ManagementRoute(
        "GET", f"{_IN_GROUP}/dataCollectionRules/{{rule}}/associations", _NAMESPACE, list_of_target, _SAYS
    ),
    ManagementRoute(
        "GET",
        f"{_IN_GROUP}/dataCollectionEndpoints/{{endpoint}}/associations",
        _NAMESPACE,
        list_of_target,
        _SAYS,
    ),
)
