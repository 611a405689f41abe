// A card's own menu: the picture as a file, its numbers, and the way back from a zoom. Nothing leaves the page.

const PAPER = { ink: "rgb(30,32,48)", grid: "rgba(30,32,48,0.15)" }; // for a file, whatever the theme on screen
const SCALE = 2;

function menuOf(stage, panel) {
  const button = element("button", { type: "button", class: "lab-menu", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": `${panel().title}: save, copy or reset` }, "⋯");
  const item = (label, act) => element("button", { type: "button", role: "menuitem", onclick: async () => {
    stage.popover.close();
    try {
      stage.tell((await act(stage.charts.get(panel().id))) ?? "");
    } catch (error) {
      guarded(label, () => { throw error; });
      stage.tell(`${label}: this did not work here`);
    }
  } }, label);
  button.addEventListener("click", () => stage.popover.toggle(button, "menu", item("Save as PNG", (chart) => save(stage, chart, "png")),
    item("Save as SVG", (chart) => save(stage, chart, "svg")), item("Copy data as CSV", (chart) => copy(csvOf(chart)).then(() => "Data copied")),
    item("Reset view", (chart) => reset(chart))));
  return button;
}

// What a picture shows, in the words of the page: dataset, β and step.
function shownBy({ document: doc, scene, root }) {
  const step = root.querySelector(".lab-status").textContent.match(/step ([\d,]+)/)?.[1].replaceAll(",", "") ?? "0";
  return { page: doc.title ?? "", problem: doc.dataset ?? "", beta: doc.slider.labels[scene.chosen], step };
}

async function save(stage, chart, format) {
  const Plotly = await loadPlotly(), { page, problem, beta, step } = shownBy(stage), { offsetWidth: width, offsetHeight: height } = chart.div;
  const { data, layout } = onPaper(chart, stage.scene, `${chart.panel.title}: ${problem}, β = ${beta}, step ${(+step).toLocaleString("en")}`);
  const url = await Plotly.toImage({ data, layout: { ...layout, width, height: height + 30 } }, { format, width, height: height + 30, scale: format === "png" ? SCALE : 1 });
  const name = [page, chart.panel.id, problem, `beta-${beta}`, `step-${step}`].filter(Boolean).join("-").toLowerCase().replace(/[^\w.-]+/g, "-");
  element("a", { href: url, download: `${name}.${format}` }).click();
  return `Saved as ${name}.${format}`;
}

// The chart in dark ink on white, with a title.
function onPaper(chart, scene, title) {
  const printed = { ...scene, theme: PAPER, busy: false };
  const data = chart.panel.figure.data.map((trace) => ({ ...chart.bound({ ...trace, line: trace.line && { ...trace.line } }, printed) }));
  const layout = chart.layout(printed), { margin } = layout;
  Object.assign(layout, { paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff", autosize: false, margin: { ...margin, t: margin.t + 30 },
    images: chart.hand.images(data, layout), title: { text: title, font: { size: 15, color: PAPER.ink }, x: 0.02, xanchor: "left" } });
  layout.annotations = settled(chart.hand, layout, data, chart.followers(chart.panel.figure.layout, printed));
  return { data, layout: structuredClone(layout) };
}

// Every trace in long form: its name, and what it has along the axes.
function csvOf({ panel: { figure } }) {
  const cell = (value) => (/[",\n]/.test(`${value}`) ? `"${`${value}`.replaceAll('"', '""')}"` : `${value ?? ""}`);
  const titles = ["xaxis", "yaxis"].map((axis) => figure.layout[axis]?.title?.text?.replace(/<[^>]*>/g, " ") || axis[0]);
  const rows = [["trace", ...titles, "value"]];
  figure.data.forEach((trace, k) => {
    const name = trace.name ?? Object.values(trace.meta?.bind ?? {}).join(" ") ?? k, { x, y, z } = trace;
    if (z?.[0]) z.forEach((line, i) => Array.from(line).forEach((value, j) => rows.push([name, x?.[j] ?? j, y?.[i] ?? i, value])));
    else for (let i = 0; i < (x ?? y ?? []).length; i++) rows.push([name, x?.[i] ?? i, y?.[i] ?? i, ""]);
  });
  return rows.map((row) => row.map(cell).join(",")).join("\n");
}

function reset({ div, panel: { figure } }) {
  if (!window.Plotly || !div._fullLayout) return;
  const axes = Object.keys(figure.layout).filter((key) => /^[xy]axis/.test(key));
  const changes = axes.map((axis) => figure.layout[axis].range ? [`${axis}.range`, [...figure.layout[axis].range]] : [`${axis}.autorange`, figure.layout[axis].autorange ?? true]);
  window.Plotly.relayout(div, Object.fromEntries(changes));
}
