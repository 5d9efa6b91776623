"""`/portal/api/me`, `/drafts`, `/history` and `/shares`: what somebody keeps for themselves, and links for others.

Preferences are of the person, wherever they act; all else is of the account as which they act.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from kelp.api.management.call import Answer
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import WorkspaceId
from kelp.catalog.table_access import RoleAccess
from kelp.identity.personal_documents import PersonalDocuments, RevisionConflict
from kelp.identity.personal_keys import PersonalKeys
from kelp.identity.query_history import PastQuery, QueryHistory
from kelp.identity.shares import Share, Shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.api.portal.call import PortalCall, Work
    from kelp.api.portal.person import People
    from kelp.base.clock import Clock
    from kelp.base.keys import KeyProvider
    from kelp.identity.accounts import Connections
    from kelp.identity.directory import Directory
    from kelp.identity.principal import Principal
    from kelp.resources.access import Access
    from kelp.resources.store import ResourceStore

_PREFERENCES = "preferences"
_MAXIMUM_PREFERENCES_BYTES = 16 * 1024
_MAXIMUM_DRAFT_BYTES = 1024 * 1024
_MAXIMUM_STATE_BYTES = 256 * 1024
_MAXIMUM_PATH_CHARACTERS = 2_000
_DRAFT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
_PATH_OF_WORKSPACE = re.compile(r"/t/[^/]+/w/(?P<workspace>[0-9a-fA-F-]{36})(?:[/?#].*)?")


@dataclass(frozen=True, slots=True)
class Personal:
    """Where users keep what is theirs."""

    documents: PersonalDocuments
    history: QueryHistory
    shares: Shares


def make_personal(connections: Connections, keys: KeyProvider, clock: Clock) -> Personal:
    """Make the stores over a database."""
    own = PersonalKeys(connections, keys)
    return Personal(
        PersonalDocuments(connections, own, clock),
        QueryHistory(connections, own, clock),
        Shares(connections, own, clock),
    )


class PersonalRoutes:
    """Holds what the routes need."""

    def __init__(
        self,
        personal: Personal,
        people: People,
        directory: Directory,
        store: ResourceStore,
        access: Access,
    ) -> None:
        self._personal = personal
        self._people = people
        self._directory = directory
        self._store = store
        self._access = access

    def works(self) -> Mapping[tuple[str, str], Work]:
        """Return the functions by method and path."""
        return {
            ("GET", "/me"): self.show_preferences,
            ("PATCH", "/me"): self.change_preferences,
            ("GET", "/drafts/{draft}"): self.show_draft,
            ("PUT", "/drafts/{draft}"): self.save_draft,
            ("DELETE", "/drafts/{draft}"): self.delete_draft,
            ("GET", "/history"): self.list_history,
            ("DELETE", "/history"): self.clear_history,
            ("DELETE", "/history/{entry}"): self.delete_from_history,
            ("POST", "/shares"): self.share,
            ("GET", "/shares/{share}"): self.show_share,
        }

    def show_preferences(self, call: PortalCall) -> Answer:
        """Answer with how the caller likes the portal: a document that the page alone understands."""
        found = self._personal.documents.read(call.home_id, _PREFERENCES)
        return Answer(200, msgspec.json.decode(found.content) if found.content else {})

    def change_preferences(self, call: PortalCall) -> Answer:
        """Change members of the preferences; those that are null are removed (RFC 7396, at the top)."""
        changes, documents = call.document(), self._personal.documents
        while True:
            found = documents.read(call.home_id, _PREFERENCES)
            before: dict[str, Any] = msgspec.json.decode(found.content) if found.content else {}
            after = {name: value for name, value in (before | dict(changes)).items() if value is not None}
            content = _encode_within(after, _MAXIMUM_PREFERENCES_BYTES, "The preferences")
            try:
                documents.put(call.home_id, _PREFERENCES, content, found.revision)
            except RevisionConflict:
                continue  # another tab changed them meanwhile
            return Answer(200, after)

    def show_draft(self, call: PortalCall) -> Answer:
        """Answer with a draft and its revision; at revision 0 there is none yet."""
        found = self._personal.documents.read(call.principal.object_id, _draft_of(call))
        document = msgspec.json.decode(found.content) if found.content else None
        return Answer(
            200, {"document": document, "revision": found.revision}, {"ETag": f'"{found.revision}"'}
        )

    def save_draft(self, call: PortalCall) -> Answer:
        """Replace a draft if it is still at the revision of `If-Match`; else answer 412 with the newer one."""
        name, revision = _draft_of(call), _read_revision(call.if_match)
        document = call.document()
        if "document" not in document:
            raise _refuse("document", "The body has a member 'document', which is kept as it is.")
        content = _encode_within(document["document"], _MAXIMUM_DRAFT_BYTES, "The draft")
        try:
            made = self._personal.documents.put(call.principal.object_id, name, content, revision)
        except RevisionConflict as conflict:
            current = conflict.current
            newer = msgspec.json.decode(current.content) if current.content else None
            error = {"code": conflict.code, "message": conflict.message, "correlationId": call.correlation_id}
            document = {"error": error, "document": newer, "revision": current.revision}
            return Answer(412, document, {"ETag": f'"{current.revision}"'})
        return Answer(200, {"revision": made}, {"ETag": f'"{made}"'})

    def delete_draft(self, call: PortalCall) -> Answer:
        """Remove a draft."""
        self._personal.documents.delete(call.principal.object_id, _draft_of(call))
        return Answer(204)

    def list_history(self, call: PortalCall) -> Answer:
        """List what the caller asked, the newest first, `search` in its text."""
        top, skip = call.number("top", 100), call.number("skip", 0, 1_000_000)
        owner = call.principal.object_id
        entries, total = self._personal.history.read(owner, call.query.get("search", ""), top, skip)
        return Answer(200, {"value": [_encode_entry(entry) for entry in entries], "total": total})

    def clear_history(self, call: PortalCall) -> Answer:
        """Forget all that the caller asked."""
        self._personal.history.delete(call.principal.object_id)
        return Answer(204)

    def delete_from_history(self, call: PortalCall) -> Answer:
        """Forget one query."""
        try:
            entry_id = UUID(call.parameters["entry"])
        except ValueError:
            entry_id = None
        if entry_id is None or not self._personal.history.delete(call.principal.object_id, entry_id):
            raise ServiceError(Category.NOT_FOUND, "EntryNotFound", "There is no such entry in your history.")
        return Answer(204)

    def share(self, call: PortalCall) -> Answer:
        """Make a link to a place of the portal, with its state. It gives nobody a right."""
        reader = call.reader()
        with reader.reporting():
            path, state = reader.text("path"), reader.free("state")
            if not _OWN_PATH.fullmatch(path) or len(path) > _MAXIMUM_PATH_CHARACTERS:
                what = f"a path of the portal of up to {_MAXIMUM_PATH_CHARACTERS} characters"
                reader.refuse("path", f"'path' is {what}, such as /t/contoso.example/w/<workspace>/logs.")
        content = _encode_within({"path": path, "state": state}, _MAXIMUM_STATE_BYTES, "The link's state")
        made = self._personal.shares.create(call.principal.object_id, content)
        return Answer(201, {"id": made}, {"Location": f"/s/{made}"})

    def show_share(self, call: PortalCall) -> Answer:
        """Tell where a link leads: to users of the tenant it was made in, and to who may query its workspace."""
        share = self._personal.shares.find(call.parameters["share"])
        document = msgspec.json.decode(share.content) if share is not None else {}
        # A link from a mail names no tenant: the person's account that it is meant for may be a guest's.
        callers = [
            self._directory.principal_of(one.account) for one in self._people.list_accounts(call.home_id)
        ]
        if share is None or not any(self._may_follow(one, share, document["path"]) for one in callers):
            message = "There is no such link, or it leads where you have no access."
            raise ServiceError(Category.NOT_FOUND, "ShareNotFound", message)
        maker = self._directory.find_account(share.object_id)
        document |= {"createdBy": maker.name if maker is not None else "", "at": share.at}
        return Answer(200, document)

    def _may_follow(self, caller: Principal, share: Share, path: str) -> bool:
        maker = self._directory.find_account(share.object_id)
        if maker is not None and maker.tenant_id == caller.tenant_id:
            return True
        named = _PATH_OF_WORKSPACE.fullmatch(path)
        try:
            workspace_id = WorkspaceId(UUID(named["workspace"])) if named else None
        except ValueError:
            return False
        workspace = self._store.snapshot.workspaces.get(workspace_id) if workspace_id else None
        return workspace is not None and RoleAccess(self._access, caller).may_query(workspace)


def _draft_of(call: PortalCall) -> str:
    """Return the name under which a draft is kept. Raises `ServiceError` (invalid)."""
    name = call.parameters["draft"]
    if not _DRAFT.fullmatch(name):
        raise _refuse("draft", "The key of a draft has up to 64 letters, digits and any of . _ -")
    return f"draft/{name}"


def _read_revision(if_match: str | None) -> int | None:
    """Return the revision of an `If-Match`; None for `*` and where there is none."""
    if if_match is None or if_match == "*":
        return None
    text = if_match.removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise _refuse("If-Match", f"'If-Match' is the number of a revision, not '{if_match[:50]}'.")
    return int(text)


def _encode_within(document: object, maximum_bytes: int, what: str) -> bytes:
    content = msgspec.json.encode(document)
    if len(content) > maximum_bytes:
        raise ServiceError(
            Category.TOO_LARGE,
            "RequestEntityTooLarge",
            f"{what} may have {maximum_bytes} bytes, not {len(content)}.",
        )
    return content


def _encode_entry(entry: PastQuery) -> dict[str, Any]:
    return {"id": str(entry.id), "at": entry.at, **msgspec.to_builtins(entry.asked)}


def _refuse(target: str, message: str) -> ServiceError:
    return ServiceError(Category.INVALID, "InvalidParameter", message, target=target)
