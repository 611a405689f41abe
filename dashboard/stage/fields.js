// Pictures inside charts: fields of decisions, made smooth, and inputs that are images.

const FINER = 3; // pixels of a field along a cell

// A picture of decisions. A cell's code is its class and the lead of that class over the second; between cells the leads are
// interpolated, so that a border runs where they balance and not along the cells.
function fieldOf({ z, meta, colorscale, zmin, zmax }) {
  const rows = z.length, columns = z[0]?.length;
  if (rows < 2) return null;
  const shades = meta.field, width = columns * FINER, height = rows * FINER, image = new ImageData(width, height);
  const inks = inksOf({ colorscale, zmin, zmax }), pixels = new Uint32Array(image.data.buffer);
  const names = new Uint8Array(rows * columns), leads = new Float32Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) {
    names[at] = Math.floor(z[i][j] / shades);
    leads[at] = (z[i][j] % shades) + 0.01;
  }
  const across = Array.from({ length: width }, (_, u) => between(u, columns));
  const corners = [0, 0, 0, 0], weights = [0, 0, 0, 0];
  for (let v = 0; v < height; v++) {
    const [i, up] = between(v, rows), line = (height - 1 - v) * width;
    for (let u = 0; u < width; u++) {
      const [j, along] = across[u], at = i * columns + j;
      corners[0] = at; corners[1] = at + 1; corners[2] = at + columns; corners[3] = at + columns + 1;
      weights[0] = (1 - up) * (1 - along); weights[1] = (1 - up) * along; weights[2] = up * (1 - along); weights[3] = up * along;
      const name = names[at];
      if (name === names[at + 1] && name === names[at + columns] && name === names[at + columns + 1]) { // most cells
        const lead = weights[0] * leads[at] + weights[1] * leads[at + 1] + weights[2] * leads[at + columns]
          + weights[3] * leads[at + columns + 1];
        pixels[line + u] = inks[name * shades + Math.round(lead)];
      } else pixels[line + u] = inks[leader(corners, weights, names, leads, shades)];
    }
  }
  const canvas = element("canvas", { width, height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The code between four corners of several classes: the class that leads there, and by how much.
function leader(corners, weights, names, leads, shades) {
  let best = 0, first = -1, second = 0;
  for (let k = 0; k < 4; k++) {
    const name = names[corners[k]];
    let sum = 0, seen = false;
    for (let n = 0; n < 4; n++) if (names[corners[n]] === name) {
      if (n < k) seen = true;
      sum += weights[n] * leads[corners[n]];
    }
    if (seen) continue;
    if (sum > first) [second, first, best] = [Math.max(0, first), sum, name];
    else if (sum > second) second = sum;
  }
  return best * shades + Math.round(Math.max(0, first - second));
}

// The cell before a fine pixel, and how far it is on the way to the next; the outermost half cells go on as they are.
function between(fine, count) {
  const at = Math.min(count - 1, Math.max(0, (fine + 0.5) / FINER - 0.5)), cell = Math.min(count - 2, Math.floor(at));
  return [cell, at - cell];
}

// Images of a trace's inputs in ink, on paper that lets the plane shine through; made once.
function spritesOf(trace, ink, paper) {
  const { pixels, meta } = trace;
  if (!pixels) return null;
  if (trace._sprites?.pixels === pixels && trace._sprites.ink === ink) return trace._sprites.images;
  const [, height, width] = pixels.shape, size = height * width, [from, to] = [channels(paper), channels(ink)];
  const images = meta.rows.map((row) => {
    const canvas = element("canvas", { width, height }), pen = canvas.getContext("2d"), image = pen.createImageData(width, height);
    for (let k = 0; k < size; k++) {
      const share = pixels.values[row * size + k] / 255;
      image.data.set([...from.slice(0, 3).map((v, c) => v + share * (to[c] - v)), 130 + 125 * share], 4 * k);
    }
    pen.putImageData(image, 0, 0);
    return canvas;
  });
  trace._sprites = { pixels, ink, images };
  return images;
}

// A colour scale as one 32-bit pixel for each value of a byte.
function inksOf({ colorscale, zmin, zmax }) {
  const stops = colorscale.map(([place, colour]) => [place, channels(colour)]);
  return Uint32Array.from({ length: 256 }, (_, code) => {
    const at = (code - zmin) / (zmax - zmin);
    const over = stops.findIndex(([place], i) => i && at < place), k = over < 0 ? stops.length - 1 : over, [from, one] = stops[k - 1], [to, other] = stops[k];
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

// Ends of a row of evenly spaced cells, given their centres or (none) their indices.
function edges(centres, count) {
  const first = centres?.[0] ?? 0, step = centres ? (centres[count - 1] - first) / (count - 1) : 1;
  return [first - step / 2, first + (count - 0.5) * step];
}

// The place between two corners [x, y, z] at which z is the level: one, or none.
function crossing(a, b, level) {
  if ((a[2] < level) === (b[2] < level)) return [];
  const t = (level - a[2]) / (b[2] - a[2]);
  return [[a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]];
}
