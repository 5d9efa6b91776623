"""Who asks a query, as far as the language can tell: `current_principal()` and its like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asker:
    """An account, its groups by id, and the workspace that it asks. Ids are in lower case.

    A user is known by its object, an application by its own id.
    """

    is_user: bool
    tenant_id: str
    object_id: str
    application_id: str
    name: str
    group_ids: frozenset[str]
    workspace_id: str

    @property
    def qualified_name(self) -> str:
        """Return the name that `current_principal()` gives."""
        kind, own_id = ("aaduser", self.object_id) if self.is_user else ("aadapp", self.application_id)
        return f"{kind}={own_id};{self.tenant_id}"

    def is_or_belongs_to(self, qualified_name: str) -> bool:
        """Tell whether a name, `aadgroup=id;tenant` or the like, is of the asker or of one of its groups.

        A name without a tenant is of the asker's. Names and addresses of groups are not known.
        """
        kind, _, rest = qualified_name.strip().lower().partition("=")
        own_id, _, tenant_id = rest.partition(";")
        if tenant_id not in ("", self.tenant_id):
            return False
        match kind:
            case "aaduser":
                return self.is_user and own_id in (self.object_id, self.name.lower())
            case "aadapp":
                return not self.is_user and own_id == self.application_id
            case "aadgroup":
                return own_id in self.group_ids
            case _:
                return False
