// The stage: draws the newest message, and answers the slider by itself from the arrays that it holds.

const WIDE = 1300; // px of content from which three panels stand side by side
const WIDE_LARGE = 1700; // … in large type
const HIGH = 950; // px of window from which a second row fits
const CALM = 700; // ms in which the controls are laid out, before anything else is loaded
const LINGER = 15000; // ms that a stage outlives its place on the page: a rerun may take long on a busy machine
const REST = 300; // ms without a new β after which a picture may take its time
const HOVERED = 400; // ms between two drawings by Plotly of a sketched chart under the pointer, while something moves
const ASIDE = 200; // … of one that cannot be sketched
const SPAN = 430; // ms over which the pictures of one message are shown: about as long as till the next
const SEND_EVERY = 120; // ms between two messages to the server while β is dragged

const STILL = ["point_class", "point_x", "point_image"]; // arrays that come with a document and not again

class Stage {
  constructor(root) {
    this.root = root;
    this.charts = new Map();
    this.open = {}; // tab shown, by card
    this.chosenAt = 0;
    this.arrived = Promise.resolve();
    this.outbox = new Outbox();
    this.address = new Address((query) => this.send("link", query));
    this.scene = { arrays: {}, texts: {}, chosen: 0, point: null, place: null, theme: themeOf(root),
      choose: (i) => this.choose(i), pin: (i) => this.pin(i), hover: (i) => this.hover(i) };
    this.tools = toolbar((action, value) => this.send(action, value), (i) => this.choose(i));
    this.panels = element("div", { class: "lab-panels" });
    this.more = element("div", { class: "lab-panels lab-more" });
    this.numbers = element("dl", { class: "lab-numbers" });
    this.status = element("p", { class: "lab-status", role: "status" });
    this.card = new Card(this.scene);
    root.replaceChildren(this.tools.bar, this.panels, this.numbers, this.status, this.more);
    this.onKey = (event) => this.key(event);
    this.onPicture = () => this.picture();
    document.addEventListener("keydown", this.onKey);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(root);
    // A theme can change without a message; its only trace here is the colour of the text.
    this.themeWatch = setInterval(() => themeOf(this.root).ink !== this.scene.theme.ink && this.schedule(), 500);
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
    this.resized.disconnect();
    clearInterval(this.themeWatch);
    clearTimeout(this.sending);
    clearTimeout(this.resting);
    clearTimeout(this.next);
    this.outbox.close();
    this.address.close();
    for (const { div } of this.charts.values()) window.Plotly?.purge(div);
  }

  moveTo(root) {
    if (root === this.root) return;
    this.resized.unobserve(this.root);
    root.className = this.root.className;
    root.replaceChildren(...this.root.childNodes);
    this.root = root;
    this.resized.observe(root);
    this.schedule();
  }

  // Inflating takes a moment, and messages keep their order; one that cannot be drawn does not hold up the next.
  accept(data) {
    const inflated = inflate(data);
    this.arrived = this.arrived.then(async () => {
      const bytes = await inflated.catch((error) => guarded("message", () => { throw error; }));
      if (bytes) guarded("message", () => this.receive(readMessages(bytes)));
    });
  }

  // Pictures taken one after another are shown so; a newer message overtakes those still to come.
  receive(messages, pause = SPAN / messages.length) {
    clearTimeout(this.next);
    const [first, ...rest] = messages;
    guarded("message", () => this.take(first));
    if (rest.length) this.next = setTimeout(() => this.receive(rest, pause), pause);
  }

  take(message) {
    const { header, arrays } = message;
    const fresh = header.version !== this.header?.version;
    this.outbox.heard(header.heard);
    guarded("address", () => this.address.write(header.link, this.outbox.waiting.some(({ action }) => action === "link")));
    if (fresh) {
      const text = message.documentText();
      // The server sends a document once; a message overtaken by a newer one may have carried it.
      if (!text) return this.ask();
      const before = JSON.stringify(this.document?.slider.labels);
      this.document = JSON.parse(text);
      if (JSON.stringify(this.document.slider.labels) !== before) this.scene.chosen = header.chosen;
      this.still = Object.fromEntries(STILL.filter((name) => arrays[name]).map((name) => [name, arrays[name]]));
      this.build();
    }
    this.header = header;
    // While training only the chosen model comes in full: an older family would mix two moments in time.
    // A moment between two frames moves pictures alone.
    this.scene.arrays = { ...(header.moment ? this.scene.arrays : this.still), ...arrays };
    this.scene.texts = fresh ? header.texts : { ...this.scene.texts, ...header.texts };
    this.schedule();
  }

