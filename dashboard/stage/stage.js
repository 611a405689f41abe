// The stage: draws the newest message, and answers the slider by itself from the arrays that it holds.

const CALM = 700; // ms in which the controls are laid out, before anything else is loaded
const LINGER = 120000; // ms that a stage outlives its place on the page: a rerun may take long on a busy machine
const REST = 300; // ms without a new β after which a picture may take its time
const HOVERED = 400; // ms between two drawings by Plotly of a sketched chart under the pointer, while something moves
const ASIDE = 200; // … of one that cannot be sketched
const SPAN = 430; // ms over which the pictures of one message are shown: about as long as till the next
const SEND_EVERY = 120; // ms between two messages to the server while β is dragged

const STILL = ["point_class", "point_x", "point_image"]; // arrays that come with a document and not again
const STILLNESS = window.matchMedia("(prefers-reduced-motion: reduce)");

class Stage {
  constructor(root) {
    this.root = root;
    this.charts = new Map();
    this.open = {}; // tab shown, by card
    this.chosenAt = 0;
    this.arrived = Promise.resolve();
    this.outbox = new Outbox();
    this.address = new Address((query) => this.send("link", query));
    this.scene = { arrays: {}, texts: {}, chosen: 0, point: null, place: null, theme: themeOf(root), tapped: () => performance.now() - this.tappedAt < 700,
      choose: (i) => this.choose(i), pin: (i) => this.pin(i), hover: (i) => this.hover(i) };
    this.popover = new Popover();
    this.tools = toolbar((action, value) => this.send(action, value), (i) => this.choose(i), this.popover);
    this.about = new About(() => this.document);
    this.head = header(this);
    this.panels = element("div", { class: "lab-panels" });
    this.more = element("div", { class: "lab-panels lab-more" });
    this.numbers = element("dl", { class: "lab-numbers" });
    this.status = element("p", { class: "lab-status" });
    this.voice = element("p", { class: "lab-voice", role: "status" });
    this.card = new Card(this.scene);
    root.replaceChildren(this.tools.bar, this.head.node, this.panels, this.numbers, this.status, this.more, this.voice, this.popover.node, this.about.node);
    this.onKey = (event) => this.key(event);
    this.onPicture = () => this.picture();
    document.addEventListener("keydown", this.onKey);
    this.stopReleasing = releaseFocus();
    this.resized = new ResizeObserver(() => resize(this));
    this.resized.observe(root);
    // A theme can change without a message; its only trace here is the colour of the text.
    this.themeWatch = setInterval(() => themeOf(this.root).ink !== this.scene.theme.ink && this.schedule(), 500);
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("pointerdown", this.popover.onPress);
    this.stopReleasing();
    this.resized.disconnect();
    clearInterval(this.themeWatch);
    for (const timer of [this.sending, this.resting, this.next, this.confirming]) clearTimeout(timer);
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
    guarded("address", () => this.address.write(header.link, header.page, this.outbox.waiting.some(({ action }) => action === "link")));
    if (fresh) {
      const text = message.documentText();
      // The server sends a document once; a message overtaken by a newer one may have carried it.
      if (!text) return this.ask();
      const before = JSON.stringify(this.document?.slider.labels);
      const page = this.document?.title;
      this.document = JSON.parse(text);
      if (STILLNESS.matches && this.document.title !== page) this.send("pause"); // nothing moves unasked
      if (JSON.stringify(this.document.slider.labels) !== before) this.scene.chosen = header.chosen;
      this.still = Object.fromEntries(STILL.filter((name) => arrays[name]).map((name) => [name, arrays[name]]));
      build(this);
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
    guarded("words", () => writeWords(this));
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
      confirmChoice(this);
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
    if (!this.document) return; // also between two places on the page: a press is kept until it is answered
    const action = keyAction(event, this.outbox.playing(this.header.playing));
    if (!action) return;
    if (action.leave) return this.escape();
    event.preventDefault();
    if (action.first) this.tools.play.focus();
    else if (action.ask) this.about.toggle();
    else if (action.move) this.choose(this.scene.chosen + action.move);
    else if (action.send) this.send(action.send);
  }

  // One thing at a time: what is open, an input that is held, large type.
  escape() {
    if (this.popover.close()) return;
    if (this.scene.point !== null) return this.point(null);
    if (this.document.present) this.send("present", false);
  }

  // Aloud, for who cannot see it.
  tell(words) {
    this.voice.textContent = words;
  }

  // By finger or key: an input, or none.
  point(index) {
    this.pinned = false;
    this.hover(index);
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
  const stage = (window.labStage ??= new Stage(root));
  clearTimeout(stage.leaving);
  stage.moveTo(root);
  stage.setState = setStateValue;
  stage.outbox.trigger = setTriggerValue;
  stage.accept(data);
  return () => {
    clearTimeout(stage.leaving);
    stage.leaving = setTimeout(() => {
      if (stage.root.isConnected || window.labStage !== stage) return;
      stage.close();
      window.labStage = undefined;
    }, LINGER);
  };
}
