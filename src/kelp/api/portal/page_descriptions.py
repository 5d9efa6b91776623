"""What the management pages' own routes take and give, for the published description."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kelp.api.description import Body, Description
from kelp.resources.shape import (
    Anything,
    Choice,
    Items,
    Moment,
    Named,
    Nullable,
    Record,
    Shape,
    Text,
    Truth,
    Whole,
)

_TEXT, _TRUTH, _COUNT, _MOMENT = Text(), Truth(), Whole(0), Moment()


def whole(members: Mapping[str, Shape]) -> Record:
    """Return an object that has all its members."""
    return Record(dict(members), required=tuple(members))


_MEMBER = whole({"path": _TEXT, "before": Anything(), "after": Anything(), "isSecret": _TRUTH})
_CHAIN = whole(
    {
        "state": Choice(("verified", "broken")),
        "checkedAt": _MOMENT,
        "records": _COUNT,
        "headDigest": _TEXT,
        "broken": Nullable(whole({"sequence": _COUNT, "reason": _TEXT})),
    }
)
_LINK_CHECKS = whole(
    {
        "checks": Items(whole({"name": _TEXT, "isMet": _TRUTH, "problem": Nullable(_TEXT)})),
        **dict.fromkeys(("linksUsed", "linksAllowed", "windowDays"), _COUNT),
    }
)
_DELETED = whole(
    {
        **dict.fromkeys(("id", "name", "location"), _TEXT),
        "capacity": _COUNT,
        **dict.fromkeys(("deletedAt", "destroyedAt"), _MOMENT),
    }
)
PAGES: Mapping[tuple[str, str], Description] = MappingProxyType(
    {
        ("POST", "/activity/verify"): Description(
            takes=Body(Record({"again": _TRUTH})), gives={200: Body(Named("PortalChain", _CHAIN))}
        ),
        ("GET", "/activity/{event}/change"): Description(
            gives={200: Body(whole({"isRecorded": _TRUTH, "members": Items(_MEMBER), "more": _COUNT}))}
        ),
        ("POST", "/clusters/link-checks"): Description(
            takes=Body(whole({"workspace": _TEXT, "cluster": _TEXT})),
            gives={200: Body(Named("PortalLinkChecks", _LINK_CHECKS))},
        ),
        ("GET", "/clusters/deleted"): Description(
            gives={200: Body(Named("PortalDeletedClusters", whole({"value": Items(_DELETED)})))}
        ),
    }
)
"""By method and path below `/portal/api`."""
