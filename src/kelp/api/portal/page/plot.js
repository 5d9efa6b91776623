// Charts with axes: lines, areas, points, columns, and bars that lie.

import { label, numberText, seriesClass, shape } from "/portal/svg.js";

const HEIGHT = 280;
const MARGIN = { left: 64, right: 40, top: 12, bottom: 28 };
const BAR_HEIGHT = 22;
const MAXIMUM_BARS = 60;

/** Returns round numbers from at most `low` to at least `high`. */
function niceTicks(low, high, count) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function timeTicks(low, high, count) {
  const [second, minute, hour, day] = [1e3, 6e4, 36e5, 864e5];
  const steps = [second, 5 * second, 15 * second, minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 30 * day, 90 * day, 365 * day];
  const step = steps.find((size) => (high - low) / size <= count) ?? steps.at(-1);
  const first = Math.ceil(low / step);
  const ticks = [];
  for (let at = first * step; at <= high; at += step) ticks.push(at);
  return ticks.length ? ticks : [low];
}

function timeText(moment, span) {
  const text = new Date(moment).toISOString();
  if (span > 10 * 864e5) return text.slice(0, 10);
  if (span > 864e5) return text.slice(5, 16).replace("T", " ");
  return span > 10 * 6e4 ? text.slice(11, 16) : text.slice(11, 19);
}

function placesOf(data) {
  const places = [...new Set([...data.series.values()].flat().map((point) => point.x))];
  return data.axis === "category" ? places : places.sort((a, b) => a - b);
}

/** Puts the values of each series on top of those before it; `share` makes each place add up to 100. */
function stack(data, places, share) {
  const totals = new Map(places.map((place) => [place, 0]));
  if (share) for (const points of data.series.values()) for (const { x, y } of points) totals.set(x, totals.get(x) + y);
  const tops = new Map(places.map((place) => [place, 0]));
  const stacked = new Map();
  for (const [name, points] of data.series) {
    const sizes = new Map(points.map(({ x, y }) => [x, y]));
    stacked.set(name, places.map((x) => {
      const base = tops.get(x);
      const size = share ? (100 * (sizes.get(x) ?? 0)) / (totals.get(x) || 1) : (sizes.get(x) ?? 0);
      tops.set(x, base + size);
      return { x, y: base + size, base, size };
    }));
  }
  return stacked;
}

function rangeOf(series, render) {
  const values = [...series.values()].flat().flatMap((point) => [point.y, point.base ?? 0]);
  const given = (name) => (typeof render[name] === "number" ? render[name] : null);
  const low = given("yMin") ?? values.reduce((a, b) => Math.min(a, b), 0);
  const high = given("yMax") ?? values.reduce((a, b) => Math.max(a, b), low + 1e-9);
  return niceTicks(low, high, 5);
}

function makeScale(domain, range) {
  const [d0, d1] = domain;
  return (value) => range[0] + ((value - d0) / (d1 - d0 || 1)) * (range[1] - range[0]);
}

function tip(name, data, point) {
  const at = data.axis === "time" ? `${new Date(point.x).toISOString().slice(0, 19).replace("T", " ")}Z` : point.x;
  return `${name}\n${at}: ${numberText(point.size ?? point.y)}`;
}

function drawValueAxis(svg, ticks, scale, from, to) {
  for (const tick of ticks) {
    const y = scale(tick);
    svg.append(shape("line", { x1: from, x2: to, y1: y, y2: y, class: "axis" }), label(from - 8, y + 4, numberText(tick), "end"));
  }
}

function drawPlaceAxis(svg, data, places, scale, width) {
  if (data.axis === "category") {
    const step = Math.ceil(places.length / (width / 90));
    const room = Math.floor((width / places.length) * step / 6.5);
    places.forEach((place, index) => {
      const text = String(place);
      if (index % step === 0) svg.append(label(scale(index), HEIGHT - 8, text.length > room ? `${text.slice(0, room - 1)}…` : text));
    });
    return;
  }
  const [low, high] = [places[0], places.at(-1)];
  const count = Math.max(2, Math.floor(width / 110));
  const ticks = data.axis === "time" ? timeTicks(low, high, count) : niceTicks(low, high, count).filter((tick) => tick >= low && tick <= high);
  for (const tick of ticks) {
    svg.append(label(scale(tick), HEIGHT - 8, data.axis === "time" ? timeText(tick, high - low) : numberText(tick)));
  }
}

function drawSeries(svg, points, index, place, value, look, name, data) {
  const at = (point) => `${place(point.x)},${value(point.y)}`;
  const classes = seriesClass(index);
  if (look.area && points.length) {
    const floor = [...points].reverse().map((point) => `${place(point.x)},${value(point.base ?? 0)}`);
    svg.append(shape("path", { d: `M${points.map(at).join("L")}L${floor.join("L")}Z`, class: `area ${classes}` }));
  }
  if (look.line && points.length) svg.append(shape("path", { d: `M${points.map(at).join("L")}`, class: `line ${classes}` }));
  if (!look.points && points.length > 200) return;
  for (const point of points) {
    const marker = { cx: place(point.x), cy: value(point.y), r: look.points ? 4 : 2.5, class: `shape ${classes}` };
    svg.append(shape("circle", marker, tip(name, data, point)));
  }
}