  // Only the newest state is drawn, at most once an animation frame.
  schedule() {
    if (this.waiting || !this.document) return;
    this.waiting = true;
    requestAnimationFrame(this.onPicture);
  }

  picture() {
    this.waiting = false;
    const { scene, document: doc, header } = this, playing = this.outbox.playing(header.playing);
    scene.theme = themeOf(this.root);
    scene.busy = header.playing || performance.now() - this.chosenAt < REST;
    guarded("toolbar", () => updateToolbar(this.tools, doc, { ...header, playing }, scene.chosen));
    guarded("words", () => this.write());
    guarded("card", () => this.card.show(doc));
    for (const chart of this.charts.values()) {
      chart.stale = true;
      chart.byHand = (scene.busy || !window.Plotly) && chart.div.offsetParent !== null && chart.sketch(scene);
    }
    if (window.Plotly) this.drawNext();
    if (header.call !== this.called) requestAnimationFrame(() => setTimeout(() => this.callBack(header.call), header.call === 2 ? CALM : 0));
    this.called = header.call;
  }

  // The server waits with its controls until the first picture is seen (1), and with PyTorch until they are laid out (2).
  // So does Plotly, whose loading keeps the page busy for a second.
  callBack(call) {
    if (call) this.send("ready", call);
    if (call !== 1) loadPlotly().then(() => this.schedule(), (error) => (this.status.textContent = error.message));
  }

