"""Runs: the queries of the portal's pages, over HTTP with a session."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from tests.portal.browsing import OWN_PAGE, browser_of
from tests.servers import Place, Server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server) as client:
        yield client


def start(client: httpx.Client, place: Place, query: str, **body: Any) -> str:
    answer = client.post(
        "/portal/api/runs", json={"workspaces": [place.workspace_id], "query": query, **body}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def iter_events(client: httpx.Client, run: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with client.stream("GET", f"/portal/api/runs/{run}/events") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                yield name, json.loads(line[6:])


def wait(client: httpx.Client, run: str) -> dict[str, Any]:
    events = list(iter_events(client, run))
    assert events[-1][0] == "done"
    return events[-1][1]


def read_arrow(client: httpx.Client, run: str, **parameters: int) -> pa.Table:
    answer = client.get(f"/portal/api/runs/{run}/result", params={"format": "arrow", **parameters})
    assert answer.status_code == 200, answer.text
    return ipc.open_stream(answer.content).read_all()


def test_rows_come_as_arrow(client: httpx.Client, server: Server) -> None:
    run = start(
        client, server.home, "range x from 1 to 100000 step 1 | extend y = tostring(x)", maximumRows=200_000
    )
    table = read_arrow(client, run)
    assert table.num_rows == 100_000
    assert table.column("x").to_pylist() == list(range(1, 100_001))
    events = dict(iter_events(client, run))
    assert events["schema"]["columns"] == [{"name": "x", "type": "long"}, {"name": "y", "type": "string"}]
    assert events["rows"] == {"table": 0, "count": 100_000}
    done = events["done"]
    assert (done["rowCount"], done["isTruncated"], done["error"]) == (100_000, False, None)


def test_a_hundred_thousand_rows_of_twelve_columns_are_exact(client: httpx.Client, server: Server) -> None:
    query = """range l from 9223372036854675808 to 9223372036854775807 step 1
