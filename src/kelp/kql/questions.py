"""What the meaning of a text may depend on besides the text: which keys bags hold, which values a column has
(PLUG-5).

The binder asks by raising; whoever runs queries finds the answer, and binds again with it. Questions come in the same
order each time, so that answers are known by their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kelp.kql.bound import Operator

Answer = tuple[tuple[str, ...], ...]
"""The rows of a question, all of whose columns are texts."""

MAX_QUESTIONS = 16
MAX_ANSWER_ROWS = 1000
"""More columns than this are refused."""


class QuestionAsked(Exception):
    """Binding can't go on without the rows of `question`, of which one more than `MAX_ANSWER_ROWS` are enough."""

    def __init__(self, question: Operator) -> None:
        super().__init__("a question about data")
        self.question = question


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A request of `http_request`. Nobody has checked whether it may be sent."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None


class RequestAsked(Exception):
    """Binding can't go on without the answer to `request`: one row, its headers and its body as JSON."""

    def __init__(self, request: WebRequest) -> None:
        super().__init__("a question to a server")
        self.request = request
