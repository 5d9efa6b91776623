"""What the published description allows is asked of every route: nothing fails, and every answer is as described.

Each case is sent by a stranger and then by the owner, most of them about resources that are there. `make fuzz` asks more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kelp.api.portal.single_page import BUILT
from tests.portal.browsing import OWN_PAGE, sign_in
from tests.security.aims import SCOPES, Target
from tests.security.furnishing import furnish
from tests.servers import MANAGEMENT_SCOPE, Application, Server, populate, shared_rows, start_server

Operation: TypeAlias = schemathesis.APIOperation[Any, Any, Any, Any]
AnyCase: TypeAlias = schemathesis.Case[Any]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = int(os.environ.get("KELP_FUZZ_EXAMPLES", "4"))
"""How often a route that takes a document is asked; one that takes none is asked a quarter as often."""
LAST = re.compile(
    r"_delete|[dD]eleted|_purge|_cancel|_move$|_rotate|_rename|_put$|_patch$|_end|locks_|updateAccess"
)
"""Operations that take away what the others are about."""
_NOT_OFFERED = 501


@dataclass
class Interview:
    """Asks routes of a server, and keeps what was wrong with the answers."""

    server: Server
    target: Target
    session: requests.Session
    cookie: str
    surfaces: dict[tuple[str, str], str]
    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    def ask(self, operation: Operation) -> None:
        """Send some cases of an operation."""
        surface = self.surfaces[operation.method.upper(), operation.path]
        known = self.target.parameters(operation.path, surface)
        named = re.findall(r"\{(\w+)\}", operation.path)
        scope = SCOPES.get(surface, MANAGEMENT_SCOPE)
        people = self.server.people
        callers = [people.foreign_owner, self.server.application]
        strategy = operation.as_strategy(
            path_parameters={name: known[name] for name in named if known.get(name)}
        )

        @settings(
            max_examples=EXAMPLES if operation.body else max(1, EXAMPLES // 4),
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def send(case: AnyCase) -> None:
            for caller in callers:
                self._send(case, caller, scope)

        send()

    def _send(self, case: AnyCase, caller: Application, scope: str) -> None:
        headers = {"Authorization": f"Bearer {self.server.token(caller, scope)}"}
        if case.path.startswith("/portal/"):
            headers = {**OWN_PAGE, "Cookie": self.cookie}
        self.asked += 1
        answer = case.call(
            base_url=self.server.endpoint,
            session=self.session,
            headers=headers,
            verify=self.server.ca_file,
            timeout=60,
            allow_redirects=False,
        )
        name = case.operation.definition.raw["operationId"]
        is_unbuilt = name.startswith("singlePage_page") and not BUILT.exists()
        if answer.status_code == (503 if is_unbuilt else _NOT_OFFERED):
            return
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            told = "; ".join(
                f"{one.title}: {one.message}" for one in failures.exceptions if isinstance(one, Failure)
            )
            self.wrong.append(f"{name} {answer.status_code} {told[:600]}\n{case.as_curl_command()[:1000]}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: it is not what it was afterwards."""
    limits = {"query": {"requests_per_caller": 1_000_000}}
    folder = tmp_path_factory.mktemp("described")
    with start_server(folder, settings=limits, populate=populate, rows=shared_rows) as server:
        yield server


@pytest.mark.timeout(150 * EXAMPLES)
def test_every_route_answers_as_it_is_described(server: Server) -> None:
    token, principal = server.token(scope=MANAGEMENT_SCOPE), str(server.people.person.object_id)
    target = furnish(server, server.people.neighbour, token, principal, "secret-neighbour")
    with server.client() as client:
        document = client.get("/openapi.json").json()
        cookie = sign_in(client, server.user).headers["set-cookie"].partition(";")[0]
    schema = schemathesis.openapi.from_dict(document)
    surfaces = {(method, path.replace(":path}", "}")): surface for method, path, surface in server.routes()}
    with requests.Session() as session:
        session.trust_env = False
        interview = Interview(server, target, session, cookie, surfaces)
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        operations.sort(key=lambda one: bool(LAST.search(one.definition.raw["operationId"])))
        for operation in operations:
            interview.ask(operation)
    wrong = "\n\n".join(interview.wrong)
    assert not wrong, f"{len(interview.wrong)} of {interview.asked} answers:\n{wrong}"
    assert interview.asked >= len(operations)
