// @ts-check
// A recorded run in the place of the server: what the stage sends is answered out of the messages that lie in the page.
import { inflate, readMessages } from "../codec.js";
import { build } from "../layout.js";
import "../mount.js"; // keys
import { outbox } from "../shared.js";
import { Stage } from "../stage.js";

const PACE = 120; // ms between two moments of a run that plays

const text = document.getElementById("messages")?.textContent ?? "";
const messages = readMessages(await inflate(Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0))));
const moments = messages.map(({ header }) => header.step ?? 0);
const stage = new Stage("replay", document.querySelector(".lab-stage"));
window.labStage = stage;
/** @type {any} */
let timer = null;
let at = 0;

function show(index, playing = timer !== null) {
  at = Math.max(0, Math.min(moments.length - 1, index));
  const message = messages[at];
  const chosen = stage.document ? stage.state.chosen : message.header.chosen;
  const heard = /** @type {[string, number]} */ ([outbox.from, outbox.count]);
  stage.receive([{ ...message, header: { ...message.header, moments, playing, chosen, heard } }], 0);
}

function pause() {
  clearInterval(timer);
  timer = null;
}

function play(from) {
  pause();
  timer = setInterval(() => {
    if (at >= moments.length - 2) pause();
    show(at + 1);
  }, PACE);
  show(from);
}

// Moments in one model's film are those of the family: each is here.
function look({ step, lacks }) {
  pause();
  const { chosen } = stage.state;
  stage.scrubber.keep(messages.map((message) => ({ ...message, header: { ...message.header, chosen, film: true } })));
  show(lacks ? at : moments.indexOf(step));
}

function present(isOn) {
  Object.assign(stage.document, { present: isOn });
  build(stage);
  stage.schedule();
}

const ANSWERS = {
  play: () => play(at === moments.length - 1 ? 0 : at),
  pause: () => (pause(), show(at)),
  step: () => (pause(), show(at + 1)),
  reset: () => play(0),
  look,
  present,
};
stage.state.chosen = messages[0].header.chosen;
outbox.trigger = (_, { actions }) => {
  const todo = [...actions];
  show(at); // they are heard
  for (const { action, value } of todo) ANSWERS[action]?.(value);
};

show(0);
play(0);
const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
root.dataset.theme = dark ? "dark" : "light";
const press = (id, act) => document.getElementById(id)?.addEventListener("click", act);
press("theme", () => (root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"));
press("present", () => present(!stage.document?.present));
