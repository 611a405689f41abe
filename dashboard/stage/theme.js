// @ts-check
// A chart in the colours and the size of the page.
import { sizeOf } from "./text.js";

export const LARGE = 18; // px of every word of a chart on a projector, at least as large as the text beside it
const KEY = 43; // px of a legend's entry that are not its words
const LEGEND = 22; // px of a legend, and under it, that are not its rows

export function themeOf(node) {
  const style = getComputedStyle(node);
  const ink = style.color;
  const grid = ink.replace(/rgba?\(([^,]+),([^,]+),([^,)]+).*/, "rgba($1,$2,$3,0.12)");
  return { ink, grid, accent: style.getPropertyValue("--st-primary-color").trim() || "#bd1f01" };
}

export function paperOf(node) {
  return getComputedStyle(node).getPropertyValue("--st-background-color").trim() || "#ffffff";
}

export function axesOf(layout) {
  return Object.keys(layout).filter((key) => /^[xy]axis/.test(key));
}

function changeAxes(layout, change) {
  return Object.fromEntries(axesOf(layout).map((key) => [key, { ...layout[key], ...change(layout[key]) }]));
}

export function themed(layout, { ink, grid }) {
  const axes = changeAxes(layout, () => ({ gridcolor: grid, linecolor: grid, tickcolor: grid }));
  return { ...layout, ...axes, font: { ...layout.font, color: ink } };
}

// For a projector: larger words, and room for them.
export function enlarged(layout) {
  const font = (style) => ({ ...style, size: LARGE });
  const inShort = (title) => title?.replace(/^([^:]*): (?!at least).*$/, "$1"); // without the formula behind it
  const axes = changeAxes(layout, ({ title, tickfont }) => ({
    title: { ...title, text: inShort(title?.text), font: font(title?.font) },
    tickfont: font(tickfont),
  }));
  const { l, r, t, b } = layout.margin;
  return {
    ...layout,
    ...axes,
    font: font(layout.font),
    margin: { ...layout.margin, l: 1.4 * l, r: r > 20 ? 1.4 * r : r, t, b: 1.4 * b },
    legend: layout.legend && { ...layout.legend, font: font(layout.legend.font) },
    annotations: layout.annotations?.map((note) => ({ ...note, font: font(note.font) })),
  };
}

// Room for a legend above a chart whose ranges are fixed: as much as Plotly would make, but known before it does.
export function withLegend(layout, traces, width) {
  const { margin, legend, font, showlegend, xaxis, yaxis } = layout;
  if (!showlegend || !xaxis?.range || !yaxis?.range) return layout;
  const size = legend?.font?.size ?? font.size;
  const widths = traces.filter((trace) => trace.showlegend !== false).map(({ name = "" }) => sizeOf(name, size)[0] + KEY);
  const rows = rowsOf(widths, width - margin.l - margin.r);
  return { ...layout, margin: { ...margin, t: Math.round(LEGEND + rows * (1.3 * size + 3)), autoexpand: false } };
}

// In one row entries stand close; in several they stand in columns of the widest.
export function rowsOf(widths, width) {
  if (widths.reduce((a, b) => a + b, 0) <= width) return 1;
  const widest = Math.max(...widths);
  const fits = (columns) => widths.every((own, i) => (i % columns) * widest + own <= width);
  const columns = widths.map((_, i) => widths.length - i).find(fits) ?? 1;
  return Math.ceil(widths.length / columns);
}
