"""A role limited to records shows those and no others, whatever a query says, on every surface.

What is not for the caller has "secret" in it: it must not be in any answer, nor in what an answer tells of its making.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.monitor.query import LogsQueryClient

from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.resources.role_definition import LOG_ANALYTICS_DATA_READER, LOG_ANALYTICS_READER, READER
from tests.servers import (
    KUSTO_SCOPE,
    MANAGEMENT_SCOPE,
    Application,
    Population,
    Rows,
    Server,
    make_application,
    populate,
    start_server,
)

A = {"api-version": "2022-04-01"}
V = {"api-version": "2025-07-01"}
NAME = "@Resource[Microsoft.OperationalInsights/workspaces/tables:name]"
RECORD = "@Resource[Microsoft.OperationalInsights/workspaces/tables/record:{}]"
READING = "ActionMatches{'Microsoft.OperationalInsights/workspaces/tables/data/read'}"
COLUMNS = {
    "TimeGenerated": "datetime",
    "Text": "string",
    "Customer": "string",
    "Size": "long",
    "_ResourceId": "string",
}


def only(what: str) -> str:
    return f"((!({READING})) OR ({what}))"


MINE = only(f"{NAME} StringEquals 'Shared_CL' AND {RECORD.format('Customer')} StringEquals 'contoso'")


@dataclass
class Shop:
    """A server with a table that several customers share, and callers of few rights, by name."""

    server: Server
    callers: dict[str, Application]

    @property
    def workspace(self) -> str:
        return str(self.server.home.resource_id)

    @property
    def machine(self) -> str:
        group = self.workspace.partition("/providers/")[0]
        return f"{group}/providers/Microsoft.Compute/virtualMachines/mine"

    def put(self, path: str, body: Any, version: dict[str, str] = A) -> httpx.Response:
        with self.server.client(self.server.token(scope=MANAGEMENT_SCOPE)) as client:
            return client.put(path, params=version, json=body)

    def grant(self, caller: str, role: object, scope: str, condition: str | None = None) -> str:
        """Grant a role; the path of the assignment."""
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
        properties = {"roleDefinitionId": str(role), "principalId": str(self.callers[caller].object_id)}
        if condition is not None:
            properties |= {"condition": condition, "conditionVersion": "2.0"}
        answer = self.put(path, {"properties": properties})
        assert answer.status_code == 201, answer.text
        return path

    def revoke(self, path: str) -> None:
        with self.server.client(self.server.token(scope=MANAGEMENT_SCOPE)) as client:
            assert client.delete(path, params=A).status_code == 200

    def ask(self, caller: str, text: str, path: str = "", **body: Any) -> httpx.Response:
        path = path or f"/v1/workspaces/{self.server.home.workspace_id}/query"
        with self.server.client(self.server.token(self.callers[caller])) as client:
            return client.post(path, json={"query": text, **body})

    def rows(self, caller: str, text: str, path: str = "") -> list[list[Any]]:
        answer = self.ask(caller, text, path)
        assert answer.status_code == 200, answer.text
        found: list[list[Any]] = answer.json()["tables"][0]["rows"]
        return found


def rows_of(server: Server) -> list[Rows]:
    group = str(server.home.resource_id).partition("/providers/")[0]
    machines = f"{group}/providers/Microsoft.Compute/virtualMachines"

    def record(text: str, customer: str, size: int, machine: str) -> dict[str, Any]:
        at = "2026-11-20T00:00:00Z"
        where = f"{machines}/{machine}".lower()
        return {"TimeGenerated": at, "Text": text, "Customer": customer, "Size": size, "_ResourceId": where}

    home, neighbour = server.home, server.people.neighbour
    shared = [
        record("mine", "contoso", 1, "mine"),
        record("mine too", "contoso", 2, "mine/extensions/x"),
        record("secret", "fabrikam", 3, "secret"),
        record("secret of case", "Contoso", 4, "secret"),
        record("secret of none", "", 5, "mine-secret"),
    ]
    return [
        Rows(home, "Shared_CL", COLUMNS, shared),
        Rows(home, "Other_CL", COLUMNS, [record("secret", "contoso", 1, "secret")]),
        Rows(neighbour, "Shared_CL", COLUMNS, [record("secret", "contoso", 1, "mine")]),
        Rows(server.people.foreign, "Shared_CL", COLUMNS, [record("secret", "contoso", 1, "mine")]),
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made: dict[str, Application] = {}

    def populate_more(installation: Installation) -> Population:
        population = populate(installation)
        names = installation.find_names()
        assert names is not None
        for name in (
            "limited",
            "of two",
            "data reader",
            "of a table",
            "of a name",
            "of a machine",
            "of a group",
        ):
            made[name] = make_application(installation, names.tenant_id, name)
        return population

    folder = tmp_path_factory.mktemp("filters")
    limits = {"query": {"requests_per_caller": 1_000_000}}
    with start_server(folder, settings=limits, populate=populate_more, rows=rows_of) as server:
        shop = Shop(server, made)
        shop.grant("limited", LOG_ANALYTICS_READER, shop.workspace, MINE)
        yield shop


# --- nothing else is seen --------------------------------------------------------------------------------------------

QUERIES = (
    "Shared_CL",
    "Shared_CL | project Text",
    "Shared_CL | count",
    "Shared_CL | summarize make_list(Text)",
    "Shared_CL | summarize max(Size), dcount(Text), hll(Text)",
    "union Shared_CL",
    "union *",
    "union withsource=From *_CL",
    "union isfuzzy=true Shared_CL, Other_CL",
    "search 'fabrikam'",
    "search in (Shared_CL) 'e'",
    "find where Customer has 'fabrikam'",
    "find in (Shared_CL) where Size > 0 project Text",
    "table('Shared_CL') | project Text",
    'workspace("default").Shared_CL | project Text',
    "let f = () { Shared_CL }; f() | project Text",
    "let f = (T: (*)) { T | project Text }; f(Shared_CL)",
    "let t = materialize(Shared_CL); t | join kind=inner (t) on Text | project Text, Text1",
    "Saved | project Text",
    "Shared_CL | join kind=fullouter (Shared_CL | project Text, Size) on Size",
    "print x = toscalar(Shared_CL | summarize max(Text))",
    "print 1 | where 1 in ((Shared_CL | project Size)) | extend y = toscalar(Shared_CL | count)",
    "Shared_CL | as T | union T | project Text",
    "Shared_CL | top-nested 10 of Text by count()",
    "Shared_CL | partition by Customer (top 1 by Size)",
    "Shared_CL | make-series count() on TimeGenerated step 1d by Text",
    "Shared_CL | make-graph Customer --> Text | graph-to-table nodes",
    "Shared_CL | make-graph Customer --> Text | graph-match (a)-[e]->(b) project e.Text, e.Size",
    "Shared_CL | evaluate pivot(Text)",
    "Shared_CL | facet by Text",
    "Shared_CL | fork (project Text) (count)",
    "Shared_CL | mv-expand x = pack_array(Text) to typeof(string)",
    "Shared_CL | sample 100",
    "Shared_CL | where Customer == 'fabrikam' or true",
    "Shared_CL | extend Customer = 'contoso' | project Text, Customer",
    "Shared_CL | getschema",
    "range i from 1 to 1 step 1 | extend s = toscalar(Shared_CL | summarize make_set(Text))",
)  # fmt: skip


def test_the_owner_sees_what_the_limited_do_not(shop: Shop) -> None:
    answer = shop.server.query("Shared_CL | project Text | sort by Text asc")
    assert len(answer["tables"][0]["rows"]) == 5
    assert shop.rows("limited", "Shared_CL | project Text | sort by Text asc") == [["mine"], ["mine too"]]


@pytest.fixture(scope="module")
def saved(shop: Shop) -> None:
    body = {
        "properties": {
            "category": "t", "displayName": "Saved", "query": "Shared_CL | where Size > 0", "functionAlias": "Saved",
        }
    }  # fmt: skip
    answer = shop.put(f"{shop.workspace}/savedSearches/saved", body, V)
    assert answer.status_code == 200, answer.text


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("text", QUERIES)
def test_no_query_shows_the_records_of_others(shop: Shop, text: str) -> None:
    path = f"/v1/workspaces/{shop.server.home.workspace_id}/query"
    answer = shop.ask("limited", text, path)
    assert answer.status_code == 200, answer.text
    assert "secret" not in answer.text.lower()
    explained = shop.ask("limited", text, f"{path}?explain=true")
    assert "secret" not in explained.text.lower()
    # Not even how much there is.
    assert all(result["reads"] == [] for result in explained.json().get("explain", {}).get("results", []))


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("text", QUERIES)
def test_nor_does_the_kusto_endpoint(shop: Shop, text: str) -> None:
    with shop.server.client(shop.server.token(shop.callers["limited"], KUSTO_SCOPE)) as client:
        for version in ("v1", "v2"):
            answer = client.post(f"/{version}/rest/query", json={"db": "default", "csl": text})
            assert answer.status_code == 200, answer.text
            assert "secret" not in answer.text.lower()


def test_a_table_that_is_not_named_is_not_there(shop: Shop) -> None:
    answer = shop.ask("limited", "Other_CL | count")
    assert answer.status_code == 400
    path = f"/v1/workspaces/{shop.server.home.workspace_id}/metadata"
    with shop.server.client(shop.server.token(shop.callers["limited"])) as client:
        tables = [table["name"] for table in client.get(path).json()["tables"]]
        assert tables == ["Shared_CL"]
    with shop.server.client(shop.server.token(shop.callers["limited"], KUSTO_SCOPE)) as client:
        answer = client.post("/v1/rest/mgmt", json={"db": "default", "csl": ".show tables"})
        assert [row[0] for row in answer.json()["Tables"][0]["Rows"]] == ["Shared_CL"]


def test_an_answer_that_is_kept_is_not_handed_to_others(shop: Shop) -> None:
    text = "Shared_CL | summarize count()"
    for _ in range(3):
        assert shop.server.query(text)["tables"][0]["rows"] == [[5]]
        assert shop.rows("limited", text) == [[2]]


def test_several_roles_add_up_and_end_at_once(shop: Shop) -> None:
    text = "Shared_CL | project Text | sort by Text asc"
    first = shop.grant("of two", LOG_ANALYTICS_READER, shop.workspace, MINE)
    other = only(f"{NAME} StringLike 'Sha*' AND {RECORD.format('Size')} NumericGreaterThanEquals 4")
    second = shop.grant("of two", READER, shop.workspace, other)
    assert shop.rows("of two", text) == [["mine"], ["mine too"], ["secret of case"], ["secret of none"]]
    whole = shop.grant("of two", LOG_ANALYTICS_READER, shop.workspace.partition("/providers/")[0])
    assert len(shop.rows("of two", text)) == 5
    shop.revoke(whole)
    shop.revoke(first)
    assert shop.rows("of two", text) == [["secret of case"], ["secret of none"]]
    shop.revoke(second)
    assert shop.ask("of two", text).status_code == 403


def test_operators_mean_what_they_say(shop: Shop) -> None:
    cases = {
        f"{RECORD.format('Customer')} StringEqualsIgnoreCase 'CONTOSO'": [1, 2, 4],
        f"{RECORD.format('Customer')} StringNotEquals 'contoso'": [3, 4, 5],
        f"{RECORD.format('Customer')} StringStartsWith 'c'": [1, 2],
        f"{RECORD.format('Customer')} StringLike '*b??kam'": [3],
        f"{RECORD.format('Customer')} ForAnyOfAnyValues:StringEquals {{'contoso', 'fabrikam'}}": [1, 2, 3],
        f"{RECORD.format('Customer')} ForAllOfAllValues:StringNotEquals {{'contoso', 'fabrikam'}}": [4, 5],
        f"!({RECORD.format('Customer')} StringEquals 'contoso')": [3, 4, 5],
        f"{RECORD.format('Size')} NumericLessThan 3": [1, 2],
        f"{RECORD.format('Size')} NumericNotEquals 3": [1, 2, 4, 5],
        f"!({RECORD.format('Size')} NumericGreaterThan 2.5)": [1, 2],
        f"{RECORD.format('TimeGenerated')} DateTimeGreaterThan '2026-11-21T00:00:00Z'": [],
        f"{RECORD.format('TimeGenerated')} DateTimeLessThan '2026-11-21T00:00:00Z'": [1, 2, 3, 4, 5],
        # Type is the same in every row, TenantId too.
        f"{RECORD.format('Type')} StringEquals 'Shared_CL' AND {RECORD.format('Size')} NumericEquals 1": [1],
        # Of what can't be compared nothing is seen, not even through a negation.
        f"!({RECORD.format('Size')} StringEquals 'x')": None,
        f"!({RECORD.format('Missing')} StringEquals 'x')": None,
        f"{RECORD.format('Missing')} StringEquals 'x' OR {RECORD.format('Size')} NumericEquals 2": [2],
    }
    for condition, sizes in cases.items():
        path = shop.grant("data reader", LOG_ANALYTICS_DATA_READER, shop.workspace, only(condition))
        answer = shop.ask("data reader", "Shared_CL | project Size | sort by Size asc")
        if sizes is None:
            assert answer.status_code == 400, (condition, answer.text)
        else:
            assert [row[0] for row in answer.json()["tables"][0]["rows"]] == sizes, condition
        shop.revoke(path)


def test_a_condition_that_is_none_is_refused_with_its_place(shop: Shop) -> None:
    path = f"{shop.workspace}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    properties = {
        "roleDefinitionId": str(READER),
        "principalId": str(shop.callers["limited"].object_id),
        "condition": f"{NAME} StringSounds 'x'",
        "conditionVersion": "1.0",
    }
    error = shop.put(path, {"properties": properties}).json()["error"]
    assert [detail["target"] for detail in error["details"]] == [
        "properties.conditionVersion",
        "properties.condition",
    ]
    assert "line 1, character 65" in error["details"][1]["message"]


# --- tables ----------------------------------------------------------------------------------------------------------


def test_a_role_at_a_table_opens_that_table(shop: Shop) -> None:
    assert shop.ask("of a table", "Other_CL | count").status_code == 403
    path = shop.grant("of a table", READER, f"{shop.workspace}/tables/Other_CL")
    assert shop.rows("of a table", "Other_CL | count") == [[1]]
    assert shop.ask("of a table", "Shared_CL | count").status_code == 400
    shop.revoke(path)
    assert shop.ask("of a table", "Other_CL | count").status_code == 403


def test_a_role_of_ones_own_can_name_a_table(shop: Shop) -> None:
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{uuid4()}"
    subscription = shop.workspace.partition("/resourceGroups/")[0]
    permission = {"actions": ["Microsoft.OperationalInsights/workspaces/query/Other_CL/read"]}
    properties = {"roleName": "Others", "permissions": [permission], "assignableScopes": [subscription]}
    assert shop.put(f"{subscription}{role}", {"properties": properties}).status_code == 201
    shop.grant("of a name", f"{subscription}{role}", shop.workspace)
    assert shop.rows("of a name", "union * | distinct Type") == [["Other_CL"]]
    assert shop.ask("of a name", "Shared_CL | count").status_code == 400


# --- resources -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Token:
    text: str

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken(self.text, 2**40)

    def get_token_info(self, *_: str, **__: Any) -> AccessToken:
        return self.get_token()


def test_who_may_read_a_resource_reads_what_it_logged(shop: Shop) -> None:
    machine, text = f"/v1{shop.machine}/query", "Shared_CL | project Text | sort by Text asc"
    assert shop.ask("of a machine", text, machine).status_code == 403
    path = shop.grant("of a machine", READER, shop.machine)
    # Of both workspaces of the tenant that hold records of it, but not of another tenant's that claims to.
    assert shop.rows("of a machine", text, machine) == [["mine"], ["mine too"], ["secret"]]
    assert shop.rows("of a machine", "Shared_CL | summarize dcount(TenantId)", machine) == [[2]]
    # The activity log tells of the role itself, when it comes to that: its rows are of the machine too.
    assert shop.rows("of a machine", "search 'mine' | where Type != 'AzureActivity' | count", machine) == [
        [3]
    ]
    assert shop.rows("of a machine", "Heartbeat | count", machine) == [[0]]
    assert "secret" not in shop.ask("of a machine", "Other_CL", machine).text
    assert shop.ask("of a machine", text).status_code == 403
    assert shop.ask("of a machine", text, machine.replace("/mine/", "/other/")).status_code == 403
    assert shop.ask("of a machine", text, machine, workspaces=["default"]).status_code == 400
    client = LogsQueryClient(
        Token(shop.server.token(shop.callers["of a machine"])),
        endpoint=f"{shop.server.endpoint}/v1",
        connection_verify=shop.server.ca_file,
    )
    answer = client.query_resource(shop.machine, "Shared_CL | count", timespan=timedelta(days=36500))
    assert answer.tables[0].rows[0][0] == 3  # type: ignore[union-attr]
    client.close()
    shop.revoke(path)
    assert shop.ask("of a machine", text, machine).status_code == 403


def test_a_group_and_a_subscription_are_resources_too(shop: Shop) -> None:
    group = shop.workspace.partition("/providers/")[0]
    subscription = group.partition("/resourceGroups/")[0]
    path = shop.grant("of a group", READER, group)
    count = "Shared_CL | count"
    assert shop.rows("of a group", count, f"/v1{group}/query") == [[6]]
    assert shop.ask("of a group", count, f"/v1{subscription}/query").status_code == 403
    shop.revoke(path)
    path = shop.grant("of a group", READER, subscription)
    assert shop.rows("of a group", count, f"/v1{subscription}/query") == [[6]]
    foreign = ResourceId.parse(str(shop.server.people.foreign.resource_id))
    answer = shop.ask("of a group", count, f"/v1/subscriptions/{foreign.subscription_id}/query")
    assert answer.status_code == 403
    shop.revoke(path)


def test_a_workspace_may_ask_for_rights_of_its_own(shop: Shop) -> None:
    neighbour = str(shop.server.people.neighbour.resource_id)
    machine, count = f"/v1{shop.machine}/query", "Shared_CL | count"
    path = shop.grant("of a machine", READER, shop.machine)
    for flag, rows in ((False, 2), (True, 3)):
        features = {"enableLogAccessUsingOnlyResourcePermissions": flag}
        body = {"location": "local", "properties": {"features": features}}
        assert shop.put(neighbour, body, V).status_code in (200, 201, 202)
        assert shop.rows("of a machine", count, machine) == [[rows]]
    # In the workspace itself, too, for whoever may ask it anything at all.
    reader = shop.grant(
        "of a machine", LOG_ANALYTICS_DATA_READER, shop.workspace, only(f"{NAME} StringEquals 'x'")
    )
    assert shop.rows("of a machine", "Shared_CL | project Text | sort by Text asc") == [
        ["mine"],
        ["mine too"],
    ]
    shop.revoke(reader)
    shop.revoke(path)
