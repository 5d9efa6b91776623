from __future__ import annotations

import httpx
import pytest
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kelp.api.asgi import Api, Route, Router, endpoint_app
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse
from kelp.base.clock import SystemClock
from kelp.base.errors import Category, ServiceError
from kelp.identity.addresses import Addresses


async def tell_parameters(request: Request) -> Response:
    return JsonResponse(dict(request.path_params))


async def list_much(_request: Request) -> Response:
    return JsonResponse({"value": ["the same again"] * 1_000})


async def fail(_request: Request) -> Response:
    raise RuntimeError("the password is swordfish")


async def throttle(_request: Request) -> Response:
    raise ServiceError(Category.THROTTLED, "ThrottledError", "Later.", retry_after_seconds=7)


async def break_off(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError


def route(method: str, path: str) -> Route:
    return Route(method, path, endpoint_app(tell_parameters), Surface.QUERY)


def client_of(*routes: Route) -> httpx.AsyncClient:
    app = Api(routes, Addresses("https://localhost", frozenset({"localhost"})), SystemClock())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://localhost")


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/v1/workspaces/AbC/query", {"workspace": "AbC"}),
        ("/V1/Workspaces/abc/QUERY/", {"workspace": "abc"}),
        ("/v1/subscriptions/s/x/query", {"resource": "subscriptions/s/x"}),
        ("/v1/workspaces/own/query", {}),
        ("/tenant/oauth2/token", {"tenant": "tenant"}),
    ],
)
async def test_the_most_precise_route_answers_in_any_case(path: str, expected: dict[str, str]) -> None:
    routes = (
        route("POST", "/v1/{resource:path}/query"),
        route("POST", "/v1/workspaces/{workspace}/query"),
        route("POST", "/v1/workspaces/own/query"),
        route("POST", "/{tenant}/oauth2/token"),
    )
    async with client_of(*routes) as client:
        answer = await client.post(path)
    assert (answer.status_code, answer.json()) == (200, expected)


async def test_a_wrong_method_and_a_wrong_path_are_told_apart() -> None:
    async with client_of(route("POST", "/v1/{x}"), route("PUT", "/v1/{x}")) as client:
        answer = await client.get("/v1/a")
        assert (answer.status_code, "POST, PUT" in answer.text) == (405, True)
        assert (await client.get("/v2/a")).status_code == 404
        assert (await client.get("/v1/a/b")).status_code == 404


def test_a_route_is_declared_once() -> None:
    with pytest.raises(ValueError, match="routed twice"):
        Router([route("GET", "/a/{b}"), route("GET", "/A/{b}")])


async def test_a_failure_of_ours_shows_nothing_but_an_id() -> None:
    failing = Route("GET", "/fail", endpoint_app(fail), Surface.DATA_COLLECTOR)
    async with client_of(failing) as client:
        with structlog.testing.capture_logs() as logged:
            answer = await client.get("/fail", headers={"x-ms-correlation-request-id": "mine"})
    assert answer.status_code == 500
    assert answer.json()["Error"] == "InternalServerError"
    assert "mine" in answer.json()["Message"]
    assert "swordfish" not in answer.text
    (line,) = logged
    assert (line["event"], line["correlation_id"]) == ("request failed", "mine")


async def test_who_is_throttled_is_told_when_to_come_back() -> None:
    async with client_of(Route("GET", "/x", endpoint_app(throttle), Surface.QUERY)) as client:
        answer = await client.get("/x")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


async def test_half_an_answer_is_broken_off() -> None:
    async with client_of(Route("GET", "/x", break_off, Surface.QUERY)) as client:
        with pytest.raises(ConnectionAbortedError):
            transport = httpx.ASGITransport(client._transport.app)  # type: ignore[attr-defined]
            async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as strict:
                await strict.get("/x")


@pytest.mark.parametrize("offered", ["x" * 200, "a b", "a\x7f"])
async def test_ids_that_could_spoil_a_log_are_not_taken_over(offered: str) -> None:
    async with client_of(route("GET", "/x")) as client:
        answer = await client.get(
            "/x", headers={"x-ms-client-request-id": offered, "x-ms-correlation-request-id": offered}
        )
    assert "x-ms-client-request-id" not in answer.headers
    assert answer.headers["x-ms-correlation-request-id"] != offered


@pytest.mark.parametrize(
    "path, accepted, encoding",
    [("/much", "gzip, br", "gzip"), ("/much", "br", None), ("/little", "gzip", None)],
)
async def test_what_is_long_is_compressed_for_those_who_take_it(
    path: str, accepted: str, encoding: str | None
) -> None:
    long = Route("GET", "/much", endpoint_app(list_much), Surface.QUERY)
    async with client_of(long, route("GET", "/little")) as client:
        answer = await client.get(path, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert len(answer.json()) == len({"/much": "v", "/little": ""}[path])
    assert int(answer.headers["Content-Length"]) < 2_048 or encoding is None
