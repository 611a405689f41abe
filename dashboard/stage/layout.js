// Where things stand: cards and their tabs, as the room allows, and the words around them.

const WIDE = 1300; // px of content from which three panels stand side by side
const WIDE_LARGE = 2200; // … in large type
const NARROW = 700; // px of content under which they stand one under the other
const HIGH = 950; // px of window from which a second row fits
const LEAST = 290, TALL = 400, HIGHEST = 760, LOW = 190; // px of height: of a chart, of one above a second row, at most, of that row
const BOTTOM = 18; // px under everything
const SPOKEN_EVERY = 5000; // ms between two sentences of the status that are read out

function build(stage) {
  const doc = stage.document;
  stage.root.classList.toggle("lab-present", doc.present);
  stage.scene.large = doc.present;
  updateHeader(stage.head, doc);
  drawTicks(stage.tools, doc.slider);
  stage.popover.close();
  stage.numbers.replaceChildren(...doc.numbers.map(({ name, caption, help }) =>
    element("div", {}, element("dt", {}, explained(stage.popover, caption, help)), element("dd", { "data-name": name }))));
  const alive = new Set(doc.panels.map((panel) => panel.id));
  for (const [id, chart] of stage.charts) if (!alive.has(id)) { window.Plotly?.purge(chart.div); stage.charts.delete(id); }
  for (const panel of doc.panels) {
    if (!stage.charts.has(panel.id)) addChart(stage, panel);
    stage.charts.get(panel.id).replace(panel);
  }
  stage.scene.point = null;
  arrange(stage);
}

function addChart(stage, panel) {
  const chart = new Chart(element("div", { class: "lab-chart", role: "img" }), panel);
  stage.charts.set(panel.id, chart);
  tappable(stage, chart);
}

// Three cards on a wide page, two on a narrower one, one in a row on the narrowest; a card with several panels has tabs.
// A page that is high as well has a second row for the panels that are marked as low, unless all is large.
function arrange(stage) {
  [stage.wide, stage.high, stage.narrow] = room(stage);
  const [first, second, ...rest] = stage.document.panels;
  const below = stage.wide && stage.high && !stage.document.present ? rest.filter((panel) => panel.low) : [];
  const beside = rest.filter((panel) => !below.includes(panel));
  const cards = stage.wide ? [[first], [second], beside] : [[first], [second, ...beside]];
  stage.root.classList.toggle("lab-narrow", stage.narrow);
  fill(stage, stage.panels, cards, stage.narrow ? 1 : undefined);
  fill(stage, stage.more, below.map((panel) => [panel]));
  stage.card.over(stage.charts.get(second?.id)?.div, () => stage.document);
  fit(stage);
}

function room({ root, document: doc }) {
  return [root.clientWidth >= (doc.present ? WIDE_LARGE : WIDE), window.innerHeight >= HIGH, root.clientWidth < NARROW];
}

function fill(stage, row, cards, columns) {
  const filled = cards.filter((panels) => panels.length && panels[0]);
  row.replaceChildren(...filled.map((panels) => buildCard(stage, panels, panels.map((panel) => panel.id).join())));
  row.style.setProperty("--columns", columns ?? filled.length);
}

function buildCard(stage, panels, key) {
  const open = panels.find((p) => p.id === stage.open[key]) || panels[0];
  const tab = (panel) => element("button", { type: "button", role: "tab", class: "lab-tab", "data-tab": panel.id, "aria-selected": panel === open,
    onclick: () => show(stage, key, panel.id) }, panel.tab);
  const title = element("h2", { class: "lab-title" }, open.title,
    element("small", open.subtitle_name ? { "data-name": open.subtitle_name } : {}, open.subtitle || ""));
  const head = panels.length > 1 ? [element("div", { class: "lab-tabs", role: "tablist", "aria-label": "Charts" }, ...panels.map(tab))] : [];
  const bodies = panels.map((panel) => {
    const chart = stage.charts.get(panel.id), walks = hasInputs(panel);
    const about = walks ? { tabindex: "0", role: "group", "aria-label": `${panel.title}. Arrow keys walk through the inputs, Enter holds one.`,
      onkeydown: (event) => walkKey(stage, chart, event), onblur: () => !stage.pinned && !stage.scene.tapped() && stage.hover(null) } : {};
    const body = element("div", { class: "lab-body", ...about }, chart.div);
    body.hidden = panel !== open;
    return body;
  });
  return element("section", { class: "lab-panel", "aria-label": open.title }, ...head, title, menuOf(stage, () => open), ...bodies);
}

