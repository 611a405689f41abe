// Charts that stay alive: each is made once, and its bound traces get new arrays.

const PLOTLY_URL = new URL("plotly.min.js", import.meta.url).href;

function loadPlotly() {
  window.__plotlyLoading ??= window.Plotly ? Promise.resolve(window.Plotly) : new Promise((resolve, reject) => {
    document.head.append(element("script", { src: PLOTLY_URL, onload: () => resolve(window.Plotly),
      onerror: () => reject(new Error(`The chart library could not be loaded from ${PLOTLY_URL}.`)) }));
  });
  return window.__plotlyLoading;
}

function themeOf(element) {
  const style = getComputedStyle(element);
  const ink = style.color;
  return { ink, accent: style.getPropertyValue("--st-primary-color").trim() || "#bd1f01", grid: ink.replace(/rgba?\(([^,]+),([^,]+),([^,)]+).*/, "rgba($1,$2,$3,0.12)") };
}

function themed(layout, { ink, grid }) {
  const axis = { gridcolor: grid, linecolor: grid, tickcolor: grid };
  const axes = Object.keys(layout).filter((key) => /^[xy]axis/.test(key));
  const themedAxes = Object.fromEntries(axes.map((key) => [key, { ...layout[key], ...axis }]));
  return { ...layout, ...themedAxes, font: { ...layout.font, color: ink } };
}

// For a projector: every word of a chart at least as large as the text beside it, and room for it.
const LARGE = 18;

// What an axis is, without the formula behind it.
const inShort = (title) => title?.replace(/^([^:]*): (?!at least).*$/, "$1");

function enlarged(layout) {
  const font = (style) => ({ ...style, size: LARGE });
  const titled = (axis) => ({ ...axis, title: { ...axis.title, text: inShort(axis.title?.text), font: font(axis.title?.font) }, tickfont: font(axis.tickfont) });
  const axes = Object.fromEntries(Object.keys(layout).filter((key) => /^[xy]axis/.test(key)).map((key) => [key, titled(layout[key])]));
  const { l, r, t, b } = layout.margin;
  return { ...layout, ...axes, font: font(layout.font), margin: { l: 1.4 * l, r: r > 20 ? 1.4 * r : r, t, b: 1.4 * b },
    legend: layout.legend && { ...layout.legend, font: font(layout.legend.font) },
    annotations: layout.annotations?.map((note) => ({ ...note, font: font(note.font) })) };
}

function setPath(object, path, value) {
  const keys = path.split("."), last = keys.pop();
  keys.reduce((o, key) => (o[key] ??= {}), object)[last] = value;
}

// plotly.py writes NumPy arrays as base64, which Plotly reads and a sketch does not.
function plain(values) {
  if (!values?.bdata) return values;
  const types = { f8: Float64Array, f4: Float32Array, i8: BigInt64Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array };
  return Array.from(new types[values.dtype](Uint8Array.from(atob(values.bdata), (c) => c.charCodeAt(0)).buffer), Number);
}

const FINGERS = window.matchMedia("(pointer: coarse)");
const TOUCHING = 3; // px of two words over each other that nobody sees

// Notes that would lie on other words, or beyond the chart, step back: on a small chart there is no place for all.
function declutter(div) {
  const frame = div.getBoundingClientRect(), rect = (node) => node.getBoundingClientRect();
  const notes = [...div.querySelectorAll(".annotation")], slanted = (note) => {
    const { a, b } = note.querySelector("text")?.getScreenCTM() ?? { a: 1, b: 0 };
    return Math.abs(a) > 0.02 && Math.abs(b) > 0.02;
  };
  for (const note of notes) note.classList.remove("lab-crowded");
  const taken = [...div.querySelectorAll(".main-svg text")].filter((text) => !text.closest(".annotation, .hoverlayer") && text.textContent.trim()).map(rect);
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > TOUCHING && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > TOUCHING;
  const follows = (note) => note.classList.contains("lab-follows"), placed = notes.filter((n) => !slanted(n) || frame.width < 420);
  for (const note of [...placed.filter(follows), ...placed.filter((n) => !follows(n))]) { // names of classes before words about the plane
    const text = note.querySelector("text"), at = text && rect(text);
    if (!at?.width) continue;
    const cut = at.left < frame.left - 2 || at.right > frame.right + 2 || at.top < frame.top - 2 || at.bottom > frame.bottom + 2;
    if (cut || taken.some((other) => over(at, other))) note.classList.add("lab-crowded");
    else taken.push(at);
  }
}

