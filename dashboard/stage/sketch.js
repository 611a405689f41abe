// A quick hand for pictures that move: it draws a chart's traces on a canvas in a millisecond or two, where Plotly takes
// thirty. Plotly keeps the axes, the notes, the hovering and every picture at rest. Both are given the same traces.

const LAYERS = ["heatmap", "contour", "scatter"]; // from the bottom up, as Plotly stacks them
const DASHES = { dash: [9, 9], dot: [3, 3] };
const DIAMOND = [[0, -1], [1, 0], [0, 1], [-1, 0]];
const SHEET = 900; // pixels across a sheet of inputs

class Sketch {
  constructor(div) {
    this.div = div;
    this.canvas = element("canvas", { class: "lab-sketch", "aria-hidden": "true" });
  }

  // Where the axes are: as Plotly has put them or, before it is there, as it will.
  laid(layout) {
    return this.div._fullLayout ?? planned(this.div, layout);
  }

  // Where an axis is not linear, or chooses its range by the data, only Plotly knows the places.
  can(traces, layout) {
    const { xaxis, yaxis, yaxis2 } = this.laid(layout);
    return !yaxis2 && [xaxis, yaxis].every((axis) => axis?.type === "linear" && !axis.autorange)
      && traces.every((trace) => LAYERS.includes(trace.type ?? "scatter"));
  }

  draw(traces, labels, layout) {
    const pen = this.begin(layout);
    const layer = (trace) => LAYERS.indexOf(trace.type ?? "scatter");
    for (const trace of [...traces].sort((a, b) => layer(a) - layer(b))) { // stable: order within a layer stays
      pen.globalAlpha = trace.opacity ?? 1;
      if (trace.meta?.field) this.picture(pen, trace, fieldOf(trace));
      else if (trace.meta?.thumbs) this.thumbs(pen, trace);
      else if (trace.type === "heatmap") this.heatmap(pen, trace);
      else if (trace.type === "contour") this.contours(pen, trace);
      else this.scatter(pen, trace);
    }
    pen.globalAlpha = 1;
    pen.restore();
    drawNotes(pen, this, layout);
    for (const label of labels) if (label.visible !== false) this.label(pen, label);
    this.div.classList.add("lab-moving"); // Plotly's own traces and notes step back
  }

  clear() {
    this.div.classList.remove("lab-moving");
    this.canvas.remove();
  }

