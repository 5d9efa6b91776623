"""The questions: KQL as a user writes it, and the best SQL we know for the same answer over the same table."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING

from benchmarks.tables import OTHERS, SYSLOG

if TYPE_CHECKING:
    from collections.abc import Mapping


def _terms_of(column: str) -> str:
    """What the term index of a column holds."""
    return (
        f"if(isValidASCII({column}), lower({column}), "
        f"replaceRegexpAll(lowerUTF8({column}), '[^\\\\x00-\\\\x7F\\\\p{{L}}\\\\p{{Nd}}]', ' '))"
    )


_TERMS = _terms_of("SyslogMessage")
_ALL = ", ".join([*SYSLOG.columns, "SourceSystem", "_ResourceId", "_SubscriptionId", "_BilledSize"])
"""The stored columns that a whole row shows."""


@dataclass(frozen=True, slots=True)
class Question:
    """Tables are named in both by `$` and their kind."""

    name: str
    asks: str
    kql: str
    sql: str
    has_ties: bool = False
    """Several rows may be the last of the answer, so only their numbers are compared."""
    reads_properties: bool = False
    """Scalars out of a dynamic column."""

    def print_kql(self) -> str:
        """Return the text that Kelp is asked."""
        return Template(self.kql).substitute({table.kind: table.name for table in (SYSLOG, *OTHERS)})

    def print_sql(self, tables: Mapping[str, str]) -> str:
        """Return the statement over the bare engine's tables, given by kind."""
        return Template(self.sql).substitute(tables)


