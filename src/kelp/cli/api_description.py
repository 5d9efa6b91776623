"""`kelp openapi`: the description of the API that a server gives out at /openapi.json."""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version

from kelp.api.openapi import make_document
from kelp.app.route_list import list_routes


def describe_api() -> str:
    """Return the OpenAPI document as text that differs line by line. Starts an engine over a folder of its own."""
    document = make_document(asyncio.run(list_routes()), version("kelp-logs"))
    return json.dumps(document, indent=2, ensure_ascii=False)