// Words of the chosen model alone: a list along its trace, or where they stand.
function ownOf(text, path) {
  return path === "text" ? [].concat(text) : text;
}

const UNSAID = "\u00a0"; // what Plotly has once drawn as an empty text stays empty, whatever it is given later

// The words of a trace, one for each of its points.
function wordsOf({ text, x }) {
  return Array.from(x ?? [], (_, i) => (Array.isArray(text) ? text[i] : text) || UNSAID);
}

// What of a trace is drawn in a colour of the page.
function inked({ mode, line, marker, textfont, contours }) {
  return [line, mode?.includes("markers") && marker, textfont, contours?.labelfont].filter(Boolean);
}

class Chart {
  constructor(div, panel) {
    this.div = div;
    this.replace(panel);
    this.revision = 0;
    this.made = false;
    this.stale = false;
    this.drawnAt = 0;
    this.hand = new Sketch(div);
  }

  replace(panel) {
    for (const trace of panel.figure.data) for (const key of ["x", "y"]) trace[key] = plain(trace[key]);
    this.panel = panel;
  }

  // While things move: the traces by hand, when that can be. Says whether it could; what it cannot is Plotly's.
  sketch(scene) {
    if (this.unsketched === this.panel) return false;
    return guarded(`sketch of ${this.panel.id}`, () => this.trySketch(scene), () => {
      this.unsketched = this.panel;
      this.hand.clear();
      return false;
    });
  }

  trySketch(scene) {
    const traces = this.panel.figure.data.map((trace) => this.bound(trace, scene));
    const followers = this.followers(this.panel.figure.layout, scene); // first: it moves them
    const layout = this.layout(scene);
    if (!this.hand.can(traces, layout)) return false;
    layout.annotations = settled(this.hand, layout, traces, followers);
    this.hand.draw(traces, followers, layout);
    return true;
  }

  // Whether Plotly has drawn this figure in these colours, if not of this moment.
  isCurrent({ theme }) {
    return this.drawn?.[0] === this.panel && this.drawn[1] === theme.ink;
  }

  layout(scene) {
    const styled = themed(this.panel.figure.layout, scene.theme);
    return scene.large ? enlarged(styled) : styled;
  }

  draw(Plotly, scene) {
    this.drawnAt = performance.now();
    guarded(`chart ${this.panel.id}`, () => this.tryDraw(Plotly, scene));
    this.stale = false;
  }

  tryDraw(Plotly, scene) {
    const traces = this.panel.figure.data.map((trace) => this.bound(trace, scene));
    const followers = this.followers(this.panel.figure.layout, scene); // first: it moves them
    const layout = this.layout(scene);
    layout.datarevision = ++this.revision;
    layout.autosize = true;
    if (FINGERS.matches) layout.dragmode = false; // a finger scrolls the page
    // a finger's tap comes as two clicks: they lead back to the fixed ranges, never to others
    const config = { displaylogo: false, responsive: false, displayModeBar: false, scrollZoom: false, doubleClick: "reset" };
    layout.images = this.hand.images(traces, layout);
    if (!scene.busy) this.hand.kept = {}; // at rest the best place, in motion the last good one
    layout.annotations = settled(this.hand, layout, traces, followers);
    for (const trace of traces) if (trace.mode?.includes("text")) trace.text = wordsOf(trace);
    Plotly.react(this.div, traces, layout, config);
    this.drawn = [this.panel, scene.theme.ink];
    if (!this.made) this.listen(scene);
    this.mark(followers);
    guarded("words of a chart", () => declutter(this.div));
    if (!scene.busy) this.hand.clear();
    else if (this.hand.canvas.isConnected) this.hand.draw(traces, followers, layout);
  }