/** Returns a chart of lines, areas or points over an ordered x. */
export function drawLines(data, render, look, width) {
  const places = placesOf(data);
  const sorted = new Map([...data.series].map(([name, points]) => [name, [...points].sort((a, b) => a.x - b.x)]));
  const series = look.stacked ? stack(data, places, render.kind === "stacked100") : sorted;
  const ticks = rangeOf(series, render);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: "img" });
  const value = makeScale([ticks[0], ticks.at(-1)], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const index = new Map(places.map((place, number) => [place, number]));
  const domain = data.axis === "category" ? [0, places.length - 1] : [places[0], places.at(-1)];
  const scale = makeScale(domain, [MARGIN.left + 12, width - MARGIN.right - 12]);
  const place = data.axis === "category" ? (x) => scale(index.get(x)) : scale;
  drawValueAxis(svg, ticks, value, MARGIN.left, width - MARGIN.right);
  drawPlaceAxis(svg, data, places, scale, width - MARGIN.left - MARGIN.right);
  [...series].forEach(([name, points], number) => drawSeries(svg, points, number, place, value, look, name, data));
  return svg;
}

/** Returns a chart of columns, a group of them or a stack at each place. */
export function drawColumns(data, render, width) {
  const places = placesOf(data);
  const isStacked = render.kind !== "unstacked" && data.series.size > 1;
  const series = isStacked ? stack(data, places, render.kind === "stacked100") : data.series;
  const ticks = rangeOf(series, render);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: "img" });
  const value = makeScale([ticks[0], ticks.at(-1)], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const slot = (width - MARGIN.left - MARGIN.right) / places.length;
  const middle = (number) => MARGIN.left + slot * (number + 0.5);
  const index = new Map(places.map((place, number) => [place, number]));
  drawValueAxis(svg, ticks, value, MARGIN.left, width - MARGIN.right);
  drawPlaceAxis(svg, { axis: "category" }, places, middle, width - MARGIN.left - MARGIN.right);
  const across = isStacked ? 1 : series.size;
  const thick = Math.max(1, Math.min(64, (slot * 0.8) / across));
  [...series].forEach(([name, points], number) => {
    for (const point of points) {
      const [top, base] = [value(Math.max(point.y, point.base ?? 0)), value(Math.min(point.y, point.base ?? 0))];
      const x = middle(index.get(point.x)) - (thick * across) / 2 + (isStacked ? 0 : thick * number);
      const area = { x, y: top, width: thick, height: Math.max(0, base - top), class: `shape ${seriesClass(number)}` };
      svg.append(shape("rect", area, tip(name, data, point)));
    }
  });
  return svg;
}

/** Returns a chart of bars that lie, the first place on top. */
export function drawBars(data, render, width) {
  const places = placesOf(data).slice(0, MAXIMUM_BARS);
  const isStacked = render.kind !== "unstacked" && data.series.size > 1;
  const series = isStacked ? stack(data, places, render.kind === "stacked100") : data.series;
  const ticks = rangeOf(series, render);
  const across = isStacked ? 1 : series.size;
  const slot = Math.max(BAR_HEIGHT, across * 10 + 6);
  const height = MARGIN.top + places.length * slot + MARGIN.bottom;
  const longest = places.reduce((most, place) => Math.max(most, String(place).length), 0);
  const left = Math.min(width / 3, 24 + longest * 6.6);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img" });
  const value = makeScale([ticks[0], ticks.at(-1)], [left, width - MARGIN.right]);
  for (const tick of ticks) {
    const x = value(tick);
    svg.append(shape("line", { x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom, class: "axis" }), label(x, height - 8, numberText(tick)));
  }
  const index = new Map(places.map((place, number) => [place, number]));
  const thick = (slot - 6) / across;
  const room = Math.floor((left - 12) / 6.4);
  places.forEach((place, number) => {
    const text = String(place);
    const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    svg.append(label(left - 8, MARGIN.top + slot * (number + 0.5) + 4, shown, "end"));
  });
  [...series].forEach(([name, points], number) => {
    for (const point of points.filter((each) => index.has(each.x))) {
      const [start, end] = [value(Math.min(point.y, point.base ?? 0)), value(Math.max(point.y, point.base ?? 0))];
      const y = MARGIN.top + slot * index.get(point.x) + 3 + (isStacked ? 0 : thick * number);
      const area = { x: start, y, width: Math.max(0, end - start), height: thick, class: `shape ${seriesClass(number)}` };
      svg.append(shape("rect", area, tip(name, data, point)));
    }
  });
  return svg;
}
