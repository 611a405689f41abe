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

function toolbar(send, choose) {
  const button = (label, action, title) =>
    element("button", { type: "button", class: `lab-button lab-${action}`, title, onclick: () => send(action) }, label);
  const play = element("button", { type: "button", class: "lab-button lab-play" });
  play.addEventListener("click", () => send(play.dataset.playing === "true" ? "pause" : "play"));
  const speed = element("select", { class: "lab-button lab-speed", title: "Training steps between two pictures",
    "aria-label": "Steps a tick", onchange: () => send("speed", speed.value) });
  const range = element("input", { type: "range", min: 0, step: 1, class: "lab-range",
    "aria-label": "β, the price of a bit about X in bits about Y", oninput: () => choose(+range.value) });
  const ticks = element("div", { class: "lab-ticks", "aria-hidden": "true" });
  const readout = element("div", { class: "lab-readout" },
    element("div", { class: "lab-beta" }), element("div", { class: "lab-meaning" }));
  const bar = element("div", { class: "lab-toolbar" }, play,
    button("Step", "step", "Train one tick and stop (→)"),
    button("↺ Same seed", "reset", "Start anew from the same seed"),
    button("New seed", "seed", "Start anew from another seed"), speed,
    element("div", { class: "lab-slider" }, range, ticks), readout);
  return { bar, play, speed, range, ticks, readout };
}

function updateToolbar(tools, document_, header, chosen) {
  const { slider, speeds } = document_;
  tools.play.dataset.playing = header.playing;
  tools.play.textContent = header.playing ? "❚❚ Pause" : "▶ Play";
  tools.play.title = header.playing ? "Pause training (space)" : "Train (space)";
  if (tools.speed.length !== speeds.length)
    tools.speed.replaceChildren(...speeds.map((s) => element("option", { value: s }, s === "max" ? "max speed" : `×${s}`)));
  if (document.activeElement !== tools.speed) tools.speed.value = header.speed;
  tools.range.max = slider.labels.length - 1;
  tools.range.value = chosen;
  tools.range.style.setProperty("--fill", chosen / Math.max(1, slider.labels.length - 1));
  tools.range.setAttribute("aria-valuetext", `β = ${slider.labels[chosen]}`);
  tools.readout.children[0].textContent = `β = ${slider.labels[chosen]}`;
  tools.readout.children[1].textContent = slider.meanings[chosen];
  tools.readout.title = slider.help;
}

function drawTicks(tools, { labels, ticks, marks }) {
  const at = (index) => `left: calc(var(--thumb) / 2 + (100% - var(--thumb)) * ${index / Math.max(1, labels.length - 1)})`;
  tools.ticks.replaceChildren(
    ...labels.map((_, i) => element("i", { class: "lab-stop", style: at(i) })),
    ...ticks.map(({ index, label }) => element("span", { class: "lab-tick", style: at(index) }, label)),
    ...marks.map(({ index, label, help }) => element("b", { title: help, style: at(index),
      class: `lab-mark${index > 0.7 * labels.length ? " lab-late" : ""}` }, label))); // a late one's words go to the left
}

// Keys act on the page, not while a text is being written or a list is open.
function keyAction(event, playing) {
  const target = event.composedPath()[0];
  const typing = target.closest?.("input:not([type=range]), textarea, select, [contenteditable=true], [role=combobox], [role=slider]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return null;
  const onButton = target.closest?.("button, a, [role=tab], summary");
  if (event.key === " " && !onButton && !event.repeat) return { send: playing ? "pause" : "play" };
  if (event.key === "ArrowRight" && target.type !== "range" && !onButton) return { send: "step" };
  if (event.key === "[") return { move: -1 };
  if (event.key === "]") return { move: 1 };
  return null;
}
