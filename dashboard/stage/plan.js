// @ts-check
// Where a chart's axes stand, from the layout that Plotly is given alone: fixed margins and fixed ranges leave it no choice.

/** @typedef {{ range: number[], start: number, length: number, up: boolean }} Axis in pixels from left or top */
/** @typedef {{ x: Axis, y: Axis, width: number, height: number }} Plan */
/** @typedef {Record<string, number[] | undefined>} Ranges of axes that a visitor has moved */

/**
 * The places of both axes, or null where only Plotly knows them: ranges by the data, categories, margins that grow.
 * @param {any} layout with its width and height
 * @param {Ranges} [moved]
 * @returns {Plan | null}
 */
export function planned({ width, height, margin, xaxis, yaxis, yaxis2, showlegend }, moved = {}) {
  const isFixed = (axis) => axis?.range && !axis.automargin && ["linear", undefined].includes(axis.type);
  if (yaxis2 || !isFixed(xaxis) || !isFixed(yaxis) || (showlegend && margin.autoexpand !== false)) return null;
  const { l, r, t, b } = margin;
  const x = { range: moved.xaxis ?? xaxis.range, start: l, length: width - l - r, up: false };
  const y = { range: moved.yaxis ?? yaxis.range, start: t, length: height - t - b, up: true };
  if (yaxis.scaleanchor) { // equal units: the longer axis gives way at both ends
    const span = ({ range: [low, high] }) => Math.abs(high - low);
    const unit = Math.min(x.length / span(x), y.length / span(y));
    for (const axis of [x, y]) {
      axis.start += (axis.length - unit * span(axis)) / 2;
      axis.length = unit * span(axis);
    }
  }
  return { x, y, width, height };
}

/** The map from data to pixels. @param {Axis} axis */
export function toPixels({ range: [low, high], start, length, up }) {
  const scale = (up ? -length : length) / (high - low);
  const zero = start + (up ? length : 0) - low * scale;
  return (value) => zero + value * scale;
}

/** Its inverse. @param {Axis} axis */
export function toData({ range: [low, high], start, length, up }) {
  return (pixel) => low + (high - low) * (up ? 1 - (pixel - start) / length : (pixel - start) / length);
}

/** @param {Plan} plan @param {number[]} place in px */
export function isInside({ x, y }, [u, v]) {
  return u >= x.start && u <= x.start + x.length && v >= y.start && v <= y.start + y.length;
}

// Ranges that a visitor has moved, out of Plotly's word of it; null where they are those of the figure again.
export function movedRanges(event, moved) {
  const found = { ...moved };
  for (const axis of ["xaxis", "yaxis"]) {
    const [low, high] = event[`${axis}.range`] ?? [event[`${axis}.range[0]`], event[`${axis}.range[1]`]];
    if (Number.isFinite(low) && Number.isFinite(high)) found[axis] = [low, high];
    if (event[`${axis}.autorange`]) delete found[axis];
  }
  return found;
}

/**
 * Round values along an axis, as many as Plotly takes: one in `apart` pixels.
 * @param {Axis} axis
 */
export function roundValues({ range: [low, high], length }, apart) {
  const rough = Math.abs(high - low) / (Math.min(9, Math.max(4, length / apart)) + 1);
  const base = 10 ** Math.floor(Math.log10(rough));
  const step = base * [2, 5, 10].find((times) => times * base >= rough);
  const [from, to] = [Math.min(low, high), Math.max(low, high)];
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => +((first + i) * step).toPrecision(6));
}
