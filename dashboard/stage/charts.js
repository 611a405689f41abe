// Charts that stay alive: each is made once, and its bound traces get new arrays.

const PLOTLY_URL = new URL("app/static/plotly.min.js", document.baseURI).href;

function loadPlotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.__plotlyLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY_URL;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error(`The chart library could not be loaded from ${PLOTLY_URL}.`));
    document.head.append(script);
  });
  return window.__plotlyLoading;
}

function themeOf(element) {
  const style = getComputedStyle(element);
  const ink = style.color;
  return { ink, grid: ink.replace(/rgba?\(([^,]+),([^,]+),([^,)]+).*/, "rgba($1,$2,$3,0.12)") };
}

function themed(layout, { ink, grid }) {
  const axis = { gridcolor: grid, linecolor: grid, tickcolor: grid };
  const axes = Object.keys(layout).filter((key) => /^[xy]axis/.test(key));
  const themedAxes = Object.fromEntries(axes.map((key) => [key, { ...layout[key], ...axis }]));
  return { ...layout, ...themedAxes, font: { ...layout.font, color: ink } };
}

function setPath(object, path, value) {
  const keys = path.split("."), last = keys.pop();
  keys.reduce((o, key) => (o[key] ??= {}), object)[last] = value;
}

class Chart {
  constructor(div, panel) {
    this.div = div;
    this.panel = panel;
    this.revision = 0;
    this.made = false;
    this.stale = false;
    this.drawnAt = 0;
  }

  replace(panel) {
    this.panel = panel;
  }

  draw(Plotly, scene) {
    const traces = this.panel.figure.data.map((trace) => this.bound(trace, scene));
    const layout = themed(this.panel.figure.layout, scene.theme);
    if (layout.meta?.labels) layout.annotations = this.labels(layout, scene);
    layout.datarevision = ++this.revision;
    layout.autosize = true;
    const config = { displaylogo: false, responsive: false, displayModeBar: "hover", scrollZoom: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
    Plotly.react(this.div, traces, layout, config);
    if (!this.made) this.listen(scene);
  }

  bound(trace, scene) {
    const meta = trace.meta || {};
    for (const [path, name] of Object.entries(meta.bind || {})) {
      const text = scene.texts[name];
      const row = text ? null : rowOf(scene.arrays[name], scene.chosen);
      if (text) setPath(trace, path, text);
      else if (row) setPath(trace, path, asPlotly(row)); // absent: what was shown stays
    }
    if (meta.ellipse === "point") Object.assign(trace, this.pointEllipse(scene, meta.of || ""));
    if (meta.mark === "point") Object.assign(trace, this.pointMark(scene));
    if (meta.role === "ink" && trace.line) trace.line.color = scene.theme.ink;
    if (trace.type === "contour") trace.contours.showlabels = !scene.busy; // placing labels costs more than all the rest
    return trace;
  }

  // Annotations that follow the data: one a class, hidden where the class has no place.
  labels({ annotations, meta: { labels } }, { arrays, chosen }) {
    const x = rowOf(arrays[labels.x], chosen), y = rowOf(arrays[labels.y], chosen);
    if (!x) return annotations;
    x.values.forEach((at, c) => Object.assign(annotations[labels.first + c],
      { x: at || 0, y: y.values[c] || 0, visible: !Number.isNaN(at) }));
    return annotations;
  }

  pointEllipse({ arrays, chosen, point }, of) {
    const mu = rowOf(arrays[`${of}point_mu`], chosen), sigma = rowOf(arrays[`${of}point_sigma`], chosen);
    if (point === null || !mu) return { x: [], y: [] };
    const x = [], y = [], [i, j] = [2 * point, 2 * point + 1];
    for (const radius of [1, 2.4477]) {
      for (let k = 0; k <= 48; k++) {
        const angle = (2 * Math.PI * k) / 48;
        x.push(mu.values[i] + radius * sigma.values[i] * Math.cos(angle));
        y.push(mu.values[j] + radius * sigma.values[j] * Math.sin(angle));
      }
      x.push(null); y.push(null);
    }
    return { x, y };
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
      if (meta.point) scene.pin(meta.rows[index]);
    });
    this.div.on("plotly_hover", (event) => {
      const { meta, index } = at(event);
      if (meta.point) scene.hover(meta.rows[index]);
    });
    this.div.on("plotly_unhover", () => scene.hover(null));
  }
}
