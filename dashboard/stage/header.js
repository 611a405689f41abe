// The line above the toolbar, and what a question mark opens: every mark of every chart in a sentence, and the keys.

const KEYS = [["Space", "play or pause, whatever was pressed last"], ["→", "one step, also while the slider has the focus"],
  ["[ and ]", "β one stop down or up"], ["←, ↓, ↑, Home, End", "β, while the slider has the focus"],
  ["Arrows, Enter", "walk through the inputs of a chart that has the focus, and hold one"],
  ["?", "this page of words"], ["Esc", "closes what is open, lets go of an input, leaves presenter mode"]];

function header(stage) {
  const button = (label, name, onclick) => element("button", { type: "button", class: "lab-button lab-small", "aria-label": name, onclick }, label);
  const share = element("button", { type: "button", class: "lab-button lab-small lab-share", onclick: async () => {
    await copy(location.href);
    share.textContent = "Link copied";
    stage.tell("Link copied");
    setTimeout(() => (share.textContent = "Share"), 2500);
  } }, "Share");
  const about = button("?", "What is this? (?)", () => stage.about.toggle());
  about.classList.add("lab-ask");
  const leave = button("✕ Leave", "Leave presenter mode (Esc)", () => stage.send("present", false));
  leave.classList.add("lab-leave");
  const name = element("h1", { class: "lab-name" }), sentence = element("p", { class: "lab-sentence" }), units = element("span", { class: "lab-units" });
  const node = element("header", { class: "lab-head" }, name, sentence, units, share, about, leave);
  return { node, name, sentence, units, leave };
}

function updateHeader({ name, sentence, units, leave }, { title, dataset, present, classes, sentence: words }) {
  name.replaceChildren("Bottleneck Lab", element("small", {}, [title, dataset].filter(Boolean).map((part) => ` · ${part}`).join("")));
  sentence.textContent = words ?? "";
  units.textContent = `in ${classes.unit}`;
  leave.hidden = !present;
}

class About {
  constructor(document_) {
    this.document = document_;
    this.node = element("dialog", { class: "lab-about", "aria-label": "What is this?" });
    this.node.addEventListener("click", (event) => event.target === this.node && this.node.close()); // beside the words
    this.node.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "?" || event.key === "Escape") this.node.close(); // some browsers hold back their own Esc
    });
  }

  toggle() {
    if (this.node.open) return this.node.close();
    const { panels, sentence } = this.document();
    const list = (marks) => element("dl", {}, ...marks.map(([mark, words]) => element("div", {}, element("dt", {}, mark), element("dd", {}, words))));
    const part = (title, marks) => element("section", {}, element("h3", {}, title), list(marks));
    this.node.replaceChildren(element("div", { class: "lab-about-text", tabindex: "0", role: "document", "aria-label": "What is this?" },
      element("button", { type: "button", class: "lab-button lab-small", onclick: () => this.node.close() }, "Close"),
      element("h2", {}, "What is this?"), element("p", {}, sentence ?? ""), part("Keys", KEYS),
      ...panels.filter(({ about }) => about?.length).map(({ title, about }) => part(title, about))));
    this.node.showModal();
  }
}
