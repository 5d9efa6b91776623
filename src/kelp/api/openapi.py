"""The published description of the API (OpenAPI 3.1), made of the routes of a server; and the route that gives it out.

Nothing is kept by hand here: a route that is served is in the document, with what it says of itself.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kelp.api.asgi import Route, endpoint_app
from kelp.api.description import Answers, Body, Description, Parameter
from kelp.api.error_shapes import error_shape
from kelp.api.errors import Surface
from kelp.api.http import find_header
from kelp.api.json_schema import Schemas
from kelp.resources.shape import Anything

PATH = "/openapi.json"
_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")
_UNNAMED_MODULES = frozenset(("routes",))
"""Modules that say less than the package they lie in."""
_OUTER = frozenset(("subscription", "group"))
"""Parameters that go without saying where there is another."""
_USUAL: Mapping[str, Answers] = MappingProxyType(
    {
        "GET": {200: Body()},
        "HEAD": {200: None},
        "PUT": {200: Body(), 201: Body()},
        "PATCH": {200: Body()},
        "POST": {200: Body()},
        "DELETE": {200: None, 204: None},
    }
)
_MEANINGS = MappingProxyType(
    {
        200: "Done.",
        201: "Made.",
        202: "Accepted: the operation goes on, and the headers tell where to ask for it.",
        204: "Done; there is nothing to tell.",
        302: "Go on elsewhere.",
        303: "Go on elsewhere.",
        304: "Not changed since.",
        404: "There is none.",
    }
)
_CREDENTIALS: Mapping[str, Any] = MappingProxyType(
    {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of POST /{tenant}/oauth2/v2.0/token for the audience of the API.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-kelp-session",
            "description": "The portal's session. Requests other than GET bear X-Kelp-Csrf: 1 too.",
        },
        "sharedKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "SharedKey <workspace>:<signature>, with a key of the workspace or of a customer.",
        },
    }
)


def make_document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """Return the description of the routes. Raises `ValueError` where two operations or shapes have one name."""
    pen = _Pen()
    paths: dict[str, dict[str, Any]] = {}
    named = name_operations(routes)
    for name, route in sorted(named.items(), key=lambda item: (item[1].path, item[1].method)):
        item = paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})
        if route.method.lower() in item:
            raise ValueError(f"{route.method} {route.path} is described twice.")
        item[route.method.lower()] = pen.write(name, route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kelp",
            "version": version,
            "description": "Log Analytics of one's own: the APIs of Azure Monitor and what Kelp adds to them. "
            "Paths are compared without regard to case. Members that a document does not name are accepted.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted(pen.groups)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(pen.schemas.by_name.items())),
            "parameters": dict(sorted(pen.parameters.items())),
            "securitySchemes": dict(_CREDENTIALS),
        },
    }


class _Pen:
    """Writes operations, and gathers what they share."""

    def __init__(self) -> None:
        self.schemas = Schemas()
        self.parameters: dict[str, Any] = {}
        self.groups: set[str] = set()

    def write(self, name: str, route: Route) -> dict[str, Any]:
        described, group = route.description, _group_of(route)
        self.groups.add(group)
        summary, _, rest = (inspect.getdoc(inspect.unwrap(route.app)) or "").partition("\n\n")
        operation: dict[str, Any] = {
            "operationId": name,
            "summary": " ".join(summary.split()),
            "tags": [group],
            "parameters": [*_iter_path(route), *map(self._parameter, described.parameters)],
            "responses": self._answers(route),
            "security": _credentials_of(route),
        }
        if rest:
            operation["description"] = rest
        if described.takes is not None:
            operation["requestBody"] = {
                "required": described.takes.is_required,
                "content": self._content(described.takes),
            }
        return operation

    def _parameter(self, parameter: Parameter) -> dict[str, Any]:
        document: dict[str, Any] = {
            "name": parameter.name,
            "in": parameter.place,
            "required": parameter.is_required,
            "schema": self.schemas.of(parameter.shape),
        }
        if parameter.text:
            document["description"] = parameter.text
        if not parameter.component:
            return document
        if self.parameters.setdefault(parameter.component, document) != document:
            raise ValueError(f"Two parameters are named {parameter.component}.")
        return {"$ref": f"#/components/parameters/{parameter.component}"}

    def _answers(self, route: Route) -> dict[str, Any]:
        answers = {
            str(status): self._answer(_MEANINGS[status], *([] if body is None else [body]))
            for status, body in (route.description.gives or _USUAL[route.method]).items()
        }
        error = () if route.method == "HEAD" else (Body(error_shape(route.surface)),)
        refusals = (*error, *route.description.refusals)
        answers["4XX"] = self._answer("Refused; the body says why.", *refusals)
        answers["5XX"] = self._answer("Not possible now, or not offered; the body says why.", *refusals)
        return answers

    def _answer(self, meaning: str, *bodies: Body) -> dict[str, Any]:
        if not bodies:
            return {"description": meaning}
        offered: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for body in bodies:
            for media_type, content in self._content(body).items():
                offered[media_type].append(content.get("schema", {}))
        content = {
            media_type: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
            for media_type, schemas in offered.items()
        }
        return {"description": meaning, "content": content}

    def _content(self, body: Body) -> dict[str, Any]:
        schema = {} if body.shape == Anything() else {"schema": self.schemas.of(body.shape)}
        return {body.media_type: schema}


def _iter_path(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": match[1],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
            **({"description": "Any number of segments."} if match[2] else {}),
        }
        for match in _PARAMETER.finditer(route.path)
    ]


def _credentials_of(route: Route) -> list[dict[str, list[str]]]:
    if route.description.is_public:
        return []
    match route.surface:
        case Surface.TOKEN:
            return []
        case Surface.DATA_COLLECTOR:
            return [{"sharedKey": []}]
        case Surface.INGESTION | Surface.KUSTO:
            return [{"bearer": []}]
        case _:
            in_portal = route.path.startswith("/portal/")
            return [{"session": []}] if in_portal else [{"bearer": []}, {"session": []}]


def _group_of(route: Route) -> str:
    if route.description.group:
        return route.description.group
    *_, package, module = inspect.unwrap(route.app).__module__.split(".")
    return _as_camel(package if module in _UNNAMED_MODULES else module.removesuffix("_routes"))


def _as_camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word[0].upper() + word[1:] for word in others)


def name_operations(routes: Iterable[Route]) -> dict[str, Route]:
    """Return the routes by operation id: group and function, and how their paths differ where one function has many.

    Raises `ValueError` where nothing does.
    """
    sharing: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        name = route.description.name or inspect.unwrap(route.app).__name__.strip("_")
        sharing[f"{_group_of(route)}_{_as_camel(name)}"].append(route)
    named: dict[str, Route] = {}
    for base, same in sharing.items():
        common = set.intersection(*(_segments_of(route) for route in same))
        for route in same:
            name = base + _difference(route, common)
            if name in named:
                name += f"By{route.method.capitalize()}"
            if name in named:
                raise ValueError(f"{route.method} {route.path} and {named[name].path} are both named {name}.")
            named[name] = route
    return named


def _segments_of(route: Route) -> set[str]:
    return {segment.lower() for segment in route.path.split("/") if segment}


def _difference(route: Route, common: set[str]) -> str:
    """Return in words what the path has that not all have: its parameters, else its other segments."""
    words = [word for word in route.path.split("/") if word and word.lower() not in common]
    parameters = [match[1] for word in words if (match := _PARAMETER.fullmatch(word))]
    if len(parameters) > 1:
        parameters = [name for name in parameters if name not in _OUTER]
    told = [re.sub(r"\W", "", word) for word in parameters or words]
    return "Of" * bool(told) + "".join(word[0].upper() + word[1:] for word in told)


def openapi_route(routes: Sequence[Route], version: str) -> Route:
    """Return the route that gives out the description of the others, and of itself. It is made when first asked for."""
    made: list[tuple[bytes, str]] = []

    def make() -> tuple[bytes, str]:
        if not made:
            text = msgspec.json.encode(make_document([*routes, route], version))
            made.append((text, f'"{sha256(text).hexdigest()[:32]}"'))
        return made[0]

    async def show_openapi(request: Request) -> Response:
        """Describe every route of this server as OpenAPI."""
        text, etag = await run_in_threadpool(make)
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if find_header(request.scope, b"if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(text, media_type="application/json", headers=headers)

    description = Description(name="show", gives={200: Body(), 304: None}, is_public=True)
    route = Route("GET", PATH, endpoint_app(show_openapi), Surface.QUERY, description)
    return route