  // A clean canvas above Plotly's axes, clipped to the plot, and the two maps from data to pixels.
  begin(layout) {
    const { canvas, div } = this, laid = this.laid(layout), { width, height, xaxis, yaxis } = laid, sharp = window.devicePixelRatio || 1;
    const notes = [...div.querySelectorAll(".svg-container > .main-svg")].at(-1);
    if (!notes) div.append(canvas);
    else if (canvas.nextSibling !== notes) notes.before(canvas);
    const pen = canvas.getContext("2d"), size = [Math.round(width * sharp), Math.round(height * sharp)];
    if (canvas.width === size[0] && canvas.height === size[1]) pen.reset(); // a new size would mean new memory, too
    else {
      [canvas.width, canvas.height] = size;
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    const along = ({ range: [low, high], _offset, _length }, upwards) => {
      const scale = (upwards ? -_length : _length) / (high - low), zero = _offset + (upwards ? _length : 0) - low * scale;
      return (value) => zero + value * scale;
    };
    [this.x, this.y] = [along(xaxis, false), along(yaxis, true)];
    if (!div._fullLayout) drawAxes(pen, this, laid, layout);
    pen.save();
    pen.beginPath();
    pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    pen.clip();
    return pen;
  }

  scatter(pen, trace) {
    const { x, y, mode, marker } = trace;
    if (!x?.length || !y?.length) return;
    if (mode.includes("lines")) this.line(pen, trace);
    if (mode.includes("markers")) this.dots(pen, trace);
    if (mode.includes("text")) this.words(pen, trace);
  }

  dots(pen, { x, y, marker }) {
    const of = (value, i) => (Array.isArray(value) || ArrayBuffer.isView(value) ? value[i] : value);
    for (let i = 0; i < x.length; i++) {
      const radius = (of(marker.size, i) ?? 6) / 2, width = of(marker.line?.width, i) ?? 0;
      if (!radius || !isNumber(x[i]) || !isNumber(y[i])) continue;
      const at = [this.x(x[i]), this.y(y[i])];
      pen.beginPath();
      if (marker.symbol === "arrow") this.arrow(pen, at, [this.x(x[i - 1]), this.y(y[i - 1])], radius);
      else if (marker.symbol === "diamond-open") for (const [u, v] of DIAMOND) pen.lineTo(at[0] + 1.3 * u * radius, at[1] + 1.3 * v * radius);
      else pen.arc(...at, radius, 0, 2 * Math.PI);
      if (marker.symbol === "diamond-open") {
        pen.closePath();
        Object.assign(pen, { strokeStyle: marker.color, lineWidth: width }).stroke();
        continue;
      }
      pen.fillStyle = of(marker.color, i);
      pen.fill();
      if (!width) continue;
      Object.assign(pen, { strokeStyle: of(marker.line.color, i), lineWidth: width });
      pen.stroke();
    }
  }

  line(pen, { x, y, line }) {
    pen.beginPath();
    let down = false;
    for (let i = 0; i < x.length; i++) {
      const here = isNumber(x[i]) && isNumber(y[i]);
      if (here) pen[down ? "lineTo" : "moveTo"](this.x(x[i]), this.y(y[i]));
      down = here;
    }
    Object.assign(pen, { strokeStyle: line.color ?? getComputedStyle(this.div).color, lineWidth: line.width ?? 2, lineJoin: "round" });
    pen.setLineDash(DASHES[line.dash] ?? []);
    pen.stroke();
    pen.setLineDash([]);
  }

  arrow(pen, [x, y], [fromX, fromY], size) {
    const angle = Math.atan2(y - fromY, x - fromX);
    for (const turn of [0, 2.6, -2.6]) {
      const reach = turn ? size * 1.6 : 0; // the tip is the point itself
      pen.lineTo(x + reach * Math.cos(angle + turn), y + reach * Math.sin(angle + turn));
    }
    pen.closePath();
  }

  // Words beside their places, as `textposition` says, with a halo.
  words(pen, trace) {
    const { x, y, text, textposition = "middle center", textfont } = trace, size = this.div.closest(".lab-present") ? LARGE : textfont.size;
    for (let i = 0; i < x.length; i++) {
      const words = Array.isArray(text) ? text[i] : text;
      if (!words || !isNumber(x[i]) || !isNumber(y[i])) continue;
      const { ax, ay, xanchor: across, yanchor: up } = besides(trace, i, words, textposition);
      write(pen, null, words, [this.x(x[i]) + ax, this.y(y[i]) + ay], { size, colour: textfont.color, across, up, paper: pageColour(this.div) });
    }
  }

  // A picture over the whole reach of a trace's cells, smooth.
  picture(pen, { x, y }, image) {
    if (!image) return;
    const [left, right] = edges(x, x.length).map(this.x), [bottom, top] = edges(y, y.length).map(this.y);
    pen.imageSmoothingEnabled = true;
    pen.drawImage(image, left, top, right - left, bottom - top);
  }

  // Inputs as themselves, each centred at its place.
  thumbs(pen, trace) {
    const side = Math.abs(this.x(1) - this.x(0)) * this.thumbSide(trace);
    pen.imageSmoothingEnabled = true;
    for (const [sprite, x, y] of this.placed(trace)) pen.drawImage(sprite, this.x(x) - side / 2, this.y(y) - side / 2, side, side);
  }

  // Images and their places, the first ones first; one that would lie on another is left out.
  placed(trace) {
    const style = getComputedStyle(this.div), sprites = spritesOf(trace, style.color, pageColour(this.div)), apart = 0.8 * this.thumbSide(trace), found = [];
    for (let i = 0; i < (sprites && trace.x ? trace.x.length : 0); i++) {
      const x = trace.x[i], y = trace.y[i];
      if (found.every(([, u, v]) => Math.max(Math.abs(u - x), Math.abs(v - y)) > apart)) found.push([sprites[i], x, y]);
    }
    return found;
  }

  thumbSide({ meta }) { // in units of the axes, of which it is a share
    return meta.thumbs * (meta.reach ?? 6.4);
  }

  // What Plotly cannot draw as a trace it is given as a picture: fields below the traces, inputs above them.
  images(traces, { xaxis, yaxis }) {
    const found = [];
    for (const trace of traces) {
      const under = Boolean(trace.meta?.field), image = under ? fieldOf(trace) : trace.meta?.thumbs ? this.sheet(trace, xaxis, yaxis) : null;
      if (!image) continue;
      const [left, right] = under ? edges(trace.x, trace.x.length) : xaxis.range, [bottom, top] = under ? edges(trace.y, trace.y.length) : yaxis.range;
      found.push({ source: image.toDataURL(), xref: "x", yref: "y", x: left, y: top, sizex: right - left, sizey: top - bottom,
        xanchor: "left", yanchor: "top", sizing: "stretch", layer: under ? "below" : "above" });
    }
    return found;
  }

  // The inputs of the whole plane on one sheet.
  sheet(trace, { range: [left, right] }, { range: [bottom, top] }) {
    const scale = SHEET / (right - left), side = scale * this.thumbSide(trace);
    const sheet = element("canvas", { width: SHEET, height: Math.round(scale * (top - bottom)) }), pen = sheet.getContext("2d");
    for (const [sprite, x, y] of this.placed(trace)) pen.drawImage(sprite, (x - left) * scale - side / 2, (top - y) * scale - side / 2, side, side);
    return sheet;
  }

  // One pixel a cell, enlarged without blur; the row of the smallest y is the lowest where the axis goes up.
  heatmap(pen, trace) {
    const { z } = trace, [rows, columns] = [z.length, z[0]?.length];
    if (rows < 2) return;
    const [left, right] = edges(trace.x, columns).map(this.x), [first, last] = edges(trace.y, rows).map(this.y);
    const image = new ImageData(columns, rows), inks = (trace._inks ??= inksOf(trace));
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < rows; i++) {
      const from = (first > last ? rows - 1 - i : i) * columns;
      for (let j = 0; j < columns; j++) words[from + j] = inks[z[i][j]];
    }
    const small = (this.small ??= document.createElement("canvas"));
    Object.assign(small, { width: columns, height: rows });
    small.getContext("2d").putImageData(image, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, left, Math.min(first, last), right - left, Math.abs(last - first));
    if (trace.texttemplate) this.numbers(pen, trace);
  }

