"""KQL that tries to become SQL: values and names stay what they are, and nothing but the caller's own tables is reached."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from kelp.clickhouse.ddl import database_name
from tests.servers import KUSTO_SCOPE, Server

PAYLOADS = (
    "'",
    '"',
    "`",
    "\\",
    "\\'",
    "\\\\'",
    "''",
    "') OR 1=1 --",
    "' UNION ALL SELECT * FROM system.tables --",
    "`) FROM system.tables --",
    "x` AS y, (SELECT 1) AS `z",
    "a/*b*/c",
    "-- comment",
    "# comment",
    "a;b; DROP TABLE x",
    "{x:String}",
    "$$here$$",
    "%s %d {0} ${a} {{b}}",
    "\n",
    "\r\n\t",
    "\x00",
    "\x01\x1b",
    "\u2028\u2029",
    "‘quoted’ “twice”",
    "ʼ＇＂",
    "😀\U0001f468‍\U0001f469",
    "a" * 5_000,
    "FORMAT CSV",
    "x' FORMAT Null SETTINGS readonly=0 --",
    "\\x27\\u0027\\047",
    "%27%22",
    "[0-9]+(",
    "^.*$",
)


def quote(text: str) -> str:
    """A KQL literal of the text."""
    return json.dumps(text)


@pytest.fixture
def reader(server: Server) -> Iterator[httpx.Client]:
    """A client that may query the home workspace and no other."""
    with server.client(server.token(server.people.reader)) as client:
        yield client


def run(reader: httpx.Client, server: Server, query: str) -> httpx.Response:
    """Run a query, which is answered or refused and never fails; nothing of others is told."""
    answer = reader.post(f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": query})
    assert answer.status_code in (200, 400), (query, answer.status_code, answer.text)
    assert "secret" not in answer.text.replace(query, ""), (query, answer.text)
    return answer


def rows_of(answer: httpx.Response) -> list[list[Any]]:
    assert answer.status_code == 200, answer.text
    return list(answer.json()["tables"][0]["rows"])


VALUES = {
    "print v = {v}": True,
    "print v = strcat({v}, '')": True,
    "print v = strlen({v}) > 0 and {v} == {v}": None,
    "let x = {v}; print v = x": True,
    "datatable (v: string) [{v}] | where v == {v}": True,
    "datatable (v: string) [{v}] | where v in ({v}, 'other')": True,
    "datatable (v: string) [{v}] | where v =~ {v}": True,
    "datatable (v: string) [{v}] | where v contains_cs {v}": True,
    "datatable (v: string) [{v}] | where v startswith_cs {v} and v endswith_cs {v}": True,
    "datatable (v: string) [{v}] | summarize count() by v | project v": True,
    "datatable (v: string) [{v}] | join kind=inner (print v = {v}) on v | project v": True,
    "print v = tostring(pack('k', {v})['k'])": True,
    "print v = tostring(pack({v}, 'value')[{v}])": "value",
    "print v = tostring(dynamic({{'k': {v}}}).k)": True,
    "print v = tostring(split(strcat('<', {v}, '>'), {v})[1])": ">",
    "print v = replace_string(strcat('<', {v}, '>'), {v}, 'x')": "<x>",
    "print v = case(true, {v}, 'other')": True,
    "print v = iff('a' == {v}, 'yes', {v})": True,
    "Heartbeat | where Computer == {v} | count | project v = Count": 0,
    "Heartbeat | where Computer has {v} and Computer has_cs {v} | count | project v = Count": None,
    "Heartbeat | where Computer contains {v} | take 1 | project v = 1": None,
    "Heartbeat | extend v = {v} | take 1 | project v": True,
    "print v = toscalar(print {v})": True,
    "print v = format_datetime(datetime(2020-01-01), {v})": None,
    "print v = extract({v}, 0, 'text')": None,
    "print v = 'text' matches regex {v}": None,
    "print v = replace_regex('text', {v}, {v})": None,
    "print v = parse_json({v})": None,
    "print v = todatetime({v})": None,
    "print v = column_ifexists({v}, 'none')": None,
    "print t = {v} | parse t with {v} v": None,
    "search {v} | take 1": None,
    "print v = 1 | render table with (title={v})": 1,
}
"""Queries with a value in them, and the cell that they give: True for the value itself, None for any."""


@pytest.mark.parametrize("template", VALUES)
def test_a_value_stays_a_value(reader: httpx.Client, server: Server, template: str) -> None:
    expected = VALUES[template]
    for payload in PAYLOADS:
        if "=~" in template and payload.startswith("a" * 100):
            continue
        answer = run(reader, server, template.format(v=quote(payload)))
        if expected is not None:
            assert rows_of(answer) == [[payload if expected is True else expected]], (template, payload)


NAMES = (
    "print {n} = 1",
    "print a = 1 | extend {n} = a | project {n}",
    "datatable ({n}: long) [1]",
    "print a = 1 | summarize {n} = max(a)",
    "print {n} = 1 | summarize count() by {n} | project {n}",
    "print {n} = 1 | join (print {n} = 1, b = 2) on {n} | project {n}",
    "print {n} = 1 | project-rename a = {n} | project-rename {n} = a",
    "print {n} = 1 | sort by {n} | top 1 by {n}",
    "let {n} = 1; print a = {n} | project-rename {n} = a",
)


@pytest.mark.parametrize("template", NAMES)
def test_a_name_stays_a_name(reader: httpx.Client, server: Server, template: str) -> None:
    for payload in PAYLOADS:
        answer = run(reader, server, template.format(n=f"[{quote(payload)}]"))
        if answer.status_code == 200:
            table = answer.json()["tables"][0]
            assert [column["name"] for column in table["columns"]] == [payload], (template, payload)
            assert table["rows"] == [[1]]


def sources_elsewhere(server: Server) -> list[str]:
    """Ways to write tables that are not the caller's."""
    people = server.people
    databases = [database_name(UUID(place.workspace_id)) for place in (people.foreign, people.neighbour)]
    own = database_name(UUID(server.home.workspace_id))
    sources = [
        "system.tables",
        "['system.tables']",
        "['system'].['tables']",
        "['system`.`tables']",
        "information_schema.tables",
        "['`system`.`tables`']",
        "database('system').tables",
        "cluster('local').database('system').tables",
        "cluster('default').database('default').Secret_CL",
        "table('system.tables')",
        "table('Secret_CL')",
        "Secret_CL",
        "['Secret_CL']",
        "workspace('*').Secret_CL",
        "workspace('').Secret_CL",
        "resource('/').Secret_CL",
        "app('x').requests",
        "union workspace('neighbour').*",
        "union workspace('fabrikam').Secret*",
        "union *Secret*",
        "find in (Secret_CL) where true",
        "search in (Secret_CL) *",
        "search 'secret-foreign'",
        "union * | where * has 'secret'",
        "materialized_view('Secret_CL')",
        "external_table('Secret_CL')",
        "stored_query_result('x')",
    ]
    for database in [*databases, own]:
        sources += [
            f"{database}.Secret_CL",
            f"['{database}.Secret_CL']",
            f"['{database}`.`Secret_CL']",
            f"database('{database}').Secret_CL",
            f"workspace('{database}').Secret_CL",
            f"table('{database}.Secret_CL')",
            f"Heartbeat | join (['{database}'].Secret_CL) on Computer",
            f"Heartbeat | where Computer in ((['{database}.Secret_CL']))",
        ]
    for place in (people.foreign, people.neighbour):
        names = (place.name, place.workspace_id, str(place.resource_id))
        sources += [f"workspace('{name}').{table}" for name in names for table in ("Secret_CL", "Heartbeat")]
        sources += [f"Heartbeat | where Computer in ((workspace('{names[1]}').Heartbeat | project Computer))"]
        sources += [f"print toscalar(workspace('{names[0]}').Secret_CL | project Text)"]
    return sources


