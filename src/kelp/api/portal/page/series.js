// What of a result table is drawn: series of {x, y}, by the names in `render` or else by the types of the columns.

const NUMERIC = new Set(["int", "long", "real", "decimal"]);
const SHOWN_POINTS = 10000;

function indexOf(columns, name) {
  return columns.findIndex((column) => column.name === name);
}

function listed(value) {
  if (value === null || value === undefined) return [];
  return (Array.isArray(value) ? value : String(value).split(",")).map((name) => String(name).trim());
}

function chooseColumns(columns, render, prefersTime) {
  const named = render.xColumn ? indexOf(columns, render.xColumn) : -1;
  const time = columns.findIndex((column) => column.type === "datetime");
  const x = named >= 0 ? named : prefersTime && time >= 0 ? time : 0;
  const wanted = listed(render.yColumns).map((name) => indexOf(columns, name)).filter((index) => index >= 0);
  const numbers = columns.flatMap((column, index) => (index !== x && NUMERIC.has(column.type) ? [index] : []));
  const y = wanted.length ? wanted : numbers;
  const split = listed(render.series).map((name) => indexOf(columns, name)).filter((index) => index >= 0);
  const others = columns.flatMap((column, index) =>
    index !== x && !y.includes(index) && !NUMERIC.has(column.type) && column.type !== "datetime" ? [index] : [],
  );
  return { x, y, names: split.length ? split : others };
}

/**
 * Returns the series by name, and what x is: "time", "number" or "category"; null where there is nothing to draw.
 *
 * `ordered` charts have a continuous x where its type allows; others have a category for each value.
 */
export function makeSeries(table, render, ordered) {
  const columns = table.columns;
  const { x, y, names } = chooseColumns(columns, render, ordered);
  if (!columns.length || !y.length) return null;
  const type = columns[x].type;
  const axis = ordered && type === "datetime" ? "time" : ordered && NUMERIC.has(type) ? "number" : "category";
  const series = new Map();
  for (const row of table.rows.slice(0, SHOWN_POINTS)) {
    if (row[x] === null) continue;
    const place = axis === "time" ? Date.parse(row[x]) : axis === "number" ? Number(row[x]) : categoryText(row[x], type);
    for (const index of y) {
      const value = row[index] === null ? NaN : Number(row[index]);
      const parts = names.map((name) => row[name]);
      if (y.length > 1 || !parts.length) parts.push(columns[index].name);
      const name = parts.join(", ");
      if (!series.has(name)) series.set(name, []);
      if (Number.isFinite(value)) series.get(name).push({ x: place, y: value });
    }
  }
  return series.size ? { series, axis, xName: columns[x].name } : null;
}

function categoryText(value, type) {
  return type === "datetime" ? String(value).replace("T", " ").replace(/(:00)?\.?0*Z$/, "") : String(value);
}