// Another tab of a card; the tab keeps the focus that it was chosen with.
function show(stage, key, id) {
  const held = document.activeElement?.dataset?.tab;
  stage.open[key] = id;
  arrange(stage);
  if (held) stage.root.querySelector(`[data-tab="${held}"]`)?.focus();
  stage.schedule();
}

function resize(stage) {
  if (!stage.document) return;
  const [wide, high, narrow] = room(stage);
  if (wide !== stage.wide || high !== stage.high || narrow !== stage.narrow) return arrange(stage);
  fit(stage);
}

// Charts take the height that everything else leaves; square pictures want no more than they are wide.
function fit(stage) {
  const { root, panels, more, narrow, document: doc } = stage, columns = narrow ? 1 : panels.children.length || 1;
  const square = (panels.clientWidth / columns - 34) * (doc.present ? 1.12 : 1.04), below = more.children.length > 0;
  const scrolled = root.closest("[data-testid=stMain]")?.scrollTop ?? 0, top = root.getBoundingClientRect().top + scrolled;
  const around = frameOf(panels), aroundMore = below ? frameOf(more) + 12 : 0;
  const free = window.innerHeight - top - (root.offsetHeight - panels.offsetHeight - more.offsetHeight) - around - aroundMore - BOTTOM;
  const most = below ? Math.max(TALL, free - LOW) : Math.max(LEAST, free), first = narrow ? Math.min(square, 520) : Math.min(most, square, doc.present ? Infinity : HIGHEST);
  root.style.setProperty("--first", `${Math.round(first)}px`);
  root.style.setProperty("--second", `${Math.round(Math.max(LOW, Math.min(340, free - first)))}px`);
  for (const chart of stage.charts.values()) if (chart.made && chart.div.offsetParent) sized(chart);
  stage.schedule();
}

// What of a row's highest card is not its chart: title, tabs, edges.
function frameOf(row) {
  return Math.max(0, ...[...row.children].map((card) => {
    const chart = [...card.querySelectorAll(".lab-chart")].find((div) => div.offsetParent);
    return chart ? card.offsetHeight - chart.offsetHeight : 0;
  }), 0);
}

function sized({ div }) {
  const { width, height } = div._fullLayout ?? {};
  if (width === div.clientWidth && height === div.clientHeight) return;
  guarded("size of a chart", () => window.Plotly.Plots.resize(div)?.catch?.(() => undefined));
}

function writeWords(stage) {
  const { scene } = stage;
  const say = (name) => {
    const text = scene.texts[name];
    return Array.isArray(text) ? text[scene.chosen] : (text ?? "–");
  };
  // what stays must not be written again: each writing has the page laid out anew
  const put = (node, text) => node.textContent !== text && (node.textContent = text);
  put(stage.status, say("status"));
  for (const node of stage.root.querySelectorAll("[data-name]")) put(node, say(node.dataset.name));
  if (!scene.busy || isDue(stage)) for (const { div, panel } of stage.charts.values()) {
    const current = scene.texts[`alt_${panel.id}`] ? say(`alt_${panel.id}`) : valuesOf(stage.document, say);
    div.setAttribute("aria-label", `${panel.alt} ${current}`.trim());
  }
  const playing = stage.outbox.playing(stage.header.playing);
  if (isDue(stage) || playing !== stage.spokenPlaying) stage.tell(say("status"));
  if (isDue(stage)) stage.spokenAt = performance.now();
  stage.spokenPlaying = playing;
}

// Whether it is time for another sentence: nobody can listen to ten a second.
function isDue({ spokenAt = -SPOKEN_EVERY }) {
  return performance.now() - spokenAt > SPOKEN_EVERY;
}

// The key numbers in words, for charts that have none of their own.
function valuesOf({ numbers, slider }, say) {
  const known = numbers.filter(({ name }) => say(name) !== "–").map(({ name, caption }) => `${caption}: ${say(name)}`);
  return known.length ? `Now: ${known.join("; ")}.` : "";
}
