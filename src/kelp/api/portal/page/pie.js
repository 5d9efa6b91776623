// A pie: the first text column names the slices, the first number is their size. Small slices beyond the colours are one.

import { COLORS, numberText, seriesClass, shape } from "/portal/svg.js";

const RADIUS = 120;

function makeSlices(data) {
  const sizes = new Map();
  for (const points of data.series.values()) {
    for (const { x, y } of points) if (y > 0) sizes.set(x, (sizes.get(x) ?? 0) + y);
  }
  const sorted = [...sizes].sort((a, b) => b[1] - a[1]);
  if (sorted.length <= COLORS) return sorted;
  const rest = sorted.slice(COLORS - 1);
  return [...sorted.slice(0, COLORS - 1), [`${rest.length} others`, rest.reduce((sum, [, size]) => sum + size, 0)]];
}

function slicePath(from, to) {
  const point = (turn) => `${RADIUS * Math.sin(2 * Math.PI * turn)},${-RADIUS * Math.cos(2 * Math.PI * turn)}`;
  if (to - from > 0.999999) return `M0,${-RADIUS}A${RADIUS},${RADIUS} 0 1 1 0,${RADIUS}A${RADIUS},${RADIUS} 0 1 1 0,${-RADIUS}Z`;
  return `M0,0L${point(from)}A${RADIUS},${RADIUS} 0 ${to - from > 0.5 ? 1 : 0} 1 ${point(to)}Z`;
}

/** Returns the pie beside a table of its slices; null where no slice has a size. */
export function drawPie(data) {
  const slices = makeSlices(data);
  const total = slices.reduce((sum, [, size]) => sum + size, 0);
  if (!total) return null;
  const svg = shape("svg", { viewBox: "-130 -130 260 260", role: "img", "aria-label": "pie chart; the table has its values" });
  const table = document.createElement("table");
  let turn = 0;
  slices.forEach(([name, size], index) => {
    const share = `${(100 * size / total).toFixed(1)} %`;
    const path = slicePath(turn, turn + size / total);
    svg.append(shape("path", { d: path, class: `slice ${seriesClass(index)}` }, `${name}: ${numberText(size)} (${share})`));
    turn += size / total;
    const line = table.insertRow();
    const mark = document.createElement("i");
    mark.className = seriesClass(index);
    line.insertCell().append(mark);
    for (const text of [name, numberText(size), share]) line.insertCell().textContent = text;
  });
  const made = document.createElement("div");
  made.className = "pie";
  made.append(svg, table);
  return made;
}
