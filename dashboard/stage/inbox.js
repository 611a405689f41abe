// @ts-check
// What the server has said: the newest document, header, arrays and texts, put together from messages of which any may be
// lost. Each names the document that it needs; one that is not here is to be asked for.
/** @import { Document, Header } from "./protocol.js" */
/** @import { Message, NamedArray } from "./codec.js" */

export class Inbox {
  constructor() {
    /** @type {Document | null} */
    this.document = null;
    /** @type {Header | null} */
    this.header = null;
    /** @type {Record<string, NamedArray>} sent with a document and not again */
    this.once = {};
    /** @type {Record<string, NamedArray>} */
    this.arrays = {};
    /** @type {Record<string, any>} */
    this.texts = {};
  }

  /**
   * Takes a message over. “missing”: nothing was, as its document has not come.
   * @param {Message} message
   * @returns {"missing" | "fresh" | "known"} whether its document is new
   */
  take({ header, arrays, documentText }) {
    const isFresh = header.version !== this.header?.version;
    // The server sends a document once; a message overtaken by a newer one may have carried it.
    const text = isFresh ? documentText() : "";
    if (isFresh && !text) return "missing";
    if (isFresh) {
      this.document = JSON.parse(text);
      this.once = Object.fromEntries(Object.entries(arrays).filter(([, array]) => array.once));
      this.texts = {};
    }
    // Between two frames words stay, and with them the step that they are of.
    const { step, moments } = (header.moment && this.header) || header;
    this.header = { ...header, step, moments };
    // While training only the chosen model comes in full: an older family would mix two moments in time.
    // A moment between two frames moves pictures alone.
    this.arrays = { ...(header.moment ? this.arrays : this.once), ...arrays };
    this.texts = { ...this.texts, ...header.texts };
    return isFresh ? "fresh" : "known";
  }
}
