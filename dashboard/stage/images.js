// @ts-check
// Pictures in a chart that Plotly has no trace for: fields of decisions, and inputs that are images.
import { element } from "./dom.js";
import { fieldOf, spritesOf } from "./fields.js";
import { edges } from "./geometry.js";
import { paperOf } from "./theme.js";

const SHEET = 900; // pixels across a sheet of inputs
const REACH = 6.4; // of the latent plane
const APART = 0.8; // of a picture's side, between the middles of two

// Images and their places, the first ones first; one that would lie on another is left out.
export function placed(div, trace) {
  const sprites = spritesOf(trace, getComputedStyle(div).color, paperOf(div)) ?? [];
  const apart = APART * sideOf(trace);
  const found = [];
  for (let i = 0; i < (trace.x ? sprites.length : 0); i++) {
    const [x, y] = [trace.x[i], trace.y[i]];
    const isFree = ([, u, v]) => Math.max(Math.abs(u - x), Math.abs(v - y)) > apart;
    if (found.every(isFree)) found.push([sprites[i], x, y]);
  }
  return found;
}

// What Plotly cannot draw as a trace it is given as a picture: fields below the traces, inputs above them.
export function imagesOf(div, traces, { xaxis, yaxis }) {
  const found = [];
  for (const trace of traces) {
    const isUnder = Boolean(trace.meta?.field);
    const image = isUnder ? fieldOf(trace) : trace.meta?.thumbs ? sheetOf(div, trace, xaxis, yaxis) : null;
    if (!image) continue;
    const [left, right] = isUnder ? edges(trace.x, trace.x.length) : xaxis.range;
    const [bottom, top] = isUnder ? edges(trace.y, trace.y.length) : yaxis.range;
    const place = { x: left, y: top, sizex: right - left, sizey: top - bottom, xanchor: "left", yanchor: "top" };
    const layer = isUnder ? "below" : "above";
    found.push({ ...place, source: image.toDataURL(), xref: "x", yref: "y", sizing: "stretch", layer });
  }
  return found;
}

// The inputs of the whole plane on one sheet.
function sheetOf(div, trace, { range: [left, right] }, { range: [bottom, top] }) {
  const scale = SHEET / (right - left);
  const side = scale * sideOf(trace);
  const sheet = element("canvas", { width: SHEET, height: Math.round(scale * (top - bottom)) });
  const ctx = sheet.getContext("2d");
  for (const [sprite, x, y] of placed(div, trace)) {
    ctx.drawImage(sprite, (x - left) * scale - side / 2, (top - y) * scale - side / 2, side, side);
  }
  return sheet;
}

// Of an input's picture, in units of the axes: `thumbs` is its share of the plane.
export function sideOf({ meta }) {
  return meta.thumbs * REACH;
}