QUESTIONS = (
    Question("Q1", "total count", "$syslog | count", "SELECT count() FROM $syslog"),
    Question(
        "Q2",
        "count by severity per hour",
        "$syslog | summarize count() by SeverityLevel, bin(TimeGenerated, 1h)",
        "SELECT SeverityLevel, toStartOfHour(TimeGenerated) h, count() FROM $syslog GROUP BY SeverityLevel, h",
    ),
    Question(
        "Q3",
        "rare term",
        '$syslog | where SyslogMessage has "zebrafish" | count',
        f"SELECT count() FROM $syslog WHERE hasAllTokens({_TERMS}, ['zebrafish'])",
    ),
    Question(
        "Q4",
        "common term, count",
        '$syslog | where SyslogMessage has "timeout" | count',
        f"SELECT count() FROM $syslog WHERE hasAllTokens({_TERMS}, ['timeout'])",
    ),
    Question(
        "Q5",
        "substring inside a term",
        '$syslog | where SyslogMessage contains "EBRAFIS" | count',
        f"SELECT count() FROM $syslog WHERE {_TERMS} LIKE '%ebrafis%'",
    ),
    Question(
        "Q6",
        "phrase",
        '$syslog | where SyslogMessage has "liveness probe failed" | count',
        f"SELECT count() FROM $syslog WHERE hasPhrase({_TERMS}, 'liveness probe failed')",
    ),
    Question(
        "Q7",
        "regex extract, top 10",
        '$syslog | where SyslogMessage has "Failed password" '
        '| extend ip = extract(@"from (\\d+\\.\\d+\\.\\d+\\.\\d+)", 1, SyslogMessage) '
        "| summarize n = count() by ip | top 10 by n",
        "SELECT extract(SyslogMessage, 'from (\\\\d+\\\\.\\\\d+\\\\.\\\\d+\\\\.\\\\d+)') ip, count() n FROM $syslog "
        f"WHERE hasPhrase({_TERMS}, 'failed password') GROUP BY ip ORDER BY n DESC LIMIT 10",
        has_ties=True,
    ),
    Question(
        "Q8",
        "last 100 rows",
        "$syslog | top 100 by TimeGenerated desc",
        f"SELECT {_ALL} FROM $syslog ORDER BY TimeGenerated DESC LIMIT 100",
    ),
    Question(
        "Q9",
        "one host, one time slice",
        "$syslog | where TimeGenerated between (datetime(2026-11-03T10:00:00Z) .. datetime(2026-11-03T16:00:00Z)) "
        'and Computer == "host-0042.contoso.com" | top 200 by TimeGenerated desc',
        f"SELECT {_ALL} FROM $syslog WHERE TimeGenerated BETWEEN '2026-11-03 10:00:00' AND '2026-11-03 16:00:00' "
        "AND Computer = 'host-0042.contoso.com' ORDER BY TimeGenerated DESC LIMIT 200",
    ),
    Question(
        "Q10",
        "distinct count",
        "$syslog | summarize dcount(TraceId)",
        "SELECT uniqCombined(TraceId) FROM $syslog",
    ),
    Question(
        "Q11",
        "aggregate JSON properties",
        "$syslog | summarize n = count(), a = avg(todouble(Properties.latency_ms)) "
        "by s = tostring(Properties.http.status)",
        "SELECT JSONExtract(Properties, 'http', 'status', 'String') s, count(), "
        "avg(JSONExtract(Properties, 'latency_ms', 'Nullable(Float64)')) FROM $syslog GROUP BY s",
        reads_properties=True,
    ),
    Question(
        "Q12",
        "percentiles of a JSON number per hour",
        "$syslog | summarize percentiles(todouble(Properties.latency_ms), 50, 95, 99) by bin(TimeGenerated, 1h)",
        "SELECT toStartOfHour(TimeGenerated) h, "
        "quantiles(0.5, 0.95, 0.99)(JSONExtract(Properties, 'latency_ms', 'Nullable(Float64)')) "
        "FROM $syslog GROUP BY h",
        reads_properties=True,
    ),
    Question(
        "Q13",
        "top hosts joined to a small table",
        '$syslog | where SeverityLevel in ("err", "crit") | summarize n = count() by Computer | top 50 by n '
        "| join kind=inner $inventory on Computer | project Computer, n, Owner, Tier",
        "SELECT Computer, n, Owner, Tier FROM (SELECT Computer, count() n FROM $syslog "
        "WHERE SeverityLevel IN ('err', 'crit') GROUP BY Computer ORDER BY n DESC LIMIT 50) AS hosts "
        "JOIN $inventory AS inventory USING Computer",
        has_ties=True,
    ),
    Question(
        "Q14",
        "term and not term",
        '$syslog | where SyslogMessage has "failed" and not(SyslogMessage has "liveness") | count',
        f"SELECT count() FROM $syslog WHERE hasAllTokens({_TERMS}, ['failed']) "
        f"AND NOT hasAllTokens({_TERMS}, ['liveness'])",
    ),
    Question(
        "Q15",
        "failed sign-ins, brute force",
        '$signinlogs | where ResultType != "0" | summarize f = count(), ips = dcount(IPAddress) '
        "by UserPrincipalName, bin(TimeGenerated, 1h) | where f > 5 | top 20 by f",
        "SELECT UserPrincipalName, toStartOfHour(TimeGenerated) h, count() f, uniqCombined(IPAddress) "
        "FROM $signinlogs WHERE ResultType != '0' GROUP BY UserPrincipalName, h HAVING f > 5 "
        "ORDER BY f DESC LIMIT 20",
        has_ties=True,
    ),
    Question(
        "Q16",
        "nested dynamic array",
        '$signinlogs | mv-expand p = ConditionalAccessPolicies | where tostring(p.result) == "failure" '
        "| summarize count() by tostring(p.displayName)",
        "SELECT JSONExtractString(p, 'displayName') d, count() FROM $signinlogs "
        "ARRAY JOIN JSONExtractArrayRaw(ConditionalAccessPolicies) AS p "
        "WHERE JSONExtractString(p, 'result') = 'failure' GROUP BY d",
    ),
    Question(
        "Q17",
        "impossible travel",
        '$signinlogs | where UserPrincipalName startswith "traveller" '
        "| sort by UserPrincipalName asc, TimeGenerated asc "
        "| extend pu = prev(UserPrincipalName), pl = prev(Location), pt = prev(TimeGenerated) "
        "| where pu == UserPrincipalName and pl != Location and TimeGenerated - pt < 15m | count",
        "SELECT count() FROM (SELECT UserPrincipalName u, Location l, TimeGenerated t, lagInFrame(u) OVER w pu, "
        "lagInFrame(l) OVER w pl, lagInFrame(t) OVER w pt FROM $signinlogs "
        "WHERE startsWith(lower(UserPrincipalName), 'traveller') "
        "WINDOW w AS (ORDER BY UserPrincipalName, TimeGenerated ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) "
        "WHERE pu = u AND pl != l AND dateDiff('second', pt, t) < 900",
    ),
    Question(
        "Q18",
        "rare process",
        '$securityevent | where NewProcessName has "QuokkaLoader.exe" | summarize count() by Computer',
        "SELECT Computer, count() FROM $securityevent "
        "WHERE positionCaseInsensitive(NewProcessName, 'QuokkaLoader.exe') > 0 GROUP BY Computer",
    ),
    Question(
        "Q19",
        "parse a command line",
        '$securityevent | where CommandLine has "EncodedCommand" '
        '| parse CommandLine with * "-EncodedCommand " enc | summarize count() by enc',
        "SELECT extract(CommandLine, '-EncodedCommand (.*)') enc, count() FROM $securityevent "
        f"WHERE hasAllTokens({_terms_of('CommandLine')}, ['encodedcommand']) GROUP BY enc",
    ),
    Question(
        "Q20",
        "error rate per service",
        "$apprequests | summarize total = count(), failed = countif(Success == false), "
        "p95 = percentile(DurationMs, 95) by AppRoleName, bin(TimeGenerated, 5m)",
        "SELECT AppRoleName, toStartOfInterval(TimeGenerated, INTERVAL 5 MINUTE) b, count(), "
        "countIf(Success = false), quantileExact(0.949999999999)(DurationMs) FROM $apprequests GROUP BY AppRoleName, b",
    ),
    Question(
        "Q21",
        "request-to-dependency join",
        "$apprequests | where Success == false "
        "| join kind=inner ($appdependencies | where Success == false) on OperationId | summarize count() by Target",
        "SELECT Target, count() FROM (SELECT OperationId, Target FROM $appdependencies WHERE Success = false) AS d "
        "JOIN (SELECT OperationId FROM $apprequests WHERE Success = false) AS r USING OperationId GROUP BY Target",
    ),
    Question(
        "Q22",
        "counter series with gaps filled",
        '$perf | where CounterName == "% Processor Time" | make-series avg(CounterValue) default=0.0 '
        "on TimeGenerated from datetime(2026-11-01) to datetime(2026-11-11) step 1h by Computer | take 20",
        "SELECT Computer, arrayMap(h -> bins[h], "
        "arrayMap(i -> addHours(toDateTime('2026-11-01', 'UTC'), i), range(240))) FROM ("
        "SELECT Computer, mapFromArrays(groupArray(h), groupArray(a)) bins FROM (SELECT Computer, "
        "toStartOfHour(TimeGenerated) h, avg(CounterValue) a FROM $perf WHERE CounterName = '% Processor Time' "
        "GROUP BY Computer, h) GROUP BY Computer) LIMIT 20",
        has_ties=True,
    ),
    Question(
        "Q23",
        "search in every column",
        '$syslog | search "zebrafish" | count',
        "SELECT count() FROM $syslog WHERE "
        f"hasAllTokens({_TERMS}, ['zebrafish']) OR "
        + " OR ".join(
            f"hasToken(lower({column}), 'zebrafish')"
            for column in (
                "Computer",
                "HostIP",
                "Facility",
                "SeverityLevel",
                "ProcessName",
                "TraceId",
                "Properties",
            )
        ),
    ),
)
