"""What `kelp init` and a first start tell the user: secrets only then, because they are kept hashed or wrapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from kelp.app.installation import InitializedFolder
    from kelp.resources.bootstrap import Installation

FIRST_QUERIES = (
    "Syslog | where TimeGenerated > ago(1h) | summarize count() by ProcessName | top 10 by count_",
    'Perf | where CounterName == "% Used Memory" | project TimeGenerated, Computer, CounterValue | render timechart',
    'search in (Syslog) "error" | take 20',
)
"""What a new user can try on the logs of the own machine."""

_TOLD_BEFORE = "(told once, when it was made)"


def encode_report(folder: InitializedFolder, endpoint: str) -> str:
    """Return the report as JSON, with the names on which scripts rely; a secret told before is null."""
    names, secrets = folder.names, folder.secrets
    document = {
        "endpoint": endpoint,
        "caFile": str(folder.ca_file),
        "tenantId": str(names.tenant_id),
        "subscriptionId": str(names.subscription_id),
        "resourceGroup": names.resource_group,
        "workspaceName": names.workspace_name,
        "workspaceId": str(names.workspace_id),
        "workspaceResourceId": str(names.workspace_resource_id),
        "primaryKey": folder.primary_key,
        "clientId": str(names.client_id),
        "clientSecret": secrets.client_secret if secrets else None,
        "userName": names.user_name,
        "password": secrets.password if secrets else None,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def describe_report(folder: InitializedFolder, endpoint: str) -> str:
    """Return the report for people."""
    names, secrets = folder.names, folder.secrets
    return f"""Sign in at {endpoint}
  user name        {names.user_name}
  password         {secrets.password if secrets else _TOLD_BEFORE}

Programs sign in with
  tenant           {names.tenant_id}
  client id        {names.client_id}
  client secret    {secrets.client_secret if secrets else _TOLD_BEFORE}
  certificates     {folder.ca_file}

Records go to
  workspace        {names.workspace_name}
  workspace id     {names.workspace_id}
  key              {folder.primary_key}
  subscription     {names.subscription_id}
  resource group   {names.resource_group}"""


def describe_return(names: Installation, endpoint: str, folder: Path) -> str:
    """Return what a later start tells: where to sign in, and what to do when the password is lost."""
    return f"""Sign in at {endpoint} as {names.user_name}
  (a lost password: stop Kelp, then kelp init --data {folder} --new-secrets)"""


def describe_first_queries() -> str:
    """Return the queries to try."""
    return "\n".join(["Try one of these queries:", *(f"  {query}" for query in FIRST_QUERIES)])
