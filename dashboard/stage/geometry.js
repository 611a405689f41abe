// @ts-check
// Shapes in the data's own units, before anything is drawn.

/**
 * Iso-lines of values at the corners of a grid, cell by cell: where a level crosses the sides of a cell, the crossings
 * are joined. Pairs of places.
 * @param {{ x: ArrayLike<number>, y: ArrayLike<number>, z: ArrayLike<number>[], contours: any }} trace
 * @returns {number[][][]}
 */
export function isolines({ x, y, z, contours: { start, end, size } }) {
  const lines = [];
  for (let i = 0; i + 1 < z.length; i++) for (let j = 0; j + 1 < z[i].length; j++) {
    const corners = [[j, i], [j + 1, i], [j + 1, i + 1], [j, i + 1]].map(([a, b]) => [x[a], y[b], z[b][a]]);
    const heights = corners.map(([, , height]) => height);
    const first = Math.max(start, Math.ceil(Math.min(...heights) / size) * size);
    for (let level = first; level <= Math.min(end, Math.max(...heights)); level += size) {
      const crossed = corners.flatMap((a, k) => crossing(a, corners[(k + 1) % 4], level));
      for (let k = 0; k + 1 < crossed.length; k += 2) lines.push([crossed[k], crossed[k + 1]]);
    }
  }
  return lines;
}

// The place between two corners [x, y, z] at which z is the level: one, or none.
function crossing(a, b, level) {
  if ((a[2] < level) === (b[2] < level)) return [];
  const t = (level - a[2]) / (b[2] - a[2]);
  return [[a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]];
}

// Ends of a row of evenly spaced cells, given their centres or (none) their indices.
export function edges(centres, count) {
  const first = centres?.[0] ?? 0;
  const step = centres ? (centres[count - 1] - first) / (count - 1) : 1;
  return [first - step / 2, first + (count - 0.5) * step];
}

/**
 * 1σ and 2σ around a place, as `frames.rings`.
 * @param {number[]} place
 * @param {number[]} sigma
 * @param {number} [rho] correlation of both dimensions
 */
export function ringsOf([u, v], [across, up], rho = 0) {
  const x = [];
  const y = [];
  for (const radius of [1, 2]) {
    for (let k = 0; k <= 48; k++) {
      const angle = (2 * Math.PI * k) / 48;
      x.push(u + radius * across * Math.cos(angle));
      y.push(v + radius * up * (rho * Math.cos(angle) + Math.sqrt(1 - rho * rho) * Math.sin(angle)));
    }
    x.push(null);
    y.push(null);
  }
  return { x, y };
}

// A bell of height 1 and the bar that holds 68 % of it, as `frames.bells`.
export function bellOf(mu, sigma) {
  const at = [...Array.from({ length: 65 }, (_, k) => -3.2 + k / 10), null, -1, 1];
  return {
    x: at.map((t) => (t === null ? null : mu + sigma * t)),
    y: at.map((t) => (t === null ? null : Math.exp((-t * t) / 2))),
  };
}

export function isNumber(value) {
  return value !== null && !Number.isNaN(value);
}
