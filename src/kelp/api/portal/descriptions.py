"""What the portal's session, what users keep and its first pages take and give, for the published description."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kelp.api.description import UNDESCRIBED, Body, Description, Parameter
from kelp.api.portal.page_descriptions import PAGES
from kelp.resources.shape import (
    Anything,
    Choice,
    Entries,
    Guid,
    Items,
    Moment,
    Named,
    Nullable,
    Number,
    Record,
    Shape,
    Text,
    Truth,
    Whole,
)

_TEXT, _TRUTH, _COUNT, _MOMENT = Text(), Truth(), Whole(0), Moment()
_STATE = Choice(("none", "ok", "warning", "danger"))
_KINDS = Choice(("home", "guest", "delegated"))


def _whole(members: Mapping[str, Shape], *, beside: tuple[str, ...] = ()) -> Record:
    """Return an object that has all its members, save those named."""
    return Record(dict(members), required=tuple(name for name in members if name not in beside))


def _list_of(name: str, item: Shape, **more: Shape) -> Body:
    return Body(Named(name, _whole({"value": Items(item, maximum=1_000_000), **more})))


_TENANT: dict[str, Shape] = {"id": Guid(), "name": _TEXT, "domain": _TEXT}
_PERMISSIONS = ("customers", "access", "clusters", "lockbox", "activity", "usage", "settings", "write")
_SESSION = Named(
    "PortalSession",
    Record(
        {
            "signedIn": _TRUTH,
            "user": _whole({"objectId": Guid(), "name": _TEXT, "userName": _TEXT}),
            "tenant": _whole(_TENANT),
            "tenants": Items(_whole({**_TENANT, "kind": _KINDS, "through": Guid()})),
            "delegatedTenants": _COUNT,
            "idleSeconds": _COUNT,
            "idleEndsAt": _MOMENT,
            "endsAt": _MOMENT,
            "permissions": _whole(dict.fromkeys(_PERMISSIONS, _TRUTH)),
            "defaultWorkspace": Nullable(Guid()),
            "version": _TEXT,
            "secondFactor": Choice(("totp",)),
            "ticket": _TEXT,
        }
    ),
)
_FINDING = Named("PortalFinding", _whole({"name": _TEXT, "state": _STATE, "reason": _TEXT}))
_OWN_SESSION = _whole(
    {
        "id": _TEXT,
        "current": _TRUTH,
        "createdAt": _MOMENT,
        "seenAt": _MOMENT,
        "idleEndsAt": _MOMENT,
        "address": _TEXT,
        "userAgent": _TEXT,
    }
)
_PLACE = _whole(
    {
        "kind": Choice(("workspace", "resourceGroup", "subscription")),
        "id": _TEXT,
        "name": _TEXT,
        "tenantId": Guid(),
        "tenantName": _TEXT,
        "tenantDomain": _TEXT,
        "path": _TEXT,
        "relation": _KINDS,
        "through": Guid(),
        "workspaceId": Guid(),
        "location": _TEXT,
        "lastRecordAt": Nullable(_MOMENT),
    },
    beside=("workspaceId", "location", "lastRecordAt"),
)
_HOME = Named(
    "PortalHome",
    _whole(
        {
            "rates": Items(_whole({"table": _TEXT, "perMinute": Items(_COUNT, 60, 60), "total": _COUNT})),
            "from": _MOMENT,
            "lastRecordAt": Nullable(_MOMENT),
            "health": Items(_FINDING),
            "errors": Items(_whole({"at": _MOMENT, "table": _TEXT, "message": _TEXT})),
            "steps": Items(_whole({"id": _TEXT, "done": _TRUTH})),
        }
    ),
)
_HELD_ROLE = Named(
    "PortalHeldRole",
    _whole(
        {
            "name": _TEXT,
            "scope": _TEXT,
            "isDelegated": _TRUTH,
            "group": Nullable(_TEXT),
            "assignmentId": _TEXT,
            "grantedBy": Nullable(_TEXT),
            "grantedAt": Nullable(_MOMENT),
            "mayEnd": _TRUTH,
        }
    ),
)
_CUSTOMER = Named(
    "PortalCustomer",
    _whole(
        {
            "id": Guid(),
            "kind": Choice(("delegated", "central")),
            "name": _TEXT,
            "domain": Nullable(_TEXT),
            "tenantId": Guid(),
            "resourceId": Nullable(_TEXT),
            "state": Nullable(Choice(("Active", "Blocked"))),
            "workspaces": Items(_whole({"id": Guid(), "resourceId": _TEXT, "name": _TEXT}), maximum=100_000),
            "roles": Items(_HELD_ROLE),
            "health": _FINDING,
            "findings": Items(_FINDING, maximum=1_000_000),
            "lastHeartbeatAt": Nullable(_MOMENT),
            "lastRecordAt": Nullable(_MOMENT),
            "agents": Nullable(_COUNT),
            "agentsReporting": Nullable(_COUNT),
            "todayBytes": _COUNT,
            "days": Items(_COUNT, 7, 7),
            "capBytes": Nullable(Number()),
            "capUsed": Nullable(Number()),
            "costMonthToDate": Nullable(Number()),
            "accessUntil": Nullable(_MOMENT),
        }
    ),
)
_PAST_QUERY = _whole(
    {
        "id": Guid(),
        "at": _MOMENT,
        "query": _TEXT,
        "workspaces": Items(_TEXT),
        "timespan": Nullable(_TEXT),
        "rowCount": _COUNT,
        "elapsedSeconds": Number(),
        "cpuSeconds": Number(),
        "scannedBytes": _COUNT,
        "error": Nullable(_TEXT),
    }
)
_DRAFT = Named("PortalDraft", _whole({"document": Anything(), "revision": _COUNT}))
_SHARE: dict[str, Shape] = {"path": _TEXT, "state": Anything()}
_DOCUMENT = Body(Entries(Anything()))
_DONE = Description(gives={204: None})


def _query(*names: str) -> tuple[Parameter, ...]:
    numbers = ("top", "skip", "$top", "$skiptoken")
    return tuple(Parameter(name, Whole(0) if name in numbers else _TEXT) for name in names)


def _takes(*names: str, optional: tuple[str, ...] = ()) -> Body:
    return Body(Record(dict.fromkeys((*names, *optional), _TEXT), required=names))


_SESSION_GIVEN = Body(_SESSION)
_DESCRIPTIONS: Mapping[tuple[str, str], Description] = MappingProxyType(
    {
        **PAGES,
        ("GET", "/session"): Description(gives={200: _SESSION_GIVEN}, is_public=True),
        ("POST", "/session"): Description(
            takes=_takes("userName", "password", optional=("tenant",)),
            gives={200: _SESSION_GIVEN},
            is_public=True,
        ),
        ("POST", "/session/totp"): Description(
            takes=_takes("ticket", "code"), gives={200: _SESSION_GIVEN}, is_public=True
        ),
        ("DELETE", "/session"): Description(gives={204: None}, is_public=True),
        ("GET", "/session/providers"): Description(
            gives={200: _list_of("PortalProviders", _whole({"name": _TEXT, "url": _TEXT}))},
            parameters=_query("tenant"),
            is_public=True,
        ),
        ("POST", "/session/tenant"): Description(takes=_takes("tenant"), gives={200: _SESSION_GIVEN}),
        ("GET", "/me"): Description(gives={200: _DOCUMENT}),
        ("PATCH", "/me"): Description(takes=_DOCUMENT, gives={200: _DOCUMENT}),
        ("GET", "/me/sessions"): Description(gives={200: _list_of("PortalSessions", _OWN_SESSION)}),
        ("DELETE", "/me/sessions/{session}"): _DONE,
        ("POST", "/me/password"): Description(
            takes=_takes("currentPassword", "newPassword"), gives={204: None}
        ),
        ("GET", "/me/totp"): Description(gives={200: Body(_whole({"isEnrolled": _TRUTH}))}),
        ("POST", "/me/totp"): Description(
            takes=_takes("currentPassword"), gives={200: Body(_whole({"secret": _TEXT, "address": _TEXT}))}
        ),
        ("POST", "/me/totp/confirm"): Description(
            takes=_takes("code"), gives={200: Body(_whole({"recoveryCodes": Items(_TEXT)}))}
        ),
        ("POST", "/me/totp/remove"): Description(takes=_takes("code"), gives={204: None}),
        ("GET", "/drafts/{draft}"): Description(gives={200: Body(_DRAFT)}),
        ("PUT", "/drafts/{draft}"): Description(
            takes=Body(Record({"document": Anything()}, required=("document",))),
            gives={200: Body(_whole({"revision": _COUNT}))},
            parameters=(Parameter("If-Match", _TEXT, "The revision that the change is based on.", "header"),),
            refusals=(Body(_DRAFT),),
        ),
        ("DELETE", "/drafts/{draft}"): _DONE,
        ("GET", "/history"): Description(
            gives={200: _list_of("PortalHistory", _PAST_QUERY, total=_COUNT)},
            parameters=_query("search", "top", "skip"),
        ),
        ("DELETE", "/history"): _DONE,
        ("DELETE", "/history/{entry}"): _DONE,
        ("POST", "/shares"): Description(
            takes=Body(Record(_SHARE, required=("path",))), gives={201: Body(_whole({"id": _TEXT}))}
        ),
        ("GET", "/shares/{share}"): Description(
            gives={200: Body(_whole({**_SHARE, "createdBy": _TEXT, "at": _MOMENT}))}
        ),
        ("GET", "/scopes"): Description(
            gives={200: _list_of("PortalScopes", _PLACE, total=_COUNT)},
            parameters=_query("search", "kind", "tenant", "top", "skip"),
        ),
        ("GET", "/home"): Description(
            gives={200: Body(_HOME)}, parameters=(Parameter("workspace", Guid(), is_required=True),)
        ),
        ("GET", "/customers"): Description(
            gives={
                200: _list_of(
                    "PortalCustomers",
                    _CUSTOMER,
                    total=_COUNT,
                    summary=_whole(
                        {
                            "customers": _COUNT,
                            "health": _whole(dict.fromkeys(_STATE.words, _COUNT)),
                            "todayBytes": _COUNT,
                        }
                    ),
                    measuredUntil=_MOMENT,
                    currency=_TEXT,
                    skipToken=Nullable(_TEXT),
                )
            },
            parameters=_query("search", "$filter", "$orderby", "$top", "$skiptoken"),
        ),
    }
)


def describe(method: str, path: str) -> Description:
    """Return what is to be said of a route, by its path below `/portal/api`."""
    return _DESCRIPTIONS.get((method, path), UNDESCRIBED)