| extend n = l - 9223372036854675808
| project l, i = toint(n), r = todouble(n) / 4, d = todecimal(n) + decimal(0.000000000000000001), s = strcat('ä', n),
    t = datetime(2026-01-02T03:04:05.0000001Z) + n * 1tick, z = -n * 1tick, b = n % 2 == 0,
    g = toguid(strcat('00000000-0000-0000-0000-', strcat_array(repeat('0', 12 - strlen(tostring(n))), ''), n)),
    y = pack('n', l), e = '', o = iff(n % 3 == 0, long(null), n)"""
    run = start(client, server.home, query, maximumRows=100_000)
    table = read_arrow(client, run)
    count = 100_000
    assert (table.num_rows, table.num_columns) == (count, 12)
    first, begin = 9_223_372_036_854_675_808, 17_673_230_450_000_001
    expected = {
        "l": list(range(first, first + count)),
        "i": list(range(count)),
        "r": [n / 4 for n in range(count)],
        "s": [f"ä{n}" for n in range(count)],
        "t": list(range(begin, begin + count)),
        "z": [-n for n in range(count)],
        "b": [n % 2 == 0 for n in range(count)],
        "d": [f"{n}.000000000000000001" for n in range(count)],
        "g": [f"00000000-0000-0000-0000-{n:012d}" for n in range(count)],
        "y": [f'{{"n":{first + n}}}' for n in range(count)],
        "e": [""] * count,
        "o": [None if n % 3 == 0 else n for n in range(count)],
    }
    for name, values in expected.items():
        assert table.column(name).to_pylist() == values, name


def test_a_result_that_was_asked_for_before_is_the_same(client: httpx.Client, server: Server) -> None:
    query = "Heartbeat | order by TimeGenerated asc, Computer asc | take 50"
    first, second = (start(client, server.home, query, timespan="P10000D") for _ in range(2))
    wait(client, first)
    third = start(client, server.home, query, timespan="P10000D")
    assert read_arrow(client, first).num_rows > 0
    assert read_arrow(client, first).equals(read_arrow(client, second))
    assert read_arrow(client, first).equals(read_arrow(client, third))


TYPES = """print
 l=long(9223372036854775807), i=int(-5), r=real(1.5), n=real(nan), d=decimal(1.000000000000000001), s='ä=x',
 t=datetime(2026-01-02T03:04:05.1234567Z), old=datetime(0001-01-01), z=time(-1.02:03:04.0000005),
 g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), y=dynamic({"a":[1,9223372036854775807]}), b=true,
 nl=long(null), nt=datetime(null), ny=dynamic(null)"""
WRITTEN: dict[str, Any] = {
    "l": 9223372036854775807,
    "i": -5,
    "r": 1.5,
    "n": "NaN",
    "d": "1.000000000000000001",
    "s": "ä=x",
    "t": "2026-01-02T03:04:05.1234567Z",
    "old": "0001-01-01T00:00:00.0000000Z",
    "z": "-1.02:03:04.0000005",
    "g": "74be27de-1e4e-49d9-b579-fe0b331d3642",
    "y": '{"a":[1,9223372036854775807]}',
    "b": True,
    "nl": None,
    "nt": None,
    "ny": None,
}


@pytest.fixture
def typed(client: httpx.Client, server: Server) -> str:
    """A run whose one row has a value of each type."""
    return start(client, server.home, TYPES)


def export(client: httpx.Client, run: str, form: str) -> bytes:
    answer = client.get(f"/portal/api/runs/{run}/result", params={"format": form})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.content


def test_values_in_arrow_are_exact(client: httpx.Client, typed: str) -> None:
    table = read_arrow(client, typed)
    row = table.to_pylist()[0]
    assert str(row.pop("n")) == "nan"
    ticks: dict[str, Any] = {
        "t": 17_673_230_451_234_567,
        "old": -621_355_968_000_000_000,
        "z": -937_840_000_005,
    }
    assert row == {name: value for name, value in WRITTEN.items() if name != "n"} | ticks
    types = {field.name: field.metadata[b"kelp.type"].decode() for field in table.schema}
    assert (types["t"], types["z"]) == ("datetime", "timespan")
    assert [types[name] for name in ("d", "g", "y", "b", "i")] == [
        "decimal",
        "guid",
        "dynamic",
        "bool",
        "int",
    ]


def test_values_are_exported_as_the_query_api_writes_them(client: httpx.Client, typed: str) -> None:
    assert json.loads(export(client, typed, "json")) == [WRITTEN]
    assert json.loads(export(client, typed, "jsonl")) == WRITTEN
    (row,) = csv.DictReader(StringIO(export(client, typed, "csv").decode()))
    texts = {name: "" if value is None else str(value) for name, value in WRITTEN.items()}
    assert row == texts | {"b": "true"}


def test_parquet_has_times(client: httpx.Client, typed: str) -> None:
    table = pq.read_table(BytesIO(export(client, typed, "parquet")))
    assert table.schema.field("t").type == pa.timestamp("ns", "UTC")
    assert table.schema.field("old").type == pa.timestamp("us", "UTC")
    assert table.column("t").cast(pa.int64()).to_pylist() == [1_767_323_045_123_456_700]
    assert table.column("l").to_pylist() == [WRITTEN["l"]]


def test_a_spreadsheet_runs_nothing(client: httpx.Client, server: Server) -> None:
    query = "print a='=1+1', b='+1', c='-1', d='@x', e='x=1', f=-1, ['=h']='1', g=dynamic(['-'])[0]"
    run = start(client, server.home, query)
    content = export(client, run, "excel-csv")
    (row,) = csv.DictReader(StringIO(content.decode("utf-8-sig")))
    cells = {"a": "'=1+1", "b": "'+1", "c": "'-1", "d": "'@x", "e": "x=1", "f": "-1", "'=h": "1"}
    assert {name: row[name] for name in cells} == cells


def test_rows_are_paged(client: httpx.Client, server: Server) -> None:
    query = "range x from 0 to 199999 step 1 | extend s = strcat('s', x)"
    run = start(client, server.home, query, maximumRows=200_000)
    part = read_arrow(client, run, skip=65_000, top=70_000)
    assert part.column("x").to_pylist() == list(range(65_000, 135_000))
    assert read_arrow(client, run, skip=199_999, top=10).to_pylist() == [{"x": 199_999, "s": "s199999"}]
    assert read_arrow(client, run, skip=300_000).num_rows == 0
    lines = export(client, run, "csv").splitlines()
    assert len(lines) == 1 + 50_000


def test_a_result_without_rows(client: httpx.Client, server: Server) -> None:
    run = start(client, server.home, "print a=1, b='x' | where a > 1")
    table = read_arrow(client, run)
    assert (table.num_rows, table.schema.names) == (0, ["a", "b"])
    assert json.loads(export(client, run, "json")) == []


def test_several_results(client: httpx.Client, server: Server) -> None:
    run = start(client, server.home, "print a=1; range b from 1 to 3 step 1")
    schemas = [event["columns"][0]["name"] for name, event in iter_events(client, run) if name == "schema"]
    assert schemas == ["a", "b"]
    assert read_arrow(client, run, table=1).column("b").to_pylist() == [1, 2, 3]
    answer = client.get(f"/portal/api/runs/{run}/result", params={"table": 2})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "TableNotFound")


def test_a_cut_result_is_a_result(client: httpx.Client, server: Server) -> None:
    run = start(client, server.home, "range x from 1 to 100000 step 1", maximumRows=70_000)
    done = wait(client, run)
    assert (done["rowCount"], done["isTruncated"], done["limit"]["kind"]) == (70_000, True, "rows")
    assert done["error"] is None
    assert "more than 70,000 rows" in done["warnings"][0]["message"]
    assert read_arrow(client, run).column("x").to_pylist() == list(range(1, 70_001))


def test_a_text_with_a_fault_says_where(client: httpx.Client, server: Server) -> None:
    query = "print '😀' | where nothing > 1"
    done = wait(client, start(client, server.home, query))
    (found,) = done["error"]["diagnostics"]
    text = query.encode("utf-16-le")[2 * found["start"] : 2 * found["end"]].decode("utf-16-le")
    assert (text, found["severity"]) == ("nothing", "error")


ENDLESS = "range x from 1 to 1000000000000 step 1 | where x % 7 == 8 | count"


def test_progress_is_told_and_cancelling_stops_the_engine(client: httpx.Client, server: Server) -> None:
    run = start(client, server.home, ENDLESS)
    child = start(client, server.home, ENDLESS, parent=run, purpose="histogram")
    measured: list[dict[str, Any]] = []
    for name, event in iter_events(client, run):
        if name == "progress" and event["rowsRead"]:
            measured.append(event)
            if len(measured) == 3:
                assert client.delete(f"/portal/api/runs/{run}").status_code == 204
        elif name == "done":
            assert event["error"]["code"] == "QueryCancelled"
    rows = [event["rowsRead"] for event in measured]
    assert rows == sorted(rows)
    assert measured[-1]["cpuSeconds"] > 0
    assert wait(client, child)["error"]["code"] == "QueryCancelled"


def test_a_run_is_its_users(client: httpx.Client, server: Server) -> None:
    run = start(client, server.home, "print 1")
    wait(client, run)
    for user in (server.people.person, server.people.foreign_person):
        with browser_of(server, user) as other:
            path = f"/portal/api/runs/{run}"
            answers = [other.get(f"{path}/events"), other.get(f"{path}/result"), other.delete(path)]
            parent = {"workspaces": [server.home.workspace_id], "query": "print 1", "parent": run}
            if user is server.people.person:
                answers.append(other.post("/portal/api/runs", json=parent))
            assert {answer.status_code for answer in answers} == {404}
            assert {answer.json()["error"]["code"] for answer in answers} == {"RunNotFound"}
    with server.client() as nobody:
        assert nobody.get(f"/portal/api/runs/{run}/result", headers=OWN_PAGE).status_code == 401
    assert read_arrow(client, run).num_rows == 1


def test_results_expire(client: httpx.Client, server: Server) -> None:
    run = start(client, server.home, "print 1")
    wait(client, run)
    with server.later(timedelta(minutes=9)):
        assert read_arrow(client, run).num_rows == 1
    with server.later(timedelta(minutes=11)):
        answer = client.get(f"/portal/api/runs/{run}/result")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RunNotFound")


def test_what_is_wrong_with_a_request_is_told_at_once(client: httpx.Client, server: Server) -> None:
    body = {"workspaces": [], "query": " ", "maximumRows": 0, "purpose": "joke", "unknown": 1}
    answer = client.post("/portal/api/runs", json=body)
    assert answer.status_code == 400
    assert len(answer.json()["error"]["details"]) == 5
    elsewhere = {"workspaces": [server.people.foreign.workspace_id], "query": "print 1"}
    assert client.post("/portal/api/runs", json=elsewhere).status_code == 403
    run = start(client, server.home, "print 1")
    for parameters in ({"format": "xml"}, {"top": "-1"}, {"skip": "a"}):
        assert client.get(f"/portal/api/runs/{run}/result", params=parameters).status_code == 400
