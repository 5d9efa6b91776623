"""The questions: KQL as a user writes it, and the best SQL we know for the same answer over the same table."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.dataset import COLUMNS

_TERMS = (
    "if(isValidASCII(SyslogMessage), lower(SyslogMessage), "
    "replaceRegexpAll(lowerUTF8(SyslogMessage), '[^\\\\x00-\\\\x7F\\\\p{L}\\\\p{Nd}]', ' '))"
)
"""What the term index holds."""
_ALL = ", ".join(
    [*(name for name, _ in COLUMNS), "SourceSystem", "_ResourceId", "_SubscriptionId", "_BilledSize"]
)
"""The stored columns that a whole row shows."""


@dataclass(frozen=True, slots=True)
class Question:
    """`{table}` stands for the table's name in both."""

    name: str
    asks: str
    kql: str
    sql: str
    has_ties: bool = False
    """Several rows may be the last of the answer, so only their numbers are compared."""


QUESTIONS = (
    Question("Q1", "total count", "{table} | count", "SELECT count() FROM {table}"),
    Question(
        "Q2",
        "count by severity per hour",
        "{table} | summarize count() by SeverityLevel, bin(TimeGenerated, 1h)",
        "SELECT SeverityLevel, toStartOfHour(TimeGenerated) h, count() FROM {table} GROUP BY SeverityLevel, h",
    ),
    Question(
        "Q3",
        "rare term",
        '{table} | where SyslogMessage has "zebrafish" | count',
        f"SELECT count() FROM {{table}} WHERE hasAllTokens({_TERMS}, ['zebrafish'])",
    ),
    Question(
        "Q4",
        "common term, count",
        '{table} | where SyslogMessage has "timeout" | count',
        f"SELECT count() FROM {{table}} WHERE hasAllTokens({_TERMS}, ['timeout'])",
    ),
    Question(
        "Q5",
        "substring inside a term",
        '{table} | where SyslogMessage contains "EBRAFIS" | count',
        f"SELECT count() FROM {{table}} WHERE {_TERMS} LIKE '%ebrafis%'",
    ),
    Question(
        "Q6",
        "phrase",
        '{table} | where SyslogMessage has "liveness probe failed" | count',
        f"SELECT count() FROM {{table}} WHERE hasPhrase({_TERMS}, 'liveness probe failed')",
    ),
    Question(
        "Q7",
        "regex extract, top 10",
        '{table} | where SyslogMessage has "Failed password" '
        '| extend ip = extract(@"from (\\d+\\.\\d+\\.\\d+\\.\\d+)", 1, SyslogMessage) '
        "| summarize n = count() by ip | top 10 by n",
        "SELECT extract(SyslogMessage, 'from (\\\\d+\\\\.\\\\d+\\\\.\\\\d+\\\\.\\\\d+)') ip, count() n FROM {table} "
        f"WHERE hasPhrase({_TERMS}, 'failed password') GROUP BY ip ORDER BY n DESC LIMIT 10",
        has_ties=True,
    ),
    Question(
        "Q8",
        "last 100 rows",
        "{table} | top 100 by TimeGenerated desc",
        f"SELECT {_ALL} FROM {{table}} ORDER BY TimeGenerated DESC LIMIT 100",
    ),
    Question(
        "Q9",
        "one host, one time slice",
        "{table} | where TimeGenerated between (datetime(2026-11-03T10:00:00Z) .. datetime(2026-11-03T16:00:00Z)) "
        'and Computer == "host-0042.contoso.com" | top 200 by TimeGenerated desc',
        f"SELECT {_ALL} FROM {{table}} WHERE TimeGenerated BETWEEN '2026-11-03 10:00:00' AND '2026-11-03 16:00:00' "
        "AND Computer = 'host-0042.contoso.com' ORDER BY TimeGenerated DESC LIMIT 200",
    ),
    Question(
        "Q10",
        "distinct count",
        "{table} | summarize dcount(TraceId)",
        "SELECT uniqCombined(TraceId) FROM {table}",
    ),
    Question(
        "Q11",
        "aggregate JSON properties",
        "{table} | summarize n = count(), a = avg(todouble(Properties.latency_ms)) "
        "by s = tostring(Properties.http.status)",
        "SELECT JSONExtract(Properties, 'http', 'status', 'String') s, count(), "
        "avg(JSONExtract(Properties, 'latency_ms', 'Nullable(Float64)')) FROM {table} GROUP BY s",
    ),
    Question(
        "Q12",
        "percentiles of a JSON number per hour",
        "{table} | summarize percentiles(todouble(Properties.latency_ms), 50, 95, 99) by bin(TimeGenerated, 1h)",
        "SELECT toStartOfHour(TimeGenerated) h, "
        "quantiles(0.5, 0.95, 0.99)(JSONExtract(Properties, 'latency_ms', 'Nullable(Float64)')) "
        "FROM {table} GROUP BY h",
    ),
    Question(
        "Q14",
        "term and not term",
        '{table} | where SyslogMessage has "failed" and not(SyslogMessage has "liveness") | count',
        f"SELECT count() FROM {{table}} WHERE hasAllTokens({_TERMS}, ['failed']) "
        f"AND NOT hasAllTokens({_TERMS}, ['liveness'])",
    ),
    Question(
        "Q23",
        "search in every column",
        '{table} | search "zebrafish" | count',
        "SELECT count() FROM {table} WHERE "
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
