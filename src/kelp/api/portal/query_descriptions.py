"""What the portal's queries and its editor's questions take and give, for the published description of the API."""

from __future__ import annotations

from kelp.api.description import EVENTS, Body, Description, Parameter
from kelp.kql.editing.conditions import CellAction
from kelp.kql.types import ScalarType
from kelp.resources.shape import (
    Anything,
    Choice,
    Entries,
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

_TEXT = Text()
_QUERY = Text(minimum=1)
_WORKSPACES = Items(_TEXT, minimum=1)
_TYPES = tuple(one.value for one in ScalarType)
_COLUMN = Record({"name": _TEXT, "type": _TEXT}, required=("name", "type"))
_FIX = Record(
    {"start": Whole(0), "end": Whole(0), "text": _TEXT, "title": _TEXT},
    required=("start", "end", "text", "title"),
)
_FINDING = Named(
    "KqlFinding",
    Record(
        {
            "start": Whole(0),
            "end": Whole(0),
            "severity": Choice(("error", "warning")),
            "code": _TEXT,
            "message": _TEXT,
            "advice": _TEXT,
            "fix": _FIX,
        },
        required=("start", "end", "severity", "code", "message"),
    ),
)
_FINDINGS = Items(_FINDING, maximum=10_000)
_ABOUT_TEXT: dict[str, Shape] = {"query": _TEXT, "workspaces": _WORKSPACES, "timespan": Nullable(_TEXT)}
_TEXT_QUESTION = Named("KqlQuestion", Record(_ABOUT_TEXT, required=("query", "workspaces")))
_RUN = Named(
    "PortalRun",
    Record(
        {
            "workspaces": _WORKSPACES,
            "query": _QUERY,
            "timespan": Nullable(_TEXT),
            "maximumRows": Nullable(Whole(1)),
            "parent": Nullable(_TEXT),
            "purpose": Choice(("query", "histogram", "field", "dashboard")),
            "background": Truth(),
        },
        required=("workspaces", "query"),
    ),
)
START_RUN = Description(
    takes=Body(_RUN), gives={201: Body(Named("PortalRunBegun", Record({"id": _TEXT}, required=("id",))))}
)
_PROGRESS = Record(
    {"rowsRead": Nullable(Whole(0)), "rowsTotal": Nullable(Whole(0))}, required=("rowsRead", "rowsTotal")
)
_RUN_STATE = Named(
    "PortalRunState",
    Record(
        {
            "id": _TEXT,
            "query": _TEXT,
            "workspaces": Items(_TEXT),
            "timespan": Nullable(_TEXT),
            "maximumRows": Nullable(Whole(1)),
            "purpose": _TEXT,
            "parent": Nullable(_TEXT),
            "background": Truth(),
            "state": Choice(("waiting", "reading", "ended")),
            "startedAt": Moment(),
            "elapsedSeconds": Number(0),
            "rowCount": Whole(0),
            "hasRows": Truth(),
            "progress": _PROGRESS,
            "error": Nullable(_TEXT),
            "errorCode": Nullable(_TEXT),
        },
        required=(
            "id",
            "query",
            "workspaces",
            "timespan",
            "maximumRows",
            "purpose",
            "parent",
            "background",
            "state",
            "startedAt",
            "elapsedSeconds",
            "rowCount",
            "hasRows",
            "progress",
            "error",
            "errorCode",
        ),
    ),
)
LIST_RUNS = Description(gives={200: Body(Record({"value": Items(_RUN_STATE)}, required=("value",)))})
CHANGE_RUN = Description(
    takes=Body(Record({"background": Truth()}, required=("background",))), gives={200: Body(_RUN_STATE)}
)
CANCEL_RUN = Description(gives={204: None})
TELL_EVENTS = Description(gives={200: Body(media_type=EVENTS)})
SEND_RESULT = Description(
    gives={200: Body(media_type="*/*")},
    parameters=(
        Parameter(
            "format", Choice(("arrow", "json", "jsonl", "csv", "excel-csv", "parquet")), "`arrow` without it."
        ),
        Parameter("table", Whole(0), "Which table of the result, from 0."),
        Parameter("skip", Whole(0), "Rows that are left out."),
        Parameter("top", Whole(0), "Rows at the most."),
    ),
)
CHECK = Description(
    takes=Body(_TEXT_QUESTION),
    gives={200: Body(Named("KqlFindings", Record({"diagnostics": _FINDINGS}, required=("diagnostics",))))},
)
_VOLUME: dict[str, Shape] = {"rows": Nullable(Whole(0)), "bytes": Nullable(Whole(0))}
_ESTIMATED = Record({"name": _TEXT, **_VOLUME}, required=("name", "rows", "bytes"))
_ESTIMATE = Record({**_VOLUME, "tables": Items(_ESTIMATED)}, required=("rows", "bytes", "tables"))
ESTIMATE = Description(takes=Body(_TEXT_QUESTION), gives={200: Body(Named("KqlEstimate", _ESTIMATE))})
EXPLAIN = Description(takes=Body(_TEXT_QUESTION), gives={200: Body(Entries(Anything()))})
_REFUSED_WORKSPACE = Record({"workspace": _TEXT, "code": _TEXT, "message": _TEXT})
_SCHEMA = Record(
    {
        "tables": Items(Entries(Anything()), maximum=100_000),
        "functions": Items(Entries(Anything()), maximum=100_000),
        "workspaces": Items(Entries(Anything())),
        "conflicts": Items(Record({"table": _TEXT, "message": _TEXT}), maximum=100_000),
        "refused": Items(_REFUSED_WORKSPACE),
    },
    required=("tables", "functions", "workspaces", "conflicts", "refused"),
)
SCHEMA = Description(
    takes=Body(Named("KqlWorkspaces", Record({"workspaces": _WORKSPACES}, required=("workspaces",)))),
    gives={200: Body(Named("KqlSchema", _SCHEMA))},
)
_PLACE: dict[str, Shape] = {"query": _TEXT, "position": Whole(0)}
_PART = Record(
    {"start": Whole(0), "end": Whole(0), "textStart": Whole(0)}, required=("start", "end", "textStart")
)
_STATEMENT = Record(
    {"start": Whole(0), "end": Whole(0), "text": _TEXT, "parts": Items(_PART)},
    required=("start", "end", "text", "parts"),
)
STATEMENT = Description(
    takes=Body(Named("KqlPlace", Record(_PLACE, required=("query", "position")))),
    gives={200: Body(Named("KqlStatement", _STATEMENT))},
)
_PARAMETRISED = Record({"query": _TEXT, "hasRange": Truth()}, required=("query", "hasRange"))
PARAMETERS = Description(
    takes=Body(_TEXT_QUESTION), gives={200: Body(Named("KqlParametrised", _PARAMETRISED))}
)
_SPAN = Record({"start": Whole(0), "end": Whole(0)}, required=("start", "end"))
_STEPS = Record(
    {
        "steps": Items(
            Record(
                {"start": Whole(0), "end": Whole(0), "text": _TEXT, "removal": Nullable(_SPAN)},
                required=("start", "end", "text", "removal"),
            )
        ),
        "counting": _TEXT,
        "latest": Nullable(_TEXT),
    },
    required=("steps", "counting", "latest"),
)
STEPS = Description(
    takes=Body(Named("KqlText", Record({"query": _TEXT}, required=("query",)))),
    gives={200: Body(Named("KqlSteps", _STEPS))},
)
_READABLE = Record(
    {
        "name": _TEXT,
        "scope": _TEXT,
        "mayQuery": Truth(),
        "action": _TEXT,
        "tables": Items(
            Record(
                {"name": _TEXT, "reads": Choice(("all", "some", "none")), "action": _TEXT, "scope": _TEXT},
                required=("name", "reads", "action", "scope"),
            )
        ),
    },
    required=("name", "scope", "mayQuery", "action", "tables"),
)
_READER = Record(
    {"id": _TEXT, "name": _TEXT, "workspaces": Items(_READABLE)}, required=("id", "name", "workspaces")
)
READERS = Description(
    takes=Body(
        Named(
            "KqlReadersQuestion",
            Record(
                {"query": _TEXT, "workspaces": _WORKSPACES, "people": Items(_TEXT)},
                required=("query", "workspaces"),
            ),
        )
    ),
    gives={200: Body(Named("KqlReaders", Record({"value": Items(_READER)}, required=("value",))))},
)
_EDIT = Record(
    {
        **_PLACE,
        "op": Choice(tuple(one.value for one in CellAction)),
        "column": _QUERY,
        "path": Items(Anything()),
        "value": Anything(),
        "type": Choice(_TYPES),
    },
    required=("query", "position", "op", "column", "type"),
)
_EDITED = Record({"query": _TEXT, "start": Whole(0), "end": Whole(0)}, required=("query", "start", "end"))
EDIT = Description(takes=Body(Named("KqlEdit", _EDIT)), gives={200: Body(Named("KqlEdited", _EDITED))})
_TRIAL = Record(
    {
        "transformKql": _QUERY,
        "columns": Items(Record({"name": _QUERY, "type": Choice(_TYPES)}, required=("name", "type"))),
        "records": Items(Entries(Anything())),
        "workspace": _TEXT,
        "table": _TEXT,
    },
    required=("transformKql", "columns", "records"),
)
_COMPARED = Record({name: Items(_COLUMN, maximum=10_000) for name in ("missing", "extra", "different")})
_TRIED = Record(
    {
        "columns": Items(_COLUMN),
        "rows": Items(Items(Anything()), maximum=100_000),
        "problems": Items(Record({"record": Whole(0), "message": _TEXT}), maximum=100_000),
        "diagnostics": _FINDINGS,
        "table": _COMPARED,
    },
    required=("columns", "rows", "problems", "diagnostics"),
)
TRY_RULE = Description(
    takes=Body(Named("TransformationTrial", _TRIAL)), gives={200: Body(Named("TransformationTried", _TRIED))}
)
