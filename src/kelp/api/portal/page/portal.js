import { drawChart } from "/portal/chart.js";

const SHOWN_ROWS = 1000;
const NUMERIC = new Set(["int", "long", "real", "decimal"]);
const FIRST_QUERY = "Heartbeat\n| summarize last_heard = max(TimeGenerated) by Computer";

const $ = (id) => document.getElementById(id);
let running = null;

/** Calls one of our own routes; throws the service's error document. */
async function call(method, path, body, signal) {
  const answer = await fetch(path, {
    method,
    signal,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const document = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(document.error?.message ?? answer.statusText), { status: answer.status, error: document.error });
  return document;
}

function show(isSignedIn) {
  $("sign-in").hidden = isSignedIn;
  $("logs").hidden = !isSignedIn;
  $("who").hidden = !isSignedIn;
}

async function enter(name) {
  $("user").textContent = name;
  const { value } = await call("GET", "/portal/workspaces");
  $("workspace").replaceChildren(...value.map((item) => new Option(item.name, item.id)));
  $("query").value ||= FIRST_QUERY;
  show(true);
  $("status").textContent = value.length ? "" : "No workspace is open to you. Ask its owner for the Reader role.";
  $("query").focus();
}

async function signIn(event) {
  event.preventDefault();
  $("sign-in-error").textContent = "";
  try {
    const { name } = await call("POST", "/portal/session", { userName: $("user-name").value, password: $("password").value });
    $("password").value = "";
    await enter(name);
  } catch (error) {
    $("sign-in-error").textContent = error.message.replace(/^AADSTS\d+: /, "");
  }
}

async function signOut() {
  await call("DELETE", "/portal/session");
  $("grid").replaceChildren();
  $("query").value = "";
  show(false);
}

/** Shows where in the text the error is: the line, and a caret under the place. */
function describe(error, text) {
  let inner = error.error;
  while (inner?.innererror) inner = inner.innererror;
  if (inner?.line === undefined) return error.message;
  const line = text.split("\n")[inner.line - 1] ?? "";
  return `${inner.code}: ${inner.message}\nline ${inner.line}, position ${inner.pos}\n\n${line}\n${" ".repeat(inner.pos)}^`;
}

function makeGrid(table) {
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const column of table.columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column.name;
    cell.title = column.type;
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of table.rows.slice(0, SHOWN_ROWS)) {
    const line = body.insertRow();
    row.forEach((value, index) => {
      const cell = line.insertCell();
      cell.textContent = value === null ? "" : String(value);
      cell.title = cell.textContent;
      if (NUMERIC.has(table.columns[index].type)) cell.className = "number";
    });
  }
  return made;
}

function showAnswer(answer, started) {
  $("grid").replaceChildren(...answer.tables.map(makeGrid));
  const rows = answer.tables[0].rows.length;
  const shown = rows > SHOWN_ROWS ? ` (the first ${SHOWN_ROWS} are shown)` : "";
  $("status").textContent = `${rows} rows${shown} in ${Math.round(performance.now() - started)} ms`;
  $("partial").hidden = !answer.error;
  $("partial").textContent = answer.error?.innererror?.message ?? "";
  const chart = answer.render ? drawChart(answer.tables[0], answer.render) : null;
  $("chart").hidden = !chart;
  $("chart").replaceChildren(...(chart ? [chart] : []));
}

async function run() {
  running?.abort();
  const mine = (running = new AbortController());
  const editor = $("query");
  const chosen = editor.value.slice(editor.selectionStart, editor.selectionEnd).trim();
  const text = chosen || editor.value;
  $("query-error").hidden = true;
  $("cancel").hidden = false;
  $("status").textContent = "Running";
  const started = performance.now();
  try {
    const timespan = $("timespan").value || null;
    showAnswer(await call("POST", "/portal/query", { workspace: $("workspace").value, query: text, timespan }, mine.signal), started);
  } catch (error) {
    $("status").textContent = error.name === "AbortError" ? "Cancelled" : "";
    if (error.name === "AbortError") return;
    if (error.status === 401) return show(false);
    $("query-error").textContent = describe(error, text);
    $("query-error").hidden = false;
  } finally {
    if (running === mine) {
      running = null;
      $("cancel").hidden = true;
    }
  }
}

$("sign-in").addEventListener("submit", signIn);
$("sign-out").addEventListener("click", signOut);
$("run").addEventListener("click", run);
$("cancel").addEventListener("click", () => running?.abort());
$("query").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.shiftKey || event.ctrlKey)) {
    event.preventDefault();
    run();
  }
});

call("GET", "/portal/session").then(
  ({ name }) => (name ? enter(name) : show(false)),
  () => show(false),
);
