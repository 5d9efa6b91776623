/** Commands that send from a computer to a workspace. The tests run them as they stand, with the secrets filled in. */

export interface Destination {
  /** The server: `https://logs.example.org:8443`. */
  readonly origin: string
  /** The workspace's id and its resource id. */
  readonly workspace: string
  readonly resource: string
  readonly tenantId: string
}

/** The server's own machine: journal or text logs, counters, and a heartbeat each minute. */
export const THIS_MACHINE = 'kelp serve --data kelp-data --local-logs'

/** One heartbeat of any machine that has the command `kelp`; a timer runs it each minute. */
export function heartbeatCommand({ origin, workspace, resource, tenantId }: Destination): string {
  return `export KELP_CLI_ENDPOINT=${origin}
export KELP_CLI_CA_FILE=ca.pem
export KELP_CLI_WORKSPACE=${workspace}
export KELP_CLI_WORKSPACE_RESOURCE_ID=${resource}
export AZURE_TENANT_ID=${tenantId}
export AZURE_CLIENT_ID=<application>
export AZURE_CLIENT_SECRET=<its secret>
printf '{"TimeGenerated": "%s", "Computer": "%s", "OSType": "%s", "Category": "Direct Agent"}\\n' \\
  "$(date -u +%FT%TZ)" "$(hostname)" "$(uname -s)" > heartbeat.jsonl
kelp ingest --table Heartbeat heartbeat.jsonl`
}

/** Records of a machine that has no more than curl and openssl, signed with a key of the workspace. */
export function keyCommand({ origin, workspace }: Destination): string {
  return `KEY=<a key of the workspace>
BODY='[{"Computer": "'"$(hostname)"'", "Message": "It works."}]'
DATE=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
LENGTH=$(printf %s "$BODY" | wc -c | tr -d ' ')
HEX=$(printf %s "$KEY" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf 'POST\\n%s\\napplication/json\\nx-ms-date:%s\\n/api/logs' "$LENGTH" "$DATE" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$HEX" -binary | base64)
curl --fail --cacert ca.pem -d "$BODY" \\
  -H "Authorization: SharedKey ${workspace}:$SIGNATURE" -H "x-ms-date: $DATE" \\
  -H "Content-Type: application/json" -H "Log-Type: FirstSteps" \\
  "${origin}/api/logs?api-version=2016-04-01"`
}
