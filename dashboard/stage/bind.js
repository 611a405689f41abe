// @ts-check
// What a trace shows of a state: the arrays and texts that its `meta.bind` names, marks of the input that is pointed at,
// and colours of the page.
import { asPlotly, columnOf, rowOf } from "./codec.js";
import { bellOf, ringsOf } from "./geometry.js";
import { LARGE } from "./theme.js";

const UNSAID = "\u00a0"; // what Plotly has once drawn as an empty text stays empty, whatever it is given later

export function bound(trace, state) {
  const meta = trace.meta || {};
  for (const [path, name] of Object.entries(meta.bind || {})) bindTo(trace, path, name, meta, state);
  if (state.large) { // a new document has its own sizes again
    for (const part of [trace.textfont, trace.contours?.labelfont]) if (part) part.size = LARGE;
  }
  if (meta.choose && state.veiled) {
    for (const axis of ["x", "y"]) trace[axis] = trace[axis].map((v, i) => (i === state.chosen ? v : NaN));
  }
  if (meta.thumbs) trace.pixels = state.arrays.point_image;
  if (meta.ellipse === "point") Object.assign(trace, posteriorOf(state, meta.of || "", meta.bell));
  for (const part of meta.role ? inked(trace) : []) {
    part.color = meta.role === "ink" ? state.theme.ink : state.theme.accent;
  }
  if (trace.type === "contour") trace.contours.showlabels = !state.busy; // placing labels costs more than all the rest
  return trace;
}

function setPath(object, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((o, key) => (o[key] ??= {}), object)[last] = value;
}

// An array or a text of the chosen model, where a trace wants it. A column is bound to those of its rows that are shown.
function bindTo(trace, path, name, meta, { arrays, texts, chosen }) {
  const text = texts[name];
  if (text) return setPath(trace, path, meta.own?.includes(path) ? ownOf(text[chosen], path) : text);
  const [array, column] = name.split(".");
  const row = rowOf(arrays[array], chosen);
  if (row) setPath(trace, path, column ? columnOf(row, +column, meta.rows) : asPlotly(row));
  else if (!trace[path] && (path === "x" || path === "y")) trace[path] = []; // not known yet: nothing, and no 1, 2, 3
}

// Words of the chosen model alone: a list along its trace, or where they stand.
function ownOf(text, path) {
  return path === "text" ? [].concat(text) : text;
}

// The words of a trace, one for each of its points.
export function wordsOf({ text, x }) {
  return Array.from(x ?? [], (_, i) => (Array.isArray(text) ? text[i] : text) || UNSAID);
}

// What of a trace is drawn in a colour of the page.
function inked({ mode, line, marker, textfont, contours }) {
  return [line, mode?.includes("markers") && marker, textfont, contours?.labelfont].filter(Boolean);
}

// p(z|x) of the input that is pointed at, in the shown plane.
function posteriorOf({ arrays, chosen, point }, of, isBell) {
  const mu = rowOf(arrays[`${of}point_mu`], chosen);
  const sigma = rowOf(arrays[`${of}point_sigma`], chosen);
  if (point === null || !mu) return { x: [], y: [] };
  const [at, wide] = [mu, sigma].map(({ values }) => [values[2 * point], values[2 * point + 1]]);
  return isBell ? bellOf(at[0], wide[0]) : ringsOf(at, wide, rowOf(arrays[`${of}point_rho`], chosen)?.values[point]);
}

// plotly.py writes NumPy arrays as base64, which Plotly reads and a sketch does not.
export function plain(values) {
  if (!values?.bdata) return values;
  const types = {
    f8: Float64Array, f4: Float32Array, i8: BigInt64Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array,
  };
  const bytes = Uint8Array.from(atob(values.bdata), (c) => c.charCodeAt(0));
  return Array.from(new types[values.dtype](bytes.buffer), Number);
}
