// The page: sign in, choose a workspace, write a query, see its rows and its chart.

import { drawChart } from "/portal/chart.js";
import { drawGrid } from "/portal/grid.js";
import { call, endWatch, watchSession } from "/portal/service.js";

const FIRST_QUERY = "Heartbeat\n| summarize LastHeard = max(TimeGenerated) by Computer";

const $ = (id) => document.getElementById(id);
let running = null;
let shownChart = null;

function showSignIn(notice = "") {
  running?.abort();
  clearResults();
  for (const id of ["query", "user-name", "password"]) $(id).value = "";
  for (const id of ["tables", "workspace"]) $(id).replaceChildren();
  for (const id of ["user", "status", "sign-in-error"]) $(id).textContent = "";
  $("sign-in-notice").textContent = notice;
  $("logs").hidden = $("who").hidden = true;
  $("sign-in").hidden = false;
  $("user-name").focus();
}

async function enter({ name, idleSeconds }) {
  watchSession(idleSeconds, showSignIn);
  const { value } = await call("GET", "/portal/workspaces");
  $("user").textContent = name;
  $("workspace").replaceChildren(...value.map((item) => new Option(item.name, item.id)));
  $("query").value ||= FIRST_QUERY;
  $("sign-in").hidden = true;
  $("logs").hidden = $("who").hidden = false;
  $("status").textContent = value.length ? "" : "No workspace is open to you. Ask its owner for the Log Analytics Reader role.";
  $("run").disabled = !value.length;
  $("query").focus();
  if (value.length) await listTables();
}

async function signIn(event) {
  event.preventDefault();
  $("sign-in-error").textContent = $("sign-in-notice").textContent = "";
  try {
    const session = await call("POST", "/portal/session", {
      userName: $("user-name").value,
      password: $("password").value,
      code: $("code").value,
      tenant: $("tenant").value.trim(),
    });
    $("password").value = $("code").value = "";
    $("code-row").hidden = true;
    await enter(session);
  } catch (error) {
    $("sign-in-error").textContent = error.message.replace(/^AADSTS\d+: /, "");
    const needsCode = error.error?.code === "second_factor_needed";
    if (needsCode) $("code-row").hidden = false;
    $(needsCode ? "code" : "password").select();
  }
}

async function signOut() {
  await call("DELETE", "/portal/session");
  endWatch();
  showSignIn();
}

/** Puts text into the query where the caret is. */
function insert(text) {
  const editor = $("query");
  editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, "end");
  editor.focus();
}

function button(text) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = `Insert ${text}`;
  made.addEventListener("click", () => insert(text));
  return made;
}

function describeTable(table) {
  const made = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = table.name;
  const columns = document.createElement("ul");
  for (const { name, type } of [{ name: table.name, type: "table" }, ...table.columns]) {
    const line = document.createElement("li");
    const kind = document.createElement("span");
    kind.textContent = type;
    line.append(button(name), kind);
    columns.append(line);
  }
  made.append(summary, columns);
  return made;
}

async function listTables() {
  const workspace = $("workspace").value;
  try {
    const { tables } = await call("GET", `/portal/tables?workspace=${encodeURIComponent(workspace)}`);
    if (workspace !== $("workspace").value) return;
    $("tables").replaceChildren(...tables.map(describeTable));
    if (!tables.length) $("tables").textContent = "No table has rows yet.";
  } catch (error) {
    if (error.status === 401) endSession();
    else $("tables").textContent = error.message;
  }
}

function endSession() {
  endWatch();
  showSignIn("Your session has ended. Sign in again.");
}

function clearResults() {
  shownChart = null;
  $("chart").hidden = $("partial").hidden = $("query-error").hidden = true;
  $("chart").replaceChildren();
  $("grids").replaceChildren();
}

