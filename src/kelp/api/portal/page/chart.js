// Draws what `render` asks for, as SVG. Kinds it does not know are drawn as columns.

const WIDTH = 1000;
const HEIGHT = 280;
const MARGIN = { left: 64, right: 16, top: 24, bottom: 36 };
const COLORS = ["#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#3572a5"];
const NUMERIC = new Set(["int", "long", "real", "decimal"]);
const SHOWN_POINTS = 5000;

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Splits the rows into named series of {x, y}: the first column is x, numbers are y, a text column names the series. */
function makeSeries(table) {
  const columns = table.columns;
  const xIndex = Math.max(0, columns.findIndex((column) => column.type === "datetime"));
  const values = columns.flatMap((column, index) => (index !== xIndex && NUMERIC.has(column.type) ? [index] : []));
  const names = columns.flatMap((column, index) => (index !== xIndex && column.type === "string" ? [index] : []));
  const isTime = columns[xIndex].type === "datetime";
  const isNumber = NUMERIC.has(columns[xIndex].type);
  const series = new Map();
  for (const row of table.rows.slice(0, SHOWN_POINTS)) {
    const x = isTime ? Date.parse(row[xIndex]) : isNumber ? Number(row[xIndex]) : String(row[xIndex]);
    for (const index of values) {
      const parts = names.map((name) => row[name]);
      if (values.length > 1 || parts.length === 0) parts.push(columns[index].name);
      const name = parts.join(", ");
      if (!series.has(name)) series.set(name, []);
      series.get(name).push({ x, y: Number(row[index]) });
    }
  }
  return { series, isTime, isNumber };
}

function makeScales({ series, isTime, isNumber }) {
  const points = [...series.values()].flat();
  const categories = isTime || isNumber ? null : [...new Set(points.map((point) => point.x))];
  const xs = categories ? [0, categories.length - 1] : points.map((point) => point.x);
  const ys = points.map((point) => point.y).filter(Number.isFinite);
  const [x0, x1] = [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))];
  const [y0, y1] = [ys.reduce((a, b) => Math.min(a, b), 0), ys.reduce((a, b) => Math.max(a, b), 1)];
  const innerWidth = WIDTH - MARGIN.left - MARGIN.right;
  const innerHeight = HEIGHT - MARGIN.top - MARGIN.bottom;
  const place = (x) => (categories ? categories.indexOf(x) : x);
  const slots = categories ? categories.length : Math.max(1, new Set(points.map((point) => point.x)).size);
  const inset = innerWidth / slots / 2;
  return {
    x: (x) => MARGIN.left + inset + ((place(x) - x0) / (x1 - x0 || 1)) * (innerWidth - 2 * inset),
    y: (y) => MARGIN.top + innerHeight - ((y - y0) / (y1 - y0 || 1)) * innerHeight,
    slot: innerWidth / slots,
    ticks: [y0, (y0 + y1) / 2, y1],
    labels: categories ?? [x0, (x0 + x1) / 2, x1],
  };
}

function drawAxes(svg, scales, isTime) {
  for (const tick of scales.ticks) {
    const y = scales.y(tick);
    svg.append(element("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y, y2: y, class: "axis" }));
    svg.append(element("text", { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, Number(tick.toPrecision(4))));
  }
  const step = Math.ceil(scales.labels.length / 12);
  scales.labels.forEach((label, index) => {
    if (index % step) return;
    const text = isTime ? new Date(label).toISOString().slice(5, 16).replace("T", " ") : String(label).slice(0, 16);
    svg.append(element("text", { x: scales.x(label), y: HEIGHT - 12, "text-anchor": "middle" }, text));
  });
}

function drawLine(svg, points, scales, color, filled) {
  const sorted = points.filter((point) => Number.isFinite(point.y)).sort((a, b) => a.x - b.x);
  const path = sorted.map((point, index) => `${index ? "L" : "M"}${scales.x(point.x)},${scales.y(point.y)}`).join("");
  svg.append(element("path", { d: path, fill: "none", stroke: color, "stroke-width": 2 }));
  if (filled && sorted.length) {
    const base = scales.y(0);
    const area = `${path}L${scales.x(sorted.at(-1).x)},${base}L${scales.x(sorted[0].x)},${base}Z`;
    svg.append(element("path", { d: area, fill: color, "fill-opacity": 0.25 }));
  }
}

function drawColumns(svg, points, scales, color, index, count) {
  const width = Math.max(1, (scales.slot * 0.8) / count);
  for (const point of points) {
    if (!Number.isFinite(point.y)) continue;
    const [top, base] = [scales.y(Math.max(point.y, 0)), scales.y(Math.min(point.y, 0))];
    const x = scales.x(point.x) - (width * count) / 2 + width * index;
    svg.append(element("rect", { x, y: top, width, height: Math.max(0, base - top), fill: color }));
  }
}

function drawPoints(svg, points, scales, color) {
  for (const point of points) {
    if (Number.isFinite(point.y)) svg.append(element("circle", { cx: scales.x(point.x), cy: scales.y(point.y), r: 3, fill: color }));
  }
}

function drawLegend(svg, names) {
  let x = MARGIN.left;
  names.slice(0, COLORS.length).forEach((name, index) => {
    svg.append(element("rect", { x, y: 6, width: 10, height: 10, fill: COLORS[index] }));
    svg.append(element("text", { x: x + 14, y: 15 }, name.slice(0, 24)));
    x += 30 + Math.min(name.length, 24) * 6.5;
  });
}

/** Returns the chart of a result table, or null where there is nothing to draw. */
export function drawChart(table, render) {
  if (!table.rows.length || render.visualization === "table") return null;
  const data = makeSeries(table);
  if (!data.series.size) return null;
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  svg.append(element("title", {}, render.title || `${render.visualization} of ${table.rows.length} rows`));
  const scales = makeScales(data);
  drawAxes(svg, scales, data.isTime);
  [...data.series.values()].forEach((points, index) => {
    const color = COLORS[index % COLORS.length];
    const continuous = data.isTime || data.isNumber;
    if (continuous && ["timechart", "linechart", "areachart", "stackedareachart"].includes(render.visualization)) {
      drawLine(svg, points, scales, color, render.visualization.includes("area"));
    } else if (render.visualization === "scatterchart") {
      drawPoints(svg, points, scales, color);
    } else {
      drawColumns(svg, points, scales, color, index, data.series.size);
    }
  });
  drawLegend(svg, [...data.series.keys()]);
  return svg;
}
