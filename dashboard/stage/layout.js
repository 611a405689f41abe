// @ts-check
// Where things stand: cards and their tabs, as the room allows, and the words around them.
import { cardsOf, heightsOf } from "./cards.js";
import { Chart } from "./charts.js";
import { element, put } from "./dom.js";
import { writeLines } from "./lines.js";
import { menuOf } from "./menu.js";
import { explained } from "./popover.js";
import { hasInputs, makeTappable, walkKey } from "./walk.js";
/** @import { Room } from "./cards.js" */
/** @import { Document } from "./protocol.js" */

const WIDE = 1300; // px of content from which three panels stand side by side
const WIDE_LARGE = 2200; // … in large type
const NARROW = 700; // px of content under which they stand one under the other
const HIGH = 950; // px of window from which a second row fits
const BOTTOM = 18; // px under everything
const SPOKEN_EVERY = 5000; // ms between two sentences of the status that are read out

export function build(stage) {
  const { document: doc, charts } = stage;
  stage.root.classList.toggle("lab-present", doc.present);
  stage.state.large = doc.present;
  stage.heading.update(doc);
  stage.about.document = doc;
  stage.toolbar.setSlider(doc.slider);
  stage.popover.close();
  stage.numbers.replaceChildren(...doc.numbers.map(({ name, caption, help }) => element("div", {},
    element("dt", {}, explained(stage.popover, caption, help)), element("dd", { "data-name": name }))));
  const alive = new Set(doc.panels.map((panel) => panel.id));
  for (const [id, chart] of charts) if (!alive.has(id)) {
    chart.close();
    charts.delete(id);
  }
  for (const panel of doc.panels) {
    if (charts.has(panel.id)) charts.get(panel.id).replace(panel);
    else addChart(stage, panel);
  }
  stage.state.point = null;
  arrange(stage);
}

function addChart(stage, panel) {
  const div = element("div", { class: "lab-chart", role: "img", "aria-label": panel.alt });
  const chart = new Chart(div, panel);
  stage.charts.set(panel.id, chart);
  makeTappable(stage, chart);
}

function arrange(stage) {
  const { document: doc, charts, root } = stage;
  stage.room = roomOf(stage);
  const { cards, below } = cardsOf(doc.panels, stage.room, doc.present);
  root.classList.toggle("lab-narrow", stage.room.narrow);
  fill(stage, stage.panels, cards, stage.room.narrow ? 1 : cards.length);
  fill(stage, stage.more, below, below.length);
  stage.card.over(charts.get(doc.panels[1]?.id));
  fit(stage);
}

/** @returns {Room} */
function roomOf({ root, document: doc }) {
  const width = root.clientWidth;
  const wide = width >= (doc.present ? WIDE_LARGE : WIDE);
  return { wide, high: window.innerHeight >= HIGH, narrow: width < NARROW };
}

function fill(stage, row, cards, columns) {
  row.replaceChildren(...cards.map((panels) => buildCard(stage, panels)));
  row.style.setProperty("--columns", columns);
}

function buildCard(stage, panels) {
  const chosen = stage.open.findLast((id) => panels.some((panel) => panel.id === id));
  const open = panels.find((panel) => panel.id === chosen) || panels[0];
  const tabs = element("div", { class: "lab-tabs", role: "tablist", "aria-label": "Charts" },
    ...panels.map((panel) => element("button", {
      type: "button", role: "tab", class: "lab-tab", "data-tab": panel.id, "aria-selected": panel === open,
      onclick: () => show(stage, panel.id),
    }, panel.tab)));
  const beside = open.subtitle_name ? { "data-name": open.subtitle_name } : {};
  const title = element("h2", { class: "lab-title" }, open.title, element("small", beside, open.subtitle || ""));
  const bodies = panels.map((panel) => buildBody(stage, panel, panel === open));
  return element("section", { class: "lab-panel", "aria-label": open.title },
    ...(panels.length > 1 ? [tabs] : []), title, menuOf(stage, () => open), ...bodies);
}

