"""What Kusto answers otherwise than other surfaces: its clients take a 404 or 501 for a server without the endpoint."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

BAD_REQUEST = "General_BadRequest"


def bad_request(message: str) -> ServiceError:
    """Return the refusal of a request that can't be read or served."""
    return ServiceError(Category.INVALID, BAD_REQUEST, message)


class EntityNotFound(ServiceError):
    """There is no such database or table; a bad request to Kusto."""

    def __init__(self, message: str) -> None:
        super().__init__(Category.INVALID, "BadRequest_EntityNotFound", message)


@contextmanager
def as_bad_requests() -> Iterator[None]:
    """Turn what is missing into bad requests."""
    try:
        yield
    except ServiceError as error:
        if error.category is Category.NOT_FOUND:
            raise EntityNotFound(error.message) from error
        if error.category is Category.UNSUPPORTED:
            raise bad_request(error.message) from error
        raise
