"""Tables with columns of every type of the language, also of those that nobody can choose, can be listed."""

from __future__ import annotations

from tests.servers import MANAGEMENT_SCOPE, Server


def test_columns_of_all_types_are_listed(server: Server) -> None:
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.get(f"{server.home.resource_id}/tables", params={"api-version": "2025-07-01"})
    assert answer.status_code == 200, answer.text
    (table,) = [one for one in answer.json()["value"] if one["name"] == "Types_CL"]
    types = {column["type"] for column in table["properties"]["schema"]["columns"]}
    assert {"string", "dateTime", "timespan", "decimal"} <= types
