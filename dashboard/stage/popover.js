// @ts-check
// What opens over the page, one at a time: a help text or a menu. Esc or a press elsewhere closes it; focus goes back to a
// button that was reached by keyboard, and to the page from one that was clicked.
import { element } from "./dom.js";

export class Popover {
  constructor() {
    this.node = element("div", { class: "lab-popover", hidden: "" });
    this.node.addEventListener("keydown", (event) => this.walk(event));
    /** @type {any} */
    this.button = null;
    this.byKey = false;
    this.onPress = (event) => {
      const isMine = event.composedPath().some((node) => node === this.node || node === this.button);
      if (!this.node.hidden && !isMine) this.close();
    };
    document.addEventListener("pointerdown", this.onPress);
  }

  toggle(button, role, ...content) {
    const isAgain = this.button === button;
    this.close();
    if (isAgain) return;
    this.button = button;
    this.byKey = button.matches(":focus-visible");
    button.setAttribute("aria-expanded", "true");
    this.node.setAttribute("role", role);
    this.node.setAttribute("aria-label", button.getAttribute("aria-label") ?? button.textContent);
    this.node.replaceChildren(...content);
    this.node.hidden = false;
    this.standUnder(button);
    if (role === "menu") this.node.querySelector("button")?.focus();
  }

  // Under its button, and never beyond the page.
  standUnder(button) {
    const [stage, at] = [this.node.parentElement, button].map((node) => node.getBoundingClientRect());
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const left = Math.max(0, Math.min(at.left - stage.left, stage.width - width));
    const isBelow = at.bottom + 4 + height < window.innerHeight;
    const top = (isBelow ? at.bottom + 4 : at.top - 4 - height) - stage.top;
    Object.assign(this.node.style, { left: `${left}px`, top: `${top}px` });
  }

  close() {
    if (this.node.hidden) return false;
    const held = this.node.contains(document.activeElement) ? document.activeElement : null;
    this.node.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (held && this.byKey) this.button.focus();
    else if (held) /** @type {HTMLElement} */ (held).blur();
    this.button = null;
    return true;
  }

  walk(event) {
    const items = [...this.node.querySelectorAll("button")];
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.close();
    else if (!move || !items.length) return;
    else {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + move + items.length) % items.length].focus();
    }
    event.stopPropagation();
  }

  leave() {
    document.removeEventListener("pointerdown", this.onPress);
  }
}

// Where every word has its formula and its paper; in a tab of its own, as what trains here goes on.
export function more() {
  return element("p", {}, element("a", { href: "glossary", target: "_blank" }, "Formulas and papers: Glossary"));
}

// A caption that tells what it means when it is pressed, by finger, mouse or keyboard.
export function explained(popover, caption, help) {
  if (!help) return element("span", {}, caption);
  const button = element("button", { type: "button", class: "lab-explained", "aria-expanded": "false" }, caption);
  button.addEventListener("click", () => popover.toggle(button, "note", element("p", {}, help), more()));
  return button;
}
