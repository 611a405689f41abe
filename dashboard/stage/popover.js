// What opens over the page, one at a time: a help text or a menu. Esc or a press elsewhere closes it; focus goes back to a
// button that was reached by keyboard, and to the page from one that was clicked.

class Popover {
  constructor() {
    this.node = element("div", { class: "lab-popover", hidden: "" });
    this.node.addEventListener("keydown", (event) => this.walk(event));
    this.onPress = (event) => !this.node.hidden && !event.composedPath().some((n) => n === this.node || n === this.button) && this.close();
    document.addEventListener("pointerdown", this.onPress);
  }

  toggle(button, role, ...content) {
    const again = this.button === button;
    this.close();
    if (again) return;
    this.button = button;
    this.byKey = button.matches(":focus-visible");
    button.setAttribute("aria-expanded", "true");
    this.node.setAttribute("role", role);
    this.node.setAttribute("aria-label", button.getAttribute("aria-label") ?? button.textContent);
    this.node.replaceChildren(...content);
    this.node.hidden = false;
    this.stand(button);
    if (role === "menu") this.node.querySelector("button")?.focus();
  }

  // Under its button, and never beyond the page.
  stand(button) {
    const stage = this.node.parentElement.getBoundingClientRect(), at = button.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = this.node;
    const left = Math.max(0, Math.min(at.left - stage.left, stage.width - width)), below = at.bottom + 4 + height < window.innerHeight;
    Object.assign(this.node.style, { left: `${left}px`, top: `${(below ? at.bottom + 4 : at.top - 4 - height) - stage.top}px` });
  }

  close() {
    if (this.node.hidden) return false;
    const held = this.node.contains(document.activeElement) ? document.activeElement : null;
    this.node.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (held) this.byKey ? this.button.focus() : held.blur();
    this.button = null;
    return true;
  }

  walk(event) {
    if (event.key === "Escape") return event.stopPropagation(), this.close();
    const items = [...this.node.querySelectorAll("button")], move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!move || !items.length) return;
    event.preventDefault();
    event.stopPropagation();
    items[(items.indexOf(document.activeElement) + move + items.length) % items.length].focus();
  }
}

// A caption that tells what it means when it is pressed, by finger, mouse or keyboard.
function explained(popover, caption, help, attributes = {}) {
  if (!help) return element("span", attributes, caption);
  const button = element("button", { type: "button", class: "lab-explained", "aria-expanded": "false", ...attributes }, caption);
  button.addEventListener("click", () => popover.toggle(button, "note", element("p", {}, help)));
  return button;
}

// Words to the clipboard, also where a page is not served securely.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", { style: "position: fixed; opacity: 0", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
