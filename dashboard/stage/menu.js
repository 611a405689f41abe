// @ts-check
// A card's own menu: the picture as a file, its numbers, and the way back from a zoom. Nothing leaves the page.
import { loadPlotly } from "./charts.js";
import { copy, element, guarded } from "./dom.js";
import { imagesOf } from "./images.js";

const PAPER = { ink: "rgb(30,32,48)", grid: "rgba(30,32,48,0.15)" }; // for a file, whatever the theme on screen
const SCALE = 2;
const TITLE = 30; // px of a file above its chart

export function menuOf(stage, panel) {
  const label = `${panel().title}: save, copy or reset`;
  const about = { "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label };
  const button = element("button", { type: "button", class: "lab-menu", ...about }, "⋯");
  const item = (name, act) => element("button", { type: "button", role: "menuitem", onclick: async () => {
    stage.popover.close();
    try {
      stage.tell((await act(stage.charts.get(panel().id))) ?? "");
    } catch (error) {
      guarded(name, () => { throw error; });
      stage.tell(`${name}: this did not work here`);
    }
  } }, name);
  button.addEventListener("click", () => stage.popover.toggle(button, "menu",
    item("Save as PNG", (chart) => save(stage, chart, "png")),
    item("Save as SVG", (chart) => save(stage, chart, "svg")),
    item("Copy data as CSV", (chart) => copy(csvOf(chart.panel.figure)).then(() => "Data copied")),
    item("Reset view", (chart) => chart.reset())));
  return button;
}

// What a picture shows, in the words of the page: dataset, β and step.
function shownBy({ document: doc, state, status }) {
  const step = status.textContent.match(/step ([\d,]+)/)?.[1].replaceAll(",", "") ?? "0";
  return { page: doc.title ?? "", problem: doc.dataset ?? "", beta: doc.slider.labels[state.chosen], step };
}

async function save(stage, chart, format) {
  const Plotly = await loadPlotly();
  const { page, problem, beta, step } = shownBy(stage);
  const { offsetWidth: width, offsetHeight } = chart.div;
  const height = offsetHeight + TITLE;
  const title = `${chart.panel.title}: ${problem}, β = ${beta}, step ${(+step).toLocaleString("en")}`;
  const { data, layout } = onPaper(chart, stage.state, title);
  const scale = format === "png" ? SCALE : 1;
  const url = await Plotly.toImage({ data, layout: { ...layout, width, height } }, { format, width, height, scale });
  const parts = [page, chart.panel.id, problem, `beta-${beta}`, `step-${step}`].filter(Boolean);
  const name = `${parts.join("-").toLowerCase().replace(/[^\w.-]+/g, "-")}.${format}`;
  element("a", { href: url, download: name }).click();
  return `Saved as ${name}`;
}

// The chart in dark ink on white, with a title.
function onPaper(chart, state, title) {
  const printed = { ...state, theme: PAPER, busy: false };
  const copies = chart.panel.figure.data.map((trace) => ({ ...trace, line: trace.line && { ...trace.line } }));
  const { traces: data, layout } = chart.compose(printed, copies);
  const heading = { text: title, font: { size: 15, color: PAPER.ink }, x: 0.02, xanchor: "left" };
  Object.assign(layout, {
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    autosize: false,
    margin: { ...layout.margin, t: layout.margin.t + TITLE },
    images: imagesOf(chart.div, data, layout),
    title: heading,
  });
  return { data, layout: structuredClone(layout) };
}

// Every trace in long form: its name, and what it has along the axes.
export function csvOf({ data, layout }) {
  const cell = (value) => (/[",\n]/.test(`${value}`) ? `"${`${value}`.replaceAll('"', '""')}"` : `${value ?? ""}`);
  const titles = ["xaxis", "yaxis"].map((axis) => layout[axis]?.title?.text?.replace(/<[^>]*>/g, " ") || axis[0]);
  const rows = [["trace", ...titles, "value"]];
  data.forEach((trace, k) => {
    const name = trace.name ?? Object.values(trace.meta?.bind ?? {}).join(" ") ?? k;
    const { x, y, z } = trace;
    const line = (values, i) => Array.from(values).forEach((v, j) => rows.push([name, x?.[j] ?? j, y?.[i] ?? i, v]));
    if (z?.[0]) z.forEach(line);
    else for (let i = 0; i < (x ?? y ?? []).length; i++) rows.push([name, x?.[i] ?? i, y?.[i] ?? i, ""]);
  });
  return rows.map((row) => row.map(cell).join(",")).join("\n");
}
