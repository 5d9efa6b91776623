"""What queries take and give, for the published description of the API."""

from __future__ import annotations

from kelp.api.description import Body, Description, Parameter
from kelp.resources.shape import (
    Anything,
    Entries,
    Items,
    Moment,
    Named,
    Record,
    Shape,
    Text,
    Truth,
    Whole,
)

_TEXT = Text()
_COLUMN = Named("QueryColumn", Record({"name": _TEXT, "type": _TEXT}, required=("name", "type")))
_TABLE = Named(
    "QueryTable",
    Record(
        {
            "name": _TEXT,
            "columns": Items(_COLUMN, maximum=10_000),
            "rows": Items(Items(Anything(), maximum=10_000), maximum=500_000),
        },
        required=("name", "columns", "rows"),
    ),
)
_QUERY: dict[str, Shape] = {
    "query": Text(minimum=1),
    "timespan": _TEXT,
    "workspaces": Items(_TEXT),
}
QUERY = Named("QueryRequest", Record(_QUERY, required=("query",)))
ANSWER = Named(
    "QueryAnswer",
    Record(
        {
            "tables": Items(_TABLE),
            "statistics": Entries(Anything()),
            "render": Entries(Anything()),
            "error": Entries(Anything()),
        }
    ),
)
_PREFERENCES = Parameter(
    "Prefer",
    _TEXT,
    "wait=seconds, include-statistics=true, include-render=true.",
    "header",
    component="Prefer",
)
_EXPLAIN = Parameter("explain", Truth(), "Tell what the query would do instead of running it.")
_IN_TEXT = (
    Parameter("query", Text(minimum=1), "The query.", is_required=True),
    Parameter("timespan", _TEXT, "The time that it is about, as ISO 8601."),
    Parameter("workspaces", _TEXT, "More workspaces, separated by commas."),
)
_BATCH = Named(
    "QueryBatch",
    Record(
        {
            "requests": Items(
                Record(
                    {
                        "id": _TEXT,
                        "workspace": _TEXT,
                        "headers": Entries(_TEXT),
                        "method": _TEXT,
                        "path": _TEXT,
                        "body": QUERY,
                    },
                    required=("id", "workspace", "body"),
                ),
                maximum=1000,
            )
        },
        required=("requests",),
    ),
)
_BATCH_ANSWER = Named(
    "QueryBatchAnswer",
    Record(
        {
            "responses": Items(
                Record({"id": _TEXT, "status": Whole(), "headers": Entries(_TEXT), "body": Anything()})
            )
        },
        required=("responses",),
    ),
)
_METADATA = Named(
    "QueryMetadata",
    Record(
        {
            "tables": Items(Entries(Anything()), maximum=100_000),
            "workspaces": Items(Entries(Anything())),
            "functions": Items(Entries(Anything()), maximum=100_000),
        }
    ),
)
BATCH = Description(takes=Body(_BATCH), gives={200: Body(_BATCH_ANSWER)})
METADATA = Description(gives={200: Body(_METADATA)})


def describe_query(method: str) -> Description:
    """Return what a query takes, in its body or in its query string, and what it is answered with."""
    parameters = (_PREFERENCES, _EXPLAIN)
    if method == "GET":
        return Description(gives={200: Body(ANSWER)}, parameters=(*_IN_TEXT, *parameters))
    return Description(takes=Body(QUERY), gives={200: Body(ANSWER)}, parameters=parameters)


_RANGE: dict[str, Shape] = {
    "top": Whole(1, 5000),
    "skip": Whole(0),
    "start": Moment(),
    "end": Moment(),
    "includeArchive": Truth(),
}
_SEARCH = Named("SearchRequest", Record({"query": _TEXT, **_RANGE}, required=("query",)))
_SEARCH_ANSWER = Named(
    "SearchAnswer",
    Record(
        {
            "id": _TEXT,
            "__metadata": Entries(Anything()),
            "value": Items(Entries(Anything()), maximum=5000),
        },
        required=("id", "value"),
    ),
)
_TABLES_ANSWER = Named("SearchTablesAnswer", Record({"Tables": Items(Entries(Anything()))}))
FOUND = Description(gives={200: Body(_SEARCH_ANSWER)})
SEARCH = Description(takes=Body(_SEARCH), gives=FOUND.gives)
SEARCH_SAVED = Description(
    takes=Body(Named("SearchRange", Record(_RANGE)), is_required=False), gives=FOUND.gives
)
RESULTS_SAVED = Description(name="show_saved", gives=FOUND.gives)
SEARCH_TABLES = Description(takes=Body(QUERY), gives={200: Body(_TABLES_ANSWER)})
