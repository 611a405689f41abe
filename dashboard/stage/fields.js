// @ts-check
// Pictures inside charts: fields of decisions, made smooth, and inputs that are images.
import { element } from "./dom.js";

const FINER = 3; // pixels of a field along a cell

// A picture of decisions. A cell's code is its class and the lead of that class over the second; between cells the leads are
// interpolated, so that a border runs where they balance and not along the cells.
export function fieldOf({ z, meta, colorscale, zmin, zmax }) {
  const [rows, columns] = [z.length, z[0]?.length];
  if (rows < 2) return null;
  const shades = meta.field;
  const [width, height] = [columns * FINER, rows * FINER];
  const image = new ImageData(width, height);
  const inks = inksOf({ colorscale, zmin, zmax });
  const pixels = new Uint32Array(image.data.buffer);
  const names = new Uint8Array(rows * columns);
  const leads = new Float32Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) {
    names[at] = Math.floor(z[i][j] / shades);
    leads[at] = (z[i][j] % shades) + 0.01;
  }
  const across = Array.from({ length: width }, (_, u) => between(u, columns));
  const corners = [0, 0, 0, 0];
  const weights = [0, 0, 0, 0];
  for (let v = 0; v < height; v++) {
    const [i, up] = between(v, rows);
    const line = (height - 1 - v) * width;
    for (let u = 0; u < width; u++) {
      const [j, along] = across[u];
      const at = i * columns + j;
      corners[0] = at;
      corners[1] = at + 1;
      corners[2] = at + columns;
      corners[3] = at + columns + 1;
      weights[0] = (1 - up) * (1 - along);
      weights[1] = (1 - up) * along;
      weights[2] = up * (1 - along);
      weights[3] = up * along;
      pixels[line + u] = inks[codeBetween(corners, weights, names, leads, shades)];
    }
  }
  return canvasOf(image);
}

// The code between four corners: the class that leads there, and by how much.
function codeBetween(corners, weights, names, leads, shades) {
  const a = corners[0]; // 20,000 times a picture: no iterator
  const b = corners[1];
  const c = corners[2];
  const d = corners[3];
  const name = names[a];
  if (name === names[b] && name === names[c] && name === names[d]) { // most cells
    const lead = weights[0] * leads[a] + weights[1] * leads[b] + weights[2] * leads[c] + weights[3] * leads[d];
    return name * shades + Math.round(lead);
  }
  let [best, first, second] = [0, -1, 0];
  for (let k = 0; k < 4; k++) {
    const other = names[corners[k]];
    let [sum, seen] = [0, false];
    for (let n = 0; n < 4; n++) if (names[corners[n]] === other) {
      if (n < k) seen = true;
      sum += weights[n] * leads[corners[n]];
    }
    if (seen) continue;
    if (sum > first) [second, first, best] = [Math.max(0, first), sum, other];
    else if (sum > second) second = sum;
  }
  return best * shades + Math.round(Math.max(0, first - second));
}

// The cell before a fine pixel, and how far it is on the way to the next; the outermost half cells go on as they are.
function between(fine, count) {
  const at = Math.min(count - 1, Math.max(0, (fine + 0.5) / FINER - 0.5));
  const cell = Math.min(count - 2, Math.floor(at));
  return [cell, at - cell];
}

// Images of a trace's inputs in ink, on paper that lets the plane shine through; made once.
export function spritesOf(trace, ink, paper) {
  const { pixels, meta } = trace;
  if (!pixels) return null;
  if (trace._sprites?.pixels === pixels && trace._sprites.ink === ink) return trace._sprites.images;
  const [, height, width] = pixels.shape;
  const size = height * width;
  const [from, to] = [channels(paper), channels(ink)];
  const images = meta.rows.map((row) => {
    const image = new ImageData(width, height);
    for (let k = 0; k < size; k++) {
      const share = pixels.values[row * size + k] / 255;
      image.data.set([...from.slice(0, 3).map((v, c) => v + share * (to[c] - v)), 130 + 125 * share], 4 * k);
    }
    return canvasOf(image);
  });
  trace._sprites = { pixels, ink, images };
  return images;
}

// A canvas that shows nothing but these pixels.
export function canvasOf(image, attributes = {}) {
  const canvas = element("canvas", { width: image.width, height: image.height, ...attributes });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// A colour scale as one 32-bit pixel for each value of a byte.
export function inksOf({ colorscale, zmin, zmax }) {
  const stops = colorscale.map(([place, colour]) => [place, channels(colour)]);
  return Uint32Array.from({ length: 256 }, (_, code) => {
    const at = (code - zmin) / (zmax - zmin);
    const over = stops.findIndex(([place], i) => i && at < place);
    const k = over < 0 ? stops.length - 1 : over;
    const [[from, one], [to, other]] = [stops[k - 1], stops[k]];
    const t = to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 1;
    const [r, g, b, alpha] = one.map((v, i) => Math.round(v + t * (other[i] - v)));
    return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0; // little-endian RGBA
  });
}

function channels(colour) {
  if (colour.startsWith("#")) return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)).concat(255);
  const [r, g, b, alpha] = colour.match(/[\d.]+/g).map(Number);
  return [r, g, b, 255 * (alpha ?? 1)];
}
