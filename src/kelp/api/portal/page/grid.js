// The rows of a result table. A click or Enter on a row shows it whole below.

const PAGE_ROWS = 1000;
const NUMERIC = new Set(["int", "long", "real", "decimal"]);

function make(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Returns a cell as it is shown: times and spans without zeros that say nothing. */
export function cellText(value, type) {
  if (value === null) return "";
  const text = String(value);
  if (type === "datetime") return text.replace("T", " ").replace(/\.?0+Z$/, "Z");
  if (type === "timespan") return text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  return text;
}

function wholeText(value, type) {
  if (value === null) return "";
  if (type !== "dynamic") return String(value);
  try {
    return JSON.stringify(JSON.parse(value, (_, inner, context) => keepSource(inner, context)), null, 2);
  } catch {
    return String(value);
  }
}

function keepSource(value, context) {
  const isNumber = typeof value === "number" && context?.source !== undefined && JSON.rawJSON;
  return isNumber ? JSON.rawJSON(context.source) : value;
}

function makeHead(columns) {
  const cells = columns.map((column) =>
    make("th", { scope: "col", className: NUMERIC.has(column.type) ? "number" : "" }, column.name, make("small", {}, column.type)),
  );
  return make("thead", {}, make("tr", {}, ...cells));
}

function makeRow(row, columns) {
  const cells = row.map((value, index) => {
    const type = columns[index].type;
    return make("td", { className: NUMERIC.has(type) ? "number" : "" }, cellText(value, type).slice(0, 512));
  });
  const made = make("tr", { tabIndex: -1 }, ...cells);
  made.setAttribute("aria-expanded", "false");
  return made;
}

function makeWhole(row, columns) {
  const list = make("dl");
  row.forEach((value, index) => {
    list.append(make("dt", {}, columns[index].name), make("dd", {}, wholeText(value, columns[index].type)));
  });
  return make("tr", { className: "whole" }, make("td", { colSpan: columns.length }, list));
}

/** Returns the element that shows a result table. */
export function drawGrid(table) {
  const body = make("tbody");
  const grid = make("div", { className: "grid", tabIndex: 0 }, make("table", {}, makeHead(table.columns), body));
  grid.setAttribute("role", "region");
  grid.setAttribute("aria-label", `${table.name}, ${table.rows.length} rows`);
  const rows = new Map();
  let shown = 0;
  const more = make("button", { type: "button", className: "more" });
  const showMore = () => {
    for (const row of table.rows.slice(shown, shown + PAGE_ROWS)) {
      const made = makeRow(row, table.columns);
      rows.set(made, row);
      body.append(made);
    }
    shown = Math.min(shown + PAGE_ROWS, table.rows.length);
    more.hidden = shown === table.rows.length;
    more.textContent = `Show more (${shown.toLocaleString("en")} of ${table.rows.length.toLocaleString("en")} rows are shown)`;
  };
  const toggle = (line) => {
    const isOpen = line.getAttribute("aria-expanded") === "true";
    line.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) line.nextElementSibling.remove();
    else line.after(makeWhole(rows.get(line), table.columns));
  };
  body.addEventListener("click", (event) => {
    const line = event.target.closest("tr");
    if (rows.has(line) && !String(document.getSelection())) toggle(line);
  });
  grid.addEventListener("keydown", (event) => moveOrToggle(event, grid, [...rows.keys()], toggle));
  more.addEventListener("click", showMore);
  showMore();
  return make("div", {}, grid, more);
}

function moveOrToggle(event, grid, lines, toggle) {
  const place = lines.indexOf(document.activeElement);
  const steps = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: lines.length - 1 };
  if (event.key === "Enter" && place >= 0) toggle(lines[place]);
  else if (event.key === "Escape" && place >= 0) grid.focus();
  else if (event.key in steps && lines[steps[event.key]]) lines[steps[event.key]].focus();
  else return;
  event.preventDefault();
}
