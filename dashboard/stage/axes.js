// Axes, shades and notes by hand, for the first second: Plotly takes longer to load than all the rest of the page does.
// Ranges are fixed, so everything stands where Plotly will put it; once Plotly is there, it draws them.

const PLOTLYS = '"Open Sans", verdana, arial, sans-serif'; // its own choice of fonts

// Where Plotly will put a chart's axes, in the words of its own full layout.
function planned(div, { margin: { l, r, t, b }, xaxis, yaxis, yaxis2 }) {
  const width = div.clientWidth, height = div.clientHeight;
  const of = (axis, offset, length) => ({ type: "linear", autorange: !axis.range, ...axis, _offset: offset, _length: length });
  const x = of(xaxis, l, width - l - r), y = of(yaxis, t, height - t - b);
  if (!x.range || !y.range) return { width, height, xaxis: x, yaxis: y, yaxis2 }; // by the data: only Plotly knows
  if (yaxis.scaleanchor) { // equal units: the longer axis gives way at both ends
    const span = ({ range: [low, high] }) => high - low, unit = Math.min(x._length / span(x), y._length / span(y));
    for (const axis of [x, y]) {
      axis._offset += (axis._length - unit * span(axis)) / 2;
      axis._length = unit * span(axis);
    }
  }
  return { width, height, xaxis: x, yaxis: y, yaxis2 };
}

// Round values along an axis, as many as Plotly takes: one in `apart` pixels.
function roundValues({ range: [low, high], _length }, apart) {
  const rough = (high - low) / (Math.min(9, Math.max(4, _length / apart)) + 1), base = 10 ** Math.floor(Math.log10(rough));
  const step = base * [2, 5, 10].find((times) => times * base >= rough), first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => +((first + i) * step).toPrecision(6));
}

// `at` has the maps x and y from data to pixels.
function drawAxes(pen, at, { xaxis, yaxis }, layout) {
  const [left, right] = [xaxis._offset, xaxis._offset + xaxis._length], [top, bottom] = [yaxis._offset, yaxis._offset + yaxis._length];
  const line = (...ends) => { pen.beginPath(); ends.forEach((end) => pen.lineTo(...end)); pen.stroke(); };
  Object.assign(pen, { strokeStyle: xaxis.gridcolor, lineWidth: 1 });
  const font = (axis) => axis.tickfont?.size ?? layout.font.size, signed = (v) => `${v}`.replace("-", "−");
  const ticks = (axis, apart) => axis.tickvals?.map((value, i) => [value, axis.ticktext[i]]) ?? roundValues(axis, apart).map((value) => [value, signed(value)]);
  for (const [value, text] of ticks(xaxis, 80)) {
    const x = at.x(value);
    line([x, xaxis.showgrid === false ? bottom : top], [x, bottom + 4]);
    write(pen, layout, text, [x, bottom + 7], { size: font(xaxis), across: "center", up: "top" });
  }
  for (const [value, text] of ticks(yaxis, 40)) {
    const y = at.y(value);
    line([left - 4, y], [yaxis.showgrid === false ? left : right, y]);
    write(pen, layout, text, [left - 6, y], { size: font(yaxis), across: "right" });
  }
  const title = ({ title: { text, font: style } }) => [text, style?.size ?? Math.round(1.2 * layout.font.size)];
  const [[alongX, sizeX], [alongY, sizeY]] = [title(xaxis), title(yaxis)];
  write(pen, layout, alongX, [(left + right) / 2, bottom + layout.margin.b], { size: sizeX, across: "center", up: "bottom" });
  write(pen, layout, alongY, [0.7 * sizeY, (top + bottom) / 2], { size: sizeY, across: "center", turn: -90 });
  for (const shape of layout.shapes ?? []) drawShape(pen, at, shape, { left, right, top, bottom });
}

function drawShape(pen, at, { type, path, x0, x1, y0, y1, xref, yref, fillcolor, line }, { left, right, top, bottom }) {
  const x = (v) => (xref === "x domain" ? left + v * (right - left) : at.x(v)), y = (v) => (yref === "y domain" ? bottom - v * (bottom - top) : at.y(v));
  const corners = type === "path" ? [...path.matchAll(/([-\d.e]+),([-\d.e]+)/g)].map(([, u, v]) => [+u, +v]) : [[x0, y0], [x1, y1]];
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, bottom - top);
  pen.clip();
  pen.beginPath();
  for (const [u, v] of corners) pen.lineTo(x(u), y(v));
  if (type === "path") Object.assign(pen, { fillStyle: fillcolor }).fill();
  if (line?.width) {
    Object.assign(pen, { strokeStyle: line.color, lineWidth: line.width });
    pen.setLineDash(DASHES[line.dash] ?? []);
    pen.stroke();
  }
  pen.restore();
}