function buildBody(stage, panel, isOpen) {
  const chart = stage.charts.get(panel.id);
  const label = `${panel.title}. Arrow keys walk through the inputs, Enter holds one.`;
  const walked = {
    tabindex: "0", role: "group", "aria-label": label,
    onkeydown: (event) => walkKey(stage, chart, event),
    onblur: () => !stage.pinned && !stage.state.tapped() && stage.hover(null),
  };
  const body = element("div", { class: "lab-body", ...(hasInputs(panel) ? walked : {}) }, chart.div);
  body.hidden = !isOpen;
  return body;
}

// Another tab of a card; the tab keeps the focus that it was chosen with.
function show(stage, id) {
  const held = /** @type {HTMLElement} */ (document.activeElement)?.dataset?.tab;
  stage.open = [...stage.open.filter((other) => other !== id), id];
  arrange(stage);
  if (held) stage.root.querySelector(`[data-tab="${held}"]`)?.focus();
  stage.schedule();
}

export function resize(stage) {
  if (!stage.document) return;
  const room = roomOf(stage);
  if (Object.keys(room).some((key) => room[key] !== stage.room[key])) arrange(stage);
  else fit(stage);
}

// Charts take the height that everything else leaves; square pictures want no more than they are wide.
function fit(stage) {
  const { root, panels, more, room, document: doc } = stage;
  const columns = room.narrow ? 1 : panels.children.length || 1;
  const hasMore = more.children.length > 0;
  const top = root.getBoundingClientRect().top + scrolledBy(root);
  const around = root.offsetHeight - panels.offsetHeight - more.offsetHeight;
  const frames = frameOf(panels) + (hasMore ? frameOf(more) + 12 : 0);
  const { first, second } = heightsOf({
    free: window.innerHeight - top - around - frames - BOTTOM,
    width: panels.clientWidth / columns - 34,
    hasMore, isNarrow: room.narrow, isLarge: doc.present,
  });
  root.style.setProperty("--first", `${first}px`);
  root.style.setProperty("--second", `${second}px`);
  stage.schedule();
}

function scrolledBy({ parentElement: parent }) {
  return parent ? parent.scrollTop + scrolledBy(parent) : 0;
}

// What of a row's highest card is not its chart: title, tabs, edges.
function frameOf(row) {
  return Math.max(0, ...[...row.children].map((card) => {
    const chart = [...card.querySelectorAll(".lab-chart")].find((div) => div.offsetParent);
    return chart ? card.offsetHeight - chart.offsetHeight : 0;
  }));
}

export function writeWords(stage) {
  const { state, charts, document: doc } = stage;
  const say = (name) => {
    const text = state.texts[name];
    return Array.isArray(text) ? text[state.chosen] : (text ?? "–");
  };
  put(stage.status, say("status"));
  for (const node of stage.root.querySelectorAll("[data-name]")) put(node, say(node.dataset.name));
  writeLines(say);
  const isDue = performance.now() - stage.spokenAt > SPOKEN_EVERY; // nobody can listen to ten sentences a second
  if (!state.busy || isDue) for (const { div, panel } of charts.values()) {
    const current = state.texts[`alt_${panel.id}`] ? say(`alt_${panel.id}`) : valuesOf(doc, say);
    div.setAttribute("aria-label", `${panel.alt} ${current}`.trim());
  }
  const playing = stage.playing();
  if (isDue || playing !== stage.spokenPlaying) stage.tell(say("status"));
  if (isDue) stage.spokenAt = performance.now();
  stage.spokenPlaying = playing;
}

/** The key numbers in words, for charts that have none of their own. @param {Document} document_ */
function valuesOf({ numbers }, say) {
  const known = numbers.filter(({ name }) => say(name) !== "–").map(({ name, caption }) => `${caption}: ${say(name)}`);
  return known.length ? `Now: ${known.join("; ")}.` : "";
}
