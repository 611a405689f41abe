// @ts-check
// Small helpers that every part of the page uses.

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] a handler for those that begin with “on”
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

// What stays must not be written again: each writing has the page laid out anew.
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A function that does its work in the next animation frame, once however often it is called till then.
export function oncePerFrame(work) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      work();
    });
  };
}

const told = new Set();

/**
 * An error in one part of the page stops no other: it is told once, and the part does what it does `instead`.
 * @template T
 * @param {string} part
 * @param {() => T} work
 * @param {() => T} [instead]
 * @returns {T | undefined}
 */
export function guarded(part, work, instead) {
  try {
    return work();
  } catch (error) {
    const words = `${part}: ${error.message}`;
    if (!told.has(words)) console.error(`Bottleneck Lab, ${words}`, error);
    told.add(words);
    return instead?.();
  }
}

// Words to the clipboard, also where a page is not served securely.
export async function copy(text) {
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
