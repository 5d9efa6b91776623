"""What the roll-up of usage takes and gives, for the published description."""

from __future__ import annotations

from kelp.api.description import Body, Description, Parameter
from kelp.api.portal.page_descriptions import whole
from kelp.jobs.usage_rollup import Dimension
from kelp.resources.shape import (
    Choice,
    Guid,
    Items,
    Moment,
    Named,
    Nullable,
    Number,
    Text,
    Truth,
    Whole,
)

_TEXT, _NUMBER, _COUNT = Text(), Number(), Whole(0)


_BY_DAY = Nullable(Items(_NUMBER, maximum=366))
_GROUP = whole({"id": _TEXT, "kind": _TEXT, "name": _TEXT, "bytes": _BY_DAY, "amounts": _BY_DAY})
_FORECAST = whole(
    {
        **dict.fromkeys(("amount", "spent", "dailyAverage"), _NUMBER),
        **dict.fromkeys(("averagedDays", "daysLeft"), _COUNT),
    }
)
_TIER = whole(
    {
        **dict.fromkeys(("resourceId", "name", "sku"), _TEXT),
        "kind": Choice(("workspace", "cluster")),
        "reservedGb": Nullable(_COUNT),
        "amount": _NUMBER,
        "days": _COUNT,
        "dailyBytes": _NUMBER,
        "offers": Items(whole({"reservedGb": Nullable(_COUNT), "amount": _NUMBER})),
    }
)
USAGE = Description(
    gives={
        200: Body(
            Named(
                "PortalUsage",
                whole(
                    {
                        "currency": _TEXT,
                        "pricesAreSet": Truth(),
                        "measuredUntil": Nullable(Moment()),
                        "days": Items(_TEXT, maximum=366),
                        "groups": Items(_GROUP),
                        "capBytes": Nullable(_NUMBER),
                        **dict.fromkeys(("capped", "workspaces", "unpriced", "resetHour"), _COUNT),
                        "forecast": Nullable(_FORECAST),
                        "tiers": Items(_TIER, maximum=100_000),
                    }
                ),
            )
        )
    },
    parameters=(
        Parameter("from", _TEXT, "The first day, as 2026-03-01; without it that of the month."),
        Parameter("to", _TEXT, "The last day; without it today."),
        Parameter("by", Choice(tuple(Dimension)), "What the groups are."),
        Parameter("workspace", Guid(), "One workspace; without it all of the tenant."),
    ),
)
