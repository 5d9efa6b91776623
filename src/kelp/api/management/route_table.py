"""Finds management routes for endpoints that ask others, as a deployment does for each of its resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.types import Receive, Scope, Send

from kelp.api.asgi import Route, Router
from kelp.api.errors import Surface
from kelp.api.management.call import ManagementRoute


class RouteTable:
    """The routes by method and path, as the server itself finds them. Safe for concurrent use."""

    def __init__(self, routes: Iterable[ManagementRoute]) -> None:
        self._routes = {(route.method, route.path): route for route in routes}
        self._router = Router(
            Route(method, path, _never_called, Surface.MANAGEMENT) for method, path in self._routes
        )

    def find(self, method: str, path: str) -> tuple[ManagementRoute, Mapping[str, str]]:
        """Return the route and the texts of its parameters. Raises `ServiceError` for none."""
        found, parameters = self._router.find(method, path)
        return self._routes[found.method, found.path], parameters


async def _never_called(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("a route of the table is called as a function")
