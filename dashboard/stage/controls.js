// The toolbar: transport, the β slider with its marks, and the keys that do the same.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function toolbar(send, choose, popover) {
  const button = (label, action, title) =>
    element("button", { type: "button", class: `lab-button lab-${action}`, title, onclick: () => send(action) }, label);
  const play = element("button", { type: "button", class: "lab-button lab-play" });
  play.addEventListener("click", () => send(play.dataset.playing === "true" ? "pause" : "play"));
  const speed = element("select", { class: "lab-button lab-speed", title: "Training steps between two pictures",
    "aria-label": "Steps a tick", onchange: () => send("speed", speed.value) });
  const range = element("input", { type: "range", min: 0, step: 1, class: "lab-range",
    "aria-label": "β, the price of a bit about X in bits about Y", oninput: () => choose(+range.value) });
  const ticks = element("div", { class: "lab-ticks" });
  const help = element("button", { type: "button", class: "lab-explained", "aria-expanded": "false", "aria-label": "About β" }, element("span", { class: "lab-meaning" }));
  const readout = element("div", { class: "lab-readout" }, element("div", { class: "lab-beta" }), help);
  // play and β come first by keyboard, too
  const bar = element("div", { class: "lab-toolbar", role: "group", "aria-label": "Training and β" }, play,
    element("div", { class: "lab-slider" }, range, ticks), readout,
    element("div", { class: "lab-buttons" }, button("Step", "step", "Train one tick and stop (→)"),
      button("↺ Same seed", "reset", "Start anew from the same seed"), button("New seed", "seed", "Start anew from another seed"), speed));
  const tools = { bar, play, speed, range, ticks, readout, slider: null };
  help.addEventListener("click", () => popover.toggle(help, "note",
    ...[tools.slider.help, ...tools.slider.marks.map(({ label, help }) => `${label}: ${help}`)].map((text) => element("p", {}, text))));
  return tools;
}

function updateToolbar(tools, document_, header, chosen) {
  const { slider, speeds } = document_, put = (node, text) => node.textContent !== text && (node.textContent = text);
  tools.play.dataset.playing = header.playing;
  put(tools.play, header.playing ? "❚❚ Pause" : "▶ Play");
  tools.play.title = header.playing ? "Pause training (space)" : "Train (space)";
  if (tools.speed.length !== speeds.length)
    tools.speed.replaceChildren(...speeds.map((s) => element("option", { value: s }, s === "max" ? "max speed" : `×${s}`)));
  if (document.activeElement !== tools.speed) tools.speed.value = header.speed;
  tools.range.max = slider.labels.length - 1;
  tools.range.value = chosen;
  tools.range.style.setProperty("--fill", chosen / Math.max(1, slider.labels.length - 1));
  tools.range.setAttribute("aria-valuetext", `β = ${slider.labels[chosen]}`);
  put(tools.readout.firstChild, `β = ${slider.labels[chosen]}`);
  put(tools.readout.querySelector(".lab-meaning"), slider.meanings[chosen]);
}

function drawTicks(tools, slider) {
  const { labels, ticks, marks } = slider;
  const at = (index) => `left: calc(var(--thumb) / 2 + (100% - var(--thumb)) * ${index / Math.max(1, labels.length - 1)})`;
  tools.slider = slider;
  tools.ticks.replaceChildren(
    ...labels.map((_, i) => element("i", { class: "lab-stop", style: at(i) })),
    ...ticks.map(({ index, label }) => element("span", { class: "lab-tick", style: at(index) }, label)),
    ...namedTogether(marks, 0.6 * labels.length).map(({ index, words, side }) => element("b", { style: at(index), class: `lab-mark ${side}` }, words)));
}

// Marks may stand close together: their words stand in one line, beside the outermost. Late ones' words go to the left.
function namedTogether(marks, late) {
  const all = [...marks].sort((a, b) => a.index - b.index), left = all[0]?.index > late, named = left ? 0 : all.length - 1;
  const side = left ? "lab-late" : all.length > 1 ? "lab-early" : "";
  return all.map(({ index }, k) => ({ index, side, words: k === named ? all.map(({ label }) => label).join(", ") : "" }));
}

const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true], [role=combobox], [role=slider], [role=listbox], [role=menu], dialog";
const PRESSED = "button, a, summary, label, input:not([type=range]), [role=tab], [role=switch], [role=radio]";

// Keys act on the page, not while a text is being written or a list is open. A button that was reached by keyboard keeps
// its own Space; one that was clicked has lost the focus, see `released`.
function keyAction(event, playing) {
  const target = event.composedPath()[0], { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !target.closest || target.closest(TYPING)) return null;
  const held = target.closest(PRESSED);
  if (key === " " && !held?.matches(":focus-visible")) return event.repeat ? {} : { send: playing ? "pause" : "play" };
  if (key === "ArrowRight" && !target.closest("[role=radiogroup], [role=grid]")) return { send: "step" };
  if (key === "[") return { move: -1 };
  if (key === "]") return { move: 1 };
  if (key === "?") return { ask: true };
  if (key === "Escape") return { leave: true };
  if (key === "Tab" && !event.shiftKey && target === document.body) return { first: true };
  return null;
}

const RELEASED = "button, a, summary, select, input[type=range], input[type=checkbox], input[type=radio], [role=tab], [role=switch], [role=radio], [role=slider], .lab-body";

// What a mouse has pressed gives the focus back, so that the next key is the page's. Returns what ends this.
function releaseFocus() {
  let byMouse = false;
  const release = (event) => {
    if (!byMouse || (event.type === "change") !== event.target.matches("select")) return; // a list is open until it has changed
    setTimeout(() => {
      const held = document.activeElement;
      if (held?.matches(RELEASED) && !held.closest("dialog, [role=menu], [role=dialog]")) held.blur();
    });
  };
  const heard = { pointerdown: () => (byMouse = true), keydown: () => (byMouse = false), click: release, pointerup: release, change: release };
  for (const [type, hear] of Object.entries(heard)) document.addEventListener(type, hear, true);
  return () => Object.entries(heard).forEach(([type, hear]) => document.removeEventListener(type, hear, true));
}
