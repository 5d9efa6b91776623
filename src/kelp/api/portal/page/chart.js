// The chart that a query's `render` asks for. Kinds that are not drawn here are drawn as columns.

import { drawPie } from "/portal/pie.js";
import { drawBars, drawColumns, drawLines } from "/portal/plot.js";
import { makeSeries } from "/portal/series.js";
import { numberText, seriesClass } from "/portal/svg.js";

const LINES = {
  timechart: { line: true },
  linechart: { line: true },
  anomalychart: { line: true },
  areachart: { line: true, area: true },
  stackedareachart: { line: true, area: true, stacked: true },
  scatterchart: { points: true },
};
const SHOWN_SERIES = 24;

function drawCards(table) {
  const made = document.createElement("div");
  made.className = "cards";
  table.columns.forEach((column, index) => {
    const value = table.rows[0][index];
    const number = document.createElement("b");
    number.textContent = typeof value === "number" ? numberText(value) : String(value ?? "");
    const card = document.createElement("div");
    card.append(number, column.name);
    made.append(card);
  });
  return made;
}

function drawLegend(names) {
  const list = document.createElement("ul");
  list.className = "legend";
  names.forEach((name, index) => {
    const mark = document.createElement("i");
    const line = document.createElement("li");
    line.className = seriesClass(index);
    line.title = name;
    line.append(mark, name);
    list.append(line);
  });
  return list;
}

function limitSeries(data) {
  data.series = new Map([...data.series].slice(0, SHOWN_SERIES));
  return data;
}

/** Returns the elements of a chart of that width; none where there is nothing to draw. */
export function drawChart(table, render, width) {
  const kind = render.visualization;
  if (!table.rows.length || kind === "table") return [];
  const caption = document.createElement("figcaption");
  caption.textContent = render.title ?? "";
  caption.hidden = !render.title;
  if (kind === "card") return [caption, drawCards(table)];
  const look = LINES[kind];
  const data = makeSeries(table, render, Boolean(look));
  if (!data) return [];
  if (kind === "piechart") {
    const pie = drawPie(data);
    return pie ? [caption, pie] : [];
  }
  limitSeries(data);
  const names = [...data.series.keys()];
  const svg = look ? drawLines(data, render, look, width) : (kind === "barchart" ? drawBars : drawColumns)(data, render, width);
  svg.setAttribute("aria-label", `${kind} of ${names.join(", ")} by ${data.xName}; the table below has its values`);
  return render.legend === "hidden" ? [caption, svg] : [caption, drawLegend(names), svg];
}
