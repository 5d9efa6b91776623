"""What the portal's editor asks about a text: findings with fixes, statements, estimates, and edits that are run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kelp.kql.editing.spelling import spell_name, spell_text
from tests.portal.browsing import browser_of
from tests.servers import Server

PATIENT = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server) as client:
        yield client


def post(client: httpx.Client, name: str, **document: Any) -> dict[str, Any]:
    answer = client.post(f"/portal/api/kql/{name}", json=document)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def run(client: httpx.Client, server: Server, query: str) -> list[dict[str, Any]]:
    body = {"workspaces": [server.home.workspace_id], "query": query, "maximumRows": 100_000}
    started = client.post("/portal/api/runs", json=body)
    assert started.status_code == 201, started.text
    answer = client.get(f"/portal/api/runs/{started.json()['id']}/result", params={"format": "json"})
    assert answer.status_code == 200, f"{query}\n{answer.text}"
    return list(answer.json())


def edit(
    client: httpx.Client, query: str, op: str, column: str, value: object, kind: str, **more: Any
) -> str:
    document = {
        "query": query,
        "position": 0,
        "op": op,
        "column": column,
        "value": value,
        "type": kind,
        **more,
    }
    edited = post(client, "edit", **document)
    inserted = (
        edited["query"].encode("utf-16-le")[2 * edited["start"] : 2 * edited["end"]].decode("utf-16-le")
    )
    assert "|" in inserted
    return str(edited["query"])


def test_queries_parted_by_empty_lines_are_looked_at_each(client: httpx.Client, server: Server) -> None:
    query = "let y = 1;\nHeartbeat | take y\n\nHeartbeat\n| where Computr == x\n\nlet x = 'a';\nHeartbeat | where Computer == x"
    found = post(client, "check", workspaces=[server.home.workspace_id], query=query, timespan="P1D")[
        "diagnostics"
    ]
    assert [query[one["start"] : one["end"]] for one in found] == ["Computr", "x"]
    assert [one["start"] for one in found] == [query.index("Computr"), query.index("x\n\nlet")]
    two_in_one = "let a = b; Heartbeat | where a == 1; Heartbeat | where a == 2"
    found = post(client, "check", workspaces=[server.home.workspace_id], query=two_in_one, timespan="P1D")[
        "diagnostics"
    ]
    assert [two_in_one[one["start"] : one["end"]] for one in found] == ["b"]


def test_findings_come_with_their_places_and_fixes(client: httpx.Client, server: Server) -> None:
    query = "Heartbeat // 😀\n| where Computr == 'a' && strlenn(OSType) > 1 | summarzie count()"
    mended = query
    for _ in range(5):
        found = post(client, "check", workspaces=[server.home.workspace_id], query=mended)["diagnostics"]
        fixes = [one["fix"] for one in found if one["severity"] == "error" and "fix" in one]
        if not fixes:
            break
        fix, units = fixes[0], mended.encode("utf-16-le")
        before, after = units[: 2 * fix["start"]], units[2 * fix["end"] :]
        mended = (before + fix["text"].encode("utf-16-le") + after).decode("utf-16-le")
    expected = "Heartbeat // 😀\n| where Computer == 'a' and strlen(OSType) > 1 | summarize count()"
    assert mended == expected
    assert [one for one in found if one["severity"] == "error"] == []


def test_warnings_come_too(client: httpx.Client, server: Server) -> None:
    query = "Heartbeat | where Computer contains 'web'"
    found = post(client, "check", workspaces=[server.home.workspace_id], query=query)["diagnostics"]
    assert {one["severity"] for one in found} == {"warning"}
    fixes = {one["code"]: one["fix"]["text"] for one in found}
    assert fixes["KLP0101"] == "has"
    assert "ago(1d)" in fixes["KLP0103"]


@pytest.mark.parametrize(
    "query, mended",
    [
        ("Heartbeat | where Computer = 'a'", "Heartbeat | where Computer == 'a'"),
        ('Heartbeat | where Computer == "a', 'Heartbeat | where Computer == "a"'),
        ("Heartbeat | extend x = strcat(Computer, 'é'", "Heartbeat | extend x = strcat(Computer, 'é')"),
        ("Heartbeat | where tolower(OSType) != 'linux'", "Heartbeat | where OSType !~ 'linux'"),
        ("Heartbeat | where ['Computr'] == 'a'", "Heartbeat | where Computer == 'a'"),
        (
            "Heartbeat | join kind=iner Heartbeat on Computer",
            "Heartbeat | join kind=inner Heartbeat on Computer",
        ),
    ],
)
def test_usual_faults_are_mended(client: httpx.Client, server: Server, query: str, mended: str) -> None:
    scope = {"workspaces": [server.home.workspace_id], "timespan": "P1D"}
    (found,) = post(client, "check", query=query, **scope)["diagnostics"]
    fix = found["fix"]
    assert query[: fix["start"]] + fix["text"] + query[fix["end"] :] == mended
    left = post(client, "check", query=mended, **scope)["diagnostics"]
    assert found["code"] not in {one["code"] for one in left}


def test_an_empty_text_has_no_fault(client: httpx.Client, server: Server) -> None:
    for text in ("// nothing yet", "print 1;\n\n", "print 1\n\n\n// later"):
        found = post(client, "check", workspaces=[server.home.workspace_id], query=text)["diagnostics"]
        assert found == []


def test_a_text_of_a_workspace_that_is_not_the_callers_is_not_looked_at(server: Server) -> None:
    body = {"workspaces": [server.home.workspace_id], "query": "print 1"}
    with browser_of(server, server.people.newcomer) as other:
        for name in ("check", "estimate", "explain"):
            assert other.post(f"/portal/api/kql/{name}", json=body).status_code == 403


def test_the_statement_at_the_cursor(client: httpx.Client, server: Server) -> None:
    text = "let n = 2;\n\nlet m = n * 3; // 😀\nlet unused = 1;\nprint m\n\n| extend n; print 'x'\n"
    position = text.index("extend") + 1
    found = post(client, "statement", query=text, position=position)
    assert found["text"] == "let n = 2;\nlet m = n * 3;\nprint m\n\n| extend n"
    assert run(client, server, found["text"]) == [{"print_0": 6, "n": 2}]
    units = text.encode("utf-16-le")
    assert units[2 * found["start"] : 2 * found["end"]].decode("utf-16-le") == "print m\n\n| extend n"
    for part in found["parts"]:
        length = part["end"] - part["start"]
        original = units[2 * part["start"] : 2 * part["end"]].decode("utf-16-le")
        assert found["text"][part["textStart"] : part["textStart"] + length] == original


def test_an_estimate_is_of_the_time_range(client: httpx.Client, server: Server) -> None:
    body = {"workspaces": [server.home.workspace_id], "query": "Heartbeat | summarize by Computer"}
    everything = post(client, "estimate", **body)
    assert everything["rows"] > 0
    assert [table["name"] for table in everything["tables"]] == ["Heartbeat"]
    nothing = post(client, "estimate", **body, timespan="2001-01-01T00:00:00Z/PT1H")
    assert nothing["rows"] == nothing["bytes"] == 0


def test_an_explanation_has_advice(client: httpx.Client, server: Server) -> None:
    query = "Heartbeat | where Computer contains 'web'"
    explained = post(client, "explain", workspaces=[server.home.workspace_id], query=query)
    assert [one["code"] for one in explained["advice"]] == ["KLP0101"]
    assert explained["results"][0]["reads"][0]["table"] == "Heartbeat"


VALUES: dict[str, st.SearchStrategy[str | None]] = {
    "bool": st.sampled_from(["true", "false", None]),
    "int": st.integers(-(2**31), 2**31 - 1).map(str) | st.sampled_from(["0", None]),
    "long": st.integers(-(2**63), 2**63 - 1).map(str) | st.sampled_from(["0", None]),
    "real": st.floats(width=64).map(repr) | st.sampled_from(["0.1", "nan", "+inf", "-inf", None]),
    "decimal": st.decimals(-(10**15), 10**15, places=18).map(lambda one: f"{one:f}") | st.none(),
    "datetime": st.datetimes().map(lambda one: f"{one.isoformat()}Z")
    | st.sampled_from(
        ["2026-01-02T03:04:05.1234567Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", None]
    ),
    "timespan": st.integers(-(2**62), 2**62).map(lambda one: f"{one} tick")
    | st.sampled_from(["0 tick", None]),
    "guid": st.uuids().map(str) | st.none(),
}


@PATIENT
@given(data=st.data(), kind=st.sampled_from(sorted(VALUES)))
def test_filters_find_exactly_the_value(
    client: httpx.Client, server: Server, data: st.DataObject, kind: str
) -> None:
    values = data.draw(st.lists(VALUES[kind], min_size=1, max_size=6))
    name = data.draw(st.sampled_from(["v", "by", "a b", "kind", "é"]))
    cells = ", ".join(f"{kind}(null)" if one is None else f"{kind}({one})" for one in values)
    query = f"datatable ({spell_name(name)}: {kind}) [{cells}]"
    rows = run(client, server, query)
    chosen = data.draw(st.sampled_from(rows))[name]
    filtered = run(client, server, edit(client, query, "filterTo", name, chosen, kind))
    assert filtered == [row for row in rows if row[name] == chosen]
    others = run(client, server, edit(client, query, "filterOut", name, chosen, kind))
    assert others == [row for row in rows if row[name] != chosen]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.sampled_from(
    ["", "a\"b'c\\", "x\ny\tz", "| where", "// no", "😀"]
)


@PATIENT
@given(values=st.lists(TEXTS, min_size=1, max_size=5), data=st.data())
def test_texts_of_any_kind_are_found(
    client: httpx.Client, server: Server, values: list[str], data: st.DataObject
) -> None:
    cells = ", ".join(spell_text(one) for one in values)
    query = f"datatable (s: string) [{cells}] | sort by s asc | take 100"
    rows = run(client, server, query)
    assert sorted(row["s"] for row in rows) == sorted(values)
    chosen = data.draw(st.sampled_from(values))
    filtered = run(client, server, edit(client, query, "filterTo", "s", chosen, "string"))
    assert filtered == [row for row in rows if row["s"] == chosen]
    others = run(client, server, edit(client, query, "filterOut", "s", chosen, "string"))
    assert others == [row for row in rows if row["s"] != chosen]
    if chosen:
        found = run(client, server, edit(client, query, "contains", "s", chosen, "string"))
        assert {"s": chosen} in found


LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9).map(float) | TEXTS
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab c.", max_size=3), inner, max_size=3)
    ),
)


@PATIENT
@given(values=st.lists(DOCUMENTS, min_size=1, max_size=5), data=st.data())
def test_dynamic_values_are_found(
    client: httpx.Client, server: Server, values: list[Any], data: st.DataObject
) -> None:
    cells = ", ".join(f"dynamic({json.dumps(one)})" for one in values)
    query = f"datatable (d: dynamic) [{cells}]"
    rows = run(client, server, query)
    chosen = data.draw(st.sampled_from(rows))["d"]
    filtered = run(client, server, edit(client, query, "filterTo", "d", chosen, "dynamic"))
    others = run(client, server, edit(client, query, "filterOut", "d", chosen, "dynamic"))
    assert all(row in filtered for row in rows if row["d"] == chosen)
    assert len(filtered) + len(others) == len(rows)
    assert all(_text(row["d"]) == _text(chosen) for row in filtered)


def _text(cell: str | None) -> str | None:
    held = None if cell is None else json.loads(cell)
    return held if isinstance(held, str) else json.dumps(held, separators=(",", ":"))


@pytest.mark.parametrize(
    "path, value, kind, expected",
    [
        (["a"], "x", "string", [1]),
        (["a"], 5, "long", [2, 3]),
        (["n", "k k", 0], True, "bool", [1]),
        (["n", "k k", 1], "1.5", "real", [1]),
        (["n"], None, "dynamic", [2, 3, 4]),
        (["a"], '{"q":1}', "dynamic", [4]),
    ],
)
def test_paths_in_dynamic_values(
    client: httpx.Client, server: Server, path: list[Any], value: Any, kind: str, expected: list[int]
) -> None:
    query = """datatable (i: long, ["d d"]: dynamic) [
      1, dynamic({"a": "x", "n": {"k k": [true, 1.5]}}), 2, dynamic({"a": 5}), 3, dynamic({"a": "5"}),
      4, dynamic({"a": {"q": 1}})]
