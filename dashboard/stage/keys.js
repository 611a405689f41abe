// @ts-check
// The keys of the page, and where the focus goes.

// where a key is being written, or chooses from a list
const TYPING = [
  "input:not([type=range], [type=checkbox], [type=radio])", "textarea", "select", "[contenteditable=true]",
  "[role=combobox]", "[role=slider]", "[role=listbox]", "[role=menu]", "dialog",
].join();
const PRESSED = "button, a, summary, label, input:not([type=range]), [role=tab], [role=switch], [role=radio]";
const RELEASED = [
  "button", "a", "summary", "select", "input[type=range]", "input[type=checkbox]", "input[type=radio]",
  "[role=tab]", "[role=switch]", "[role=radio]", "[role=slider]", ".lab-body",
].join();

/** @typedef {"play" | "pause" | "step"} Sent */
/** @typedef {{ send?: Sent, move?: number, time?: number, ask?: true, leave?: true, first?: true }} Action */

/**
 * Keys act on the page, not while a text is being written or a list is open. A button that was reached by keyboard keeps
 * its own Space; one that was clicked has lost the focus, see `releaseFocus`.
 * @param {KeyboardEvent} event
 * @param {boolean} playing
 * @returns {Action | null}
 */
export function keyAction(event, playing) {
  const target = /** @type {any} */ (event.composedPath()[0]);
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  if (!target.closest || target.closest(TYPING)) return null;
  if (key === " " && !target.closest(PRESSED)?.matches(":focus-visible")) {
    return event.repeat ? {} : { send: playing ? "pause" : "play" };
  }
  if (key === "ArrowRight" && !target.closest("[role=radiogroup], [role=grid], .lab-time")) return { send: "step" };
  if (key === "[") return { move: -1 };
  if (key === "]") return { move: 1 };
  if (key === ",") return { time: -1 };
  if (key === ".") return { time: 1 };
  if (key === "?") return { ask: true };
  if (key === "Escape") return { leave: true };
  if (key === "Tab" && !event.shiftKey && target === document.body) return { first: true };
  return null;
}

// What a mouse has pressed gives the focus back, so that the next key is the page's.
export function releaseFocus() {
  let byMouse = false;
  const release = (event) => {
    const isDone = (event.type === "change") === event.target.matches("select"); // a list is open until it has changed
    if (!byMouse || !isDone) return;
    setTimeout(() => {
      const held = /** @type {HTMLElement | null} */ (document.activeElement);
      if (held?.matches(RELEASED) && !held.closest("dialog, [role=menu], [role=dialog]")) held.blur();
    });
  };
  document.addEventListener("pointerdown", () => (byMouse = true), true);
  document.addEventListener("keydown", () => (byMouse = false), true);
  for (const type of ["click", "pointerup", "change"]) document.addEventListener(type, release, true);
}