  bound(trace, scene) {
    const meta = trace.meta || {};
    for (const [path, name] of Object.entries(meta.bind || {})) {
      const text = scene.texts[name];
      const [array, column] = name.split("."); // a column is bound to those of its rows that the trace shows
      const row = text ? null : rowOf(scene.arrays[array], scene.chosen);
      if (text) setPath(trace, path, meta.own?.includes(path) ? ownOf(text[scene.chosen], path) : text);
      else if (row) setPath(trace, path, column ? columnOf(row, +column, meta.rows) : asPlotly(row));
      else if (!trace[path] && (path === "x" || path === "y")) trace[path] = []; // not known yet: nothing, and no 1, 2, 3
    }
    for (const part of scene.large ? [trace.textfont, trace.contours?.labelfont] : []) if (part) part.size = LARGE; // a new document has its own again
    if (meta.thumbs) trace.pixels = scene.arrays.point_image;
    if (meta.ellipse === "point") Object.assign(trace, this.pointEllipse(scene, meta.of || "", meta.bell));
    if (meta.mark === "point") Object.assign(trace, this.pointMark(scene));
    if (meta.role) for (const part of inked(trace)) part.color = meta.role === "ink" ? scene.theme.ink : scene.theme.accent;
    if (trace.type === "contour") trace.contours.showlabels = !scene.busy; // placing labels costs more than all the rest
    return trace;
  }

  // Annotations that follow the data: one a class, hidden where the class has no place.
  followers({ annotations, meta }, { arrays, chosen }) {
    if (!meta?.labels) return [];
    const { first } = meta.labels, found = annotations.slice(first);
    const x = rowOf(arrays[meta.labels.x], chosen), y = rowOf(arrays[meta.labels.y], chosen);
    found.forEach((label, c) => Object.assign(label, !x ? { visible: false }
      : { x: x.values[c] || 0, y: y.values[c] || 0, visible: !Number.isNaN(x.values[c]) }));
    return found;
  }

  // What the hand draws itself must not be seen twice.
  mark(followers) {
    const first = (this.panel.figure.layout.annotations?.length ?? 0) - followers.length;
    for (const node of this.div.querySelectorAll(".annotation"))
      node.classList.toggle("lab-follows", followers.length > 0 && +node.dataset.index >= first);
  }

  pointEllipse({ arrays, chosen, point }, of, bell) {
    const mu = rowOf(arrays[`${of}point_mu`], chosen), sigma = rowOf(arrays[`${of}point_sigma`], chosen);
    if (point === null || !mu) return { x: [], y: [] };
    const [i, j] = [2 * point, 2 * point + 1], at = [mu.values[i], mu.values[j]], wide = [sigma.values[i], sigma.values[j]];
    const rho = rowOf(arrays[`${of}point_rho`], chosen)?.values[point];
    return bell ? bellOf(at[0], wide[0]) : ringsOf(at, wide, rho);
  }

  pointMark({ arrays, point }) {
    const place = arrays.point_x;
    return point === null || !place ? { x: [], y: [] }
      : { x: [place.values[2 * point]], y: [place.values[2 * point + 1]] };
  }

  listen(scene) {
    this.made = true;
    const at = (event) => ({ meta: event.points[0].data.meta || {}, index: event.points[0].pointNumber });
    this.div.on("plotly_click", (event) => {
      const { meta, index } = at(event);
      if (meta.choose) scene.choose(index);
      if (meta.point && !scene.tapped()) scene.pin(meta.rows[index]);
    });
    this.div.on("plotly_hover", (event) => {
      const { meta, index } = at(event);
      if (meta.point && !scene.tapped()) scene.hover(meta.rows[index]);
    });
    this.div.on("plotly_unhover", () => scene.tapped() || scene.hover(null)); // a finger's tap brings a mouse that leaves at once
    for (const zoomed of ["plotly_relayout", "plotly_relayouting"]) this.div.on(zoomed, () => this.hand.canvas.isConnected && this.sketch(scene));
  }
}