def test_no_table_but_the_callers_own_is_reached(server: Server) -> None:
    with server.client(server.token(server.people.reader)) as reader:
        for source in sources_elsewhere(server):
            for query in (source, f"{source} | take 5", f"let t = {source}; t | count"):
                answer = reader.post(
                    f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": query}
                )
                assert answer.status_code in (200, 400, 403, 404), (query, answer.text)
                told = answer.text
                for sent in sorted({source, *re.findall(r"'([^']*)'", source)}, key=len, reverse=True):
                    told = told.replace(json.dumps(sent)[1:-1], "").replace(sent, "")
                assert "secret-" not in told, (query, answer.text)
                if answer.status_code == 200:
                    assert "system" not in told


ENGINE_CALLS = (
    "file('/etc/passwd')",
    "file('/etc/passwd', 'LineAsString')",
    "url('http://127.0.0.1:1/', 'LineAsString')",
    "urlCluster('a', 'http://127.0.0.1:1/')",
    "s3('http://127.0.0.1:1/a')",
    "azureBlobStorage('a')",
    "hdfs('a')",
    "remote('127.0.0.1', 'system.tables')",
    "remoteSecure('127.0.0.1', system, tables)",
    "cluster('default', system, tables)",
    "clusterAllReplicas('default', system, tables)",
    "mysql('a', 'b', 'c', 'd', 'e')",
    "postgresql('a', 'b', 'c', 'd', 'e')",
    "sqlite('/etc/passwd', 'a')",
    "executable('id', 'LineAsString')",
    "Python('x')",
    "python('x')",
    "numbers(10)",
    "zeros(10)",
    "merge('system', '.*')",
    "view(1)",
    "values('a Int8', 1)",
    "generateRandom('a Int8')",
    "input('a Int8')",
    "loop('system', 'tables')",
    "viewIfPermitted(1)",
    "mergeTreeIndex('a', 'b')",
    "currentDatabase()",
    "currentUser()",
    "hostName()",
    "fqdn()",
    "version()",
    "uptime()",
    "serverUUID()",
    "getSetting('max_threads')",
    "getServerSetting('a')",
    "getOSKernelVersion()",
    "sleep(3)",
    "sleepEachRow(3)",
    "throwIf(1)",
    "dictGet('a', 'b', 1)",
    "joinGet('a', 'b', 1)",
    "hasColumnInTable('system', 'tables', 'name')",
    "filesystemAvailable()",
    "catboostEvaluate('a', 1)",
    "evalMLMethod(1)",
    "initializeAggregation('sum', 1)",
    "arrayReduce('sum', [1])",
    "defaultValueOfTypeName('Int8')",
    "CAST('1', 'Int8')",
    "toTypeName(1)",
    "reinterpret(1, 'Int8')",
    "queryID()",
    "connectionId()",
    "structureToProtobufSchema('a')",
    "addressToLine(1)",
    "demangle('a')",
    "transform(1, [1], [2])",
    "lambda(x, 1)",
    "COLUMNS('.*')",
    "materialize(1)",
    "identity(1)",
    "tuple(1)",
    "untuple(1)",
    "decrypt('aes-256-ctr', 'a', 'b')",
    "env('PATH')",
    "getMacro('a')",
    "tcpPort()",
    "sql_request('a', 'b')",
)
"""Functions of engines, and of nobody, that KQL does not have."""


