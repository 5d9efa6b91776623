"""What a document names elsewhere: it must be there, and its author must have a right to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kelp.api.management.call import Call
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.kinds import KIND_OF_TYPE
from kelp.resources.table import Table


@dataclass(frozen=True, slots=True)
class Link:
    """A resource id under `target`, and the action that naming it amounts to; an empty one means reading it."""

    target: str
    text: object
    action: str = ""


def refuse_links(call: Call, reader: DocumentReader, links: Iterable[Link]) -> None:
    """Report links to what is not there or not the author's. What lies in no subscription of Kelp is not looked at."""
    for link in links:
        try:
            linked = ResourceId.parse(str(link.text))
        except ServiceError:
            # Whoever reads the member says what is wrong with it.
            continue
        if call.store.snapshot.find_tenant_id(linked) is None:
            continue
        action = link.action or f"{linked.type}/read"
        kind = KIND_OF_TYPE.get(linked.type.lower())
        if not call.allows(action, linked):
            reader.refuse(
                link.target,
                f"The client has permission to write this resource but not to perform '{action}' on the linked scope "
                f"'{linked}'.",
                "LinkedAuthorizationFailed",
            )
        elif kind not in (None, Table) and call.store.find(kind, linked) is None:
            reader.refuse(link.target, f"'{linked}' does not exist.", "LinkedResourceNotFound")