| sort by i asc"""
    for op, keeps in (("filterTo", True), ("filterOut", False)):
        found = run(client, server, edit(client, query, op, "d d", value, kind, path=path))
        assert [row["i"] for row in found] == [i for i in (1, 2, 3, 4) if (i in expected) is keeps]
    extended = run(client, server, edit(client, query, "extend", "d d", value, kind, path=path))
    assert len(extended[0]) == 3
    counted = run(client, server, edit(client, query, "countBy", "d d", value, kind, path=path))
    assert sum(row["count_"] for row in counted) == 4


@pytest.mark.parametrize(
    "query, op, expected",
    [
        (
            "range x from 1 to 9 step 1 | summarize n = count() by k = x % 2 | sort by n | render barchart",
            "filterTo",
            " | where n == 5 | sort by n | render barchart",
        ),
        ("range n from 1 to 9 step 1 | top 3 by n", "after", " | where n > 5 | top 3 by n"),
        ("range n from 1 to 9 step 1 // all\n| take 3\n", "before", "// all\n| where n < 5\n| take 3\n"),
        (
            "range n from 1 to 9 step 1 | take 3",
            "countBy",
            " | summarize count_ = count() by n | sort by count_ desc",
        ),
        ("let a = 9;\nrange n from 1 to a step 1", "filterOut", "step 1\n| where n != 5"),
    ],
)
def test_edits_go_where_they_belong(
    client: httpx.Client, server: Server, query: str, op: str, expected: str
) -> None:
    edited = edit(client, query, op, "n", 5, "long")
    assert expected.strip() in edited.replace("step 1\n| where n < 5 // all", "// all\n| where n < 5")
    assert len(run(client, server, edited)) > 0


def test_what_can_not_be_edited_says_why(client: httpx.Client) -> None:
    def refuse(**changes: Any) -> str:
        document = {
            "query": "print v = 1",
            "op": "filterTo",
            "column": "v",
            "value": 1,
            "type": "long",
            **changes,
        }
        answer = client.post("/portal/api/kql/edit", json=document)
        assert answer.status_code == 400, answer.text
        return json.dumps(answer.json())

    assert "nothing can follow" in refuse(query="print v = 1 | fork (take 1) (take 2)")
    assert "SYN0002" in refuse(query="print v = 1 | where (")
    assert "is no long" in refuse(value="x")
    assert "is no long" in refuse(value="9223372036854775808")
    assert "no order" in refuse(op="before", type="string", value="x")
    assert "must be one of" in refuse(op="joke", type="joke")