@pytest.mark.parametrize("call", ENGINE_CALLS)
def test_functions_of_the_engine_are_none_of_the_language(
    reader: httpx.Client, server: Server, call: str
) -> None:
    for query in (
        call,
        f"print v = {call}",
        f"Heartbeat | extend v = {call}",
        f"Heartbeat | summarize v = {call}",
        f"Heartbeat | where isnotempty({call})",
        f"print v = toscalar({call})",
        f"evaluate {call}",
        f"Heartbeat | evaluate {call}",
        f"Heartbeat | invoke {call}",
        f"union Heartbeat, ({call})",
    ):
        answer = run(reader, server, query)
        assert answer.status_code == 400, (query, answer.text)
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "externaldata (line: string) ['file:///etc/passwd']",
        "externaldata (line: string) ['/etc/passwd'] with (format='txt')",
        "externaldata (line: string) [h@'http://127.0.0.1:1/x;impersonate']",
        "SELECT * FROM system.tables",
        "Heartbeat; SELECT 1",
        "Heartbeat | take 1 FORMAT CSV",
        "Heartbeat | take 1 SETTINGS readonly=0",
        "Heartbeat -- comment",
        "Heartbeat /* comment */",
        "Heartbeat | where (SELECT 1) == 1",
        "Heartbeat | where Computer LIKE '%'",
        "Heartbeat | order by 1; DROP TABLE Heartbeat",
        ".drop table Heartbeat",
        "Heartbeat | into Secret_CL",
        "INSERT INTO Heartbeat VALUES (1)",
        "print @@version",
        "print {x:String}",
        "print $$a$$",
        "set readonly = 0; SELECT 1",
        "print a = 1 AS b",
        "(SELECT 1)",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "EXPLAIN SELECT 1",
    ],
)
def test_sql_is_no_kql(reader: httpx.Client, server: Server, query: str) -> None:
    assert run(reader, server, query).status_code == 400


def test_options_reach_no_setting_of_the_engine(reader: httpx.Client, server: Server) -> None:
    query = "set readonly=0; set max_memory_usage=1; set `a`='b'; print v = 1"
    answer = run(reader, server, query.replace("`a`", "['a`b']"))
    assert answer.status_code == 400 or rows_of(answer) == [[1]]
    assert rows_of(run(reader, server, "set max_memory_usage=1; print v = 1")) == [[1]]


def test_parameters_of_kusto_are_values(server: Server) -> None:
    with server.client(server.token(server.people.reader, KUSTO_SCOPE)) as client:
        for payload in PAYLOADS:
            body = {
                "db": "default",
                "csl": "declare query_parameters(p:string); print v = p",
                "properties": {"Parameters": {"p": quote(payload)}},
            }
            answer = client.post("/v2/rest/query", json=body)
            assert answer.json()[2]["Rows"] == [[payload]]


def test_the_server_had_no_fault_of_its_own(server: Server) -> None:
    """None of the texts above, in whatever order they ran, made the compiler leave its scope or the engine fail."""
    log = server.log()
    for word in ("OutOfScope", "Traceback", "request failed", "engine failed a query"):
        assert word not in log, log[-3_000:]
