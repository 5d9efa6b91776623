// Makes elements of charts.

export const COLORS = 8;

/** Returns an SVG element; `tip` is what hovering over it tells. */
export function shape(name, attributes, tip) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (tip !== undefined) {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = tip;
    made.append(title);
  }
  return made;
}

/** Returns a text in a chart. */
export function label(x, y, text, anchor = "middle") {
  const made = shape("text", { x, y, "text-anchor": anchor });
  made.textContent = text;
  return made;
}

/** Returns the classes of a series: its colour, and that the colours have begun again. */
export function seriesClass(index) {
  return `s${index % COLORS}${index >= COLORS ? " again" : ""}`;
}

/** Returns a number for people. */
export function numberText(value) {
  return Number(value.toPrecision(12)).toLocaleString("en", { maximumFractionDigits: 6 });
}