/** Shows what is wrong, and where in the text: the line, and a caret under the place. */
function showError(error, text, start) {
  let inner = error.error;
  while (inner?.innererror) inner = inner.innererror;
  const shown = $("query-error");
  shown.hidden = false;
  shown.onclick = null;
  shown.textContent = error.message;
  if (inner?.line === undefined) return;
  const lines = text.split("\n");
  const line = lines[inner.line - 1] ?? "";
  const indent = line.slice(0, inner.pos).replace(/[^\t]/g, " ");
  const marks = "^".repeat(Math.max(1, Math.min([...(inner.token ?? "")].length, line.length - inner.pos)));
  shown.textContent = `${inner.code}: ${inner.message}\nline ${inner.line}, position ${inner.pos + 1}\n\n${line}\n${indent}${marks}`;
  shown.title = "Click to go there";
  const offset = start + lines.slice(0, inner.line - 1).reduce((sum, each) => sum + each.length + 1, 0) + inner.pos;
  shown.onclick = () => {
    $("query").focus();
    $("query").setSelectionRange(offset, offset + (inner.token?.length ?? 0));
  };
}

function showChart() {
  if (!shownChart) return;
  const width = Math.max(320, $("results").clientWidth - 26);
  if (shownChart.width === width) return;
  shownChart.width = width;
  const elements = drawChart(shownChart.table, shownChart.render, width);
  $("chart").replaceChildren(...elements);
  $("chart").hidden = !elements.length;
}

function showAnswer(answer, started) {
  const rows = answer.tables.reduce((sum, table) => sum + table.rows.length, 0);
  const scanned = answer.statistics?.query?.inputDatasetStatistics?.rows?.scanned;
  const parts = [rows === 1 ? "1 row" : `${rows.toLocaleString("en")} rows`];
  if (scanned) parts.push(`of ${scanned.toLocaleString("en")} read`);
  $("status").textContent = `${parts.join(" ")} in ${Math.round(performance.now() - started).toLocaleString("en")} ms`;
  $("grids").replaceChildren(...answer.tables.map(drawGrid));
  $("partial").hidden = !answer.error;
  $("partial").textContent = answer.error?.innererror?.message ?? "";
  shownChart = answer.render ? { table: answer.tables[0], render: answer.render } : null;
  showChart();
}

function chosenText() {
  const editor = $("query");
  const selected = editor.value.slice(editor.selectionStart, editor.selectionEnd);
  return selected.trim() ? [selected, editor.selectionStart] : [editor.value, 0];
}

async function run() {
  if ($("run").disabled) return;
  running?.abort();
  const mine = (running = new AbortController());
  const [text, start] = chosenText();
  const [timespan, workspace] = [$("timespan").value || null, $("workspace").value];
  $("query-error").hidden = true;
  $("cancel").hidden = false;
  $("results").setAttribute("aria-busy", "true");
  $("status").textContent = "Running";
  const started = performance.now();
  try {
    const answer = await call("POST", "/portal/query", { workspace, query: text, timespan }, mine.signal);
    clearResults();
    showAnswer(answer, started);
  } catch (error) {
    if (running !== mine) return;
    if (error.status === 401) return endSession();
    $("status").textContent = error.name === "AbortError" ? "Cancelled" : "";
    if (error.name === "AbortError") return;
    clearResults();
    showError(error, text, start);
  } finally {
    if (running === mine) {
      running = null;
      $("cancel").hidden = true;
      $("results").removeAttribute("aria-busy");
    }
  }
}

$("sign-in").addEventListener("submit", signIn);
$("sign-out").addEventListener("click", signOut);
$("run").addEventListener("click", run);
$("cancel").addEventListener("click", () => running?.abort());
$("workspace").addEventListener("change", () => {
  clearResults();
  listTables();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") running?.abort();
  if (event.key === "Enter" && (event.shiftKey || event.ctrlKey) && !$("logs").hidden) {
    event.preventDefault();
    run();
  }
});
new ResizeObserver(showChart).observe($("results"));

call("GET", "/portal/session").then((session) => (session.name ? enter(session) : showSignIn()), () => showSignIn());