  // The value of every cell in its middle.
  numbers(pen, { x, y, z, textfont }) {
    Object.assign(pen, { font: `${textfont.size}px ${PLOTLYS}`, textAlign: "center", textBaseline: "middle", fillStyle: getComputedStyle(this.div).color });
    z.forEach((row, i) => row.forEach((value, j) => isNumber(value) && pen.fillText(value, this.x(x[j]), this.y(y[i]))));
  }

  // Iso-lines, cell by cell: where a level crosses the sides of a cell, the crossings are joined.
  contours(pen, { x, y, z, contours: { start, end, size }, line }) {
    pen.beginPath();
    for (let i = 0; i + 1 < z.length; i++) for (let j = 0; j + 1 < z[i].length; j++) {
      const corners = [[j, i], [j + 1, i], [j + 1, i + 1], [j, i + 1]].map(([a, b]) => [x[a], y[b], z[b][a]]);
      const [low, high] = [Math.min(...corners.map((c) => c[2])), Math.max(...corners.map((c) => c[2]))];
      for (let level = Math.max(start, Math.ceil(low / size) * size); level <= Math.min(end, high); level += size) {
        const crossed = corners.flatMap((a, k) => crossing(a, corners[(k + 1) % 4], level));
        crossed.forEach(([u, v], k) => pen[k % 2 ? "lineTo" : "moveTo"](this.x(u), this.y(v)));
      }
    }
    Object.assign(pen, { strokeStyle: line.color, lineWidth: line.width });
    pen.stroke();
  }

  label(pen, { x, y, text, font, bgcolor, bordercolor }) {
    const words = text.replace(/<[^>]*>/g, ""), at = [this.x(x), this.y(y)];
    const size = this.div.closest(".lab-present") ? LARGE : font.size;
    Object.assign(pen, { font: `700 ${size}px ${getComputedStyle(this.div).fontFamily}`, textAlign: "center", textBaseline: "middle" });
    const width = pen.measureText(words).width + 6, height = size * 1.3 + 6;
    Object.assign(pen, { fillStyle: bgcolor, strokeStyle: bordercolor, lineWidth: 2 });
    pen.fillRect(at[0] - width / 2, at[1] - height / 2, width, height);
    pen.strokeRect(at[0] - width / 2, at[1] - height / 2, width, height);
    pen.fillStyle = font.color;
    pen.fillText(words, ...at);
  }
}

function isNumber(value) {
  return value !== null && !Number.isNaN(value);
}
