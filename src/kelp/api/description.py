"""What a route says of itself beyond its method and path: the source of the published description of the API.

A description stands beside the route that it describes. What it leaves out follows from the route: the summary from the
docstring of its function, parameters from its path, failures and credentials from its surface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from kelp.resources.shape import Anything, Shape

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
EVENTS = "text/event-stream"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Body:
    """What a request or an answer holds."""

    shape: Shape = field(default_factory=Anything)
    media_type: str = JSON
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query string or a header. `component` names one that many routes share."""

    name: str
    shape: Shape
    text: str = ""
    place: Literal["query", "header"] = "query"
    is_required: bool = False
    component: str = ""


Answers: TypeAlias = Mapping[int, Body | None]
"""Bodies by status; None for an answer without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a route takes and gives.

    `name` is the operation's id, made of the function's module and name unless given; `group` is what it is listed
    under. `gives` holds the statuses of success; empty, it is what is usual for the method, with any JSON.
    """

    name: str = ""
    group: str = ""
    takes: Body | None = None
    gives: Answers = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[Body, ...] = ()
    """What refusals hold where it is not the error of the surface."""
    is_public: bool = False
    """Whether it is answered without credentials."""


UNDESCRIBED = Description()
"""Of a route that says nothing beyond what method, path and function say."""