  // One chart an animation frame, the longest waiting first: the page stays fluent however slow a chart is.
  drawNext() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      const waiting = [...this.charts.values()].filter((chart) => chart.stale && chart.div.offsetParent && this.isDue(chart));
      if (!waiting.length) return;
      const chart = waiting.reduce((a, b) => (a.drawnAt <= b.drawnAt ? a : b));
      chart.draw(window.Plotly, this.scene);
      this.drawNext();
    });
  }

  // Behind a sketch Plotly draws axes and notes that have changed, and what a pointer finds.
  isDue(chart) {
    if (!this.scene.busy || !chart.made || !chart.isCurrent(this.scene)) return true;
    const pause = !chart.byHand ? ASIDE : chart.div.matches(":hover") ? HOVERED : Infinity;
    return performance.now() - chart.drawnAt > pause;
  }

  write() {
    const say = (name) => {
      const text = this.scene.texts[name];
      return Array.isArray(text) ? text[this.scene.chosen] : (text ?? "–");
    };
    // what stays must not be written again: each writing has the page laid out anew
    const put = (node, text) => node.textContent !== text && (node.textContent = text);
    put(this.status, say("status"));
    for (const node of this.root.querySelectorAll("[data-name]")) put(node, say(node.dataset.name));
  }

  build() {
    const doc = this.document;
    this.root.classList.toggle("lab-present", doc.present);
    this.scene.large = doc.present;
    drawTicks(this.tools, doc.slider);
    this.numbers.replaceChildren(...doc.numbers.map(({ name, caption, help }) =>
      element("div", { title: help }, element("dd", { "data-name": name }), element("dt", {}, caption))));
    const alive = new Set(doc.panels.map((panel) => panel.id));
    for (const [id, chart] of this.charts) if (!alive.has(id)) { window.Plotly?.purge(chart.div); this.charts.delete(id); }
    for (const panel of doc.panels) {
      if (!this.charts.has(panel.id)) this.charts.set(panel.id, new Chart(element("div", { class: "lab-chart" }), panel));
      const chart = this.charts.get(panel.id);
      chart.replace(panel);
      chart.div.setAttribute("role", "img");
      chart.div.setAttribute("aria-label", panel.alt);
    }
    this.scene.point = null;
    this.arrange();
  }

  // Three cards on a wide page, two on a narrow one; a card with several panels shows them as tabs.
  // A page that is high as well has a second row for the panels that are marked as low, unless all is large.
  arrange() {
    [this.wide, this.high] = this.room();
    const [first, second, ...rest] = this.document.panels;
    const below = this.wide && this.high && !this.document.present ? rest.filter((panel) => panel.low) : [];
    const beside = rest.filter((panel) => !below.includes(panel));
    const cards = this.wide ? [[first], [second], beside] : [[first], [second, ...beside]];
    this.fill(this.panels, cards);
    this.fill(this.more, below.map((panel) => [panel]));
    this.card.over(this.charts.get(second?.id)?.div, () => this.document);
    this.fit();
  }

  room() {
    return [this.root.clientWidth >= (this.document.present ? WIDE_LARGE : WIDE), window.innerHeight >= HIGH];
  }

  fill(row, cards) {
    const filled = cards.filter((panels) => panels.length);
    row.replaceChildren(...filled.map((panels) => this.buildCard(panels, panels.map((panel) => panel.id).join())));
    row.style.setProperty("--columns", filled.length);
  }

  buildCard(panels, key) {
    const open = panels.find((p) => p.id === this.open[key]) || panels[0];
    const tab = (panel) => element("button", { type: "button", role: "tab", class: "lab-tab",
      "aria-selected": panel === open, onclick: () => { this.open[key] = panel.id; this.arrange(); this.schedule(); } }, panel.tab);
    const title = element("h3", { class: "lab-title" }, open.title,
      element("small", open.subtitle_name ? { "data-name": open.subtitle_name } : {}, open.subtitle || ""));
    const head = panels.length > 1 ? [element("div", { class: "lab-tabs", role: "tablist" }, ...panels.map(tab))] : [];
    const bodies = panels.map((panel) => {
      const { div } = this.charts.get(panel.id);
      const body = element("div", { class: "lab-body" }, div);
      body.hidden = panel !== open;
      return body;
    });
    return element("section", { class: "lab-panel", "aria-label": open.title }, ...head, title, ...bodies);
  }

  resize() {
    if (!this.document) return;
    const [wide, high] = this.room();
    if (wide !== this.wide || high !== this.high) return this.arrange();
    this.fit();
  }

  fit() {
    // Square pictures want panels about as high as they are wide; CSS takes the smaller of that and the window.
    const columns = this.panels.children.length || 1;
    this.root.style.setProperty("--panel", `${this.panels.clientWidth / columns - 34}px`);
    for (const { div, made } of this.charts.values()) if (made && div.offsetParent) window.Plotly.Plots.resize(div);
    this.schedule();
  }

  choose(index) {
    const last = this.document.slider.labels.length - 1;
    this.scene.chosen = Math.max(0, Math.min(last, index));
    this.chosenAt = performance.now();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.schedule(), REST + 20); // once more, with what is too slow for a drag
    this.schedule();
    this.sending ??= setTimeout(() => {
      this.sending = null;
      this.setState("chosen", this.scene.chosen);
    }, SEND_EVERY);
  }

  send(action, value) {
    this.outbox.press(action, value);
    this.schedule();
  }

  // Once: every message that follows lacks the same document.
  ask() {
    if (!this.outbox.waiting.some(({ action }) => action === "document")) this.send("document");
  }

  key(event) {
    if (!this.document || !this.root.isConnected) return;
    const action = keyAction(event, this.outbox.playing(this.header.playing));
    if (!action) return;
    event.preventDefault();
    if (action.move) this.choose(this.scene.chosen + action.move);
    else this.send(action.send);
  }

  hover(index) {
    if (this.pinned) return;
    this.scene.point = index;
    this.schedule();
  }

  pin(index) {
    this.pinned = !(this.pinned && this.scene.point === index);
    this.scene.point = this.pinned ? index : null;
    this.schedule();
  }
}

// Streamlit may clean up and mount again while the page stands still (after a rerun of the script). The charts must
// survive that, so the stage outlives its mount point for a moment and moves into the next one.
export function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".lab-stage");
  window.labStage ??= new Stage(root);
  const stage = window.labStage;
  stage.moveTo(root);
  stage.setState = setStateValue;
  stage.outbox.trigger = setTriggerValue;
  stage.accept(data);
  return () => setTimeout(() => {
    if (stage.root.isConnected || window.labStage !== stage) return;
    stage.close();
    window.labStage = undefined;
  }, LINGER);
}
