"""Write `src/kelp/catalog/tables/standard_tables.json` from a harvested schema file.

    python tools/make_builtin_tables.py [--documented-only] SCHEMAS_FOLDER

SCHEMAS_FOLDER holds `tables.json` and `analyzer-origin.json`. The output has one table a line, so that a difference
between two versions can be read. `--documented-only` leaves out the tables and columns that only the second source
knows (see the README beside the output).
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parent.parent / "src/kelp/catalog/tables/standard_tables.json"

TYPES = frozenset({"bool", "datetime", "dynamic", "guid", "int", "long", "real", "string"})

# Published queries use them though the harvested documents do not list them. Of `AzureDiagnostics`, whose columns come
# with the first row of a kind, they are those of Azure's documents on the logs of a service, by the kind in their ends.
ADDITIONS = {
    "AADSignInEventsBeta": "RiskLevelDuringSignIn:int",
    "AzureDiagnostics": (
        "addedIpRule_Value_s additional_information_s affected_rows_d attrs_s backendPoolName_s "
        "backendSettingName_s clientIPAddress_s clientPort_s clientResponseTime_d cluster_s contentLength_d "
        "correlation_clientTrackingId_s containerID_s database_principal_id_d details_data_s details_file_s "
        "details_line_s details_matches_s details_message_s details_msg_s engine_s error_s errorInfo_s "
        "errorNo_d eventType_s hostname_s httpVerb_s identity_claim_aud_s identity_claim_scp_s "
        "identity_claim_unique_name_s identity_claim_xms_mirid_s instance_s isRbacAuthorized_b "
        "is_server_level_audit_s listenerName_s log_s matchedRuleName_s object_type_s originalHost_s "
        "originalRequestUriWithArgs_s permission_bitmask_s pod_s pop_s properties_createMode_s referer_s "
        "remoteIP_s removedAccessPolicy_TenantId_g removedIpRule_Value_s requestBytes_s requestProtocol_s "
        "requestQuery_s responseBytes_s responseTime_d ruleGroup_s ruleId_s ruleSetType_s ruleSetVersion_s "
        "secretProperties_attributes_exp_d securityProtocol_s sentBytes_d serverResponseLatency_s "
        "serverRouted_s serverStatus_s server_instance_name_s server_principal_id_d server_principal_name_s "
        "session_server_principal_name_s session_context_s site_s sku_s socketIp_s sourceIP_s sslCipher_s "
        "sslClientVerify_s sslEnabled_s sslProtocol_s startTime_t state_s statement_s status_s "
        "stateChangeReason_s stream_s StreamType_s subnetId_s succeeded_s target_server_principal_name_s "
        "timeTaken_d timeTaken_s tlsVersion_s trackingReference_s transaction_id_d transactionId_g "
        "trustedService_s upstreamSourcePort_s userAgent_s vaultProperties_s virtualHost_s "
        "WAFEvaluationTime_s WAFMode_s"
    ),
    "CloudAuditEvents": "Account",
    "Heartbeat": "SourceComputerId",
    "IdentityInfo": "AccountUpn",
}
KINDS = {"_s": "string", "_d": "real", "_b": "bool", "_g": "guid", "_t": "datetime"}

# Tables that Microsoft's documents call by two names, an earlier one first, and the columns it called otherwise.
EARLIER_NAMES: dict[str, tuple[str, dict[str, str]]] = {
    "AADSignInEventsBeta": ("EntraIdSignInEvents", {"EntraIdDeviceId": "AadDeviceId"}),
    "AADSpnSignInEventsBeta": ("EntraIdSpnSignInEvents", {}),
}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def write_tables(folder: Path, *, documented_only: bool) -> int:
    """Write the output and return how many tables it holds."""
    tables = json.loads((folder / "tables.json").read_text("utf-8"))
    origin = json.loads((folder / "analyzer-origin.json").read_text("utf-8"))
    undocumented = {*origin["tables_sentinel"], *origin["tables_m365"]} if documented_only else set()
    undocumented |= {name for name, (source, _) in EARLIER_NAMES.items() if source in undocumented}
    lines = []
    add_earlier_names(tables)
    for name in sorted(tables):
        if name in undocumented:
            continue
        table = tables[name]
        added = (column.partition(":") for column in ADDITIONS.get(name, "").split())
        columns = table["columns"] | {
            column: kind or KINDS.get(column[-2:], "string") for column, _, kind in added
        }
        if documented_only:
            only_there = {column for found in origin["columns"].get(name, {}).values() for column in found}
            columns = {column: type_ for column, type_ in columns.items() if column not in only_there}
        document = {
            "columns": pack_columns(name, columns),
            "categories": table["categories"],
            "solutions": table["solutions"],
            "resourceTypes": table["resource_types"],
            "basic": bool(table["basic"]),
        }
        lines.append(f'"{name}":{json.dumps(document, separators=(",", ":"))}')
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return len(lines)


def add_earlier_names(tables: dict[str, Any]) -> None:
    """Add the tables under their earlier names."""
    for name, (source, renamed) in EARLIER_NAMES.items():
        columns = {renamed.get(column, column): type_ for column, type_ in tables[source]["columns"].items()}
        tables[name] = tables[source] | {"columns": columns}


def pack_columns(table: str, columns: dict[str, str]) -> str:
    """Return `Name` for a string and `Name:type` for the rest, separated by blanks."""
    for column, type_ in columns.items():
        if not _NAME.fullmatch(column) or type_ not in TYPES:
            raise SystemExit(f"{table}.{column}: {type_} can't be written")
    return " ".join(name if type_ == "string" else f"{name}:{type_}" for name, type_ in columns.items())


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with tables.json and analyzer-origin.json")
    parser.add_argument("--documented-only", action="store_true")
    arguments = parser.parse_args()
    count = write_tables(arguments.folder, documented_only=arguments.documented_only)
    print(f"{count} tables, {OUTPUT.stat().st_size:,} bytes: {OUTPUT}")


if __name__ == "__main__":
    main()
