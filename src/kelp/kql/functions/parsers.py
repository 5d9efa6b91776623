"""Functions that take apart texts of a known form."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, segment_function
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("parse_url", (Accepts.TEXT,), T.DYNAMIC, aliases=("parseurl",)),
    function("parse_urlquery", (Accepts.TEXT,), T.DYNAMIC, aliases=("parseurlquery",)),
    function("parse_path", (Accepts.TEXT,), T.DYNAMIC),
    function("parse_csv", (Accepts.TEXT,), T.DYNAMIC),
    function("parse_version", (Accepts.TEXT,), T.DECIMAL),
    segment_function("parse_xml", (Accepts.TEXT,), T.DYNAMIC),
    segment_function("parse_user_agent", (Accepts.TEXT, optional(Accepts.ANY)), T.DYNAMIC),
    function("parse_command_line", (Accepts.TEXT, Accepts.CONSTANT_STRING), T.DYNAMIC),
)
